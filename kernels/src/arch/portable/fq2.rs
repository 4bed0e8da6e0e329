//! Fq2 = Fq[u] / (u^2 + 1), coordinates at most 2p.

use ark_bn254::FqConfig;

use super::add::Element;
use super::fq::Fq;
use crate::words::{self, Modulus, add, add_wide, borrowing, halve, masked, product, reduce, sign, square_product};

/// c0 + c1 u.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fq2 {
    c0: Fq,
    c1: Fq,
}

impl Fq2 {
    /// c0^2 + c1^2, with one reduction: 0 only for 0, as -1 is not a square.
    ///
    /// The sum is at most 8 p^2 < 1.52 * 2^256 p, so what comes out is below 2.52 p before it is halved.
    #[inline(always)]
    fn norm(&self) -> Fq {
        let sum = add_wide(&square_product(self.c0.words()), &square_product(self.c1.words()));
        Fq::new(halve::<FqConfig>(&reduce::<FqConfig>(&sum)))
    }

    /// c times this.
    #[inline(always)]
    fn scale(&self, c: &Fq) -> Self {
        Self { c0: self.c0.mul(c), c1: self.c1.mul(c) }
    }
}

impl Element for Fq2 {
    const WORDS: usize = 8;
    const ONE: Self = Self { c0: Fq::ONE, c1: Fq::ZERO };

    #[inline(always)]
    fn load(words: &[u64]) -> Self {
        Self { c0: Fq::load(words), c1: Fq::load(&words[4..]) }
    }

    #[inline(always)]
    fn store(&self, words: &mut [u64]) {
        self.c0.store(&mut words[..4]);
        self.c1.store(&mut words[4..]);
    }

    #[inline(always)]
    fn sub(&self, other: &Self) -> Self {
        Self { c0: self.c0.sub(&other.c0), c1: self.c1.sub(&other.c1) }
    }

    #[inline(always)]
    fn negated_if(&self, mask: u64) -> Self {
        Self { c0: self.c0.negated_if(mask), c1: self.c1.negated_if(mask) }
    }

    /// Three products and two reductions (Karatsuba).
    ///
    /// a0 b0 - a1 b1 has 2^256 p added if it is negative: below 2^256 p either way. a0 b1 + a1 b0 is at most
    /// 8 p^2 < 1.52 * 2^256 p. Reduced, both are below 2.52 p, then halved.
    #[inline(always)]
    fn mul(&self, other: &Self) -> Self {
        let ([a0, a1], [b0, b1]) = ([self.c0.words(), self.c1.words()], [other.c0.words(), other.c1.words()]);
        let (x, y) = (product(a0, b0), product(a1, b1));
        let cross = product(&add(a0, a1), &add(b0, b1));
        let mut real = borrowing(&x, &y).0;
        let upper = add(&[real[4], real[5], real[6], real[7]], &masked(&FqConfig::P, sign(real[7])));
        real[4..].copy_from_slice(&upper);
        let imaginary = borrowing(&borrowing(&cross, &x).0, &y).0;
        Self {
            c0: Fq::new(halve::<FqConfig>(&reduce::<FqConfig>(&real))),
            c1: Fq::new(halve::<FqConfig>(&reduce::<FqConfig>(&imaginary))),
        }
    }

    /// (a0 + a1) (a0 - a1) + 2 a0 a1 u. Both products are of a factor of at most 4p and one of at most 2p: below
    /// 2.52 p, then halved.
    #[inline(always)]
    fn square(&self) -> Self {
        let (a0, a1) = (self.c0.words(), self.c1.words());
        let by = |a, b| Fq::new(halve::<FqConfig>(&words::mul::<FqConfig>(a, b)));
        Self { c0: by(&add(a0, a1), self.c0.sub(&self.c1).words()), c1: by(&add(a0, a0), a1) }
    }

    fn norms<'a>(elements: &'a [Self], room: &'a mut [Fq]) -> &'a [Fq] {
        for (norm, element) in room.iter_mut().zip(elements) {
            *norm = element.norm();
        }
        room
    }

    /// a (d0 - d1 u) / (d0^2 + d1^2).
    #[inline(always)]
    fn quotient(numerator: &Self, denominator: &Self, inverse: &Fq) -> Self {
        let conjugate = Self { c0: denominator.c0, c1: denominator.c1.negated_if(u64::MAX) };
        numerator.mul(&conjugate).scale(inverse)
    }
}
