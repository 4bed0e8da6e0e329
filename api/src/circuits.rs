//! `GET /v1/circuits` and `POST /v1/verify`.

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::note::AssetId;

use crate::text::{Base64, Hex32, HexBytes};

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
    /// The record of the ceremony that made the key; absent for any other key.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ceremony: Option<Ceremony>,
}

/// A circuit's version on the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CircuitVersion {
    /// The circuit.
    pub circuit: CircuitId,
    /// The version.
    pub version: u16,
    /// Whether its transactions are accepted: `active`, `drain_only` (unshielding alone) or `stopped` (none).
    pub state: String,
    /// Digest of its verifying key; absent when the key is not among those that the service shows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub vk_digest: Option<Hex32>,
    /// How its key was made, as in [`Circuit::setup`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub setup: Option<String>,
    /// What its pool holds of each asset, where that is not 0; a pool is shared by the circuits of one version.
    pub supply: Vec<Supply>,
}

/// What a version's pool holds of an asset: what entered it less what left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supply {
    /// The asset.
    pub asset: AssetId,
    /// The amount in its smallest unit.
    #[serde(with = "veilpay_protocol::serde_text::decimal")]
    pub amount: u64,
}

/// `POST /v1/admin/circuits/{id}/{version}/state`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateRequest {
    /// The state, as in [`CircuitVersion::state`].
    pub state: String,
}

/// `POST /v1/admin/circuits`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRequest {
    /// The verifying key of the version that comes in, in its native encoding.
    pub key: Base64,
}

/// What a key's file says of the ceremony that made it. The digest of the verifying key does not cover it: compare it
/// with what the participants published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ceremony {
    /// The hash of the key before any contribution, 64 bytes.
    pub circuit_hash: HexBytes,
    /// The contributions in order.
    pub contributions: Vec<Contribution>,
    /// What whoever imported the key noted.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub notes: String,
}

/// A contribution to a ceremony.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contribution {
    /// Its hash, 64 bytes, as the participant published it.
    pub hash: HexBytes,
    /// What the participant is called.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub name: String,
    /// The beacon, when it is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub beacon: Option<Beacon>,
}

/// The public randomness that ended a ceremony.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beacon {
    /// What the source gave.
    pub value: HexBytes,
    /// It was hashed 2 to the power of this many times.
    pub iterations_log2: u8,
}

/// `GET /v1/circuits`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circuits {
    /// The circuits that the service serves.
    pub circuits: Vec<Circuit>,
    /// The versions of circuits that the ledger knows, whether the service serves their circuits or not.
    #[serde(default)]
    pub versions: Vec<CircuitVersion>,
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
    /// Its version; without one the version that the service serves.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<u16>,
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
