//! What the ledger must refuse, on real proofs.

use rand_core::OsRng;
use veilpay_ledger::{CircuitStatus, LedgerView as _, PoolId, Rejection};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::encryption::{Memo, NoteSeed, OutgoingNote};
use veilpay_protocol::field::{Fr, fr_to_bytes};
use veilpay_protocol::note::AssetId;
use veilpay_protocol::transaction::{LedgerId, Transaction, sign_as_source};
use veilpay_protocol::transfer::TransferFields;
use veilpay_tests::world::{Local, account, balance, engine, franc, person, verifier};
use veilpay_tests::{FEE, World};
use veilpay_verifier::{KeyInfo, VerifyingKey};
use veilpay_wallet::{Plan, Wallet, Wish};

use crate::payments::send;

fn made(wallet: &Wallet, wish: &Wish) -> (Plan, Transaction) {
    let plan = wallet.plan(wish).unwrap();
    let proof = wallet.prove(&plan, &Local).unwrap();
    let source = matches!(wish, Wish::Shield { .. }).then(|| wallet.key().transparent());
    let transaction = wallet.sign(&plan, proof, source.as_ref(), None).unwrap();
    (plan, transaction)
}

/// Signs a changed transaction anew, as its owner can.
fn sign_again(wallet: &Wallet, plan: &Plan, transaction: &mut Transaction) {
    sign_under(wallet, plan, transaction, verifier().key(plan.circuit()).unwrap().digest());
}

/// Signs a transaction anew under the key of this digest.
fn sign_under(wallet: &Wallet, plan: &Plan, transaction: &mut Transaction, digest: &[u8; 32]) {
    let veilpay_protocol::statement::Witness::Transfer(witness) = plan.witness() else { unreachable!("a transfer") };
    let sighash = transaction.body.sighash(digest);
    transaction.signature = wallet.key().randomize(&witness.alpha).sign(&sighash, &mut OsRng).unwrap();
    if transaction.source_signature.is_some() {
        transaction.source_signature = Some(sign_as_source(&wallet.key().transparent(), &sighash));
    }
}

fn change(transaction: &mut Transaction, change: impl FnOnce(&mut TransferFields)) {
    let mut fields = TransferFields::from(transaction.body.statement.clone());
    change(&mut fields);
    transaction.body.statement = fields.try_into().unwrap();
}

#[test]
fn l3_10_a_note_is_spent_once_and_a_replay_changes_nothing() {
    let mut world = World::default();
    let alice = world.funded(1, &[500]);
    let (_, first) = made(&alice, &send(2, AssetId::native(), 100));
    let (_, second) = made(&alice, &send(3, AssetId::native(), 100));
    assert_eq!(world.chain.judge(&first), Ok(()));
    let digest = world.chain.ledger().digest();
    assert_eq!(world.chain.judge(&first), Err(Rejection::NullifierSeen));
    assert_eq!(world.chain.judge(&second), Err(Rejection::NullifierSeen));
    assert_eq!(world.chain.ledger().digest(), digest);
}

#[test]
fn l1_8_a_transaction_of_another_ledger_is_refused() {
    let mut world = World::default();
    let other = World::new("other");
    let alice = world.funded(1, &[500]);
    let (plan, mut transaction) = made(&alice, &send(2, AssetId::native(), 100));
    assert_eq!(other.chain.judge(&transaction), Err(Rejection::AnotherLedger));
    transaction.body.ledger = LedgerId::derive(veilpay_protocol::params::Network::Main, "test");
    sign_again(&alice, &plan, &mut transaction);
    assert_eq!(world.chain.judge(&transaction), Err(Rejection::AnotherLedger));
}

