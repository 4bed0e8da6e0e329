//! Verifying keys, proofs and public inputs from files, in whichever of the known forms they are.

use core::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::Fr;
use veilpay_prover::KeyFileError;
use veilpay_prover::circom::{CircomError, ZkeyFile};
use veilpay_verifier::formats::evm::{self, EvmError};
use veilpay_verifier::formats::snarkjs::{self, JsonError};
use veilpay_verifier::{KeyError, KeyPoints, Proof, ProofError, Setup, VerifyError, VerifyingKey};

use crate::args::KeyArgs;
use crate::error::{CliError, Fault};
use crate::files::failed;
use crate::local::{existing, open_keys};

/// Bytes of a file of this kind, at most.
const MAX_BYTES: usize = 2 << 20;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A verifying key.
    Key,
    /// A proof.
    Proof,
    /// Public inputs.
    Public,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key => "a verifying key",
            Self::Proof => "a proof",
            Self::Public => "public inputs",
        })
    }
}

/// Why a proof is not valid, or what belongs to it is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A file is longer than any of its kind.
    TooLong,
    /// The key is in no known form.
    KeyForm,
    /// The key is refused.
    Key(KeyError),
    /// The key's JSON is refused.
    KeyJson(JsonError),
    /// The key in a file of the folder of keys is refused.
    KeyFile(KeyFileError),
    /// The key is a `.zkey` that is refused.
    Zkey(CircomError),
    /// The proof is in no known form.
    ProofForm,
    /// The proof's bytes are refused.
    Proof(ProofError),
    /// The proof's JSON is refused.
    ProofJson(JsonError),
    /// The proof's words, or calldata, are refused.
    Evm(EvmError),
    /// Calldata is not `0x` and lowercase hex digits.
    Hex,
    /// The file is of another kind than it was named for.
    Mistaken {
        /// What it was named for.
        named: Kind,
        /// What it looks like.
        found: Kind,
    },
    /// The public inputs are no list of strings.
    PublicForm,
    /// The public inputs' JSON is refused.
    PublicJson(JsonError),
    /// All is of its form, and the proof does not prove the inputs.
    Verify(VerifyError),
}

impl Refusal {
    /// The name of the rule, for machines.
    pub(crate) const fn rule(&self) -> &'static str {
        match self {
            Self::KeyFile(KeyFileError::Provenance) => "S3",
            Self::Key(_) | Self::KeyFile(_) | Self::KeyJson(JsonError::Key(_)) => "S1",
            Self::TooLong | Self::KeyForm | Self::KeyJson(_) | Self::Zkey(_) => "key_encoding",
            Self::Evm(EvmError::Input { .. }) | Self::PublicJson(_) => "public_encoding",
            Self::Evm(EvmError::Selector | EvmError::Length { .. }) | Self::Hex => "calldata_encoding",
            Self::ProofForm | Self::Proof(_) | Self::ProofJson(_) | Self::Evm(_) => "proof_encoding",
            Self::Mistaken { named: Kind::Key, .. } => "key_encoding",
            Self::Mistaken { named: Kind::Proof, .. } => "proof_encoding",
            Self::PublicForm | Self::Mistaken { named: Kind::Public, .. } => "public_encoding",
            Self::Verify(VerifyError::InputCount { .. }) => "input_count",
            Self::Verify(_) => "equation",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "a file of more than {MAX_BYTES} bytes"),
            Self::KeyForm => {
                f.write_str("the key is neither JSON of snarkjs, nor a zkey, nor a verifying key of our own")
            }
            Self::Key(error) => error.fmt(f),
            Self::KeyFile(error) => error.fmt(f),
            Self::KeyJson(JsonError::Key(error)) => error.fmt(f),
            Self::KeyJson(error) => write!(f, "the key: {error}"),
            Self::Zkey(error) => write!(f, "the key: {error}"),
            Self::ProofForm => {
                f.write_str("the proof is neither JSON of snarkjs, nor 128 bytes of our own, nor 256 of the EVM")
            }
            Self::Proof(error) => error.fmt(f),
            Self::ProofJson(error) => write!(f, "the proof: {error}"),
            Self::Evm(error) => error.fmt(f),
            Self::Hex => f.write_str("calldata is 0x and lowercase hex digits"),
            Self::Mistaken { named, found: Kind::Public } => {
                write!(f, "the file given as {named} holds a JSON list, as public inputs are")
            }
            Self::Mistaken { named, found } => write!(f, "the file given as {named} holds {found}"),
            Self::PublicForm => f.write_str("the public inputs are not a JSON list of decimal strings"),
            Self::PublicJson(error) => write!(f, "the public inputs: {error}"),
            Self::Verify(error) => error.fmt(f),
        }
    }
}

/// A key, and where it comes from when that is known.
pub(crate) struct Key {
    /// Its points, which obey S1.
    pub(crate) points: KeyPoints,
    /// The key of a built-in circuit, whole.
    pub(crate) native: Option<VerifyingKey>,
    /// The file that it is from.
    pub(crate) path: PathBuf,
}

impl Key {
    fn of(native: VerifyingKey, path: PathBuf) -> Self {
        Self { points: native.points().clone(), native: Some(native), path }
    }

