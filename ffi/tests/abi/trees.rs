//! The note tree and the issuer's lists.

use core::ptr::null_mut;

use veilpay::VeilpayStatus;
use veilpay::lists::*;
use veilpay::notes::*;

use crate::calls::{file, no_error, word};

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
        let needed = core::mem::take(&mut length);
        let asked = veilpay_notes_save(notes, null_mut(), 0, &raw mut length, null_mut());
        assert_eq!((asked, length), (VeilpayStatus::Length, needed));
        assert_eq!(save(&mut bytes[..needed - 1], &mut length), VeilpayStatus::Length);
        assert_eq!(bytes, [0; VEILPAY_NOTES_BYTES], "nothing was written");
        assert_eq!(save(&mut bytes[..needed], &mut length), VeilpayStatus::Ok);
        assert_eq!(length, needed);
        let asked = veilpay_notes_save(notes, null_mut(), needed, &raw mut length, null_mut());
        assert_eq!(asked, VeilpayStatus::Null);
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
