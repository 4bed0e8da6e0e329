//! Many points of G1, each times a factor of its own: what a random combination of many equations takes.

use alloc::vec::Vec;

use ark_bn254::{Fr, G1Affine, G1Projective, g1};
use ark_ec::AffineRepr;
use ark_ec::scalar_mul::glv::GLVConfig;
use ark_ff::AdditiveGroup;

use crate::arch::portable;
#[cfg(target_arch = "x86_64")]
use crate::arch::x86_64::avx512;
use crate::backend::Backend;
use crate::msm::msm_g1;
use crate::parallel;

/// Points that a thread is worth.
const PART: usize = 64;
/// Up to as many points a sum is made of multiples one by one.
const FEW: usize = 12;
/// As [`FEW`], eight at a time.
const FEW_IN_LANES: usize = 200;

/// Digits of a factor.
pub(crate) const DIGITS: usize = 32;

/// A multiplier of 128 free bits: 32 digits d_j of four, and the number 4^32 + sum of d_j 4^j in Z\[ω\], modulo r.
///
/// The sixteen digits are 0, the units, the units times 1 - ω, and 2, 2 ω, 2 ω^2, which are all the residues modulo 4.
/// So different bits are different numbers in Z\[ω\], and as these are small, different modulo r; none is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factor([u8; DIGITS / 2]);

/// What a digit stands for: (-1)^negative ω^turns times 1, 1 - ω or 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digit {
    /// 0, 1 or 2 for 1, 1 - ω and 2; none for 0.
    pub(crate) class: Option<usize>,
    pub(crate) turns: usize,
    pub(crate) negative: bool,
}

impl Digit {
    pub(crate) const fn new(code: u8) -> Self {
        if code == 0 {
            return Self { class: None, turns: 0, negative: false };
        }
        let code = (code - 1) as usize;
        Self { class: Some(code / 6), turns: code % 3, negative: code % 6 >= 3 }
    }

    /// a and b of a + b ω.
    const fn coordinates(self) -> (i64, i64) {
        let (mut a, mut b) = [(1, 0), (1, -1), (2, 0)][match self.class {
            Some(class) => class,
            None => return (0, 0),
        }];
        let mut turns = 0;
        while turns < self.turns {
            // ω^2 = -1 - ω.
            (a, b) = (-b, a - b);
            turns += 1;
        }
        if self.negative { (-a, -b) } else { (a, b) }
    }
}

impl Factor {
    /// Of sixteen bytes, all of which are factors.
    #[must_use]
    pub const fn new(bytes: [u8; DIGITS / 2]) -> Self {
        Self(bytes)
    }

    /// The code of digit j.
    pub(crate) const fn code(&self, j: usize) -> u8 {
        self.0[j / 2] >> (j % 2 * 4) & 15
    }

    /// The scalar that points are multiplied by.
    #[must_use]
    pub fn to_fr(&self) -> Fr {
        // Each half of the digits fits 34 bits and a sign.
        let half = |digits: core::ops::Range<usize>| {
            let (mut a, mut b) = (0, 0);
            for j in digits.rev() {
                let (own_a, own_b) = COORDINATES[usize::from(self.code(j))];
                (a, b) = (4 * a + own_a, 4 * b + own_b);
            }
            (i128::from(a), i128::from(b))
        };
        let ((a0, b0), (a1, b1)) = (half(0..DIGITS / 2), half(DIGITS / 2..DIGITS));
        let (a, b) = ((1 << (2 * DIGITS)) + (a1 << DIGITS) + a0, (b1 << DIGITS) + b0);
        let fr = |x: i128| if x < 0 { -Fr::from(x.unsigned_abs()) } else { Fr::from(x.unsigned_abs()) };
        fr(a) + fr(b) * g1::Config::LAMBDA
    }
}

/// a and b of each digit.
const COORDINATES: [(i64, i64); 16] = {
    let mut all = [(0, 0); 16];
    let mut code = 0;
    while code < 16 {
        all[code] = Digit::new(code as u8).coordinates();
        code += 1;
    }
    all
};

/// Each point times its factor: the identity stays what it is. The longer slice is cut to the shorter one.
///
/// All points must be on the curve. 64 doublings and 32 additions each, and one inversion for all.
#[must_use]
pub fn scale_g1(backend: Backend, points: &[G1Affine], factors: &[Factor]) -> Vec<G1Affine> {
    let n = points.len().min(factors.len());
    let (points, factors) = (&points[..n], &factors[..n]);
    if !points.iter().any(|point| point.is_zero()) {
        return scale(backend, points, factors);
    }
    let kept: Vec<usize> = (0..n).filter(|k| !points[*k].is_zero()).collect();
    let chosen: Vec<G1Affine> = kept.iter().map(|k| points[*k]).collect();
    let own: Vec<Factor> = kept.iter().map(|k| factors[*k]).collect();
    let mut out = points.to_vec();
    for (k, product) in kept.into_iter().zip(scale(backend, &chosen, &own)) {
        out[k] = product;
    }
    out
}

fn scale(backend: Backend, points: &[G1Affine], factors: &[Factor]) -> Vec<G1Affine> {
    let parts = parallel::parts(points.len(), PART, |part| {
        let (points, factors) = (&points[part.clone()], &factors[part]);
        match backend {
            Backend::Portable => portable::scale::scale(points, factors),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx512(token) => avx512::scale::scale(token, points, factors),
        }
    });
    parts.concat()
}

/// The sum of all points, each times its factor. The longer slice is cut to the shorter one.
///
/// All points must be on the curve. Few are multiplied one by one, as [`scale_g1`] does; many are a multi-scalar sum.
pub fn combine_g1(backend: Backend, points: &[G1Affine], factors: &[Factor]) -> G1Projective {
    let n = points.len().min(factors.len());
    let few = if backend == Backend::Portable { FEW } else { FEW_IN_LANES };
    if n <= few {
        return scale_g1(backend, points, factors).into_iter().fold(G1Projective::ZERO, |sum, point| sum + point);
    }
    let scalars: Vec<Fr> = factors[..n].iter().map(Factor::to_fr).collect();
    msm_g1(backend, &points[..n], &scalars)
}

#[cfg(test)]
mod tests;
