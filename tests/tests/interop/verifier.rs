//! The generated verifier against our own, call by call.

use revm::primitives::{Address, U256};
use serde_json::json;
use veilpay_circuits::sample::{TestRng, sample};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::{Fr, fr_to_bytes};
use veilpay_prover::circom::testing::{Trapdoor, dev_zkey, prove as prove_zkey};
use veilpay_prover::circom::{Zkey, r1cs, wtns};
use veilpay_verifier::formats::evm::{calldata, read_calldata, selector};
use veilpay_verifier::formats::solidity::{MAX_INPUTS, Origin, SolidityError, verifier};
use veilpay_verifier::{KeyError, KeyPoints, PreparedPoints, Proof};

use crate::contracts::{check_gas, compile_text};
use crate::evm::{Answer, Chain, error};
use crate::proofs::{key, prove};
use crate::tools::tools;

const R: &str = "0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001";
const Q: &str = "0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";
/// A point of the twist outside the subgroup of order r: x = 1, imaginary parts first.
const OUTSIDE: &str = concat!(
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000001",
    "0d1271953ed9ea0836846e70a1934187998c7f790cb4d7511b7f8da82de048a4",
    "2869111d5381f072f8e2728fdb825a51aadd70e52c9830e9ab4b871c0531f1bb",
);
const GAS: u64 = 10_000_000;
/// Where the words of the proof and the inputs begin.
const WORDS: usize = 4;
const INPUTS: usize = 4 + 256;

pub(crate) fn number(hex: &str) -> U256 {
    hex.parse().unwrap()
}

fn word(data: &[u8], at: usize) -> U256 {
    U256::from_be_slice(&data[at..at + 32])
}

fn with(data: &[u8], at: usize, value: U256) -> Vec<u8> {
    let mut out = data.to_vec();
    out[at..at + 32].copy_from_slice(&value.to_be_bytes::<32>());
    out
}

fn truth(valid: bool) -> Answer {
    Answer::Ok(U256::from(valid).to_be_bytes_vec())
}

/// A verifier of enrolments, a call that it accepts, and our own verifier.
struct Case {
    chain: Chain,
    contract: Address,
    call: Vec<u8>,
    proof: Proof,
    inputs: Vec<Fr>,
    ours: PreparedPoints,
}

fn case(name: &str) -> Option<Case> {
    let tools = tools(name)?;
    let (statement, witness) = sample(CircuitId::Enrol, &mut TestRng::new(31));
    let (proof, inputs) = prove(&statement, &witness);
    let key = key(CircuitId::Enrol);
    let source = verifier(key.points(), "EnrolVerifier", Origin::Dev { circuit: CircuitId::Enrol }).unwrap();
    assert!(source.contains("INSECURE"));
    let mut chain = Chain::new();
    let contract = chain.deploy(compile_text(tools, &tools.empty(name), "EnrolVerifier", &source));
    let (call, ours) = (calldata(&proof, &inputs), PreparedPoints::new(key.points()).unwrap());
    Some(Case { chain, contract, call, proof, inputs, ours })
}

impl Case {
    /// What the contract answers. It says true exactly when our own decoding and verifier accept.
    fn answer(&mut self, data: &[u8]) -> Answer {
        let answer = self.chain.call(self.contract, data);
        let accepted = read_calldata(data, 4).is_ok_and(|(proof, inputs)| self.ours.verify(&inputs, &proof).is_ok());
        assert_eq!(answer == truth(true), accepted, "{answer:?}");
        answer
    }
}

#[test]
fn the_contract_accepts_a_proof_of_exactly_its_inputs() {
    let Some(mut case) = case("evm_accepts") else { return };
    let call = case.call.clone();
    assert_eq!(case.answer(&call), truth(true));
    for i in 0..4 {
        let other = with(&call, INPUTS + 32 * i, word(&call, INPUTS + 32 * i) ^ U256::ONE);
        assert_eq!(case.answer(&other), truth(false));
    }
    // Anybody can give a proof other bytes.
    let again = Proof::new(-*case.proof.a(), -*case.proof.b(), *case.proof.c()).unwrap();
    assert_ne!(again, case.proof);
    let data = calldata(&again, &case.inputs);
    assert_eq!(case.answer(&data), truth(true));
    // A and C swapped, and points of the right groups that are no proof.
    let swapped = Proof::new(*case.proof.c(), *case.proof.b(), *case.proof.a()).unwrap();
    let data = calldata(&swapped, &case.inputs);
    assert_eq!(case.answer(&data), truth(false));
    let negated = Proof::new(-*case.proof.a(), *case.proof.b(), *case.proof.c()).unwrap();
    let data = calldata(&negated, &case.inputs);
    assert_eq!(case.answer(&data), truth(false));
}

