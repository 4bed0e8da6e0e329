//! Groth16 as snarkjs proves it, written plainly over arkworks: what a faster prover is compared with, byte for byte.

use ark_bn254::{G1Projective, G2Projective};
use ark_ec::{CurveGroup, VariableBaseMSM};
use ark_ff::AdditiveGroup;
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use veilpay_protocol::field::Fr;
use veilpay_verifier::Proof;

use super::super::error::CircomError;
use super::super::zkey::{Coefficient, Zkey};

/// The matrix times the assignment, row by row.
fn product(entries: &[Coefficient], assignment: &[Fr], rows: usize) -> Vec<Fr> {
    let index = |n: u32| usize::try_from(n).expect("a u32 is a size");
    let mut out = vec![Fr::ZERO; rows];
    for Coefficient { row, column, value } in entries {
        out[index(*row)] += *value * assignment[index(*column)];
    }
    out
}

/// The polynomial with these values on the domain, evaluated on the coset `w D`, where `w^2` generates the domain D.
fn on_coset(domain: &Radix2EvaluationDomain<Fr>, values: &[Fr]) -> Vec<Fr> {
    let double =
        Radix2EvaluationDomain::<Fr>::new(2 * domain.size()).expect("a key's domain has one of twice its size");
    let coset = domain.get_coset(double.group_gen()).expect("the generator is not zero");
    coset.fft(&domain.ifft(values))
}

/// Proves with blinding scalars `r` and `s`: with `z` the assignment,
///
/// - `A = alpha + sum z_i A_i + r delta`, `B = beta + sum z_i B_i + s delta`,
/// - `C = sum z_i L_i + sum h_j H_j + s A + r B - r s delta` over private i and all rows j,
/// - `h_j = A(x_j) B(x_j) - C(x_j)` at the j-th point of the coset, where A and B are the matrices times z as polynomials
///   and C has the values `A_i B_i` on the domain.
///
/// A proof whose assignment does not satisfy the circuit comes out as well, and does not verify.
///
/// # Errors
/// [`CircomError::WitnessLength`] for an assignment of another length than the key's.
///
/// # Panics
/// When a point of the proof comes out as the identity, which takes chosen scalars.
pub fn prove(key: &Zkey, assignment: &[Fr], (r, s): (Fr, Fr)) -> Result<Proof, CircomError> {
    key.check_length(assignment)?;
    let domain = Radix2EvaluationDomain::<Fr>::new(key.domain_size()).expect("a key's domain is one");
    let a = product(key.a_coefficients(), assignment, domain.size());
    let b = product(key.b_coefficients(), assignment, domain.size());
    let c: Vec<Fr> = a.iter().zip(&b).map(|(a, b)| *a * b).collect();
    let [a, b, c] = [a, b, c].map(|values| on_coset(&domain, &values));
    let h: Vec<Fr> = a.into_iter().zip(b).zip(c).map(|((a, b), c)| a * b - c).collect();

    let header = key.header();
    let g1 = |bases, scalars| G1Projective::msm(bases, scalars).expect("as many scalars as points");
    let g2 = |bases, scalars| G2Projective::msm(bases, scalars).expect("as many scalars as points");
    let private = &assignment[1 + key.num_public()..];
    let a = g1(key.a_query(), assignment) + header.alpha_g1 + header.delta_g1 * r;
    let b_g1 = g1(key.b_g1_query(), assignment) + header.beta_g1 + header.delta_g1 * s;
    let b = g2(key.b_g2_query(), assignment) + header.beta_g2 + header.delta_g2 * s;
    let c = g1(key.l_query(), private) + g1(key.h_query(), &h) + a * s + b_g1 * r - header.delta_g1 * (r * s);
    Ok(Proof::new(a.into_affine(), b.into_affine(), c.into_affine()).expect("no point is the identity but by choice"))
}
