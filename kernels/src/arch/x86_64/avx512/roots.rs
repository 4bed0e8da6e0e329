//! Points from their x, sixteen at a time: square roots in Fq and Fq2, and the choice of the sign.

#![allow(unsafe_code)]

use ark_bn254::{Fq as Element, Fq2 as Element2, G1Affine, G2Affine, g1, g2};
use ark_ec::short_weierstrass::SWCurveConfig;

use super::field::{
    Carried, Factor, FqModulus, Lanes, Modulus, Raw, Summand, fold_columns, mul_fold, split, square, squares_columns,
};
use super::fq2::{self, Fq2};
use super::lines::{elements, load};
use super::points::limbs;
use super::simd::{Avx512, kernel};
use crate::decode::{G1X, G2X};
use crate::invert::power_of_two;
use crate::roots::{EXPONENT, ODD_POWERS};

type Fq<S, const B: u32> = Lanes<FqModulus, S, B>;

/// What a chain of squarings works on.
type Factors = [Fq<Factor, 17>; SIDE];

/// Vectors side by side: one chain of squarings alone waits for itself.
const SIDE: usize = 2;
/// Points in a call.
pub(crate) const TOGETHER: usize = 8 * SIDE;

/// Multiplying by it takes an integer to its Montgomery form.
const FROM_INTEGER: [u64; 5] = split(power_of_two(FqModulus::WORDS, 520));
/// Multiplying by it takes R = 2^260 to arkworks' 2^256.
const TO_ARK: [u64; 5] = split(power_of_two(FqModulus::WORDS, 256));
/// 1 / 2, as (p + 1) / 2 is.
const HALF: Element = ark_ff::MontFp!("10944121435919637611123202872628637544348155578648911831344518947322613104292");
/// (p - 1) / 2.
const MIDDLE: [u64; 5] = {
    let p = FqModulus::WORDS;
    split([p[0] >> 1 | p[1] << 63, p[1] >> 1 | p[2] << 63, p[2] >> 1 | p[3] << 63, p[3] >> 1])
};

#[inline(always)]
fn constant(t: Avx512, limbs: [u64; 5]) -> Fq<Carried, 8> {
    Lanes::constant(t, limbs)
}

/// x y / 2^260, below 9/8 p.
#[inline(always)]
fn mul<const A: u32, const B: u32>(t: Avx512, x: &Fq<Carried, A>, y: &Fq<Carried, B>) -> Fq<Carried, 9> {
    mul_fold::<_, _, _, 1, A, B, 17>(t, [x], [y])[0].reduce(t)
}

/// x y / 2^260.
#[inline(always)]
fn times(t: Avx512, x: &Factors, y: &Factors) -> Factors {
    let [a, b]: [Fq<Raw, 17>; SIDE] = mul_fold(t, [&x[0], &x[1]], [&y[0], &y[1]]);
    [a.factor(t), b.factor(t)]
}

/// x^2 / 2^260.
#[inline(always)]
fn squared(t: Avx512, x: &Factors) -> Factors {
    let [a, b]: [Fq<Raw, 17>; SIDE] = square(t, [&x[0], &x[1]]);
    [a.factor(t), b.factor(t)]
}

/// Both to the power (p - 3) / 4.
#[inline(always)]
fn powers(t: Avx512, x: &[Fq<Carried, 9>; SIDE]) -> [Fq<Carried, 9>; SIDE] {
    let first = [x[0].as_factor().widen(), x[1].as_factor().widen()];
    let second = squared(t, &first);
    let mut odd = [first; ODD_POWERS];
    for k in 1..ODD_POWERS {
        odd[k] = times(t, &odd[k - 1], &second);
    }
    let (start, windows) = EXPONENT.split();
    let mut power = odd[start];
    for (squarings, factor) in windows {
        for _ in 0..*squarings {
            power = squared(t, &power);
        }
        power = times(t, &power, &odd[*factor]);
    }
    [power[0].masked(t).reduce(t), power[1].masked(t).reduce(t)]
}

/// The lanes where both are the same modulo p.
#[inline(always)]
fn same<S: Summand, const A: u32>(t: Avx512, x: &Fq<S, A>, y: &Fq<Carried, 9>) -> u8 {
    const { assert!(A + 16 <= 64) };
    let difference: Fq<Raw, 64> = x.sub::<2, _, _, 64>(t, *y);
    difference.reduce(t).canonical(t).is_zero(t)
}

/// The integer of a Montgomery form.
#[inline(always)]
fn integer(t: Avx512, x: &Fq<Carried, 9>) -> Fq<Carried, 8> {
    mul(t, x, &constant(t, [1, 0, 0, 0, 0])).canonical(t)
}

