//! What the benches share: a dev key kept in the target folder, and a valid statement for it.
//!
//! `cargo bench -p veilpay-benches`; each bench checks the answers it times. Builds with the machine's own instructions
//! (`RUSTFLAGS="-C target-cpu=native"`) are another matter than builds without: say which.
#![forbid(unsafe_code)]

use std::num::NonZeroUsize;
use std::path::PathBuf;

use veilpay_circuits::testing::{TestRng, sample};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::statement::{Statement, Witness};
use veilpay_prover::{Engine, KeyStore, ProveError};

/// An engine over dev keys that are kept from run to run.
///
/// # Errors
/// [`ProveError`] when there is no folder or there are no threads.
pub fn engine(threads: NonZeroUsize) -> Result<Engine, ProveError> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    Engine::new(KeyStore::open(target.join("bench-keys"))?, threads)
}

/// A valid statement with its witness, the same in every run.
#[must_use]
pub fn subject(circuit: CircuitId) -> (Statement, Witness) {
    sample(circuit, &mut TestRng::new(1))
}

/// One thread, and as many as there are if that is more.
#[must_use]
pub fn thread_counts() -> Vec<NonZeroUsize> {
    let all = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    if all == NonZeroUsize::MIN { vec![all] } else { vec![NonZeroUsize::MIN, all] }
}
