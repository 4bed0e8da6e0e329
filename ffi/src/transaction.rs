//! Whether a transaction is valid, and what it changes.
//!
//! In two steps, as the rules are: `veilpay_transaction_check` decodes and verifies signatures and proof, which takes
//! milliseconds, needs no lock and may run on many threads; `veilpay_transaction_settle` asks the ledger's state, which takes
//! microseconds and is done under the lock that holds until the effects are stored.

use veilpay_ledger::{Effects, Verified, rules};
use veilpay_protocol::encryption::NoteCiphertext;

use crate::bytes::{Place, slice, take_back, value};
use crate::ledger::{VeilpayLedger, View};
use crate::status::{Failure, VeilpayError, VeilpayStatus, guard};
use crate::verifier::VeilpayVerifier;

/// Bytes of a note's ciphertext.
pub const VEILPAY_CIPHERTEXT_BYTES: usize = 505;
const _: () = assert!(VEILPAY_CIPHERTEXT_BYTES == NoteCiphertext::LENGTH);

/// A transaction whose form, signatures and proof are right (L1, L2). It does not change.
pub struct VeilpayVerified(Verified);

/// What a valid transaction changes. It does not change itself.
pub struct VeilpayEffects(Effects);

/// A balance as it is after the transaction.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct VeilpayBalance {
    /// The transparent account, an Ed25519 key.
    pub account: [u8; 32],
    /// The asset.
    pub asset: [u8; 32],
    /// The new balance.
    pub amount: u64,
}

/// A pool as it is after the transaction.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct VeilpayPool {
    /// The asset.
    pub asset: [u8; 32],
    /// The circuit version.
    pub version: u16,
    /// What the pool holds.
    pub amount: u64,
}

/// What a valid transaction changes, in numbers.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct VeilpayEffectsInfo {
    /// The transaction's identifier.
    pub txid: [u8; 32],
    /// The height of the ledger that it was settled against. Effects are void on every other state: at another height, and at
    /// the same one after a rollback, a change of a circuit's version, of a root or of a balance.
    pub height: u64,
    /// The epoch of the trace tag.
    pub epoch: u64,
    /// The trace tag to add.
    pub trace_tag: [u8; 32],
    /// The pool to set.
    pub pool: VeilpayPool,
    /// Nullifiers to add.
    pub nullifiers: usize,
    /// Notes to append, in order.
    pub notes: usize,
    /// Balances to set, each account at most once.
    pub balances: usize,
}

/// Rules L1.1 to L2.7: decodes a transaction and verifies its signatures and its proof.
///
/// Of the ledger its identifier, its parameters and its height are read, and `circuit_status` is asked.
///
/// # Safety
/// `verifier` is a verifier, `ledger` a ledger; the bytes are there; `out` may be written. Nobody writes `*ledger` or the bytes while the
/// call lasts: without a lock, give a copy of the struct that was taken under it. `circuit_status` is called, which may take a lock of its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_transaction_check(
    verifier: *const VeilpayVerifier,
    ledger: *const VeilpayLedger,
    bytes: *const u8,
    length: usize,
    out: *mut *mut VeilpayVerified,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: a verifier or null, says the caller.
        let verifier = unsafe { value(verifier, "verifier") }?;
        // SAFETY: a ledger or null, says the caller.
        let ledger = unsafe { value(ledger, "ledger") }?;
        // SAFETY: its functions may be called, says the caller.
        let view = unsafe { View::new(ledger, 0) }?;
        // SAFETY: the bytes are there, says the caller.
        let bytes = unsafe { slice(bytes, length, "bytes") }?;
        // SAFETY: `out` may be written, says the caller.
        let out = unsafe { Place::new(out, "out") }?;
        let transaction = rules::decode(bytes)?;
        view.finish(rules::structural(&transaction, &view).map_err(Failure::from))?;
        out.give(VeilpayVerified(rules::semantic(&transaction, verifier.0.verifier())?));
        Ok(())
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}

/// Rules L3.1 to L3.18, and once more those of L1 that the ledger's height decides: what the transaction changes.
///
/// `now` is the machine's clock, unix seconds. The effects must be stored all or not at all, under the lock that this
/// call was made under, before anything else is settled or rolled back.
///
/// # Safety
/// `verified` came from `veilpay_transaction_check`; `ledger` is a ledger whose functions may be called; `out` may be written. Nobody writes
/// `*ledger`, nor what its functions read, while the call lasts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_transaction_settle(
    verified: *const VeilpayVerified,
    ledger: *const VeilpayLedger,
    now: u64,
    out: *mut *mut VeilpayEffects,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: a verified transaction or null, says the caller.
        let verified = unsafe { value(verified, "verified") }?;
        // SAFETY: a ledger or null, says the caller.
        let ledger = unsafe { value(ledger, "ledger") }?;
        // SAFETY: its functions may be called, says the caller.
        let view = unsafe { View::new(ledger, now) }?;
        // SAFETY: `out` may be written, says the caller.
        let out = unsafe { Place::new(out, "out") }?;
        let verdict = rules::contextual(&verified.0, &view, now).map_err(Failure::from);
        out.give(VeilpayEffects(view.finish(verdict)?));
        Ok(())
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}

