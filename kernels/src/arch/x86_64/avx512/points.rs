//! Points between arkworks and the arena: coordinates below 9/8 p in Montgomery form with R = 2^260.

#![allow(unsafe_code)]

use ark_bn254::{Fq, Fq2, g1, g2};
use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::Affine;
use ark_ff::{BigInt, PrimeField};

use super::field::{Carried, FqModulus, Lanes, Modulus, mul, split};
use super::lines::{load, store_pairs};
use super::simd::{Avx512, kernel};
use crate::msm::curve::{Curve, VARIANTS};

type Element = Lanes<FqModulus, Carried, 9>;

/// 2^4 and its inverse: R is 2^260 here, 2^256 in arkworks.
const SIXTEEN: Fq = ark_ff::MontFp!("16");
const SIXTEENTH: Fq = ark_ff::MontFp!("12312136615409592312513603231707217237391675025980025810262583815737939742328");

/// An element of arkworks from words below 2^256.
pub(super) fn from_words(words: &[u64]) -> Fq {
    let mut x = BigInt::<4>([words[0], words[1], words[2], words[3]]);
    while x >= Fq::MODULUS {
        ark_ff::BigInteger::sub_with_borrow(&mut x, &Fq::MODULUS);
    }
    Fq::new_unchecked(x) * SIXTEENTH
}

pub(super) fn to_words(x: &Fq, words: &mut [u64]) {
    words.copy_from_slice(&(*x * SIXTEEN).0.0);
}

pub(crate) fn read_g1(_: Avx512, words: &[u64]) -> Affine<g1::Config> {
    if words.iter().all(|word| *word == 0) {
        return Affine::identity();
    }
    Affine::new_unchecked(from_words(&words[..4]), from_words(&words[4..8]))
}

pub(crate) fn write_g1(_: Avx512, point: &Affine<g1::Config>, words: &mut [u64]) {
    words.fill(0);
    if !point.is_zero() {
        to_words(&point.x, &mut words[..4]);
        to_words(&point.y, &mut words[4..]);
    }
}

pub(crate) fn read_g2(_: Avx512, words: &[u64]) -> Affine<g2::Config> {
    if words.iter().all(|word| *word == 0) {
        return Affine::identity();
    }
    let element = |i: usize| from_words(&words[4 * i..4 * i + 4]);
    Affine::new_unchecked(Fq2::new(element(0), element(1)), Fq2::new(element(2), element(3)))
}

pub(crate) fn write_g2(_: Avx512, point: &Affine<g2::Config>, words: &mut [u64]) {
    words.fill(0);
    if !point.is_zero() {
        for (x, words) in [point.x.c0, point.x.c1, point.y.c0, point.y.c1].iter().zip(words.chunks_exact_mut(4)) {
            to_words(x, words);
        }
    }
}

/// Eight elements of arkworks in lanes.
#[inline(always)]
fn import<'a, C: Curve>(t: Avx512, points: &'a [Affine<C>], of: impl Fn(&'a Affine<C>) -> &'a Fq) -> Element {
    let mut at = [core::ptr::null_mut(); 8];
    for k in 0..8 {
        // A tail is filled up with its last point.
        at[k] = of(&points[k.min(points.len() - 1)]).0.0.as_ptr().cast_mut();
    }
    // SAFETY: addresses of elements, which are four words.
    let x: Lanes<FqModulus, Carried, 8> = unsafe { load(t, at) };
    mul::<_, _, _, 1, 8, 8, 9>(t, [&x], [&Lanes::<_, Carried, 8>::constant(t, FqModulus::FROM_ARK)])[0].carry(t)
}

#[inline(always)]
fn times(t: Avx512, x: &Element, c: [u64; 5]) -> Element {
    mul::<_, _, _, 1, 9, 8, 9>(t, [x], [&Lanes::<_, Carried, 8>::constant(t, c)])[0].carry(t)
}

/// Limbs of the Montgomery form of a constant.
fn limbs(c: &Fq) -> [u64; 5] {
    split((*c * SIXTEEN).0.0)
}

/// Writes (x, y) as word pairs of point 8 v + k, variant `variant`, at `word` of it.
#[inline(always)]
fn export<const POINT: usize>(
    t: Avx512,
    out: &mut [u64],
    variant: usize,
    word: usize,
    count: usize,
    x: Element,
    y: Element,
) {
    let mut spare = [0u64; 8];
    let mut to = [spare.as_mut_ptr(); 8];
    for k in 0..count {
        to[k] = out[(VARIANTS * k + variant) * POINT + word..][..8].as_mut_ptr();
    }
    // SAFETY: eight words each, of `out`, or for the rest of a tail of `spare`.
    unsafe { store_pairs(t, to, x, y) };
}

kernel! {
    fn bases_g1(t, bases: &[Affine<g1::Config>], beta: [u64; 5], out: &mut [u64]) {
        for (points, out) in bases.chunks(8).zip(out.chunks_mut(8 * VARIANTS * 8)) {
            let mut x = import(t, points, |p| &p.x);
            let y = import(t, points, |p| &p.y);
            for variant in 0..VARIANTS {
                export::<8>(t, out, variant, 0, points.len(), x, y);
                x = times(t, &x, beta);
            }
        }
    }
}

pub(crate) fn write_bases_g1(t: Avx512, bases: &[Affine<g1::Config>], out: &mut [u64]) {
    bases_g1(t, bases, limbs(&<g1::Config as Curve>::BETA), out);
}

kernel! {
    fn bases_g2(t, bases: &[Affine<g2::Config>], beta: [u64; 5], out: &mut [u64]) {
        for (points, out) in bases.chunks(8).zip(out.chunks_mut(8 * VARIANTS * 16)) {
            let mut x = [import(t, points, |p| &p.x.c0), import(t, points, |p| &p.x.c1)];
            let y = [import(t, points, |p| &p.y.c0), import(t, points, |p| &p.y.c1)];
            for variant in 0..VARIANTS {
                export::<16>(t, out, variant, 0, points.len(), x[0], x[1]);
                export::<16>(t, out, variant, 8, points.len(), y[0], y[1]);
                x = [times(t, &x[0], beta), times(t, &x[1], beta)];
            }
        }
    }
}

pub(crate) fn write_bases_g2(t: Avx512, bases: &[Affine<g2::Config>], out: &mut [u64]) {
    bases_g2(t, bases, limbs(&<g2::Config as Curve>::BETA), out);
}
