//! Montgomery products and squares, R = 2^260: columns of limb products, and two ways to reduce them.
//!
//! [`reduce_columns`] and [`mul`] stay below 1 + AB / (64 * 84.6) times p; [`fold_columns`] and what is made of it take a
//! fifth less time and end up to p higher. Several products are interleaved, to hide the latency of one behind the others.

use super::{Lanes, MASK52, Modulus, Multiplicand, Raw, Summand};
use crate::arch::x86_64::avx512::simd::{Avx512, V};

/// Ten columns of a product, un-carried.
pub(crate) type Columns = [V; 10];

/// N Montgomery products, interleaved: x_k y_k / 2^260.
#[inline(always)]
pub(crate) fn mul<M, S, T, const N: usize, const A: u32, const B: u32, const OUT: u32>(
    t: Avx512,
    x: [&Lanes<M, S, A>; N],
    y: [&Lanes<M, T, B>; N],
) -> [Lanes<M, Raw, OUT>; N]
where
    M: Modulus,
    S: Multiplicand,
    T: Multiplicand,
{
    const { assert!(OUT >= 8 && A * B <= (OUT - 8) * 676) };
    let mut acc = [[t.zero(); 5]; N];
    let (mask, minus_p_inverse) = (t.splat(MASK52), t.splat(M::MINUS_P_INVERSE));
    macro_rules! row {
        ($i:literal) => {
            for k in 0..N {
                for j in 0..5 {
                    acc[k][j] = t.madd_lo(acc[k][j], x[k].0[j], y[k].0[$i]);
                }
            }
            let mut m = [t.zero(); N];
            for k in 0..N {
                m[k] = t.madd_lo(t.zero(), acc[k][0], minus_p_inverse);
            }
            for k in 0..N {
                // The low limb of acc + m p is a multiple of 2^52; what it carries is 1 unless it is 0.
                let carried = t.shr::<52>(t.add(acc[k][0], mask));
                acc[k] = [t.add(acc[k][1], carried), acc[k][2], acc[k][3], acc[k][4], t.zero()];
                for j in 0..5 {
                    acc[k][j] = t.madd_hi(acc[k][j], x[k].0[j], y[k].0[$i]);
                }
            }
            for k in 0..N {
                for j in 0..4 {
                    acc[k][j] = t.madd_lo(acc[k][j], m[k], t.splat(M::P[j + 1]));
                }
                for j in 0..5 {
                    acc[k][j] = t.madd_hi(acc[k][j], m[k], t.splat(M::P[j]));
                }
            }
        };
    }
    row!(0);
    row!(1);
    row!(2);
    row!(3);
    row!(4);
    let mut out = [Lanes::from_limbs([t.zero(); 5]); N];
    for k in 0..N {
        out[k] = Lanes::from_limbs(acc[k]);
    }
    out
}

/// The columns of x y.
#[inline(always)]
pub(crate) fn product_columns<M: Modulus, S: Multiplicand, T: Multiplicand, const A: u32, const B: u32>(
    t: Avx512,
    x: &Lanes<M, S, A>,
    y: &Lanes<M, T, B>,
) -> Columns {
    add_product_columns(t, [t.zero(); 10], x, y)
}

/// The columns of x y, added to others.
#[inline(always)]
pub(crate) fn add_product_columns<M: Modulus, S: Multiplicand, T: Multiplicand, const A: u32, const B: u32>(
    t: Avx512,
    mut c: Columns,
    x: &Lanes<M, S, A>,
    y: &Lanes<M, T, B>,
) -> Columns {
    for i in 0..5 {
        for j in 0..5 {
            c[i + j] = t.madd_lo(c[i + j], x.0[i], y.0[j]);
            c[i + j + 1] = t.madd_hi(c[i + j + 1], x.0[i], y.0[j]);
        }
    }
    c
}

/// The columns of x^2: cross products once, doubled as columns, since a doubled limb would not fit a factor.
#[inline(always)]
pub(crate) fn square_columns<M: Modulus, S: Multiplicand, const A: u32>(t: Avx512, x: &Lanes<M, S, A>) -> Columns {
    squares_columns(t, [x])
}

/// The columns of the sum of the squares of N elements.
#[inline(always)]
pub(crate) fn squares_columns<M: Modulus, S: Multiplicand, const N: usize, const A: u32>(
    t: Avx512,
    x: [&Lanes<M, S, A>; N],
) -> Columns {
    let mut c = [t.zero(); 10];
    for x in x {
        for i in 0..5 {
            for j in i + 1..5 {
                c[i + j] = t.madd_lo(c[i + j], x.0[i], x.0[j]);
                c[i + j + 1] = t.madd_hi(c[i + j + 1], x.0[i], x.0[j]);
            }
        }
    }
    for column in &mut c[1..9] {
        *column = t.add(*column, *column);
    }
    for x in x {
        for i in 0..5 {
            c[2 * i] = t.madd_lo(c[2 * i], x.0[i], x.0[i]);
            c[2 * i + 1] = t.madd_hi(c[2 * i + 1], x.0[i], x.0[i]);
        }
    }
    c
}