#[test]
fn the_contract_refuses_aliases_of_inputs_and_coordinates() {
    let Some(mut case) = case("evm_aliases") else { return };
    let call = case.call.clone();
    for i in 0..4 {
        let at = INPUTS + 32 * i;
        for wrong in [word(&call, at) + number(R), number(R), U256::MAX] {
            let refused = error("InputNotBelowR(uint256)", &[U256::from(i)]);
            assert_eq!(case.answer(&with(&call, at, wrong)), refused);
        }
    }
    for i in 0..8 {
        let at = WORDS + 32 * i;
        for wrong in [word(&call, at) + number(Q), number(Q), U256::MAX] {
            let refused = error("CoordinateNotBelowQ(uint256)", &[U256::from(i)]);
            assert_eq!(case.answer(&with(&call, at, wrong)), refused);
        }
    }
}

#[test]
fn the_contract_refuses_points_off_the_curve_outside_the_group_and_at_infinity() {
    let Some(mut case) = case("evm_points") else { return };
    let call = case.call.clone();
    for (first, words) in [(0, 2), (2, 4), (6, 2)] {
        let mut zero = call.clone();
        zero[WORDS + 32 * first..WORDS + 32 * (first + words)].fill(0);
        assert_eq!(case.answer(&zero), error("PointIsIdentity(uint256)", &[U256::from(first)]));
    }
    let failed = error("PrecompileFailed(uint256)", &[U256::from(8)]);
    for i in 0..8 {
        let at = WORDS + 32 * i;
        assert_eq!(case.answer(&with(&call, at, word(&call, at) ^ U256::ONE)), failed, "word {i}");
        assert_eq!(case.answer(&with(&call, at, U256::ZERO)), failed, "word {i}");
    }
    let outside = hex::decode(OUTSIDE).unwrap();
    let data = [&call[..WORDS + 64], &outside, &call[WORDS + 192..]].concat();
    assert_eq!(case.answer(&data), failed);
    // The real parts first.
    let mut swapped = call.clone();
    for (to, from) in [(2, 3), (3, 2), (4, 5), (5, 4)] {
        swapped[WORDS + 32 * to..WORDS + 32 * (to + 1)]
            .copy_from_slice(&call[WORDS + 32 * from..WORDS + 32 * (from + 1)]);
    }
    assert_eq!(case.answer(&swapped), failed);
}

#[test]
fn the_contract_refuses_calldata_of_another_length_and_other_selectors() {
    let Some(mut case) = case("evm_lengths") else { return };
    let call = case.call.clone();
    // Solidity's own decoder refuses what is too short, and says nothing.
    for length in [0, 3, 4, 36, 260, call.len() - 32, call.len() - 1] {
        assert_eq!(case.answer(&call[..length]), Answer::Reverted(vec![]), "{length}");
    }
    for more in [1, 32, 4096] {
        let long = [&call[..], &vec![0; more]].concat();
        assert_eq!(case.answer(&long), error("CalldataLength(uint256)", &[U256::from(long.len())]));
    }
    let other = [&selector(5)[..], &call[4..], &[0; 32]].concat();
    assert_eq!(case.answer(&other), Answer::Reverted(vec![]));
}

#[test]
fn too_little_gas_is_never_an_answer() {
    let Some(mut case) = case("evm_gas") else { return };
    let (call, contract) = (case.call.clone(), case.contract);
    let (answer, used) = case.chain.call_with(contract, &call, U256::ZERO, GAS);
    assert_eq!(answer, truth(true));
    let mut refused = 0;
    for gas in (30_000..used + 20_000).step_by(1_777) {
        match case.chain.call_with(contract, &call, U256::ZERO, gas).0 {
            Answer::Ok(answer) => assert_eq!(Answer::Ok(answer), truth(true), "{gas}"),
            Answer::Reverted(_) | Answer::Halted => refused += 1,
        }
    }
    assert!(refused > 100);
}

