//! MSMs against arkworks, on every backend that this machine has.

use alloc::vec::Vec;

use ark_bn254::{Fr, g1, g2};
use ark_ec::short_weierstrass::{Affine, Projective};
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_ff::{AdditiveGroup, BigInt, BigInteger, Field, One, PrimeField};

use super::curve::Curve;
use super::{Bases, Digits, Windows, msm};
use crate::backend::Backend;

fn points<C: Curve>(n: usize) -> Vec<Affine<C>> {
    let step = Affine::<C>::generator() * Fr::from(0x1234_5678_9abc_def1u64);
    let mut point = Affine::<C>::generator() * Fr::from(77u64);
    let all: Vec<Projective<C>> = (0..n)
        .map(|_| {
            point.double_in_place();
            point += step;
            point
        })
        .collect();
    Projective::<C>::normalize_batch(&all)
}

fn scalars(n: usize) -> Vec<Fr> {
    let mut x = Fr::from(11u64);
    (0..n)
        .map(|_| {
            x = x.square() + Fr::from(5u64);
            x
        })
        .collect()
}

fn check<C: Curve>(points: &[Affine<C>], scalars: &[Fr])
where
    Projective<C>: VariableBaseMSM<ScalarField = Fr, MulBase = Affine<C>>,
{
    let expected = Projective::<C>::msm(points, scalars).expect("equal lengths");
    for backend in Backend::all() {
        assert_eq!(msm::<C>(backend, points, scalars), expected, "{backend} of {} points", points.len());
    }
}

fn suite<C: Curve>()
where
    Projective<C>: VariableBaseMSM<ScalarField = Fr, MulBase = Affine<C>>,
{
    let (p, s) = (points::<C>(3000), scalars(3000));
    for n in [0, 1, 2, 3, 7, 8, 9, 16, 17, 100, 1023, 1024, 1025, 3000] {
        check(&p[..n], &s[..n]);
    }
    // All scalars alike: 0, 1, -1, 2, small, large.
    for scalar in [Fr::ZERO, Fr::one(), -Fr::one(), Fr::from(2u64), Fr::from(1u64 << 40), s[0]] {
        check(&p[..500], &[scalar; 500]);
    }
    // Lists longer than a chunk, and one just as long.
    let long = points::<C>(20_000);
    for n in [8192, 20_000] {
        check(&long[..n], &alloc::vec![-Fr::one(); n]);
    }
    // All points alike, and each with its opposite: doublings and identities at every turn.
    let same = [p[0]; 700];
    check(&same, &s[..700]);
    check(&same, &[Fr::one(); 700]);
    let opposites: Vec<Affine<C>> = (0..700).map(|i| if i % 2 == 0 { p[i / 2] } else { -p[i / 2] }).collect();
    check(&opposites, &[Fr::one(); 700]);
    check(&opposites, &[s[3]; 700]);
    let twice: Vec<Affine<C>> = (0..700).map(|i| p[i / 2]).collect();
    check(&twice, &[s[4]; 700]);
    // Identities among the points.
    let mut holes = p[..600].to_vec();
    (0..600).step_by(3).for_each(|i| holes[i] = Affine::identity());
    check(&holes, &s[..600]);
    check(&[Affine::<C>::identity(); 40], &s[..40]);
    // A witness: zeros, ones, small values, some of full size.
    let mixed: Vec<Fr> = (0..3000)
        .map(|i| match i % 7 {
            0..=1 => Fr::ZERO,
            2..=3 => Fr::one(),
            4 => Fr::from(i as u64),
            5 => -Fr::from(i as u64),
            _ => s[i],
        })
        .collect();
    check(&p, &mixed);
    // Edges of windows and of the field.
    let edges: Vec<Fr> = (0..254)
        .flat_map(|k| {
            let power = Fr::from(2u64).pow([k]);
            [power, power - Fr::one(), -power, power + power.inverse().expect("not 0")]
        })
        .collect();
    check(&p[..edges.len()], &edges);
}

#[test]
fn sums_on_g1_are_those_of_arkworks() {
    suite::<g1::Config>();
}

#[test]
fn sums_on_g2_are_those_of_arkworks() {
    suite::<g2::Config>();
}

#[test]
fn bases_with_an_identity_take_a_scalar_for_each_base() {
    let (p, s) = (points::<g1::Config>(40), scalars(40));
    let mut holes = p.clone();
    holes[3] = Affine::identity();
    for backend in Backend::all() {
        let sum = |bases: &[Affine<g1::Config>], count: usize| {
            let digits = Digits::new(backend, &s[..count], Windows::for_scalars(count));
            Bases::new(backend, bases).msm(&digits)
        };
        // Bases without a scalar do not count; but numbered ones would read what is not there.
        assert_eq!(sum(&p, 10), Projective::msm(&p[..10], &s[..10]).expect("equal lengths"));
        assert_eq!(sum(&holes, 40), Projective::msm(&holes, &s).expect("equal lengths"));
        for count in [1, 10, 39] {
            std::panic::catch_unwind(|| sum(&holes, count)).expect_err("a base has no scalar");
        }
    }
}

#[test]
fn integers_that_are_not_reduced_are_refused() {
    for backend in Backend::all() {
        let digits = |x: BigInt<4>| Digits::from_integers(backend, &[x], Windows::for_scalars(1));
        let mut last = Fr::MODULUS;
        last.sub_with_borrow(&BigInt::one());
        assert_eq!(digits(last).len(), 1);
        std::panic::catch_unwind(|| digits(Fr::MODULUS)).expect_err("r is no residue");
    }
}

#[test]
fn beta_is_the_endomorphism_by_lambda() {
    fn check<C: Curve>() {
        use super::curve::Coordinate;
        let lambda = Fr::from_str_hex();
        let p = points::<C>(1)[0];
        let image = Affine::<C>::new_unchecked(p.x.scale(&C::BETA), p.y);
        assert_eq!((p * lambda).into_affine(), image);
    }
    check::<g1::Config>();
    check::<g2::Config>();
}

/// λ.
trait Lambda {
    fn from_str_hex() -> Self;
}
impl Lambda for Fr {
    fn from_str_hex() -> Self {
        ark_ff::MontFp!("4407920970296243842393367215006156084916469457145843978461")
    }
}
