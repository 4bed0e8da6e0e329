//! `IC[0] + sum of x_i IC[i]`: the public inputs' point of the equation, in arkworks' arithmetic.
//!
//! IC is fixed with the key, so its small multiples are kept: windows of 4 bits, 15 affine points (960 bytes) per
//! input. No thread is started, whatever features arkworks is built with.

use alloc::vec::Vec;

use ark_bn254::G1Projective;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, PrimeField};
use veilpay_protocol::field::Fr;

use super::Arithmetic;
use crate::point::G1;

const WINDOW_BITS: usize = 4;
const WINDOWS: usize = 256 / WINDOW_BITS;
const MULTIPLES: usize = (1 << WINDOW_BITS) - 1;

/// The points of IC, ready to be combined.
#[derive(Clone)]
pub(crate) struct InputCombination {
    /// For each point, that of the constant one first, `1 P .. 15 P`.
    multiples: Vec<[G1; MULTIPLES]>,
}

impl InputCombination {
    /// Prepares IC: the constant's point, then one per input.
    pub(crate) fn new(_: Arithmetic, ic: &[G1]) -> Self {
        let mut all = Vec::with_capacity(ic.len() * MULTIPLES);
        for p in ic {
            let mut multiple = p.into_group();
            for _ in 0..MULTIPLES {
                all.push(multiple);
                multiple += p;
            }
        }
        let affine = G1Projective::normalize_batch(&all);
        let multiples = affine.as_chunks::<MULTIPLES>().0.to_vec();
        Self { multiples }
    }

    /// The number of inputs.
    pub(crate) const fn len(&self) -> usize {
        self.multiples.len() - 1
    }

    /// The combination with `inputs`, which are as many as [`Self::len`] says: 252 doublings and, for each input, 64
    /// mixed additions.
    pub(crate) fn at(&self, inputs: &[Fr]) -> G1 {
        let constant = self.multiples[0][0];
        (sum(&self.multiples[1..], inputs) + constant).into_affine()
    }

    /// The sum of all points of IC times `scalars`, of which there is one more than inputs.
    pub(crate) fn weighted(&self, scalars: &[Fr]) -> G1 {
        sum(&self.multiples, scalars).into_affine()
    }
}

fn sum(multiples: &[[G1; MULTIPLES]], scalars: &[Fr]) -> G1Projective {
    let scalars: Vec<_> = scalars.iter().map(|x| x.into_bigint()).collect();
    let mut sum = G1Projective::ZERO;
    for window in (0..WINDOWS).rev() {
        for _ in 0..WINDOW_BITS {
            sum.double_in_place();
        }
        let shift = (window * WINDOW_BITS) % 64;
        for (scalar, multiples) in scalars.iter().zip(multiples) {
            let digit = (scalar.0[window * WINDOW_BITS / 64] >> shift) as usize & MULTIPLES;
            if digit != 0 {
                sum += multiples[digit - 1];
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use ark_ff::UniformRand;
    use ark_std::rand::SeedableRng;
    use ark_std::rand::rngs::StdRng;

    #[test]
    fn it_is_the_sum_of_the_products() {
        let mut rng = StdRng::seed_from_u64(1);
        for n in 0..6 {
            let constant = G1::rand(&mut rng);
            let points: Vec<G1> = (0..n).map(|_| G1::rand(&mut rng)).collect();
            let edges = [Fr::ZERO, Fr::from(1u64), -Fr::from(1u64), Fr::from(15u64), Fr::from(u64::MAX)];
            let random: Vec<Fr> = (0..n).map(|_| Fr::rand(&mut rng)).collect();
            let mut cases = vec![random];
            cases.extend(edges.map(|edge| vec![edge; n]));
            for inputs in cases {
                let naive = points.iter().zip(&inputs).fold(constant.into_group(), |sum, (p, x)| sum + *p * x);
                let ic: Vec<G1> = [constant].into_iter().chain(points.iter().copied()).collect();
                let prepared = InputCombination::new(Arithmetic::default(), &ic);
                assert_eq!(prepared.len(), n);
                assert_eq!(prepared.at(&inputs), naive.into_affine());
                let scalars: Vec<Fr> = [-Fr::from(3u64)].into_iter().chain(inputs).collect();
                assert_eq!(prepared.weighted(&scalars), (naive - constant * Fr::from(4u64)).into_affine());
            }
        }
    }
}
