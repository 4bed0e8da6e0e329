//! Any machine: plain Rust on words of 64 bits.
//!
//! | question | file |
//! |---|---|
//! | how are many points added? | `add.rs`; pairs that have one x or the identity, `general.rs` |
//! | how is a coordinate multiplied? | `fq.rs`, `fq2.rs`, on `words.rs` |

pub(crate) mod add;
pub(crate) mod fq;
pub(crate) mod fq2;
mod general;
#[cfg(test)]
mod tests;

use ark_bn254::FqConfig;
use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::Affine;
use ark_ff::AdditiveGroup;

pub(crate) use self::general::add_general;
use crate::msm::curve::{Coordinate, Curve, VARIANTS};
use crate::words::canonical;

/// Words of the largest point.
const LARGEST: usize = 16;

/// The point that words stand for, coordinates at most 2p, in arkworks' Montgomery form.
pub(crate) fn read<C: Curve>(words: &[u64]) -> Affine<C> {
    let mut below_p = [0; LARGEST];
    for (out, word) in below_p.as_chunks_mut::<4>().0.iter_mut().zip(words.as_chunks::<4>().0) {
        *out = canonical::<FqConfig>(word);
    }
    let (x, y) = below_p.split_at(C::POINT_WORDS / 2);
    let (x, y) = (C::BaseField::from_words(x), C::BaseField::from_words(&y[..C::POINT_WORDS / 2]));
    if y == C::BaseField::ZERO { Affine::identity() } else { Affine::new_unchecked(x, y) }
}

/// The words of a point.
#[inline(always)]
pub(crate) fn write<C: Curve>(point: &Affine<C>, words: &mut [u64]) {
    if point.is_zero() {
        words.fill(0);
        return;
    }
    let (x, y) = words.split_at_mut(C::POINT_WORDS / 2);
    point.x.to_words(x);
    point.y.to_words(y);
}

/// The variants of each base.
pub(crate) fn write_bases<C: Curve>(bases: &[Affine<C>], out: &mut [u64]) {
    for (base, out) in bases.iter().zip(out.chunks_exact_mut(VARIANTS * C::POINT_WORDS)) {
        let mut point = *base;
        for words in out.chunks_exact_mut(C::POINT_WORDS) {
            write(&point, words);
            point.x = point.x.scale(&C::BETA);
        }
    }
}
