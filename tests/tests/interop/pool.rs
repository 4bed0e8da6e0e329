//! The example of a pool: deposits and withdrawals with real proofs, and those who want more.

use std::collections::BTreeMap;

use revm::primitives::{Address, U256};
use veilpay_circuits::sample::{TestRng, TransferPlan};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::fr_from_bytes;
use veilpay_protocol::note::AssetId;
use veilpay_protocol::params::Network;
use veilpay_verifier::Proof;
use veilpay_verifier::formats::evm::{keccak256, proof_to_bytes};
use veilpay_verifier::formats::solidity::{Origin, verifier};

use crate::contracts::{check_gas, compile, folder};
use crate::evm::{Answer, CALLER, Chain, error};
use crate::proofs::{key, prove};
use crate::tools::tools;
use crate::verifier::number;

const R: &str = "0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001";
const UNIT: u64 = 1_000_000_000;
const GAS: u64 = 10_000_000;
const CIPHERTEXT_BYTES: usize = 3 * 505;
const RECIPIENT: Address = Address::repeat_byte(0xbb);
const COLLECTOR: Address = Address::repeat_byte(0xfe);
const PROOF_WORDS: usize = 8;

fn word_of(address: Address) -> U256 {
    U256::from_be_slice(address.as_slice())
}

/// Calldata of a function whose arguments have fixed lengths.
fn call_of(signature: &str, arguments: &[U256]) -> Vec<u8> {
    let mut out = keccak256(signature.as_bytes())[..4].to_vec();
    out.extend(arguments.iter().flat_map(|x| x.to_be_bytes::<32>()));
    out
}

#[derive(Clone)]
struct External {
    recipient: Address,
    collector: Address,
    deadline: u64,
    ciphertexts: Vec<u8>,
}

impl External {
    fn to(recipient: Address) -> Self {
        Self { recipient, collector: COLLECTOR, deadline: u64::MAX, ciphertexts: vec![7; CIPHERTEXT_BYTES] }
    }

    fn hash(&self, chain: u64, pool: Address) -> U256 {
        let words = [
            U256::from_be_bytes(keccak256(b"veilpay.example.shielded-pool.v1")),
            U256::from(chain),
            word_of(pool),
            word_of(self.recipient),
            word_of(self.collector),
            U256::from(self.deadline),
            U256::from_be_bytes(keccak256(&self.ciphertexts)),
        ];
        let bytes: Vec<u8> = words.iter().flat_map(|x| x.to_be_bytes::<32>()).collect();
        U256::from_be_bytes(keccak256(&bytes)) % number(R)
    }
}

/// A call of `transact`, in parts that a test may change.
#[derive(Clone)]
struct Call {
    proof: Proof,
    inputs: Vec<U256>,
    external: External,
    value: U256,
}

impl Call {
    fn data(&self) -> Vec<u8> {
        let signature = "transact((uint256[2],uint256[2][2],uint256[2]),uint256[23],(address,address,uint64,bytes))";
        let mut out = keccak256(signature.as_bytes())[..4].to_vec();
        out.extend(proof_to_bytes(&self.proof));
        let External { recipient, collector, deadline, ciphertexts } = &self.external;
        let mut words = self.inputs.clone();
        words.push(U256::from(32 * (PROOF_WORDS + 23 + 1)));
        words.extend([word_of(*recipient), word_of(*collector), U256::from(*deadline), U256::from(0x80)]);
        words.push(U256::from(ciphertexts.len()));
        out.extend(words.iter().flat_map(|x| x.to_be_bytes::<32>()));
        out.extend(ciphertexts);
        out.resize(out.len() + ciphertexts.len().next_multiple_of(32) - ciphertexts.len(), 0);
        out
    }
}

struct Pool {
    chain: Chain,
    address: Address,
    contracts: BTreeMap<String, Vec<u8>>,
}

impl Pool {
    fn new(name: &str) -> Option<Self> {
        let tools = tools(name)?;
        let place = tools.empty(name);
        let origin = Origin::Dev { circuit: CircuitId::Transfer2x3 };
        let source = verifier(key(CircuitId::Transfer2x3).points(), "TransferVerifier", origin).unwrap();
        std::fs::write(place.join("TransferVerifier.sol"), source).unwrap();
        std::fs::write(place.join("Reenter.sol"), include_str!("Reenter.sol")).unwrap();
        let files = [folder().join("ShieldedPool.sol"), place.join("TransferVerifier.sol"), place.join("Reenter.sol")];
        let contracts = compile(tools, &place, &files);
        let mut chain = Chain::new();
        let verifier = chain.deploy(contracts["TransferVerifier"].clone());
        let address = chain.deploy(Self::creation(&contracts, verifier));
        Some(Self { chain, address, contracts })
    }

