//! Baby Jubjub, `x^2 + y^2 = 1 + (168696/168700) x^2 y^2` over `Fr`, in the coordinates of `ark-ed-on-bn254`.
//!
//! These are *not* the coordinates of EIP-2494 (a = 168700): `x` differs by a constant factor. The prime subgroup has
//! order l (about 2^250.6), the cofactor is 8, and the generator is [`generator`].
//!
//! A point travels as 32 bytes: `y` big-endian with the sign of `x` in the top bit (1 when the canonical integer of `x`
//! is above (r-1)/2). Decoding accepts canonical points of the prime subgroup other than the identity.
//! Scalar multiplication here is *not* constant-time; see SECURITY.md.

use core::fmt;

use ark_ec::twisted_edwards::TECurveConfig;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ed_on_bn254::{EdwardsAffine, EdwardsConfig, EdwardsProjective};
use ark_ff::{AdditiveGroup, Field, PrimeField, Zero};

use crate::field::{FieldError, Fr, Fs, fr_from_bytes, fr_to_bytes};
use crate::hash::Transcript;
use crate::tags::Personal;

/// A point of Baby Jubjub in affine coordinates.
pub type Point = EdwardsAffine;

/// Why an encoding of a point was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PointError {
    /// `y` is not below r, or the sign bit is set for `x = 0`.
    NotCanonical,
    /// No `x` belongs to this `y`.
    NotOnCurve,
    /// The point is not in the subgroup of order l.
    NotInSubgroup,
    /// The point is the identity.
    Identity,
    /// The text is not `0x` followed by 64 lowercase hexadecimal digits.
    BadHex,
}

impl fmt::Display for PointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotCanonical => "point encoding is not canonical",
            Self::NotOnCurve => "point is not on the curve",
            Self::NotInSubgroup => "point is not in the prime subgroup",
            Self::Identity => "point is the identity",
            Self::BadHex => "point is not 0x and 64 lowercase hex digits",
        })
    }
}

impl core::error::Error for PointError {}

impl From<FieldError> for PointError {
    fn from(error: FieldError) -> Self {
        match error {
            FieldError::BadHex => Self::BadHex,
            _ => Self::NotCanonical,
        }
    }
}

/// The generator `G` of the prime subgroup.
pub fn generator() -> Point {
    EdwardsConfig::GENERATOR
}

/// `scalar * point`, not constant-time.
pub fn mul(point: &Point, scalar: &Fs) -> Point {
    (*point * scalar).into_affine()
}

/// `scalar * G`, not constant-time.
pub fn mul_generator(scalar: &Fs) -> Point {
    (generator() * scalar).into_affine()
}

fn is_negative(x: &Fr) -> bool {
    x.into_bigint() > Fr::MODULUS_MINUS_ONE_DIV_TWO
}

/// Encodes a point as 32 bytes.
#[must_use]
pub fn point_to_bytes(point: &Point) -> [u8; 32] {
    let mut out = fr_to_bytes(&point.y);
    out[0] |= u8::from(is_negative(&point.x)) << 7;
    out
}

/// The curve point with this encoding, whatever its order; the only function that can return a point of small order.
fn decompress(bytes: &[u8; 32]) -> Result<Point, PointError> {
    let mut y_bytes = *bytes;
    let negative = y_bytes[0] >> 7 == 1;
    y_bytes[0] &= 0x7f;
    let y = fr_from_bytes(&y_bytes)?;
    // x^2 (1 - d y^2) = 1 - y^2, and d is not a square, so the factor is never 0.
    let y2 = y.square();
    let denominator = (Fr::ONE - EdwardsConfig::COEFF_D * y2).inverse().ok_or(PointError::NotOnCurve)?;
    let x = ((Fr::ONE - y2) * denominator).sqrt().ok_or(PointError::NotOnCurve)?;
    if x.is_zero() && negative {
        return Err(PointError::NotCanonical);
    }
    let x = if is_negative(&x) == negative { x } else { -x };
    Ok(Point::new_unchecked(x, y))
}

/// Refuses the identity and points outside the prime subgroup; the point must be on the curve.
///
/// # Errors
/// [`PointError::NotOnCurve`], [`PointError::Identity`] or [`PointError::NotInSubgroup`].
pub fn check_point(point: &Point) -> Result<(), PointError> {
    if !point.is_on_curve() {
        return Err(PointError::NotOnCurve);
    }
    if point.is_zero() {
        return Err(PointError::Identity);
    }
    if !point.is_in_correct_subgroup_assuming_on_curve() {
        return Err(PointError::NotInSubgroup);
    }
    Ok(())
}

