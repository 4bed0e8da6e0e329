//! Proving any circuit of snarkjs: `.zkey` and witness in, proof and public inputs out.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ark_bn254::Bn254;
use ark_ff::Field;
use ark_groth16::{Groth16, PreparedVerifyingKey, prepare_verifying_key};
use veilpay_kernels::Backend;
use veilpay_protocol::field::Fr;
use veilpay_verifier::{Proof, VerifyError};

use super::error::CircomError;
use super::zkey::Zkey;
use crate::engine::{ProveError, Stage};
use crate::groth16::parts::{Part, Parts};
use crate::groth16::{Blinding, Points, Prover, Queries, Timing};
use crate::keys::KeyFileError;
use crate::rows::Pair;

/// A `.zkey` laid out for proving, in the rayon pool that it is made in; shared by any number of proofs.
pub struct CircomProver {
    zkey: Zkey,
    matrices: Pair,
    prover: Prover,
    timing: Timing,
    verifying: PreparedVerifyingKey<Bn254>,
}

impl std::fmt::Debug for CircomProver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CircomProver").field("domain_size", &self.zkey.domain_size()).finish_non_exhaustive()
    }
}

impl CircomProver {
    /// Lays out a key.
    ///
    /// # Errors
    /// [`ProveError::Key`] when `VEILPAY_BACKEND` names no backend of this machine.
    pub fn new(zkey: Zkey) -> Result<Self, ProveError> {
        let backend = Backend::detect().map_err(|error| ProveError::Key(KeyFileError::Backend(error)))?;
        let prover = Prover::new(backend, &queries(&zkey)).ok_or(ProveError::Key(KeyFileError::Lengths))?;
        let matrices = Pair::new(&zkey).map_err(|_| ProveError::Key(KeyFileError::Lengths))?;
        let points = zkey.verifying_points();
        let verifying = prepare_verifying_key(&ark_groth16::VerifyingKey {
            alpha_g1: points.alpha,
            beta_g2: points.beta,
            gamma_g2: points.gamma,
            delta_g2: points.delta,
            gamma_abc_g1: points.ic,
        });
        Ok(Self { zkey, matrices, prover, timing: Timing::default(), verifying })
    }

    /// The same prover, whose proofs take time as `timing` says.
    #[must_use]
    pub const fn with_timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// The key.
    #[must_use]
    pub const fn zkey(&self) -> &Zkey {
        &self.zkey
    }

    /// Proves that `assignment` (one, outputs, public inputs, private ones, wires, as in a `.wtns`) satisfies the
    /// circuit, and verifies the proof.
    ///
    /// # Errors
    /// [`ProveError::Circom`] for an assignment of another length; [`ProveError::SelfVerification`] when the proof does
    /// not verify, which with a key that is what it should be means that the assignment does not satisfy the circuit: a
    /// `.zkey` does not hold the matrix C, so the row is not known.
    pub fn prove(&self, assignment: &[Fr]) -> Result<Proof, ProveError> {
        self.prove_blinded(assignment, &Blinding::fresh()?)
    }

    /// As [`Self::prove`], with the scalars of the blinding given: for comparisons with other provers only.
    ///
    /// # Errors
    /// As [`Self::prove`].
    #[cfg(any(test, feature = "testing"))]
    pub fn prove_with_scalars(&self, assignment: &[Fr], (r, s): (Fr, Fr)) -> Result<Proof, ProveError> {
        self.prove_blinded(assignment, &Blinding::given(r, s))
    }

    fn prove_blinded(&self, assignment: &[Fr], blinding: &Blinding) -> Result<Proof, ProveError> {
        let proof = self.create(assignment, blinding)?;
        self.verify(assignment, &proof)?;
        Ok(proof)
    }

    /// Proves without verifying.
    fn create(&self, assignment: &[Fr], blinding: &Blinding) -> Result<Proof, ProveError> {
        let Points { a, b, c } = self.points(assignment, blinding, self.timing)?;
        Proof::new(a, b, c).map_err(|error| ProveError::SelfVerification(error.into()))
    }

    /// The points of a proof, not verified.
    pub(crate) fn points(&self, assignment: &[Fr], blinding: &Blinding, timing: Timing) -> Result<Points, ProveError> {
        self.check(assignment)?;
        let create = || {
            let rows = self.matrices.rows(self.backend(), assignment);
            self.prover.prove(assignment, (&rows.a, &rows.b), blinding, timing, self.zkey.b_g1_query())
        };
        Ok(catch_unwind(AssertUnwindSafe(create)).map_err(|_| ProveError::Panicked(Stage::Prove))??)
    }

    /// As [`Self::points`], one part after the other.
    pub(crate) fn points_by_parts(
        &self,
        assignment: &[Fr],
        blinding: &Blinding,
        parts: &mut Parts,
    ) -> Result<Points, ProveError> {
        self.check(assignment)?;
        let rows = parts.time(Part::Rows, || self.matrices.rows(self.backend(), assignment));
        Ok(self.prover.prove_by_parts(assignment, (&rows.a, &rows.b), blinding, self.zkey.b_g1_query(), parts))
    }

    /// What computes.
    pub(crate) const fn backend(&self) -> Backend {
        self.prover.backend()
    }

    fn check(&self, assignment: &[Fr]) -> Result<(), ProveError> {
        self.zkey.check_length(assignment).map_err(ProveError::Circom)?;
        if assignment.first() == Some(&Fr::ONE) { Ok(()) } else { Err(ProveError::Circom(CircomError::NotOne)) }
    }

    pub(crate) fn verify(&self, assignment: &[Fr], proof: &Proof) -> Result<(), ProveError> {
        let proof = ark_groth16::Proof::<Bn254> { a: *proof.a(), b: *proof.b(), c: *proof.c() };
        match Groth16::<Bn254>::verify_proof(&self.verifying, &proof, &assignment[1..=self.zkey.num_public()]) {
            Ok(true) => Ok(()),
            _ => Err(ProveError::SelfVerification(VerifyError::Equation)),
        }
    }
}

/// The points of a key.
fn queries(zkey: &Zkey) -> Queries<'_> {
    let header = zkey.header();
    Queries {
        alpha: header.alpha_g1,
        beta: (header.beta_g1, header.beta_g2),
        delta: (header.delta_g1, header.delta_g2),
        a: zkey.a_query(),
        b_g2: zkey.b_g2_query(),
        l: zkey.l_query(),
        h: zkey.h_query(),
    }
}
