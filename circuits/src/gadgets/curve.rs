//! Baby Jubjub in a circuit: the subgroup check and the re-randomised key, and nothing else.
//!
//! There is no multiplication of a variable point by a scalar. The addition law is complete (a = 1 is a square, d is
//! not), so that its denominators are never 0 at points of the curve and no case is special.

use std::sync::OnceLock;

use ark_ec::twisted_edwards::TECurveConfig;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ed_on_bn254::{EdwardsConfig, EdwardsProjective};
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField};
use veilpay_protocol::curve::{Point, generator};
use veilpay_protocol::field::{Fr, Fs};

use crate::gadgets::bits::BoolVar;
use crate::hint::{hint, quotient};
use crate::var::{Cs, FrVar, Synthesis};

/// Windows of three bits in a fixed-base multiplication.
pub const WINDOWS: usize = 84;

/// A point of the curve.
#[derive(Clone, Debug)]
pub struct PointVar {
    /// First coordinate.
    pub x: FrVar,
    /// Second coordinate.
    pub y: FrVar,
}

impl PointVar {
    /// A point of the prime subgroup other than the identity, as 8 Q with Q a hint on the curve; 17 constraints.
    ///
    /// On the curve 3, three doublings 13, not the identity 1: `x * inverse = 1`, since x = 0 in the subgroup is the
    /// identity alone.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
    pub fn in_subgroup(cs: &Cs, point: &Point) -> Synthesis<Self> {
        let eighth = eighth(point);
        let x = hint(cs, "point.eighth.x", || eighth.x)?;
        let y = hint(cs, "point.eighth.y", || eighth.y)?;
        let (x2, y2) = (x.square(cs)?, y.square(cs)?);
        // x^2 * d y^2 = x^2 + y^2 - 1
        x2.enforce_product(cs, &y2.scaled(EdwardsConfig::COEFF_D), &(&x2 + &y2).plus_constant(-Fr::ONE))?;
        let point = Self { x, y }.double_with_squares(cs, &x2, &y2)?.double(cs)?.double(cs)?;
        let inverse = quotient(cs, "point.x.inverse", &FrVar::one(), &point.x)?;
        point.x.enforce_product(cs, &inverse, &FrVar::one())?;
        Ok(point)
    }

    /// `2 * self`; 5 constraints.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
    pub fn double(&self, cs: &Cs) -> Synthesis<Self> {
        let (x2, y2) = (self.x.square(cs)?, self.y.square(cs)?);
        self.double_with_squares(cs, &x2, &y2)
    }

    /// `2 * self` given its squares; 3 constraints.
    ///
    /// `x3 (x^2 + y^2) = 2 x y`, `y3 (2 - x^2 - y^2) = y^2 - x^2`: by the curve's equation the factors are
    /// `1 + d x^2 y^2` and `1 - d x^2 y^2`, never 0.
    fn double_with_squares(&self, cs: &Cs, x2: &FrVar, y2: &FrVar) -> Synthesis<Self> {
        let xy = self.x.product(cs, &self.y)?;
        let sum = x2 + y2;
        let (x_numerator, x_denominator) = (xy.double(), sum.clone());
        let (y_numerator, y_denominator) = (y2 - x2, (-&sum).plus_constant(Fr::ONE.double()));
        let x = quotient(cs, "point.double.x", &x_numerator, &x_denominator)?;
        x.enforce_product(cs, &x_denominator, &x_numerator)?;
        let y = quotient(cs, "point.double.y", &y_numerator, &y_denominator)?;
        y.enforce_product(cs, &y_denominator, &y_numerator)?;
        Ok(Self { x, y })
    }

    /// `self + other`, complete; 6 constraints.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
    pub fn add(&self, cs: &Cs, other: &Self) -> Synthesis<Self> {
        let [x_fraction, y_fraction] = self.sum_fractions(cs, other)?;
        let x = quotient(cs, "point.add.x", &x_fraction.numerator, &x_fraction.denominator)?;
        x_fraction.enforce_equals(cs, &x)?;
        let y = quotient(cs, "point.add.y", &y_fraction.numerator, &y_fraction.denominator)?;
        y_fraction.enforce_equals(cs, &y)?;
        Ok(Self { x, y })
    }

    /// Enforces `self + other = sum`; 6 constraints.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
    pub fn enforce_sum(&self, cs: &Cs, other: &Self, sum: &Self) -> Synthesis<()> {
        let [x_fraction, y_fraction] = self.sum_fractions(cs, other)?;
        x_fraction.enforce_equals(cs, &sum.x)?;
        y_fraction.enforce_equals(cs, &sum.y)
    }

