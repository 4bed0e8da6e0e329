//! Pairings of many points: Miller loops side by side, one final exponentiation for the product of all.
//!
//! The loop on a point of the twist comes by a sum that is the identity in the subgroup of order r and nowhere else
//! (`docs/KERNELS.md`), so that the subgroup's check is part of it. [`g2_outside_subgroup`] is that part alone.

mod loops;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use core::fmt;

use ark_bn254::{Bn254, Config, Fq12, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ec::bn::BnConfig;
use ark_ec::pairing::{MillerLoopOutput, Pairing, PairingOutput};
use ark_ff::{AdditiveGroup, Field, Zero};

pub(crate) use self::loops::{Loops, Step, run as run_steps};
use crate::arch::portable;
#[cfg(target_arch = "x86_64")]
use crate::arch::x86_64::avx512;
use crate::backend::Backend;
use crate::parallel;

/// So many points alone are looked at one by one, without inversions.
const FEW: usize = 2;
/// Pairs that a thread is worth.
const PART: usize = 16;

/// Some of the points of G2 are on the twist but not in the subgroup of order r.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideSubgroup {
    /// The numbers of all of them among the pairs, ascending.
    pub pairs: Vec<usize>,
}

impl fmt::Display for OutsideSubgroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} points of G2 are outside the subgroup", self.pairs.len())
    }
}

impl core::error::Error for OutsideSubgroup {}

/// The product of loops, and the numbers of those outside the subgroup.
fn run(backend: Backend, pairs: &[(G1Affine, G2Affine)], lines: bool) -> (Fq12, Vec<usize>) {
    let parts = parallel::parts(pairs.len(), PART, |part| {
        let start = part.start;
        let (f, mut outside) = match backend {
            Backend::Portable => portable::miller::run(&pairs[part], lines),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx512(token) => avx512::miller::run(token, &pairs[part], lines),
        };
        outside.iter_mut().for_each(|k| *k += start);
        (f, outside)
    });
    let (products, outside): (Vec<Fq12>, Vec<Vec<usize>>) = parts.into_iter().unzip();
    (products.iter().product(), outside.concat())
}

/// The product of the Miller loops of all pairs; a pair with an identity counts as 1. 87 steps, in each of which the
/// denominators of all pairs share one inversion.
///
/// The value differs from arkworks' by factors that the final exponentiation takes to 1. All points must be on their
/// curves, as those of arkworks' checked constructors and of [`decode_g1`](crate::decode_g1) are; those of G2 need not be
/// known to be in the subgroup.
///
/// # Errors
/// [`OutsideSubgroup`] names all points of G2 that are not in the subgroup of order r.
pub fn miller_loops(
    backend: Backend,
    pairs: &[(G1Affine, G2Affine)],
) -> Result<MillerLoopOutput<Bn254>, OutsideSubgroup> {
    let identity = |pair: &(G1Affine, G2Affine)| pair.0.is_zero() || pair.1.is_zero();
    if !pairs.iter().any(identity) {
        let (f, pairs) = run(backend, pairs, true);
        return if pairs.is_empty() { Ok(MillerLoopOutput(f)) } else { Err(OutsideSubgroup { pairs }) };
    }
    // A point beside the identity is looked at all the same: the pair is computed with another P and left out.
    let kept: Vec<usize> = (0..pairs.len()).filter(|k| !identity(&pairs[*k])).collect();
    let chosen: Vec<_> = kept.iter().map(|k| pairs[*k]).collect();
    let (f, outside) = run(backend, &chosen, true);
    let others: Vec<usize> = (0..pairs.len()).filter(|k| pairs[*k].0.is_zero() && !pairs[*k].1.is_zero()).collect();
    let points: Vec<G2Affine> = others.iter().map(|k| pairs[*k].1).collect();
    let mut all: Vec<usize> = outside.into_iter().map(|k| kept[k]).collect();
    all.extend(g2_outside_subgroup(backend, &points).into_iter().map(|k| others[k]));
    all.sort_unstable();
    if all.is_empty() { Ok(MillerLoopOutput(f)) } else { Err(OutsideSubgroup { pairs: all }) }
}

/// The numbers of the points that are not in the subgroup of order r, ascending; all must be on the twist. The identity
/// is in it.
#[must_use]
pub fn g2_outside_subgroup(backend: Backend, points: &[G2Affine]) -> Vec<usize> {
    if points.len() <= FEW {
        return (0..points.len()).filter(|k| !is_in_subgroup(&points[*k])).collect();
    }
    let kept: Vec<usize> = (0..points.len()).filter(|k| !points[*k].is_zero()).collect();
    let pairs: Vec<_> = kept.iter().map(|k| (G1Affine::generator(), points[*k])).collect();
    run(backend, &pairs, false).1.into_iter().map(|k| kept[k]).collect()
}

/// Whether (6 x + 2) Q + ψ(Q) - ψ^2(Q) + ψ^3(Q) = 0, in coordinates that need no inversions.
fn is_in_subgroup(point: &G2Affine) -> bool {
    let mut sum = point.into_group();
    for digit in Config::ATE_LOOP_COUNT.iter().rev().skip(1) {
        sum.double_in_place();
        match digit {
            1 => sum += point,
            -1 => sum -= point,
            _ => {}
        }
    }
    let mut image = *point;
    for negative in [false, true, false] {
        image = frobenius(&image);
        sum += if negative { -image } else { image };
    }
    sum.is_zero()
}

/// ψ(Q).
fn frobenius(point: &G2Affine) -> G2Affine {
    if point.is_zero() {
        return *point;
    }
    let x = point.x.frobenius_map(1) * Config::TWIST_MUL_BY_Q_X;
    let y = point.y.frobenius_map(1) * Config::TWIST_MUL_BY_Q_Y;
    G2Affine::new_unchecked(x, y)
}

/// The product of the pairings of all pairs, as arkworks' `multi_pairing`.
///
/// # Errors
/// [`OutsideSubgroup`] as [`miller_loops`].
pub fn multi_pairing(
    backend: Backend,
    pairs: &[(G1Affine, G2Affine)],
) -> Result<PairingOutput<Bn254>, OutsideSubgroup> {
    let product = miller_loops(backend, pairs)?;
    Ok(Bn254::final_exponentiation(product).expect("a product of lines is not 0: P is not on the lines' curve"))
}
