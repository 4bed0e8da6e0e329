//! A dev key kept in the target folder, and a valid statement for it.

use std::num::NonZeroUsize;
use std::path::Path;

use veilpay_circuits::testing::{TestRng, sample};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::statement::{Statement, Witness};
use veilpay_prover::{Engine, KeyStore, ProveError};

/// An engine over dev keys that are kept from run to run.
pub(crate) fn engine(threads: NonZeroUsize) -> Result<Engine, ProveError> {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-keys");
    Engine::new(KeyStore::open(dir)?, threads)
}

/// A valid statement with its witness, the same in every run.
#[must_use]
pub(crate) fn subject(circuit: CircuitId) -> (Statement, Witness) {
    sample(circuit, &mut TestRng::new(1))
}
