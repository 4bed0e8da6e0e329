//! Points between arkworks and memory: coordinates below 9/8 p in Montgomery form with R = 2^260.

#![allow(unsafe_code)]

use ark_bn254::{Fq, Fq2, g1, g2};
use ark_ec::short_weierstrass::Affine;
use ark_ff::{BigInt, PrimeField};

use super::field::{Carried, FqModulus, Lanes, Modulus, mul, split};
use super::lines::{load, transpose};
use super::simd::{Avx512, V, kernel};
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

pub(crate) fn read_g1(_: Avx512, words: &[u64]) -> Affine<g1::Config> {
    if words.iter().all(|word| *word == 0) {
        return Affine::identity();
    }
    Affine::new_unchecked(from_words(&words[..4]), from_words(&words[4..8]))
}

pub(crate) fn read_g2(_: Avx512, words: &[u64]) -> Affine<g2::Config> {
    if words.iter().all(|word| *word == 0) {
        return Affine::identity();
    }
    let element = |i: usize| from_words(&words[4 * i..4 * i + 4]);
    Affine::new_unchecked(Fq2::new(element(0), element(1)), Fq2::new(element(2), element(3)))
}

/// The element in a lane.
pub(super) fn from_lane(t: Avx512, x: Element, lane: usize) -> Fq {
    from_words(&x.pack(t).map(|word| word_of(word, lane)))
}

/// Puts an element into a lane, whatever else the lanes are.
pub(super) fn to_lane<S: Copy, const B: u32>(t: Avx512, x: &mut Lanes<FqModulus, S, B>, lane: usize, element: &Fq) {
    let own = Lanes::from_limbs(limbs(element).map(|limb| t.splat(limb)));
    *x = Lanes::select(t, 1 << lane, own, *x);
}

/// A word of a vector.
fn word_of(vector: V, lane: usize) -> u64 {
    // SAFETY: both are 64 bytes without padding.
    let words: [u64; 8] = unsafe { core::mem::transmute(vector) };
    words[lane]
}

/// Eight elements of arkworks in lanes.
#[inline(always)]
fn import<'a, C: Curve>(t: Avx512, points: &'a [Affine<C>], of: impl Fn(&'a Affine<C>) -> &'a Fq) -> Element {
    let mut at = [core::ptr::null(); 8];
    for k in 0..8 {
        // A tail is filled up with its last point.
        at[k] = of(&points[k.min(points.len() - 1)]).0.0.as_ptr();
    }
    // SAFETY: addresses of elements, which are four words.
    let x: Lanes<FqModulus, Carried, 8> = unsafe { load(t, at) };
    mul::<_, _, _, 1, 8, 8, 9>(t, [&x], [&Lanes::<_, Carried, 8>::constant(t, FqModulus::FROM_ARK)])[0].carry(t)
}

/// x, β x and β^2 x = -x - β x.
#[inline(always)]
fn images(t: Avx512, x: Element, beta: &Lanes<FqModulus, Carried, 8>) -> [Element; VARIANTS] {
    let [second] = mul::<_, _, _, 1, 9, 8, 9>(t, [&x], [beta]);
    let second = second.carry(t);
    let third = x.add::<_, _, 18>(t, second).minus::<3, 24>(t).reduce(t);
    [x, second, third]
}

/// Limbs of the Montgomery form of a constant.
pub(super) fn limbs(c: &Fq) -> [u64; 5] {
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
    let (x, y) = (x.pack(t), y.pack(t));
    let rows = transpose(t, [x[0], x[1], x[2], x[3], y[0], y[1], y[2], y[3]]);
    for (k, row) in rows.into_iter().enumerate().take(count) {
        let to = &mut out[(VARIANTS * k + variant) * POINT + word..][..8];
        // SAFETY: eight words of `out`; the token proves the instruction, which asks for no alignment.
        unsafe { core::arch::x86_64::_mm512_storeu_si512(to.as_mut_ptr().cast(), row) };
    }
}

kernel! {
    fn bases_g1(t, bases: &[Affine<g1::Config>], beta: [u64; 5], out: &mut [u64]) {
        let beta = Lanes::<_, Carried, 8>::constant(t, beta);
        for (points, out) in bases.chunks(8).zip(out.chunks_mut(8 * VARIANTS * 8)) {
            let x = images(t, import(t, points, |p| &p.x), &beta);
            let y = import(t, points, |p| &p.y);
            for variant in 0..VARIANTS {
                export::<8>(t, out, variant, 0, points.len(), x[variant], y);
            }
        }
    }
}

pub(crate) fn write_bases_g1(t: Avx512, bases: &[Affine<g1::Config>], out: &mut [u64]) {
    bases_g1(t, bases, limbs(&<g1::Config as Curve>::BETA), out);
}

kernel! {
    fn bases_g2(t, bases: &[Affine<g2::Config>], beta: [u64; 5], out: &mut [u64]) {
        let beta = Lanes::<_, Carried, 8>::constant(t, beta);
        for (points, out) in bases.chunks(8).zip(out.chunks_mut(8 * VARIANTS * 16)) {
            let x0 = images(t, import(t, points, |p| &p.x.c0), &beta);
            let x1 = images(t, import(t, points, |p| &p.x.c1), &beta);
            let y = [import(t, points, |p| &p.y.c0), import(t, points, |p| &p.y.c1)];
            for variant in 0..VARIANTS {
                export::<16>(t, out, variant, 0, points.len(), x0[variant], x1[variant]);
                export::<16>(t, out, variant, 8, points.len(), y[0], y[1]);
            }
        }
    }
}

pub(crate) fn write_bases_g2(t: Avx512, bases: &[Affine<g2::Config>], out: &mut [u64]) {
    bases_g2(t, bases, limbs(&<g2::Config as Curve>::BETA), out);
}
