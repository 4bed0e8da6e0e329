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
//! A product of all that is zero tells of a pair with one x: then [`add_general`](super::add_general) does the batch.

#![allow(unsafe_code)]

use alloc::vec::Vec;

use super::fq::Fq;
use super::fq2::Fq2;
use crate::msm::arena::{Additions, INDEX, PADDING, SIGN};

/// Chains of products, and additions handled side by side.
const SIDE: usize = 4;

/// A coordinate in words, below 2p.
pub(crate) trait Element: Copy + Default {
    /// Words of an element.
    const WORDS: usize;
    /// From words below 2p.
    fn load(words: &[u64]) -> Self;
    /// To words below 2p.
    fn store(&self, words: &mut [u64]);
    /// x - y.
    fn sub(&self, other: &Self) -> Self;
    /// -x if `negative`, else x.
    fn negated_if(&self, negative: bool) -> Self;
    /// x y.
    fn mul(&self, other: &Self) -> Self;
    /// x^2.
    fn square(&self) -> Self;
    /// For each element one of Fq that is 0 only if it is, in `room` or where it was.
    fn norms<'a>(elements: &'a [Self], room: &'a mut [Fq]) -> &'a [Fq];
    /// A quotient, from the inverse of the denominator's norm.
    fn quotient(numerator: &Self, denominator: &Self, inverse: &Fq) -> Self;
    /// The room for such elements.
    fn room(work: &mut Work) -> &mut Room<Self>;
}

/// Room for a batch, used again by the next.
#[derive(Default)]
pub(crate) struct Work {
    pub(crate) g1: Room<Fq>,
    pub(crate) g2: Room<Fq2>,
}

/// What the passes hand on, for each addition.
#[derive(Default)]
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

/// How many of the additions come before the padding, in whole groups.
fn unpadded(a: &[u32], b: &[u32]) -> usize {
    let count = a.iter().zip(b).rposition(|(a, b)| [*a, b & INDEX] != PADDING).map_or(0, |last| last + 1);
    count.next_multiple_of(SIDE).min(a.len())
}

/// Carries out all additions; false, and nothing done, when a pair has one x. The identity is not looked for.
///
/// # Safety
/// As [`Additions`] says, with all indices in the memory at `base`.
pub(crate) unsafe fn add<F: Element>(base: *mut u64, ops: Additions<'_>, work: &mut Work) -> bool {
    let point_words = 2 * F::WORDS;
    let at = |index: u32| base.wrapping_add((index & INDEX) as usize * point_words);
    let load = |index: u32| {
        // SAFETY: the index is in the memory at `base`, which nobody writes now.
        let words = unsafe { core::slice::from_raw_parts(at(index), point_words) };
        let (x, y) = words.split_at(F::WORDS);
        (F::load(x), F::load(y))
    };
    let (a, b, to) = (ops.a.as_flattened(), ops.b.as_flattened(), ops.to.as_flattened());
    let len = unpadded(a, b);
    let room = F::room(work);
    room.resize(len);
    let places = room.denominators.iter_mut().zip(&mut room.numerators);
    for ((a, b), (denominator, numerator)) in a.iter().zip(b).zip(places) {
        let ((x1, y1), (x2, y2)) = (load(*a), load(*b));
        *denominator = x2.sub(&x1);
        *numerator = y2.negated_if(b & SIGN != 0).sub(&y1);
    }
    let norms = F::norms(&room.denominators, &mut room.norms);
    let Some(mut inverses) = invert(&multiply(norms, &mut room.before)) else {
        return false;
    };
    for group in (0..len / SIDE).rev() {
        let range = group * SIDE..(group + 1) * SIDE;
        let (denominators, numerators) = (&room.denominators[range.clone()], &room.numerators[range.clone()]);
        let (norms, before) = (&norms[range.clone()], &room.before[range.clone()]);
        let (a, to) = (&a[range.clone()], &to[range]);
        let mut slopes = [F::default(); SIDE];
        for k in 0..SIDE {
            let inverse = inverses[k].mul(&before[k]);
            inverses[k] = inverses[k].mul(&norms[k]);
            slopes[k] = F::quotient(&numerators[k], &denominators[k], &inverse);
        }
        for k in 0..SIDE {
            let (x1, y1) = load(a[k]);
            // x2 is x1 and the denominator.
            let x3 = slopes[k].square().sub(&x1).sub(&x1).sub(&denominators[k]);
            let y3 = slopes[k].mul(&x1.sub(&x3)).sub(&y1);
            // SAFETY: the index is in the memory at `base`, and `to` is not read in this batch.
            let words = unsafe { core::slice::from_raw_parts_mut(at(to[k]), point_words) };
            let (x, y) = words.split_at_mut(F::WORDS);
            x3.store(x);
            y3.store(y);
        }
    }
    true
}
