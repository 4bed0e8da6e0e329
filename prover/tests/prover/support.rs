//! The engine and the keys that all tests share.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use veilpay_circuits::testing::{TestRng, sample};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::statement::{Statement, Witness};
use veilpay_prover::{Engine, KeyStore};

/// Two threads over the kept dev keys.
pub(crate) static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let keys = KeyStore::open(Path::new(env!("CARGO_TARGET_TMPDIR")).join("dev-keys")).expect("the folder can be made");
    Engine::new(keys, NonZeroUsize::new(2).expect("two is not zero")).expect("two threads")
});

pub(crate) fn valid(circuit: CircuitId, seed: u64) -> (Statement, Witness) {
    sample(circuit, &mut TestRng::new(seed))
}

/// An empty folder of this test.
pub(crate) fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    path
}
