//! Additions of any points, one pair at a time: doublings, opposites and the identity among them.

#![allow(unsafe_code)]

use alloc::vec::Vec;

use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::Affine;
use ark_ff::{AdditiveGroup, Field};

use crate::backend::Backend;
use crate::msm::arena::{Additions, INDEX, SIGN};
use crate::msm::curve::{Coordinate, Curve};

/// What an addition comes down to.
enum Case<F> {
    /// Slope: numerator over denominator.
    Slope { numerator: F, denominator: F },
    /// One of the points is the identity or the other's opposite: the result.
    Known(bool),
}

/// Additions of any points, doublings, opposites and the identity among them, with one inversion; in the
/// representation of `backend`. True when a result is the identity.
///
/// # Safety
/// As [`Additions`] says, with all indices in the memory at `base`.
pub(crate) unsafe fn add_general<C: Curve>(backend: Backend, base: *mut u64, ops: Additions<'_>) -> bool {
    let at = |index: u32| {
        let start = base.wrapping_add((index & INDEX) as usize * C::POINT_WORDS);
        // SAFETY: the index is in the memory at `base`, which nobody writes now.
        C::read(backend, unsafe { core::slice::from_raw_parts(start, C::POINT_WORDS) })
    };
    let items = || {
        let (a, b) = (ops.a.as_flattened(), ops.b.as_flattened());
        a.iter().copied().zip(b.iter().copied())
    };
    let pair = |(a, b): (u32, u32)| {
        let (p, q) = (at(a), at(b));
        if b & SIGN != 0 { (p, -q) } else { (p, q) }
    };
    let mut cases = Vec::with_capacity(8 * ops.a.len());
    let mut product = C::BaseField::ONE;
    for (p, q) in items().map(pair) {
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
    for ((p, q, case, before), to) in cases.into_iter().zip(ops.to.as_flattened()).rev() {
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
        let start = base.wrapping_add(*to as usize * C::POINT_WORDS);
        // SAFETY: the index is in the memory at `base`, and `to` is not read in this batch.
        C::write(backend, &sum, unsafe { core::slice::from_raw_parts_mut(start, C::POINT_WORDS) });
    }
    identities
}