/// The lanes where an integer is above (p - 1) / 2.
#[inline(always)]
fn is_large(t: Avx512, x: &Fq<Carried, 8>) -> u8 {
    let middle = constant(t, MIDDLE);
    t.is_negative(middle.minus_below(t, *x).factor(t).0[4])
}

/// Eight integers below p as elements.
#[inline(always)]
fn import(t: Avx512, at: [*const u64; 8]) -> Fq<Carried, 9> {
    // SAFETY: addresses of four words each.
    let x: Fq<Carried, 8> = unsafe { load(t, at) };
    mul(t, &x, &constant(t, FROM_INTEGER))
}

/// Eight elements of arkworks.
#[inline(always)]
fn export(t: Avx512, x: &Fq<Carried, 9>) -> [Element; 8] {
    elements(mul(t, x, &constant(t, TO_ARK)).canonical(t).pack(t))
}

kernel! {
    fn g1(t, xs: &[G1X; TOGETHER], out: &mut [Option<G1Affine>; TOGETHER]) {
        let zero = Fq::<Carried, 9>::from_limbs([t.zero(); 5]);
        let (mut x, mut a, mut wanted) = ([zero; SIDE], [zero; SIDE], [0; SIDE]);
        let b = constant(t, limbs(&g1::Config::COEFF_B));
        for (k, xs) in xs.chunks_exact(8).enumerate() {
            let mut at = [core::ptr::null(); 8];
            for (lane, own) in xs.iter().enumerate() {
                at[lane] = own.x.as_ptr();
                wanted[k] |= u8::from(own.larger) << lane;
            }
            x[k] = import(t, at);
            a[k] = mul(t, &mul(t, &x[k], &x[k]), &x[k]).add::<_, _, 17>(t, b).reduce(t);
        }
        let e = powers(t, &a);
        for (k, out) in out.chunks_exact_mut(8).enumerate() {
            let y = mul(t, &e[k], &a[k]);
            let exists = same(t, &mul(t, &y, &y), &a[k]);
            let turn = is_large(t, &integer(t, &y)) ^ wanted[k];
            let y = y.negate_where::<2, 16>(t, turn).reduce(t);
            let (x, y) = (export(t, &x[k]), export(t, &y));
            for lane in 0..8 {
                out[lane] = (exists >> lane & 1 == 1).then(|| G1Affine::new_unchecked(x[lane], y[lane]));
            }
        }
    }
}

/// x^3 + b on the twist.
#[inline(always)]
fn cubic(t: Avx512, x: &Fq2<Carried, 9>) -> Fq2<Carried, 9> {
    let square = fq2::reduce(t, &fq2::squared::<_, _, 34>(t, x));
    let cube: Fq2<Raw, 25> = fq2::mul(t, &square, x);
    let b = g2::Config::COEFF_B;
    fq2::reduce(t, &fq2::add::<_, _, _, _, 33>(t, &cube, &[constant(t, limbs(&b.c0)), constant(t, limbs(&b.c1))]))
}

/// A root of a, if there is one, from s, a root of its norm, d = (a0 + s) / 2 and e = d^((p-3)/4).
///
/// With r = d e: if d is a square, r^2 = d and 1 / r = e, and r + a1 / (2 r) u is a root. Else r^2 = -d, 1 / r = -e,
/// and the other choice of s gives -a1 e / 2 + r u.
#[inline(always)]
fn root(t: Avx512, a: &Fq2<Carried, 9>, d: &Fq<Carried, 9>, e: &Fq<Carried, 9>) -> Fq2<Carried, 9> {
    let r = mul(t, d, e);
    let other = mul(t, &mul(t, &a[1], e), &constant(t, limbs(&HALF)));
    let is_square = same(t, &mul(t, &r, e), &constant(t, FqModulus::ONE).widen());
    let minus = other.minus::<2, 16>(t).reduce(t);
    [Lanes::select(t, is_square, r, minus), Lanes::select(t, is_square, other, r)]
}

/// A root of each, where there is one.
#[inline(always)]
fn roots2(t: Avx512, a: &[Fq2<Carried, 9>; SIDE]) -> [Fq2<Carried, 9>; SIDE] {
    let mut norm = [a[0][0]; SIDE];
    for k in 0..SIDE {
        // (9^2 + 9^2) / 676 + 16 < 17.
        let [sum]: [Fq<Raw, 17>; 1] = fold_columns(t, [squares_columns(t, [&a[k][0], &a[k][1]])]);
        norm[k] = sum.reduce(t);
    }
    let e = powers(t, &norm);
    let mut d = norm;
    for k in 0..SIDE {
        let sum = a[k][0].add::<_, _, 18>(t, mul(t, &e[k], &norm[k])).reduce(t);
        d[k] = mul(t, &sum, &constant(t, limbs(&HALF)));
        // Only where a1 is 0: the other choice of the norm's root gives a0.
        let none = d[k].canonical(t).is_zero(t);
        d[k] = Lanes::select(t, none, a[k][0], d[k]);
    }
    let e = powers(t, &d);
    [root(t, &a[0], &d[0], &e[0]), root(t, &a[1], &d[1], &e[1])]
}

