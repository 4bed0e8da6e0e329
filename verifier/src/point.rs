//! Points of BN254's two groups as they come from outside.
//!
//! A point is 32 bytes in G1 and 64 in G2: ark-serialize's compressed form, that is x little-endian (in G2 both
//! coefficients, the constant one first) with two flags in the top bits of the last byte: 0x80 when y is the larger of
//! the two roots, 0x40 for the identity. Exactly one encoding per point: a coordinate of q or more, both flags, or the
//! identity with an x are refused, never reduced. The identity itself is refused too, wherever a point is read.

use core::fmt;

use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::{Affine, SWCurveConfig, SWFlags};
use ark_ff::AdditiveGroup;
use ark_serialize::{CanonicalDeserializeWithFlags, CanonicalSerialize};

/// A point of G1, affine.
pub type G1 = ark_bn254::G1Affine;
/// A point of G2, affine.
pub type G2 = ark_bn254::G2Affine;

/// Bytes of an encoded point of G1.
pub const G1_BYTES: usize = 32;
/// Bytes of an encoded point of G2.
pub const G2_BYTES: usize = 64;

/// Why something is not a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PointError {
    /// A coordinate is not below q, the flags contradict each other, or the length is wrong.
    NotCanonical,
    /// No point of the curve has these coordinates.
    NotOnCurve,
    /// The point is on the curve but outside the subgroup of order r.
    NotInSubgroup,
    /// The point is the identity.
    Identity,
}

impl fmt::Display for PointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotCanonical => "not the canonical encoding of a point",
            Self::NotOnCurve => "not a point of the curve",
            Self::NotInSubgroup => "a point outside the prime subgroup",
            Self::Identity => "the identity",
        })
    }
}

impl core::error::Error for PointError {}

/// Whether coordinates in memory are a point of the prime subgroup other than the identity.
pub(crate) fn check<C: SWCurveConfig>(point: &Affine<C>) -> Result<(), PointError> {
    if point.is_zero() {
        Err(PointError::Identity)
    } else if !point.is_on_curve() {
        Err(PointError::NotOnCurve)
    } else if !point.is_in_correct_subgroup_assuming_on_curve() {
        Err(PointError::NotInSubgroup)
    } else {
        Ok(())
    }
}

/// Decodes and checks one point; `bytes` is exactly its encoding.
pub(crate) fn decode<C: SWCurveConfig>(bytes: &[u8]) -> Result<Affine<C>, PointError> {
    let point = decode_on_curve(bytes)?;
    check(&point)?;
    Ok(point)
}

/// As [`decode`], of a point that need not be in the subgroup.
pub(crate) fn decode_on_curve<C: SWCurveConfig>(bytes: &[u8]) -> Result<Affine<C>, PointError> {
    if bytes.len() != Affine::<C>::identity().compressed_size() {
        return Err(PointError::NotCanonical);
    }
    let (x, flags) = C::BaseField::deserialize_with_flags::<_, SWFlags>(bytes).map_err(|_| PointError::NotCanonical)?;
    let larger = match flags {
        SWFlags::PointAtInfinity if x == C::BaseField::ZERO => return Err(PointError::Identity),
        SWFlags::PointAtInfinity => return Err(PointError::NotCanonical),
        SWFlags::YIsNegative => true,
        SWFlags::YIsPositive => false,
    };
    let (small, large) = Affine::<C>::get_ys_from_x_unchecked(x).ok_or(PointError::NotOnCurve)?;
    let point = Affine::<C>::new_unchecked(x, if larger { large } else { small });
    let mut again = [0; G2_BYTES];
    encode(&point, &mut again[..bytes.len()]);
    if again[..bytes.len()] == *bytes { Ok(point) } else { Err(PointError::NotCanonical) }
}

/// Encodes one point into exactly its length.
pub(crate) fn encode<C: SWCurveConfig>(point: &Affine<C>, out: &mut [u8]) {
    point.serialize_compressed(out).expect("the caller gives as many bytes as the point takes");
}
