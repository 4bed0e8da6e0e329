//! The circuit twin of a field element: a value together with the linear combination that stands for it.
//!
//! Sums and products by constants cost nothing: they only combine the terms. One constraint is spent by a product, by
//! an equality and by each `enforce`. Terms are kept sorted by variable and without zeros, so that a row of a matrix
//! is canonical, and they are not kept at all when nobody asked for matrices: computing an assignment costs little
//! more than computing natively.

use core::fmt;
use core::ops::{Add, Mul, Neg, Sub};

use ark_ff::{AdditiveGroup, Field};
use ark_relations::gr1cs::{ConstraintSystemRef, LinearCombination, SynthesisError, Variable};
use veilpay_protocol::field::Fr;

use crate::hint::note_product;

/// The constraint system every gadget writes to.
pub type Cs = ConstraintSystemRef<Fr>;
/// What a gadget returns.
pub type Synthesis<T> = Result<T, SynthesisError>;

type Term = (Variable, Fr);

/// A field element inside a circuit. It may be a secret: `Debug` does not show the value.
#[derive(Clone)]
pub struct FrVar {
    value: Fr,
    /// Sorted by variable, coefficients not zero; `None` when matrices are not constructed.
    terms: Option<Vec<Term>>,
}

/// `a + scale * b` of two sorted term lists.
fn merge(a: &[Term], b: &[Term], scale: &Fr) -> Vec<Term> {
    let mut out = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        match a[i].0.cmp(&b[j].0) {
            core::cmp::Ordering::Less => {
                out.push(a[i]);
                i += 1;
            }
            core::cmp::Ordering::Greater => {
                out.push((b[j].0, b[j].1 * scale));
                j += 1;
            }
            core::cmp::Ordering::Equal => {
                let sum = a[i].1 + b[j].1 * scale;
                if sum != Fr::ZERO {
                    out.push((a[i].0, sum));
                }
                i += 1;
                j += 1;
            }
        }
    }
    out.extend_from_slice(&a[i..]);
    out.extend(b[j..].iter().map(|(variable, c)| (*variable, *c * scale)));
    out
}

impl FrVar {
    /// A constant; no constraint, no wire.
    #[must_use]
    pub fn constant(value: Fr) -> Self {
        let terms = if value == Fr::ZERO { Vec::new() } else { vec![(Variable::One, value)] };
        Self { value, terms: Some(terms) }
    }

    /// Zero.
    #[must_use]
    pub fn zero() -> Self {
        Self::constant(Fr::ZERO)
    }

    /// One.
    #[must_use]
    pub fn one() -> Self {
        Self::constant(Fr::ONE)
    }

    fn of_variable(cs: &Cs, value: Fr, variable: Variable) -> Self {
        let terms = cs.should_construct_matrices().then(|| vec![(variable, Fr::ONE)]);
        Self { value, terms }
    }

    /// A new public input.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`] without a constraint system.
    pub fn public(cs: &Cs, value: Fr) -> Synthesis<Self> {
        let variable = cs.new_input_variable(|| Ok(value))?;
        Ok(Self::of_variable(cs, value, variable))
    }

    /// A new private wire. Only [`hint`](crate::hint::hint) and [`FrVar::product`] come here.
    pub(crate) fn wire(cs: &Cs, value: Fr) -> Synthesis<Self> {
        let variable = cs.new_witness_variable(|| Ok(value))?;
        Ok(Self::of_variable(cs, value, variable))
    }

    /// The value under the present assignment; meaningless in setup mode.
    #[must_use]
    pub const fn value(&self) -> Fr {
        self.value
    }

    /// `self + scale * other`; no constraint.
    #[must_use]
    pub fn plus_scaled(&self, other: &Self, scale: Fr) -> Self {
        if scale == Fr::ZERO {
            return self.clone();
        }
        let terms = match (&self.terms, &other.terms) {
            (Some(a), Some(b)) => Some(merge(a, b, &scale)),
            _ => None,
        };
        Self { value: self.value + other.value * scale, terms }
    }

    /// `self + constant`; no constraint.
    #[must_use]
    pub fn plus_constant(&self, constant: Fr) -> Self {
        if constant == Fr::ZERO {
            return self.clone();
        }
        let terms = self.terms.as_ref().map(|terms| merge(terms, &[(Variable::One, constant)], &Fr::ONE));
        Self { value: self.value + constant, terms }
    }

    /// `scale * self`; no constraint.
    #[must_use]
    pub fn scaled(&self, scale: Fr) -> Self {
        if scale == Fr::ZERO {
            return Self::zero();
        }
        let terms = self.terms.as_ref().map(|terms| terms.iter().map(|(v, c)| (*v, *c * scale)).collect());
        Self { value: self.value * scale, terms }
    }

