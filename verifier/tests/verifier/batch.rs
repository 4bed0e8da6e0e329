//! Batches: they accept what single verification accepts, refuse what it refuses, and say which.

use std::sync::LazyLock;

use ark_bn254::{Bn254, Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::pairing::Pairing;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, BigInteger, PrimeField, UniformRand};
use ark_groth16::Groth16;
use proptest::prelude::*;
use veilpay_verifier::point::PointError;
use veilpay_verifier::proof::ProofElement;
use veilpay_verifier::{Batch, BatchError, PreparedVerifyingKey, Proof, ProofError, Refusal, VerifyError};

use crate::support::{ArkKey, CASE, Product, Trapdoor, other_statement, ours, rng, statement, verifying_key};

/// A proof with its public inputs and the number of its key.
#[derive(Clone)]
struct Proved {
    key: usize,
    inputs: Vec<Fr>,
    proof: Vec<u8>,
}

const PROOFS: usize = 18;

/// Two keys, and proofs of different inputs under one and the other in turn.
struct Cases {
    ark_keys: [ArkKey; 2],
    keys: Vec<PreparedVerifyingKey>,
    proved: Vec<Proved>,
}

static CASES: LazyLock<Cases> = LazyLock::new(|| {
    let proving = [20, 21].map(|seed| Trapdoor::random(seed).proving_key());
    let mut rng = rng(22);
    let mut prove = |k: usize| {
        let inputs: Vec<Fr> = (0..4).map(|_| Fr::rand(&mut rng)).collect();
        let circuit = Product(inputs.clone());
        let proof = Groth16::<Bn254>::create_random_proof_with_reduction(circuit, &proving[k % 2], &mut rng);
        let proof = ours(&proof.expect("the witness satisfies")).to_bytes().to_vec();
        Proved { key: k % 2, inputs, proof }
    };
    let proved = (0..PROOFS).map(&mut prove).collect();
    let ark_keys = proving.map(|key| key.vk);
    let keys = ark_keys.iter().map(|key| PreparedVerifyingKey::new(&verifying_key(key)).expect("S1")).collect();
    Cases { ark_keys, keys, proved }
});

/// The keys on each backend there is.
fn variants() -> Vec<Vec<PreparedVerifyingKey>> {
    #[cfg(feature = "kernels")]
    {
        let on = |backend| CASES.keys.iter().map(|key| key.clone().on(backend)).collect();
        veilpay_kernels::Backend::all().map(on).collect()
    }
    #[cfg(not(feature = "kernels"))]
    {
        vec![CASES.keys.clone()]
    }
}

fn alone(keys: &[PreparedVerifyingKey], proved: &Proved) -> Result<(), VerifyError> {
    let key = &keys[proved.key];
    let verdict = key.verify_inputs_bytes(&proved.inputs, &proved.proof);
    let decoded = Proof::from_bytes(&proved.proof).map_err(VerifyError::Proof);
    assert_eq!(decoded.and_then(|proof| key.verify_inputs(&proved.inputs, &proof)), verdict);
    verdict
}

fn together(keys: &[PreparedVerifyingKey], proved: &[Proved]) -> Result<(), BatchError> {
    let mut batch = Batch::new();
    for one in proved {
        batch.push_inputs(&keys[one.key], &one.inputs, &one.proof);
    }
    assert_eq!(batch.len(), proved.len());
    batch.verify_with(&mut rand_core::OsRng)
}

/// The batch says of each what it is told when verified alone, on each backend.
fn agree(proved: &[Proved]) {
    for keys in variants() {
        let refusal = |(index, one): (usize, &Proved)| alone(&keys, one).err().map(|error| Refusal { index, error });
        let refusals: Vec<Refusal> = proved.iter().enumerate().filter_map(refusal).collect();
        let expected = if refusals.is_empty() { Ok(()) } else { Err(BatchError::Refused(refusals)) };
        assert_eq!(together(&keys, proved), expected);
    }
}

fn refused(proved: &[Proved]) -> Vec<Refusal> {
    agree(proved);
    match together(&CASES.keys, proved) {
        Err(BatchError::Refused(refusals)) => refusals,
        other => panic!("expected refusals, got {other:?}"),
    }
}

fn indices(refusals: &[Refusal]) -> Vec<usize> {
    refusals.iter().map(|refusal| refusal.index).collect()
}

#[test]
fn batches_of_any_number_of_honest_proofs_of_two_keys_are_accepted() {
    for n in [0, 1, 2, 7, 8, 9, 17, 18] {
        agree(&CASES.proved[..n]);
        assert_eq!(together(&CASES.keys, &CASES.proved[..n]), Ok(()));
    }
    assert!(Batch::new().is_empty());
}

#[test]
fn a_batch_of_more_proofs_than_a_thread_takes_is_accepted_and_its_culprits_are_named() {
    let mut many: Vec<Proved> = CASES.proved.iter().cycle().take(230).cloned().collect();
    agree(&many[..220]);
    many[3].inputs[0] += Fr::from(1u64);
    many[219].inputs[3] += Fr::from(1u64);
    assert_eq!(indices(&refused(&many)), [3, 219]);
}

