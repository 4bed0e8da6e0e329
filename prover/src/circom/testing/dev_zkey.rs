//! A `.zkey` from known secrets: what snarkjs makes in a ceremony, made in a second by one who knows all.

use ark_bn254::{Fq, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::scalar_mul::BatchMulPreprocessing;
use ark_ec::{CurveGroup, PrimeGroup};
use ark_ff::{AdditiveGroup, Field, Fp, FpConfig, PrimeField};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use veilpay_protocol::field::Fr;

use super::super::container::{self, number};
use super::super::element::{ELEMENT_BYTES, Element};
use super::super::error::File;
use super::super::write_prime;
use super::super::zkey::GROTH16;
use crate::r1cs::R1cs;

/// The secrets of a setup; gamma is one, as in every key of snarkjs. None is zero, and tau is no root of unity.
#[derive(Clone, Copy, Debug)]
pub struct Trapdoor {
    /// alpha.
    pub alpha: Fr,
    /// beta.
    pub beta: Fr,
    /// delta.
    pub delta: Fr,
    /// The point at which polynomials are evaluated.
    pub tau: Fr,
}

impl Trapdoor {
    /// The secrets that follow from a seed: fixed, so that a test's key is the same in each run.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        let at = |i: u64| Fr::from(seed).pow([5 + i]) + Fr::from(0x9e37_79b9_7f4a_7c15_u64 + i).pow([17]);
        Self { alpha: at(0), beta: at(1), delta: at(2), tau: at(3) }
    }
}

/// The key's scalars, before they become points.
struct Scalars {
    a: Vec<Fr>,
    b: Vec<Fr>,
    ic: Vec<Fr>,
    l: Vec<Fr>,
    h: Vec<Fr>,
}

fn scalars(r1cs: &R1cs, domain: &Radix2EvaluationDomain<Fr>, secrets: &Trapdoor) -> Scalars {
    let Trapdoor { alpha, beta, delta, tau } = *secrets;
    let lagrange = domain.evaluate_all_lagrange_coefficients(tau);
    let [mut a, b, c] = r1cs.matrices().each_ref().map(|matrix| {
        let mut columns = vec![Fr::ZERO; r1cs.num_variables()];
        for (row, at) in matrix.iter().zip(&lagrange) {
            row.iter().for_each(|(coefficient, column)| columns[*column] += *coefficient * at);
        }
        columns
    });
    // The rows that bind public inputs.
    for (a, at) in a.iter_mut().zip(&lagrange[r1cs.num_constraints()..]).take(r1cs.num_instance()) {
        *a += at;
    }
    let over_delta = delta.inverse().expect("delta is not zero");
    let mut ic: Vec<Fr> = a.iter().zip(&b).zip(&c).map(|((a, b), c)| beta * a + alpha * b + c).collect();
    let l = ic.split_off(r1cs.num_instance()).into_iter().map(|x| x * over_delta).collect();
    let double = Radix2EvaluationDomain::<Fr>::new(2 * domain.size()).expect("the field has such a domain");
    let odd = double.evaluate_all_lagrange_coefficients(tau).into_iter().skip(1).step_by(2);
    Scalars { a, b, ic, l, h: odd.map(|x| x * over_delta).collect() }
}

/// Writes the key of a constraint system from secrets: a second of two cores for a domain of 2^15, three for one of
/// 2^17. Whoever has the secrets proves anything.
///
/// # Panics
/// When a secret is not as [`Trapdoor`] says, or the circuit is larger than the field's domains.
#[must_use]
pub fn dev_zkey(r1cs: &R1cs, secrets: &Trapdoor) -> Vec<u8> {
    let domain = Radix2EvaluationDomain::<Fr>::new(r1cs.domain_size()).expect("the field has such a domain");
    let Scalars { a, b, ic, l, h } = scalars(r1cs, &domain, secrets);
    let (g1, g2) = (G1Projective::generator(), G2Projective::generator());
    let g1_table = BatchMulPreprocessing::new(g1, 3 * a.len() + h.len());
    let g1s = |scalars: &[Fr]| write_g1(&g1_table.batch_mul(scalars));

    let mut header = Vec::new();
    write_prime(&mut header, Fq::prime());
    write_prime(&mut header, Fr::prime());
    header.extend([a.len(), r1cs.num_instance() - 1, domain.size()].map(number).concat());
    header.extend(write_g1(&[(g1 * secrets.alpha).into_affine(), (g1 * secrets.beta).into_affine()]));
    header.extend(write_g2(&[(g2 * secrets.beta).into_affine(), g2.into_affine()]));
    header.extend(write_g1(&[(g1 * secrets.delta).into_affine()]));
    header.extend(write_g2(&[(g2 * secrets.delta).into_affine()]));

    let b_g2 = write_g2(&BatchMulPreprocessing::new(g2, b.len()).batch_mul(&b));
    let sections: [(u32, &[u8]); 10] = [
        (1, &GROTH16.to_le_bytes()),
        (2, &header),
        (3, &g1s(&ic)),
        (4, &coefficients(r1cs)),
        (5, &g1s(&a)),
        (6, &g1s(&b)),
        (7, &b_g2),
        (8, &g1s(&l)),
        (9, &g1s(&h)),
        // No circuit's digest and no contributions.
        (10, &[0; 64 + 4]),
    ];
    container::write(File::Zkey, &sections)
}

/// The entries of A and B, row by row, then the rows that bind public inputs.
fn coefficients(r1cs: &R1cs) -> Vec<u8> {
    let [a, b, _] = r1cs.matrices();
    let entries: usize = a.iter().chain(b).map(Vec::len).sum::<usize>() + r1cs.num_instance();
    let mut out = Vec::with_capacity(4 + entries * (12 + ELEMENT_BYTES));
    out.extend(number(entries));
    let mut write = |matrix: usize, row: usize, column: usize, value: &Fr| {
        out.extend([matrix, row, column].map(number).concat());
        write_montgomery(&mut out, &Fr::from_bigint(value.0).expect("a Montgomery form is below the prime"));
    };
    for row in 0..r1cs.num_constraints() {
        for (matrix, rows) in [a, b].into_iter().enumerate() {
            rows[row].iter().for_each(|(value, column)| write(matrix, row, *column, value));
        }
    }
    for input in 0..r1cs.num_instance() {
        write(0, r1cs.num_constraints() + input, input, &Fr::ONE);
    }
    out
}

fn write_montgomery<C: FpConfig<4>>(out: &mut Vec<u8>, x: &Fp<C, 4>) {
    out.extend(x.0.0.into_iter().flat_map(u64::to_le_bytes));
}

pub(super) fn write_g1(points: &[G1Affine]) -> Vec<u8> {
    let mut out = Vec::with_capacity(points.len() * 2 * ELEMENT_BYTES);
    points.iter().flat_map(|point| [point.x, point.y]).for_each(|x| write_montgomery(&mut out, &x));
    out
}

pub(super) fn write_g2(points: &[G2Affine]) -> Vec<u8> {
    let mut out = Vec::with_capacity(points.len() * 4 * ELEMENT_BYTES);
    let coordinates = |point: &G2Affine| [point.x.c0, point.x.c1, point.y.c0, point.y.c1];
    points.iter().flat_map(coordinates).for_each(|x| write_montgomery(&mut out, &x));
    out
}
