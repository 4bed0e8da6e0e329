//! Bits and ranges.
//!
//! A comparison exists only between values that are known to be short ([`RangeChecked`]): `a >= b` is the range check
//! of `a - b`. Modulo r every difference is "positive"; without the ranges the comparison would mean nothing.

use ark_ff::{BigInteger, Field, PrimeField};
use veilpay_protocol::field::{Fr, power_of_two};

use crate::hint::hint;
use crate::var::{Cs, FrVar, Synthesis};

/// A field element that is 0 or 1.
#[derive(Clone, Debug)]
pub struct BoolVar(FrVar);

impl BoolVar {
    /// A new wire with `b * (b - 1) = 0`; 1 constraint.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
    pub fn hint(cs: &Cs, name: &'static str, honest: impl FnOnce() -> bool) -> Synthesis<Self> {
        Self::constrain(cs, hint(cs, name, || Fr::from(honest()))?)
    }

    /// Enforces `b * (b - 1) = 0`; 1 constraint.
    fn constrain(cs: &Cs, b: FrVar) -> Synthesis<Self> {
        b.enforce_product(cs, &b.plus_constant(-Fr::ONE), &FrVar::zero())?;
        Ok(Self(b))
    }

    /// The bit as a field element; no constraint.
    #[must_use]
    pub const fn field(&self) -> &FrVar {
        &self.0
    }

    /// `1 - b`; no constraint.
    #[must_use]
    pub fn not(&self) -> FrVar {
        &FrVar::one() - &self.0
    }
}

/// A field element known to be in [0, 2^N).
#[derive(Clone, Debug)]
pub struct RangeChecked<const N: usize>(FrVar);

impl<const N: usize> RangeChecked<N> {
    /// Enforces `0 <= x < 2^N`; N constraints, N - 1 hints.
    ///
    /// Bits 1 to N-1 are hints. Bit 0 is what they leave of x, a combination and not a wire, and is boolean like the
    /// others. 2^N < r, so the bits are unique.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
    pub fn new(cs: &Cs, name: &'static str, x: &FrVar) -> Synthesis<Self> {
        const { assert!(N >= 1 && N <= 252, "2^(N+1) stays below r") };
        let integer = x.value().into_bigint();
        let mut high = FrVar::zero();
        for i in 1..N {
            let bit = BoolVar::hint(cs, name, || integer.get_bit(i))?;
            high = high.plus_scaled(bit.field(), power_of_two(i as u32));
        }
        BoolVar::constrain(cs, x - &high)?;
        Ok(Self(x.clone()))
    }

    /// Takes a value whose range was checked before it came here; no constraint.
    ///
    /// Two kinds there are: a public input that the verifier holds as a short integer (T4, L1, L3), and a number
    /// inside a leaf of a list whose keeper holds short integers only (C3), once that leaf is proven to be in the
    /// list.
    #[must_use]
    pub const fn checked_outside(x: FrVar) -> Self {
        Self(x)
    }

    /// The field element.
    #[must_use]
    pub const fn field(&self) -> &FrVar {
        &self.0
    }

    /// Enforces `self >= other`; N constraints.
    ///
    /// Both are below 2^N, so their difference modulo r is below 2^N exactly when it is not negative.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
    pub fn enforce_at_least(&self, cs: &Cs, name: &'static str, other: &Self) -> Synthesis<()> {
        Self::new(cs, name, &(&self.0 - &other.0)).map(|_| ())
    }