#[test]
fn a_forged_member_is_named_at_each_position() {
    for n in [1, 2, 9, 17] {
        for position in 0..n {
            let mut proved = CASES.proved[..n].to_vec();
            proved[position].inputs[position % 4] += Fr::from(1u64);
            assert_eq!(refused(&proved), [Refusal { index: position, error: VerifyError::Equation }]);
        }
    }
}

#[test]
fn several_culprits_are_all_named_and_the_others_stand() {
    for wrong in [vec![0, 1], vec![0, 16], vec![3, 4, 5, 11], (0..17).collect(), (0..17).step_by(2).collect()] {
        let mut proved = CASES.proved[..17].to_vec();
        for k in &wrong {
            proved[*k].inputs.swap(0, 1);
            proved[*k].inputs[2] += Fr::from(5u64);
        }
        assert_eq!(indices(&refused(&proved)), wrong);
    }
}

#[test]
fn exchanged_inputs_proofs_and_keys_are_refused() {
    let mut proved = CASES.proved[..6].to_vec();
    // The same key, each the inputs of the other.
    (proved[0].inputs, proved[2].inputs) = (proved[2].inputs.clone(), proved[0].inputs.clone());
    assert_eq!(indices(&refused(&proved)), [0, 2]);
    let mut proved = CASES.proved[..6].to_vec();
    (proved[1].key, proved[4].key) = (0, 1);
    assert_eq!(indices(&refused(&proved)), [1, 4]);
}

/// C of one is moved by D and that of another by -D: the errors cancel in a product without coefficients.
#[test]
fn wrong_proofs_that_cancel_each_other_are_refused() {
    let by = |k: usize, d: G1Affine| {
        let proof = Proof::from_bytes(&CASES.proved[k].proof).expect("honest");
        let moved = Proof::new(*proof.a(), *proof.b(), (*proof.c() + d).into_affine()).expect("in the group");
        Proved { proof: moved.to_bytes().to_vec(), ..CASES.proved[k].clone() }
    };
    let d = (G1Affine::generator() * Fr::from(12_345u64)).into_affine();
    let pair = [by(0, d), by(2, -d)];
    // With equal coefficients the equations add up.
    let key = &CASES.ark_keys[0];
    let mut loops = (vec![], vec![]);
    for one in &pair {
        let proof = Proof::from_bytes(&one.proof).expect("in the groups");
        let points = key.gamma_abc_g1[1..].iter().zip(&one.inputs);
        let inputs = points.fold(key.gamma_abc_g1[0].into_group(), |sum, (point, x)| sum + *point * x).into_affine();
        loops.0.extend([*proof.a(), -key.alpha_g1, -inputs, -*proof.c()]);
        loops.1.extend([*proof.b(), key.beta_g2, key.gamma_g2, key.delta_g2]);
    }
    assert_eq!(Bn254::multi_pairing(loops.0, loops.1), Default::default());
    for n in [0, 1, 7] {
        let mut proved = pair.to_vec();
        proved.extend_from_slice(&CASES.proved[3..3 + n]);
        assert_eq!(indices(&refused(&proved)), [0, 1]);
    }
}

#[test]
fn a_proof_that_comes_twice_counts_twice() {
    let one = CASES.proved[5].clone();
    agree(&vec![one.clone(); 9]);
    let mut wrong = one.clone();
    wrong.inputs[0] += Fr::from(1u64);
    assert_eq!(indices(&refused(&[wrong.clone(), one.clone(), wrong.clone(), one, wrong])), [0, 2, 4]);
}

fn outside_subgroup() -> G2Affine {
    (1u64..)
        .filter_map(|x| G2Affine::get_point_from_x_unchecked(Fq2::new(Fq::from(x), Fq::ZERO), false))
        .find(|p| !p.is_in_correct_subgroup_assuming_on_curve())
        .expect("nearly all points of the twist")
}

/// The bytes of a proof with some replaced.
fn with(k: usize, at: usize, bytes: &[u8]) -> Proved {
    let mut one = CASES.proved[k].clone();
    one.proof[at..at + bytes.len()].copy_from_slice(bytes);
    one
}

fn le(x: impl BigInteger) -> Vec<u8> {
    x.to_bytes_le()
}

fn b_of(point: G2Affine) -> Vec<u8> {
    let mut bytes = [le(point.x.c0.into_bigint()), le(point.x.c1.into_bigint())].concat();
    let again = G2Affine::get_point_from_x_unchecked(point.x, true).expect("it has a root");
    bytes[63] |= if again == point { 0x80 } else { 0 };
    bytes
}