    /// The coordinates of `self + other` as fractions; 4 constraints.
    ///
    /// With A = x1 y2, B = y1 x2, U = (x1 + y1)(y2 - x2), C = d A B:
    /// `x3 (1 + C) = A + B`, `y3 (1 - C) = U - A + B = y1 y2 - x1 x2`.
    fn sum_fractions(&self, cs: &Cs, other: &Self) -> Synthesis<[Fraction; 2]> {
        let a = self.x.product(cs, &other.y)?;
        let b = self.y.product(cs, &other.x)?;
        let u = (&self.x + &self.y).product(cs, &(&other.y - &other.x))?;
        let c = a.product(cs, &b)?.scaled(EdwardsConfig::COEFF_D);
        let x = Fraction { numerator: &a + &b, denominator: c.plus_constant(Fr::ONE) };
        let y = Fraction { numerator: &(&u - &a) + &b, denominator: (-&c).plus_constant(Fr::ONE) };
        Ok([x, y])
    }

    /// Enforces `self + scalar * G = sum`; 922 constraints: 11 a window of three bits, 9 for the last, which has two.
    ///
    /// A window i adds `(+-1, +-3, +-5 or +-7) * 8^i * G`; any choice of signs and magnitudes is a scalar, and every
    /// residue modulo l has one, so the bits need no further check. The scalar need not be canonical: what is proven is
    /// that `sum` differs from `self` by a known multiple of G.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
    pub fn enforce_generator_multiple_added(&self, cs: &Cs, scalar: &Fs, sum: &Self) -> Synthesis<()> {
        let [windows @ .., last_window] = generator_windows();
        let [digits @ .., last_digit] = signed_digits(scalar);
        let mut partial = self.clone();
        for (window, digit) in windows.iter().zip(digits) {
            let magnitude = select(cs, window, digit.magnitude)?;
            let multiple = magnitude.with_sign(cs, digit.positive)?;
            partial = partial.add(cs, &multiple)?;
        }
        let magnitude = select(cs, last_window, last_digit.magnitude)?;
        partial.enforce_sum(cs, &magnitude.negated(), sum)
    }

    /// `-self`; no constraint.
    fn negated(&self) -> Self {
        Self { x: -&self.x, y: self.y.clone() }
    }

    /// `self` or `-self`, as a new bit says: the sign multiplies x; 2 constraints.
    fn with_sign(&self, cs: &Cs, positive: bool) -> Synthesis<Self> {
        let positive = BoolVar::hint(cs, "scalar.sign", || positive)?;
        let sign = positive.field().double().plus_constant(-Fr::ONE);
        Ok(Self { x: sign.product(cs, &self.x)?, y: self.y.clone() })
    }
}

/// A numerator over a denominator that is not 0.
struct Fraction {
    numerator: FrVar,
    denominator: FrVar,
}

impl Fraction {
    /// `value * denominator = numerator`; 1 constraint.
    fn enforce_equals(&self, cs: &Cs, value: &FrVar) -> Synthesis<()> {
        value.enforce_product(cs, &self.denominator, &self.numerator)
    }
}

/// A signed odd digit `+-(2 magnitude + 1)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Digit {
    magnitude: u8,
    positive: bool,
}

/// Odd digits d_i in {-7, .., 7} with `sum d_i 8^i = scalar` modulo l.
///
/// With t_i the base-8 digits of `T = (scalar + 2^252 - 1) / 2` modulo l, `d_i = 2 t_i - 7`. T < 2^251, so the last
/// digit is negative.
fn signed_digits(scalar: &Fs) -> [Digit; WINDOWS] {
    let offset = Fs::from(2u64).pow([3 * WINDOWS as u64]) - Fs::ONE;
    let half = Fs::from(2u64).inverse().expect("l is odd");
    let bits = ((*scalar + offset) * half).into_bigint();
    core::array::from_fn(|i| {
        let low = u8::from(bits.get_bit(3 * i)) + 2 * u8::from(bits.get_bit(3 * i + 1));
        let positive = bits.get_bit(3 * i + 2);
        Digit { magnitude: if positive { low } else { 3 - low }, positive }
    })
}

/// `[1, 3, 5, 7] * 8^i * G` for each window i.
fn generator_windows() -> &'static [[Point; 4]; WINDOWS] {
    static TABLE: OnceLock<[[Point; 4]; WINDOWS]> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut base = generator().into_group();
        core::array::from_fn(|_| {
            let double = base.double();
            let three = base + double;
            let points = [base, three, three + double, three + double + double];
            base = double.double().double();
            points.map(|point| point.into_affine())
        })
    })
}

