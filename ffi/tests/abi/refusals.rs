//! Calls that must be refused: each with its status, nothing written, nothing crashed.

use core::ffi::{c_char, c_void};
use core::ptr::{null, null_mut};
use std::ffi::CStr;
use std::path::Path;

use veilpay::ledger::{VeilpayLedger, VeilpayParameters, veilpay_parameters};
use veilpay::lists::*;
use veilpay::notes::*;
use veilpay::snarkjs::*;
use veilpay::transaction::*;
use veilpay::verifier::*;
use veilpay::{VeilpayError, VeilpayStatus};
use veilpay_protocol::field::fr_to_bytes;
use veilpay_protocol::transaction::Transaction;
use veilpay_verifier::formats::snarkjs::{write_key, write_proof, write_public};
use veilpay_verifier::{KeyPoints, Proof, VerifyingKey};

fn file(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/ledger").join(name)).unwrap()
}

/// A word of the history's script, 32 bytes.
fn word(action: &str) -> [u8; 32] {
    let script = String::from_utf8(file("history.txt")).unwrap();
    let line = script.lines().find_map(|line| line.strip_prefix(&format!("{action} "))).unwrap();
    let hex = line.split(' ').next().unwrap();
    core::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
}

fn number(action: &str) -> u64 {
    let script = String::from_utf8(file("history.txt")).unwrap();
    script.lines().find_map(|line| line.strip_prefix(&format!("{action} "))).unwrap().parse().unwrap()
}

fn no_error() -> VeilpayError {
    VeilpayError { status: VeilpayStatus::Ok, rule: [0; 16], code: [0; 48], message: [0; 256] }
}

fn text(bytes: &[c_char]) -> &str {
    // SAFETY: the library ends its texts by a zero byte.
    unsafe { CStr::from_ptr(bytes.as_ptr()) }.to_str().unwrap()
}

fn verifier_of(key: &[u8]) -> Result<*mut VeilpayVerifier, Box<VeilpayError>> {
    let key = VeilpayBytes { data: key.as_ptr(), length: key.len() };
    let (mut out, mut error) = (null_mut(), no_error());
    // SAFETY: all are there.
    match unsafe { veilpay_verifier_new(&raw const key, 1, &raw mut out, &raw mut error) } {
        VeilpayStatus::Ok => Ok(out),
        status => {
            assert!(out.is_null() && status == error.status);
            Err(Box::new(error))
        }
    }
}

fn verifier() -> *mut VeilpayVerifier {
    verifier_of(&file("transfer_2x3.vk")).unwrap_or_else(|error| panic!("{}", text(&error.message)))
}

/// What a ledger's functions answer here.
#[derive(Clone, Copy, Default)]
struct Answers {
    /// The function that misbehaves, and how.
    wrong: Option<(usize, i32)>,
}

impl Answers {
    fn of(context: *mut c_void, function: usize, right: i32) -> i32 {
        // SAFETY: the context is one of these.
        let answers = unsafe { &*context.cast::<Self>() };
        answers.wrong.filter(|(wrong, _)| *wrong == function).map_or(right, |(_, answer)| answer)
    }
}

unsafe extern "C" fn status(context: *mut c_void, _: u8, _: u16) -> i32 {
    Answers::of(context, 0, 1)
}
unsafe extern "C" fn note_root(context: *mut c_void, _: *const u8) -> i32 {
    Answers::of(context, 1, 1)
}
unsafe extern "C" fn registry_root(context: *mut c_void, _: *const u8, _: *mut u64) -> i32 {
    Answers::of(context, 2, 1)
}
unsafe extern "C" fn sanctions_root(context: *mut c_void, _: *const u8, _: *mut u64) -> i32 {
    Answers::of(context, 3, 1)
}
unsafe extern "C" fn nullifier(context: *mut c_void, _: *const u8) -> i32 {
    Answers::of(context, 4, 0)
}
unsafe extern "C" fn tag(context: *mut c_void, _: u64, _: *const u8) -> i32 {
    Answers::of(context, 5, 0)
}
unsafe extern "C" fn fee(context: *mut c_void, _: *const u8, fee: *mut u64) -> i32 {
    // SAFETY: the library gives a place.
    unsafe { fee.write(10) };
    Answers::of(context, 6, 1)
}
unsafe extern "C" fn balance(context: *mut c_void, _: *const u8, _: *const u8, amount: *mut u64) -> i32 {
    // SAFETY: the library gives a place.
    unsafe { amount.write(1_000_000) };
    Answers::of(context, 7, 0)
}
unsafe extern "C" fn pool(context: *mut c_void, _: *const u8, _: u16, amount: *mut u64) -> i32 {
    // SAFETY: the library gives a place.
    unsafe { amount.write(0) };
    Answers::of(context, 8, 0)
}
const FUNCTIONS: usize = 9;

