//! What a prover that is told everything but `ask` can and cannot do.

use rand_core::OsRng;
use veilpay_protocol::curve::Point;
use veilpay_protocol::field::Fr;
use veilpay_protocol::note::AssetId;
use veilpay_protocol::nullifier::nullifier;
use veilpay_protocol::schnorr::SigningKey;
use veilpay_protocol::statement::{Statement, Witness};
use veilpay_protocol::transaction::{PROOF_LENGTH, Transaction};
use veilpay_protocol::transfer::{TransferFields, TransferStatement, TransferWitness};
use veilpay_protocol::violation::Violation;
use veilpay_tests::World;
use veilpay_tests::world::{Local, balance, person, verifier};
use veilpay_wallet::{Plan, Prover, ProverError, WalletError};

use crate::payments::send;

fn parts(plan: &Plan) -> (TransferFields, TransferWitness) {
    match (plan.statement(), plan.witness()) {
        (Statement::Transfer(statement), Witness::Transfer(witness)) => (statement.into(), witness),
        _ => unreachable!("a transfer"),
    }
}

/// A prover that pays somebody else than it was asked to.
struct Thief;

impl Thief {
    /// Puts the thief's owner in every output and makes everything else fit.
    fn altered(statement: &Statement, witness: &Witness) -> (TransferStatement, TransferWitness) {
        let (Statement::Transfer(statement), Witness::Transfer(witness)) = (statement, witness) else {
            unreachable!("a transfer")
        };
        let (mut fields, mut witness) = (TransferFields::from(statement.clone()), witness.clone());
        for output in &mut witness.outputs {
            output.owner = person(9).address(0).owner();
        }
        fields.commitments =
            witness.outputs.iter().map(|output| witness.output_commitment(fields.asset_pub, output)).collect();
        (fields.trace_tag, fields.trace_ciphertext) = witness.trace_plaintext().seal(&witness.epoch.key, fields.rk.x);
        (fields.try_into().unwrap(), witness)
    }
}

impl Prover for Thief {
    fn prove(&self, statement: &Statement, witness: &Witness) -> Result<[u8; PROOF_LENGTH], ProverError> {
        let (statement, witness) = Self::altered(statement, witness);
        Local.prove(&Statement::Transfer(statement), &Witness::Transfer(witness))
    }
}

#[test]
fn t6_a_prover_that_alters_the_recipient_gets_no_signature_and_cannot_sign_itself() {
    let mut world = World::default();
    let alice = world.funded(1, &[500]);
    let plan = alice.plan(&send(2, AssetId::native(), 100)).unwrap();
    assert!(matches!(alice.prove(&plan, &Thief), Err(WalletError::BadProof(_))));
    // With the altered proof, and alpha, but without ask, the prover cannot sign under rk.
    let (statement, witness) = Thief::altered(&plan.statement(), &plan.witness());
    let proof = Local.prove(&Statement::Transfer(statement.clone()), &Witness::Transfer(witness.clone())).unwrap();
    let mut body = plan.body().clone();
    body.statement = statement;
    let sighash = body.sighash(verifier().key(plan.circuit()).unwrap().digest());
    let signature = SigningKey::new(witness.alpha).sign(&sighash, &mut OsRng).unwrap();
    let transaction = Transaction { body, proof, signature, source_signature: None, sponsor_signature: None };
    let refused = world.chain.judge(&transaction);
    assert!(matches!(refused, Err(veilpay_ledger::Rejection::SpendSignature(_))), "{refused:?}");
}

#[test]
fn n3_a_former_prover_who_knows_nk_cannot_burn_a_note_through_a_dummy() {
    let mut world = World::default();
    let native = AssetId::native();
    let mut alice = world.funded(1, &[500]);
    // The former prover is enrolled himself and knows Alice's nk and the opening of her note.
    let mallory = world.funded(9, &[300]);
    let note = alice.state().notes().iter().find(|note| note.value == 500).unwrap().clone();
    let nk = person(1).viewing().proof().nk;
    let target = nullifier(nk, note.rcm, note.position, false);
    assert_eq!(target, note.nullifier);
    // His account with her nk is not hers and is not enrolled; and a dummy's nullifier never is a real note's.
    let plan = mallory.plan(&send(2, native, 10)).unwrap();
    let (fields, witness) = parts(&plan);
    let dummy = witness.inputs.iter().position(|input| input.is_dummy).unwrap();
    let attempt = |with_her_nk: bool| {
        let (mut fields, mut witness) = (fields.clone(), witness.clone());
        witness.inputs[dummy].rcm = note.rcm;
        witness.inputs[dummy].path = veilpay_protocol::merkle::Path::empty(u64::from(note.position)).unwrap();
        if with_her_nk {
            witness.nk = nk;
        }
        fields.nullifiers = witness.inputs.iter().map(|input| witness.input_nullifier(input)).collect();
        assert!(!fields.nullifiers.contains(&target), "a dummy's nullifier is offset by 2^32");
        fields.nullifiers[dummy] = target;
        let statement: TransferStatement = fields.try_into().unwrap();
        Local.prove(&Statement::Transfer(statement), &Witness::Transfer(witness))
    };
    assert!(matches!(attempt(false), Err(ProverError::Violation(Violation::T2Nullifier { .. }))));
    // With her nk his own real note is no longer his: its owner is of another account.
    assert!(matches!(
        attempt(true),
        Err(ProverError::Violation(Violation::T3NoteRoot { .. } | Violation::T2Nullifier { .. }))
    ));
    alice.pay(&send(2, native, 100), None, &world.chain, &Local).unwrap();
    alice.sync(&world.chain).unwrap();
    assert_eq!(balance(&alice, native), 400 - veilpay_tests::FEE);
}

