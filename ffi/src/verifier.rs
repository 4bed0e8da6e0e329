//! Verifying keys and proofs.

use veilpay_protocol::field::{Fr, fr_from_bytes};
use veilpay_verifier::{Batch, BatchError, VerifyError, VerifyingKey};

use crate::bytes::{Place, slice, take_back, value};
use crate::keys::Keys;
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

/// The verifying keys of a node, one per circuit and version. It does not change.
pub struct VeilpayVerifier(pub(crate) Keys);

/// Makes a verifier of `count` key files (`transfer_2x3.vk` and so on), of any versions, each of which must obey S1.
///
/// Every transaction is verified under the key of its own version, so one version may be drained while another is active.
/// Two keys for one version, and one key's points in two, are refused with `VEILPAY_STATUS_KEY`.
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
        let mut decoded = Vec::new();
        // SAFETY: `count` values are at `keys`, says the caller.
        for key in unsafe { slice(keys, count, "keys") }? {
            // SAFETY: each names bytes that are there, says the caller.
            let bytes = unsafe { slice(key.data, key.length, "a key") }?;
            decoded.push(VerifyingKey::from_bytes_of_any_version(bytes)?);
        }
        out.give(VeilpayVerifier(Keys::new(&decoded)?));
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

/// Writes the 32 bytes by which sighashes name the key of a circuit's version: compare them with those that your network publishes.
///
/// # Safety
/// `verifier` is a verifier; `out` takes 32 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_verifier_key_digest(
    verifier: *const VeilpayVerifier,
    circuit: u8,
    version: u16,
    out: *mut u8,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: a verifier or null, says the caller.
        let verifier = unsafe { value(verifier, "verifier") }?;
        // SAFETY: 32 bytes may be written, says the caller.
        let out = unsafe { Place::new(out.cast::<[u8; 32]>(), "out") }?;
        out.put(*verifier.0.get(circuit, version)?.digest());
        Ok(())
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}

/// Whether a proof of 128 bytes holds for the public inputs of a circuit's version, `input_count` times 32 bytes big-endian.
///
/// `VEILPAY_STATUS_OK` and nothing else says that it holds.
///
/// # Safety
/// `verifier` is a verifier; the inputs and the proof are there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_verify(
    verifier: *const VeilpayVerifier,
    circuit: u8,
    version: u16,
    inputs: *const u8,
    input_count: usize,
    proof: *const u8,
    proof_length: usize,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: a verifier or null, says the caller.
        let verifier = unsafe { value(verifier, "verifier") }?;
        let key = verifier.0.get(circuit, version)?;
        let expected = key.info().circuit.public_inputs();
        if input_count != expected {
            return Err(VerifyError::InputCount { expected, given: input_count }.into());
        }
        // SAFETY: the inputs are there, says the caller.
        let inputs = unsafe { elements(inputs, input_count) }?;
        // SAFETY: so is the proof.
        let proof = unsafe { slice(proof, proof_length, "proof") }?;
        Ok(key.verify_inputs_bytes(&inputs, proof)?)
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}

/// `count` field elements of 32 bytes.
///
/// # Safety
/// They are there.
unsafe fn elements(inputs: *const u8, count: usize) -> Result<Vec<Fr>, Failure> {
    // SAFETY: says the caller; arrays of bytes have no alignment.
    let inputs = unsafe { slice(inputs.cast::<[u8; 32]>(), count, "inputs") }?;
    Ok(inputs.iter().map(fr_from_bytes).collect::<Result<_, _>>()?)
}

/// A proof among many.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct VeilpayProof {
    /// The circuit, one of `VeilpayCircuit`.
    pub circuit: u8,
    /// Its version.
    pub version: u16,
    /// The public inputs, 32 bytes each.
    pub inputs: *const u8,
    /// How many there are.
    pub input_count: usize,
    /// The proof.
    pub proof: *const u8,
    /// Its length.
    pub proof_length: usize,
}

/// Whether `count` proofs hold, in a fraction of the time that one after the other takes.
///
/// `VEILPAY_STATUS_OK`: all do. `VEILPAY_STATUS_PROOF`: some do not, and `verdicts`, which may be null and else takes `count` bytes, has 1
/// for each that holds and 0 for each that does not. Any other status: nothing was verified, and nothing is written; so it
/// is when an input is no field element or there is no key for a version.
///
/// # Safety
/// `verifier` is a verifier; `proofs` points to `count` values whose bytes are there; `verdicts` takes `count` bytes or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_verify_batch(
    verifier: *const VeilpayVerifier,
    proofs: *const VeilpayProof,
    count: usize,
    verdicts: *mut u8,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: a verifier or null, says the caller.
        let verifier = unsafe { value(verifier, "verifier") }?;
        let mut batch = Batch::new();
        // SAFETY: `count` values are at `proofs`, says the caller.
        for given in unsafe { slice(proofs, count, "proofs") }? {
            // SAFETY: their inputs are there.
            let inputs = unsafe { elements(given.inputs, given.input_count) }?;
            // SAFETY: and their proofs.
            let proof = unsafe { slice(given.proof, given.proof_length, "a proof") }?;
            let key = verifier.0.get(given.circuit, given.version)?;
            batch.push_inputs(key, &inputs, proof);
        }
        let refusals = match batch.verify() {
            Ok(()) => Vec::new(),
            Err(BatchError::Refused(refusals)) => refusals,
            Err(error) => return Err(Failure::new(VeilpayStatus::Internal, error.to_string())),
        };
        let mut holds = vec![1; count];
        refusals.iter().for_each(|refusal| holds[refusal.index] = 0);
        // SAFETY: `verdicts` takes `count` bytes or is null, says the caller.
        if let Ok(verdicts) = unsafe { Place::new(verdicts, "verdicts") } {
            // SAFETY: the same.
            unsafe { verdicts.put_all(&holds) };
        }
        refusals.first().map_or(Ok(()), |first| Err(first.error.into()))
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}
