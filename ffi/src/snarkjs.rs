//! Proofs of any circuit, in the JSON of snarkjs.

use veilpay_verifier::formats::snarkjs::{read_key, read_proof, read_public};
use veilpay_verifier::{PreparedPoints, VerifyError};

use crate::bytes::{Place, slice, take_back, value};
use crate::status::{VeilpayError, VeilpayStatus, guard};

/// A verifying key of a stranger's circuit that obeys S1. It does not change.
pub struct VeilpaySnarkjsKey(PreparedPoints);

/// Takes a `verification_key.json`, which must obey S1.
///
/// # Safety
/// The bytes are there; `out` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_snarkjs_key_new(
    json: *const u8,
    length: usize,
    out: *mut *mut VeilpaySnarkjsKey,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: `out` may be written, says the caller.
        let out = unsafe { Place::new(out, "out") }?;
        // SAFETY: the bytes are there, says the caller.
        let json = unsafe { slice(json, length, "json") }?;
        out.give(VeilpaySnarkjsKey(PreparedPoints::new(&read_key(json)?)?));
        Ok(())
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}

/// Whether a `proof.json` holds for a `public.json`. `VEILPAY_STATUS_OK` and nothing else says that it holds.
///
/// # Safety
/// `key` came from `veilpay_snarkjs_key_new`; the bytes are there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_snarkjs_verify(
    key: *const VeilpaySnarkjsKey,
    proof: *const u8,
    proof_length: usize,
    inputs: *const u8,
    inputs_length: usize,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: a key or null, says the caller.
        let key = unsafe { value(key, "key") }?;
        // SAFETY: the bytes are there, says the caller.
        let proof = unsafe { slice(proof, proof_length, "proof") }?;
        // SAFETY: and these.
        let inputs = unsafe { slice(inputs, inputs_length, "inputs") }?;
        let (proof, inputs) = (read_proof(proof)?, read_public(inputs)?);
        key.0.verify(&inputs, &proof).map_err(VerifyError::into)
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}

/// Gives a key back.
///
/// # Safety
/// `key` is null or came from `veilpay_snarkjs_key_new`, and is given back once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_snarkjs_key_free(key: *mut VeilpaySnarkjsKey) {
    // SAFETY: as said above.
    unsafe { take_back(key) }
}