    /// Enforces `low < x < high` and gives x back as the integer that it is thereby shown to be; 2 N constraints, as
    /// `x - low - 1` and `high - x - 1` in [0, 2^N).
    ///
    /// With a and b for these, `high = low + a + b + 2` modulo r. Both sides are below 2^(N+2) <= r, so that this
    /// holds for integers, and `x = low + 1 + a` lies between.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
    pub fn enforce_between(
        cs: &Cs,
        [above, below]: [&'static str; 2],
        low: &Self,
        x: FrVar,
        high: &Self,
    ) -> Synthesis<Self> {
        const { assert!(N <= 251, "2^(N+2) stays below r") };
        Self::new(cs, above, &(&x - &low.0).plus_constant(-Fr::ONE))?;
        Self::new(cs, below, &(&high.0 - &x).plus_constant(-Fr::ONE))?;
        Ok(Self(x))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hint::registry::HintId;
    use crate::testing::hostile::{Subject, edge_elements};
    use ark_relations::gr1cs::ConstraintSystem;

    fn in_range<const N: usize>(x: Fr) -> bool {
        let cs = ConstraintSystem::new_ref();
        let x = FrVar::public(&cs, x).expect("a system");
        RangeChecked::<N>::new(&cs, "x.bit", &x).expect("a system");
        assert_eq!((cs.num_constraints(), cs.num_witness_variables()), (N, N - 1));
        cs.is_satisfied().expect("not in setup mode")
    }

    #[test]
    fn a_range_check_accepts_exactly_its_range() {
        assert!(in_range::<1>(Fr::from(0u64)) && in_range::<1>(Fr::from(1u64)) && !in_range::<1>(Fr::from(2u64)));
        for x in edge_elements().into_iter().chain([power_of_two(128), power_of_two(128) - Fr::ONE, power_of_two(251)])
        {
            let integer = x.into_bigint();
            assert_eq!(in_range::<8>(x), integer.num_bits() <= 8, "{x}");
            assert_eq!(in_range::<64>(x), integer.num_bits() <= 64, "{x}");
            assert_eq!(in_range::<128>(x), integer.num_bits() <= 128, "{x}");
            assert_eq!(in_range::<252>(x), integer.num_bits() <= 252, "{x}");
        }
    }

    #[test]
    fn no_choice_of_bits_brings_a_value_outside_into_range() {
        // All 2^7 choices of the seven hints, with hostile non-bits at single places, for values around the range.
        for x in [Fr::from(255u64), Fr::from(256u64), Fr::from(257u64), -Fr::ONE] {
            let cs_build = |cs: &Cs| {
                let x = FrVar::public(cs, x)?;
                Ok(vec![RangeChecked::<8>::new(cs, "x.bit", &x)?.field().clone()])
            };
            let matrices = crate::matrices::matrices_of(|cs| cs_build(cs).map(|_| ())).expect("a system");
            for choice in 0u64..128 {
                let overrides: Vec<(HintId, Fr)> =
                    (0..7).map(|i| (("x.bit", i), Fr::from((choice >> i) & 1))).collect();
                let assignment = crate::hint::registry::with_overrides(overrides, || {
                    crate::matrices::assignment_of(|cs| cs_build(cs).map(|_| ())).expect("a system")
                });
                let accepted = matrices.first_unsatisfied(&assignment).is_none();
                assert_eq!(accepted, x == Fr::from(255u64) && choice == 127, "{x} with bits {choice:07b}");
            }
        }
    }

    #[test]
    fn every_bit_of_a_range_check_is_determined() {
        for x in [0u64, 1, 0x5555, 0xffff] {
            Subject::new(|cs| {
                let x = FrVar::public(cs, Fr::from(x))?;
                Ok(vec![RangeChecked::<16>::new(cs, "x.bit", &x)?.field().clone()])
            })
            .every_hint_is_determined();
        }
    }

    #[test]
    fn a_comparison_is_that_of_the_integers() {
        let edges = [0u64, 1, 2, 1 << 39, (1 << 40) - 2, (1 << 40) - 1];
        for a in edges {
            for b in edges {
                let cs = ConstraintSystem::new_ref();
                let [va, vb] = [a, b].map(|x| {
                    let x = FrVar::public(&cs, Fr::from(x)).expect("a system");
                    RangeChecked::<40>::new(&cs, "x.bit", &x).expect("a system")
                });
                va.enforce_at_least(&cs, "difference.bit", &vb).expect("a system");
                assert_eq!(cs.is_satisfied(), Ok(a >= b), "{a} >= {b}");
                assert_eq!(cs.num_constraints(), 120);
            }
        }
    }

    #[test]
    fn between_is_that_of_the_integers() {
        let edges: Vec<u64> = (0..16).collect();
        let elements =
            edges.iter().map(|x| Fr::from(*x)).chain([-Fr::ONE, Fr::from(16u64), Fr::from(31u64), power_of_two(250)]);
        for x in elements {
            for low in &edges {
                for high in &edges {
                    let cs = ConstraintSystem::new_ref();
                    let [l, h] = [*low, *high].map(|x| {
                        RangeChecked::<4>::checked_outside(FrVar::public(&cs, Fr::from(x)).expect("a system"))
                    });
                    let x_var = FrVar::public(&cs, x).expect("a system");
                    RangeChecked::enforce_between(&cs, ["a", "b"], &l, x_var, &h).expect("a system");
                    let native = (low + 1..*high).any(|between| Fr::from(between) == x);
                    assert_eq!((cs.num_constraints(), cs.is_satisfied()), (8, Ok(native)), "{low} {x} {high}");
                }
            }
        }
    }

    #[test]
    fn a_boolean_is_zero_or_one() {
        for value in edge_elements() {
            let run = || {
                let cs = ConstraintSystem::new_ref();
                BoolVar::hint(&cs, "b", || false).expect("a system");
                cs.is_satisfied().expect("not in setup mode")
            };
            let accepted = crate::hint::registry::with_overrides([(("b", 0), value)], run);
            assert_eq!(accepted, value == Fr::from(0u64) || value == Fr::ONE);
        }
    }
}
