//! Proving `transfer_2x3`: the engine and plain ark-groth16 on the same key, witness and threads.

mod support;
mod threads;

use std::hint::black_box;
use std::time::Duration;

use ark_bn254::{Bn254, Fr};
use ark_groth16::{Groth16, ProvingKey};
use criterion::{Criterion, SamplingMode};
use rayon::ThreadPoolBuilder;
use support::{engine, subject};
use threads::thread_counts;
use veilpay_protocol::circuit::CircuitId;
use veilpay_prover::CancelToken;
use veilpay_prover::r1cs::R1cs;
use veilpay_prover::reduction::OddCoset;
use veilpay_verifier::Proof;

const CIRCUIT: CircuitId = CircuitId::Transfer2x3;

fn ark_prove(
    (proving, r1cs): (&ProvingKey<Bn254>, &R1cs),
    assignment: &[Fr],
    (r, s): (Fr, Fr),
) -> ark_groth16::Proof<Bn254> {
    Groth16::<Bn254, OddCoset>::create_proof_with_reduction_and_matrices(
        proving,
        r,
        s,
        r1cs.matrices(),
        r1cs.num_instance(),
        r1cs.num_constraints(),
        assignment,
    )
    .expect("the domain exists")
}

fn prove(c: &mut Criterion) {
    let (statement, witness) = subject(CIRCUIT);
    let assignment = veilpay_circuits::assignment(&statement, &witness).expect("the witness fits");
    let scalars = (Fr::from(5u64), Fr::from(7u64));
    for threads in thread_counts() {
        let engine = engine(threads).expect("a folder for dev keys");
        let key = engine.key(CIRCUIT).expect("a dev key");
        let (proving, r1cs) = (key.proving_key().expect("it is there"), key.r1cs().expect("it is there"));
        let theirs = (&proving, &r1cs);
        let pool = ThreadPoolBuilder::new().num_threads(threads.get()).build().expect("threads");

        // Both give the same proof, and it verifies.
        let ours = engine.prove_with_scalars(&statement, &witness, scalars).expect("the witness proves").proof;
        let ark = pool.install(|| ark_prove(theirs, &assignment, scalars));
        assert_eq!(Proof::new(ark.a, ark.b, ark.c), Ok(ours));
        assert_eq!(key.prepared().verify(&statement, &ours), Ok(()));

        let mut group = c.benchmark_group(format!("prove/{CIRCUIT}/{threads}-thread"));
        group.sampling_mode(SamplingMode::Flat).sample_size(10).measurement_time(Duration::from_secs(8));
        group.bench_function("engine, check to self-verification", |b| {
            b.iter(|| engine.prove(black_box(&statement), &witness, &|_| (), &CancelToken::new()));
        });
        group.bench_function("engine, from the assignment", |b| {
            b.iter(|| engine.prove_assignment(CIRCUIT, black_box(&assignment)));
        });
        group.bench_function("ark-groth16, from the assignment", |b| {
            b.iter(|| pool.install(|| ark_prove(theirs, black_box(&assignment), scalars)));
        });
        group.finish();
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    prove(&mut criterion);
    criterion.final_summary();
}
