//! Many affine additions with one inversion, of points with different x.
//!
//! For each pair P = (x1, y1), Q = (x2, y2): lambda = (y2 - y1) / (x2 - x1), x3 = lambda^2 - x1 - x2,
//! y3 = lambda (x1 - x3) - y1; the inverses by Montgomery's trick over all pairs. On G2 the products that are inverted
//! are of norms, in Fq. Passes:
//!
//! 1. gather: both differences of each pair, in a loop so short that the processor asks for the points of many pairs
//!    before those of the first are there;
//! 2. forward: before each denominator the product of those that came before;
//! 3. backward: 1 / denominator of each from the inverse of the whole product, and the sums.
//!
//! Pairs go to [`SIDE`] chains of products in turn, so that products next to each other do not wait for one another.
//! A product of all that is zero tells of a pair with one x: then [`add_general`](super::general::add_general) does the
//! batch.

use alloc::vec::Vec;

use super::fq::Fq;
use crate::msm::lists::LANES;

/// Chains of products, and additions handled side by side.
const SIDE: usize = 4;

/// A coordinate in words, at most 2p each number.
pub(crate) trait Element: Copy + Default {
    /// Words of an element.
    const WORDS: usize;
    /// 1.
    const ONE: Self;
    /// From numbers of at most 2p.
    fn load(words: &[u64]) -> Self;
    /// To numbers of at most 2p.
    fn store(&self, words: &mut [u64]);
    /// x - y.
    fn sub(&self, other: &Self) -> Self;
    /// -x if `mask` is all ones, x if it is 0.
    fn negated_if(&self, mask: u64) -> Self;
    /// x y.
    fn mul(&self, other: &Self) -> Self;
    /// x^2.
    fn square(&self) -> Self;
    /// For each element one of Fq that is 0 only if it is, in `room` or where it was.
    fn norms<'a>(elements: &'a [Self], room: &'a mut [Fq]) -> &'a [Fq];
    /// A quotient, from the inverse of the denominator's norm.
    fn quotient(numerator: &Self, denominator: &Self, inverse: &Fq) -> Self;
}

/// x and y.
pub(crate) type Point<F> = [F; 2];

/// The points of two places that are added; the sum goes to the first.
pub(crate) type Pair = [u32; 2];

/// What the passes hand on, for each addition; used again by the next batch.
#[derive(Debug, Default)]
pub(crate) struct Room<F> {
    /// x2 - x1.
    denominators: Vec<F>,
    /// y2 - y1.
    numerators: Vec<F>,
    norms: Vec<Fq>,
    /// The product of the norms before it in its chain.
    before: Vec<Fq>,
}

impl<F: Element> Room<F> {
    fn resize(&mut self, len: usize) {
        self.denominators.resize(len, F::default());
        self.numerators.resize(len, F::default());
        self.norms.resize(len, Fq::default());
        self.before.resize(len, Fq::default());
    }
}

/// The inverses of all, none when one of them is 0.
fn invert(x: &[Fq; SIDE]) -> Option<[Fq; SIDE]> {
    let mut before = [Fq::ONE; SIDE];
    let mut product = x[0];
    for k in 1..SIDE {
        before[k] = product;
        product = product.mul(&x[k]);
    }
    let mut inverse = product.inverse()?;
    let mut out = [Fq::ONE; SIDE];
    for k in (0..SIDE).rev() {
        out[k] = inverse.mul(&before[k]);
        inverse = inverse.mul(&x[k]);
    }
    Some(out)
}

/// Forward: the product of each chain.
fn multiply(norms: &[Fq], before: &mut [Fq]) -> [Fq; SIDE] {
    let mut products = [Fq::ONE; SIDE];
    for (norms, before) in norms.as_chunks::<SIDE>().0.iter().zip(before.as_chunks_mut::<SIDE>().0) {
        *before = products;
        for k in 0..SIDE {
            products[k] = products[k].mul(&norms[k]);
        }
    }
    products
}

/// The differences of each pair; 0 and 1 for what fills up the last group.
fn gather<F: Element>(points: &[Point<F>], pairs: &[Pair], room: &mut Room<F>) {
    let mut places = room.denominators.iter_mut().zip(&mut room.numerators);
    for ([a, b], (denominator, numerator)) in pairs.iter().zip(&mut places) {
        let ([x1, y1], [x2, y2]) = (&points[*a as usize], &points[*b as usize]);
        *denominator = x2.sub(x1);
        *numerator = y2.sub(y1);
    }
    for (denominator, numerator) in places {
        (*denominator, *numerator) = (F::ONE, F::default());
    }
}

/// What the last pass reads, for each addition.
struct Steps<'a, F> {
    denominators: &'a [F],
    numerators: &'a [F],
    norms: &'a [Fq],
    before: &'a [Fq],
}

/// Backward: the sums, from the inverses of the chains' products.
fn finish<F: Element>(
    points: &mut [Point<F>],
    pairs: &[Pair],
    mut inverses: [Fq; SIDE],
    steps: &Steps<'_, F>,
    mut meanwhile: impl FnMut(),
) {
    for (group, pairs) in pairs.chunks(SIDE).enumerate().rev() {
        let range = group * SIDE..(group + 1) * SIDE;
        let (denominators, numerators) = (&steps.denominators[range.clone()], &steps.numerators[range.clone()]);
        let (norms, before) = (&steps.norms[range.clone()], &steps.before[range]);
        meanwhile();
        let mut slopes = [F::default(); SIDE];
        for k in 0..SIDE {
            let inverse = inverses[k].mul(&before[k]);
            inverses[k] = inverses[k].mul(&norms[k]);
            slopes[k] = F::quotient(&numerators[k], &denominators[k], &inverse);
        }
        for ((slope, denominator), [a, _]) in slopes.iter().zip(denominators).zip(pairs) {
            let [x1, y1] = &mut points[*a as usize];
            // x2 is x1 and the denominator.
            let x3 = slope.square().sub(x1).sub(x1).sub(denominator);
            *y1 = slope.mul(&x1.sub(&x3)).sub(y1);
            *x1 = x3;
        }
    }
}

/// Carries out all additions; false, and nothing done, when a pair has one x. The identity is not looked for.
/// `meanwhile` is called now and then, about once for [`LANES`] additions.
pub(crate) fn add<F: Element>(
    points: &mut [Point<F>],
    pairs: &[Pair],
    room: &mut Room<F>,
    mut meanwhile: impl FnMut(),
) -> bool {
    room.resize(pairs.len().next_multiple_of(SIDE));
    gather(points, pairs, room);
    let Room { denominators, numerators, norms, before } = room;
    let norms = F::norms(denominators, norms);
    let Some(inverses) = invert(&multiply(norms, before)) else {
        return false;
    };
    let mut groups = 0;
    finish(points, pairs, inverses, &Steps { denominators, numerators, norms, before }, || {
        groups += 1;
        if groups % (LANES / SIDE) == 0 {
            meanwhile();
        }
    });
    true
}
