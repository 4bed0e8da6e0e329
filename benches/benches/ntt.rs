//! Transforms over Fr and the sparse products before them: each backend and arkworks, on one thread and on all.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::Duration;

use ark_bn254::Fr;
use ark_ff::{BigInt, FftField, Field, PrimeField};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use criterion::{BenchmarkId, Criterion, SamplingMode};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use veilpay_circuits::testing::{TestRng, sample};
use veilpay_kernels::{Backend, Domain, SparseMatrix, Workspace, evaluate};
use veilpay_protocol::circuit::CircuitId;

const SIZES: [u32; 3] = [15, 16, 17];
const CIRCUIT: CircuitId = CircuitId::Transfer2x3;

/// One thread, and as many as there are if that is more.
fn thread_counts() -> Vec<usize> {
    let all = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    if all == 1 { vec![1] } else { vec![1, all] }
}

/// Elements without a pattern, the same in every run.
fn elements(seed: u64, count: usize) -> Vec<Fr> {
    let step = |x: &Fr| Some(x.square() + Fr::GENERATOR);
    std::iter::successors(Some(Fr::from(seed)), step).skip(8).take(count).collect()
}

/// a b - c on the odd coset, as integers, by arkworks.
fn ark_quotient(a: &[Fr], b: &[Fr], c: &[Fr]) -> Option<Vec<BigInt<4>>> {
    let domain = Radix2EvaluationDomain::<Fr>::new(a.len())?;
    let odd = domain.get_coset(Radix2EvaluationDomain::<Fr>::new(2 * a.len())?.group_gen)?;
    let [a, b, c] = [a, b, c].map(|x| odd.fft(&domain.ifft(x)));
    Some(a.into_par_iter().zip(b).zip(c).map(|((a, b), c)| (a * b - c).into_bigint()).collect())
}

fn transforms(criterion: &mut Criterion) {
    for log_n in SIZES {
        let n = 1 << log_n;
        let [a, b, c] = [2, 3, 5].map(|seed| elements(seed, n));
        let ark = Radix2EvaluationDomain::<Fr>::new(n).expect("2^28 is the limit");
        let expected = ark_quotient(&a, &b, &c).expect("2^28 is the limit");
        let transformed = ark.fft(&a);
        for threads in thread_counts() {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            let mut group = criterion.benchmark_group(format!("fft/2^{log_n}/{threads}-thread"));
            group.sampling_mode(SamplingMode::Flat).sample_size(20).measurement_time(Duration::from_secs(2));
            let mut x = a.clone();
            group.bench_function("arkworks", |bench| {
                bench.iter(|| pool.install(|| ark.fft_in_place(black_box(&mut x))));
            });
            for backend in Backend::all() {
                let domain = Domain::new(backend, log_n).expect("2^27 is the limit");
                let mut workspace = Workspace::default();
                let mut x = a.clone();
                pool.install(|| domain.fft_in_place(&mut workspace, &mut x));
                assert!(x == transformed);
                group.bench_function(BenchmarkId::from_parameter(backend), |bench| {
                    bench.iter(|| pool.install(|| domain.fft_in_place(&mut workspace, black_box(&mut x))));
                });
            }
            group.finish();

            let mut group = criterion.benchmark_group(format!("quotient/2^{log_n}/{threads}-thread"));
            group.sampling_mode(SamplingMode::Flat).sample_size(20).measurement_time(Duration::from_secs(3));
            group.bench_function("arkworks", |bench| {
                bench.iter(|| pool.install(|| ark_quotient(black_box(&a), &b, &c)));
            });
            for backend in Backend::all() {
                let domain = Domain::new(backend, log_n).expect("2^27 is the limit");
                let mut workspace = Workspace::default();
                let mut out = vec![BigInt::default(); n];
                let mut run = || {
                    domain.quotient_on_odd_coset(&mut workspace, black_box(&a), &b, Some(&c), &mut out);
                };
                pool.install(&mut run);
                group.bench_function(BenchmarkId::from_parameter(backend), |bench| {
                    bench.iter(|| pool.install(&mut run));
                });
                assert!(out == expected);
            }
            group.finish();
        }
    }
}

/// A z, B z and C z as arkworks' groth16 computes them.
fn ark_evaluate(matrices: [&[Vec<(Fr, usize)>]; 3], z: &[Fr]) -> [Vec<Fr>; 3] {
    let term = |(coefficient, column): &(Fr, usize)| {
        if *coefficient == Fr::ONE { z[*column] } else { z[*column] * coefficient }
    };
    matrices.map(|matrix| matrix.par_iter().map(|row| row.iter().map(term).sum()).collect())
}

fn sparse(criterion: &mut Criterion) {
    let (statement, witness) = sample(CIRCUIT, &mut TestRng::new(1));
    let z = veilpay_circuits::assignment(&statement, &witness).expect("the witness fits");
    let circuit = veilpay_circuits::matrices(CIRCUIT).expect("the circuit has matrices");
    let theirs = [&circuit.a[..], &circuit.b, &circuit.c];
    let ours = theirs.map(|matrix| SparseMatrix::from_rows(matrix).expect("columns fit"));
    let expected = ark_evaluate(theirs, &z);
    for threads in thread_counts() {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let mut group = criterion.benchmark_group(format!("rows/{CIRCUIT}/{threads}-thread"));
        group.sampling_mode(SamplingMode::Flat).sample_size(20).measurement_time(Duration::from_secs(2));
        group.bench_function("arkworks", |bench| {
            bench.iter(|| pool.install(|| ark_evaluate(theirs, black_box(&z))));
        });
        for backend in Backend::all() {
            let mut out = theirs.map(|matrix| vec![Fr::from(0u64); matrix.len()]);
            let mut run = || {
                let [a, b, c] = &mut out;
                evaluate(backend, ours.each_ref(), black_box(&z), [a, b, c])
            };
            group.bench_function(BenchmarkId::from_parameter(backend), |bench| {
                bench.iter(|| pool.install(&mut run));
            });
            assert_eq!(run(), Ok(()));
            assert!(out == expected);
        }
        group.finish();
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    transforms(&mut criterion);
    sparse(&mut criterion);
    criterion.final_summary();
}
