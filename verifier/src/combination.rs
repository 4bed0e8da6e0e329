//! `IC[0] + sum of x_i IC[i]`: the public inputs' point of the equation.
//!
//! IC is fixed with the key, so its small multiples are kept: windows of 4 bits, 15 affine points (960 bytes) per
//! input. No thread is started, whatever features arkworks is built with.

use alloc::vec::Vec;

use ark_bn254::G1Projective;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, PrimeField};
use veilpay_protocol::field::Fr;

use crate::point::G1;

const WINDOW_BITS: usize = 4;
const WINDOWS: usize = 256 / WINDOW_BITS;
const MULTIPLES: usize = (1 << WINDOW_BITS) - 1;

/// The points of IC, ready to be combined.
#[derive(Clone)]
pub(crate) struct InputCombination {
    constant: G1,
    /// For each public input, `1 P .. 15 P`.
    multiples: Vec<[G1; MULTIPLES]>,
}

impl InputCombination {
    /// Prepares IC: the constant's point, then one per input.
    pub(crate) fn new(constant: G1, inputs: &[G1]) -> Self {
        let mut all = Vec::with_capacity(inputs.len() * MULTIPLES);
        for p in inputs {
            let mut multiple = p.into_group();
            for _ in 0..MULTIPLES {
                all.push(multiple);
                multiple += p;
            }
        }
        let affine = G1Projective::normalize_batch(&all);
        let multiples = affine.as_chunks::<MULTIPLES>().0.to_vec();
        Self { constant, multiples }
    }

    /// The number of inputs.
    pub(crate) fn len(&self) -> usize {
        self.multiples.len()
    }

    /// The combination with `inputs`, which are as many as [`Self::len`] says: 252 doublings and, for each input, 64
    /// mixed additions.
    pub(crate) fn at(&self, inputs: &[Fr]) -> G1 {
        let scalars: Vec<_> = inputs.iter().map(|x| x.into_bigint()).collect();
        let mut sum = G1Projective::ZERO;
        for window in (0..WINDOWS).rev() {
            for _ in 0..WINDOW_BITS {
                sum.double_in_place();
            }
            let shift = (window * WINDOW_BITS) % 64;
            for (scalar, multiples) in scalars.iter().zip(&self.multiples) {
                let digit = (scalar.0[window * WINDOW_BITS / 64] >> shift) as usize & MULTIPLES;
                if digit != 0 {
                    sum += multiples[digit - 1];
                }
            }
        }
        (sum + self.constant).into_affine()
    }
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
                let prepared = InputCombination::new(constant, &points);
                assert_eq!(prepared.len(), n);
                assert_eq!(prepared.at(&inputs), naive.into_affine());
            }
        }
    }
}
