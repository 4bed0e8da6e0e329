//! Multi-scalar multiplication on G1 and G2 with scalars of full size: ours with bases that come once and with bases that
//! are laid out, and ark-ec's.

mod threads;

use std::hint::black_box;
use std::time::Duration;

use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::scalar_mul::BatchMulPreprocessing;
use ark_ec::{PrimeGroup, VariableBaseMSM};
use ark_ff::UniformRand;
use criterion::{Criterion, SamplingMode};
use rayon::{ThreadPool, ThreadPoolBuilder};
use threads::thread_counts;
use veilpay_circuits::sample::TestRng;
use veilpay_kernels::{Backend, Digits, G1Bases, G2Bases, Windows, msm_g1, msm_g2};

const LOG_SIZES: [u32; 4] = [14, 15, 16, 17];

fn random_scalars(seed: u64, count: usize) -> Vec<Fr> {
    let mut rng = TestRng::new(seed);
    (0..count).map(|_| Fr::rand(&mut rng)).collect()
}

/// The three ways to one sum.
struct Ways<'a, S> {
    group: &'a str,
    log_size: u32,
    one_off: &'a (dyn Fn() -> S + Sync),
    fixed: &'a (dyn Fn() -> S + Sync),
    arkworks: &'a (dyn Fn() -> S + Sync),
}

impl<S: PartialEq + Send> Ways<'_, S> {
    fn bench(&self, c: &mut Criterion, pool: &ThreadPool) {
        let expected = pool.install(self.arkworks);
        assert!(pool.install(self.one_off) == expected && pool.install(self.fixed) == expected);
        let threads = pool.current_num_threads();
        let mut group = c.benchmark_group(format!("msm/{}/2^{}/{threads}-thread", self.group, self.log_size));
        group.sampling_mode(SamplingMode::Flat).sample_size(10).measurement_time(Duration::from_secs(2));
        let ways =
            [("ours, one-off bases", self.one_off), ("ours, fixed bases", self.fixed), ("ark-ec", self.arkworks)];
        for (name, way) in ways {
            group.bench_function(name, |b| b.iter(|| pool.install(|| black_box(way()))));
        }
        group.finish();
    }
}

fn g1(c: &mut Criterion, pool: &ThreadPool, backend: Backend, points: &[G1Affine], scalars: &[Fr]) {
    let n = scalars.len();
    let windows = Windows::for_scalars(n);
    let bases = pool.install(|| G1Bases::new(backend, points));
    let ways = Ways {
        group: "G1",
        log_size: n.ilog2(),
        one_off: &|| msm_g1(backend, points, scalars),
        fixed: &|| bases.msm(&Digits::new(backend, scalars, windows.clone())),
        arkworks: &|| G1Projective::msm_unchecked(points, scalars),
    };
    ways.bench(c, pool);
}

fn g2(c: &mut Criterion, pool: &ThreadPool, backend: Backend, points: &[G2Affine], scalars: &[Fr]) {
    let n = scalars.len();
    let windows = Windows::for_scalars(n);
    let bases = pool.install(|| G2Bases::new(backend, points));
    let ways = Ways {
        group: "G2",
        log_size: n.ilog2(),
        one_off: &|| msm_g2(backend, points, scalars),
        fixed: &|| bases.msm(&Digits::new(backend, scalars, windows.clone())),
        arkworks: &|| G2Projective::msm_unchecked(points, scalars),
    };
    ways.bench(c, pool);
}

fn msm(c: &mut Criterion) {
    let backend = Backend::detect().expect("the backend that VEILPAY_BACKEND names");
    let largest = 1 << LOG_SIZES[LOG_SIZES.len() - 1];
    let (exponents, scalars) = (random_scalars(1, largest), random_scalars(2, largest));
    let points_1 = BatchMulPreprocessing::new(G1Projective::generator(), largest).batch_mul(&exponents);
    let points_2 = BatchMulPreprocessing::new(G2Projective::generator(), largest).batch_mul(&exponents);
    for threads in thread_counts() {
        let pool = ThreadPoolBuilder::new().num_threads(threads.get()).build().expect("threads");
        for n in LOG_SIZES.map(|log_size| 1 << log_size) {
            g1(c, &pool, backend, &points_1[..n], &scalars[..n]);
            g2(c, &pool, backend, &points_2[..n], &scalars[..n]);
        }
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    msm(&mut criterion);
    criterion.final_summary();
}
