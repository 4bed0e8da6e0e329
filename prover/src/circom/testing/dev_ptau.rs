//! Prepared powers of tau from a known tau, **for tests only**: who has the secrets proves anything under every key made
//! from them. What takes snarkjs minutes takes seconds, because every point is one scalar times the generator.

use ark_bn254::{Fq, G1Projective, G2Projective};
use ark_ec::scalar_mul::BatchMulPreprocessing;
use ark_ec::{CurveGroup, PrimeGroup};
use ark_ff::Field;
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use veilpay_protocol::field::Fr;

use super::super::container::{self, number};
use super::super::element::Element;
use super::super::error::File;
use super::super::write_prime;
use super::dev_zkey::{Trapdoor, write_g1, write_g2};

/// 1, tau, tau^2 ...
fn powers(tau: Fr, count: usize) -> Vec<Fr> {
    std::iter::successors(Some(Fr::ONE), |power| Some(*power * tau)).take(count).collect()
}

/// The Lagrange polynomials at tau of the domains of 2^0, 2^1 ... 2^`power`, one after the other.
fn lagrange(power: u32, tau: Fr) -> Vec<Fr> {
    let of = |p: u32| Radix2EvaluationDomain::<Fr>::new(1 << p).expect("the field has such a domain");
    (0..=power).flat_map(|p| of(p).evaluate_all_lagrange_coefficients(tau)).collect()
}

/// Those of the domain of 2^`power`, without their highest power, which the file does not have.
fn without_highest(power: u32, tau: Fr) -> Vec<Fr> {
    let domain = Radix2EvaluationDomain::<Fr>::new(1 << power).expect("the field has such a domain");
    let highest = tau.pow([domain.size - 1]) * domain.size_inv;
    let all = domain.evaluate_all_lagrange_coefficients(tau);
    all.into_iter().zip(domain.elements()).map(|(at, element)| at - highest * element).collect()
}

/// Writes prepared powers of tau for circuits whose domain is at most 2^`power`, without contributions. delta is not used.
///
/// About five seconds of two cores for a power of 15.
///
/// # Panics
/// When a secret is zero, tau is a root of unity, or the field has no domain of twice the size.
#[must_use]
pub fn dev_ptau(power: u32, secrets: &Trapdoor) -> Vec<u8> {
    let Trapdoor { alpha, beta, tau, .. } = *secrets;
    let n = 1_usize << power;
    let (g1, g2) = (G1Projective::generator(), G2Projective::generator());
    let g1_table = BatchMulPreprocessing::new(g1, 12 * n);
    let g2_table = BatchMulPreprocessing::new(g2, 3 * n);
    let g1s = |scalars: &[Fr]| write_g1(&g1_table.batch_mul(scalars));
    let g2s = |scalars: &[Fr]| write_g2(&g2_table.batch_mul(scalars));
    let times = |scalars: &[Fr], factor: Fr| -> Vec<Fr> { scalars.iter().map(|x| *x * factor).collect() };

    let mut header = Vec::new();
    write_prime(&mut header, Fq::prime());
    header.extend([number(power as usize), number(power as usize)].concat());
    let powers = powers(tau, 2 * n - 1);
    let lagrange = lagrange(power, tau);
    let with_double = [lagrange.clone(), without_highest(power + 1, tau)].concat();
    let sections: [(u32, &[u8]); 11] = [
        (1, &header),
        (2, &g1s(&powers)),
        (3, &g2s(&powers[..n])),
        (4, &g1s(&times(&powers[..n], alpha))),
        (5, &g1s(&times(&powers[..n], beta))),
        (6, &write_g2(&[(g2 * beta).into_affine()])),
        // No contributions.
        (7, &[0; 4]),
        (12, &g1s(&with_double)),
        (13, &g2s(&lagrange)),
        (14, &g1s(&times(&lagrange, alpha))),
        (15, &g1s(&times(&lagrange, beta))),
    ];
    container::write(File::Ptau, &sections)
}
