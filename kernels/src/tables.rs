//! Sums of a few points that stay, each times a scalar: their multiples are kept, and a sum is additions alone.
//!
//! A scalar is 51 signed digits of five bits. Of each point there are 1 to 16 times 2^(5 j) for each digit j, 816 points
//! of 64 bytes. A sum over n points is one list of at most 51 n of them, eight side by side, with shared inversions as in
//! multi-scalar sums; no doublings, and no digit that is 0.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use ark_bn254::{Fr, G1Affine, G1Projective, g1};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::PrimeField;

use crate::backend::Backend;
use crate::msm::curve::{Curve, VARIANTS};
use crate::msm::lists::SIGN;
use crate::msm::slab::Line;

/// Bits of a digit.
const WIDTH: usize = 5;
/// Digits of a scalar, which has 254 bits: the topmost is at most 15 and what is carried into it.
const DIGITS: usize = 51;
/// Multiples for each digit.
const MULTIPLES: usize = 1 << (WIDTH - 1);

/// The multiples of points of G1 (52 KiB each), on a backend.
#[derive(Clone)]
pub struct G1Tables {
    backend: Backend,
    /// Multiple m of digit j of point i at (i DIGITS + j) MULTIPLES + m - 1; all zeros for the identity.
    lines: Vec<Line>,
    /// The points themselves.
    points: Vec<G1Affine>,
}

impl fmt::Debug for G1Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("G1Tables").field("backend", &self.backend).field("points", &self.len()).finish_non_exhaustive()
    }
}

/// Signed digits, the lowest first, each from -15 to 16.
fn digits(scalar: &Fr) -> [i8; DIGITS] {
    let words = scalar.into_bigint().0;
    let mut carry = 0;
    core::array::from_fn(|j| {
        let (word, shift) = (WIDTH * j / 64, WIDTH * j % 64);
        let above = if shift + WIDTH > 64 { words.get(word + 1).map_or(0, |next| next << (64 - shift)) } else { 0 };
        let digit = ((words[word] >> shift | above) & ((1 << WIDTH) - 1)) as i8 + carry;
        carry = i8::from(digit > MULTIPLES as i8);
        digit - (carry << WIDTH)
    })
}

/// All multiples of a point.
fn multiples(point: &G1Affine) -> Vec<G1Projective> {
    let mut all = Vec::with_capacity(DIGITS * MULTIPLES);
    let mut base = point.into_group();
    for _ in 0..DIGITS {
        let affine = base.into_affine();
        let mut multiple = base;
        for _ in 1..MULTIPLES {
            all.push(multiple);
            multiple += affine;
        }
        all.push(multiple);
        base = multiple + multiple;
    }
    all
}

impl G1Tables {
    /// Prepares points of G1, all of which are on the curve.
    #[must_use]
    pub fn new(backend: Backend, points: &[G1Affine]) -> Self {
        let mut lines = vec![Line::ZERO; points.len() * DIGITS * MULTIPLES];
        let mut images = vec![Line::ZERO; VARIANTS * DIGITS * MULTIPLES];
        for (point, lines) in points.iter().zip(lines.chunks_exact_mut(DIGITS * MULTIPLES)) {
            if point.is_zero() {
                continue;
            }
            let affine = G1Projective::normalize_batch(&multiples(point));
            g1::Config::write_bases(backend, &affine, &mut images);
            lines.iter_mut().zip(images.chunks_exact(VARIANTS)).for_each(|(line, images)| *line = images[0]);
        }
        Self { backend, lines, points: points.to_vec() }
    }

    /// The same points on another backend.
    #[must_use]
    pub fn on(&self, backend: Backend) -> Self {
        Self::new(backend, &self.points)
    }

    /// How many points there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The sum of the points from number `first` on, each times its scalar; scalars without a point do not count.
    pub fn sum(&self, first: usize, scalars: &[Fr]) -> G1Affine {
        let mut items = Vec::with_capacity(scalars.len() * DIGITS);
        for (i, scalar) in (first..self.len()).zip(scalars).filter(|(i, _)| !self.points[*i].is_zero()) {
            for (j, digit) in digits(scalar).into_iter().enumerate().filter(|(_, digit)| *digit != 0) {
                let index = (i * DIGITS + j) * MULTIPLES + usize::from(digit.unsigned_abs()) - 1;
                items.push(index as u32 | if digit < 0 { SIGN } else { 0 });
            }
        }
        g1::Config::with_room(self.backend, |room| room.sum_of(&self.lines, &items))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use ark_ff::{AdditiveGroup, Field, UniformRand};
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    #[test]
    fn digits_make_up_the_scalar() {
        let mut rng = StdRng::seed_from_u64(1);
        let edges = [0, 1, 15, 16, 17, 31, 32, u64::MAX].map(Fr::from);
        let all = edges.into_iter().chain(edges.map(|x| -x)).chain((0..100).map(|_| Fr::rand(&mut rng)));
        for scalar in all {
            let own = digits(&scalar);
            assert!(own.iter().all(|digit| (-15..=16).contains(digit)));
            let sum = own.iter().rev().fold(Fr::ZERO, |sum, digit| sum * Fr::from(32u64) + Fr::from(*digit));
            assert_eq!(sum, scalar);
        }
    }

    #[test]
    fn sums_are_those_of_arkworks() {
        let mut rng = StdRng::seed_from_u64(2);
        for backend in Backend::all() {
            for n in [0, 1, 2, 5, 9, 24] {
                let mut points: Vec<G1Affine> = (0..n).map(|_| G1Affine::rand(&mut rng)).collect();
                if n > 4 {
                    points[1] = G1Affine::identity();
                    points[3] = -points[2];
                    points[4] = points[2];
                }
                let tables = G1Tables::new(backend, &points);
                let edges = [Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::from(16u64), -Fr::from(1u64 << 40), Fr::from(u64::MAX)];
                let mut cases: Vec<Vec<Fr>> = edges.iter().map(|edge| vec![*edge; n]).collect();
                cases.push((0..n).map(|_| Fr::rand(&mut rng)).collect());
                for scalars in cases {
                    for first in 0..=n {
                        let own = points[first..].iter().zip(&scalars);
                        let expected = own.fold(G1Projective::ZERO, |sum, (point, scalar)| sum + *point * scalar);
                        assert_eq!(tables.sum(first, &scalars), expected.into_affine(), "{backend} {n} {first}");
                    }
                }
            }
        }
    }
}
