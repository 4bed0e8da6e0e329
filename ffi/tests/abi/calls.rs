//! What the tests call with: the kept history's files, errors, verifiers, and a ledger whose functions answer as told.

use core::ffi::{c_char, c_void};
use core::ptr::null_mut;
use std::ffi::CStr;
use std::path::Path;

use veilpay::ledger::VeilpayLedger;
use veilpay::parameters::{VeilpayParameters, veilpay_parameters};
use veilpay::transaction::*;
use veilpay::verifier::*;
use veilpay::{VeilpayError, VeilpayStatus};

pub(crate) fn file(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/ledger").join(name)).unwrap()
}

/// A word of the history's script, 32 bytes.
pub(crate) fn word(action: &str) -> [u8; 32] {
    let script = String::from_utf8(file("history.txt")).unwrap();
    let line = script.lines().find_map(|line| line.strip_prefix(&format!("{action} "))).unwrap();
    let hex = line.split(' ').next().unwrap();
    core::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
}

pub(crate) fn number(action: &str) -> u64 {
    let script = String::from_utf8(file("history.txt")).unwrap();
    script.lines().find_map(|line| line.strip_prefix(&format!("{action} "))).unwrap().parse().unwrap()
}

pub(crate) fn no_error() -> VeilpayError {
    VeilpayError { status: VeilpayStatus::Ok, rule: [0; 16], code: [0; 48], message: [0; 256] }
}

pub(crate) fn text(bytes: &[c_char]) -> &str {
    // SAFETY: the library ends its texts by a zero byte.
    unsafe { CStr::from_ptr(bytes.as_ptr()) }.to_str().unwrap()
}

pub(crate) fn verifier_of(key: &[u8]) -> Result<*mut VeilpayVerifier, Box<VeilpayError>> {
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

pub(crate) fn verifier() -> *mut VeilpayVerifier {
    verifier_of(&file("transfer_2x3.vk")).unwrap_or_else(|error| panic!("{}", text(&error.message)))
}

/// What a ledger's functions answer here.
#[derive(Clone, Copy, Default)]
pub(crate) struct Answers {
    /// The function that misbehaves, and how.
    pub(crate) wrong: Option<(usize, i32)>,
}

impl Answers {
    fn of(context: *mut c_void, function: usize, right: i32) -> i32 {
        // SAFETY: the context is one of these.
        let answers = unsafe { &*context.cast::<Self>() };
        answers.wrong.filter(|(wrong, _)| *wrong == function).map_or(right, |(_, answer)| answer)
    }
}

unsafe extern "C-unwind" fn status(context: *mut c_void, _: u8, _: u16) -> i32 {
    Answers::of(context, 0, 1)
}
unsafe extern "C-unwind" fn note_root(context: *mut c_void, _: *const u8) -> i32 {
    Answers::of(context, 1, 1)
}
unsafe extern "C-unwind" fn registry_root(context: *mut c_void, _: *const u8, _: *mut u64) -> i32 {
    Answers::of(context, 2, 1)
}
unsafe extern "C-unwind" fn sanctions_root(context: *mut c_void, _: *const u8, _: *mut u64) -> i32 {
    Answers::of(context, 3, 1)
}
unsafe extern "C-unwind" fn nullifier(context: *mut c_void, _: *const u8) -> i32 {
    Answers::of(context, 4, 0)
}
unsafe extern "C-unwind" fn tag(context: *mut c_void, _: u64, _: *const u8) -> i32 {
    Answers::of(context, 5, 0)
}
unsafe extern "C-unwind" fn fee(context: *mut c_void, _: *const u8, fee: *mut u64) -> i32 {
    // SAFETY: the library gives a place.
    unsafe { fee.write(10) };
    Answers::of(context, 6, 1)
}
unsafe extern "C-unwind" fn balance(context: *mut c_void, _: *const u8, _: *const u8, amount: *mut u64) -> i32 {
    // SAFETY: the library gives a place.
    unsafe { amount.write(1_000_000) };
    Answers::of(context, 7, 0)
}
unsafe extern "C-unwind" fn pool(context: *mut c_void, _: *const u8, _: u16, amount: *mut u64) -> i32 {
    // SAFETY: the library gives a place.
    unsafe { amount.write(0) };
    Answers::of(context, 8, 0)
}
pub(crate) const FUNCTIONS: usize = 9;

pub(crate) fn ledger(answers: &mut Answers) -> VeilpayLedger {
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

pub(crate) fn check(verifier: *const VeilpayVerifier, ledger: &VeilpayLedger, bytes: &[u8]) -> *mut VeilpayVerified {
    let (mut out, mut error) = (null_mut(), no_error());
    // SAFETY: all are there.
    let status = unsafe {
        veilpay_transaction_check(verifier, ledger, bytes.as_ptr(), bytes.len(), &raw mut out, &raw mut error)
    };
    assert_eq!(status, VeilpayStatus::Ok, "{}", text(&error.message));
    out
}
