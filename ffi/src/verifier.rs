//! Verifying keys and proofs.

use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::fr_from_bytes;
use veilpay_verifier::{PreparedVerifyingKey, Proof, Verifier, VerifyError, VerifyingKey};

use crate::bytes::{Place, slice, take_back, value};
use crate::status::{Failure, VeilpayError, VeilpayStatus, guard};

/// A circuit, by the code that keys and transactions carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum VeilpayCircuit {
    /// A payment of two notes into three; 23 public inputs.
    Transfer2x3 = 1,
    /// A consolidation of eight notes into two; 27 public inputs.
    Transfer8x2 = 2,
    /// A proof of identity without a payment; 17 public inputs.
    Identity = 3,
    /// A proof of one's own account to the issuer; 4 public inputs.
    Enrol = 4,
}

/// Bytes of a proof.
pub const VEILPAY_PROOF_BYTES: usize = 128;

/// Some bytes of the caller's.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct VeilpayBytes {
    /// The first.
    pub data: *const u8,
    /// How many.
    pub length: usize,
}

/// The verifying keys of a node, one per circuit at most. It does not change.
pub struct VeilpayVerifier(pub(crate) Verifier);

fn circuit(code: u8) -> Result<CircuitId, Failure> {
    CircuitId::from_code(code).ok_or_else(|| Failure::new(VeilpayStatus::Index, "no circuit has this code"))
}

/// Makes a verifier of `count` key files (`transfer_2x3.vk` and so on), each of which must obey S1.
///
/// # Safety
/// `keys` points to `count` values whose bytes are there; `out` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_verifier_new(
    keys: *const VeilpayBytes,
    count: usize,
    out: *mut *mut VeilpayVerifier,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: `out` may be written, says the caller.
        let out = unsafe { Place::new(out, "out") }?;
        let mut prepared = Vec::new();
        // SAFETY: `count` values are at `keys`, says the caller.
        for key in unsafe { slice(keys, count, "keys") }? {
            // SAFETY: each names bytes that are there, says the caller.
            let bytes = unsafe { slice(key.data, key.length, "a key") }?;
            prepared.push(PreparedVerifyingKey::new(&VerifyingKey::from_bytes(bytes)?)?);
        }
        out.give(VeilpayVerifier(Verifier::new(prepared)?));
        Ok(())
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}

/// Gives a verifier back; nothing of it may be in use.
///
/// # Safety
/// `verifier` is null or came from `veilpay_verifier_new`, and is given back once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_verifier_free(verifier: *mut VeilpayVerifier) {
    // SAFETY: as said above.
    unsafe { take_back(verifier) }
}

/// Writes the 32 bytes by which sighashes name the key of a circuit: compare them with those that your network publishes.
///
/// # Safety
/// `verifier` is a verifier; `out` takes 32 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_verifier_key_digest(
    verifier: *const VeilpayVerifier,
    circuit_code: u8,
    out: *mut u8,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: a verifier or null, says the caller.
        let verifier = unsafe { value(verifier, "verifier") }?;
        // SAFETY: 32 bytes may be written, says the caller.
        let out = unsafe { Place::new(out.cast::<[u8; 32]>(), "out") }?;
        let key = verifier.0.key(circuit(circuit_code)?).ok_or(VerifyError::NoKey)?;
        out.put(*key.digest());
        Ok(())
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}

/// Whether a proof of 128 bytes holds for a circuit's public inputs, `input_count` times 32 bytes big-endian.
///
/// `VEILPAY_STATUS_OK` and nothing else says that it holds.
///
/// # Safety
/// `verifier` is a verifier; the inputs and the proof are there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_verify(
    verifier: *const VeilpayVerifier,
    circuit_code: u8,
    inputs: *const u8,
    input_count: usize,
    proof: *const u8,
    proof_length: usize,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: a verifier or null, says the caller.
        let verifier = unsafe { value(verifier, "verifier") }?;
        let circuit = circuit(circuit_code)?;
        if input_count != circuit.public_inputs() {
            return Err(VerifyError::InputCount { expected: circuit.public_inputs(), given: input_count }.into());
        }
        // SAFETY: the inputs are there, 32 bytes each, says the caller; arrays of bytes have no alignment.
        let inputs = unsafe { slice(inputs.cast::<[u8; 32]>(), input_count, "inputs") }?;
        // SAFETY: so is the proof.
        let proof = unsafe { slice(proof, proof_length, "proof") }?;
        let inputs = inputs.iter().map(fr_from_bytes).collect::<Result<Vec<_>, _>>()?;
        let proof = Proof::from_bytes(proof).map_err(VerifyError::from)?;
        Ok(verifier.0.key(circuit).ok_or(VerifyError::NoKey)?.verify_inputs(&inputs, &proof)?)
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}
