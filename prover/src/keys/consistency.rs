//! What shows that a key belongs to its circuit: honest proofs under it, and the powers of tau that it was made from.
//!
//! With u_j, v_j, w_j the columns of A (rows that bind public inputs included), B and C as polynomials on the domain and
//! l_i its Lagrange polynomials, all at tau, a key holds
//!
//! - gamma = 1;
//! - A_j = u_j, B_j = v_j in both groups;
//! - IC_j = beta u_j + alpha v_j + w_j for the one and the public inputs, and the same over delta, L_j, for other wires;
//! - H_i = l'_(2i+1) / delta, with l' those of the domain of twice the size.
//!
//! The powers of tau give all l_i, alpha l_i and beta l_i, so one random combination decides each line but for a chance of
//! about 2^-250. Without them tau is known to nobody, and what is left is that an honest proof verifies, which does not show
//! that a dishonest one does not.

use ark_bn254::{G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_ff::AdditiveGroup;
use ark_relations::gr1cs::Matrix;
use veilpay_circuits::sample::{TestRng, sample};
use veilpay_protocol::field::Fr;
use veilpay_verifier::Proof;

use super::ImportError;
use super::error::{KeyFileError, TauPart};
use super::{CircuitKey, paired};
use crate::circom::Ptau;
use crate::entropy;
use crate::groth16::{Blinding, Timing};
use crate::r1cs::R1cs;

/// Honest proofs that are tried.
const SAMPLES: u64 = 2;

/// The matrix times the weights of its columns, in a domain of `size` rows.
fn rows(matrix: &Matrix<Fr>, weights: &[Fr], size: usize) -> Vec<Fr> {
    let product = |row: &Vec<(Fr, usize)>| row.iter().map(|(value, column)| *value * weights[*column]).sum::<Fr>();
    let mut out: Vec<Fr> = matrix.iter().map(product).collect();
    out.resize(size, Fr::ZERO);
    out
}

/// A, B and C times the weights, the rows that bind public inputs included.
fn combined(r1cs: &R1cs, weights: &[Fr]) -> [Vec<Fr>; 3] {
    let size = r1cs.domain_size();
    let mut out = r1cs.matrices().each_ref().map(|matrix| rows(matrix, weights, size));
    let first = r1cs.num_constraints();
    out[0][first..first + r1cs.num_instance()].copy_from_slice(&weights[..r1cs.num_instance()]);
    out
}

fn g1(points: &[G1Affine], scalars: &[Fr]) -> G1Affine {
    G1Projective::msm_unchecked(points, scalars).into_affine()
}

fn fresh(count: usize) -> Result<Vec<Fr>, KeyFileError> {
    (0..count).map(|_| Ok(*entropy::scalar()?)).collect()
}

fn require(holds: bool, part: TauPart) -> Result<(), ImportError> {
    if holds { Ok(()) } else { Err(KeyFileError::NotOfTheseTaus(part).into()) }
}

impl CircuitKey {
    /// Whether honest proofs under the key verify: of two random statements of the circuit, with witnesses made up. That
    /// others do not is [`Self::check_taus`]'s to show.
    ///
    /// # Errors
    /// [`KeyFileError::Inconsistent`] when one does not, [`KeyFileError::Synthesis`] when the circuit cannot be evaluated,
    /// and those of reading the file.
    pub fn check_proofs(&self) -> Result<(), KeyFileError> {
        let seed = u64::from_le_bytes(*entropy::bytes()?);
        for number in 0..SAMPLES {
            let (statement, witness) = sample(self.info().circuit, &mut TestRng::new(seed.wrapping_add(number)));
            let assignment = veilpay_circuits::assignment(&statement, &witness).map_err(|_| KeyFileError::Synthesis)?;
            let rows = self.rows(&assignment, false).map_err(|_| KeyFileError::Matrices)?;
            let points = self.prove(&assignment, &rows, &Blinding::fresh()?, Timing::default(), false)?;
            let proof = Proof::new(points.a, points.b, points.c).map_err(|_| KeyFileError::Inconsistent)?;
            self.prepared().verify(&statement, &proof).map_err(|_| KeyFileError::Inconsistent)?;
        }
        Ok(())
    }

    /// Whether the key is what these powers of tau, the circuit and its own delta make it. With [`Self::check`] this is all
    /// that can be wrong with a key but how alpha, beta, tau and delta were chosen, which the transcripts of the two phases
    /// tell. Seconds of all threads.
    ///
    /// # Errors
    /// [`ImportError::Key`] with [`KeyFileError::NotOfTheseTaus`], naming the first part that is not, or what reading the
    /// key met; [`ImportError::Ptau`] with what reading the powers of tau met.
    pub fn check_taus(&self, ptau: &Ptau) -> Result<(), ImportError> {
        let (proving, r1cs) = (self.proving_key()?, self.r1cs()?);
        let (alpha, beta_1, beta_2) = ptau.secrets().map_err(ImportError::Ptau)?;
        require(proving.vk.gamma_g2 == G2Affine::generator(), TauPart::Gamma)?;
        require(proving.vk.alpha_g1 == alpha, TauPart::Alpha)?;
        require(proving.beta_g1 == beta_1 && proving.vk.beta_g2 == beta_2, TauPart::Beta)?;
        let power = r1cs.domain_size().trailing_zeros();
        let taus = ptau.lagrange(power).map_err(ImportError::Ptau)?;
        let weights = fresh(r1cs.num_variables())?;
        let [a, b, _] = combined(&r1cs, &weights);
        require(g1(&proving.a_query, &weights) == g1(&taus.g1, &a), TauPart::A)?;
        require(g1(&proving.b_g1_query, &weights) == g1(&taus.g1, &b), TauPart::B)?;
        let b_g2 = [(&proving.b_g2_query, &weights), (&taus.g2, &b)]
            .map(|(points, scalars)| G2Projective::msm_unchecked(points, scalars).into_affine());
        require(b_g2[0] == b_g2[1] && b_g2[0].is_in_correct_subgroup_assuming_on_curve(), TauPart::B)?;

        // The columns of the instance alone, and all others alone.
        let (instance, private) = weights.split_at(r1cs.num_instance());
        let combination = |weights: &[Fr]| {
            let [a, b, c] = combined(&r1cs, weights);
            let sum = g1(&taus.beta, &a) + g1(&taus.alpha, &b) + g1(&taus.g1, &c);
            sum.into_affine()
        };
        let padded: Vec<Fr> = instance.iter().copied().chain(private.iter().map(|_| Fr::ZERO)).collect();
        require(g1(&proving.vk.gamma_abc_g1, instance) == combination(&padded), TauPart::Ic)?;
        let padded: Vec<Fr> = instance.iter().map(|_| Fr::ZERO).chain(private.iter().copied()).collect();
        let (one, delta) = (G2Affine::generator(), proving.vk.delta_g2);
        let l = (g1(&proving.l_query, private), combination(&padded));
        require(paired((l.0, delta), (l.1, one)).is_ok(), TauPart::L)?;
        let weights = fresh(proving.h_query.len())?;
        let h = (g1(&proving.h_query, &weights), g1(&taus.odd, &weights));
        require(paired((h.0, delta), (h.1, one)).is_ok(), TauPart::H)
    }
}