#[test]
fn l3_3_a_root_that_the_ledger_no_longer_knows_is_refused_and_an_older_known_one_is_good() {
    use veilpay_ledger::Ledger as _;
    let mut world = World::default();
    let mut alice = world.funded(1, &[500]);
    let (_, on_older_root) = made(&alice, &send(2, AssetId::native(), 100));
    let height = world.chain.ledger().tip().height;
    world.shield(&mut alice, AssetId::native(), 60);
    alice.sync(&world.chain).unwrap();
    let (_, on_newer_root) = made(&alice, &send(2, AssetId::native(), 100));
    // The block that made the newer root is taken back: the proof is still good, the root is not.
    world.chain.ledger().rollback_to(height).unwrap();
    assert_eq!(world.chain.judge(&on_newer_root), Err(Rejection::NoteRoot));
    let mut other = world.wallet(3);
    world.enrol(3);
    world.shield(&mut other, AssetId::native(), 10);
    assert_eq!(world.chain.judge(&on_older_root), Ok(()), "a root before the last one is recent");
}

#[test]
fn t5_public_values_cannot_be_changed_after_proving() {
    let mut world = World::default();
    let alice = world.funded(1, &[500]);
    let target = account(&person(1));
    let wish = Wish::Unshield { asset: AssetId::native(), amount: 100, target };
    let (plan, honest) = made(&alice, &wish);
    let forge = |edit: &dyn Fn(&mut TransferFields)| {
        let mut forged = honest.clone();
        change(&mut forged, edit);
        sign_again(&alice, &plan, &mut forged);
        world.chain.judge(&forged)
    };
    assert_eq!(forge(&|f| f.v_pub_out = 400), Err(Rejection::Proof));
    assert_eq!(forge(&|f| f.fee = 0), Err(Rejection::CollectorMismatch));
    assert_eq!(forge(&|f| f.fee = FEE + 1), Err(Rejection::Proof));
    assert_eq!(forge(&|f| f.asset_pub = franc()), Err(Rejection::Proof));
    assert_eq!(forge(&|f| f.nullifiers.swap(0, 1)), Err(Rejection::Proof));
    assert_eq!(forge(&|f| f.commitments.swap(0, 1)), Err(Rejection::Proof));
    assert_eq!(forge(&|f| f.trace_ciphertext[0] += Fr::from(1u64)), Err(Rejection::Proof));
    assert_eq!(world.chain.judge(&honest), Ok(()));
}

#[test]
fn l2_3_the_target_of_an_unshielding_is_bound_to_the_proof() {
    let mut world = World::default();
    let alice = world.funded(1, &[500]);
    let wish = Wish::Unshield { asset: AssetId::native(), amount: 100, target: account(&person(1)) };
    let (_, mut stolen) = made(&alice, &wish);
    stolen.body.external.target = Some(account(&person(9)));
    assert_eq!(world.chain.judge(&stolen), Err(Rejection::ExtHash));
    // With the hash made to fit, the signature no longer does: whoever relays has no key.
    let hash = stolen.body.ext_hash();
    change(&mut stolen, |fields| fields.ext_hash = hash);
    assert!(matches!(world.chain.judge(&stolen), Err(Rejection::SpendSignature(_))));
}

#[test]
fn l2_5_nobody_shields_another_persons_public_balance() {
    let mut world = World::default();
    world.enrol(1);
    let mut thief = world.wallet(1);
    thief.sync(&world.chain).unwrap();
    let victim = account(&person(2));
    let plan = thief.plan(&Wish::Shield { asset: AssetId::native(), amount: 1000, source: victim }).unwrap();
    let proof = thief.prove(&plan, &Local).unwrap();
    let own = thief.key().transparent();
    for source in [None, Some(&own)] {
        let transaction = thief.sign(&plan, proof, source, None).unwrap();
        assert_eq!(world.chain.judge(&transaction), Err(Rejection::SourceSignature));
    }
}

#[test]
fn l1_2_aliases_of_field_elements_are_refused_in_the_bytes() {
    let mut world = World::default();
    let alice = world.funded(1, &[500]);
    let (_, transaction) = made(&alice, &send(2, AssetId::native(), 100));
    let bytes = transaction.to_bytes();
    let nullifier = transaction.body.statement.nullifiers[0].to_bytes();
    let at = bytes.windows(32).position(|window| window == nullifier).unwrap();
    let mut alias = bytes.clone();
    alias[at..at + 32].copy_from_slice(&plus_modulus(nullifier));
    assert!(matches!(world.chain.judge_bytes(&alias), Err(Rejection::NotCanonical(_))));
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(matches!(world.chain.judge_bytes(&longer), Err(Rejection::NotCanonical(_))));
    assert!(world.chain.judge_bytes(&bytes[..bytes.len() - 1]).is_err());
    assert_eq!(world.chain.judge_bytes(&bytes), Ok(()));
}

