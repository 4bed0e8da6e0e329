//! Field elements and points as these files hold them.
//!
//! A field element is 32 bytes little-endian and below its prime: in a witness and a constraint system the number
//! itself, in a key's points its Montgomery form `xR` with `R = 2^256`, in a key's coefficients `xR^2`. A point of G1 is
//! x, y (64 bytes), one of G2 is x.c0, x.c1, y.c0, y.c1 (128 bytes); the identity is all zeros.

use ark_bn254::g1::G1Affine;
use ark_bn254::g2::G2Affine;
use ark_bn254::{Fq, Fq2};
use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};
use ark_ff::{AdditiveGroup, BigInt, PrimeField};
use rayon::prelude::*;
use veilpay_protocol::field::Fr;

use super::error::{CircomError, Place};

/// Bytes of a field element.
pub(crate) const ELEMENT_BYTES: usize = 32;

/// Why an element is refused; the caller knows where it stands.
#[derive(Clone, Copy)]
pub(crate) enum Refused {
    NotCanonical,
    NotOnCurve,
}

impl Refused {
    pub(crate) const fn at(self, at: Place, index: usize) -> CircomError {
        match self {
            Self::NotCanonical => CircomError::NotCanonical { at, index },
            Self::NotOnCurve => CircomError::NotOnCurve { at, index },
        }
    }
}

/// A field of BN254.
pub(crate) trait Element: PrimeField<BigInt = BigInt<4>> {
    /// The element whose Montgomery form this is; `montgomery` is below the prime.
    fn from_montgomery(montgomery: BigInt<4>) -> Self;

    /// The prime, as the files' headers have it.
    fn prime() -> [u8; ELEMENT_BYTES] {
        to_bytes(&Self::MODULUS)
    }

    /// Reads a Montgomery form.
    fn read_montgomery(bytes: &[u8; ELEMENT_BYTES]) -> Result<Self, Refused> {
        below_prime::<Self>(bytes).map(Self::from_montgomery)
    }
}

impl Element for Fq {
    fn from_montgomery(montgomery: BigInt<4>) -> Self {
        Self::new_unchecked(montgomery)
    }
}

impl Element for Fr {
    fn from_montgomery(montgomery: BigInt<4>) -> Self {
        Self::new_unchecked(montgomery)
    }
}

fn below_prime<F: Element>(bytes: &[u8; ELEMENT_BYTES]) -> Result<BigInt<4>, Refused> {
    let (words, _) = bytes.as_chunks::<8>();
    let number = BigInt(core::array::from_fn(|i| u64::from_le_bytes(words[i])));
    if number < F::MODULUS { Ok(number) } else { Err(Refused::NotCanonical) }
}

fn to_bytes(number: &BigInt<4>) -> [u8; ELEMENT_BYTES] {
    let mut out = [0; ELEMENT_BYTES];
    out.as_chunks_mut::<8>().0.iter_mut().zip(number.0).for_each(|(bytes, word)| *bytes = word.to_le_bytes());
    out
}

/// Reads the number itself.
pub(crate) fn read_plain(bytes: &[u8; ELEMENT_BYTES]) -> Result<Fr, Refused> {
    below_prime::<Fr>(bytes).and_then(|number| Fr::from_bigint(number).ok_or(Refused::NotCanonical))
}

/// The number itself.
pub(crate) fn write_plain(x: &Fr) -> [u8; ELEMENT_BYTES] {
    to_bytes(&x.into_bigint())
}

/// Reads `xR^2`: its reduction is the Montgomery form `xR`.
pub(crate) fn read_double_montgomery(bytes: &[u8; ELEMENT_BYTES]) -> Result<Fr, Refused> {
    Fr::read_montgomery(bytes).map(|x| Fr::from_montgomery(x.into_bigint()))
}

/// A point of one of the two groups.
pub(crate) trait Point: AffineRepr {
    /// Bytes of a point.
    const BYTES: usize;

    /// Reads a point of [`Self::BYTES`] bytes; one of G2 is not checked for the subgroup.
    fn read(bytes: &[u8]) -> Result<Self, Refused>;

    /// Whether a point of the curve is in the subgroup of order r; in G1 all are.
    fn in_subgroup(&self) -> bool;
}

fn coordinate(bytes: &[u8], index: usize) -> Result<Fq, Refused> {
    let (elements, _) = bytes.as_chunks::<ELEMENT_BYTES>();
    Fq::read_montgomery(elements.get(index).ok_or(Refused::NotCanonical)?)
}

fn on_curve<C: SWCurveConfig>(x: C::BaseField, y: C::BaseField) -> Result<Affine<C>, Refused> {
    if x == C::BaseField::ZERO && y == C::BaseField::ZERO {
        return Ok(Affine::identity());
    }
    let point = Affine::new_unchecked(x, y);
    if point.is_on_curve() { Ok(point) } else { Err(Refused::NotOnCurve) }
}

impl Point for G1Affine {
    const BYTES: usize = 2 * ELEMENT_BYTES;

    fn read(bytes: &[u8]) -> Result<Self, Refused> {
        on_curve(coordinate(bytes, 0)?, coordinate(bytes, 1)?)
    }

    fn in_subgroup(&self) -> bool {
        true
    }
}

impl Point for G2Affine {
    const BYTES: usize = 4 * ELEMENT_BYTES;

    fn read(bytes: &[u8]) -> Result<Self, Refused> {
        let at = |index| coordinate(bytes, index);
        on_curve(Fq2::new(at(0)?, at(1)?), Fq2::new(at(2)?, at(3)?))
    }

    fn in_subgroup(&self) -> bool {
        self.is_in_correct_subgroup_assuming_on_curve()
    }
}

/// Reads a list of elements of `size` bytes into a list of as many, in parallel. The error is that of the first wrong one.
pub(crate) fn read_into<T: Send>(
    out: &mut [T],
    at: Place,
    bytes: &[u8],
    size: usize,
    read: impl Fn(&[u8]) -> Result<T, Refused> + Sync,
) -> Result<(), CircomError> {
    let fill = |(slot, bytes): (&mut T, &[u8])| read(bytes).map(|x| *slot = x);
    let filled = out.par_iter_mut().zip(bytes.par_chunks_exact(size)).with_min_len(512).try_for_each(fill);
    filled.map_err(|refused| {
        let mut each = bytes.chunks_exact(size).enumerate();
        each.find_map(|(index, bytes)| read(bytes).err().map(|why| why.at(at, index))).unwrap_or(refused.at(at, 0))
    })
}

/// Reads a list of points, in parallel.
pub(crate) fn read_points<P: Point>(at: Place, bytes: &[u8]) -> Result<Vec<P>, CircomError> {
    let mut out = vec![P::zero(); bytes.len() / P::BYTES];
    read_into(&mut out, at, bytes, P::BYTES, P::read)?;
    Ok(out)
}
