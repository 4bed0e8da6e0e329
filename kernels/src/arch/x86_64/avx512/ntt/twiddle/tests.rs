//! Products by constants and folds at the limits of their bounds, against arithmetic in integers.

// Lanes and limbs are numbered as in the formulas.
#![allow(clippy::needless_range_loop)]

use alloc::{vec, vec::Vec};

use ark_ff::{AdditiveGroup, Field, UniformRand};
use rand::{SeedableRng, rngs::StdRng};

use super::super::super::field::join;
use super::super::super::field::tests::{Limbs, agree, carried, element, lanes, limbs, token, values, within};
use super::*;

/// 0, 1, p - 1 and others near the ends, powers of two, random ones.
fn factors(rng: &mut StdRng) -> Vec<Fr> {
    let (one, two) = (Fr::ONE, Fr::from(2u64));
    let half = two.inverse().unwrap_or_default();
    let mut all = vec![Fr::ZERO, one, two, -one, -two, half, half - one];
    all.extend((1..254).step_by(11).flat_map(|k| [two.pow([k]), -two.pow([k]), two.pow([k]) - one]));
    all.extend((0..20).map(|_| Fr::rand(rng)));
    all
}

/// a b of numbers in words.
fn product(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut out = vec![0; a.len() + b.len()];
    for (i, a) in a.iter().enumerate() {
        let mut carry = 0;
        for (j, b) in b.iter().enumerate() {
            let t = u128::from(*a) * u128::from(*b) + u128::from(out[i + j]) + carry;
            (out[i + j], carry) = (t as u64, t >> 64);
        }
        out[i + b.len()] = carry as u64;
    }
    out
}

/// 260 bits in words.
fn words(x: [u64; 5]) -> [u64; 5] {
    let [a, b, c, d] = join(x);
    [a, b, c, d, x[4] >> 48]
}

#[test]
fn the_quotient_of_a_constant_is_the_integer_below_w_2_260_over_p() {
    for w in factors(&mut StdRng::seed_from_u64(1)) {
        let Twiddle { value, quotient } = Twiddle::new(w);
        assert_eq!(join(value), w.into_bigint().0);
        let p = FrModulus::WORDS;
        let scaled = product(&w.into_bigint().0, &[0, 0, 0, 0, 1 << 4]);
        let at_most = product(&words(quotient), &p);
        // w 2^260 - q' p is one remainder: not negative, below p.
        let mut rest = [0; 9];
        let mut borrow = false;
        for j in 0..9 {
            (rest[j], borrow) = scaled[j].borrowing_sub(at_most[j], borrow);
        }
        assert!(!borrow && rest[4..].iter().all(|word| *word == 0));
        assert!(ark_ff::BigInt::<4>::new([rest[0], rest[1], rest[2], rest[3]]) < Fr::MODULUS);
    }
}

/// The same value with carries of the extreme size in limbs 0 to 3: of one sign, of signs that alternate.
fn strained(x: Limbs, bits: u32) -> [Limbs; 5] {
    [[0; 4], [1; 4], [-1; 4], [1, -1, 1, -1], [-1, 1, -1, 1]].map(|signs| {
        let mut out = x;
        for j in 0..4 {
            out[j] += (signs[j] << bits) << 52;
            out[j + 1] -= signs[j] << bits;
        }
        out
    })
}

#[test]
fn a_product_is_x_w_less_at_most_ten_multiples_of_p_too_few_up_to_the_largest_factors() {
    let Some(t) = token() else { return };
    let mut rng = StdRng::seed_from_u64(2);
    let xs = values::<FrModulus>(&mut rng, 676);
    for w in factors(&mut rng) {
        let twiddle = Twiddle::new(w);
        for eight in xs.chunks_exact(8) {
            for form in 0..5 {
                let strained: Vec<Limbs> = eight.iter().map(|x| strained(*x, 8)[form]).collect();
                let x = lanes::<FrModulus, Raw, 676>(t, &strained).factor(t);
                let [alone] = times(t, [x], [&twiddle]);
                let [first, second] = times(t, [x, x], [&twiddle, &twiddle]);
                for p in [alone, first, second] {
                    agree(t, p, |lane| element::<Fr>(eight[lane]) * w);
                    for (lane, found) in limbs(t, p).into_iter().enumerate() {
                        let rest = split((element::<Fr>(eight[lane]) * w).into_bigint().0).map(u64::cast_signed);
                        let found = carried(found);
                        let exact = |k: u64| {
                            let multiple = multiple(FrModulus::P, k).map(u64::cast_signed);
                            carried(core::array::from_fn(|j| rest[j] + multiple[j])) == found
                        };
                        assert!((0..=10).any(exact), "lane {lane}: {found:?}");
                    }
                }
            }
        }
    }
}

/// 2^257 k + d 2^e.
fn near(k: i64, d: i64, e: u32) -> Limbs {
    let mut limbs = [0, 0, 0, 0, k << 49];
    limbs[e as usize / 52] += d << (e % 52);
    carried(limbs)
}

#[test]
fn a_fold_is_below_its_bound_and_the_same_element_at_each_step_of_its_table() {
    let Some(t) = token() else { return };
    let mut rng = StdRng::seed_from_u64(3);
    let mut xs = values::<FrModulus>(&mut rng, 676);
    for k in 0..=8 {
        for (d, e) in [(0, 0), (1, 0), (1, 208), (1, 220), (1, 221), (3, 220), (1, 222), (5, 220)] {
            xs.extend([near(k, d, e), near(k, -d, e)]);
        }
    }
    xs.retain(|x| within::<FrModulus>(*x, 676));
    xs.resize(xs.len().next_multiple_of(8), [0; 5]);
    for eight in xs.chunks_exact(8) {
        for form in 0..5 {
            // Limbs of 2^62 and carries of 2^10 into the top one.
            for bits in [0, 5, 10] {
                let strained: Vec<Limbs> = eight.iter().map(|x| strained(*x, bits)[form]).collect();
                let folded = fold(t, lanes::<FrModulus, Raw, 676>(t, &strained));
                agree(t, folded, |lane| element::<Fr>(eight[lane]));
            }
        }
    }
}

#[test]
fn what_a_fold_takes_is_the_largest_multiple_of_p_below_all_values_that_look_alike() {
    for k in 0..8_u64 {
        let taken: [u64; 5] = core::array::from_fn(|j| FOLDS[j][k as usize]);
        let times = (0..84).find(|times| multiple(FrModulus::P, *times) == taken).expect("a multiple of p");
        // Of the values that look like k the least has a top limb of k 2^49 - 2^12, less what is still to be carried.
        let least = |margin: u64| (k << 49).saturating_sub(margin);
        assert!(k == 0 || taken[4] < least(1 << 13), "{k}");
        assert!(k == 0 || multiple(FrModulus::P, times + 1)[4] >= least(1 << 13), "{k}");
        assert!(k != 0 || times == 0);
    }
}
