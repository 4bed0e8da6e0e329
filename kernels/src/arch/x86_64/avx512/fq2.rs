//! Eight elements of Fq2 = Fq\[u\] / (u^2 + 1) at once.
//!
//! Products by four products of columns and two reductions: 300 IFMA. Karatsuba's three products save 50 of them, and
//! cost more than that in sums of columns and carries. Bounds are in eighths of p, as in [`field`](super::field), for
//! each half.

use super::field::{
    Carried, Columns, Factor, FqModulus, Lanes, Modulus, Multiplicand, Raw, Summand, add_product_columns, fold_columns,
    mul_fold, multiple, product_columns, square_columns,
};
use super::simd::Avx512;

type Fq<S, const B: u32> = Lanes<FqModulus, S, B>;

/// c0 + c1 u.
pub(crate) type Fq2<S, const B: u32> = [Fq<S, B>; 2];

/// Columns of z 2^260.
#[inline(always)]
pub(super) fn high<S: Summand, const B: u32>(t: Avx512, z: &Fq<S, B>) -> Columns {
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

/// The multiples of p that outweigh `product` / 64 p^2 / 2^260, as 2^260 > 84.5 p.
pub(super) const fn outweighs(product: u32) -> u32 {
    product.div_ceil(5408)
}

/// Columns of K p 2^260.
#[inline(always)]
fn high_multiple(t: Avx512, multiple: [u64; 5]) -> Columns {
    high(t, &Fq::<Carried, 8>::constant(t, multiple))
}

/// x y / 2^260.
///
/// The first half is above -A B / 5408 p before K p are added.
#[inline(always)]
pub(crate) fn mul<S: Multiplicand, T: Multiplicand, const A: u32, const B: u32, const OUT: u32>(
    t: Avx512,
    x: &Fq2<S, A>,
    y: &Fq2<T, B>,
) -> Fq2<Raw, OUT> {
    const { assert!(OUT >= 16 + 8 * outweighs(A * B) + (A * B).div_ceil(676)) };
    const { assert!(OUT >= 16 + (2 * A * B).div_ceil(676)) };
    let c0 = add_product_columns(
        t,
        high_multiple(t, const { multiple(FqModulus::P, outweighs(A * B) as u64) }),
        &x[0],
        &y[0],
    );
    let c0 = sub_columns(t, c0, product_columns(t, &x[1], &y[1]));
    let c1 = add_product_columns(t, product_columns(t, &x[0], &y[1]), &x[1], &y[0]);
    fold_columns(t, [c0, c1])
}

/// x y / 2^260 - z, plus multiples of p: K of them outweigh z, some more the product's first half.
#[inline(always)]
pub(crate) fn mul_sub<
    const K: u64,
    S: Multiplicand,
    T: Multiplicand,
    U: Summand,
    const A: u32,
    const B: u32,
    const C: u32,
    const OUT: u32,
>(
    t: Avx512,
    x: &Fq2<S, A>,
    y: &Fq2<T, B>,
    z: &Fq2<U, C>,
) -> Fq2<Raw, OUT> {
    const { assert!(8 * K >= C as u64) };
    const { assert!(OUT >= 16 + 8 * (K as u32 + outweighs(A * B)) + (A * B).div_ceil(676)) };
    const { assert!(OUT >= 16 + 8 * K as u32 + (2 * A * B).div_ceil(676)) };
    let more = Fq::<Carried, OUT>::constant(t, const { multiple(FqModulus::P, K + outweighs(A * B) as u64) });
    let z0 = more.minus_below(t, z[0]);
    let c0 = add_product_columns(t, high(t, &z0), &x[0], &y[0]);
    let c0 = sub_columns(t, c0, product_columns(t, &x[1], &y[1]));
    let few = Fq::<Carried, OUT>::constant(t, const { multiple(FqModulus::P, K) });
    let c1 = add_product_columns(t, high(t, &few.minus_below(t, z[1])), &x[0], &y[1]);
    let c1 = add_product_columns(t, c1, &x[1], &y[0]);
    fold_columns(t, [c0, c1])
}

/// x^2 / 2^260, by squares and one product of columns.
///
/// As [`mul`]; the second half is doubled after its reduction.
#[inline(always)]
pub(crate) fn squared<S: Multiplicand, const A: u32, const OUT: u32>(t: Avx512, x: &Fq2<S, A>) -> Fq2<Raw, OUT> {
    const { assert!(OUT >= 16 + 8 * outweighs(A * A) + (A * A).div_ceil(676)) };
    const { assert!(OUT >= 2 * (16 + (A * A).div_ceil(676))) };
    let more = high_multiple(t, const { multiple(FqModulus::P, outweighs(A * A) as u64) });
    let mut difference = sub_columns(t, square_columns(t, &x[0]), square_columns(t, &x[1]));
    for j in 5..10 {
        difference[j] = t.add(difference[j], more[j]);
    }
    let product = product_columns(t, &x[0], &x[1]);
    let [difference, product]: [Fq<Raw, OUT>; 2] = fold_columns(t, [difference, product]);
    [difference, Lanes::from_limbs(product.doubled(t).0)]
}

/// x (w0 - w1 u) / 2^260.
#[inline(always)]
pub(crate) fn mul_conjugate<S: Multiplicand, T: Multiplicand, const A: u32, const B: u32, const OUT: u32>(
    t: Avx512,
    x: &Fq2<S, A>,
    w: &Fq2<T, B>,
) -> Fq2<Raw, OUT> {
    const { assert!(OUT >= 16 + 8 * outweighs(A * B) + (A * B).div_ceil(676)) };
    const { assert!(OUT >= 16 + (2 * A * B).div_ceil(676)) };
    let c0 = add_product_columns(t, product_columns(t, &x[0], &w[0]), &x[1], &w[1]);
    let c1 = add_product_columns(
        t,
        high_multiple(t, const { multiple(FqModulus::P, outweighs(A * B) as u64) }),
        &x[1],
        &w[0],
    );
    let c1 = sub_columns(t, c1, product_columns(t, &x[0], &w[1]));
    fold_columns(t, [c0, c1])
}

/// c x / 2^260 for c in Fq.
#[inline(always)]
pub(crate) fn scale<S: Multiplicand, T: Multiplicand, const A: u32, const B: u32, const OUT: u32>(
    t: Avx512,
    x: &Fq2<S, A>,
    c: &Fq<T, B>,
) -> Fq2<Raw, OUT> {
    mul_fold(t, [&x[0], &x[1]], [c, c])
}

/// (9 + u) x, plus K p (1 + 0 u).
#[inline(always)]
pub(crate) fn times_xi<const K: u64, S: Summand, const A: u32, const OUT: u32>(
    t: Avx512,
    x: &Fq2<S, A>,
) -> Fq2<Raw, OUT> {
    const { assert!(8 * K >= A as u64 && OUT as u64 >= 9 * A as u64 + 8 * K && OUT >= 10 * A) };
    let kp = const { multiple(FqModulus::P, K) };
    let (mut c0, mut c1) = (x[0].0, x[1].0);
    for j in 0..5 {
        let (x0, x1) = (x[0].0[j], x[1].0[j]);
        c0[j] = t.add(t.add(t.shl::<3>(x0), x0), t.sub(t.splat(kp[j]), x1));
        c1[j] = t.add(t.add(t.shl::<3>(x1), x1), x0);
    }
    [Lanes::from_limbs(c0), Lanes::from_limbs(c1)]
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
