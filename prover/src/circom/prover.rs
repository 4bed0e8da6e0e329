//! Proving any circuit of snarkjs: `.zkey` and witness in, proof and public inputs out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use ark_bn254::{Bn254, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ec::pairing::Pairing;
use ark_ff::Field;
use ark_groth16::{Groth16, PreparedVerifyingKey, VerifyingKey, prepare_verifying_key};
use veilpay_kernels::Backend;
use veilpay_protocol::field::Fr;
use veilpay_verifier::{KeyPoints, Proof, VerifyError};

use super::error::CircomError;
use super::zkey::ZkeyFile;
use crate::engine::{ProveError, Stage};
use crate::groth16::parts::{Part, Parts};
use crate::groth16::{Blinding, Fixed, Points, Prover, Timing};
use crate::keys::KeyFileError;
use crate::rows::Pair;

/// A `.zkey` laid out for proving, in the rayon pool that it is made in; shared by any number of proofs. The file stays
/// open for what is needed rarely.
pub struct CircomProver {
    key: ZkeyFile,
    matrices: Pair,
    prover: Prover,
    /// For when a proof does not verify.
    portable: OnceLock<Prover>,
    timing: Timing,
    verifying: PreparedVerifyingKey<Bn254>,
}

/// A proof that has been verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircomOutput {
    /// The proof.
    pub proof: Proof,
    /// The first proof did not verify and was computed again on the portable backend: a fault worth a look at the
    /// machine.
    pub recomputed: bool,
}

impl std::fmt::Debug for CircomProver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CircomProver").field("domain_size", &self.key.domain_size()).finish_non_exhaustive()
    }
}

impl CircomProver {
    /// Lays out a key, one section after the other.
    ///
    /// # Errors
    /// [`ProveError::Circom`] for a section that cannot be read or holds something wrong, [`ProveError::Key`] when
    /// `VEILPAY_BACKEND` names no backend of this machine.
    pub fn new(key: ZkeyFile) -> Result<Self, ProveError> {
        let backend = Backend::detect().map_err(|error| ProveError::Key(KeyFileError::Backend(error)))?;
        let prover = Prover::new(backend, fixed(&key), &key.shape(), &key)?;
        let entries = key.entries().map_err(ProveError::Circom)?;
        let matrices = Pair::new(&entries).map_err(|_| ProveError::Key(KeyFileError::Lengths))?;
        let KeyPoints { alpha, beta, gamma, delta, ic } = key.verifying_points();
        let verifying = prepare_verifying_key(&VerifyingKey {
            alpha_g1: alpha,
            beta_g2: beta,
            gamma_g2: gamma,
            delta_g2: delta,
            gamma_abc_g1: ic,
        });
        Ok(Self { key, matrices, prover, portable: OnceLock::new(), timing: Timing::default(), verifying })
    }

    /// The same prover, whose proofs take time as `timing` says.
    #[must_use]
    pub const fn with_timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &ZkeyFile {
        &self.key
    }

    /// Proves that `assignment` (one, outputs, public inputs, private ones, wires, as in a `.wtns`) satisfies the
    /// circuit, and verifies the proof. One that does not verify is computed again on the portable backend, rows and all.
    ///
    /// # Errors
    /// [`ProveError::Circom`] for an assignment of another length. When both proofs do not verify:
    /// [`ProveError::Key`] if delta or beta differ between G1 and G2, so that no proof would; [`ProveError::Circom`] if
    /// a point of B in G2 is not in the subgroup, which is looked at only now;
    /// [`ProveError::WitnessOrKey`] if both are the same proof, so that it is not the machine, and, with a key that is what
    /// it should be, the assignment does not satisfy the circuit (a `.zkey` does not hold the matrix C, so the row is not
    /// known); [`ProveError::SelfVerification`] if they differ.
    pub fn prove(&self, assignment: &[Fr]) -> Result<CircomOutput, ProveError> {
        self.prove_with(assignment, &Blinding::fresh()?, &|_, _| ())
    }

    /// As [`Self::prove`], with the scalars of the blinding given: for comparisons with other provers only.
    ///
    /// # Errors
    /// As [`Self::prove`].
    #[cfg(any(test, feature = "testing"))]
    pub fn prove_with_scalars(&self, assignment: &[Fr], (r, s): (Fr, Fr)) -> Result<CircomOutput, ProveError> {
        self.prove_with(assignment, &Blinding::given(r, s), &|_, _| ())
    }

