//! Keys and proofs, of our circuits and of those of snarkjs.

use core::ptr::null_mut;

use veilpay::VeilpayStatus;
use veilpay::snarkjs::*;
use veilpay::verifier::*;
use veilpay_protocol::field::fr_to_bytes;
use veilpay_protocol::transaction::Transaction;
use veilpay_verifier::formats::snarkjs::{write_key, write_proof, write_public};
use veilpay_verifier::{KeyPoints, Proof, VerifyingKey};

use crate::calls::{file, text, verifier, verifier_of};

#[test]
fn a_proof_holds_for_its_own_inputs_alone() {
    let verifier = verifier();
    let transaction = Transaction::from_bytes(&file("shield.tx")).unwrap();
    let inputs: Vec<[u8; 32]> = transaction.body.statement.to_fields().iter().map(fr_to_bytes).collect();
    let verify = |inputs: &[[u8; 32]], proof: &[u8], circuit: u8| {
        let (data, count) = (inputs.as_ptr().cast(), inputs.len());
        // SAFETY: all are there.
        unsafe { veilpay_verify(verifier, circuit, 1, data, count, proof.as_ptr(), proof.len(), null_mut()) }
    };
    let proof = transaction.proof;
    assert_eq!(verify(&inputs, &proof, 1), VeilpayStatus::Ok);
    assert_eq!(verify(&inputs[1..], &proof, 1), VeilpayStatus::Proof, "an input is missing");
    assert_eq!(verify(&inputs, &proof[1..], 1), VeilpayStatus::Proof, "a byte is missing");
    assert_eq!(verify(&inputs, &[0xff; 128], 1), VeilpayStatus::Proof);
    assert_eq!(verify(&inputs[..4], &proof, 4), VeilpayStatus::Index, "there is no key for it");
    assert_eq!(verify(&inputs, &proof, 9), VeilpayStatus::Index, "there is no such circuit");
    let mut other = inputs.clone();
    other[0][31] ^= 1;
    assert_eq!(verify(&other, &proof, 1), VeilpayStatus::Proof);
    other[0] = [0xff; 32];
    assert_eq!(verify(&other, &proof, 1), VeilpayStatus::Encoding, "an input is not below r");
    // SAFETY: made above.
    unsafe { veilpay_verifier_free(verifier) };
}

#[test]
fn a_batch_says_which_proofs_hold() {
    let verifier = verifier();
    let transactions =
        ["shield.tx", "send.tx", "unshield.tx", "forged.tx"].map(|name| Transaction::from_bytes(&file(name)).unwrap());
    let inputs: Vec<Vec<u8>> =
        transactions.iter().map(|t| t.body.statement.to_fields().iter().flat_map(fr_to_bytes).collect()).collect();
    let given = |k: usize| VeilpayProof {
        circuit: 1,
        version: 1,
        inputs: inputs[k].as_ptr(),
        input_count: inputs[k].len() / 32,
        proof: transactions[k].proof.as_ptr(),
        proof_length: 128,
    };
    let verify = |proofs: &[VeilpayProof]| {
        let mut verdicts = [7; 4];
        // SAFETY: all are there.
        let status =
            unsafe { veilpay_verify_batch(verifier, proofs.as_ptr(), proofs.len(), verdicts.as_mut_ptr(), null_mut()) };
        (status, verdicts)
    };
    assert_eq!(verify(&[]), (VeilpayStatus::Ok, [7; 4]));
    assert_eq!(verify(&[given(0), given(1), given(2)]), (VeilpayStatus::Ok, [1, 1, 1, 7]));
    let short = VeilpayProof { proof_length: 127, ..given(0) };
    let few = VeilpayProof { input_count: 22, ..given(1) };
    assert_eq!(verify(&[given(3), given(1), short, few]), (VeilpayStatus::Proof, [0, 1, 0, 0]));
    let no_key = VeilpayProof { circuit: 4, ..given(0) };
    assert_eq!(verify(&[given(0), no_key]), (VeilpayStatus::Index, [7; 4]), "there is no key: nothing was verified");
    let unreduced = VeilpayProof { inputs: [0xff; 23 * 32].as_ptr(), ..given(0) };
    assert_eq!(verify(&[unreduced]), (VeilpayStatus::Encoding, [7; 4]));
    // SAFETY: made above.
    unsafe { veilpay_verifier_free(verifier) };
}

#[test]
fn a_key_of_snarkjs_that_is_unsafe_or_no_key_is_refused() {
    let mut key: *mut VeilpaySnarkjsKey = null_mut();
    let make = |json: &str, key: &mut *mut VeilpaySnarkjsKey| {
        // SAFETY: all are there.
        unsafe { veilpay_snarkjs_key_new(json.as_ptr(), json.len(), key, null_mut()) }
    };
    for json in ["", "{}", "[]", "null", r#"{"protocol": "plonk"}"#] {
        assert_eq!(make(json, &mut key), VeilpayStatus::Encoding, "{json}");
    }
    let points = VerifyingKey::from_bytes(&file("transfer_2x3.vk")).unwrap().points().clone();
    let same = KeyPoints { delta: points.gamma, ..points.clone() };
    assert_eq!(make(&write_key(&same), &mut key), VeilpayStatus::Key);
    assert!(key.is_null());
    assert_eq!(make(&write_key(&points), &mut key), VeilpayStatus::Ok);
    let transaction = Transaction::from_bytes(&file("shield.tx")).unwrap();
    let mut inputs = transaction.body.statement.to_fields();
    let proof = write_proof(&Proof::from_bytes(&transaction.proof).unwrap());
    let verify = |inputs: &str| {
        let (proof, length) = (proof.as_ptr(), proof.len());
        // SAFETY: all are there.
        unsafe { veilpay_snarkjs_verify(key, proof, length, inputs.as_ptr(), inputs.len(), null_mut()) }
    };
    assert_eq!(verify(&write_public(&inputs)), VeilpayStatus::Ok);
    assert_eq!(verify("[\"01\"]"), VeilpayStatus::Encoding);
    assert_eq!(verify("[\"1\"]"), VeilpayStatus::Proof);
    inputs.swap(0, 1);
    assert_eq!(verify(&write_public(&inputs)), VeilpayStatus::Proof);
    // SAFETY: made above.
    unsafe { veilpay_snarkjs_key_free(key) };
}

#[test]
fn a_key_with_any_byte_changed_is_refused_by_rule() {
    let key = file("transfer_2x3.vk");
    for at in (0..key.len()).step_by(97) {
        let mut changed = key.clone();
        changed[at] ^= 1;
        let error = verifier_of(&changed).err().unwrap_or_else(|| panic!("byte {at} does not count"));
        assert_eq!((error.status, text(&error.rule)), (VeilpayStatus::Key, "S1"), "byte {at}");
        assert!(!text(&error.message).contains("S1"), "the rule is said once: {}", text(&error.message));
    }
    assert_eq!(verifier_of(&[]).err().map(|error| error.status), Some(VeilpayStatus::Key));
}