/// Decodes a point of the prime subgroup that is not the identity.
///
/// # Errors
/// [`PointError`] naming the rule that the bytes break.
pub fn point_from_bytes(bytes: &[u8; 32]) -> Result<Point, PointError> {
    let point = decompress(bytes)?;
    check_point(&point)?;
    Ok(point)
}

/// `GroupHash(d)`: the first counter c (u32 little-endian, from 0) for which the first 32 bytes of
/// `BLAKE2b(personal, d, c)` are the encoding of a curve point; that point times 8; not the identity.
/// Each counter succeeds with probability 3/16.
///
/// # Panics
/// If none of 2^32 counters succeeds: a chance of 2^-1286000000, for whoever chooses `d` too.
pub fn group_hash(diversifier: &[u8; 16]) -> Point {
    (0u32..=u32::MAX)
        .find_map(|counter| {
            let digest = Transcript::new(Personal::GROUP_HASH).fixed(diversifier).fixed(&counter.to_le_bytes());
            let point = clear_cofactor(&decompress(&digest.digest32()).ok()?);
            (!point.is_zero()).then_some(point)
        })
        .expect("one of 2^32 counters gives a point")
}

/// `8 * point`, exactly.
pub fn clear_cofactor(point: &Point) -> Point {
    EdwardsProjective::from(*point).double().double().double().into_affine()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::{BigInteger, One};

    /// A point of order 8: a curve point times l.
    fn torsion() -> Point {
        (1u64..)
            .find_map(|y| {
                let mut bytes = fr_to_bytes(&Fr::from(y));
                bytes[0] &= 0x7f;
                let torsion = decompress(&bytes).ok()?.into_group() * Fs::from(0u64)
                    + decompress(&bytes).ok()?.mul_bigint(Fs::MODULUS);
                let torsion = torsion.into_affine();
                (!torsion.mul_bigint([4u64]).is_zero()).then_some(torsion)
            })
            .expect("there is one")
    }

    #[test]
    fn points_round_trip() {
        for k in [1u64, 2, 3, 1 << 40] {
            for point in [mul_generator(&Fs::from(k)), mul_generator(&-Fs::from(k))] {
                assert_eq!(point_from_bytes(&point_to_bytes(&point)), Ok(point));
            }
        }
    }

    #[test]
    fn the_identity_small_orders_and_aliases_are_refused() {
        assert_eq!(point_from_bytes(&point_to_bytes(&Point::zero())), Err(PointError::Identity));
        let mut signed_identity = point_to_bytes(&Point::zero());
        signed_identity[0] |= 0x80;
        assert_eq!(point_from_bytes(&signed_identity), Err(PointError::NotCanonical));
        let order_two = Point::new_unchecked(Fr::zero(), -Fr::one());
        assert_eq!(point_from_bytes(&point_to_bytes(&order_two)), Err(PointError::NotInSubgroup));
        assert_eq!(point_from_bytes(&point_to_bytes(&torsion())), Err(PointError::NotInSubgroup));
        let shifted = (generator() + torsion()).into_affine();
        assert_eq!(point_from_bytes(&point_to_bytes(&shifted)), Err(PointError::NotInSubgroup));
        let mut alias = Fr::MODULUS;
        alias.add_with_carry(&generator().y.into_bigint());
        if alias.to_bytes_be()[0] & 0x80 == 0 {
            let bytes: [u8; 32] = alias.to_bytes_be().try_into().expect("32 bytes");
            assert_eq!(point_from_bytes(&bytes), Err(PointError::NotCanonical));
        }
    }

    #[test]
    fn a_group_hash_is_a_subgroup_point_and_depends_on_every_byte() {
        let base = group_hash(&[7; 16]);
        assert_eq!(check_point(&base), Ok(()));
        for i in 0..16 {
            let mut d = [7; 16];
            d[i] ^= 1;
            assert_ne!(group_hash(&d), base);
        }
    }

    #[test]
    fn clearing_the_cofactor_is_eight_times_the_point() {
        assert_eq!(clear_cofactor(&generator()), mul_generator(&Fs::from(8u64)));
        assert!(clear_cofactor(&torsion()).is_zero());
    }
}
