//! The circuit versions on the ledger: shown, drained, stopped, taken in.

use veilpay_api::circuits::{CircuitVersion, Supply};
use veilpay_api::problem::{Code, Problem};
use veilpay_api::text::Hex32;
use veilpay_ledger::{CircuitStatus, RegisteredKeys, SqliteLedger, VersionError};
use veilpay_protocol::circuit::CircuitId;
use veilpay_verifier::VerifyingKey;

use super::{Node, now};
use crate::catalog::setup_name;

fn shown(ledger: &SqliteLedger) -> Vec<CircuitVersion> {
    let pools = ledger.pools();
    let version = |known: veilpay_ledger::CircuitVersion<'_>| {
        let own = pools.iter().filter(|(pool, _)| pool.version == known.version);
        CircuitVersion {
            circuit: known.circuit,
            version: known.version,
            state: known.status.name().to_owned(),
            vk_digest: known.key.map(|key| Hex32(key.digest())),
            setup: known.key.map(|key| setup_name(key.info().setup).to_owned()),
            supply: own.map(|(pool, amount)| Supply { asset: pool.asset, amount: *amount }).collect(),
        }
    };
    ledger.circuit_versions().map(version).collect()
}

fn one(ledger: &SqliteLedger, circuit: CircuitId, version: u16) -> Result<CircuitVersion, Problem> {
    let found = shown(ledger).into_iter().find(|known| (known.circuit, known.version) == (circuit, version));
    found.ok_or_else(unknown)
}

fn unknown() -> Problem {
    Problem::new(Code::NotFound, VersionError::Unknown.to_string())
}

impl Node {
    /// The circuit versions that the ledger knows. The digests of those from the start are the catalog's to add.
    ///
    /// # Errors
    /// [`Code::Stopping`] when the ledger is closed.
    pub fn circuit_versions(&self) -> Result<Vec<CircuitVersion>, Problem> {
        self.read(|opened| Ok(shown(&opened.ledger)))
    }

    /// The keys of the versions that came in.
    ///
    /// # Errors
    /// [`Code::Stopping`] when the ledger is closed.
    pub fn registered_keys(&self) -> Result<RegisteredKeys, Problem> {
        self.read(|opened| Ok(opened.ledger.keys()))
    }

    /// The key of a version that came in.
    ///
    /// # Errors
    /// [`Code::NotFound`] when there is no such version, or it is one from the start.
    pub fn version_key(&self, circuit: CircuitId, version: u16) -> Result<VerifyingKey, Problem> {
        self.with(|opened| {
            let mut versions = opened.ledger.circuit_versions();
            let found = versions.find(|known| (known.circuit, known.version) == (circuit, version));
            found.and_then(|known| known.key.cloned()).ok_or_else(unknown)
        })
    }

    /// Activates, drains or stops a version, from the next transaction on. A state that it has already is no change, and
    /// makes no block.
    ///
    /// # Errors
    /// [`Code::NotFound`] when the ledger does not know the version.
    pub fn set_circuit_status(
        &self,
        circuit: CircuitId,
        version: u16,
        status: CircuitStatus,
    ) -> Result<CircuitVersion, Problem> {
        self.with(|opened| {
            if one(&opened.ledger, circuit, version)?.state != status.name() {
                let changed = opened.ledger.set_circuit_status(circuit, version, status, now());
                let block = changed.map_err(|error| self.version_refused(&error))?;
                opened.index.block(&block);
                tracing::warn!(%circuit, version, state = status.name(), "the state of a circuit's version changed");
            }
            one(&opened.ledger, circuit, version)
        })
    }

    /// Takes in a version with its key, active from the next transaction on.
    ///
    /// # Errors
    /// [`Code::Conflict`] when the version or its key is there, [`Code::KeyRejected`] for a key that S1 refuses.
    pub fn add_circuit_version(&self, key: &VerifyingKey) -> Result<CircuitVersion, Problem> {
        let (circuit, version) = (key.info().circuit, key.info().version);
        self.with(|opened| {
            let added = opened.ledger.add_circuit_version(key, now());
            let block = added.map_err(|error| self.version_refused(&error))?;
            opened.index.block(&block);
            tracing::warn!(%circuit, version, "a circuit's version came in");
            one(&opened.ledger, circuit, version)
        })
    }

    fn version_refused(&self, error: &VersionError) -> Problem {
        match error {
            VersionError::Unknown => unknown(),
            VersionError::Exists | VersionError::SameKey { .. } | VersionError::TooMany => {
                Problem::new(Code::Conflict, error.to_string())
            }
            VersionError::NotATransfer => Problem::new(Code::KeyRejected, error.to_string()),
            VersionError::Key(error) => Problem::new(Code::KeyRejected, error.to_string()).with_rule("S1"),
            VersionError::Store(error) => self.write_failed(error),
            _ => Problem::new(Code::Internal, "the ledger failed"),
        }
    }
}
