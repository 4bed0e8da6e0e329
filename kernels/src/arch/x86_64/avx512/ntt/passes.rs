//! Two layers of butterflies at a time over vectors of lanes.
//!
//! Both directions use one butterfly, (a + w b, a - w b): bounds grow by 11 p a layer along a and start again from the
//! product along b. Each pass folds the one vector in four that is never multiplied; [`STORED`] bounds the rest.

use super::super::field::{FrModulus, Lanes, Raw};
use super::super::simd::{Avx512, kernel};
use super::twiddle::{FOLDED, Stored, Twiddle, fold, times};

pub(super) type Value<const B: u32> = Lanes<FrModulus, Raw, B>;

/// (a + w b, a - w b) for two pairs.
#[inline(always)]
pub(super) fn cross<const A0: u32, const A1: u32, const B: u32, const OUT0: u32, const OUT1: u32>(
    t: Avx512,
    a: (Value<A0>, Value<A1>),
    b: [Value<B>; 2],
    w: [&Twiddle; 2],
) -> ([Value<OUT0>; 2], [Value<OUT1>; 2]) {
    let p = times(t, [b[0].factor(t), b[1].factor(t)], w);
    ([a.0.add(t, p[0]), a.0.sub::<11, _, _, _>(t, p[0])], [a.1.add(t, p[1]), a.1.sub::<11, _, _, _>(t, p[1])])
}

/// Two layers from natural to bit-reversed order: the block's twiddle, then those of its halves.
#[inline(always)]
fn down(t: Avx512, x: [Stored; 4], w: [&Twiddle; 3]) -> [Stored; 4] {
    let a: Value<FOLDED> = fold(t, x[0]);
    let ([a, c], [b, d]): ([Value<182>; 2], [Value<472>; 2]) = cross(t, (a, x[1]), [x[2], x[3]], [w[0], w[0]]);
    let ([r0, r1], [r2, r3]) = cross(t, (a, c), [b, d], [w[1], w[2]]);
    [r0, r1, r2, r3]
}

/// Two layers from bit-reversed to natural order: one twiddle for both halves, then those of places i and h + i.
#[inline(always)]
fn up(t: Avx512, x: [Stored; 4], w: [&Twiddle; 3]) -> [Stored; 4] {
    let a: Value<FOLDED> = fold(t, x[0]);
    let ([a, b], [c, d]): ([Value<182>; 2], [Value<472>; 2]) = cross(t, (a, x[2]), [x[1], x[3]], [w[0], w[0]]);
    let ([r0, r2], [r1, r3]) = cross(t, (a, b), [c, d], [w[1], w[2]]);
    [r0, r1, r2, r3]
}

/// The four quarters of a block, or the same part of each.
pub(super) type Quarters<'a> = [&'a mut [Stored]; 4];

/// The quarters of a block.
pub(super) fn quarters(x: &mut [Stored]) -> Quarters<'_> {
    let (low, high) = x.split_at_mut(x.len() / 2);
    let ((a, b), (c, d)) = (low.split_at_mut(low.len() / 2), high.split_at_mut(high.len() / 2));
    [a, b, c, d]
}

kernel! {
    /// [`down`] at each place of the quarters.
    pub(super) fn down_pass(t, x: Quarters<'_>, w: [&Twiddle; 3]) {
        let [x0, x1, x2, x3] = x;
        for (((a, b), c), d) in x0.iter_mut().zip(x1).zip(x2).zip(x3) {
            let r = down(t, [*a, *b, *c, *d], w);
            (*a, *b, *c, *d) = (r[0], r[1], r[2], r[3]);
        }
    }
}

kernel! {
    /// [`down`] with the twiddles of the first block, 1, 1 and i: one product.
    pub(super) fn first_down_pass(t, x: Quarters<'_>, i: &Twiddle) {
        let [x0, x1, x2, x3] = x;
        for (((a, b), c), d) in x0.iter_mut().zip(x1).zip(x2).zip(x3) {
            let x0 = fold(t, *a).carry(t);
            let x1 = fold(t, *b).carry(t);
            let x2 = fold(t, *c).carry(t);
            let x3 = fold(t, *d).carry(t);
            let (s02, d02): (Value<188>, Value<190>) = (x0.add(t, x2), x0.sub::<12, _, _, _>(t, x2));
            let (s13, d13): (Value<188>, Value<190>) = (x1.add(t, x3), x1.sub::<12, _, _, _>(t, x3));
            let [p] = times(t, [d13.factor(t)], [i]);
            *a = s02.add(t, s13);
            *b = s02.sub::<24, _, _, _>(t, s13);
            *c = d02.add(t, p);
            *d = d02.sub::<11, _, _, _>(t, p);
        }
    }
}

kernel! {
    /// [`up`] at each place i of the quarters: `near[i]`, then `far[0][i]` and `far[1][i]`.
    pub(super) fn up_pass(t, x: Quarters<'_>, near: &[Twiddle], far: [&[Twiddle]; 2]) {
        let [x0, x1, x2, x3] = x;
        let w = near.iter().zip(far[0]).zip(far[1]);
        for ((((a, b), c), d), ((w0, w1), w2)) in x0.iter_mut().zip(x1).zip(x2).zip(x3).zip(w) {
            let r = up(t, [*a, *b, *c, *d], [w0, w1, w2]);
            (*a, *b, *c, *d) = (r[0], r[1], r[2], r[3]);
        }
    }
}

kernel! {
    /// The last two layers down in each block of four, then, if there are twiddles for them, the first two up. The
    /// blocks are those from `first` on; `w` has the twiddles of all blocks.
    pub(super) fn innermost(t, x: &mut [Stored], first: usize, w: &[Twiddle], up_twiddles: Option<[&Twiddle; 3]>) {
        let (blocks, _) = x.as_chunks_mut::<4>();
        let wholes = &w[first..][..blocks.len()];
        let (halves, _) = w[2 * first..][..2 * blocks.len()].as_chunks::<2>();
        for ((block, w0), [w1, w2]) in blocks.iter_mut().zip(wholes).zip(halves) {
            *block = down(t, *block, [w0, w1, w2]);
            if let Some(w) = up_twiddles {
                *block = up(t, *block, w);
            }
        }
    }
}

kernel! {
    /// One layer down in a block of one twiddle.
    pub(super) fn down_layer(t, x: &mut [Stored], w: &Twiddle) {
        let (low, high) = x.split_at_mut(x.len() / 2);
        for (a, b) in low.iter_mut().zip(high) {
            let [p] = times(t, [b.factor(t)], [w]);
            let x0 = fold(t, *a);
            *a = x0.add(t, p);
            *b = x0.sub::<11, _, _, _>(t, p);
        }
    }
}

kernel! {
    /// One layer up in a block: `w[i]` at place i.
    pub(super) fn up_layer(t, x: &mut [Stored], w: &[Twiddle]) {
        let (low, high) = x.split_at_mut(x.len() / 2);
        for ((a, b), w) in low.iter_mut().zip(high).zip(w) {
            let [p] = times(t, [b.factor(t)], [w]);
            let x0 = fold(t, *a);
            *a = x0.add(t, p);
            *b = x0.sub::<11, _, _, _>(t, p);
        }
    }
}