    /// `2 * self`; no constraint.
    #[must_use]
    pub fn double(&self) -> Self {
        self + self
    }

    /// `sum of coefficient * variable`; no constraint.
    #[must_use]
    pub fn linear<'a>(parts: impl IntoIterator<Item = (Fr, &'a Self)>) -> Self {
        parts.into_iter().fold(Self::zero(), |sum, (coefficient, part)| sum.plus_scaled(part, coefficient))
    }

    /// The sum; no constraint.
    #[must_use]
    pub fn sum<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        parts.into_iter().fold(Self::zero(), |sum, part| &sum + part)
    }

    /// `self * other` as a new wire; 1 constraint.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`] without a constraint system.
    pub fn product(&self, cs: &Cs, other: &Self) -> Synthesis<Self> {
        let out = Self::wire(cs, self.value * other.value)?;
        note_product();
        self.enforce_product(cs, other, &out)?;
        Ok(out)
    }

    /// `self * self` as a new wire; 1 constraint.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`] without a constraint system.
    pub fn square(&self, cs: &Cs) -> Synthesis<Self> {
        self.product(cs, self)
    }

    /// `self * other = out`; 1 constraint.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`] without a constraint system.
    pub fn enforce_product(&self, cs: &Cs, other: &Self, out: &Self) -> Synthesis<()> {
        let (Some(a), Some(b), Some(c)) = (&self.terms, &other.terms, &out.terms) else { return Ok(()) };
        let row = |terms: &[Term]| LinearCombination(terms.iter().map(|(v, c)| (*c, *v)).collect());
        cs.enforce_r1cs_constraint(|| row(a), || row(b), || row(c))
    }

    /// `self = other`; 1 constraint.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`] without a constraint system.
    pub fn enforce_equal(&self, cs: &Cs, other: &Self) -> Synthesis<()> {
        (self - other).enforce_product(cs, &Self::one(), &Self::zero())
    }
}

impl fmt::Debug for FrVar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrVar").finish_non_exhaustive()
    }
}

impl Add for &FrVar {
    type Output = FrVar;

    fn add(self, other: Self) -> FrVar {
        let terms = match (&self.terms, &other.terms) {
            (Some(a), Some(b)) => Some(merge(a, b, &Fr::ONE)),
            _ => None,
        };
        FrVar { value: self.value + other.value, terms }
    }
}

impl Sub for &FrVar {
    type Output = FrVar;

    fn sub(self, other: Self) -> FrVar {
        self.plus_scaled(other, -Fr::ONE)
    }
}

impl Neg for &FrVar {
    type Output = FrVar;

    fn neg(self) -> FrVar {
        self.scaled(-Fr::ONE)
    }
}

impl Mul<Fr> for &FrVar {
    type Output = FrVar;

    fn mul(self, scale: Fr) -> FrVar {
        self.scaled(scale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hint::hint;
    use ark_relations::gr1cs::ConstraintSystem;

    #[test]
    fn sums_cost_nothing_and_a_product_costs_one_constraint() {
        let cs = ConstraintSystem::new_ref();
        let a = hint(&cs, "a", || Fr::from(3u64)).expect("a system");
        let b = FrVar::public(&cs, Fr::from(5u64)).expect("a system");
        let sum = FrVar::linear([(Fr::from(2u64), &a), (-Fr::ONE, &b)]).plus_constant(Fr::from(7u64));
        assert_eq!(sum.value(), Fr::from(8u64));
        assert_eq!(cs.num_constraints(), 0);
        let product = (&sum - &a).product(&cs, &b).expect("a system");
        assert_eq!(product.value(), Fr::from(25u64));
        product.enforce_equal(&cs, &FrVar::constant(Fr::from(25u64))).expect("a system");
        assert_eq!((cs.num_constraints(), cs.num_witness_variables()), (2, 2));
        assert_eq!(cs.is_satisfied(), Ok(true));
        product.enforce_equal(&cs, &b).expect("a system");
        assert_eq!(cs.is_satisfied(), Ok(false));
    }

    #[test]
    fn a_value_is_not_printed() {
        assert_eq!(format!("{:?}", FrVar::constant(Fr::from(7u64))), "FrVar { .. }");
    }

    #[test]
    fn terms_that_cancel_vanish() {
        let cs = ConstraintSystem::new_ref();
        let a = hint(&cs, "a", || Fr::from(3u64)).expect("a system");
        assert_eq!((&a.plus_constant(Fr::ONE) - &a).terms, FrVar::one().terms);
        assert_eq!((&a - &a).terms, Some(Vec::new()));
        assert_eq!(a.scaled(Fr::ZERO).terms, Some(Vec::new()));
    }
}
