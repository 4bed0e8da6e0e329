#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]
// Lanes and limbs are numbered as in the formulas.
#![allow(clippy::needless_range_loop)]

use alloc::vec::Vec;

use ark_bn254::{Fq, Fr};
use ark_ff::PrimeField;
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::*;

/// The limbs of one value.
pub(in crate::arch::x86_64::avx512) type Limbs = [i64; 5];

pub(in crate::arch::x86_64::avx512) fn token() -> Option<Avx512> {
    let token = Avx512::detect();
    std::eprintln!("avx512: {}", if token.is_some() { "exercised" } else { "skipped, not on this machine" });
    token
}

/// The sum of the limbs, by their weights.
pub(in crate::arch::x86_64::avx512) fn element<F: PrimeField>(limbs: Limbs) -> F {
    limbs.iter().rev().fold(F::ZERO, |sum, limb| sum * F::from(1u64 << 52) + F::from(*limb))
}

/// 8 times the value less b times the modulus, below zero?
fn below<M: Modulus>(limbs: Limbs, b: i128) -> bool {
    let mut carry = 0;
    for j in 0..5 {
        carry = (carry >> 52) + 8 * i128::from(limbs[j]) - b * i128::from(M::P[j]);
    }
    carry < 0
}

/// In [0, b/8 p).
pub(in crate::arch::x86_64::avx512) fn within<M: Modulus>(limbs: Limbs, b: u32) -> bool {
    !below::<M>(limbs, 0) && below::<M>(limbs, b.into())
}

/// Limbs 0 to 3 in [0, 2^52).
pub(in crate::arch::x86_64::avx512) fn carried(mut limbs: Limbs) -> Limbs {
    for j in 0..4 {
        limbs[j + 1] += limbs[j] >> 52;
        limbs[j] &= MASK52.cast_signed();
    }
    limbs
}

/// The same value, limbs off by up to 2^(52 + bits), some negative.
fn spread(rng: &mut StdRng, mut limbs: Limbs, bits: u32) -> Limbs {
    for j in 0..4 {
        let x = rng.gen_range(-(1i64 << bits)..=1 << bits);
        limbs[j] += x << 52;
        limbs[j + 1] -= x;
    }
    limbs
}

/// Values in [0, b/8 p), carried: at multiples of p, just below the bound, limbs all ones, random; a multiple of 8.
pub(in crate::arch::x86_64::avx512) fn values<M: Modulus>(rng: &mut StdRng, b: u32) -> Vec<Limbs> {
    let mut all = Vec::new();
    for k in 0..=b / 8 {
        for d in -1..=1 {
            let mut limbs = multiple(M::P, k.into()).map(u64::cast_signed);
            limbs[0] += d;
            all.push(limbs);
        }
    }
    // floor(b p / 8) and its neighbours.
    let mut eighths = multiple(M::P, b.into());
    for j in (0..5).rev() {
        if j > 0 {
            eighths[j - 1] += (eighths[j] & 7) << 52;
        }
        eighths[j] >>= 3;
    }
    for d in -2..=1 {
        let mut limbs = eighths.map(u64::cast_signed);
        limbs[0] += d;
        all.push(limbs);
    }
    let ones = MASK52.cast_signed();
    all.extend([[ones; 5], [ones, ones, ones, ones, 0], [0, ones, 0, ones, 0], [0, 0, 0, 0, 1]]);
    for _ in 0..200 {
        let mut limbs = [(); 5].map(|()| rng.gen_range(0..=ones));
        limbs[4] >>= rng.gen_range(0..10);
        all.push(limbs);
    }
    let mut all: Vec<Limbs> = all.into_iter().map(carried).filter(|limbs| within::<M>(*limbs, b)).collect();
    while !all.len().is_multiple_of(8) {
        all.push(all[all.len() - 8]);
    }
    assert!(all.len() > 24);
    all
}

pub(in crate::arch::x86_64::avx512) fn lanes<M: Modulus, S: Copy, const B: u32>(
    t: Avx512,
    eight: &[Limbs],
) -> Lanes<M, S, B> {
    let mut limbs = [[0; 8]; 5];
    for (lane, value) in eight.iter().enumerate() {
        for j in 0..5 {
            limbs[j][lane] = value[j].cast_unsigned();
        }
    }
    Lanes::from_limbs(limbs.map(|limb| t.lanes(limb)))
}

/// The lanes of a register.
#[allow(unsafe_code)]
fn words(x: super::super::simd::V) -> [u64; 8] {
    // SAFETY: both are 64 bytes without padding.
    unsafe { core::mem::transmute(x) }
}

pub(in crate::arch::x86_64::avx512) fn limbs<M: Modulus, S: Copy, const B: u32>(
    _: Avx512,
    x: Lanes<M, S, B>,
) -> [Limbs; 8] {
    let words = x.0.map(words);
    core::array::from_fn(|lane| words.map(|limb| limb[lane].cast_signed()))
}

