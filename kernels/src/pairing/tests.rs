//! Each backend against arkworks.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use alloc::vec;
use alloc::vec::Vec;

use ark_bn254::{Fq, Fq2, Fr, g2};
use ark_ec::short_weierstrass::SWCurveConfig;
use ark_ec::{AffineRepr, CurveConfig, CurveGroup};
use ark_ff::{BigInt, BigInteger, PrimeField};
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::*;

type Pair = (G1Affine, G2Affine);

fn g1(k: u64) -> G1Affine {
    (G1Affine::generator() * Fr::from(k)).into_affine()
}

fn g2(k: u64) -> G2Affine {
    (G2Affine::generator() * Fr::from(k)).into_affine()
}

fn random_pairs(rng: &mut StdRng, n: usize) -> Vec<Pair> {
    (0..n).map(|_| (g1(rng.gen_range(1..u64::MAX)), g2(rng.gen_range(1..u64::MAX)))).collect()
}

fn by_arkworks(pairs: &[Pair]) -> PairingOutput<Bn254> {
    Bn254::multi_pairing(pairs.iter().map(|pair| pair.0), pairs.iter().map(|pair| pair.1))
}

fn check(pairs: &[Pair]) {
    for backend in Backend::all() {
        assert_eq!(multi_pairing(backend, pairs), Ok(by_arkworks(pairs)), "{backend}, {} pairs", pairs.len());
    }
}

/// A point of the twist with this number, most probably outside the subgroup.
fn stranger(k: u64) -> G2Affine {
    (0..)
        .find_map(|j| G2Affine::get_point_from_x_unchecked(Fq2::new(Fq::from(k), Fq::from(j)), k.is_multiple_of(2)))
        .unwrap()
}

/// A point whose order is the prime factor `order` of the cofactor.
fn of_order(order: u64) -> G2Affine {
    let mut cofactor = BigInt::<4>::new(g2::Config::COFACTOR.try_into().unwrap()).0;
    let mut remainder = 0u128;
    for word in cofactor.iter_mut().rev() {
        let value = remainder << 64 | u128::from(*word);
        (*word, remainder) = ((value / u128::from(order)) as u64, value % u128::from(order));
    }
    assert_eq!(remainder, 0, "a factor of the cofactor");
    (1..)
        .map(|k| stranger(k).mul_bigint(Fr::MODULUS).into_affine().mul_bigint(cofactor).into_affine())
        .find(|point| !point.is_zero())
        .unwrap()
}

#[test]
fn pairings_of_any_number_are_those_of_arkworks() {
    let mut rng = StdRng::seed_from_u64(1);
    for backend in Backend::all() {
        std::eprintln!("{backend}: exercised");
    }
    for n in (0..=18).chain([31, 32, 33, 40]) {
        check(&random_pairs(&mut rng, n));
    }
}

#[test]
fn identities_count_as_one_wherever_they_are() {
    let mut rng = StdRng::seed_from_u64(2);
    let (o1, o2) = (G1Affine::identity(), G2Affine::identity());
    check(&[(o1, o2)]);
    check(&[(o1, g2(3)), (g1(3), o2)]);
    for place in 0..10 {
        let mut pairs = random_pairs(&mut rng, 10);
        pairs[place].0 = o1;
        check(&pairs);
        pairs[9 - place].1 = o2;
        check(&pairs);
    }
}

#[test]
fn opposites_cancel_and_equal_pairs_add_up() {
    for (p, q) in [(g1(1), g2(1)), (g1(7), g2(11))] {
        for pairs in [
            vec![(p, q), (-p, q)],
            vec![(p, q), (p, -q)],
            vec![(p, q), (p, q), (-p, q), (p, -q)],
            vec![(p, q); 9],
            vec![(-p, -q), (-p, q)],
        ] {
            check(&pairs);
        }
        for backend in Backend::all() {
            assert_eq!(multi_pairing(backend, &[(p, q), (-p, q)]), Ok(PairingOutput::default()));
        }
    }
}

