//! Keys and proofs of built-in circuits, and what anybody can make of a proof.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::LazyLock;

use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::Fr;
use veilpay_protocol::statement::{Statement, Witness};
use veilpay_prover::{CancelToken, Engine, KeyStore};
use veilpay_verifier::{Proof, VerifyingKey};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/test-keys");
    Engine::new(KeyStore::open(keys).unwrap(), NonZeroUsize::new(2).unwrap()).unwrap()
});

/// The dev key of a circuit.
pub(crate) fn key(circuit: CircuitId) -> VerifyingKey {
    ENGINE.key(circuit).unwrap().verifying_key().clone()
}

/// A proof, with its public inputs.
pub(crate) fn prove(statement: &Statement, witness: &Witness) -> (Proof, Vec<Fr>) {
    let output = ENGINE.prove(statement, witness, &|_| (), &CancelToken::new()).unwrap();
    (output.proof, statement.to_fields())
}