/// Writes the 32 bytes of a verified transaction's identifier.
///
/// # Safety
/// `verified` came from `veilpay_transaction_check`; `out` takes 32 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_verified_txid(
    verified: *const VeilpayVerified,
    out: *mut u8,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: a verified transaction or null, says the caller.
        let verified = unsafe { value(verified, "verified") }?;
        // SAFETY: 32 bytes may be written, says the caller.
        let out = unsafe { Place::new(out.cast::<[u8; 32]>(), "out") }?;
        out.put(*verified.0.txid().as_bytes());
        Ok(())
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}

/// Gives a verified transaction back.
///
/// # Safety
/// `verified` is null or came from `veilpay_transaction_check`, and is given back once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_verified_free(verified: *mut VeilpayVerified) {
    // SAFETY: as said above.
    unsafe { take_back(verified) }
}

/// Writes what a valid transaction changes, in numbers.
///
/// # Safety
/// `effects` came from `veilpay_transaction_settle`; `out` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_effects_info(
    effects: *const VeilpayEffects,
    out: *mut VeilpayEffectsInfo,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: effects or null, says the caller.
        let effects = &unsafe { value(effects, "effects") }?.0;
        // SAFETY: `out` may be written, says the caller.
        let out = unsafe { Place::new(out, "out") }?;
        let (epoch, tag) = effects.trace_tag();
        let (pool, amount) = effects.pool();
        out.put(VeilpayEffectsInfo {
            txid: *effects.txid().as_bytes(),
            height: effects.height(),
            epoch,
            trace_tag: tag.to_bytes(),
            pool: VeilpayPool { asset: pool.asset.to_bytes(), version: pool.version, amount },
            nullifiers: effects.nullifiers().len(),
            notes: effects.notes().count(),
            balances: effects.balances().len(),
        });
        Ok(())
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}

fn no_such() -> Failure {
    Failure::new(VeilpayStatus::Index, "there are not so many")
}

/// Writes the nullifier with this number, 32 bytes.
///
/// # Safety
/// `effects` came from `veilpay_transaction_settle`; `out` takes 32 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_effects_nullifier(
    effects: *const VeilpayEffects,
    index: usize,
    out: *mut u8,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: effects or null, says the caller.
        let effects = &unsafe { value(effects, "effects") }?.0;
        // SAFETY: 32 bytes may be written, says the caller.
        let out = unsafe { Place::new(out.cast::<[u8; 32]>(), "out") }?;
        out.put(effects.nullifiers().get(index).ok_or_else(no_such)?.to_bytes());
        Ok(())
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}

/// Writes the commitment of the note with this number, 32 bytes, and its ciphertext, `VEILPAY_CIPHERTEXT_BYTES`.
///
/// # Safety
/// `effects` came from `veilpay_transaction_settle`; both places take as many bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_effects_note(
    effects: *const VeilpayEffects,
    index: usize,
    commitment: *mut u8,
    ciphertext: *mut u8,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: effects or null, says the caller.
        let effects = &unsafe { value(effects, "effects") }?.0;
        // SAFETY: 32 bytes may be written, says the caller.
        let commitment = unsafe { Place::new(commitment.cast::<[u8; 32]>(), "commitment") }?;
        // SAFETY: a ciphertext may be written, says the caller.
        let ciphertext = unsafe { Place::new(ciphertext, "ciphertext") }?;
        let (note, sealed) = effects.notes().nth(index).ok_or_else(no_such)?;
        commitment.put(note.to_bytes());
        // SAFETY: the caller gives `VEILPAY_CIPHERTEXT_BYTES`, and these are as many.
        unsafe { ciphertext.put_all(&sealed.to_bytes()) };
        Ok(())
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}

/// Writes the balance with this number.
///
/// # Safety
/// `effects` came from `veilpay_transaction_settle`; `out` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_effects_balance(
    effects: *const VeilpayEffects,
    index: usize,
    out: *mut VeilpayBalance,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: effects or null, says the caller.
        let effects = &unsafe { value(effects, "effects") }?.0;
        // SAFETY: `out` may be written, says the caller.
        let out = unsafe { Place::new(out, "out") }?;
        let balance = effects.balances().get(index).ok_or_else(no_such)?;
        let (account, asset) = (*balance.account.as_bytes(), balance.asset.to_bytes());
        out.put(VeilpayBalance { account, asset, amount: balance.amount });
        Ok(())
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}

/// Gives effects back.
///
/// # Safety
/// `effects` is null or came from `veilpay_transaction_settle`, and is given back once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_effects_free(effects: *mut VeilpayEffects) {
    // SAFETY: as said above.
    unsafe { take_back(effects) }
}