    fn creation(contracts: &BTreeMap<String, Vec<u8>>, verifier: Address) -> Vec<u8> {
        let asset = U256::from_be_bytes(AssetId::native().to_bytes());
        let parameters = Network::Main.parameters();
        let numbers = [UNIT, parameters.epoch_seconds, parameters.clock_window_seconds, parameters.grace_seconds];
        let words = [word_of(verifier), word_of(CALLER), asset].into_iter().chain(numbers.map(U256::from));
        let arguments: Vec<u8> = words.flat_map(|x| x.to_be_bytes::<32>()).collect();
        [&contracts["ShieldedPool"][..], &arguments].concat()
    }

    /// A proof of so much in, out and fee, whose roots the keeper has published and at whose time the chain is.
    fn prepare(&mut self, seed: u64, [v_in, v_out, fee]: [u64; 3], external: External) -> Call {
        let mut plan = TransferPlan::random(CircuitId::Transfer2x3.shape().unwrap(), &mut TestRng::new(seed));
        let input = &mut plan.inputs[0];
        (input.in_hidden_asset, input.is_dummy, input.value) = (false, false, 1_000_000);
        (plan.v_pub_in, plan.v_pub_out, plan.fee) = (v_in, v_out, fee);
        plan.balance(seed);
        let ext_hash = external.hash(self.chain.id, self.address);
        plan.ext_hash = fr_from_bytes(&ext_hash.to_be_bytes()).unwrap();
        let (statement, witness) = plan.statement();
        let (proof, inputs) = prove(&statement, &witness);
        let inputs: Vec<U256> =
            inputs.iter().map(|x| U256::from_be_bytes(veilpay_protocol::field::fr_to_bytes(x))).collect();
        self.chain.time = plan.now;
        for (name, root) in [("NoteRoot", inputs[0]), ("RegistryRoot", inputs[12]), ("SanctionsRoot", inputs[13])] {
            let call = call_of(&format!("publish{name}(uint256)"), &[root]);
            assert_eq!(self.chain.call(self.address, &call), Answer::Ok(vec![]));
        }
        Call { proof, inputs, external, value: U256::from(v_in) * U256::from(UNIT) }
    }

    fn transact(&mut self, call: &Call) -> (Answer, u64) {
        self.chain.call_with(self.address, &call.data(), call.value, GAS)
    }

    fn held(&mut self) -> U256 {
        match self.chain.call(self.address, &call_of("held()", &[])) {
            Answer::Ok(bytes) => U256::from_be_slice(&bytes),
            other => panic!("{other:?}"),
        }
    }

    /// The call is reverted with this error; the pool is what it was.
    #[track_caller]
    fn refuses(&mut self, call: &Call, signature: &str, arguments: &[U256]) {
        let before = (self.held(), self.chain.balance(self.address));
        assert_eq!(self.transact(call).0, error(signature, arguments));
        assert_eq!((self.held(), self.chain.balance(self.address)), before);
    }

    fn deposited(&mut self) {
        let deposit = self.prepare(1, [10_000, 0, 20], External::to(Address::ZERO));
        assert_eq!(self.transact(&deposit).0, Answer::Ok(vec![]));
    }
}

const DONE: Answer = Answer::Ok(Vec::new());

#[test]
fn money_goes_in_and_out_and_no_more_than_went_in() {
    let Some(mut pool) = Pool::new("pool_in_and_out") else { return };
    let deposit = pool.prepare(1, [10_000, 0, 20], External::to(Address::ZERO));
    let (answer, deposit_gas) = pool.transact(&deposit);
    assert_eq!(answer, DONE);
    assert_eq!(pool.held(), U256::from(9_980));
    let withdrawal = pool.prepare(2, [0, 4_000, 30], External::to(RECIPIENT));
    let (answer, withdrawal_gas) = pool.transact(&withdrawal);
    assert_eq!(answer, DONE);
    assert_eq!(pool.held(), U256::from(5_950));
    let unit = U256::from(UNIT);
    assert_eq!(pool.chain.balance(RECIPIENT), U256::from(4_000) * unit);
    assert_eq!(pool.chain.balance(COLLECTOR), U256::from(50) * unit);
    assert_eq!(pool.chain.balance(pool.address), U256::from(5_950) * unit);
    let inside = pool.prepare(3, [0, 0, 0], External::to(Address::ZERO));
    let (answer, payment_gas) = pool.transact(&inside);
    assert_eq!(answer, DONE);
    check_gas(&[
        ("first deposit", deposit_gas),
        ("withdrawal to new accounts", withdrawal_gas),
        ("payment inside the pool", payment_gas),
    ]);
    // Notes of another ledger's making are worth nothing here: the turnstile holds.
    let greedy = pool.prepare(4, [0, 5_951, 0], External::to(RECIPIENT));
    pool.refuses(&greedy, "PoolTooSmall()", &[]);
}