#[test]
fn malformed_members_are_named_with_their_rule_and_the_others_are_judged() {
    let at = |element, error| VerifyError::Proof(ProofError::Point { element, error });
    let no_root = (1u64..).map(Fq::from).find(|x| G1Affine::get_ys_from_x_unchecked(*x).is_none()).expect("half");
    let outside = b_of(outside_subgroup());
    let identity = {
        let mut bytes = [0; 64];
        bytes[63] = 0x40;
        bytes
    };
    let mut both = with(3, 32, &outside);
    both.proof[96..128].copy_from_slice(&le(Fq::MODULUS));
    let mut counted = with(4, 32, &outside);
    counted.inputs.pop();
    let cases: Vec<(Proved, VerifyError)> = vec![
        (with(0, 0, &le(Fq::MODULUS)), at(ProofElement::A, PointError::NotCanonical)),
        (with(1, 0, &le(no_root.into_bigint())), at(ProofElement::A, PointError::NotOnCurve)),
        (with(2, 32, &outside), at(ProofElement::B, PointError::NotInSubgroup)),
        (with(2, 32, &identity), at(ProofElement::B, PointError::Identity)),
        (with(3, 96, &identity[32..]), at(ProofElement::C, PointError::Identity)),
        (with(3, 96, &[0xff; 32]), at(ProofElement::C, PointError::NotCanonical)),
        (with(4, 64, &le(Fq::MODULUS)), at(ProofElement::B, PointError::NotCanonical)),
        // Where two are wrong, the one that a single verification comes to first.
        (both, at(ProofElement::B, PointError::NotInSubgroup)),
        (counted, at(ProofElement::B, PointError::NotInSubgroup)),
    ];
    let mut all = vec![];
    for (k, (one, error)) in cases.iter().enumerate() {
        let mut batch = CASES.proved[..9].to_vec();
        batch[k] = one.clone();
        assert_eq!(refused(&batch), [Refusal { index: k, error: *error }]);
        batch[(k + 4) % 9].inputs[1] += Fr::from(1u64);
        let mut expected =
            vec![Refusal { index: k, error: *error }, Refusal { index: (k + 4) % 9, error: VerifyError::Equation }];
        expected.sort_by_key(|refusal| refusal.index);
        assert_eq!(refused(&batch), expected);
        all.extend([one.clone(), CASES.proved[k].clone()]);
    }
    let errors: Vec<VerifyError> = refused(&all).iter().map(|refusal| refusal.error).collect();
    assert_eq!(errors, cases.iter().map(|case| case.1).collect::<Vec<_>>());
}

#[test]
fn other_lengths_input_counts_and_circuits_are_refused() {
    let mut short = CASES.proved[0].clone();
    short.proof.pop();
    let mut long = CASES.proved[1].clone();
    long.proof.push(0);
    let mut few = CASES.proved[2].clone();
    few.inputs.pop();
    let mut many = CASES.proved[3].clone();
    many.inputs.push(Fr::ZERO);
    let mut both = few.clone();
    both.proof.clear();
    let length = VerifyError::Proof(ProofError::Length);
    let count = |given| VerifyError::InputCount { expected: 4, given };
    let refusals = refused(&[short, long, few, many, both, CASES.proved[4].clone()]);
    let errors: Vec<VerifyError> = refusals.iter().map(|refusal| refusal.error).collect();
    assert_eq!(errors, [length, length, count(3), count(5), length]);

    let mut batch = Batch::new();
    batch.push(&CASE.prepared, &statement(), &CASE.proof.to_bytes());
    assert_eq!(batch.verify_with(&mut rand_core::OsRng), Ok(()));
    batch.push(&CASE.prepared, &other_statement(), &CASE.proof.to_bytes());
    let refusal = Refusal { index: 1, error: VerifyError::Circuit };
    assert_eq!(batch.verify_with(&mut rand_core::OsRng), Err(BatchError::Refused(vec![refusal])));
}

#[cfg(feature = "std")]
#[test]
fn the_systems_randomness_serves() {
    let mut batch = Batch::new();
    batch.push(&CASE.prepared, &statement(), &CASE.proof.to_bytes());
    assert_eq!(batch.verify(), Ok(()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Whatever is done to the members, each gets the verdict that it gets alone.
    #[test]
    fn a_batch_agrees_with_single_verification(
        n in 1usize..12,
        changes in proptest::collection::vec((0usize..12, 0usize..6, 0usize..128, any::<u8>()), 0..5),
    ) {
        let mut proved = CASES.proved[..n].to_vec();
        for (k, kind, at, by) in changes {
            let one = &mut proved[k % n];
            match kind {
                0 | 1 => one.proof[at] ^= by,
                2 => one.inputs[at % 4] += Fr::from(u64::from(by)),
                3 => one.key = usize::from(by) % 2,
                4 => one.proof[32..96].copy_from_slice(&b_of(outside_subgroup())),
                _ => one.proof = CASES.proved[at % PROOFS].proof.clone(),
            }
            one.inputs.truncate(4);
        }
        agree(&proved);
    }
}