/// `x + r` as 32 bytes, when it fits; for x below 2^256 - r it does.
fn plus_modulus(x: [u8; 32]) -> [u8; 32] {
    let minus_one = fr_to_bytes(&-Fr::from(1u64));
    let mut sum = [0u8; 32];
    let mut carry = 1u16;
    for i in (0..32).rev() {
        let total = u16::from(x[i]) + u16::from(minus_one[i]) + carry;
        sum[i] = total.to_be_bytes()[1];
        carry = total >> 8;
    }
    assert_eq!(carry, 0, "x + r is below 2^256 for every x below r");
    sum
}

#[test]
fn l3_9_one_note_cannot_be_both_inputs_of_a_transaction() {
    use veilpay_protocol::statement::{Statement, Witness};
    use veilpay_wallet::Prover as _;
    let mut world = World::default();
    let alice = world.funded(1, &[500]);
    let plan = alice.plan(&send(2, AssetId::native(), 100)).unwrap();
    let (Statement::Transfer(statement), Witness::Transfer(mut witness)) = (plan.statement(), plan.witness()) else {
        unreachable!("a transfer")
    };
    let real = witness.inputs.iter().position(|input| !input.is_dummy).unwrap();
    witness.inputs[1 - real] = witness.inputs[real].clone();
    // The doubled value goes to the first output, so that the lanes balance.
    witness.outputs[0].value += 500;
    let mut fields = TransferFields::from(statement);
    fields.nullifiers = witness.inputs.iter().map(|input| witness.input_nullifier(input)).collect();
    fields.commitments[0] = witness.output_commitment(fields.asset_pub, &witness.outputs[0]);
    (fields.trace_tag, fields.trace_ciphertext) = witness.trace_plaintext().seal(&witness.epoch.key, fields.rk.x);
    let statement: veilpay_protocol::transfer::TransferStatement = fields.try_into().unwrap();
    let proof = Local.prove(&Statement::Transfer(statement.clone()), &Witness::Transfer(witness)).unwrap();
    let (_, mut transaction) = made(&alice, &send(2, AssetId::native(), 100));
    transaction.body = plan.body().clone();
    transaction.body.statement = statement;
    transaction.proof = proof;
    sign_again(&alice, &plan, &mut transaction);
    assert_eq!(world.chain.judge(&transaction), Err(Rejection::RepeatedNullifier));
}

#[test]
fn n3_equal_commitments_are_both_spendable() {
    let mut world = World::default();
    let native = AssetId::native();
    // Alice sends Bob the same note twice: same address, value and seed, so the same commitment.
    let mut alice = world.funded(1, &[500, 500]);
    world.enrol(2);
    let seed = NoteSeed::generate(&mut OsRng);
    for _ in 0..2 {
        alice.sync(&world.chain).unwrap();
        let transaction = with_chosen_seed(&alice, &seed);
        assert_eq!(world.chain.judge(&transaction), Ok(()));
    }
    let mut bob = world.wallet(2);
    bob.sync(&world.chain).unwrap();
    let notes = bob.state().notes();
    assert!(notes.len() == 2 && notes[0].rcm == notes[1].rcm && notes[0].nullifier != notes[1].nullifier);
    assert_eq!(balance(&bob, native), 200);
    bob.pay(&send(1, native, 200 - FEE), None, &world.chain, &Local).unwrap();
}