#[test]
fn s1_no_contract_is_made_of_an_unsafe_key_or_a_strange_name() {
    let safe = key(CircuitId::Enrol).points().clone();
    let made = |points: &KeyPoints, name: &str| verifier(points, name, Origin::Unknown);
    let unsafe_key = KeyPoints { delta: safe.gamma, ..safe.clone() };
    assert_eq!(made(&unsafe_key, "Verifier"), Err(SolidityError::Key(KeyError::DeltaIsGamma)));
    let unsafe_key = KeyPoints { delta: -safe.gamma, ..safe.clone() };
    assert_eq!(made(&unsafe_key, "Verifier"), Err(SolidityError::Key(KeyError::DeltaIsGamma)));
    for name in ["", "verifier", "V { }", "V\n", "1V", "Vé", &"V".repeat(65)] {
        assert_eq!(made(&safe, name), Err(SolidityError::Name), "{name}");
    }
    let none = KeyPoints { ic: safe.ic[..1].to_vec(), ..safe.clone() };
    assert_eq!(made(&none, "Verifier"), Err(SolidityError::Inputs));
    let source = made(&safe, "Verifier").unwrap();
    assert!(!source.contains("{{") && source.contains("contract Verifier {"));
}

/// A key with `inputs` public inputs, of the multiples of a point.
fn wide(inputs: usize) -> KeyPoints {
    let mut points = key(CircuitId::Enrol).points().clone();
    let (mut sum, step) = (points.ic[1], points.ic[2]);
    points.ic.truncate(1);
    for _ in 0..inputs {
        sum = (sum + step).into();
        points.ic.push(sum);
    }
    points
}

#[test]
fn the_largest_contract_fits_a_chain() {
    let Some(tools) = tools("largest contract") else { return };
    assert_eq!(verifier(&wide(MAX_INPUTS + 1), "Wide", Origin::Unknown), Err(SolidityError::Inputs));
    let source = verifier(&wide(MAX_INPUTS), "Wide", Origin::Unknown).unwrap();
    let mut chain = Chain::new();
    chain.deploy(compile_text(tools, &tools.empty("evm_largest"), "Wide", &source));
}

#[test]
fn the_gas_is_what_the_table_says_and_snarkjs_contract_agrees() {
    let Some(tools) = tools("gas") else { return };
    let folder = tools.empty("evm_gas_table");
    let column = |from: u64| (0..24).map(|i| (from + 7 * i).to_string()).collect::<Vec<_>>();
    tools.compile("publics", &json!({ "a": column(3), "b": column(1_000_003) }), &folder);
    let matrices = r1cs::read(&std::fs::read(folder.join("circuit.r1cs")).unwrap()).unwrap();
    let bytes = dev_zkey(&matrices, &Trapdoor::from_seed(7));
    std::fs::write(folder.join("circuit.zkey"), &bytes).unwrap();
    let zkey = Zkey::read(&bytes).unwrap();
    let assignment = wtns::read(&std::fs::read(folder.join("witness.wtns")).unwrap()).unwrap();
    let proof = prove_zkey(&zkey, &assignment, (Fr::from(5), Fr::from(6))).unwrap();
    let inputs = &assignment[1..=zkey.num_public()];
    let call = calldata(&proof, inputs);

    let ours = verifier(&zkey.verifying_points(), "Groth16Verifier", Origin::Unknown).unwrap();
    let mut chain = Chain::new();
    let ours = chain.deploy(compile_text(tools, &folder, "Groth16Verifier", &ours));
    tools.must(&folder, "zkey export solidityverifier circuit.zkey Groth16Verifier.sol");
    let theirs = std::fs::read_to_string(folder.join("Groth16Verifier.sol")).unwrap();
    let theirs = chain.deploy(compile_text(tools, &folder, "Groth16Verifier", &theirs));
    let rows = [("`verifyProof`, 26 inputs", ours), ("snarkjs's `verifyProof`, 26 inputs", theirs)];
    let measured = rows.map(|(row, contract)| {
        let (answer, gas) = chain.call_with(contract, &call, U256::ZERO, GAS);
        assert_eq!(answer, truth(true), "{row}");
        (row, gas)
    });
    check_gas(&measured);
    let mut other = inputs.to_vec();
    other[3] += Fr::from(1);
    for contract in [ours, theirs] {
        assert_eq!(chain.call(contract, &calldata(&proof, &other)), truth(false));
    }
    assert_eq!(call[INPUTS..INPUTS + 32], fr_to_bytes(&inputs[0]));
}