#[test]
fn pairings_are_bilinear() {
    let mut rng = StdRng::seed_from_u64(3);
    for backend in Backend::all() {
        let (a, b) = (Fr::from(rng.r#gen::<u128>()), -Fr::from(rng.r#gen::<u128>()));
        let (p, q) = ((g1(1) * a).into_affine(), (g2(1) * b).into_affine());
        let minus = (-(g1(1) * (a * b))).into_affine();
        assert_eq!(multi_pairing(backend, &[(p, q), (minus, g2(1))]), Ok(PairingOutput::default()));
    }
}

#[test]
fn points_outside_the_subgroup_are_all_named() {
    let mut rng = StdRng::seed_from_u64(4);
    let small = of_order(10_069);
    let strange: Vec<G2Affine> = vec![
        stranger(1),
        stranger(2),
        small,
        -small,
        of_order(5_864_401),
        (small.into_group() + g2(5)).into_affine(),
        small.mul_bigint([3u64]).into_affine(),
    ];
    for point in &strange {
        assert!(point.is_on_curve() && !g2::Config::is_in_correct_subgroup_assuming_on_curve(point));
    }
    for backend in Backend::all() {
        for n in [1usize, 5, 9, 20] {
            for _ in 0..10 {
                let mut pairs = random_pairs(&mut rng, n);
                let mut expected: Vec<usize> = (0..n).filter(|_| rng.gen_bool(0.3)).collect();
                for k in &expected {
                    pairs[*k].1 = strange[rng.gen_range(0..strange.len())];
                }
                let points: Vec<G2Affine> = pairs.iter().map(|pair| pair.1).collect();
                assert_eq!(g2_outside_subgroup(backend, &points), expected);
                if let Some(first) = expected.first() {
                    // Beside an identity too.
                    pairs[*first].0 = G1Affine::identity();
                }
                match miller_loops(backend, &pairs) {
                    Ok(_) => assert!(expected.is_empty()),
                    Err(error) => assert_eq!(error.pairs, core::mem::take(&mut expected)),
                }
            }
        }
        assert_eq!(g2_outside_subgroup(backend, &[G2Affine::identity(), small, G2Affine::identity()]), [1]);
        assert_eq!(g2_outside_subgroup(backend, &[]), []);
        for point in &strange {
            assert_eq!(g2_outside_subgroup(backend, &[*point, g2(9)]), [0]);
            assert_eq!(g2_outside_subgroup(backend, &[*point]), [0]);
        }
        assert_eq!(g2_outside_subgroup(backend, &[g2(1), G2Affine::identity()]), []);
    }
}

/// Multiples of a point of order 10,069: many of them meet themselves or their opposites on the way.
#[test]
fn points_of_small_order_are_refused_whatever_they_meet_on_the_way() {
    let small = of_order(10_069);
    let mut multiple = small.into_group();
    let mut points = vec![];
    for _ in 0..200 {
        points.push(multiple.into_affine());
        multiple += small;
    }
    assert!(points.iter().all(|point| !is_in_subgroup(point)));
    for backend in Backend::all() {
        assert_eq!(g2_outside_subgroup(backend, &points), (0..200).collect::<Vec<_>>());
        let pairs: Vec<_> = points.iter().map(|point| (g1(3), *point)).collect();
        assert_eq!(miller_loops(backend, &pairs).unwrap_err().pairs, (0..200).collect::<Vec<_>>());
    }
}

/// Integers modulo an odd m below 2^254.
struct Modulo(BigInt<4>);

impl Modulo {
    fn add(&self, a: BigInt<4>, b: BigInt<4>) -> BigInt<4> {
        let mut sum = a;
        sum.add_with_carry(&b);
        if sum >= self.0 {
            sum.sub_with_borrow(&self.0);
        }
        sum
    }

    fn minus(&self, a: BigInt<4>) -> BigInt<4> {
        let mut difference = self.0;
        difference.sub_with_borrow(&a);
        self.add(difference, BigInt::zero())
    }

    fn mul(&self, a: BigInt<4>, b: BigInt<4>) -> BigInt<4> {
        (0..256).rev().fold(BigInt::zero(), |product, k| {
            let twice = self.add(product, product);
            if b.get_bit(k) { self.add(twice, a) } else { twice }
        })
    }

    fn from(&self, a: BigInt<4>) -> BigInt<4> {
        self.mul(BigInt::one(), a)
    }

    /// The greatest common divisor of a and m.
    fn gcd(&self, mut a: BigInt<4>) -> BigInt<4> {
        let mut b = self.0;
        while !a.is_zero() {
            while a.is_even() {
                a.div2();
            }
            if a < b {
                core::mem::swap(&mut a, &mut b);
            }
            a.sub_with_borrow(&b);
        }
        b
    }
}

/// N(6 x + 2 + ψ - ψ^2 + ψ^3) and the cofactor 2 q - r have no common divisor, and r, a prime, does not divide the
/// cofactor: what the norm takes to the identity has an order that divides r.
#[test]
fn the_sum_that_ends_the_loop_is_the_identity_in_the_subgroup_alone() {
    let m = Modulo(BigInt::new(g2::Config::COFACTOR.try_into().unwrap()));
    let (q, r) = (m.from(Fq::MODULUS), m.from(Fr::MODULUS));
    assert_eq!(m.add(m.add(q, q), m.minus(r)), BigInt::zero());
    let t = m.add(m.add(q, BigInt::one()), m.minus(r));
    let six_x_plus_2 = m.add(m.mul(BigInt::from(6u64), BigInt::from(4_965_661_367_192_848_881u64)), BigInt::from(2u64));
    let (one, minus_one) = (BigInt::one(), m.minus(BigInt::one()));
    let (mut a0, mut a1) = (BigInt::zero(), BigInt::zero());
    for coefficient in [one, minus_one, one, six_x_plus_2] {
        // (a0 + a1 ψ) ψ + c, with ψ^2 = t ψ - q.
        (a0, a1) = (m.add(m.minus(m.mul(q, a1)), coefficient), m.add(a0, m.mul(t, a1)));
    }
    let norm = m.add(m.add(m.mul(a0, a0), m.mul(m.mul(a0, a1), t)), m.mul(m.mul(a1, a1), q));
    assert_eq!(m.gcd(norm), BigInt::one());
    assert_eq!(m.gcd(r), BigInt::one());
    // The test finds what there is to find.
    assert_eq!(m.gcd(BigInt::from(2 * 10_069u64)), BigInt::from(10_069u64));
}
