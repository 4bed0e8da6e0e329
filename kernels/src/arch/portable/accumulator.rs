//! An element of Fq12 that is multiplied by lines, in words: one reduction for each half of a coefficient.

use ark_bn254::{Fq as Element, Fq2, Fq6, Fq6Config, Fq12, FqConfig};
use ark_ff::{BigInt, Field, Fp6Config};

use crate::words::{Modulus, Wide, Words, add, add_wide, borrowing, canonical, halve, product, reduce};

type Half = Words;

/// f_0 + f_1 w + ... + f_5 w^5, halves at most 2p.
#[derive(Clone, Debug)]
pub(crate) struct Accumulator([[Half; 2]; 6]);

/// A factor in Fq2, below p, and the sum of its halves.
type Triple = [Words; 3];

fn triple(x: &Fq2) -> Triple {
    [x.c0.0.0, x.c1.0.0, add(&x.c0.0.0, &x.c1.0.0)]
}

fn halves(x: &Fq2) -> [Half; 2] {
    [x.c0.0.0, x.c1.0.0]
}

fn element([c0, c1]: &[Half; 2]) -> Fq2 {
    let one = |half: &Half| Element::new_unchecked(BigInt(canonical::<FqConfig>(half)));
    Fq2::new(one(c0), one(c1))
}

/// (9 + u) x.
fn times_xi(x: &Fq2) -> Fq2 {
    let mut product = *x;
    Fq6Config::mul_fp2_by_nonresidue_in_place(&mut product);
    product
}

/// x y, by three products (Karatsuba): the square of u is taken off the first one.
#[inline(always)]
fn products(x: &Triple, y: &Triple) -> [Wide; 3] {
    [product(&x[0], &y[0]), product(&x[1], &y[1]), product(&x[2], &y[2])]
}

/// z + x a + y b.
///
/// Factors are at most 2p on one side and below p on the other, their sums twice that: products below 2 p^2, and below
/// 8 p^2 for the third, two of which are below 2^512. The first half is above -4 p^2, so that p 2^256, which is 5.29 p^2,
/// outweighs it: below 9.3 p^2, reduced below 2.76 p. The second is below 8 p^2, reduced below 2.52 p.
#[inline(always)]
fn coefficient(z: &[Half; 2], (x, a): (&Triple, &Triple), (y, b): (&Triple, &Triple)) -> [Half; 2] {
    let (first, second) = (products(x, a), products(y, b));
    let [real, imaginary, cross] = [0, 1, 2].map(|k| add_wide(&first[k], &second[k]));
    let upper = add(&[real[4], real[5], real[6], real[7]], &FqConfig::P);
    let mut raised = real;
    raised[4..].copy_from_slice(&upper);
    let c0 = borrowing(&raised, &imaginary).0;
    let c1 = borrowing(&borrowing(&cross, &real).0, &imaginary).0;
    let half = |c: &Wide, z: &Half| halve::<FqConfig>(&add(&halve::<FqConfig>(&reduce::<FqConfig>(c)), z));
    [half(&c0, &z[0]), half(&c1, &z[1])]
}

impl Accumulator {
    /// 1.
    pub(crate) fn one() -> Self {
        Self::from(&Fq12::ONE)
    }

    /// This squared.
    pub(crate) fn square(&mut self) {
        *self = Self::from(&self.value().square());
    }

    /// This times 1 + a w + b w^3: twelve products in Fq2.
    pub(crate) fn times_line(&mut self, a: &Fq2, b: &Fq2) {
        let (xi_a, xi_b) = (triple(&times_xi(a)), triple(&times_xi(b)));
        let (a, b) = (triple(a), triple(b));
        let f = self.0;
        let t = f.map(|[c0, c1]| [c0, c1, add(&c0, &c1)]);
        self.0 = [
            coefficient(&f[0], (&t[5], &xi_a), (&t[3], &xi_b)),
            coefficient(&f[1], (&t[0], &a), (&t[4], &xi_b)),
            coefficient(&f[2], (&t[1], &a), (&t[5], &xi_b)),
            coefficient(&f[3], (&t[2], &a), (&t[0], &b)),
            coefficient(&f[4], (&t[3], &a), (&t[1], &b)),
            coefficient(&f[5], (&t[4], &a), (&t[2], &b)),
        ];
    }

    /// As arkworks has it.
    pub(crate) fn value(&self) -> Fq12 {
        let [f0, f1, f2, f3, f4, f5] = [0, 1, 2, 3, 4, 5].map(|k: usize| element(&self.0[k]));
        Fq12::new(Fq6::new(f0, f2, f4), Fq6::new(f1, f3, f5))
    }
}

impl From<&Fq12> for Accumulator {
    fn from(f: &Fq12) -> Self {
        let (even, odd) = (&f.c0, &f.c1);
        Self([&even.c0, &odd.c0, &even.c1, &odd.c1, &even.c2, &odd.c2].map(halves))
    }
}

#[cfg(test)]
mod tests {
    use ark_ff::{AdditiveGroup, UniformRand};
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    /// The product by arkworks.
    fn expected(f: &Fq12, a: &Fq2, b: &Fq2) -> Fq12 {
        let zero = Fq2::ZERO;
        *f * Fq12::new(Fq6::new(Fq2::ONE, zero, zero), Fq6::new(*a, *b, zero))
    }

    #[test]
    fn products_by_lines_are_those_of_arkworks_up_to_the_largest_factors() {
        let mut rng = StdRng::seed_from_u64(1);
        let most = Fq2::new(-Element::ONE, -Element::ONE);
        let mut f = Fq12::rand(&mut rng);
        let mut own = Accumulator::from(&f);
        for k in 0..200 {
            let edge = |x| [Fq2::ZERO, most, Fq2::ONE, x][k % 4];
            let (a, b) = (edge(Fq2::rand(&mut rng)), edge(Fq2::rand(&mut rng)));
            own.times_line(&a, &b);
            f = expected(&f, &a, &b);
            assert_eq!(own.value(), f);
            if k % 3 == 0 {
                own.square();
                f.square_in_place();
                assert_eq!(own.value(), f);
            }
        }
        // All halves 2p, which is 0, or 2p - 1.
        for (value, less) in [(Fq2::ZERO, 0), (Fq2::new(-Element::from(1u64), -Element::from(1u64)), 1)] {
            let mut half = FqConfig::P2;
            half[0] -= less;
            let mut largest = Accumulator([[half; 2]; 6]);
            let montgomery = value * Fq2::new(Element::new_unchecked(BigInt([1, 0, 0, 0])), Element::ZERO);
            let before =
                Fq12::new(Fq6::new(montgomery, montgomery, montgomery), Fq6::new(montgomery, montgomery, montgomery));
            assert_eq!(largest.value(), before);
            let words_most =
                Fq2::new(Element::new_unchecked(BigInt(most_words())), Element::new_unchecked(BigInt(most_words())));
            largest.times_line(&words_most, &words_most);
            assert_eq!(largest.value(), expected(&before, &words_most, &words_most));
            assert!(largest.0.iter().flatten().all(|half| BigInt(*half) <= BigInt(FqConfig::P2)));
        }
    }

    /// The words of p - 1, whatever element they are.
    fn most_words() -> Words {
        let mut words = FqConfig::P;
        words[0] -= 1;
        words
    }
}