/// Each result equals what the field says of it and is within its type's bound.
#[track_caller]
pub(in crate::arch::x86_64::avx512) fn agree<M: Modulus, F: PrimeField, S: Copy, const B: u32>(
    t: Avx512,
    x: Lanes<M, S, B>,
    expected: impl Fn(usize) -> F,
) {
    for (lane, x) in limbs(t, x).into_iter().enumerate() {
        assert!(within::<M>(x, B), "lane {lane}: {x:?} is not within {B}/8");
        assert_eq!(element::<F>(x), expected(lane));
    }
}

#[track_caller]
fn tidy<M: Modulus, const B: u32>(t: Avx512, x: Lanes<M, Carried, B>) {
    for x in limbs(t, x) {
        assert_eq!(x, carried(x));
    }
}

/// Two lists, each value of the first beside some of the second.
fn pairs(mut x: Vec<Limbs>, mut y: Vec<Limbs>) -> impl Iterator<Item = ([Limbs; 8], [Limbs; 8])> {
    let (lx, ly) = (x.len(), y.len());
    for _ in 0..3 {
        x.extend_from_within(..lx);
        y.extend_from_within(..ly);
    }
    y.rotate_left(3);
    x.into_iter()
        .zip(y)
        .collect::<Vec<_>>()
        .chunks_exact(8)
        .map(|chunk| (core::array::from_fn(|i| chunk[i].0), core::array::from_fn(|i| chunk[i].1)))
        .collect::<Vec<_>>()
        .into_iter()
}

/// Bounds: of the factors, of their product, of it when folded, of the folded square of the second, of the folded
/// product and the first.
fn products<
    M: Modulus,
    F: PrimeField,
    const A: u32,
    const B: u32,
    const OUT: u32,
    const FOLDED: u32,
    const SQUARE: u32,
    const SUM: u32,
>(
    t: Avx512,
) {
    let mut rng = StdRng::seed_from_u64(u64::from(A * 1000 + B));
    let r = F::from(2u64).pow([260]).inverse().unwrap();
    let (xs, ys) = (values::<M>(&mut rng, A), values::<M>(&mut rng, B));
    for (x, y) in pairs(xs, ys) {
        let of = |limbs: &[Limbs; 8], lane: usize| element::<F>(limbs[lane]);
        let product = |lane: usize| of(&x, lane) * of(&y, lane) * r;
        let (a, b): (Lanes<M, Carried, A>, Lanes<M, Carried, B>) = (lanes(t, &x), lanes(t, &y));
        let raw: Lanes<M, Raw, A> = lanes(t, &x.map(|x| spread(&mut rng, x, 8)));
        let f = raw.factor(t);
        let [p]: [Lanes<M, Raw, OUT>; 1] = mul(t, [&a], [&b]);
        agree(t, p, product);
        let [p, q]: [Lanes<M, Raw, OUT>; 2] = mul(t, [&f, &f], [&b, &b]);
        agree(t, p, product);
        agree(t, q, product);
        let [p]: [Lanes<M, Raw, OUT>; 1] = reduce_columns(t, [product_columns(t, &f, &b)]);
        agree(t, p, product);
        let [p, q]: [Lanes<M, Raw, FOLDED>; 2] = mul_fold(t, [&f, &f], [&b, &b]);
        agree(t, p, product);
        agree(t, q, product);
        let [p, q]: [Lanes<M, Raw, SUM>; 2] = mul_fold_add(t, [&f, &f], [&b, &b], [raw, raw]);
        agree(t, p, |lane| product(lane) + of(&x, lane));
        agree(t, q, |lane| product(lane) + of(&x, lane));
        let [s, s2]: [Lanes<M, Raw, SQUARE>; 2] = square(t, [&b, &b]);
        agree(t, s, |lane| of(&y, lane).square() * r);
        agree(t, s2, |lane| of(&y, lane).square() * r);
        // Columns of either sign: x y - x y + y^2, and a sum of squares.
        let mut columns = square_columns(t, &b);
        for (column, (plus, minus)) in
            columns.iter_mut().zip(product_columns(t, &a, &b).into_iter().zip(product_columns(t, &f, &b)))
        {
            *column = t.add(*column, t.sub(plus, minus));
        }
        let squares = squares_columns(t, [&b, &Lanes::constant(t, M::ONE)]);
        let [s]: [Lanes<M, Raw, SQUARE>; 1] = fold_columns(t, [columns]);
        agree(t, s, |lane| of(&y, lane).square() * r);
        // 8 * 8 / 676 more than the square.
        let [s]: [Lanes<M, Raw, 693>; 1] = fold_columns(t, [squares]);
        agree(t, s, |lane| of(&y, lane).square() * r + r.inverse().unwrap());
    }
}

fn products_of<M: Modulus, F: PrimeField>() {
    let Some(t) = token() else { return };
    products::<M, F, 8, 8, 9, 17, 17, 25>(t);
    products::<M, F, 9, 73, 9, 17, 24, 26>(t);
    products::<M, F, 73, 73, 16, 24, 24, 97>(t);
    products::<M, F, 104, 104, 24, 32, 32, 136>(t);
    products::<M, F, 676, 8, 16, 24, 17, 700>(t);
    products::<M, F, 26, 260, 18, 26, 116, 52>(t);
    // All that five limbs hold.
    products::<M, F, 660, 676, 668, 676, 692, 1336>(t);
}

