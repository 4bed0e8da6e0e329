//! What a function returns, and where it says why.

use core::ffi::c_char;
use std::panic::{AssertUnwindSafe, catch_unwind};

use veilpay_ledger::Rejection;
use veilpay_protocol::encoding::DecodeError;
use veilpay_protocol::field::FieldError;
use veilpay_protocol::merkle::TreeError;
use veilpay_protocol::registry::DeltaError;
use veilpay_verifier::formats::snarkjs::JsonError;
use veilpay_verifier::{KeyError, VerifyError};

/// How a call ended. The numbers are never given a second meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum VeilpayStatus {
    /// It did what was asked.
    Ok = 0,
    /// A pointer, or one of a ledger's functions, is null.
    Null = 1,
    /// A length is not what it must be.
    Length = 2,
    /// There is no such element, circuit or key.
    Index = 3,
    /// One of the ledger's functions failed (a negative answer): nothing is said about the transaction.
    Ledger = 4,
    /// One of the ledger's functions gave an answer that is none.
    Answer = 5,
    /// A mistake of this library.
    Internal = 6,
    /// Bytes are not the canonical encoding of what they should be.
    Encoding = 10,
    /// A verifying key breaks a rule of S1.
    Key = 11,
    /// A proof does not hold, or is none.
    Proof = 12,
    /// A transaction breaks a rule of the ledger (L1 to L3).
    Rejected = 13,
    /// A delta of the registry or of the sanctions list does not follow.
    Delta = 14,
    /// A tree is full.
    Full = 15,
}

/// Why a call failed: texts that end with a zero byte.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct VeilpayError {
    /// The status that was returned.
    pub status: VeilpayStatus,
    /// The rule that was broken, such as `L3.10` or `S1`; empty where there is none.
    pub rule: [c_char; 16],
    /// The rule's stable name for machines, such as `nullifier_seen`; empty where there is none.
    pub code: [c_char; 48],
    /// A sentence for people.
    pub message: [c_char; 256],
}

/// A failure on its way out.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: VeilpayStatus,
    rule: String,
    code: &'static str,
    message: String,
}

impl Failure {
    pub(crate) fn new(status: VeilpayStatus, message: impl Into<String>) -> Self {
        Self { status, rule: String::new(), code: "", message: message.into() }
    }

    /// Of a set of keys that S1 refuses.
    pub(crate) fn key(message: String) -> Self {
        Self { rule: "S1".to_owned(), code: "key", ..Self::new(VeilpayStatus::Key, message) }
    }

    /// Of an error whose text begins with its rule and a colon.
    fn of_rule(status: VeilpayStatus, code: &'static str, error: &dyn core::error::Error) -> Self {
        let text = error.to_string();
        let (rule, message) = text.split_once(": ").unwrap_or(("", &text));
        Self { status, rule: rule.to_owned(), code, message: message.to_owned() }
    }
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        Self::of_rule(VeilpayStatus::Rejected, rejection.code(), &rejection)
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        Self::of_rule(VeilpayStatus::Key, "key", &error)
    }
}

impl From<VerifyError> for Failure {
    fn from(error: VerifyError) -> Self {
        if error == VerifyError::NoKey {
            return Self::new(VeilpayStatus::Index, error.to_string());
        }
        Self { rule: "L2.7".to_owned(), code: "proof", ..Self::new(VeilpayStatus::Proof, error.to_string()) }
    }
}

impl From<FieldError> for Failure {
    fn from(error: FieldError) -> Self {
        Self::new(VeilpayStatus::Encoding, error.to_string())
    }
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Self {
        Self::new(VeilpayStatus::Encoding, error.to_string())
    }
}

impl From<JsonError> for Failure {
    fn from(error: JsonError) -> Self {
        if let JsonError::Key(error) = error {
            return error.into();
        }
        Self::new(VeilpayStatus::Encoding, error.to_string())
    }
}

impl From<DeltaError> for Failure {
    fn from(error: DeltaError) -> Self {
        Self::of_rule(VeilpayStatus::Delta, "delta", &error)
    }
}

impl From<TreeError> for Failure {
    fn from(error: TreeError) -> Self {
        Self::new(VeilpayStatus::Full, error.to_string())
    }
}

/// Copies as much of a text as fits before a zero byte, up to a whole character.
fn put<const N: usize>(text: &str) -> [c_char; N] {
    let mut out = [0; N];
    let end = (0..=text.len().min(N - 1)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    for (slot, byte) in out.iter_mut().zip(&text.as_bytes()[..end]) {
        *slot = byte.cast_signed() as c_char;
    }
    out
}

/// Runs `body`; what goes wrong is written to `error`, where there is one.
///
/// # Safety
/// `error` is null or may be written.
pub(crate) unsafe fn guard(error: *mut VeilpayError, body: impl FnOnce() -> Result<(), Failure>) -> VeilpayStatus {
    let result = catch_unwind(AssertUnwindSafe(body))
        .unwrap_or_else(|_| Err(Failure::new(VeilpayStatus::Internal, "the library failed: please report it")));
    let Err(failure) = result else { return VeilpayStatus::Ok };
    if !error.is_null() {
        let (rule, code, message) = (put(&failure.rule), put(failure.code), put(&failure.message));
        // SAFETY: the caller lets us write there.
        unsafe { error.write(VeilpayError { status: failure.status, rule, code, message }) };
    }
    failure.status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_at_a_whole_character() {
        let cut = put::<4>("aé€");
        assert_eq!(cut.map(|byte| byte as u8), [b'a', 0xc3, 0xa9, 0]);
        assert_eq!(put::<4>("ab€").map(|byte| byte as u8), [b'a', b'b', 0, 0]);
    }

    #[test]
    fn a_panic_becomes_a_status_and_a_null_error_is_left_alone() {
        std::panic::set_hook(Box::new(|_| ()));
        // SAFETY: null is not written.
        let status = unsafe { guard(core::ptr::null_mut(), || panic!("on purpose")) };
        let _ = std::panic::take_hook();
        assert_eq!(status, VeilpayStatus::Internal);
    }
}
