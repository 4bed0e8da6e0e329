//! Additions of any points, one pair at a time: doublings, opposites and the identity among them.

use alloc::vec::Vec;

use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::Affine;
use ark_ff::{AdditiveGroup, Field};

use super::add::{Pair, Point};
use super::{affine, point};
use crate::msm::curve::{Coordinate, Curve};

/// What an addition comes down to.
enum Case<F> {
    /// Slope: numerator over denominator.
    Slope { numerator: F, denominator: F },
    /// One of the points is the identity or the other's opposite: the result.
    Known(bool),
}

/// Carries out all additions, of different places, with one inversion. True when a result is the identity.
pub(crate) fn add_general<C: Curve>(points: &mut [Point<C::Words>], pairs: &[Pair]) -> bool {
    let mut cases = Vec::with_capacity(pairs.len());
    let mut product = C::BaseField::ONE;
    for [a, b] in pairs {
        let (p, q): (Affine<C>, Affine<C>) = (affine::<C>(&points[*a as usize]), affine::<C>(&points[*b as usize]));
        let case = if p.is_zero() || q.is_zero() {
            Case::Known(false)
        } else if p.x != q.x {
            Case::Slope { numerator: q.y - p.y, denominator: q.x - p.x }
        } else if p.y == q.y {
            let square = p.x.square();
            Case::Slope { numerator: square.double() + square, denominator: p.y.double() }
        } else {
            Case::Known(true)
        };
        let before = product;
        if let Case::Slope { denominator, .. } = &case {
            product *= denominator;
        }
        cases.push((p, q, case, before));
    }
    let mut inverse = product.fast_inverse();
    let mut identities = false;
    for ((p, q, case, before), [to, _]) in cases.into_iter().zip(pairs).rev() {
        let sum = match case {
            Case::Known(true) => Affine::identity(),
            Case::Known(false) if p.is_zero() => q,
            Case::Known(false) => p,
            Case::Slope { numerator, denominator } => {
                let slope = numerator * inverse * before;
                inverse *= denominator;
                let x = slope.square() - p.x - q.x;
                Affine::new_unchecked(x, slope * (p.x - x) - p.y)
            }
        };
        identities |= sum.is_zero();
        points[*to as usize] = point(&sum);
    }
    identities
}
