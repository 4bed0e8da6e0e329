//! The note tree, as a ledger keeps it: its right edge, enough to append and to know the root (N2).

use veilpay_ledger::NoteFrontier;
use veilpay_protocol::note::NoteCommitment;

use crate::bytes::{Place, slice, take_back, value, value_mut, word};
use crate::status::{Failure, VeilpayError, VeilpayStatus, guard};

/// The right edge of a note tree.
pub struct VeilpayNotes(NoteFrontier);

/// Bytes that `veilpay_notes_save` writes at most.
pub const VEILPAY_NOTES_BYTES: usize = 8 + 16 * (4 + 4 * 32);

/// Makes an empty tree.
///
/// # Safety
/// `out` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_notes_new(out: *mut *mut VeilpayNotes, error: *mut VeilpayError) -> VeilpayStatus {
    let body = || {
        // SAFETY: `out` may be written, says the caller.
        unsafe { Place::new(out, "out") }?.give(VeilpayNotes(NoteFrontier::default()));
        Ok(())
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}

/// Takes up a tree that `veilpay_notes_save` wrote.
///
/// # Safety
/// The bytes are there; `out` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_notes_load(
    bytes: *const u8,
    length: usize,
    out: *mut *mut VeilpayNotes,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: `out` may be written, says the caller.
        let out = unsafe { Place::new(out, "out") }?;
        // SAFETY: the bytes are there, says the caller.
        let bytes = unsafe { slice(bytes, length, "bytes") }?;
        out.give(VeilpayNotes(NoteFrontier::from_bytes(bytes)?));
        Ok(())
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}

/// Writes the tree to at most `capacity` bytes and their number to `length`; `VEILPAY_NOTES_BYTES` are always enough.
///
/// With too little room it returns `VEILPAY_STATUS_LENGTH`, and `length` is what the tree takes: ask with a capacity of 0, then with that.
///
/// # Safety
/// `notes` is a tree; `out` takes `capacity` bytes, and may be null when that is 0; `length` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_notes_save(
    notes: *const VeilpayNotes,
    out: *mut u8,
    capacity: usize,
    length: *mut usize,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: a tree or null, says the caller.
        let bytes = unsafe { value(notes, "notes") }?.0.to_bytes();
        // SAFETY: `length` may be written, says the caller.
        let length = unsafe { Place::new(length, "length") }?;
        if bytes.len() > capacity {
            length.put(bytes.len());
            return Err(Failure::new(VeilpayStatus::Length, format!("the tree takes {} bytes", bytes.len())));
        }
        // SAFETY: `out` may be written, says the caller.
        let out = unsafe { Place::new(out, "out") }?;
        // SAFETY: `capacity` bytes may be written, says the caller, and these are no more.
        unsafe { out.put_all(&bytes) };
        length.put(bytes.len());
        Ok(())
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}

/// Appends a commitment of 32 bytes and writes its position, where that is asked for.
///
/// # Safety
/// `notes` is a tree that nobody else uses; `commitment` has 32 bytes; `position` may be written or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_notes_append(
    notes: *mut VeilpayNotes,
    commitment: *const u8,
    position: *mut u64,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: a tree of the caller's own or null.
        let notes = unsafe { value_mut(notes, "notes") }?;
        // SAFETY: 32 bytes are there, says the caller.
        let commitment = NoteCommitment::from_bytes(&unsafe { word(commitment, "commitment") }?)?;
        let at = notes.0.append(commitment.to_field())?;
        // SAFETY: `position` may be written or is null, says the caller.
        if let Ok(position) = unsafe { Place::new(position, "position") } {
            position.put(at);
        }
        Ok(())
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}

/// Writes the root of the tree, 32 bytes.
///
/// # Safety
/// `notes` is a tree; `out` takes 32 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_notes_root(
    notes: *const VeilpayNotes,
    out: *mut u8,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: a tree or null, says the caller.
        let notes = unsafe { value(notes, "notes") }?;
        // SAFETY: 32 bytes may be written, says the caller.
        let out = unsafe { Place::new(out.cast::<[u8; 32]>(), "out") }?;
        out.put(veilpay_protocol::note::NoteRoot::new(notes.0.root()).to_bytes());
        Ok(())
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}

/// The number of notes; 0 for null.
///
/// # Safety
/// `notes` is a tree or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_notes_count(notes: *const VeilpayNotes) -> u64 {
    // SAFETY: a tree or null, says the caller.
    unsafe { notes.as_ref() }.map_or(0, |notes| notes.0.size())
}

/// Gives a tree back.
///
/// # Safety
/// `notes` is null or came from this library, and is given back once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_notes_free(notes: *mut VeilpayNotes) {
    // SAFETY: as said above.
    unsafe { take_back(notes) }
}
