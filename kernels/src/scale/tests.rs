//! Each backend against arkworks.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use alloc::vec;

use ark_ec::CurveGroup;
use ark_ff::{Field, PrimeField};
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::*;

fn check(points: &[G1Affine], factors: &[Factor]) {
    let expected: Vec<G1Affine> = points.iter().zip(factors).map(|(p, f)| (*p * f.to_fr()).into_affine()).collect();
    for backend in Backend::all() {
        assert_eq!(scale_g1(backend, points, factors), expected, "{backend}, {} points", points.len());
        let sum = expected.iter().fold(G1Projective::ZERO, |sum, point| sum + point);
        assert_eq!(combine_g1(backend, points, factors), sum, "{backend}, {} points", points.len());
    }
}

#[test]
fn products_are_those_of_arkworks() {
    let mut rng = StdRng::seed_from_u64(1);
    for backend in Backend::all() {
        std::eprintln!("{backend}: exercised");
    }
    for n in (0..=18).chain([40, 130, 210]) {
        let points: Vec<_> =
            (0..n).map(|_| (G1Affine::generator() * Fr::from(rng.r#gen::<u64>())).into_affine()).collect();
        let factors: Vec<_> = (0..n).map(|_| Factor::new(rng.r#gen())).collect();
        check(&points, &factors);
    }
}

#[test]
fn every_digit_in_every_place_and_the_extremes_are_right() {
    let mut factors = vec![Factor::new([0; 16]), Factor::new([0xff; 16])];
    for code in 1..16u8 {
        factors.push(Factor::new([code | code << 4; 16]));
        for place in 0..DIGITS {
            let mut bytes = [0; 16];
            bytes[place / 2] = code << (place % 2 * 4);
            factors.push(Factor::new(bytes));
        }
    }
    let points = vec![(G1Affine::generator() * Fr::from(3u64)).into_affine(); factors.len()];
    check(&points, &factors);
}

#[test]
fn identities_opposites_and_repeated_points_are_right() {
    let mut rng = StdRng::seed_from_u64(2);
    let p = G1Affine::generator();
    let points = [p, -p, p, G1Affine::identity(), p, -p, G1Affine::identity(), p, p];
    let factors: Vec<_> = (0..points.len()).map(|_| Factor::new(rng.r#gen())).collect();
    check(&points, &factors);
    check(&[G1Affine::identity()], &factors[..1]);
    // The longer slice is cut.
    check(&points[..2], &factors);
    check(&points, &factors[..2]);
}

#[test]
fn digits_are_all_residues_modulo_four() {
    let mut seen = [false; 16];
    for (a, b) in COORDINATES {
        let residue = (a.rem_euclid(4) * 4 + b.rem_euclid(4)) as usize;
        assert!(!core::mem::replace(&mut seen[residue], true));
    }
}

/// Horner's rule over λ itself, a digit at a time.
#[test]
fn a_factor_is_the_sum_of_its_digits() {
    let mut rng = StdRng::seed_from_u64(3);
    let omega = g1::Config::LAMBDA;
    assert_eq!(omega.square() + omega + Fr::from(1u64), Fr::from(0u64));
    for _ in 0..100 {
        let factor = Factor::new(rng.r#gen());
        let naive = (0..DIGITS).rev().fold(Fr::from(1u64), |sum, j| {
            let digit = Digit::new(factor.code(j));
            let class = digit
                .class
                .map_or(Fr::from(0u64), |class| [Fr::from(1u64), Fr::from(1u64) - omega, Fr::from(2u64)][class]);
            let own = class * omega.pow([digit.turns as u64]);
            sum * Fr::from(4u64) + if digit.negative { -own } else { own }
        });
        assert_eq!(factor.to_fr(), naive);
        assert!(factor.to_fr().into_bigint() != ark_ff::BigInt::zero());
    }
}
