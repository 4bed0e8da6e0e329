#![allow(clippy::unwrap_used, reason = "tests")]

use alloc::vec::Vec;

use ark_bn254::{Fq, FqConfig, Fr, FrConfig};
use ark_ff::{BigInt, MontConfig, PrimeField};
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::*;

/// A value, whatever its size: the sum of its words by their weights.
fn value<F: PrimeField>(words: &[u64]) -> F {
    words.iter().rev().fold(F::ZERO, |sum, word| sum * F::from(1u128 << 64) + F::from(*word))
}

/// k p.
fn multiple<M: Modulus>(k: u64) -> Words {
    lower(&row(&M::P, k))
}

/// x < y.
fn below<const N: usize>(x: &[u64; N], y: &[u64; N]) -> bool {
    borrowing(x, y).1
}

/// Values of at most k p: multiples of p and their neighbours, words of zeros and ones, random ones.
fn values<M: Modulus>(rng: &mut StdRng, k: u64) -> Vec<Words> {
    let mut all = Vec::new();
    for multiple in (0..=k).map(multiple::<M>) {
        all.push(multiple);
        all.push(borrowing(&multiple, &[1, 0, 0, 0]).0);
        all.push(add(&multiple, &[1, 0, 0, 0]));
    }
    for bits in 0..16u64 {
        all.push(core::array::from_fn(|word| (bits >> word & 1).wrapping_neg()));
    }
    all.extend((0..40).map(|_| rng.r#gen::<Words>()));
    all.extend((0..40).map(|_| {
        let mut x = rng.r#gen::<Words>();
        x[3] >>= 2;
        x
    }));
    let bound = multiple::<M>(k);
    all.retain(|x| !below(&bound, x));
    assert!(all.len() > 20);
    all
}

fn check_products<F: PrimeField<BigInt = BigInt<4>>, M: MontConfig<4>>() {
    let mut rng = StdRng::seed_from_u64(5);
    let over_r = F::from(2u64).pow([256]).inverse().unwrap();
    for (k, l, bound) in [(1, 1, 2), (2, 2, 2), (4, 1, 2), (4, 2, 3), (4, 4, 5)] {
        for a in values::<M>(&mut rng, k) {
            for b in values::<M>(&mut rng, l) {
                let expected = value::<F>(&a) * value::<F>(&b);
                let wide = product(&a, &b);
                assert_eq!(value::<F>(&wide), expected);
                for out in [mul::<M>(&a, &b), reduce::<M>(&wide)] {
                    assert_eq!(value::<F>(&out), expected * over_r, "{a:x?} {b:x?}");
                    assert!(below(&out, &multiple::<M>(bound)), "{a:x?} {b:x?}");
                }
            }
        }
    }
    for a in values::<M>(&mut rng, 4) {
        assert_eq!(square_product(&a), product(&a, &a));
        assert_eq!(value::<F>(&square::<M>(&a)), value::<F>(&a) * value::<F>(&a) * over_r);
        // The other factor may be any four words.
        let out = mul::<M>(&a, &[u64::MAX; 4]);
        assert_eq!(value::<F>(&out), value::<F>(&a) * value::<F>(&[u64::MAX; 4]) * over_r);
        assert!(!below(&multiple::<M>(5), &out));
    }
}

fn check_reduction<F: PrimeField<BigInt = BigInt<4>>, M: MontConfig<4>>() {
    let over_r = F::from(2u64).pow([256]).inverse().unwrap();
    // The lower half all ones, the upper as large as it may be.
    let mut largest = [u64::MAX; 8];
    largest[4..].copy_from_slice(&multiple::<M>(4));
    let mut lower_only = largest;
    lower_only[4..].fill(0);
    let mut rng = StdRng::seed_from_u64(6);
    let mut all = Vec::from([largest, lower_only, [0; 8]]);
    for k in 0..8 {
        let mut one = [0; 8];
        one[k] = if k == 7 { 1 << 61 } else { u64::MAX };
        all.push(one);
    }
    all.extend((0..100).map(|_| {
        let mut x = rng.r#gen::<Wide>();
        x[7] >>= 1;
        x
    }));
    for x in all {
        let out = reduce::<M>(&x);
        assert_eq!(value::<F>(&out), value::<F>(&x) * over_r, "{x:x?}");
        let bound = add(&[x[4], x[5], x[6], x[7]], &add(&M::P, &[0, 0, 1 << 63, 0]));
        assert!(below(&out, &bound), "{x:x?}");
    }
}

fn check_sums<F: PrimeField<BigInt = BigInt<4>>, M: MontConfig<4>>() {
    let mut rng = StdRng::seed_from_u64(7);
    let two = multiple::<M>(2);
    for a in values::<M>(&mut rng, 2) {
        for b in values::<M>(&mut rng, 2) {
            let (x, y) = (value::<F>(&a), value::<F>(&b));
            assert_eq!(value::<F>(&add(&a, &b)), x + y);
            assert_eq!(value::<F>(&sub::<M>(&a, &b)), x - y);
            let out = difference::<M>(&a, &b);
            assert_eq!(value::<F>(&out), x - y);
            assert!(!below(&two, &out));
        }
        for mask in [0, u64::MAX] {
            let out = negated_if::<M>(&a, mask);
            assert_eq!(value::<F>(&out), if mask == 0 { value::<F>(&a) } else { -value::<F>(&a) });
            assert!(!below(&two, &out));
        }
        assert_eq!([masked(&a, u64::MAX), masked(&a, 0)], [a, [0; 4]]);
    }
    for a in values::<M>(&mut rng, 4) {
        let out = halve::<M>(&a);
        assert_eq!(value::<F>(&out), value::<F>(&a));
        assert!(!below(&two, &out));
        // 4p is among the values.
        if below(&a, &multiple::<M>(4)) {
            assert!(below(&out, &two));
            assert_eq!(canonical::<M>(&a), value::<F>(&a).into_bigint().0);
        }
    }
}

#[test]
fn products_and_reductions_are_right_and_within_their_bounds() {
    check_products::<Fr, FrConfig>();
    check_products::<Fq, FqConfig>();
    check_reduction::<Fr, FrConfig>();
    check_reduction::<Fq, FqConfig>();
}

#[test]
fn sums_and_differences_are_right_and_within_their_bounds() {
    check_sums::<Fr, FrConfig>();
    check_sums::<Fq, FqConfig>();
}

#[test]
fn five_times_the_moduli_fit_four_words() {
    assert_eq!(row(&FrConfig::P, 5)[4], 0);
    assert_eq!(row(&FqConfig::P, 5)[4], 0);
}