/// Montgomery reduction of signed columns whose sum is not negative: the caller answers for the bound.
#[inline(always)]
pub(crate) fn reduce_columns<M: Modulus, const N: usize, const OUT: u32>(
    t: Avx512,
    mut c: [Columns; N],
) -> [Lanes<M, Raw, OUT>; N] {
    let (mask, minus_p_inverse) = (t.splat(MASK52), t.splat(M::MINUS_P_INVERSE));
    macro_rules! row {
        ($i:literal) => {
            let mut m = [t.zero(); N];
            for k in 0..N {
                m[k] = t.madd_lo(t.zero(), c[k][$i], minus_p_inverse);
            }
            for k in 0..N {
                c[k][$i + 1] = t.add(c[k][$i + 1], t.sar::<52>(t.add(c[k][$i], mask)));
                for j in 1..5 {
                    c[k][$i + j] = t.madd_lo(c[k][$i + j], m[k], t.splat(M::P[j]));
                }
                for j in 0..5 {
                    c[k][$i + j + 1] = t.madd_hi(c[k][$i + j + 1], m[k], t.splat(M::P[j]));
                }
            }
        };
    }
    row!(0);
    row!(1);
    row!(2);
    row!(3);
    row!(4);
    let mut out = [Lanes::from_limbs([t.zero(); 5]); N];
    for k in 0..N {
        out[k] = Lanes::from_limbs([c[k][5], c[k][6], c[k][7], c[k][8], c[k][9]]);
    }
    out
}

/// Montgomery reduction as [`reduce_columns`], of a result that may be p larger, in a fifth less time: the lowest column
/// times 2^52 / 2^52 is that column times [`Modulus::FOLD`], five times less a factor to wait for. The last row is
/// that of [`reduce_columns`], as the sum of all would be too large.
#[inline(always)]
pub(crate) fn fold_columns<M: Modulus, const N: usize, const OUT: u32>(
    t: Avx512,
    mut c: [Columns; N],
) -> [Lanes<M, Raw, OUT>; N] {
    let (mask, minus_p_inverse) = (t.splat(MASK52), t.splat(M::MINUS_P_INVERSE));
    macro_rules! row {
        ($i:literal) => {
            for k in 0..N {
                c[k][$i + 1] = t.add(c[k][$i + 1], t.sar::<52>(c[k][$i]));
                for j in 0..5 {
                    c[k][$i + j + 1] = t.madd_lo(c[k][$i + j + 1], c[k][$i], t.splat(M::FOLD[j]));
                }
                for j in 0..5 {
                    c[k][$i + j + 2] = t.madd_hi(c[k][$i + j + 2], c[k][$i], t.splat(M::FOLD[j]));
                }
            }
        };
    }
    row!(0);
    row!(1);
    row!(2);
    row!(3);
    let mut m = [t.zero(); N];
    for k in 0..N {
        m[k] = t.madd_lo(t.zero(), c[k][4], minus_p_inverse);
    }
    let mut out = [Lanes::from_limbs([t.zero(); 5]); N];
    for k in 0..N {
        let mut r = [c[k][5], c[k][6], c[k][7], c[k][8], c[k][9]];
        r[0] = t.add(r[0], t.sar::<52>(t.add(c[k][4], mask)));
        for j in 0..4 {
            r[j] = t.madd_lo(r[j], m[k], t.splat(M::P[j + 1]));
        }
        for j in 0..5 {
            r[j] = t.madd_hi(r[j], m[k], t.splat(M::P[j]));
        }
        out[k] = Lanes::from_limbs(r);
    }
    out
}

/// N Montgomery products, interleaved, by [`fold_columns`]: x_k y_k / 2^260.
#[inline(always)]
pub(crate) fn mul_fold<M, S, T, const N: usize, const A: u32, const B: u32, const OUT: u32>(
    t: Avx512,
    x: [&Lanes<M, S, A>; N],
    y: [&Lanes<M, T, B>; N],
) -> [Lanes<M, Raw, OUT>; N]
where
    M: Modulus,
    S: Multiplicand,
    T: Multiplicand,
{
    const { assert!(OUT >= 16 && A * B <= (OUT - 16) * 676) };
    let mut c = [[t.zero(); 10]; N];
    for k in 0..N {
        c[k] = product_columns(t, x[k], y[k]);
    }
    fold_columns(t, c)
}

/// As [`mul_fold`], plus z_k.
#[inline(always)]
pub(crate) fn mul_fold_add<M, S, T, U, const N: usize, const A: u32, const B: u32, const C: u32, const OUT: u32>(
    t: Avx512,
    x: [&Lanes<M, S, A>; N],
    y: [&Lanes<M, T, B>; N],
    z: [Lanes<M, U, C>; N],
) -> [Lanes<M, Raw, OUT>; N]
where
    M: Modulus,
    S: Multiplicand,
    T: Multiplicand,
    U: Summand,
{
    const { assert!(OUT >= C + 16 && A * B <= (OUT - C - 16) * 676) };
    let mut c = [[t.zero(); 10]; N];
    for k in 0..N {
        let [z0, z1, z2, z3, z4] = z[k].0;
        let high = [t.zero(), t.zero(), t.zero(), t.zero(), t.zero(), z0, z1, z2, z3, z4];
        c[k] = add_product_columns(t, high, x[k], y[k]);
    }
    fold_columns(t, c)
}

/// N Montgomery squares, interleaved, by [`fold_columns`]: x_k^2 / 2^260.
#[inline(always)]
pub(crate) fn square<M: Modulus, S: Multiplicand, const N: usize, const A: u32, const OUT: u32>(
    t: Avx512,
    x: [&Lanes<M, S, A>; N],
) -> [Lanes<M, Raw, OUT>; N] {
    const { assert!(OUT >= 16 && A * A <= (OUT - 16) * 676) };
    let mut c = [[t.zero(); 10]; N];
    for k in 0..N {
        c[k] = square_columns(t, x[k]);
    }
    fold_columns(t, c)
}
