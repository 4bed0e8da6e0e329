//! The native permutation, beside taceo-poseidon2.

use std::hint::black_box;

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use criterion::Criterion;
use taceo_poseidon2::bn254::{t3, t4};
use veilpay_protocol::poseidon2::{compress, hash, permutation_3, permutation_4};
use veilpay_protocol::tags::Tag;

fn poseidon2(c: &mut Criterion) {
    let three = [Fr::from(1u64), Fr::from(2u64), Fr::from(3u64)];
    let four = [three[0], three[1], three[2], Fr::ZERO];
    assert_eq!(permutation_3(three), t3::permutation(&three));
    assert_eq!(permutation_4(four), t4::permutation(&four));

    let mut group = c.benchmark_group("poseidon2");
    group.bench_function("t = 3, ours", |b| b.iter(|| permutation_3(black_box(three))));
    group.bench_function("t = 3, taceo", |b| b.iter(|| t3::permutation(black_box(&three))));
    group.bench_function("t = 4, ours", |b| b.iter(|| permutation_4(black_box(four))));
    group.bench_function("t = 4, taceo", |b| b.iter(|| t4::permutation(black_box(&four))));
    group.bench_function("hash of three words", |b| b.iter(|| hash(Tag::Nullifier, black_box(three))));
    group.bench_function("tree node", |b| b.iter(|| compress(black_box(four))));
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    poseidon2(&mut criterion);
    criterion.final_summary();
}
