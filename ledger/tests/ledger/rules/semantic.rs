//! L2.

use veilpay_ledger::rules::semantic;
use veilpay_ledger::testing::{VerdictInProof, ciphertext};
use veilpay_ledger::{ProofRejected, ProofVerifier, Rejection};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::Fr;
use veilpay_protocol::schnorr::SignatureError;
use veilpay_protocol::transfer::{ExtHash, TransferStatement};
use veilpay_verifier::Verifier;

use super::changed;
use crate::setting::{ALICE, BOB, View, account, key};

struct NoKeys;

impl ProofVerifier for NoKeys {
    fn vk_digest(&self, _: CircuitId, _: u16) -> Option<[u8; 32]> {
        None
    }

    fn verify(&self, _: &TransferStatement, _: u16, _: &[u8; 128]) -> Result<(), ProofRejected> {
        Ok(())
    }
}

#[test]
fn l2_1_without_a_pinned_key_nothing_is_valid() {
    let transaction = View::draft().sign();
    assert_eq!(semantic(&transaction, &NoKeys).err(), Some(Rejection::NoVerifyingKey));
    let empty = Verifier::new([]).expect("no key is no bad key");
    assert_eq!(semantic(&transaction, &empty).err(), Some(Rejection::NoVerifyingKey));
    assert_eq!(ProofVerifier::verify(&empty, &transaction.body.statement, 1, &transaction.proof), Err(ProofRejected));
}

#[test]
fn l2_2_there_is_one_ciphertext_per_output() {
    let view = View::new();
    for count in [0, 1, 2, 4] {
        let draft = changed(|draft| draft.ciphertexts = vec![ciphertext(0); count]);
        assert_eq!(view.refusal(draft), Some(Rejection::CiphertextCount), "{count} ciphertexts");
    }
}

#[test]
fn l2_3_ext_hash_binds_ciphertexts_and_external_data() {
    let view = View::new();
    let draft = changed(|draft| draft.fields.ext_hash = ExtHash::new(Fr::from(1u64)));
    assert_eq!(view.refusal(draft), Some(Rejection::ExtHash));
    let good = View::draft().unshield(account(ALICE), 5).sign();
    let mut target = good.clone();
    target.body.external.target = Some(account(BOB));
    let mut memo = good.clone();
    memo.body.external.memo.push(0);
    let mut swapped = good.clone();
    swapped.body.ciphertexts.swap(0, 1);
    for changed in [target, memo, swapped] {
        assert_eq!(view.validate(&changed).err(), Some(Rejection::ExtHash));
    }
    assert!(view.validate(&good).is_ok());
}

#[test]
fn l2_4_the_spend_signature_covers_every_public_input_and_the_expiry() {
    let view = View::new();
    let good = View::draft().sign();
    let refused = Some(Rejection::SpendSignature(SignatureError::Equation));
    let mut later = good.clone();
    later.body.expiry_height += 1;
    assert_eq!(view.validate(&later).err(), refused);
    let circuit = good.circuit();
    let inputs = good.body.statement.to_fields();
    let mut seen = 0;
    for i in 0..inputs.len() - 1 {
        let mut changed_inputs = inputs.clone();
        changed_inputs[i] += Fr::from(1u64);
        // rk's coordinates do not make a point then, and a public amount breaks a structural rule.
        let Ok(statement) = TransferStatement::from_fields(circuit, &changed_inputs) else { continue };
        let mut changed = good.clone();
        changed.body.statement = statement;
        let refusal = view.validate(&changed).err();
        if !refusal.is_some_and(|refusal| refusal.rule().starts_with("L1")) {
            assert_eq!(refusal, refused, "input {i}");
            seen += 1;
        }
    }
    assert_eq!(seen, inputs.len() - 1 - 4, "rk twice and v_pub_in, v_pub_out are refused before");
    let mut other = good;
    other.signature = View::draft().with(|draft| draft.expiry_height -= 1).sign().signature;
    assert_eq!(view.validate(&other).err(), refused);
}

#[test]
fn l2_5_value_enters_only_with_the_sources_signature() {
    let view = View::new();
    let shield = || View::draft().shield(&key(ALICE), 5);
    assert_eq!(view.refusal(shield()), None);
    let refused = Some(Rejection::SourceSignature);
    assert_eq!(view.refusal(shield().with(|draft| draft.source = None)), refused);
    assert_eq!(view.refusal(shield().with(|draft| draft.source = Some(key(BOB)))), refused);
    assert_eq!(view.refusal(changed(|draft| draft.source = Some(key(ALICE)))), refused, "a signature without a source");
    let mut wrong_domain = shield().with(|draft| draft.sponsor = Some(key(ALICE))).sign();
    std::mem::swap(&mut wrong_domain.source_signature, &mut wrong_domain.sponsor_signature);
    wrong_domain.sponsor_signature = None;
    assert_eq!(view.validate(&wrong_domain).err(), refused, "a sponsor's signature is no source's");
}

#[test]
fn l2_6_a_sponsor_must_sign() {
    let view = View::new();
    let sponsored = || {
        changed(|draft| {
            draft.fields.fee = 0;
            draft.external.fee_collector = None;
        })
        .sponsored(&key(BOB))
    };
    assert_eq!(view.refusal(sponsored()), None);
    let refused = Some(Rejection::SponsorSignature);
    assert_eq!(view.refusal(sponsored().with(|draft| draft.sponsor = None)), refused);
    assert_eq!(view.refusal(sponsored().with(|draft| draft.sponsor = Some(key(ALICE)))), refused);
    assert_eq!(view.refusal(changed(|draft| draft.sponsor = Some(key(ALICE)))), refused);
}

#[test]
fn l2_7_a_proof_that_does_not_hold_is_refused() {
    assert_eq!(View::new().refusal(changed(|draft| draft.proof = VerdictInProof::FAILS)), Some(Rejection::Proof));
}

#[test]
fn proof_bytes_are_no_part_of_the_identifier() {
    let transaction = View::draft().sign();
    let mut randomised = transaction.clone();
    randomised.proof[127] ^= 1;
    let txid = |transaction| semantic(transaction, &VerdictInProof).map(|verified| verified.txid());
    assert_eq!(txid(&transaction), txid(&randomised));
    assert!(txid(&transaction).is_ok());
}
