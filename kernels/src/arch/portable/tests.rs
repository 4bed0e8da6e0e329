#![allow(clippy::unwrap_used, reason = "tests")]

use alloc::vec::Vec;

use ark_bn254::{FqConfig, Fr, g1, g2};
use ark_ec::short_weierstrass::{Affine, Projective};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, BigInt, Field, One, UniformRand};
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::add::Element;
use super::fq::Fq;
use super::fq2::Fq2;
use super::*;
use crate::words::{Modulus, Words, borrowing};

/// Forms of one element of Fq, at most 2p: with 0, p or, for 0, 2p added.
fn forms(x: ark_bn254::Fq) -> Vec<Words> {
    let mut all = Vec::from([x.0.0]);
    all.push(crate::words::add(&x.0.0, &FqConfig::P));
    if x == ark_bn254::Fq::ZERO {
        all.push(FqConfig::P2);
    }
    all
}

/// Edges of Fq and random elements, each in all its forms.
fn elements(rng: &mut StdRng) -> Vec<Words> {
    let mut all: Vec<ark_bn254::Fq> = [0u64, 1, 2].map(ark_bn254::Fq::from).into();
    all.extend([BigInt([1, 0, 0, 0]), BigInt([u64::MAX, 0, 0, 0])].map(ark_bn254::Fq::new_unchecked));
    all.extend((0..all.len()).map(|i| -all[i]).collect::<Vec<_>>());
    all.extend((0..4).map(|_| ark_bn254::Fq::rand(rng)));
    all.into_iter().flat_map(forms).collect()
}

/// The element that words stand for, which must be at most 2p each.
fn value<E: Element, F: Coordinate>(x: &E) -> F {
    let mut words = [0; 8];
    x.store(&mut words[..E::WORDS]);
    for four in words.as_chunks_mut::<4>().0 {
        assert!(!borrowing(&FqConfig::P2, four).1, "{four:x?} is above 2p");
        *four = canonical::<FqConfig>(four);
    }
    F::from_words(&words[..E::WORDS])
}

fn check_element<E: Element, F: Coordinate>(all: &[E], norm: impl Fn(F) -> ark_bn254::Fq) {
    let mut room = alloc::vec![Fq::default(); all.len()];
    let norms = E::norms(all, &mut room).to_vec();
    for (x, x_norm) in all.iter().zip(&norms) {
        let a: F = value(x);
        assert_eq!(value::<_, F>(&x.square()), a.square());
        assert_eq!(value::<_, F>(&x.negated_if(0)), a);
        assert_eq!(value::<_, F>(&x.negated_if(u64::MAX)), -a);
        assert_eq!(value::<_, ark_bn254::Fq>(x_norm), norm(a));
        for (y, y_norm) in all.iter().zip(&norms) {
            let b: F = value(y);
            assert_eq!(value::<_, F>(&x.mul(y)), a * b);
            assert_eq!(value::<_, F>(&x.sub(y)), a - b);
            match (y_norm.inverse(), b.inverse()) {
                (Some(inverse), Some(over_b)) => assert_eq!(value::<_, F>(&E::quotient(x, y, &inverse)), a * over_b),
                (inverse, over_b) => assert!(inverse.is_none() && over_b.is_none()),
            }
        }
    }
}

#[test]
fn coordinates_in_any_form_are_those_of_arkworks_and_stay_within_their_bound() {
    let mut rng = StdRng::seed_from_u64(8);
    let all = elements(&mut rng);
    check_element::<Fq, ark_bn254::Fq>(&all.iter().map(|x| Fq::load(x)).collect::<Vec<_>>(), |x| x);
    let pairs: Vec<Fq2> = all
        .iter()
        .flat_map(|x| all.iter().map(move |y| [*x, *y]))
        .filter(|_| rng.gen_bool(0.4))
        .map(|pair| Fq2::load(pair.as_flattened()))
        .collect();
    check_element::<Fq2, ark_bn254::Fq2>(&pairs, |x| x.c0.square() + x.c1.square());
}

/// Adds each point i < n / 2 and point n / 2 + i: whether the straight path could.
fn add_halves<C: Curve>(points: &[Affine<C>]) -> bool {
    let half = points.len() / 2;
    let pairs: Vec<Pair> = (0..half as u32).map(|i| [i, half as u32 + i]).collect();
    let expected: Vec<Affine<C>> = (0..half).map(|i| (points[i] + points[half + i]).into_affine()).collect();
    let found = |all: &[Point<C::Words>]| all[..half].iter().map(affine::<C>).collect::<Vec<_>>();
    let all: Vec<Point<C::Words>> = points.iter().map(point).collect();
    let mut general = all.clone();
    assert_eq!(add_general::<C>(&mut general, &pairs), expected.iter().any(Affine::is_zero));
    assert_eq!(found(&general), expected);
    let mut straight = all.clone();
    let done = add::add(&mut straight, &pairs, &mut Room::default(), || ());
    let same = |k: usize| affine::<C>(&straight[k]) == points[k];
    if done {
        assert_eq!(found(&straight), expected);
        assert!((half..points.len()).all(same), "what is added stays");
    } else {
        assert!((0..points.len()).all(same), "nothing is done when not all can be");
    }
    done
}

fn check_additions<C: Curve>() {
    let step = Affine::<C>::generator() * Fr::from(0x1234_5678_9abc_def1u64);
    let mut point: Projective<C> = (Affine::<C>::generator() * (-Fr::one())).double();
    let points: Vec<Affine<C>> = (0..100)
        .map(|_| {
            point += step;
            point.into_affine()
        })
        .collect();
    for half in [0, 1, 2, 3, 4, 5, 8, 15, 16, 17, 50] {
        assert!(add_halves::<C>(&points[..2 * half]), "{half} sums of different points");
    }
    // A point and itself or its opposite, at either end and in each chain.
    for at in [0, 1, 2, 3, 7, 48, 49] {
        for same in [points[at], -points[at]] {
            let mut others = points.clone();
            others[50 + at] = same;
            assert!(!add_halves::<C>(&others), "one x at {at}");
        }
    }
    assert!(!add_halves::<C>(&[points[0]; 100]));
}

#[test]
fn batches_of_additions_are_those_of_arkworks_unless_two_points_have_one_x() {
    check_additions::<g1::Config>();
    check_additions::<g2::Config>();
}
