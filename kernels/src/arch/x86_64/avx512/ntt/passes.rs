//! Two layers of butterflies at a time over vectors of lanes.
//!
//! Both directions use one butterfly, (a + w b, a - w b): bounds grow by 11 p a layer along a and start again from the
//! product along b. Each pass folds the one vector in four that is never multiplied; [`STORED`] bounds the rest.

use super::super::field::{FrModulus, Lanes, Raw};
use super::super::simd::{Avx512, kernel};
use super::twiddle::{FOLDED, STORED, Stored, Twiddle, fold, times};

type Value<const B: u32> = Lanes<FrModulus, Raw, B>;

/// (a + w b, a - w b) for two pairs; OUT is 11 p above A.
#[inline(always)]
pub(super) fn cross<const A: u32, const B: u32, const OUT: u32>(
    t: Avx512,
    a: [Value<A>; 2],
    b: [Value<B>; 2],
    w: [&Twiddle; 2],
) -> [Value<OUT>; 4] {
    let p = times(t, [b[0].factor(t), b[1].factor(t)], w);
    [a[0].add(t, p[0]), a[0].sub::<11, _, _, _>(t, p[0]), a[1].add(t, p[1]), a[1].sub::<11, _, _, _>(t, p[1])]
}

/// The four quarters of a block.
pub(super) type Quarters<'a> = [&'a mut [Stored]; 4];

/// Two layers from natural to bit-reversed order: blocks of one twiddle each, `w[0]`, then `w[1]` and `w[2]`.
#[inline(always)]
fn down(t: Avx512, x: [Stored; 4], w: &[Twiddle; 3]) -> [Stored; 4] {
    let a = fold(t, x[0]);
    let [a, c, b, d] = cross::<STORED, STORED, 472>(t, [a.widen(), x[1]], [x[2], x[3]], [&w[0], &w[0]]);
    // Along a the bound is that of a folded value.
    let (a, c): (Value<182>, Value<182>) = (a.narrow(), c.narrow());
    let r = cross::<182, 472, 270>(t, [a, c], [b, d], [&w[1], &w[2]]);
    [r[0].widen(), r[1].widen(), r[2].widen(), r[3].widen()]
}
