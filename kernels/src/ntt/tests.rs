#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

use alloc::{vec, vec::Vec};

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, FftField, Field, PrimeField, UniformRand};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use rand::{SeedableRng, rngs::StdRng};

use super::*;

const SIZES: core::ops::RangeInclusive<u32> = 0..=17;

fn random(rng: &mut StdRng, count: usize) -> Vec<Fr> {
    (0..count).map(|_| Fr::rand(rng)).collect()
}

/// Zeros, ones, r - 1, spikes at both ends and in the middle, small values, random ones.
fn inputs(rng: &mut StdRng, n: usize) -> Vec<Vec<Fr>> {
    let spike = |at: usize| {
        let mut x = vec![Fr::ZERO; n];
        x[at] = -Fr::ONE;
        x
    };
    vec![
        vec![Fr::ZERO; n],
        vec![Fr::ONE; n],
        vec![-Fr::ONE; n],
        spike(0),
        spike(n / 3),
        spike(n - 1),
        (0..n).map(|i| Fr::from(i as u64)).collect(),
        (0..n).map(|i| if i % 2 == 0 { -Fr::ONE } else { Fr::ZERO }).collect(),
        random(rng, n),
    ]
}

/// The value of a polynomial, by Horner's rule.
fn value(coefficients: &[Fr], x: Fr) -> Fr {
    coefficients.iter().rev().fold(Fr::ZERO, |sum, c| sum * x + c)
}

fn each(mut check: impl FnMut(&Domain, &mut Workspace, &mut StdRng)) {
    for backend in Backend::all() {
        std::println!("backend {backend}");
        let (mut workspace, mut rng) = (Workspace::default(), StdRng::seed_from_u64(7));
        for log_n in SIZES {
            check(&Domain::new(backend, log_n).unwrap(), &mut workspace, &mut rng);
        }
    }
}

#[test]
fn transforms_are_those_of_arkworks() {
    each(|domain, workspace, rng| {
        let n = domain.size();
        let ark = Radix2EvaluationDomain::<Fr>::new(n).unwrap();
        assert_eq!(domain.generator(), ark.group_gen);
        let shift = Fr::GENERATOR;
        let coset = ark.get_coset(shift).unwrap();
        for x in inputs(rng, n).into_iter().rev().take(if n > 1 << 13 { 2 } else { 9 }) {
            let mut y = x.clone();
            domain.fft_in_place(workspace, &mut y);
            assert!(y == ark.fft(&x));
            let mut y = x.clone();
            domain.ifft_in_place(workspace, &mut y);
            assert!(y == ark.ifft(&x));
            let mut y = x.clone();
            domain.coset_fft_in_place(workspace, shift, &mut y);
            assert!(y == coset.fft(&x));
            domain.coset_ifft_in_place(workspace, shift, &mut y).unwrap();
            assert!(y == x);
        }
    });
}

#[test]
fn transforms_are_evaluations() {
    each(|domain, workspace, rng| {
        if domain.size() > 1 << 8 {
            return;
        }
        let x = random(rng, domain.size());
        let mut y = x.clone();
        domain.fft_in_place(workspace, &mut y);
        for (i, y) in y.iter().enumerate() {
            assert_eq!(*y, value(&x, domain.generator().pow([i as u64])));
        }
    });
}

#[test]
fn transforms_are_linear() {
    each(|domain, workspace, rng| {
        let n = domain.size();
        let (x, y, k) = (random(rng, n), random(rng, n), Fr::rand(rng));
        let mut sum: Vec<Fr> = x.iter().zip(&y).map(|(x, y)| *x + k * y).collect();
        let (mut x, mut y) = (x, y);
        for v in [&mut x, &mut y, &mut sum] {
            domain.fft_in_place(workspace, v);
        }
        assert!(sum.iter().zip(x.iter().zip(&y)).all(|(sum, (x, y))| *sum == *x + k * y));
    });
}

/// a b - c on the odd coset, by arkworks.
fn oracle(a: &[Fr], b: &[Fr], c: &[Fr], domain: &Domain) -> Vec<Fr> {
    let ark = Radix2EvaluationDomain::<Fr>::new(domain.size()).unwrap();
    let coset = ark.get_coset(domain.odd_generator()).unwrap();
    let [a, b, c] = [a, b, c].map(|x| coset.fft(&ark.ifft(x)));
    a.iter().zip(&b).zip(&c).map(|((a, b), c)| *a * b - c).collect()
}

#[test]
fn quotients_are_those_of_arkworks() {
    each(|domain, workspace, rng| {
        let n = domain.size();
        let all = inputs(rng, n);
        let (a, b, c) = (random(rng, n), random(rng, n), random(rng, n));
        let mut cases = vec![(a.clone(), b.clone(), c.clone())];
        cases.push((a[..n - n / 3].to_vec(), b[..n - n / 5].to_vec(), c[..n / 2].to_vec()));
        if n <= 1 << 12 {
            cases.push((vec![], vec![], vec![]));
            for x in &all {
                cases.extend([(x.clone(), x.clone(), x.clone()), (x.clone(), vec![], a.clone())]);
            }
        }
        let mut out = vec![BigInt::default(); n];
        for (a, b, c) in cases {
            let expected = oracle(&a, &b, &c, domain);
            domain.quotient_on_odd_coset(workspace, &a, &b, Some(&c), &mut out);
            assert!(out.iter().zip(&expected).all(|(h, e)| *h == e.into_bigint()));
            assert!(domain.quotient_elements(workspace, &a, &b, Some(&c)) == expected);
            let products: Vec<Fr> = a.iter().zip(&b).map(|(a, b)| *a * b).collect();
            let expected = oracle(&a, &b, &products, domain);
            domain.quotient_on_odd_coset(workspace, &a, &b, None, &mut out);
            assert!(out.iter().zip(&expected).all(|(h, e)| *h == e.into_bigint()));
            assert!(domain.quotient_elements(workspace, &a, &b, None) == expected);
        }
    });
}

/// h as arkworks' LibsnarkReduction makes it: the quotient by x^n - 1 in coefficients, from the coset of the generator.
#[test]
fn minus_two_times_the_quotient_polynomial_is_what_the_odd_coset_has() {
    each(|domain, workspace, rng| {
        let n = domain.size();
        let (a, b) = (random(rng, n), random(rng, n));
        let products: Vec<Fr> = a.iter().zip(&b).map(|(a, b)| *a * b).collect();
        let ark = Radix2EvaluationDomain::<Fr>::new(n).unwrap();
        let coset = ark.get_coset(Fr::GENERATOR).unwrap();
        let [x, y, z] = [&a, &b, &products].map(|x| coset.fft(&ark.ifft(x)));
        let divisor = ark.evaluate_vanishing_polynomial(Fr::GENERATOR).inverse().unwrap();
        let h: Vec<Fr> = x.iter().zip(&y).zip(&z).map(|((x, y), z)| (*x * y - z) * divisor).collect();
        let mut h = coset.ifft(&h);
        domain.coset_fft_in_place(workspace, domain.odd_generator(), &mut h);
        let ours = domain.quotient_elements(workspace, &a, &b, None);
        assert!(ours.iter().zip(&h).all(|(ours, h)| *ours == -h.double()));
    });
}

#[test]
fn domains_beyond_the_two_adicity_are_none() {
    for backend in Backend::all() {
        assert!(Domain::new(backend, 28).is_none());
        assert!(Domain::for_rows(backend, usize::MAX).is_none());
        assert_eq!(Domain::for_rows(backend, 5).unwrap().size(), 8);
    }
}
