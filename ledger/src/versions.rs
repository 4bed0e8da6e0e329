//! The circuit versions that a ledger knows: their verifying keys, and whether their transactions are accepted.
//!
//! From the start there are the transfer circuits in version 1, whose keys the ledger's verifier has, whatever version the
//! code is at: a ledger's history means the same to each code. Others are added with their keys, which the ledger keeps. A version is active, drained (L3.2) or stopped (L3.1), and may go from
//! each of these to each; every change is a block. What a version holds is counted apart from the others (L3.15 to L3.18).

use core::fmt;
use std::collections::BTreeMap;
use std::sync::Arc;

use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::statement::Statement;
use veilpay_protocol::transaction::PROOF_LENGTH;
use veilpay_protocol::transfer::TransferStatement;
use veilpay_verifier::{KeyError, PreparedVerifyingKey, VerifyingKey};

use crate::block::Content;
use crate::digest::Digest;
use crate::proof::{ProofRejected, ProofVerifier};
use crate::store::StoreError;
use crate::view::CircuitStatus;

/// The version of each transfer circuit that a ledger knows from the start. It is not the code's: it stays as that goes on.
const FIRST_VERSION: u16 = 1;

/// Versions of one circuit at most.
const MAX_VERSIONS: usize = 64;

/// Why a circuit's version was not added or changed.
#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub enum VersionError {
    /// The ledger does not know this version of the circuit.
    Unknown,
    /// The circuit is no transfer: a ledger takes no transactions of it.
    NotATransfer,
    /// The ledger knows this version already.
    Exists,
    /// The key's points are those of a version that was added. Those of a version from the start are the verifier's, which the
    /// service compares; and a key that only looks different (alpha times s, beta over s) is not recognised: whoever adds
    /// keys must know where they come from.
    SameKey {
        /// Which.
        version: u16,
    },
    /// The circuit has as many versions as a ledger keeps.
    TooMany,
    /// S1: the key is refused.
    Key(KeyError),
    /// The ledger could not store it.
    Store(StoreError),
}

impl fmt::Display for VersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("the ledger knows no such version of the circuit"),
            Self::NotATransfer => f.write_str("a ledger takes no transactions of this circuit"),
            Self::Exists => f.write_str("the ledger knows this version of the circuit already"),
            Self::SameKey { version } => write!(f, "the key is that of version {version}"),
            Self::TooMany => f.write_str("the circuit has as many versions as a ledger keeps"),
            Self::Key(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for VersionError {}

/// A circuit's version as the ledger knows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CircuitVersion<'a> {
    /// The circuit.
    pub circuit: CircuitId,
    /// The version.
    pub version: u16,
    /// Whether its transactions are accepted.
    pub status: CircuitStatus,
    /// Its key, when it was added; the key of a version from the start is the verifier's.
    pub key: Option<&'a VerifyingKey>,
}

#[derive(Clone)]
struct Record {
    status: CircuitStatus,
    key: Option<Arc<VerifyingKey>>,
}

/// The versions at the tip.
#[derive(Clone)]
pub(crate) struct Versions {
    records: BTreeMap<(CircuitId, u16), Record>,
    keys: RegisteredKeys,
}

impl Versions {
    /// Those that a ledger begins with.
    pub(crate) fn genesis() -> Self {
        let first =
            |circuit: CircuitId| ((circuit, FIRST_VERSION), Record { status: CircuitStatus::Enabled, key: None });
        Self { records: CircuitId::TRANSFERS.into_iter().map(first).collect(), keys: RegisteredKeys::default() }
    }

    pub(crate) fn status(&self, circuit: CircuitId, version: u16) -> Option<CircuitStatus> {
        self.records.get(&(circuit, version)).map(|record| record.status)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = CircuitVersion<'_>> {
        self.records.iter().map(|((circuit, version), record)| CircuitVersion {
            circuit: *circuit,
            version: *version,
            status: record.status,
            key: record.key.as_deref(),
        })
    }

    /// Whether a transaction of a version may have been verified under the key of this digest. Those of a version from the
    /// start are verified under the verifier's, which is one for ever.
    pub(crate) fn allows(&self, circuit: CircuitId, version: u16, digest: &[u8; 32]) -> bool {
        self.keys.get(circuit, version).is_none_or(|key| key.digest() == digest)
    }

    pub(crate) fn keys(&self) -> RegisteredKeys {
        self.keys.clone()
    }

