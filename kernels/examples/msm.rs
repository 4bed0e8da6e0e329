//! One MSM on G1 and one on G2, ours beside arkworks': `cargo run --release -p veilpay-kernels --example msm -- 16`.

#![allow(clippy::print_stdout)]

use std::time::Instant;

use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{CurveGroup, VariableBaseMSM};
use ark_ff::Field;
use veilpay_kernels::{Backend, Digits, G1Bases, Windows, msm_g1, msm_g2};

fn points<P: CurveGroup<ScalarField = Fr>>(n: usize) -> Vec<P::Affine> {
    let step = P::generator() * Fr::from(0x1234_5678_9abc_def1u64);
    let mut point = P::generator();
    let all: Vec<P> = (0..n)
        .map(|_| {
            point.double_in_place();
            point += step;
            point
        })
        .collect();
    P::normalize_batch(&all)
}

/// The best time of some runs, in milliseconds, and the result.
fn best<T>(runs: usize, mut f: impl FnMut() -> T) -> (f64, T) {
    let mut run = || {
        let start = Instant::now();
        let result = f();
        (start.elapsed().as_secs_f64() * 1e3, result)
    };
    let first = run();
    (1..runs).map(|_| run()).fold(first, |best, next| if next.0 < best.0 { next } else { best })
}

fn main() {
    let log_n: u32 = std::env::args().nth(1).and_then(|arg| arg.parse().ok()).unwrap_or(14);
    let n = 1 << log_n;
    let mut x = Fr::from(11u64);
    let scalars: Vec<Fr> = (0..n)
        .map(|_| {
            x = x.square() + Fr::from(5u64);
            x
        })
        .collect();
    let backend = Backend::detect().expect("VEILPAY_BACKEND names a backend of this machine");
    let g1: Vec<G1Affine> = points::<G1Projective>(n);
    let (ours, sum) = best(9, || msm_g1(backend, &g1, &scalars));
    let (ark, expected) = best(1, || G1Projective::msm(&g1, &scalars).expect("equal lengths"));
    assert_eq!(sum, expected);
    println!("G1 2^{log_n}, {backend}: {ours:.2} ms, arkworks {ark:.1} ms, {:.2} times faster", ark / ours);
    let windows = Windows::for_scalars(n);
    let bases = G1Bases::new(backend, &g1);
    let (ours, sum) = best(15, || bases.msm(&Digits::new(backend, &scalars, windows.clone())));
    assert_eq!(sum, expected);
    println!("G1 2^{log_n}, {backend}, fixed bases: {ours:.2} ms, {:.2} times faster", ark / ours);
    let g2: Vec<G2Affine> = points::<G2Projective>(n);
    let (ours, sum) = best(5, || msm_g2(backend, &g2, &scalars));
    let (ark, expected) = best(1, || G2Projective::msm(&g2, &scalars).expect("equal lengths"));
    assert_eq!(sum, expected);
    println!("G2 2^{log_n}, {backend}: {ours:.2} ms, arkworks {ark:.1} ms, {:.2} times faster", ark / ours);
}