fn ledger(answers: &mut Answers) -> VeilpayLedger {
    let mut parameters = core::mem::MaybeUninit::<VeilpayParameters>::uninit();
    // SAFETY: it may be written.
    let known = unsafe { veilpay_parameters(3, parameters.as_mut_ptr(), null_mut()) };
    assert_eq!(known, VeilpayStatus::Ok);
    VeilpayLedger {
        context: core::ptr::from_mut(answers).cast(),
        ledger_id: word("ledger"),
        // SAFETY: it was written.
        parameters: unsafe { parameters.assume_init() },
        height: 2,
        time: number("time"),
        note_count: 0,
        circuit_status: Some(status),
        is_recent_note_root: Some(note_root),
        registry_root_status: Some(registry_root),
        sanctions_root_status: Some(sanctions_root),
        has_nullifier: Some(nullifier),
        has_trace_tag: Some(tag),
        minimum_fee: Some(fee),
        balance: Some(balance),
        pool: Some(pool),
    }
}

fn check(verifier: *const VeilpayVerifier, ledger: &VeilpayLedger, bytes: &[u8]) -> *mut VeilpayVerified {
    let (mut out, mut error) = (null_mut(), no_error());
    // SAFETY: all are there.
    let status = unsafe {
        veilpay_transaction_check(verifier, ledger, bytes.as_ptr(), bytes.len(), &raw mut out, &raw mut error)
    };
    assert_eq!(status, VeilpayStatus::Ok, "{}", text(&error.message));
    out
}

#[test]
fn a_ledger_that_cannot_look_gives_no_verdict() {
    let verifier = verifier();
    let mut right = Answers::default();
    let verified = check(verifier, &ledger(&mut right), &file("shield.tx"));
    let settle = |answers: &mut Answers| {
        let ledger = ledger(answers);
        let (mut out, mut error) = (null_mut(), no_error());
        // SAFETY: all are there.
        let status = unsafe {
            veilpay_transaction_settle(verified, &raw const ledger, ledger.time, &raw mut out, &raw mut error)
        };
        assert_eq!(out.is_null(), status != VeilpayStatus::Ok);
        // SAFETY: null or just made.
        unsafe { veilpay_effects_free(out) };
        status
    };
    assert_eq!(settle(&mut Answers::default()), VeilpayStatus::Ok);
    for function in 0..FUNCTIONS {
        for (answer, expected) in [
            (-1, VeilpayStatus::Ledger),
            (i32::MIN, VeilpayStatus::Ledger),
            (4, VeilpayStatus::Answer),
            (i32::MAX, VeilpayStatus::Answer),
        ] {
            let status = settle(&mut Answers { wrong: Some((function, answer)) });
            assert_eq!(status, expected, "function {function} answers {answer}");
        }
    }
    for (function, answer) in [(0, 0), (0, 2), (0, 3), (1, 0), (2, 0), (3, 0), (4, 1), (5, 1), (6, 0)] {
        let status = settle(&mut Answers { wrong: Some((function, answer)) });
        assert_eq!(status, VeilpayStatus::Rejected, "function {function} answers {answer}");
    }
    // SAFETY: made above, once each.
    unsafe { veilpay_verified_free(verified) };
    // SAFETY: the same.
    unsafe { veilpay_verifier_free(verifier) };
}

#[test]
fn a_ledger_without_one_of_its_functions_is_refused() {
    let verifier = verifier();
    let mut answers = Answers::default();
    let mut ledger = ledger(&mut answers);
    ledger.pool = None;
    let (bytes, mut out) = (file("shield.tx"), null_mut());
    // SAFETY: all are there.
    let status = unsafe {
        veilpay_transaction_check(verifier, &raw const ledger, bytes.as_ptr(), bytes.len(), &raw mut out, null_mut())
    };
    assert!(status == VeilpayStatus::Null && out.is_null());
    // SAFETY: made above.
    unsafe { veilpay_verifier_free(verifier) };
}