fn refused(fields: TransferFields, witness: TransferWitness) -> Option<Violation> {
    let statement: TransferStatement = fields.try_into().unwrap();
    match Local.prove(&Statement::Transfer(statement), &Witness::Transfer(witness)) {
        Err(ProverError::Violation(violation)) => Some(violation),
        _ => None,
    }
}

#[test]
fn t5_amounts_that_do_not_add_up_and_overflows_are_refused() {
    let mut world = World::default();
    let native = AssetId::native();
    let alice = world.funded(1, &[500]);
    let plan = alice.plan(&send(2, native, 100)).unwrap();
    let (fields, witness) = parts(&plan);
    let with_values = |values: [u64; 3]| {
        let (mut fields, mut witness) = (fields.clone(), witness.clone());
        for (output, value) in witness.outputs.iter_mut().zip(values) {
            output.value = value;
        }
        fields.commitments = witness.outputs.iter().map(|output| witness.output_commitment(native, output)).collect();
        (fields.trace_tag, fields.trace_ciphertext) = witness.trace_plaintext().seal(&witness.epoch.key, fields.rk.x);
        refused(fields, witness)
    };
    let spent = 500 - veilpay_tests::FEE;
    assert_eq!(with_values([spent + 1, 0, 0]), Some(Violation::T5PublicLane));
    assert_eq!(with_values([u64::MAX, spent + 1, 0]), Some(Violation::T5PublicLane), "a sum that wraps 2^64");
    assert_eq!(with_values([u64::MAX, u64::MAX, spent + 2]), Some(Violation::T5PublicLane));
    assert_eq!(with_values([spent - 2, 1, 1]), None, "the honest sum is proved");
}

#[test]
fn t3_a_dummy_has_no_value_and_a_forged_note_is_in_no_tree() {
    let mut world = World::default();
    let alice = world.funded(1, &[500]);
    let plan = alice.plan(&send(2, AssetId::native(), 100)).unwrap();
    let (fields, witness) = parts(&plan);
    let dummy = witness.inputs.iter().position(|input| input.is_dummy).unwrap();
    let mut valued = witness.clone();
    valued.inputs[dummy].value = 1;
    assert_eq!(refused(fields.clone(), valued), Some(Violation::T3DummyValue { input: dummy }));
    let mut claimed = witness.clone();
    claimed.inputs[dummy].is_dummy = false;
    let mut with_nullifier = fields.clone();
    with_nullifier.nullifiers = claimed.inputs.iter().map(|input| claimed.input_nullifier(input)).collect();
    assert_eq!(refused(with_nullifier, claimed), Some(Violation::T3NoteRoot { input: dummy }));
    let mut larger = witness;
    larger.inputs[1 - dummy].value += 1;
    assert_eq!(refused(fields, larger), Some(Violation::T3NoteRoot { input: 1 - dummy }));
}

#[test]
fn t9_a_trace_under_another_key_is_refused() {
    let mut world = World::default();
    let alice = world.funded(1, &[500]);
    let (mut fields, mut witness) = parts(&alice.plan(&send(2, AssetId::native(), 100)).unwrap());
    let untouched = (fields.clone(), witness.clone());
    fields.trace_ciphertext[2] += Fr::from(1u64);
    assert_eq!(refused(fields, witness.clone()), Some(Violation::T9TraceCiphertext));
    // A key of one's own making is not under the credential's trace root.
    let mut fields = untouched.0;
    witness.epoch.key = person(9).viewing().epoch_key(fields.epoch);
    let rk = Point::from(witness.randomized_key());
    (fields.trace_tag, fields.trace_ciphertext) = witness.trace_plaintext().seal(&witness.epoch.key, rk.x);
    assert_eq!(refused(fields, witness), Some(Violation::T7Registry));
}
