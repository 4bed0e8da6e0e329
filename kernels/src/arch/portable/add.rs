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
use crate::msm::arena::{Additions, INDEX, PADDING};
use crate::words::sign;

/// Chains of products, and additions handled side by side.
const SIDE: usize = 4;

/// A coordinate in words, at most 2p each number.
pub(crate) trait Element: Copy + Default {
    /// Words of an element.
    const WORDS: usize;
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

/// The points of an arena, by index.
#[derive(Clone, Copy)]
struct Points(*mut u64);

impl Points {
    /// Coordinates of a point.
    ///
    /// # Safety
    /// The index is in the memory, which nobody writes now.
    #[inline(always)]
    unsafe fn load<F: Element>(self, index: u32) -> (F, F) {
        let start = self.0.wrapping_add((index & INDEX) as usize * 2 * F::WORDS);
        // SAFETY: the caller's.
        let (x, y) = unsafe { core::slice::from_raw_parts(start, 2 * F::WORDS) }.split_at(F::WORDS);
        (F::load(x), F::load(y))
    }

    /// Asks for a point's memory, on machines where plain Rust can.
    #[inline(always)]
    fn ask_for<F: Element>(self, index: u32) {
        let start = self.0.wrapping_add((index & INDEX) as usize * 2 * F::WORDS);
        #[cfg(target_arch = "x86_64")]
        for line in 0..F::WORDS / 4 {
            use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            // SAFETY: every x86-64 has the instruction; it reads nothing that the program sees, whatever the address.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(8 * line).cast_const().cast()) };
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = start;
    }

    /// Writes a point.
    ///
    /// # Safety
    /// The index is in the memory, and nobody else uses that point now.
    #[inline(always)]
    unsafe fn store<F: Element>(self, index: u32, point: (&F, &F)) {
        let start = self.0.wrapping_add(index as usize * 2 * F::WORDS);
        // SAFETY: the caller's.
        let (x, y) = unsafe { core::slice::from_raw_parts_mut(start, 2 * F::WORDS) }.split_at_mut(F::WORDS);
        point.0.store(x);
        point.1.store(y);
    }
}

/// The differences of each pair.
///
/// # Safety
/// As [`add`] says.
unsafe fn gather<F: Element>(points: Points, a: &[u32], b: &[u32], room: &mut Room<F>) {
    let places = room.denominators.iter_mut().zip(&mut room.numerators);
    for ((a, b), (denominator, numerator)) in a.iter().zip(b).zip(places) {
        // SAFETY: the caller's.
        let ((x1, y1), (x2, y2)): ((F, F), (F, F)) = unsafe { (points.load(*a), points.load(*b)) };
        *denominator = x2.sub(&x1);
        *numerator = y2.negated_if(sign(u64::from(*b) << 32)).sub(&y1);
    }
}

/// What the last pass reads, for each addition; and what will be added next.
struct Steps<'a, F> {
    denominators: &'a [F],
    numerators: &'a [F],
    norms: &'a [Fq],
    before: &'a [Fq],
    next: [&'a [u32]; 2],
}

/// Backward: the sums, from the inverses of the chains' products.
///
/// # Safety
/// As [`add`] says.
unsafe fn finish<F: Element>(points: Points, (a, to): (&[u32], &[u32]), mut inverses: [Fq; SIDE], steps: Steps<'_, F>) {
    let mut next = steps.next[0].iter().zip(steps.next[1]);
    for group in (0..steps.norms.len() / SIDE).rev() {
        let range = group * SIDE..(group + 1) * SIDE;
        let (denominators, numerators) = (&steps.denominators[range.clone()], &steps.numerators[range.clone()]);
        let (norms, before) = (&steps.norms[range.clone()], &steps.before[range.clone()]);
        let (a, to) = (&a[range.clone()], &to[range]);
        for (a, b) in next.by_ref().take(SIDE) {
            points.ask_for::<F>(*a);
            points.ask_for::<F>(*b);
        }
        let mut slopes = [F::default(); SIDE];
        for k in 0..SIDE {
            let inverse = inverses[k].mul(&before[k]);
            inverses[k] = inverses[k].mul(&norms[k]);
            slopes[k] = F::quotient(&numerators[k], &denominators[k], &inverse);
        }
        for k in 0..SIDE {
            // SAFETY: the caller's.
            let (x1, y1): (F, F) = unsafe { points.load(a[k]) };
            // x2 is x1 and the denominator.
            let x3 = slopes[k].square().sub(&x1).sub(&x1).sub(&denominators[k]);
            let y3 = slopes[k].mul(&x1.sub(&x3)).sub(&y1);
            // SAFETY: the caller's; `to` is not read in this batch.
            unsafe { points.store(to[k], (&x3, &y3)) };
        }
    }
}

/// Carries out all additions; false, and nothing done, when a pair has one x. The identity is not looked for.
///
/// # Safety
/// As [`Additions`] says, with all indices in the memory at `base`.
pub(crate) unsafe fn add<F: Element>(base: *mut u64, ops: Additions<'_>, work: &mut Work) -> bool {
    let points = Points(base);
    let (a, b, to) = (ops.a.as_flattened(), ops.b.as_flattened(), ops.to.as_flattened());
    let len = unpadded(a, b);
    let room = F::room(work);
    room.resize(len);
    // SAFETY: the caller's.
    unsafe { gather(points, &a[..len], &b[..len], room) };
    let Room { denominators, numerators, norms, before } = room;
    let norms = F::norms(denominators, norms);
    let Some(inverses) = invert(&multiply(norms, before)) else {
        return false;
    };
    let steps = Steps { denominators, numerators, norms, before, next: ops.next.map(<[_]>::as_flattened) };
    // SAFETY: the caller's.
    unsafe { finish(points, (&a[..len], &to[..len]), inverses, steps) };
    true
}