#[test]
fn a_proof_holds_for_its_own_inputs_alone() {
    let verifier = verifier();
    let transaction = Transaction::from_bytes(&file("shield.tx")).unwrap();
    let inputs: Vec<[u8; 32]> = transaction.body.statement.to_fields().iter().map(fr_to_bytes).collect();
    let verify = |inputs: &[[u8; 32]], proof: &[u8], circuit: u8| {
        let (data, count) = (inputs.as_ptr().cast(), inputs.len());
        // SAFETY: all are there.
        unsafe { veilpay_verify(verifier, circuit, data, count, proof.as_ptr(), proof.len(), null_mut()) }
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

#[test]
fn null_is_refused_everywhere() {
    let expected = VeilpayStatus::Null;
    // SAFETY: null is what these functions must bear.
    unsafe {
        assert_eq!(veilpay_verifier_new(null(), 1, null_mut(), null_mut()), expected);
        assert_eq!(veilpay_verifier_key_digest(null(), 1, null_mut(), null_mut()), expected);
        assert_eq!(veilpay_verify(null(), 1, null(), 23, null(), 128, null_mut()), expected);
        assert_eq!(veilpay_verify_batch(null(), null(), 1, null_mut(), null_mut()), expected);
        assert_eq!(veilpay_snarkjs_key_new(null(), 1, null_mut(), null_mut()), expected);
        assert_eq!(veilpay_snarkjs_verify(null(), null(), 1, null(), 1, null_mut()), expected);
        veilpay_snarkjs_key_free(null_mut());
        assert_eq!(veilpay_parameters(1, null_mut(), null_mut()), expected);
        assert_eq!(veilpay_notes_new(null_mut(), null_mut()), expected);
        assert_eq!(veilpay_notes_load(null(), 8, null_mut(), null_mut()), expected);
        assert_eq!(veilpay_notes_save(null(), null_mut(), 0, null_mut(), null_mut()), expected);
        assert_eq!(veilpay_notes_append(null_mut(), null(), null_mut(), null_mut()), expected);
        assert_eq!(veilpay_notes_root(null(), null_mut(), null_mut()), expected);
        assert_eq!(veilpay_notes_count(null()), 0);
        assert_eq!(veilpay_lists_new(null(), null(), null_mut(), null_mut()), expected);
        assert_eq!(veilpay_lists_apply_registry(null_mut(), null(), 1, null_mut()), expected);
        assert_eq!(veilpay_lists_apply_sanctions(null_mut(), null(), 1, null_mut()), expected);
        assert_eq!(veilpay_lists_roots(null(), null_mut(), null_mut(), null_mut()), expected);
        assert_eq!(veilpay_transaction_check(null(), null(), null(), 1, null_mut(), null_mut()), expected);
        assert_eq!(veilpay_transaction_settle(null(), null(), 0, null_mut(), null_mut()), expected);
        assert_eq!(veilpay_verified_txid(null(), null_mut(), null_mut()), expected);
        assert_eq!(veilpay_effects_info(null(), null_mut(), null_mut()), expected);
        assert_eq!(veilpay_effects_nullifier(null(), 0, null_mut(), null_mut()), expected);
        assert_eq!(veilpay_effects_note(null(), 0, null_mut(), null_mut(), null_mut()), expected);
        assert_eq!(veilpay_effects_balance(null(), 0, null_mut(), null_mut()), expected);
        veilpay_verifier_free(null_mut());
        veilpay_notes_free(null_mut());
        veilpay_lists_free(null_mut());
        veilpay_verified_free(null_mut());
        veilpay_effects_free(null_mut());
    }
}

fn root(notes: *const VeilpayNotes) -> [u8; 32] {
    let mut out = [0; 32];
    // SAFETY: a tree and 32 bytes.
    assert_eq!(unsafe { veilpay_notes_root(notes, out.as_mut_ptr(), null_mut()) }, VeilpayStatus::Ok);
    out
}

#[test]
fn a_note_tree_is_saved_and_taken_up_again() {
    let (mut notes, mut again) = (null_mut(), null_mut());
    let (mut bytes, mut length, mut position) = ([0; VEILPAY_NOTES_BYTES], 0, 0);
    // SAFETY: all are there.
    unsafe {
        assert_eq!(veilpay_notes_new(&raw mut notes, null_mut()), VeilpayStatus::Ok);
        for i in 0..21 {
            let mut commitment = [0; 32];
            commitment[31] = i;
            let status = veilpay_notes_append(notes, commitment.as_ptr(), &raw mut position, null_mut());
            assert_eq!((status, position), (VeilpayStatus::Ok, u64::from(i)));
        }
        let unreduced = [0xff; 32];
        let status = veilpay_notes_append(notes, unreduced.as_ptr(), null_mut(), null_mut());
        assert_eq!((status, veilpay_notes_count(notes)), (VeilpayStatus::Encoding, 21));
        let save = |bytes: &mut [u8], length: &mut usize| {
            veilpay_notes_save(notes, bytes.as_mut_ptr(), bytes.len(), length, null_mut())
        };
        assert_eq!(save(&mut bytes[..100], &mut length), VeilpayStatus::Length);
        assert_eq!(save(&mut bytes, &mut length), VeilpayStatus::Ok);
        let load = |length, out: &mut *mut VeilpayNotes| veilpay_notes_load(bytes.as_ptr(), length, out, null_mut());
        assert_eq!(load(length - 1, &mut again), VeilpayStatus::Encoding);
        assert_eq!(load(length, &mut again), VeilpayStatus::Ok);
        assert_eq!((veilpay_notes_count(again), root(again)), (21, root(notes)));
        veilpay_notes_free(notes);
        veilpay_notes_free(again);
    }
}

#[test]
fn a_delta_is_taken_once_in_order_and_from_the_issuer_alone() {
    let (first, second) = (file("enrol-alice.delta"), file("enrol-bob.delta"));
    let lists = |issuer: [u8; 32]| {
        let mut out = null_mut();
        // SAFETY: all are there.
        let status = unsafe { veilpay_lists_new(word("ledger").as_ptr(), issuer.as_ptr(), &raw mut out, null_mut()) };
        assert_eq!(status, VeilpayStatus::Ok);
        out
    };
    let apply = |lists: *mut VeilpayLists, delta: &[u8]| {
        let mut error = no_error();
        // SAFETY: all are there.
        let status = unsafe { veilpay_lists_apply_registry(lists, delta.as_ptr(), delta.len(), &raw mut error) };
        assert_eq!(status, error.status);
        status
    };
    let ours = lists(word("issuer"));
    assert_eq!(apply(ours, &second), VeilpayStatus::Delta, "the first is missing");
    assert_eq!(apply(ours, &first), VeilpayStatus::Ok);
    assert_eq!(apply(ours, &first), VeilpayStatus::Delta, "again");
    assert_eq!(apply(ours, &second[1..]), VeilpayStatus::Encoding);
    assert_eq!(apply(ours, &second), VeilpayStatus::Ok);
    // The base point of Ed25519: a key, but not the issuer's.
    let mut other = [0x66; 32];
    other[0] = 0x58;
    let theirs = lists(other);
    assert_eq!(apply(theirs, &first), VeilpayStatus::Delta, "the signature is another's");
    for lists in [ours, theirs] {
        // SAFETY: made above, once.
        unsafe { veilpay_lists_free(lists) };
    }
    let (mut weak, mut out) = ([0; 32], null_mut());
    weak[0] = 1;
    // SAFETY: all are there.
    let status = unsafe { veilpay_lists_new(word("ledger").as_ptr(), weak.as_ptr(), &raw mut out, null_mut()) };
    assert_eq!((status, out.is_null()), (VeilpayStatus::Encoding, true), "the identity signs everything");
}

#[test]
fn what_a_transaction_changes_is_counted_and_bounded() {
    let verifier = verifier();
    let mut answers = Answers::default();
    let ledger = ledger(&mut answers);
    let verified = check(verifier, &ledger, &file("shield.tx"));
    let (mut effects, mut info) = (null_mut(), core::mem::MaybeUninit::<VeilpayEffectsInfo>::uninit());
    let (mut word, mut ciphertext) = ([0; 32], [0; VEILPAY_CIPHERTEXT_BYTES]);
    // SAFETY: all are there.
    unsafe {
        let status = veilpay_transaction_settle(verified, &raw const ledger, ledger.time, &raw mut effects, null_mut());
        assert_eq!(status, VeilpayStatus::Ok);
        assert_eq!(veilpay_effects_info(effects, info.as_mut_ptr(), null_mut()), VeilpayStatus::Ok);
        let info = info.assume_init();
        assert_eq!((info.nullifiers, info.notes, info.balances, info.height), (2, 3, 2, 2));
        assert_eq!((info.pool.version, info.pool.amount), (1, 1000));
        assert_eq!(veilpay_verified_txid(verified, word.as_mut_ptr(), null_mut()), VeilpayStatus::Ok);
        assert_eq!(word, info.txid);
        let last = VeilpayStatus::Index;
        assert_eq!(veilpay_effects_nullifier(effects, 2, word.as_mut_ptr(), null_mut()), last);
        assert_eq!(veilpay_effects_note(effects, 3, word.as_mut_ptr(), ciphertext.as_mut_ptr(), null_mut()), last);
        let mut balance = core::mem::MaybeUninit::<VeilpayBalance>::uninit();
        assert_eq!(veilpay_effects_balance(effects, 2, balance.as_mut_ptr(), null_mut()), last);
        assert_eq!(word, info.txid, "nothing was written");
        veilpay_effects_free(effects);
        veilpay_verified_free(verified);
        veilpay_verifier_free(verifier);
    }
}