    fn circuit(keys_dir: &Path, circuit: CircuitId) -> Result<Self, CliError> {
        let none = || CliError::NoKey(circuit, keys_dir.to_owned());
        if !keys_dir.exists() {
            return Err(none());
        }
        let store = open_keys(keys_dir)?;
        let key = existing(&store, circuit).map_err(|error| match error {
            CliError::KeyFile { source, .. } if Fault::of(&source) == Fault::Rule => Refusal::KeyFile(source).into(),
            error => error,
        })?;
        let key = key.ok_or_else(none)?;
        Ok(Self::of(key.verifying_key().clone(), store.path(circuit, key.info().setup)))
    }

    /// Reads the key that the arguments name.
    ///
    /// # Errors
    /// [`CliError::File`], [`CliError::NoKey`], [`CliError::KeyFile`] for a damaged file in the folder of keys, or
    /// [`CliError::Refused`] for a key that is not of its form or breaks S1.
    pub(crate) fn read(args: &KeyArgs, keys_dir: &Path) -> Result<Self, CliError> {
        if let Some(circuit) = args.circuit {
            return Self::circuit(keys_dir, circuit);
        }
        let path = args.vk.as_deref().ok_or(CliError::MissingFiles)?;
        let mut file = File::open(path).map_err(failed("read", path))?;
        let mut magic = [0; 4];
        if file.read_exact(&mut magic).is_ok() && magic == *b"zkey" {
            return Self::zkey(path);
        }
        let bytes = read(path)?;
        if bytes.starts_with(b"veilpayv") {
            return Ok(Self::of(VerifyingKey::from_bytes(&bytes).map_err(Refusal::Key)?, path.to_owned()));
        }
        if !is_json(&bytes) {
            return Err(mistaken(&bytes, Kind::Key).unwrap_or(Refusal::KeyForm).into());
        }
        let points = snarkjs::read_key(&bytes)
            .map_err(|error| mistaken(&bytes, Kind::Key).unwrap_or(Refusal::KeyJson(error)))?;
        Ok(Self { points, native: None, path: path.to_owned() })
    }

    fn zkey(path: &Path) -> Result<Self, CliError> {
        let file = File::open(path).map_err(failed("read", path))?;
        let key = ZkeyFile::open(file).map_err(|error| match error {
            CircomError::Io(kind) => failed("read", path)(kind.into()),
            error => Refusal::Zkey(error).into(),
        })?;
        let points = key.verifying_points();
        points.check().map_err(Refusal::Key)?;
        Ok(Self { points, native: None, path: path.to_owned() })
    }

    /// Whether it is known to be of a dev setup.
    pub(crate) fn is_dev(&self) -> bool {
        self.native.as_ref().is_some_and(|key| key.info().setup == Setup::Dev)
    }
}

/// Reads a file of at most [`MAX_BYTES`].
fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    let file = File::open(path).map_err(failed("read", path))?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed("read", path))?;
    if bytes.len() > MAX_BYTES { Err(Refusal::TooLong.into()) } else { Ok(bytes) }
}

/// What the JSON of a file looks like, when that is something else than the file was named for.
fn mistaken(bytes: &[u8], named: Kind) -> Option<Refusal> {
    let found = match serde_json::from_slice(bytes).ok()? {
        serde_json::Value::Array(_) => Kind::Public,
        serde_json::Value::Object(keys) if keys.contains_key("pi_a") => Kind::Proof,
        serde_json::Value::Object(keys) if keys.contains_key("vk_alpha_1") => Kind::Key,
        _ => return None,
    };
    (found != named).then_some(Refusal::Mistaken { named, found })
}

fn is_json(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"{")
}

/// Reads a proof.
///
/// # Errors
/// [`CliError::File`] or [`CliError::Refused`].
pub(crate) fn read_proof(path: &Path) -> Result<Proof, CliError> {
    let bytes = read(path)?;
    Ok(match bytes.len() {
        Proof::BYTES => Proof::from_bytes(&bytes).map_err(Refusal::Proof)?,
        evm::PROOF_BYTES => evm::proof_from_bytes(&bytes).map_err(Refusal::Evm)?,
        _ if is_json(&bytes) => snarkjs::read_proof(&bytes)
            .map_err(|error| mistaken(&bytes, Kind::Proof).unwrap_or(Refusal::ProofJson(error)))?,
        _ => return Err(mistaken(&bytes, Kind::Proof).unwrap_or(Refusal::ProofForm).into()),
    })
}

/// Reads public inputs.
///
/// # Errors
/// [`CliError::File`] or [`CliError::Refused`].
pub(crate) fn read_public(path: &Path) -> Result<Vec<Fr>, CliError> {
    let bytes = read(path)?;
    let refused = |error| match error {
        JsonError::Form { .. } => mistaken(&bytes, Kind::Public).unwrap_or(Refusal::PublicForm),
        error => Refusal::PublicJson(error),
    };
    Ok(snarkjs::read_public(&bytes).map_err(refused)?)
}

/// Reads calldata of a call with so many public inputs; one line break may end it.
///
/// # Errors
/// [`CliError::File`] or [`CliError::Refused`].
pub(crate) fn read_calldata(path: &Path, inputs: usize) -> Result<(Proof, Vec<Fr>), CliError> {
    let text = read(path)?;
    let digits = text.strip_suffix(b"\n").unwrap_or(&text).strip_prefix(b"0x").ok_or(Refusal::Hex)?;
    if !digits.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(Refusal::Hex.into());
    }
    let bytes = hex::decode(digits).map_err(|_| Refusal::Hex)?;
    Ok(evm::read_calldata(&bytes, inputs).map_err(Refusal::Evm)?)
}
