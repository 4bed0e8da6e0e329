//! Bases from packed points: as the files of keys hold them, without a list of arkworks' points.
//!
//! A point is x, y (G2: x.c0, x.c1, y.c0, y.c1), each the four words of arkworks' Montgomery form, little-endian and
//! below p: 64 or 128 bytes; the identity is all zeros. Each point is checked when it is laid out, a block at a time.

use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use ark_bn254::Fq;
use ark_ff::{BigInt, PrimeField};

use super::curve::{Coordinate, Curve, VARIANTS};
use super::slab::{Line, Slab};
use super::{Affine, Bases};
use crate::backend::Backend;

/// Points that are read, checked and laid out together.
const BLOCK: usize = 128;

/// Why a packed point is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PackedError {
    /// A coordinate is not below p.
    NotCanonical {
        /// Which point.
        index: usize,
    },
    /// The point is not on its curve.
    NotOnCurve {
        /// Which point.
        index: usize,
    },
}

impl PackedError {
    /// Which point.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::NotCanonical { index } | Self::NotOnCurve { index } => index,
        }
    }
}

impl fmt::Display for PackedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotCanonical { index } => write!(f, "point {index} has a coordinate that is not below p"),
            Self::NotOnCurve { index } => write!(f, "point {index} is not on its curve"),
        }
    }
}

impl core::error::Error for PackedError {}

/// A point that is not the identity.
fn read<C: Curve>(packed: &[u8], index: usize) -> Result<Affine<C>, PackedError> {
    let mut words = [0; 16];
    let words = &mut words[..8 * C::LINES];
    for (word, bytes) in words.iter_mut().zip(packed.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    if words.as_chunks::<4>().0.iter().any(|words| BigInt(*words) >= Fq::MODULUS) {
        return Err(PackedError::NotCanonical { index });
    }
    let (x, y) = words.split_at(4 * C::LINES);
    let point = Affine::new_unchecked(C::BaseField::from_words(x), C::BaseField::from_words(y));
    if point.is_on_curve() { Ok(point) } else { Err(PackedError::NotOnCurve { index }) }
}

#[allow(private_bounds, reason = "G1 and G2 are all the curves there are")]
impl<C: Curve> Bases<C> {
    /// Bytes of a packed point: 64 in G1, 128 in G2.
    pub const PACKED_BYTES: usize = 64 * C::LINES;

    /// As [`Self::new`], from packed points: x, y (in G2 x.c0, x.c1, y.c0, y.c1), each the four words of arkworks'
    /// Montgomery form, little-endian; all zeros for the identity. The first `public` scalars of an MSM have no base,
    /// the points belong to those after them.
    ///
    /// The points must be of order r, which is not checked: on G1 every point of the curve is.
    ///
    /// # Errors
    /// [`PackedError`] with the first point that has a coordinate not below p or is not on its curve.
    ///
    /// # Panics
    /// When `packed` is not a whole number of points, or they are 2^29 or more.
    pub fn from_packed(backend: Backend, public: usize, packed: &[u8]) -> Result<Self, PackedError> {
        let (points, rest) = (packed.chunks_exact(Self::PACKED_BYTES), packed.len() % Self::PACKED_BYTES);
        assert!(rest == 0, "a whole number of points");
        let all = points.len();
        let first = u32::try_from(public).expect("fewer than 2^32 scalars");
        let mut kept = Vec::with_capacity(all);
        kept.extend((first..).zip(points).filter(|(_, point)| point.iter().any(|byte| *byte != 0)).map(|(i, _)| i));
        let kept = (public > 0 || kept.len() < all).then_some(kept);
        let count = kept.as_ref().map_or(all, Vec::len);
        let mut bases = Self::room(backend, count, kept, Slab::new);
        let kept = bases.kept.take();
        let place = |k: usize| kept.as_ref().map_or(k, |kept| (kept[k] - first) as usize);
        let fill = |numbers: Range<usize>, out: &mut [Line]| {
            let mut block = [Affine::<C>::identity(); BLOCK];
            let block = &mut block[..numbers.len()];
            for (point, k) in block.iter_mut().zip(numbers) {
                let index = place(k);
                *point = read(&packed[index * Self::PACKED_BYTES..][..Self::PACKED_BYTES], index)?;
            }
            C::write_bases(backend, block, out);
            Ok(())
        };
        each_block(bases.points.lines_mut(), VARIANTS * C::LINES, &fill)?;
        bases.kept = kept;
        Ok(bases)
    }
}

/// `fill` for each block of bases of `lines` lines; the error of the first point that has one.
fn each_block(
    out: &mut [Line],
    lines: usize,
    fill: &(impl Fn(Range<usize>, &mut [Line]) -> Result<(), PackedError> + Sync),
) -> Result<(), PackedError> {
    let block = |(i, out): (usize, &mut [Line])| fill(i * BLOCK..i * BLOCK + out.len() / lines, out).err();
    #[cfg(feature = "parallel")]
    let refused = {
        use rayon::prelude::*;
        out.par_chunks_mut(BLOCK * lines).enumerate().filter_map(block).min_by_key(|error| error.index())
    };
    #[cfg(not(feature = "parallel"))]
    let refused = out.chunks_mut(BLOCK * lines).enumerate().find_map(block);
    refused.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests;
