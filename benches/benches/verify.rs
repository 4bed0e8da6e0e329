//! Verifying proofs of `transfer_2x3`: this verifier, one proof and batches, and ark-groth16, all with a prepared key.

mod support;

use std::hint::black_box;
use std::num::NonZeroUsize;

use ark_bn254::Bn254;
use ark_groth16::{Groth16, prepare_verifying_key};
use ark_serialize::CanonicalDeserialize;
use criterion::{BenchmarkId, Criterion, Throughput};
use support::{engine, subject};
use veilpay_protocol::circuit::CircuitId;
use veilpay_prover::CancelToken;
use veilpay_verifier::{Batch, PreparedVerifyingKey, Proof, VerifyingKey};

/// Sizes of batches.
const SIZES: [usize; 4] = [8, 64, 256, 1024];

fn verify(c: &mut Criterion) {
    let circuit = CircuitId::Transfer2x3;
    let (statement, witness) = subject(circuit);
    let engine = engine(NonZeroUsize::MIN).expect("a folder for dev keys");
    let key = engine.key(circuit).expect("a dev key");
    let proof = engine.prove(&statement, &witness, &|_| (), &CancelToken::new()).expect("the witness proves").proof;
    let inputs = statement.to_fields();
    let bytes = proof.to_bytes();
    let ark_key = prepare_verifying_key(&key.proving_key().expect("it is there").vk);
    let ark_proof = ark_groth16::Proof::<Bn254> { a: *proof.a(), b: *proof.b(), c: *proof.c() };
    assert_eq!(key.prepared().verify(&statement, &proof), Ok(()));
    assert_eq!(Groth16::<Bn254>::verify_proof(&ark_key, &ark_proof, &inputs), Ok(true));

    let mut group = c.benchmark_group(format!("verify/{circuit}"));
    group.bench_function("ours, from bytes", |b| {
        b.iter(|| key.prepared().verify_bytes(black_box(&statement), black_box(&bytes)));
    });
    group.bench_function("ours", |b| b.iter(|| key.prepared().verify(black_box(&statement), black_box(&proof))));
    group.bench_function("ark-groth16, from bytes, no length check", |b| {
        b.iter(|| {
            let proof = ark_groth16::Proof::<Bn254>::deserialize_compressed(black_box(&bytes[..])).expect("honest");
            Groth16::<Bn254>::verify_proof(&ark_key, &proof, black_box(&inputs))
        });
    });
    group.bench_function("ark-groth16, no length check", |b| {
        b.iter(|| Groth16::<Bn254>::verify_proof(&ark_key, black_box(&ark_proof), black_box(&inputs)));
    });
    group.bench_function("decode a proof", |b| b.iter(|| Proof::from_bytes(black_box(&bytes))));
    let key_bytes = key.verifying_key().to_bytes();
    group.bench_function("decode, check and prepare a key", |b| {
        b.iter(|| VerifyingKey::from_bytes(black_box(&key_bytes)).and_then(|key| PreparedVerifyingKey::new(&key)));
    });
    group.finish();

    let mut group = c.benchmark_group(format!("verify/{circuit}/batch"));
    for size in SIZES {
        let batch = |statement, proof: &[u8]| {
            let mut batch = Batch::new();
            (0..size).for_each(|_| batch.push(key.prepared(), statement, proof));
            batch
        };
        assert_eq!(batch(&statement, &bytes).verify(), Ok(()));
        group.throughput(Throughput::Elements(size as u64)).sample_size(10);
        group.bench_function(BenchmarkId::new("ours, from bytes", size), |b| {
            b.iter(|| batch(black_box(&statement), black_box(&bytes)).verify());
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    verify(&mut criterion);
    criterion.final_summary();
}
