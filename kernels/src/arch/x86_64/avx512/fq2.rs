//! Eight elements of Fq2 = Fq\[u\] / (u^2 + 1) at once.
//!
//! Products by Karatsuba on columns that are not yet reduced: three column products, two reductions, 250 IFMA where
//! three products of Fq would take 300. Bounds are in eighths of p, as in [`field`](super::field), for each half.

use super::field::{
    Carried, Columns, FqModulus, Lanes, Modulus, Raw, Summand, mul as mul_fq, product_columns, reduce_columns,
};
use super::simd::Avx512;

/// c0 + c1 u.
pub(crate) type Fq2<S, const B: u32> = [Lanes<FqModulus, S, B>; 2];

/// x y / 2^260. The first half is above -AB/5414 p before p is added to it: a difference of two products.
#[inline(always)]
pub(crate) fn mul<const A: u32, const B: u32, const A2: u32, const B2: u32, const OUT: u32>(
    t: Avx512,
    x: &Fq2<Carried, A>,
    y: &Fq2<Carried, B>,
) -> Fq2<Raw, OUT> {
    const {
        assert!(A2 == 2 * A && B2 == 2 * B);
        assert!(A * B <= 5414 && OUT >= 16 && A * B <= (OUT - 16) * 676 && 2 * A * B <= (OUT - 8) * 676);
    }
    let x_sum = x[0].add::<_, _, A2>(t, x[1]).factor(t);
    let y_sum = y[0].add::<_, _, B2>(t, y[1]).factor(t);
    let low = product_columns(t, &x[0], &y[0]);
    let high = product_columns(t, &x[1], &y[1]);
    let mixed = product_columns(t, &x_sum, &y_sum);
    let mut columns: [Columns; 2] = [low, mixed];
    for j in 0..10 {
        columns[0][j] = t.sub(low[j], high[j]);
        columns[1][j] = t.sub(t.sub(mixed[j], low[j]), high[j]);
    }
    let [c0, c1] = reduce_columns::<FqModulus, 2, 0>(t, columns);
    [plus_p(t, c0), Lanes::from_limbs(c1.0)]
}

/// x + p, for a value that may be negative by less than p.
#[inline(always)]
fn plus_p<const OUT: u32>(t: Avx512, x: Lanes<FqModulus, Raw, 0>) -> Lanes<FqModulus, Raw, OUT> {
    let mut r = x.0;
    for j in 0..5 {
        r[j] = t.add(r[j], t.splat(FqModulus::P[j]));
    }
    Lanes::from_limbs(r)
}

/// x^2 / 2^260 = (c0 + c1) (c0 - c1) + 2 c0 c1 u.
#[inline(always)]
pub(crate) fn square<const A: u32, const A2: u32, const AK: u32, const OUT: u32>(
    t: Avx512,
    x: &Fq2<Carried, A>,
) -> Fq2<Raw, OUT> {
    const { assert!(A2 == 2 * A && A <= 24 && AK == A + 24) };
    let plus = x[0].add::<_, _, A2>(t, x[1]).factor(t);
    let minus = x[0].sub::<3, _, _, AK>(t, x[1]).factor(t);
    let twice = x[0].add::<_, _, A2>(t, x[0]).factor(t);
    let [c0] = mul_fq::<_, _, _, 1, A2, AK, OUT>(t, [&plus], [&minus]);
    let [c1] = mul_fq::<_, _, _, 1, A2, A, OUT>(t, [&twice], [&x[1]]);
    [c0, c1]
}

/// x + y.
#[inline(always)]
pub(crate) fn add<S: Summand, T: Summand, const A: u32, const B: u32, const OUT: u32>(
    t: Avx512,
    x: &Fq2<S, A>,
    y: &Fq2<T, B>,
) -> Fq2<Raw, OUT> {
    [x[0].add(t, y[0]), x[1].add(t, y[1])]
}

/// x - y + K p (1 + u).
#[inline(always)]
pub(crate) fn sub<const K: u64, S: Summand, T: Summand, const A: u32, const B: u32, const OUT: u32>(
    t: Avx512,
    x: &Fq2<S, A>,
    y: &Fq2<T, B>,
) -> Fq2<Raw, OUT> {
    [x[0].sub::<K, _, _, OUT>(t, y[0]), x[1].sub::<K, _, _, OUT>(t, y[1])]
}

/// Both halves carried.
#[inline(always)]
pub(crate) fn carry<S: Summand, const B: u32>(t: Avx512, x: &Fq2<S, B>) -> Fq2<Carried, B> {
    [x[0].carry(t), x[1].carry(t)]
}

/// Both halves below 9/8 p.
#[inline(always)]
pub(crate) fn reduce<S: Summand, const B: u32>(t: Avx512, x: &Fq2<S, B>) -> Fq2<Carried, 9> {
    [x[0].reduce(t), x[1].reduce(t)]
}
