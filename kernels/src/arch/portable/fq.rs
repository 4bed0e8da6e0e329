//! Fq in words, at most 2p.

use ark_bn254::FqConfig;

use super::add::Element;
use crate::invert::{Inverter, power_of_two};
use crate::words::{self, Modulus, Words};

/// An element in Montgomery form, at most 2p: differences may be 2p itself. Products of such are below 1.76 p.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fq(Words);

const INVERTER: Inverter = Inverter::new(FqConfig::P);

impl Fq {
    pub(crate) const ZERO: Self = Self([0; 4]);
    pub(crate) const ONE: Self = Self(power_of_two(FqConfig::P, 256));
    /// Takes the inverse of a Montgomery form to a Montgomery form.
    const INVERSE_SCALE: Self = Self(power_of_two(FqConfig::P, 768));

    /// From words of at most 2p.
    #[inline(always)]
    pub(crate) const fn new(words: Words) -> Self {
        Self(words)
    }

    #[inline(always)]
    pub(crate) const fn words(&self) -> &Words {
        &self.0
    }

    /// 1 / x, none if x is 0.
    pub(crate) fn inverse(&self) -> Option<Self> {
        let inverse = INVERTER.inverse(self.0);
        (inverse != [0; 4]).then(|| Self(inverse).mul(&Self::INVERSE_SCALE))
    }
}

impl Element for Fq {
    const WORDS: usize = 4;
    const ONE: Self = Self::ONE;

    #[inline(always)]
    fn load(words: &[u64]) -> Self {
        Self([words[0], words[1], words[2], words[3]])
    }

    #[inline(always)]
    fn store(&self, words: &mut [u64]) {
        words.copy_from_slice(&self.0);
    }

    #[inline(always)]
    fn sub(&self, other: &Self) -> Self {
        Self(words::difference::<FqConfig>(&self.0, &other.0))
    }

    #[inline(always)]
    fn negated_if(&self, mask: u64) -> Self {
        Self(words::negated_if::<FqConfig>(&self.0, mask))
    }

    #[inline(always)]
    fn mul(&self, other: &Self) -> Self {
        Self(words::mul::<FqConfig>(&self.0, &other.0))
    }

    #[inline(always)]
    fn square(&self) -> Self {
        Self(words::square::<FqConfig>(&self.0))
    }

    fn norms<'a>(elements: &'a [Self], _: &'a mut [Fq]) -> &'a [Fq] {
        elements
    }

    #[inline(always)]
    fn quotient(numerator: &Self, _: &Self, inverse: &Fq) -> Self {
        numerator.mul(inverse)
    }
}
