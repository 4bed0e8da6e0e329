//! Our prover, of a built-in circuit or of a key of snarkjs.

use std::fmt;
use std::sync::Arc;

use veilpay_kernels::Backend;
use veilpay_protocol::field::Fr;
use veilpay_verifier::Proof;

use crate::circom::{CircomProver, ZkeyFile};
use crate::engine::{ProveError, verified};
use crate::groth16::parts::{Part, Parts};
use crate::groth16::{Blinding, Points, Timing};
use crate::keys::CircuitKey;
use crate::rows::Rows;

enum Key {
    Circuit(Arc<CircuitKey>),
    Zkey(Box<CircomProver>),
}

/// Our prover with a key.
pub struct Ours(Key);

impl fmt::Debug for Ours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ours").finish_non_exhaustive()
    }
}

fn rows(key: &CircuitKey, assignment: &[Fr]) -> Result<Rows, ProveError> {
    key.rows(assignment, false).map_err(|constraint| ProveError::Unsatisfied { constraint })
}

impl Ours {
    /// Of a built-in circuit. Its rows are checked while they are computed, C included.
    #[must_use]
    pub const fn of_circuit(key: Arc<CircuitKey>) -> Self {
        Self(Key::Circuit(key))
    }

    /// Of a key of snarkjs, laid out in the current rayon pool.
    ///
    /// # Errors
    /// As [`CircomProver::new`].
    pub fn of_zkey(zkey: ZkeyFile) -> Result<Self, ProveError> {
        Ok(Self(Key::Zkey(Box::new(CircomProver::new(zkey)?))))
    }

    /// The length of an assignment.
    #[must_use]
    pub fn wires(&self) -> usize {
        match &self.0 {
            Key::Circuit(key) => key.shape().num_variables(),
            Key::Zkey(prover) => prover.key().num_variables(),
        }
    }

    /// A verified proof with fresh blinding; in the current rayon pool.
    ///
    /// # Errors
    /// [`ProveError`] for an assignment that does not satisfy the circuit.
    pub fn prove(&self, assignment: &[Fr]) -> Result<Proof, ProveError> {
        self.verified(assignment, self.points(assignment, &Blinding::fresh()?, Timing::Fast)?)
    }

    pub(super) fn backend(&self) -> Backend {
        match &self.0 {
            Key::Circuit(key) => key.backend(),
            Key::Zkey(prover) => prover.backend(),
        }
    }

    pub(super) fn points(&self, assignment: &[Fr], blinding: &Blinding, timing: Timing) -> Result<Points, ProveError> {
        match &self.0 {
            Key::Circuit(key) => Ok(key.prove(assignment, &rows(key, assignment)?, blinding, timing, false)?),
            Key::Zkey(prover) => prover.points(assignment, blinding, timing),
        }
    }

    pub(super) fn points_by_parts(
        &self,
        assignment: &[Fr],
        blinding: &Blinding,
        parts: &mut Parts,
    ) -> Result<Points, ProveError> {
        match &self.0 {
            Key::Circuit(key) => {
                let rows = parts.time(Part::Rows, || rows(key, assignment))?;
                Ok(key.prove_by_parts(assignment, &rows, blinding, parts)?)
            }
            Key::Zkey(prover) => prover.points_by_parts(assignment, blinding, parts),
        }
    }

    pub(super) fn verified(&self, assignment: &[Fr], points: Points) -> Result<Proof, ProveError> {
        match &self.0 {
            Key::Circuit(key) => {
                let inputs = assignment.get(1..key.shape().num_instance);
                verified(key, inputs.ok_or(ProveError::Unsatisfied { constraint: 0 })?, points)
            }
            Key::Zkey(prover) => prover.verified(assignment, points),
        }
    }
}
