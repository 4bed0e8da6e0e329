//! Many compressed points at once.
//!
//! 32 bytes in G1 and 64 in G2, as ark-serialize has them: x little-endian, in G2 both coefficients, the constant one
//! first; in the top bits of the last byte 0x80 when y is the larger of the two roots, 0x40 for the identity.

#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use core::fmt;

use ark_bn254::{Fq, G1Affine, G2Affine};
use ark_ff::{BigInt, PrimeField};

use crate::arch::portable;
#[cfg(target_arch = "x86_64")]
use crate::arch::x86_64::avx512;
use crate::backend::Backend;
use crate::parallel;

/// So many points are decoded one by one, whatever the backend: a vector takes as long as two.
#[cfg(target_arch = "x86_64")]
const FEW: usize = 2;
/// Points that a thread is worth.
const PART: usize = 64;

/// Why bytes are not a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// A coordinate is not below q, or the flags contradict each other or x.
    NotCanonical,
    /// The identity, in its one encoding.
    Identity,
    /// No point of the curve has this x.
    NotOnCurve,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotCanonical => "not the canonical encoding of a point",
            Self::Identity => "the identity",
            Self::NotOnCurve => "not a point of the curve",
        })
    }
}

impl core::error::Error for DecodeError {}

/// A coordinate below q as an integer, and which of the two y is meant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct G1X {
    pub(crate) x: [u64; 4],
    pub(crate) larger: bool,
}

/// As [`G1X`], on the twist: c0 and c1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct G2X {
    pub(crate) x: [[u64; 4]; 2],
    pub(crate) larger: bool,
}

const LARGER: u64 = 1 << 63;
const IDENTITY: u64 = 1 << 62;

fn words(bytes: &[u8; 32]) -> [u64; 4] {
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    words
}

/// The integers of an x, of which the last one had flags; and whether y is the larger one.
fn read<const N: usize>(mut x: [[u64; 4]; N]) -> Result<([[u64; 4]; N], bool), DecodeError> {
    let top = &mut x[N - 1][3];
    let (larger, identity) = (*top & LARGER != 0, *top & IDENTITY != 0);
    *top &= !(LARGER | IDENTITY);
    if (larger && identity) || x.iter().any(|x| BigInt(*x) >= Fq::MODULUS) {
        return Err(DecodeError::NotCanonical);
    }
    match (identity, x == [[0; 4]; N]) {
        (false, _) => Ok((x, larger)),
        (true, true) => Err(DecodeError::Identity),
        (true, false) => Err(DecodeError::NotCanonical),
    }
}

/// Puts the points that were computed for those encodings that were read in their places.
fn place<X, P>(read: Vec<Result<X, DecodeError>>, points: Vec<Vec<Option<P>>>) -> Vec<Result<P, DecodeError>> {
    let mut points = points.into_iter().flatten();
    let mut next = || points.next().flatten().ok_or(DecodeError::NotOnCurve);
    read.into_iter().map(|x| x.and_then(|_| next())).collect()
}

/// Decodes points of G1: each is on the curve, hence in the group, whose order is prime, and not the identity.
///
/// # Errors
/// For each encoding on its own: [`DecodeError`].
#[must_use]
pub fn decode_g1(backend: Backend, encodings: &[[u8; 32]]) -> Vec<Result<G1Affine, DecodeError>> {
    let read: Vec<_> =
        encodings.iter().map(|bytes| read([words(bytes)]).map(|([x], larger)| G1X { x, larger })).collect();
    let xs: Vec<G1X> = read.iter().filter_map(|x| x.ok()).collect();
    let points = parallel::parts(xs.len(), PART, |part| match backend {
        Backend::Portable => xs[part].iter().map(portable::roots::root_g1).collect(),
        #[cfg(target_arch = "x86_64")]
        Backend::Avx512(token) if xs.len() > FEW => avx512::roots::roots_g1(token, &xs[part]),
        #[cfg(target_arch = "x86_64")]
        Backend::Avx512(_) => xs[part].iter().map(portable::roots::root_g1).collect(),
    });
    place(read, points)
}

/// Decodes points of the twist that G2 is a subgroup of: each is on the curve and not the identity. Whether they are in
/// the subgroup of order r is for [`g2_outside_subgroup`](crate::g2_outside_subgroup) or
/// [`miller_loops`](crate::miller_loops) to say.
///
/// # Errors
/// For each encoding on its own: [`DecodeError`].
#[must_use]
pub fn decode_twist(backend: Backend, encodings: &[[u8; 64]]) -> Vec<Result<G2Affine, DecodeError>> {
    let halves = |bytes: &[u8; 64]| {
        let [low, high] = bytes.as_chunks().0 else { unreachable!("64 bytes are two halves of 32") };
        [words(low), words(high)]
    };
    let read: Vec<_> = encodings.iter().map(|bytes| read(halves(bytes)).map(|(x, larger)| G2X { x, larger })).collect();
    let xs: Vec<G2X> = read.iter().filter_map(|x| x.ok()).collect();
    let points = parallel::parts(xs.len(), PART, |part| match backend {
        Backend::Portable => xs[part].iter().map(portable::roots::root_g2).collect(),
        #[cfg(target_arch = "x86_64")]
        Backend::Avx512(token) if xs.len() > FEW => avx512::roots::roots_g2(token, &xs[part]),
        #[cfg(target_arch = "x86_64")]
        Backend::Avx512(_) => xs[part].iter().map(portable::roots::root_g2).collect(),
    });
    place(read, points)
}
