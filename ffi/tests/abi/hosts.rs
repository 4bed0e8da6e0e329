//! Ledgers whose functions fail, answer nonsense or are missing; what a valid transaction changes.

use core::ffi::c_void;
use core::ptr::null_mut;

use veilpay::VeilpayStatus;
use veilpay::transaction::*;
use veilpay::verifier::veilpay_verifier_free;

use crate::calls::{Answers, FUNCTIONS, check, file, ledger, no_error, verifier};

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

unsafe extern "C-unwind" fn yes_without_a_fee(_: *mut c_void, _: *const u8, _: *mut u64) -> i32 {
    1
}
/// Superseded, without saying when.
unsafe extern "C-unwind" fn superseded(_: *mut c_void, _: *const u8, _: *mut u64) -> i32 {
    2
}
/// Superseded a second after the last block of the history.
unsafe extern "C-unwind" fn superseded_later(_: *mut c_void, _: *const u8, at: *mut u64) -> i32 {
    // SAFETY: the library gives a place.
    unsafe { at.write(crate::calls::number("time") + 1) };
    2
}

#[test]
fn an_answer_without_its_value_is_no_free_transaction_and_no_root_without_end() {
    let verifier = verifier();
    let mut answers = Answers::default();
    let good = ledger(&mut answers);
    let verified = check(verifier, &good, &file("shield.tx"));
    let settle = |ledger: &veilpay::ledger::VeilpayLedger, now: u64| {
        let mut out = null_mut();
        // SAFETY: all are there.
        let status = unsafe { veilpay_transaction_settle(verified, ledger, now, &raw mut out, null_mut()) };
        // SAFETY: null or just made.
        unsafe { veilpay_effects_free(out) };
        status
    };
    let time = good.time;
    let free = veilpay::ledger::VeilpayLedger { minimum_fee: Some(yes_without_a_fee), ..good };
    assert_eq!(settle(&free, time), VeilpayStatus::Rejected);
    for sanctions in [false, true] {
        let of = |function| {
            let mut ledger = good;
            *if sanctions { &mut ledger.sanctions_root_status } else { &mut ledger.registry_root_status } = function;
            ledger
        };
        assert_eq!(settle(&of(Some(superseded)), time), VeilpayStatus::Answer);
        assert_eq!(settle(&of(Some(superseded_later)), time), VeilpayStatus::Answer);
        assert_eq!(settle(&of(Some(superseded_later)), time + 1), VeilpayStatus::Ok, "the machine's clock is there");
    }
    // SAFETY: made above, once each.
    unsafe { veilpay_verified_free(verified) };
    // SAFETY: the same.
    unsafe { veilpay_verifier_free(verifier) };
}
