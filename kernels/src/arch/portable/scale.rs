//! Points of G1 times factors of their own, in arkworks' arithmetic.

use alloc::vec::Vec;

use ark_bn254::{G1Affine, G1Projective, g1};
use ark_ec::scalar_mul::glv::GLVConfig;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::AdditiveGroup;

use crate::scale::{DIGITS, Digit, Factor};

/// Each point times its factor; none is the identity, and there are as many factors.
pub(crate) fn scale(points: &[G1Affine], factors: &[Factor]) -> Vec<G1Affine> {
    let mut multiples = Vec::with_capacity(2 * points.len());
    for point in points {
        multiples.push(*point - g1::Config::endomorphism_affine(point));
        multiples.push(point.into_group().double());
    }
    let multiples = G1Projective::normalize_batch(&multiples);
    let one = |((point, factor), others): ((&G1Affine, &Factor), &[G1Affine; 2])| {
        let classes = [*point, others[0], others[1]];
        let mut sum = point.into_group();
        for j in (0..DIGITS).rev() {
            sum.double_in_place();
            sum.double_in_place();
            let digit = Digit::new(factor.code(j));
            let Some(class) = digit.class else { continue };
            let mut addend = classes[class];
            for _ in 0..digit.turns {
                addend = g1::Config::endomorphism_affine(&addend);
            }
            sum += if digit.negative { -addend } else { addend };
        }
        sum
    };
    let sums: Vec<_> = points.iter().zip(factors).zip(multiples.as_chunks::<2>().0).map(one).collect();
    G1Projective::normalize_batch(&sums)
}
