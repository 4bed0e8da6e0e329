//! Eight elements of Fq12 = Fq2\[w\] / (w^6 - 9 - u) at once, and their products by lines.
//!
//! f = f0 + f1 w + ... + f5 w^5, each f_i in Fq2. A coefficient of a product is one sum of products in Fq with one
//! reduction: as many products of columns as there are terms, and no sums of factors, whose carries would cost more
//! than Karatsuba's method saves.

use super::field::{
    Carried, Columns, Factor, FqModulus, Lanes, Modulus, Multiplicand, Raw, Summand, add_product_columns, fold_columns,
};
use super::fq2::{self, Fq2, high};
use super::simd::Avx512;

type Fq<S, const B: u32> = Lanes<FqModulus, S, B>;

/// Eight elements.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct Fq12(pub(super) [Fq2<Carried, 9>; 6]);

/// A factor c0 + c1 u with what its products take: c0, c1 and -c1.
type Triple<const B: u32> = [Fq<Factor, B>; 3];

/// The bound of a line's coefficients: they come as products, and times 9 + u they are below 177/8 p.
const LINE: u32 = 184;

/// 1 + a w + b w^3, with (9 + u) a and (9 + u) b.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    a: Triple<LINE>,
    xi_a: Triple<LINE>,
    b: Triple<LINE>,
    xi_b: Triple<LINE>,
}

/// c0, c1 and K p - c1.
#[inline(always)]
fn triple<const K: u64, S: Summand, const A: u32, const B: u32>(t: Avx512, x: &Fq2<S, A>) -> Triple<B> {
    const { assert!(B >= A) };
    [x[0].factor(t).widen(), x[1].factor(t).widen(), x[1].minus::<K, B>(t).factor(t)]
}

impl Line {
    /// 1 + a w + b w^3.
    #[inline(always)]
    pub(super) fn new(t: Avx512, a: &Fq2<Raw, 17>, b: &Fq2<Raw, 17>) -> Self {
        let (xi_a, xi_b) = (fq2::times_xi::<3, _, _, 177>(t, a), fq2::times_xi::<3, _, _, 177>(t, b));
        Self {
            a: triple::<3, _, _, _>(t, a),
            xi_a: triple::<23, _, _, _>(t, &xi_a),
            b: triple::<3, _, _, _>(t, b),
            xi_b: triple::<23, _, _, _>(t, &xi_b),
        }
    }
}

/// Adds x y to the columns of both halves.
#[inline(always)]
fn add_product<S: Multiplicand, const A: u32, const B: u32>(
    t: Avx512,
    [c0, c1]: [Columns; 2],
    x: &Fq2<S, A>,
    y: &Triple<B>,
) -> [Columns; 2] {
    let c0 = add_product_columns(t, add_product_columns(t, c0, &x[0], &y[0]), &x[1], &y[2]);
    let c1 = add_product_columns(t, add_product_columns(t, c1, &x[0], &y[1]), &x[1], &y[0]);
    [c0, c1]
}

/// (z + x a + y b) / 2^260 with z times 2^260: below (9 + 16 + 4 * 9 * 184 / 676) / 8 p, then reduced.
#[inline(always)]
fn coefficient(
    t: Avx512,
    z: &Fq2<Carried, 9>,
    (x, a): (&Fq2<Carried, 9>, &Triple<LINE>),
    (y, b): (&Fq2<Carried, 9>, &Triple<LINE>),
) -> Fq2<Carried, 9> {
    let mut c = [high(t, &z[0]), high(t, &z[1])];
    c = add_product(t, c, x, a);
    c = add_product(t, c, y, b);
    let c: [Fq<Raw, 35>; 2] = fold_columns(t, c);
    fq2::reduce(t, &c)
}

/// (sum of x_i y_i) / 2^260: 2 N products of an element below 18/8 p and one below 104/8 p.
#[inline(always)]
fn sum<const N: usize>(t: Avx512, x: [&Fq2<Factor, 18>; N], y: [&Triple<104>; N]) -> Fq2<Carried, 9> {
    const { assert!(16 + (2 * N as u32 * 18 * 104).div_ceil(676) <= 64) };
    let mut c = [[t.zero(); 10]; 2];
    for k in 0..N {
        c = add_product(t, c, x[k], y[k]);
    }
    let c: [Fq<Raw, 64>; 2] = fold_columns(t, c);
    fq2::reduce(t, &c)
}

impl Fq12 {
    /// 1 in each lane.
    #[inline(always)]
    pub(super) fn one(t: Avx512) -> Self {
        let zero = Fq::<Carried, 9>::from_limbs([t.zero(); 5]);
        let one = Fq::<Carried, 9>::constant(t, FqModulus::ONE);
        Self([[one, zero], [zero; 2], [zero; 2], [zero; 2], [zero; 2], [zero; 2]])
    }

    /// This times a line: twelve products in Fq2.
    #[inline(always)]
    pub(super) fn times_line(&mut self, t: Avx512, line: &Line) {
        let f = self.0;
        self.0 = [
            coefficient(t, &f[0], (&f[5], &line.xi_a), (&f[3], &line.xi_b)),
            coefficient(t, &f[1], (&f[0], &line.a), (&f[4], &line.xi_b)),
            coefficient(t, &f[2], (&f[1], &line.a), (&f[5], &line.xi_b)),
            coefficient(t, &f[3], (&f[2], &line.a), (&f[0], &line.b)),
            coefficient(t, &f[4], (&f[3], &line.a), (&f[1], &line.b)),
            coefficient(t, &f[5], (&f[4], &line.a), (&f[2], &line.b)),
        ];
    }

    /// This squared: 21 products in Fq2, as those of two different coefficients come once.
    #[inline(always)]
    pub(super) fn square(&mut self, t: Avx512) {
        let f = &self.0;
        let zero = [t.zero(); 5];
        let mut f1 = [[Fq::<Factor, 18>::from_limbs(zero); 2]; 6];
        let mut f2 = f1;
        let mut y = [[Fq::<Factor, 104>::from_limbs(zero); 3]; 6];
        let mut xi = y;
        for k in 0..6 {
            f1[k] = [f[k][0].as_factor().widen(), f[k][1].as_factor().widen()];
            f2[k] = [f[k][0].twice::<18>(t).factor(t), f[k][1].twice::<18>(t).factor(t)];
            y[k] = triple::<2, _, _, _>(t, &f[k]);
            if k >= 3 {
                xi[k] = triple::<13, _, _, _>(t, &fq2::times_xi::<2, _, _, 97>(t, &f[k]));
            }
        }
        self.0 = [
            sum(t, [&f1[0], &f2[1], &f2[2], &f1[3]], [&y[0], &xi[5], &xi[4], &xi[3]]),
            sum(t, [&f2[0], &f2[2], &f2[3]], [&y[1], &xi[5], &xi[4]]),
            sum(t, [&f2[0], &f1[1], &f2[3], &f1[4]], [&y[2], &y[1], &xi[5], &xi[4]]),
            sum(t, [&f2[0], &f2[1], &f2[4]], [&y[3], &y[2], &xi[5]]),
            sum(t, [&f2[0], &f2[1], &f1[2], &f1[5]], [&y[4], &y[3], &y[2], &xi[5]]),
            sum(t, [&f2[0], &f2[1], &f2[2]], [&y[5], &y[4], &y[3]]),
        ];
    }
}