#[test]
fn a_nullifier_is_spent_once_whatever_the_proofs_bytes() {
    let Some(mut pool) = Pool::new("pool_replay") else { return };
    pool.deposited();
    let call = pool.prepare(2, [0, 1_000, 0], External::to(RECIPIENT));
    let mut alias = call.clone();
    alias.inputs[1] += number(R);
    pool.refuses(&alias, "NotBelowR(uint256)", &[U256::from(1)]);
    let mut alias = call.clone();
    alias.inputs[16] += number(R);
    pool.refuses(&alias, "NotBelowR(uint256)", &[U256::from(16)]);
    let mut alias = call.clone();
    alias.inputs[18] += number(R);
    pool.refuses(&alias, "InputNotBelowR(uint256)", &[U256::from(18)]);
    let mut twice = call.clone();
    twice.inputs[2] = twice.inputs[1];
    pool.refuses(&twice, "NullifierSeen(uint256)", &[call.inputs[1]]);
    assert_eq!(pool.transact(&call).0, DONE);
    pool.refuses(&call, "NullifierSeen(uint256)", &[call.inputs[1]]);
    let proof = Proof::new(-*call.proof.a(), -*call.proof.b(), *call.proof.c()).unwrap();
    let again = Call { proof, ..call.clone() };
    assert_ne!(again.data(), call.data());
    pool.refuses(&again, "NullifierSeen(uint256)", &[call.inputs[1]]);
}

#[test]
fn what_a_proof_is_bound_to_cannot_be_exchanged() {
    let Some(mut pool) = Pool::new("pool_bound") else { return };
    pool.deposited();
    let call = pool.prepare(2, [0, 1_000, 5], External::to(RECIPIENT));
    let thief = Address::repeat_byte(0xdd);
    let with = |change: fn(&mut External, Address)| {
        let mut other = call.clone();
        change(&mut other.external, thief);
        other
    };
    let changed = [
        with(|external, thief| external.recipient = thief),
        with(|external, thief| external.collector = thief),
        with(|external, _| external.deadline -= 1),
        with(|external, _| external.ciphertexts[100] ^= 1),
    ];
    for other in &changed {
        pool.refuses(other, "ExtHash()", &[]);
        // Whoever changes the hash too has no proof of it.
        let mut other = other.clone();
        other.inputs[22] = other.external.hash(pool.chain.id, pool.address);
        pool.refuses(&other, "ProofRefused()", &[]);
    }
    let mut other_chain = pool.chain.clone();
    other_chain.id = 5;
    assert_eq!(other_chain.call(pool.address, &call.data()), error("ExtHash()", &[]));
    let Answer::Ok(verifier) = pool.chain.call(pool.address, &call_of("verifier()", &[])) else { panic!() };
    let twin = pool.chain.deploy(Pool::creation(&pool.contracts, Address::from_slice(&verifier[12..])));
    assert_eq!(pool.chain.call(twin, &call.data()), error("ExtHash()", &[]));
    assert_eq!(pool.transact(&call).0, DONE);
}

