//! `GET /v1/circuits` and `POST /v1/verify`.

use serde::{Deserialize, Serialize};
use veilpay_protocol::circuit::CircuitId;

use crate::text::{Base64, Hex32};

/// A circuit and its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circuit {
    /// The circuit.
    pub id: CircuitId,
    /// Its version.
    pub version: u16,
    /// Rank-1 constraints.
    pub constraints: usize,
    /// Public inputs, without the constant one.
    pub public_inputs: usize,
    /// Wires, the constant one and the public inputs among them.
    pub wires: usize,
    /// The evaluation domain's size, as a power of two.
    pub domain_log2: u32,
    /// Digest of the matrices.
    pub matrix_digest: Hex32,
    /// Digest of the verifying key; absent while no key was made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub vk_digest: Option<Hex32>,
    /// How the key was made: `dev` (insecure) or `ceremony`; absent while no key was made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub setup: Option<String>,
}

/// `GET /v1/circuits`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circuits {
    /// All circuits.
    pub circuits: Vec<Circuit>,
}

/// `GET /v1/circuits/{id}/verification-key`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerificationKey {
    /// The circuit.
    pub circuit: CircuitId,
    /// Its version.
    pub version: u16,
    /// `dev` or `ceremony`.
    pub setup: String,
    /// Digest of the key.
    pub digest: Hex32,
    /// The key in its native encoding.
    pub key: Base64,
}

/// `POST /v1/verify`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyRequest {
    /// The circuit.
    pub circuit: CircuitId,
    /// The public inputs in order, each `0x` and 64 hex digits.
    pub public_inputs: Vec<Hex32>,
    /// The proof, 128 bytes.
    pub proof: Base64,
}

/// `POST /v1/verify/batch`: proofs of any circuits that are served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyBatchRequest {
    /// The proofs, which are numbered from 0.
    pub proofs: Vec<VerifyRequest>,
}

/// A proof of a batch that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvalidProof {
    /// Its number.
    pub index: usize,
    /// The rule that it breaks.
    pub rule: String,
}

/// The answer: invalid proofs are no error of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchVerdict {
    /// Whether all proofs hold.
    pub valid: bool,
    /// Those that do not, ascending.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub invalid: Vec<InvalidProof>,
}

/// The answer: an invalid proof is no error of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether the proof holds.
    pub valid: bool,
    /// The rule that an invalid proof breaks.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rule: Option<String>,
}
