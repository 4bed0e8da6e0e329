//! The registry and the sanctions list, as a ledger keeps them: it applies the issuer's signed deltas and knows the roots
//! (C2 to C4). A node that starts again applies the deltas that it has kept.

use ed25519_dalek::VerifyingKey;
use veilpay_protocol::registry::{DeltaError, DeltaKind, Registry, SanctionsList, SignedDelta};
use veilpay_protocol::transaction::LedgerId;

use crate::bytes::{Place, slice, take_back, value, value_mut, word};
use crate::status::{Failure, VeilpayError, VeilpayStatus, guard};

/// The registry and the sanctions list of one ledger.
pub struct VeilpayLists {
    ledger: LedgerId,
    issuer: VerifyingKey,
    registry: Registry,
    sanctions: SanctionsList,
}

/// Makes the empty lists of a ledger, which are the issuer's to change: both 32 bytes, the issuer's an Ed25519 key.
///
/// # Safety
/// `ledger_id` and `issuer` have 32 bytes; `out` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_lists_new(
    ledger_id: *const u8,
    issuer: *const u8,
    out: *mut *mut VeilpayLists,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: `out` may be written, says the caller.
        let out = unsafe { Place::new(out, "out") }?;
        // SAFETY: 32 bytes are there, says the caller.
        let ledger = LedgerId::new(unsafe { word(ledger_id, "ledger_id") }?);
        // SAFETY: and there.
        let issuer = unsafe { word(issuer, "issuer") }?;
        let issuer = VerifyingKey::from_bytes(&issuer).ok().filter(|key| !key.is_weak());
        let issuer =
            issuer.ok_or_else(|| Failure::new(VeilpayStatus::Encoding, "the issuer's key is no Ed25519 key"))?;
        out.give(VeilpayLists { ledger, issuer, registry: Registry::default(), sanctions: SanctionsList::default() });
        Ok(())
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}

/// A delta whose signature is the issuer's.
fn decode<K: DeltaKind>(lists: &VeilpayLists, bytes: &[u8]) -> Result<SignedDelta<K>, Failure> {
    let delta = SignedDelta::<K>::from_bytes(bytes)?;
    delta.check_signature(&lists.ledger, &lists.issuer)?;
    Ok(delta)
}

/// Applies one of the lists' deltas.
///
/// # Safety
/// As of the two functions that call it.
unsafe fn apply<K: DeltaKind>(
    lists: *mut VeilpayLists,
    bytes: *const u8,
    length: usize,
    error: *mut VeilpayError,
    change: impl FnOnce(&mut VeilpayLists, &SignedDelta<K>) -> Result<(), DeltaError>,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: lists of the caller's own or null.
        let lists = unsafe { value_mut(lists, "lists") }?;
        // SAFETY: the bytes are there, says the caller.
        let bytes = unsafe { slice(bytes, length, "bytes") }?;
        let delta = decode(lists, bytes)?;
        Ok(change(lists, &delta)?)
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}

/// Applies a signed delta of the registry; when it is refused nothing changes.
///
/// # Safety
/// `lists` are lists that nobody else uses; the bytes are there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_lists_apply_registry(
    lists: *mut VeilpayLists,
    bytes: *const u8,
    length: usize,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    // SAFETY: as said above.
    unsafe { apply(lists, bytes, length, error, |lists, signed| lists.registry.apply(&signed.delta)) }
}

/// Applies a signed delta of the sanctions list; when it is refused nothing changes.
///
/// # Safety
/// `lists` are lists that nobody else uses; the bytes are there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_lists_apply_sanctions(
    lists: *mut VeilpayLists,
    bytes: *const u8,
    length: usize,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    // SAFETY: as said above.
    unsafe { apply(lists, bytes, length, error, |lists, signed| lists.sanctions.apply(&signed.delta)) }
}

/// Writes the roots of the registry and of the sanctions list, 32 bytes each.
///
/// # Safety
/// `lists` are lists; both places take 32 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_lists_roots(
    lists: *const VeilpayLists,
    registry_root: *mut u8,
    sanctions_root: *mut u8,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: lists or null, says the caller.
        let lists = unsafe { value(lists, "lists") }?;
        // SAFETY: 32 bytes may be written, says the caller.
        let registry_root = unsafe { Place::new(registry_root.cast::<[u8; 32]>(), "registry_root") }?;
        // SAFETY: and there.
        let sanctions_root = unsafe { Place::new(sanctions_root.cast::<[u8; 32]>(), "sanctions_root") }?;
        registry_root.put(lists.registry.root().to_bytes());
        sanctions_root.put(lists.sanctions.root().to_bytes());
        Ok(())
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}

/// Gives lists back.
///
/// # Safety
/// `lists` is null or came from `veilpay_lists_new`, and is given back once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_lists_free(lists: *mut VeilpayLists) {
    // SAFETY: as said above.
    unsafe { take_back(lists) }
}