#[test]
fn amounts_roots_times_and_the_keeper_are_checked() {
    let Some(mut pool) = Pool::new("pool_checks") else { return };
    pool.deposited();
    let call = pool.prepare(2, [0, 1_000, 5], External { deadline: 3_000_000_000, ..External::to(RECIPIENT) });
    let with = |index: usize, value: U256| {
        let mut other = call.clone();
        other.inputs[index] = value;
        other
    };
    let two_64 = U256::from(1u128 << 64);
    for index in [9, 10, 11] {
        pool.refuses(&with(index, two_64), "AmountTooLarge(uint256)", &[U256::from(index)]);
    }
    pool.refuses(&with(9, U256::ONE), "InAndOut()", &[]);
    pool.refuses(&with(8, U256::ONE), "WrongAsset()", &[]);
    pool.refuses(&with(10, U256::from(1_001)), "ProofRefused()", &[]);
    pool.refuses(&with(0, call.inputs[0] + number(R)), "UnknownNoteRoot()", &[]);
    pool.refuses(&with(12, U256::ZERO), "UnknownRegistryRoot()", &[]);
    pool.refuses(&with(13, U256::ONE), "UnknownSanctionsRoot()", &[]);
    pool.refuses(&with(14, call.inputs[14] + U256::from(7_201)), "Clock()", &[]);
    pool.refuses(&with(14, call.inputs[14] - U256::from(7_201)), "Clock()", &[]);
    pool.refuses(&with(15, call.inputs[15] + U256::ONE), "Epoch()", &[]);
    let paid = Call { value: U256::ONE, ..call.clone() };
    pool.refuses(&paid, "WrongValue(uint256)", &[U256::ZERO]);
    let mut short = call.clone();
    short.external.ciphertexts.pop();
    pool.refuses(&short, "Ciphertexts()", &[]);
    let time = pool.chain.time;
    pool.chain.time = 3_000_000_001;
    pool.refuses(&call, "Expired()", &[]);
    // A superseded root is accepted for a day, at the time of the proof.
    pool.chain.time = time - 86_401;
    let supersede = call_of("publishRegistryRoot(uint256)", &[U256::from(99)]);
    let mut late = Pool { chain: pool.chain.clone(), address: pool.address, contracts: BTreeMap::new() };
    assert_eq!(late.chain.call(late.address, &supersede), DONE);
    late.chain.time = time;
    late.refuses(&call, "UnknownRegistryRoot()", &[]);
    pool.chain.time = time - 86_400;
    assert_eq!(pool.chain.call(pool.address, &supersede), DONE);
    pool.chain.time = time;
    assert_eq!(pool.transact(&call).0, DONE);
}

#[test]
fn a_recipient_that_calls_back_gets_no_second_payment_and_one_that_refuses_none() {
    let Some(mut pool) = Pool::new("pool_reentrancy") else { return };
    pool.deposited();
    let attacker = pool.chain.deploy(pool.contracts["Reenter"].clone());
    let second = pool.prepare(3, [0, 2_000, 0], External::to(attacker));
    let first = pool.prepare(2, [0, 1_000, 0], External::to(attacker));
    let load = |refuse: bool, call: &Call| {
        let mut data =
            call_of("load(address,bool,bytes)", &[word_of(pool.address), U256::from(refuse), U256::from(0x60)]);
        let bytes = call.data();
        data.extend(U256::from(bytes.len()).to_be_bytes::<32>());
        data.extend(&bytes);
        data.resize(data.len().next_multiple_of(32) + 4, 0);
        data
    };
    let (refusing, calling_back) = (load(true, &second), load(false, &second));
    assert_eq!(pool.chain.call(attacker, &refusing), DONE);
    pool.refuses(&first, "PaymentFailed()", &[]);
    assert_eq!(pool.chain.call(attacker, &calling_back), DONE);
    assert_eq!(pool.transact(&first).0, DONE);
    assert_eq!(pool.chain.balance(attacker), U256::from(1_000) * U256::from(UNIT));
    // What the call back was told.
    let Answer::Ok(told) = pool.chain.call(attacker, &call_of("told()", &[])) else { panic!() };
    assert_eq!(Answer::Reverted(told[..4].to_vec()), error("Reentered()", &[]));
}

#[test]
fn too_little_gas_changes_nothing() {
    let Some(mut pool) = Pool::new("pool_gas") else { return };
    pool.deposited();
    let call = pool.prepare(2, [0, 1_000, 5], External::to(RECIPIENT));
    let fork = pool.chain.clone();
    let (answer, used) = pool.transact(&call);
    assert_eq!(answer, DONE);
    let balance = fork.balance(pool.address);
    for gas in (65_000..used).step_by(23_311) {
        let mut chain = fork.clone();
        let (answer, _) = chain.call_with(pool.address, &call.data(), U256::ZERO, gas);
        assert!(!matches!(answer, Answer::Ok(_)), "{gas}");
        assert_eq!((chain.balance(pool.address), chain.balance(RECIPIENT)), (balance, U256::ZERO));
    }
}
