//! `GET /v1/circuits` and `POST /v1/verify`.

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
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
    /// The proof, of our own form or snarkjs's.
    pub proof: ProofText,
}

/// A proof in one of two forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProofText {
    /// 128 bytes, in JSON base64.
    Native(Base64),
    /// The text of snarkjs's object, as it came: whoever verifies reads it strictly.
    Snarkjs(String),
}

impl Serialize for ProofText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Native(bytes) => bytes.serialize(serializer),
            Self::Snarkjs(text) => RawValue::from_string(text.clone()).map_err(S::Error::custom)?.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ProofText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        match text.get().as_bytes().first() {
            Some(b'"') => serde_json::from_str(text.get()).map(Self::Native).map_err(D::Error::custom),
            Some(b'{') => Ok(Self::Snarkjs(text.get().to_owned())),
            _ => Err(D::Error::custom("a proof is base64 of 128 bytes or an object of snarkjs")),
        }
    }
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
