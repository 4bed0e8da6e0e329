//! Null, wherever a pointer is taken.

use core::ptr::{null, null_mut};

use veilpay::VeilpayStatus;
use veilpay::lists::*;
use veilpay::notes::*;
use veilpay::parameters::veilpay_parameters;
use veilpay::snarkjs::*;
use veilpay::transaction::*;
use veilpay::verifier::*;

#[test]
fn null_is_refused_everywhere() {
    let expected = VeilpayStatus::Null;
    // SAFETY: null is what these functions must bear.
    unsafe {
        assert_eq!(veilpay_verifier_new(null(), 1, null_mut(), null_mut()), expected);
        assert_eq!(veilpay_verifier_key_digest(null(), 1, 1, null_mut(), null_mut()), expected);
        assert_eq!(veilpay_verify(null(), 1, 1, null(), 23, null(), 128, null_mut()), expected);
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