kernel! {
    fn g2(t, xs: &[G2X; TOGETHER], out: &mut [Option<G2Affine>; TOGETHER]) {
        let zero = Fq::<Carried, 9>::from_limbs([t.zero(); 5]);
        let (mut x, mut a, mut wanted) = ([[zero; 2]; SIDE], [[zero; 2]; SIDE], [0; SIDE]);
        for (k, xs) in xs.chunks_exact(8).enumerate() {
            let mut at = [[core::ptr::null(); 8]; 2];
            for (lane, own) in xs.iter().enumerate() {
                at[0][lane] = own.x[0].as_ptr();
                at[1][lane] = own.x[1].as_ptr();
                wanted[k] |= u8::from(own.larger) << lane;
            }
            x[k] = [import(t, at[0]), import(t, at[1])];
            a[k] = cubic(t, &x[k]);
        }
        let roots = roots2(t, &a);
        for (k, out) in out.chunks_exact_mut(8).enumerate() {
            let y = roots[k];
            let square: Fq2<Raw, 34> = fq2::squared(t, &y);
            let exists = same(t, &square[0], &a[k][0]) & same(t, &square[1], &a[k][1]);
            let (low, high) = (integer(t, &y[0]), integer(t, &y[1]));
            let high_is_zero = high.is_zero(t);
            let large = (is_large(t, &high) & !high_is_zero) | (is_large(t, &low) & high_is_zero);
            let turn = large ^ wanted[k];
            let y = [y[0].negate_where::<2, 16>(t, turn).reduce(t), y[1].negate_where::<2, 16>(t, turn).reduce(t)];
            let (x0, x1) = (export(t, &x[k][0]), export(t, &x[k][1]));
            let (y0, y1) = (export(t, &y[0]), export(t, &y[1]));
            for lane in 0..8 {
                if exists >> lane & 1 == 1 {
                    let (x, y) = (Element2::new(x0[lane], x1[lane]), Element2::new(y0[lane], y1[lane]));
                    out[lane] = Some(G2Affine::new_unchecked(x, y));
                }
            }
        }
    }
}

#[cfg(test)]
kernel! {
    /// A root of each element, where there is one.
    pub(crate) fn roots(t, a: &[Element2; TOGETHER]) -> [Element2; TOGETHER] {
        let zero = Fq::<Carried, 9>::from_limbs([t.zero(); 5]);
        let mut own = [[zero; 2]; SIDE];
        for (k, a) in a.chunks_exact(8).enumerate() {
            let mut at = [[core::ptr::null(); 8]; 2];
            let integers: [[ark_ff::BigInt<4>; 2]; 8] = core::array::from_fn(|k| {
                [ark_ff::PrimeField::into_bigint(a[k].c0), ark_ff::PrimeField::into_bigint(a[k].c1)]
            });
            for (lane, x) in integers.iter().enumerate() {
                at[0][lane] = x[0].0.as_ptr();
                at[1][lane] = x[1].0.as_ptr();
            }
            own[k] = [import(t, at[0]), import(t, at[1])];
        }
        let mut out = *a;
        for (own, out) in roots2(t, &own).iter().zip(out.chunks_exact_mut(8)) {
            let (c0, c1) = (export(t, &own[0]), export(t, &own[1]));
            for lane in 0..8 {
                out[lane] = Element2::new(c0[lane], c1[lane]);
            }
        }
        out
    }
}

/// The points with these x, where there are some.
pub(crate) fn roots_g1(t: Avx512, xs: &[G1X]) -> alloc::vec::Vec<Option<G1Affine>> {
    let mut out = alloc::vec::Vec::with_capacity(xs.len());
    for xs in xs.chunks(TOGETHER) {
        let mut points = [None; TOGETHER];
        g1(t, &core::array::from_fn(|k| xs[k.min(xs.len() - 1)]), &mut points);
        out.extend_from_slice(&points[..xs.len()]);
    }
    out
}

/// As [`roots_g1`], on the twist; their subgroup is not looked at.
pub(crate) fn roots_g2(t: Avx512, xs: &[G2X]) -> alloc::vec::Vec<Option<G2Affine>> {
    let mut out = alloc::vec::Vec::with_capacity(xs.len());
    for xs in xs.chunks(TOGETHER) {
        let mut points = [None; TOGETHER];
        g2(t, &core::array::from_fn(|k| xs[k.min(xs.len() - 1)]), &mut points);
        out.extend_from_slice(&points[..xs.len()]);
    }
    out
}
