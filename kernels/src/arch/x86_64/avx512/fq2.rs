//! Eight elements of Fq2 = Fq\[u\] / (u^2 + 1) at once.
//!
//! Products by four products of columns and two reductions: 300 IFMA. Karatsuba's three products save 50 of them, and
//! cost more than that in sums of columns and carries. Bounds are in eighths of p, as in [`field`](super::field), for
//! each half.

use super::field::{
    Carried, Columns, Factor, FqModulus, Lanes, Modulus, Raw, Summand, add_product_columns, fold_columns,
    product_columns, square_columns,
};
use super::simd::Avx512;

type Fq<S, const B: u32> = Lanes<FqModulus, S, B>;

/// c0 + c1 u.
pub(crate) type Fq2<S, const B: u32> = [Fq<S, B>; 2];

/// Columns of z 2^260.
#[inline(always)]
fn high<S: Summand, const B: u32>(t: Avx512, z: &Fq<S, B>) -> Columns {
    let [z0, z1, z2, z3, z4] = z.0;
    [t.zero(), t.zero(), t.zero(), t.zero(), t.zero(), z0, z1, z2, z3, z4]
}

/// x - y.
#[inline(always)]
fn sub_columns(t: Avx512, x: Columns, y: Columns) -> Columns {
    let mut c = x;
    for j in 0..10 {
        c[j] = t.sub(c[j], y[j]);
    }
    c
}

/// A slope: what [`times_conjugate`] gives.
pub(crate) type Slope = (Fq<Factor, 18>, Fq<Factor, 25>);

/// x (w0 - w1 u) / 2^260.
///
/// 2 * 32 * 17 / 676 + 16 < 18; the other half is a difference, above -32 * 17 / 5408 p before p is added, and below
/// (8 + 16 + 1) / 8 p.
#[inline(always)]
pub(crate) fn times_conjugate(t: Avx512, x: &Fq2<Factor, 32>, w: &Fq2<Factor, 17>) -> Slope {
    let c0 = add_product_columns(t, product_columns(t, &x[0], &w[0]), &x[1], &w[1]);
    let p = Fq::<Carried, 8>::constant(t, FqModulus::P);
    let c1 = add_product_columns(t, high(t, &p), &x[1], &w[0]);
    let c1 = sub_columns(t, c1, product_columns(t, &x[0], &w[1]));
    let [c0, c1]: [Fq<Raw, 25>; 2] = fold_columns(t, [c0, c1]);
    (Lanes::from_limbs(c0.factor(t).0), c1.factor(t))
}

/// x^2 / 2^260 = c0^2 - c1^2 + 2 c0 c1 u.
///
/// The first half is above -25^2 / 5408 p before p is added, and below (8 + 16 + 18^2 / 676) / 8 p; the second below
/// 2 (16 + 18 * 25 / 676) / 8 p.
#[inline(always)]
pub(crate) fn square(t: Avx512, (c0, c1): &Slope) -> (Fq<Raw, 25>, Fq<Raw, 34>) {
    let difference = sub_columns(t, square_columns(t, c0), square_columns(t, c1));
    let product = product_columns(t, c0, c1);
    let [difference, product]: [Fq<Raw, 17>; 2] = fold_columns(t, [difference, product]);
    let p = Fq::<Carried, 8>::constant(t, FqModulus::P);
    (difference.add(t, p), product.add(t, product))
}

/// x y / 2^260 - z, plus multiples of p.
///
/// The first half's product is above -25^2 / 5408 p, so 3 p are added there, and it is below
/// (24 + 16 + 18 * 25 / 676) / 8 p; the second below (16 + 16 + 2 * 25^2 / 676) / 8 p.
#[inline(always)]
pub(crate) fn times_minus(t: Avx512, x: &Slope, y: &Fq2<Factor, 25>, z: &Fq2<Raw, 16>) -> Fq2<Raw, 16> {
    let c0 = add_product_columns(t, high(t, &z[0].minus::<3, 24>(t)), &x.0, &y[0]);
    let c0 = sub_columns(t, c0, product_columns(t, &x.1, &y[1]));
    let c1 = add_product_columns(t, high(t, &z[1].minus::<2, 16>(t)), &x.0, &y[1]);
    let c1 = add_product_columns(t, c1, &x.1, &y[0]);
    let [c0, c1]: [Fq<Raw, 41>; 2] = fold_columns(t, [c0, c1]);
    [c0.lower(t).widen(), c1.lower(t).widen()]
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

/// Both halves as factors.
#[inline(always)]
pub(crate) fn factor<S: Summand, const B: u32>(t: Avx512, x: &Fq2<S, B>) -> Fq2<Factor, B> {
    [x[0].factor(t), x[1].factor(t)]
}

/// Both halves below 9/8 p.
#[inline(always)]
pub(crate) fn reduce<S: Summand, const B: u32>(t: Avx512, x: &Fq2<S, B>) -> Fq2<Carried, 9> {
    [x[0].reduce(t), x[1].reduce(t)]
}

/// `yes` in the lanes of `mask`, `no` elsewhere.
#[inline(always)]
pub(crate) fn select<S: Copy, const B: u32>(t: Avx512, mask: u8, yes: &Fq2<S, B>, no: &Fq2<S, B>) -> Fq2<S, B> {
    [Lanes::select(t, mask, yes[0], no[0]), Lanes::select(t, mask, yes[1], no[1])]
}
