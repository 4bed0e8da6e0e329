//! The production machinery for proofs: the engine of `veilpay-prover` over a folder of keys.

use std::num::NonZeroUsize;

use veilpay_api::circuits::{Beacon, Ceremony, Contribution};
use veilpay_api::text::{Hex32, HexBytes};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::statement::{Statement, Witness};
use veilpay_prover::keys::Provenance;
use veilpay_prover::{CancelToken, CircuitKey, KeyStore, ProveError, Stage, Timing};
use veilpay_verifier::Setup;

use crate::catalog::{Catalog, Figures};
use crate::config::{Config, ProverTiming};
use crate::error::StartError;
use crate::jobs::{Prove, Proved};

/// Proves the configured circuits, whose keys it keeps in memory.
#[derive(Debug)]
pub struct Engine {
    engine: veilpay_prover::Engine,
    circuits: Vec<CircuitId>,
}

fn figures(key: &CircuitKey) -> Figures {
    let shape = key.shape();
    Figures {
        constraints: shape.num_constraints,
        wires: shape.num_variables(),
        domain_log2: shape.domain_size.trailing_zeros(),
    }
}

/// A ceremony's record as it is shown.
#[must_use]
pub fn ceremony(record: &Provenance) -> Ceremony {
    let contribution = |contribution: &veilpay_prover::keys::Contribution| Contribution {
        hash: HexBytes(contribution.hash.to_vec()),
        name: contribution.name.clone(),
        beacon: contribution
            .beacon
            .as_ref()
            .map(|beacon| Beacon { value: HexBytes(beacon.value.clone()), iterations_log2: beacon.iterations_log2 }),
    };
    Ceremony {
        circuit_hash: HexBytes(record.circuit_hash().to_vec()),
        contributions: record.contributions().iter().map(contribution).collect(),
        notes: record.notes().to_owned(),
    }
}

/// S3: the key is the pinned one; a ceremony's must be pinned.
fn check_pin(pinned: Option<&Hex32>, circuit: CircuitId, key: &CircuitKey) -> Result<(), StartError> {
    let found = Hex32(*key.prepared().digest());
    match pinned {
        Some(pinned) if *pinned == found => Ok(()),
        Some(pinned) => Err(StartError::KeyDigest { circuit, pinned: *pinned, found }),
        None => match key.info().setup {
            Setup::Dev => Ok(()),
            Setup::Ceremony => Err(StartError::UnpinnedCeremonyKey(circuit)),
        },
    }
}

impl Engine {
    /// Loads the keys of the configured circuits, and compares their digests with the configured ones. Where dev keys are
    /// allowed (S2), one that is not in the folder is made, which takes seconds.
    ///
    /// # Errors
    /// [`StartError::Key`] naming the circuit whose key is missing or refused, [`StartError::KeyDigest`] and
    /// [`StartError::UnpinnedCeremonyKey`] naming the circuit whose key is not known to be the right one,
    /// [`StartError::Keys`] for the folder.
    pub fn load(config: &Config) -> Result<(Self, Catalog), StartError> {
        let folder = |error| StartError::Keys(ProveError::Key(error));
        let mut store = KeyStore::open(&config.keys_dir).map_err(folder)?;
        if !config.allow_insecure_dev_keys {
            store = store.refusing_dev_keys();
        }
        let all = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let threads = NonZeroUsize::new(config.prover.threads).unwrap_or(all);
        let timing = match config.prover.timing {
            ProverTiming::Uniform => Timing::Uniform,
            ProverTiming::Fast => Timing::Fast,
        };
        let engine = veilpay_prover::Engine::new(store, threads).map_err(StartError::Keys)?.with_timing(timing);
        let key = |circuit: &CircuitId| {
            tracing::info!(%circuit, "loading the key; a dev key that is missing is made, which takes seconds");
            let key = engine.key(*circuit).map_err(|error| StartError::Key(*circuit, error))?;
            check_pin(config.key_digests.get(&(*circuit).into()), *circuit, &key)?;
            Ok(key)
        };
        let keys = config.circuits.iter().map(key).collect::<Result<Vec<_>, StartError>>()?;
        let shown = keys.iter().map(|key| (key.verifying_key(), figures(key), key.provenance().map(ceremony)));
        let catalog = Catalog::new(shown, config.allow_insecure_dev_keys)?;
        Ok((Self { engine, circuits: config.circuits.clone() }, catalog))
    }
}

impl Prove for Engine {
    fn serves(&self, circuit: CircuitId) -> bool {
        self.circuits.contains(&circuit)
    }

    fn prove(
        &self,
        statement: &Statement,
        witness: &Witness,
        progress: &dyn Fn(Stage),
        cancel: &CancelToken,
    ) -> Result<Proved, ProveError> {
        let output = self.engine.prove(statement, witness, progress, cancel)?;
        if output.recomputed {
            tracing::warn!(circuit = %statement.circuit(), "a proof was wrong and was computed again: look at the machine");
        }
        Ok(Proved { proof: output.proof.to_bytes(), timings: output.timings })
    }
}