    /// `fault` may change what a computation gave, of which it is told whether it is the portable one: for tests.
    fn prove_with(
        &self,
        assignment: &[Fr],
        blinding: &Blinding,
        fault: &dyn Fn(&mut Points, bool),
    ) -> Result<CircomOutput, ProveError> {
        let compute = |portable| {
            let mut points = self.compute(assignment, blinding, self.timing, portable)?;
            fault(&mut points, portable);
            Ok::<_, ProveError>((points, self.verified(assignment, points)))
        };
        let (first, verified) = compute(false)?;
        match verified {
            Ok(proof) => return Ok(CircomOutput { proof, recomputed: false }),
            Err(ProveError::SelfVerification(_)) => {}
            Err(error) => return Err(error),
        }
        // A fault of the machine or of a kernel: once more, with other instructions.
        let (second, verified) = compute(true)?;
        match verified {
            Ok(proof) => Ok(CircomOutput { proof, recomputed: true }),
            Err(ProveError::SelfVerification(_)) if !self.is_paired() => Err(ProveError::Key(KeyFileError::Unpaired)),
            Err(ProveError::SelfVerification(error)) => {
                self.key.check_subgroup().map_err(ProveError::Circom)?;
                Err(if first == second { ProveError::WitnessOrKey } else { ProveError::SelfVerification(error) })
            }
            Err(error) => Err(error),
        }
    }

    /// Whether delta and beta have the same exponents in G1 and G2.
    fn is_paired(&self) -> bool {
        let (one, Fixed { beta, delta, .. }) = ((G1Affine::generator(), G2Affine::generator()), fixed(&self.key));
        [beta, delta].into_iter().all(|(p, q)| Bn254::pairing(p, one.1) == Bn254::pairing(one.0, q))
    }

    /// The points of a proof, not verified.
    pub(crate) fn points(&self, assignment: &[Fr], blinding: &Blinding, timing: Timing) -> Result<Points, ProveError> {
        self.compute(assignment, blinding, timing, false)
    }

    fn compute(
        &self,
        assignment: &[Fr],
        blinding: &Blinding,
        timing: Timing,
        portable: bool,
    ) -> Result<Points, ProveError> {
        self.check(assignment)?;
        let prover = if portable { self.portable()? } else { &self.prover };
        let create = || {
            let rows = self.matrices.rows(prover.backend(), assignment);
            prover.prove(assignment, (&rows.a, &rows.b), blinding, timing, &self.key)
        };
        catch_unwind(AssertUnwindSafe(create)).map_err(|_| ProveError::Panicked(Stage::Prove))?
    }

    /// The key laid out for the portable backend.
    fn portable(&self) -> Result<&Prover, ProveError> {
        if self.backend() == Backend::Portable {
            return Ok(&self.prover);
        }
        if let Some(prover) = self.portable.get() {
            return Ok(prover);
        }
        let prover = Prover::new(Backend::Portable, fixed(&self.key), &self.key.shape(), &self.key)?;
        Ok(self.portable.get_or_init(|| prover))
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
        self.prover.prove_by_parts(assignment, (&rows.a, &rows.b), blinding, &self.key, parts)
    }

    /// What computes.
    pub(crate) const fn backend(&self) -> Backend {
        self.prover.backend()
    }

    fn check(&self, assignment: &[Fr]) -> Result<(), ProveError> {
        self.key.check_length(assignment).map_err(ProveError::Circom)?;
        if assignment.first() == Some(&Fr::ONE) { Ok(()) } else { Err(ProveError::Circom(CircomError::NotOne)) }
    }

    /// The proof, if it holds.
    pub(crate) fn verified(&self, assignment: &[Fr], points: Points) -> Result<Proof, ProveError> {
        let Points { a, b, c } = points;
        let proof = Proof::new(a, b, c).map_err(|error| ProveError::SelfVerification(error.into()))?;
        let inputs = &assignment[1..=self.key.num_public()];
        match Groth16::<Bn254>::verify_proof(&self.verifying, &ark_groth16::Proof { a, b, c }, inputs) {
            Ok(true) => Ok(proof),
            _ => Err(ProveError::SelfVerification(VerifyError::Equation)),
        }
    }
}