#[test]
fn products_and_squares_are_those_of_arkworks_up_to_the_largest_factors() {
    products_of::<FqModulus, Fq>();
    products_of::<FrModulus, Fr>();
}

fn sums_of<M: Modulus, F: PrimeField>() {
    let Some(t) = token() else { return };
    let mut rng = StdRng::seed_from_u64(2);
    for (x, y) in pairs(values::<M>(&mut rng, 40), values::<M>(&mut rng, 31)) {
        let of = |limbs: &[Limbs; 8], lane: usize| element::<F>(limbs[lane]);
        let (a, b): (Lanes<M, Carried, 40>, Lanes<M, Raw, 31>) =
            (lanes(t, &x), lanes(t, &y.map(|y| spread(&mut rng, y, 9))));
        let sum: Lanes<M, Raw, 71> = a.add(t, b);
        agree(t, sum, |lane| of(&x, lane) + of(&y, lane));
        let difference: Lanes<M, Raw, 72> = a.sub::<4, _, _, _>(t, b);
        agree(t, difference, |lane| of(&x, lane) - of(&y, lane));
        let carried = difference.carry(t);
        tidy(t, carried);
        agree(t, carried, |lane| of(&x, lane) - of(&y, lane));
        let negated: Lanes<M, Raw, 40> = a.negate_where::<5, _>(t, 0b1010_0110);
        agree(t, negated, |lane| if 0b1010_0110 >> lane & 1 == 1 { -of(&x, lane) } else { of(&x, lane) });
        let turned = a.rotate::<3>(t);
        agree(t, turned, |lane| of(&x, (lane + 3) % 8));
    }
}

#[test]
fn sums_and_differences_are_those_of_arkworks_with_limbs_of_either_sign() {
    sums_of::<FqModulus, Fq>();
    sums_of::<FrModulus, Fr>();
}

fn reductions_of<M: Modulus, F: PrimeField>() {
    let Some(t) = token() else { return };
    let mut rng = StdRng::seed_from_u64(3);
    for bits in [0, 3, 9] {
        for (x, _) in pairs(values::<M>(&mut rng, 64), values::<M>(&mut rng, 64)) {
            let a: Lanes<M, Raw, 64> = lanes(t, &x.map(|x| spread(&mut rng, x, bits)));
            let reduced = a.reduce(t);
            tidy(t, reduced);
            agree(t, reduced, |lane| element::<F>(x[lane]));
        }
    }
    for bits in [0, 3, 9] {
        for (x, _) in pairs(values::<M>(&mut rng, 128), values::<M>(&mut rng, 128)) {
            let a: Lanes<M, Raw, 128> = lanes(t, &x.map(|x| spread(&mut rng, x, bits)));
            let reduced = a.reduce_wide(t);
            tidy(t, reduced);
            agree(t, reduced, |lane| element::<F>(x[lane]));
        }
    }
}

#[test]
fn reduction_is_right_around_each_multiple_of_the_modulus_with_limbs_of_either_sign() {
    reductions_of::<FqModulus, Fq>();
    reductions_of::<FrModulus, Fr>();
}

fn words_of<M: Modulus, F: PrimeField>() {
    let Some(t) = token() else { return };
    let mut rng = StdRng::seed_from_u64(4);
    for (x, _) in pairs(values::<M>(&mut rng, 16), values::<M>(&mut rng, 16)) {
        let canonical = lanes::<M, Carried, 16>(t, &x).canonical(t);
        tidy(t, canonical);
        agree(t, canonical, |lane| element::<F>(x[lane]));
    }
    for (x, _) in pairs(values::<M>(&mut rng, 42), values::<M>(&mut rng, 42)) {
        let a: Lanes<M, Carried, 42> = lanes(t, &x);
        let packed = a.pack(t);
        let words = packed.map(words);
        for (lane, x) in x.iter().enumerate() {
            assert_eq!(split(words.map(|word| word[lane])), x.map(i64::cast_unsigned));
            assert_eq!(join(x.map(i64::cast_unsigned)), words.map(|word| word[lane]));
        }
        assert_eq!(limbs(t, Lanes::<M, Carried, 42>::unpack(t, packed)), x);
    }
}

#[test]
fn words_and_canonical_values_are_exact() {
    words_of::<FqModulus, Fq>();
    words_of::<FrModulus, Fr>();
}

fn constants_of<M: Modulus, F: PrimeField<BigInt = ark_ff::BigInt<4>>>() {
    let two = F::from(2u64);
    for (limbs, power) in [(M::ONE, 260), (M::FROM_ARK, 264), (M::TWO_780, 780)] {
        assert_eq!(join(limbs), two.pow([power]).into_bigint().0);
    }
    assert_eq!(M::WORDS, F::MODULUS.0);
    assert_eq!(M::P[0].wrapping_mul(M::MINUS_P_INVERSE).wrapping_add(1) & MASK52, 0);
}

#[test]
fn constants_are_the_powers_of_two_that_they_say() {
    constants_of::<FqModulus, Fq>();
    constants_of::<FrModulus, Fr>();
}