/// One of the four points; 3 constraints. The coordinates are bilinear in the two bits of the magnitude.
fn select(cs: &Cs, points: &[Point; 4], magnitude: u8) -> Synthesis<PointVar> {
    let low = BoolVar::hint(cs, "scalar.magnitude", || magnitude & 1 == 1)?;
    let high = BoolVar::hint(cs, "scalar.magnitude", || magnitude & 2 == 2)?;
    let both = low.field().product(cs, high.field())?;
    let bilinear = |[p0, p1, p2, p3]: [Fr; 4]| {
        FrVar::linear([(p1 - p0, low.field()), (p2 - p0, high.field()), (p0 + p3 - p1 - p2, &both)]).plus_constant(p0)
    };
    Ok(PointVar { x: bilinear(points.map(|point| point.x)), y: bilinear(points.map(|point| point.y)) })
}

/// `point / 8` in the prime subgroup; the identity when the point is not on the curve, which no constraint then
/// accepts.
fn eighth(point: &Point) -> Point {
    if !point.is_on_curve() {
        return Point::zero();
    }
    let eighth = Fs::from(8u64).inverse().expect("l is odd");
    (EdwardsProjective::from(*point) * eighth).into_affine()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::hostile::Subject;
    use ark_ff::{LegendreSymbol, One, Zero};
    use ark_relations::gr1cs::ConstraintSystem;
    use veilpay_protocol::curve::{mul_generator, point_from_bytes};

    /// The eight points whose order divides 8.
    fn torsion() -> Vec<Point> {
        let eighth_order = (2u64..)
            .find_map(|y| {
                // x^2 (1 - d y^2) = 1 - y^2
                let y = Fr::from(y);
                let x2 = (Fr::one() - y.square()) * (Fr::one() - EdwardsConfig::COEFF_D * y.square()).inverse()?;
                let point = Point::new_unchecked(x2.sqrt()?, y).mul_bigint(Fs::MODULUS).into_affine();
                (!point.mul_bigint([4u64]).is_zero()).then_some(point)
            })
            .expect("there is one");
        (0u64..8).map(|k| eighth_order.mul_bigint([k]).into_affine()).collect()
    }

    fn public(cs: &Cs, point: &Point) -> PointVar {
        let [x, y] = [point.x, point.y].map(|c| FrVar::public(cs, c).expect("a system"));
        PointVar { x, y }
    }

    #[test]
    fn the_addition_law_is_complete() {
        assert_eq!(EdwardsConfig::COEFF_A, Fr::one());
        assert_eq!(EdwardsConfig::COEFF_D.legendre(), LegendreSymbol::QuadraticNonResidue);
    }

    #[test]
    fn addition_and_doubling_agree_with_the_native_curve_at_all_special_cases() {
        let mut points = torsion();
        for k in [1u64, 2, 12345] {
            let point = mul_generator(&Fs::from(k));
            points.extend([point, -point, (point + points[1]).into_affine()]);
        }
        for p in &points {
            for q in &points {
                let cs = ConstraintSystem::new_ref();
                let (vp, vq) = (public(&cs, p), public(&cs, q));
                let sum = vp.add(&cs, &vq).expect("a system");
                assert_eq!(Point::new_unchecked(sum.x.value(), sum.y.value()), (*p + q).into_affine());
                assert_eq!(cs.num_constraints(), 6);
                let double = vp.double(&cs).expect("a system");
                assert_eq!(Point::new_unchecked(double.x.value(), double.y.value()), (*p + p).into_affine());
                assert_eq!((cs.num_constraints(), cs.is_satisfied()), (11, Ok(true)));
            }
        }
    }

    #[test]
    fn no_quotient_of_an_addition_is_free() {
        let (p, q) = (mul_generator(&Fs::from(77u64)), torsion()[1]);
        for (p, q) in [(p, p), (p, -p), (p, q), (q, q), (Point::zero(), p), (Point::zero(), Point::zero())] {
            let build = |cs: &Cs| {
                let sum = public(cs, &p).add(cs, &public(cs, &q))?.double(cs)?;
                Ok(vec![sum.x, sum.y])
            };
            Subject::new(build).every_hint_is_determined();
        }
    }

    #[test]
    fn only_points_of_the_subgroup_other_than_the_identity_pass_t1() {
        for k in [1u64, 2, 8, 1 << 50] {
            for point in [mul_generator(&Fs::from(k)), mul_generator(&-Fs::from(k))] {
                let subject = Subject::new(|cs| {
                    let checked = PointVar::in_subgroup(cs, &point)?;
                    let expected = public(cs, &point);
                    checked.x.enforce_equal(cs, &expected.x)?;
                    checked.y.enforce_equal(cs, &expected.y)?;
                    Ok(vec![checked.x, checked.y])
                });
                assert_eq!(subject.matrices.num_constraints(), 17 + 2);
                subject.every_hint_is_determined();
                // P/8 plus torsion is another eighth of the same point: harmless.
                for t in torsion() {
                    let other = (eighth(&point) + t).into_affine();
                    let overrides = [(("point.eighth.x", 0), other.x), (("point.eighth.y", 0), other.y)];
                    assert_eq!(subject.accepts(&overrides), Some(subject.outputs.clone()));
                }
            }
        }
    }

    #[test]
    fn a_point_outside_the_subgroup_has_no_eighth() {
        let good = mul_generator(&Fs::from(5u64));
        let order_eight = torsion()[1];
        let candidates =
            [torsion(), vec![good, (good + order_eight).into_affine(), Point::new_unchecked(Fr::one(), Fr::one())]];
        let check = |target: &Point, eighth: &Point| {
            let overrides = [(("point.eighth.x", 0), eighth.x), (("point.eighth.y", 0), eighth.y)];
            crate::hint::registry::with_overrides(overrides, || {
                let cs = ConstraintSystem::new_ref();
                let checked = PointVar::in_subgroup(&cs, target).expect("a system");
                let expected = public(&cs, target);
                checked.x.enforce_equal(&cs, &expected.x).expect("a system");
                checked.y.enforce_equal(&cs, &expected.y).expect("a system");
                cs.is_satisfied().expect("not in setup mode")
            })
        };
        for target in torsion().iter().chain([&(good + order_eight).into_affine()]) {
            for q in candidates.iter().flatten() {
                assert!(!check(target, q), "8 * {q:?} passed for {target:?}");
                assert!(!check(target, &eighth(q)));
            }
        }
    }

    #[test]
    fn the_signed_digits_are_those_of_the_scalar() {
        for scalar in [Fs::zero(), Fs::one(), -Fs::one(), Fs::from(2u64).inverse().expect("odd"), Fs::from(u64::MAX)] {
            let digits = signed_digits(&scalar);
            let value = digits.iter().rev().fold(Fs::zero(), |sum, digit| {
                let magnitude = Fs::from(2 * u64::from(digit.magnitude) + 1);
                sum * Fs::from(8u64) + if digit.positive { magnitude } else { -magnitude }
            });
            assert_eq!(value, scalar);
            assert!(!digits[WINDOWS - 1].positive);
        }
    }

    #[test]
    fn only_the_native_sum_is_a_generator_multiple_added_at_922_constraints() {
        let base = mul_generator(&Fs::from(31u64));
        for scalar in [Fs::zero(), Fs::one(), -Fs::one(), Fs::from(31u64), -Fs::from(31u64), Fs::from(1u64 << 63)] {
            let cs = ConstraintSystem::new_ref();
            let right = (base + mul_generator(&scalar)).into_affine();
            let sum = public(&cs, &right);
            public(&cs, &base).enforce_generator_multiple_added(&cs, &scalar, &sum).expect("a system");
            assert_eq!((cs.num_constraints(), cs.is_satisfied()), (922, Ok(true)));
            // Neither the negative, nor the sum of another scalar, nor a coordinate off by one.
            for wrong in [
                (base - mul_generator(&scalar)).into_affine(),
                (base + mul_generator(&(scalar + Fs::one()))).into_affine(),
                Point::new_unchecked(-sum.x.value(), sum.y.value()),
                Point::new_unchecked(sum.x.value(), sum.y.value() + Fr::one()),
            ] {
                let cs = ConstraintSystem::new_ref();
                let (base, claimed) = (public(&cs, &base), public(&cs, &wrong));
                base.enforce_generator_multiple_added(&cs, &scalar, &claimed).expect("a system");
                assert_eq!(cs.is_satisfied(), Ok(wrong == right));
            }
        }
    }

    #[test]
    fn every_digit_of_a_generator_multiple_is_determined_by_the_sum() {
        let base = mul_generator(&Fs::from(31u64));
        let scalar = Fs::from(0x1234_5678_9abc_def0u64);
        let sum = (base + mul_generator(&scalar)).into_affine();
        let subject = Subject::new(|cs| {
            public(cs, &base).enforce_generator_multiple_added(cs, &scalar, &public(cs, &sum))?;
            Ok(Vec::new())
        });
        subject.every_hint_is_determined();
    }

    #[test]
    fn the_native_decoder_and_t1_refuse_the_same_points() {
        for point in torsion() {
            assert!(point_from_bytes(&veilpay_protocol::curve::point_to_bytes(&point)).is_err());
        }
    }
}