/// A payment of 100 to Bob whose note has this seed.
fn with_chosen_seed(alice: &Wallet, seed: &NoteSeed) -> Transaction {
    use veilpay_protocol::statement::{Statement, Witness};
    use veilpay_wallet::Prover as _;
    let native = AssetId::native();
    let plan = alice.plan(&send(2, native, 100)).unwrap();
    let (Statement::Transfer(statement), Witness::Transfer(mut witness)) = (plan.statement(), plan.witness()) else {
        unreachable!("a transfer")
    };
    let address = person(2).address(0);
    let memo = Memo::from_text("twin").unwrap();
    let twin = OutgoingNote { address, asset: native, value: 100, seed: seed.clone(), memo };
    let slot = witness.outputs.iter().position(|output| output.owner == address.owner()).unwrap();
    witness.outputs[slot].rcm = seed.rcm();
    let mut fields = TransferFields::from(statement);
    fields.commitments[slot] = witness.output_commitment(native, &witness.outputs[slot]);
    let mut body = plan.body().clone();
    body.ciphertexts[slot] = twin.encrypt(alice.key().viewing().outgoing());
    fields.ext_hash = body.ext_hash();
    let statement: veilpay_protocol::transfer::TransferStatement = fields.try_into().unwrap();
    body.statement = statement.clone();
    let proof = Local.prove(&Statement::Transfer(statement), &Witness::Transfer(witness)).unwrap();
    let placeholder = veilpay_protocol::schnorr::SigningKey::new(1u64.into()).sign(b"", &mut OsRng).unwrap();
    let mut transaction =
        Transaction { body, proof, signature: placeholder, source_signature: None, sponsor_signature: None };
    sign_again(alice, &plan, &mut transaction);
    transaction
}

#[test]
fn a_later_version_pays_under_its_own_key_and_never_under_another_versions() {
    let mut world = World::default();
    let native = AssetId::native();
    let alice = world.funded(1, &[500]);
    let pool = |world: &World, version| world.chain.ledger().pool(PoolId { asset: native, version });
    let before = pool(&world, 1);
    // The same points under version 2: another key by its digest, and proofs made for the one hold under the other.
    let first = engine().key(CircuitId::Transfer2x3).unwrap();
    let info = KeyInfo { version: 2, ..*first.info() };
    let key = VerifyingKey::new(info, first.verifying_key().points().clone());
    let account = account(&person(1));
    let (plan, of_first) = made(&alice, &Wish::Shield { asset: native, amount: 200, source: account });
    let of_second = |digest: &[u8; 32]| {
        let mut transaction = of_first.clone();
        transaction.body.version = 2;
        sign_under(&alice, &plan, &mut transaction, digest);
        transaction
    };
    let good = of_second(&key.digest());
    assert_eq!(world.chain.judge(&good), Err(Rejection::UnknownCircuit));
    let now = world.chain.now();
    world.chain.ledger().add_circuit_version(&key, now).unwrap();
    let relabelled = Transaction { body: good.body.clone(), ..of_first.clone() };
    assert!(matches!(world.chain.judge(&relabelled), Err(Rejection::SpendSignature(_))), "version 1's signature");
    let under_first = of_second(&first.verifying_key().digest());
    assert!(matches!(world.chain.judge(&under_first), Err(Rejection::SpendSignature(_))), "version 1's digest");
    let mut spoilt = good.clone();
    spoilt.proof[..32].copy_from_slice(&good.proof[96..]);
    assert_eq!(world.chain.judge(&spoilt), Err(Rejection::Proof));
    assert_eq!(world.chain.judge(&good), Ok(()));
    assert_eq!((pool(&world, 1), pool(&world, 2)), (before, 200));
    assert_eq!(world.chain.judge(&of_first), Err(Rejection::NullifierSeen), "one set of nullifiers for all versions");

    let now = world.chain.now();
    world.chain.ledger().set_circuit_status(CircuitId::Transfer2x3, 2, CircuitStatus::Disabled, now).unwrap();
    let (plan, mut other) = made(&alice, &Wish::Shield { asset: native, amount: 100, source: account });
    let as_first = other.clone();
    other.body.version = 2;
    sign_under(&alice, &plan, &mut other, &key.digest());
    assert_eq!(world.chain.judge(&other), Err(Rejection::CircuitDisabled));
    assert_eq!(world.chain.judge(&as_first), Ok(()), "version 1 goes on");
}
