#![allow(clippy::unwrap_used, reason = "tests")]

use alloc::vec;

use ark_bn254::{Fr, g1, g2};
use ark_ec::short_weierstrass::Projective;
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_ff::Field;

use super::super::Digits;
use super::*;
use crate::msm::Windows;

fn pack<C: Curve>(points: &[Affine<C>]) -> Vec<u8> {
    let mut words = vec![0; 8 * C::LINES * points.len()];
    for (point, words) in points.iter().zip(words.chunks_exact_mut(8 * C::LINES)) {
        let (x, y) = words.split_at_mut(4 * C::LINES);
        point.x.to_words(x);
        point.y.to_words(y);
    }
    words.into_iter().flat_map(u64::to_le_bytes).collect()
}

/// Distinct points, of which each fifth and a run at the end are the identity.
fn points<C: Curve>(n: usize) -> Vec<Affine<C>> {
    let step = Affine::<C>::generator();
    let mut sum = step + step;
    let all: Vec<Projective<C>> = (0..n)
        .map(|i| {
            sum += step;
            if i % 5 == 0 || i + 3 > n { Affine::identity().into() } else { sum }
        })
        .collect();
    Projective::<C>::normalize_batch(&all)
}

fn sums<C: Curve>()
where
    Projective<C>: VariableBaseMSM<ScalarField = Fr, MulBase = Affine<C>>,
{
    for backend in Backend::all() {
        for n in [0, 1, 7, BLOCK, 2 * BLOCK + 9, 1000] {
            for public in [0, 1, 24] {
                let points = points::<C>(n);
                let scalars: Vec<Fr> = (0..n + public).map(|i| Fr::from(3 + i as u64).pow([77])).collect();
                let digits = Digits::new(backend, &scalars, Windows::for_scalars(scalars.len()));
                let bases = Bases::<C>::from_packed(backend, public, &pack(&points)).unwrap();
                let expected = Projective::<C>::msm(&points, &scalars[public..]).unwrap();
                assert_eq!(bases.msm(&digits), expected, "{backend}, {n} points after {public}");
            }
        }
        let whole: Vec<Affine<C>> = points::<C>(50).into_iter().filter(|point| !point.is_zero()).collect();
        assert!(Bases::<C>::from_packed(backend, 0, &pack(&whole)).unwrap().kept.is_none());
    }
}

#[test]
fn bases_from_packed_points_give_the_sums_of_arkworks() {
    sums::<g1::Config>();
    sums::<g2::Config>();
}

fn refusals<C: Curve>() {
    let points = points::<C>(1000);
    let honest = pack(&points);
    let size = Bases::<C>::PACKED_BYTES;
    let p: Vec<u8> = Fq::MODULUS.0.into_iter().flat_map(u64::to_le_bytes).collect();
    for backend in Backend::all() {
        let refused = |wrong: &[(usize, &[u8])]| {
            let mut packed = honest.clone();
            for (at, bytes) in wrong {
                packed[*at..at + bytes.len()].copy_from_slice(bytes);
            }
            Bases::<C>::from_packed(backend, 3, &packed).map(drop)
        };
        assert_eq!(refused(&[]), Ok(()));
        // Identities among them: what was one is a point now, and refused like any.
        for index in [0, 1, 499, 999] {
            for coordinate in 0..size / 32 {
                let at = index * size + 32 * coordinate;
                assert_eq!(refused(&[(at, &p)]), Err(PackedError::NotCanonical { index }));
                assert_eq!(refused(&[(at, &[0xff; 32])]), Err(PackedError::NotCanonical { index }));
            }
            let off = Err(PackedError::NotOnCurve { index });
            assert_eq!(refused(&[(index * size, &[1])]), off);
            assert_eq!(refused(&[(index * size + 8, &[1; 8]), (700 * size, &[9; 5])]), off.min_by_index(700));
        }
        // x = 0 alone does not make the identity.
        assert_eq!(refused(&[(size, &vec![0; size / 2])]), Err(PackedError::NotOnCurve { index: 1 }));
    }
}

/// Of two wrong points the first is named.
trait First {
    fn min_by_index(self, other: usize) -> Self;
}
impl First for Result<(), PackedError> {
    fn min_by_index(self, other: usize) -> Self {
        self.map_err(|error| PackedError::NotOnCurve { index: error.index().min(other) })
    }
}

#[test]
fn a_packed_point_that_is_none_is_named() {
    refusals::<g1::Config>();
    refusals::<g2::Config>();
}