    /// Takes a block's content over; nothing has changed when it does not fit. Contents that concern no version do not.
    pub(crate) fn apply(&mut self, content: &Content) -> Result<(), VersionError> {
        match content {
            Content::Circuit(circuit, version, status) => {
                let record = self.records.get_mut(&(*circuit, *version)).ok_or(VersionError::Unknown)?;
                record.status = *status;
                Ok(())
            }
            Content::Key(key) => self.add(key),
            _ => Err(VersionError::Unknown),
        }
    }

    fn add(&mut self, key: &VerifyingKey) -> Result<(), VersionError> {
        let (circuit, version) = (key.info().circuit, key.info().version);
        if circuit.shape().is_none() {
            return Err(VersionError::NotATransfer);
        }
        if self.records.contains_key(&(circuit, version)) {
            return Err(VersionError::Exists);
        }
        let of_circuit = || self.iter().filter(|known| known.circuit == circuit);
        if of_circuit().count() >= MAX_VERSIONS {
            return Err(VersionError::TooMany);
        }
        let same = |known: &CircuitVersion<'_>| known.key.is_some_and(|known| known.points() == key.points());
        if let Some(known) = of_circuit().find(same) {
            return Err(VersionError::SameKey { version: known.version });
        }
        let prepared = PreparedVerifyingKey::of_any_version(key).map_err(VersionError::Key)?;
        Arc::make_mut(&mut self.keys.0).insert((circuit, version), prepared);
        let record = Record { status: CircuitStatus::Enabled, key: Some(Arc::new(key.clone())) };
        self.records.insert((circuit, version), record);
        Ok(())
    }

    /// Into the digest of the state.
    pub(crate) fn absorb(&self, digest: &mut Digest) {
        digest.number(self.records.len() as u64);
        for ((circuit, version), record) in &self.records {
            digest.fixed(&[*circuit as u8]).number(u64::from(*version)).fixed(&[record.status as u8]);
            let key = record.key.as_ref().map(|key| key.digest());
            digest.optional(key.as_ref().map(<[u8; 32]>::as_slice));
        }
    }
}

/// Keys by circuit and version: those of the versions that were added to a ledger, or all that a node verifies with. Copies
/// are shared.
#[derive(Clone, Debug, Default)]
pub struct RegisteredKeys(Arc<BTreeMap<(CircuitId, u16), PreparedVerifyingKey>>);

/// Each under the circuit and version that it says; of two for one version, the later.
impl FromIterator<PreparedVerifyingKey> for RegisteredKeys {
    fn from_iter<I: IntoIterator<Item = PreparedVerifyingKey>>(keys: I) -> Self {
        let named = keys.into_iter().map(|key| ((key.info().circuit, key.info().version), key));
        Self(Arc::new(named.collect()))
    }
}

impl ProofVerifier for RegisteredKeys {
    fn vk_digest(&self, circuit: CircuitId, version: u16) -> Option<[u8; 32]> {
        self.get(circuit, version).map(|key| *key.digest())
    }

    fn verify(
        &self,
        statement: &TransferStatement,
        version: u16,
        proof: &[u8; PROOF_LENGTH],
    ) -> Result<(), ProofRejected> {
        let key = self.get(statement.circuit(), version).ok_or(ProofRejected)?;
        key.verify_bytes(&Statement::Transfer(statement.clone()), proof).map_err(|_| ProofRejected)
    }
}

impl RegisteredKeys {
    /// The key of a version.
    #[must_use]
    pub fn get(&self, circuit: CircuitId, version: u16) -> Option<&PreparedVerifyingKey> {
        self.0.get(&(circuit, version))
    }

    /// A verifier that takes these keys for their versions, and `rest` for all others.
    #[must_use]
    pub const fn before<'a, V: ?Sized>(&'a self, rest: &'a V) -> WithRegistered<'a, V> {
        WithRegistered { keys: self, rest }
    }
}

/// Registered keys before another verifier.
#[derive(Clone, Copy, Debug)]
pub struct WithRegistered<'a, V: ?Sized> {
    keys: &'a RegisteredKeys,
    rest: &'a V,
}

impl<V: ProofVerifier + ?Sized> ProofVerifier for WithRegistered<'_, V> {
    fn vk_digest(&self, circuit: CircuitId, version: u16) -> Option<[u8; 32]> {
        self.keys.vk_digest(circuit, version).or_else(|| self.rest.vk_digest(circuit, version))
    }

    fn verify(
        &self,
        statement: &TransferStatement,
        version: u16,
        proof: &[u8; PROOF_LENGTH],
    ) -> Result<(), ProofRejected> {
        match self.keys.get(statement.circuit(), version) {
            Some(_) => self.keys.verify(statement, version, proof),
            None => self.rest.verify(statement, version, proof),
        }
    }
}
