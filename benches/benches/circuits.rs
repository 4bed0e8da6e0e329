//! What synthesis costs per circuit: matrices once, an assignment for each proof; and a key's setup and loading.

use criterion::{BatchSize, Criterion};
use veilpay_circuits::testing::{TestRng, sample};
use veilpay_circuits::{assignment, matrices};
use veilpay_protocol::circuit::CircuitId;
use veilpay_prover::keys::file;
use veilpay_prover::setup::dev_key;

fn circuits(c: &mut Criterion) {
    let mut group = c.benchmark_group("circuits");
    group.sample_size(10);
    for circuit in CircuitId::ALL {
        let (statement, witness) = sample(circuit, &mut TestRng::new(1));
        let built = matrices(circuit).expect("a built-in circuit");
        let values = assignment(&statement, &witness).expect("they fit");
        assert_eq!(built.first_unsatisfied(&values), None, "{circuit}");
        group.bench_function(format!("{circuit}: matrices"), |b| b.iter(|| matrices(circuit)));
        group.bench_function(format!("{circuit}: assignment"), |b| b.iter(|| assignment(&statement, &witness)));
        group.bench_function(format!("{circuit}: satisfaction"), |b| b.iter(|| built.first_unsatisfied(&values)));
        let key = dev_key(circuit).expect("a built-in circuit");
        let bytes = file::encode(&key).expect("it was just made");
        group.bench_function(format!("{circuit}: dev setup"), |b| b.iter(|| dev_key(circuit)));
        group.bench_function(format!("{circuit}: key from bytes"), |b| {
            b.iter_batched(|| bytes.clone(), |bytes| file::decode(circuit, bytes), BatchSize::LargeInput);
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    circuits(&mut criterion);
    criterion.final_summary();
}
