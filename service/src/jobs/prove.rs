//! What makes a proof: one trait, so that jobs know nothing of keys.

use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::statement::{Statement, Witness};
use veilpay_protocol::transaction::PROOF_LENGTH;
use veilpay_prover::{CancelToken, ProveError, Stage, Timings};

/// A proof, verified under the key that made it.
#[derive(Clone, Copy)]
pub struct Proved {
    /// The proof in compressed form.
    pub proof: [u8; PROOF_LENGTH],
    /// How long each stage took.
    pub timings: Timings,
}

/// Makes proofs. It runs on a worker's thread and may take seconds.
pub trait Prove: Send + Sync + 'static {
    /// Whether there is a key for the circuit.
    fn serves(&self, circuit: CircuitId) -> bool;

    /// Checks `witness` against `statement` natively, and only then proves. Calls `progress` as each stage begins, and looks
    /// at `cancel` then. The proof that it returns was verified.
    ///
    /// # Errors
    /// [`ProveError`], [`ProveError::Violation`] for a witness that breaks a clause; none carries a value of the witness.
    fn prove(
        &self,
        statement: &Statement,
        witness: &Witness,
        progress: &dyn Fn(Stage),
        cancel: &CancelToken,
    ) -> Result<Proved, ProveError>;
}