/// The points of a key that are in no query.
fn fixed(key: &ZkeyFile) -> Fixed {
    let header = key.header();
    Fixed { alpha: header.alpha_g1, beta: (header.beta_g1, header.beta_g2), delta: (header.delta_g1, header.delta_g2) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::super::testing::{Trapdoor, dev_zkey, prove};
    use super::super::tests::{Sections, small, small_zkey};
    use super::super::{File, Place, Zkey};
    use super::*;

    fn prover(bytes: Vec<u8>) -> CircomProver {
        CircomProver::new(ZkeyFile::from_bytes(bytes).unwrap()).unwrap()
    }

    /// What a machine might do to a proof.
    fn spoil(points: &mut Points) {
        points.c = -points.c;
    }

    #[test]
    fn a_proof_spoilt_by_the_machine_is_computed_again_and_flagged() {
        let (_, assignment) = small();
        for timing in [Timing::Fast, Timing::Uniform] {
            let prover = prover(small_zkey()).with_timing(timing);
            assert!(!prover.prove(&assignment).unwrap().recomputed);
            let blinding = Blinding::fresh().unwrap();
            let spoilt = prover.prove_with(&assignment, &blinding, &|points, portable| {
                if !portable {
                    spoil(points);
                }
            });
            let output = spoilt.unwrap();
            assert!(output.recomputed);
            let again = prover.prove_with(&assignment, &blinding, &|_, _| ()).unwrap();
            assert_eq!(again, CircomOutput { recomputed: false, ..output }, "the same proof");
        }
    }

    #[test]
    fn a_wrong_witness_is_told_apart_from_a_fault_and_from_a_key_that_does_not_fit_itself() {
        let (_, assignment) = small();
        let (mut wrong, fresh) = (assignment.clone(), Blinding::fresh().unwrap());
        *wrong.last_mut().unwrap() += Fr::ONE;
        let prover = prover(small_zkey());
        assert_eq!(prover.prove(&wrong), Err(ProveError::WitnessOrKey));
        assert_eq!(prover.with_timing(Timing::Uniform).prove(&wrong), Err(ProveError::WitnessOrKey));

        let prover = super::tests::prover(small_zkey());
        let always = |points: &mut Points, portable| {
            spoil(points);
            if portable {
                points.a = -points.a;
            }
        };
        let refused = prover.prove_with(&assignment, &fresh, &always);
        assert_eq!(refused, Err(ProveError::SelfVerification(VerifyError::Equation)));

        // delta in G1 is beta in G1.
        let mut key = Sections::of(File::Zkey, &small_zkey());
        let points = key.at(2)[84..].to_vec();
        key.at(2)[84 + 384..84 + 448].copy_from_slice(&points[64..128]);
        let refused = super::tests::prover(key.bytes()).prove(&assignment);
        // A proof with fresh blinding does without delta in G1.
        assert!(refused.is_ok());
        let given = super::tests::prover(key.bytes()).prove_with_scalars(&assignment, (Fr::from(3), Fr::from(4)));
        assert_eq!(given, Err(ProveError::Key(KeyFileError::Unpaired)));
    }

    #[test]
    fn a_key_with_a_point_outside_the_subgroup_is_blamed_and_not_the_machine() {
        let (_, assignment) = small();
        let mut key = Sections::of(File::Zkey, &small_zkey());
        // Of variables 1 and on; whichever has a point there that counts.
        for variable in 0..assignment.len() {
            let place = variable * 128;
            key.at(7)[place..place + 128].copy_from_slice(&super::super::tests::outside_subgroup());
        }
        for timing in [Timing::Fast, Timing::Uniform] {
            let refused = prover(key.bytes()).with_timing(timing).prove(&assignment);
            let at = Place { file: File::Zkey, section: 7 };
            assert_eq!(refused, Err(ProveError::Circom(CircomError::NotInSubgroup { at, index: 0 })));
        }
    }

    #[test]
    fn with_given_scalars_a_proof_is_that_of_the_plain_prover() {
        let ((r1cs, assignment), bytes) = (small(), dev_zkey(&small().0, &Trapdoor::from_seed(1)));
        assert_eq!(r1cs.num_variables(), assignment.len());
        let expected = prove(&Zkey::read(&bytes).unwrap(), &assignment, (Fr::from(5), Fr::from(6))).unwrap();
        let output = prover(bytes).prove_with_scalars(&assignment, (Fr::from(5), Fr::from(6))).unwrap();
        assert_eq!(output, CircomOutput { proof: expected, recomputed: false });
    }
}
