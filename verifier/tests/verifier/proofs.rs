//! Proofs: what is decoded, what is accepted.

use ark_bn254::{Bn254, Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, BigInteger, PrimeField, UniformRand};
use ark_groth16::{Groth16, prepare_verifying_key};
use ark_serialize::CanonicalSerialize;
use veilpay_protocol::circuit::CircuitId;
use veilpay_verifier::point::PointError;
use veilpay_verifier::proof::ProofElement;
use veilpay_verifier::{Proof, ProofError, Verifier, VerifyError};

use crate::support::{CASE, other_statement, ours, rng, statement};

const A: usize = 0;
const B: usize = 32;
const C: usize = 96;
const NEGATIVE: u8 = 0x80;
const INFINITY: u8 = 0x40;

fn refused(bytes: &[u8]) -> (ProofElement, PointError) {
    match Proof::from_bytes(bytes) {
        Err(ProofError::Point { element, error }) => (element, error),
        other => panic!("expected a refused point, got {other:?}"),
    }
}

/// The honest proof with some bytes replaced.
fn with(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut out = CASE.proof.to_bytes().to_vec();
    out[at..at + bytes.len()].copy_from_slice(bytes);
    out
}

fn le(x: impl BigInteger) -> [u8; 32] {
    x.to_bytes_le().try_into().expect("32 bytes")
}

/// A coordinate with no point above it.
fn x_off_curve() -> Fq {
    (1u64..).map(Fq::from).find(|x| G1Affine::get_ys_from_x_unchecked(*x).is_none()).expect("half of all x")
}

/// A point of the twist outside the subgroup of order r.
pub(crate) fn outside_subgroup() -> G2Affine {
    (1u64..)
        .filter_map(|x| G2Affine::get_point_from_x_unchecked(Fq2::new(Fq::from(x), Fq::ZERO), false))
        .find(|p| !p.is_in_correct_subgroup_assuming_on_curve())
        .expect("nearly all points of the twist")
}

#[test]
fn an_honest_proof_is_accepted_and_has_the_bytes_of_ark_serialize() {
    let mut ark = Vec::new();
    CASE.ark_proof.serialize_compressed(&mut ark).expect("memory");
    assert_eq!(CASE.proof.to_bytes().to_vec(), ark);
    assert_eq!(Proof::from_bytes(&ark), Ok(CASE.proof));
    assert_eq!(CASE.prepared.verify(&statement(), &CASE.proof), Ok(()));
    assert_eq!(CASE.prepared.verify_bytes(&statement(), &ark), Ok(()));
}

#[test]
fn any_number_of_inputs_but_the_right_one_is_refused() {
    let n = CASE.inputs.len();
    let mut longer = CASE.inputs.clone();
    longer.extend([Fr::ZERO, Fr::from(999u64)]);
    for given in (0..=n + 2).filter(|given| *given != n) {
        let result = CASE.prepared.verify_inputs(&longer[..given], &CASE.proof);
        assert_eq!(result, Err(VerifyError::InputCount { expected: n, given }));
    }
    // What arkworks says to the same: the extra inputs are ignored.
    let ark = prepare_verifying_key(&CASE.ark_key);
    assert_eq!(Groth16::<Bn254>::verify_proof(&ark, &CASE.ark_proof, &longer), Ok(true));
}

#[test]
fn each_public_input_binds() {
    for i in 0..CASE.inputs.len() {
        for change in [Fr::from(1u64), -Fr::from(1u64), -CASE.inputs[i]] {
            let mut inputs = CASE.inputs.clone();
            inputs[i] += change;
            assert_eq!(CASE.prepared.verify_inputs(&inputs, &CASE.proof), Err(VerifyError::Equation), "input {i}");
        }
    }
    for (i, j) in [(0, 1), (1, 2), (2, 3), (0, 3)] {
        let mut inputs = CASE.inputs.clone();
        inputs.swap(i, j);
        assert_eq!(CASE.prepared.verify_inputs(&inputs, &CASE.proof), Err(VerifyError::Equation), "{i} and {j}");
    }
}

#[test]
fn each_bit_of_a_proof_binds() {
    let honest = CASE.proof.to_bytes();
    for i in 0..Proof::BYTES {
        for bit in [0, 3, 6, 7] {
            let mut bytes = honest;
            bytes[i] ^= 1 << bit;
            let result = CASE.prepared.verify_bytes(&statement(), &bytes);
            assert!(matches!(result, Err(VerifyError::Proof(_) | VerifyError::Equation)), "byte {i}, bit {bit}");
            if let Ok(proof) = Proof::from_bytes(&bytes) {
                assert_eq!(proof.to_bytes(), bytes);
            }
        }
    }
}

#[test]
fn a_proof_of_another_length_is_refused() {
    let mut bytes = CASE.proof.to_bytes().to_vec();
    for length in 0..bytes.len() {
        assert_eq!(Proof::from_bytes(&bytes[..length]), Err(ProofError::Length));
    }
    bytes.push(0);
    assert_eq!(Proof::from_bytes(&bytes), Err(ProofError::Length));
    bytes.resize(256, 0);
    assert_eq!(Proof::from_bytes(&bytes), Err(ProofError::Length));
}

#[test]
fn a_coordinate_of_q_or_more_is_refused() {
    let q = le(Fq::MODULUS);
    let mut q_plus_1 = Fq::MODULUS;
    q_plus_1.add_with_carry(&1u64.into());
    for x in [q, le(q_plus_1), [0x3f; 32], {
        let mut all = [0xff; 32];
        all[31] = 0x3f;
        all
    }] {
        for (at, element) in
            [(A, ProofElement::A), (B, ProofElement::B), (B + 32, ProofElement::B), (C, ProofElement::C)]
        {
            assert_eq!(refused(&with(at, &x)), (element, PointError::NotCanonical));
        }
    }
}

#[test]
fn flags_that_contradict_each_other_are_refused() {
    let honest = CASE.proof.to_bytes();
    for (last, element) in [(31, ProofElement::A), (95, ProofElement::B), (127, ProofElement::C)] {
        assert_eq!(refused(&with(last, &[honest[last] | NEGATIVE | INFINITY])), (element, PointError::NotCanonical));
        let infinity_with_x = (honest[last] & 0x3f) | INFINITY;
        assert_eq!(refused(&with(last, &[infinity_with_x])), (element, PointError::NotCanonical));
    }
    // The first coefficient of B has no flags.
    for flag in [NEGATIVE, INFINITY] {
        assert_eq!(refused(&with(63, &[honest[63] | flag])), (ProofElement::B, PointError::NotCanonical));
    }
}

#[test]
fn the_identity_is_refused_in_each_place() {
    let mut g1 = [0; 32];
    g1[31] = INFINITY;
    let mut g2 = [0; 64];
    g2[63] = INFINITY;
    assert_eq!(refused(&with(A, &g1)), (ProofElement::A, PointError::Identity));
    assert_eq!(refused(&with(B, &g2)), (ProofElement::B, PointError::Identity));
    assert_eq!(refused(&with(C, &g1)), (ProofElement::C, PointError::Identity));
    let (a, b, c) = (*CASE.proof.a(), *CASE.proof.b(), *CASE.proof.c());
    let identity = |element| Err(ProofError::Point { element, error: PointError::Identity });
    assert_eq!(Proof::new(G1Affine::zero(), b, c), identity(ProofElement::A));
    assert_eq!(Proof::new(a, G2Affine::zero(), c), identity(ProofElement::B));
    assert_eq!(Proof::new(a, b, G1Affine::zero()), identity(ProofElement::C));
}

#[test]
fn a_point_off_its_curve_is_refused() {
    let x = le(x_off_curve().into_bigint());
    assert_eq!(refused(&with(A, &x)), (ProofElement::A, PointError::NotOnCurve));
    assert_eq!(refused(&with(C, &x)), (ProofElement::C, PointError::NotOnCurve));
    let off_twist = (1u64..)
        .map(|x| Fq2::new(Fq::from(x), Fq::from(5u64)))
        .find(|x| G2Affine::get_ys_from_x_unchecked(*x).is_none())
        .expect("half of all x");
    let bytes = [le(off_twist.c0.into_bigint()), le(off_twist.c1.into_bigint())].concat();
    assert_eq!(refused(&with(B, &bytes)), (ProofElement::B, PointError::NotOnCurve));
    let (a, b, c) = (*CASE.proof.a(), *CASE.proof.b(), *CASE.proof.c());
    let moved = |p: G1Affine| G1Affine::new_unchecked(p.x, p.y + Fq::from(1u64));
    let swapped = |p: G1Affine| G1Affine::new_unchecked(p.y, p.x);
    let off = |element| Err(ProofError::Point { element, error: PointError::NotOnCurve });
    assert_eq!(Proof::new(moved(a), b, c), off(ProofElement::A));
    assert_eq!(Proof::new(swapped(a), b, c), off(ProofElement::A));
    assert_eq!(Proof::new(a, G2Affine::new_unchecked(b.y, b.x), c), off(ProofElement::B));
    assert_eq!(Proof::new(a, b, moved(c)), off(ProofElement::C));
}

#[test]
fn a_point_of_the_twist_outside_the_subgroup_is_refused() {
    let stranger = outside_subgroup();
    let mut bytes = [0; 64];
    stranger.serialize_compressed(&mut bytes[..]).expect("64 bytes");
    assert_eq!(refused(&with(B, &bytes)), (ProofElement::B, PointError::NotInSubgroup));
    let outside = Err(ProofError::Point { element: ProofElement::B, error: PointError::NotInSubgroup });
    assert_eq!(Proof::new(*CASE.proof.a(), stranger, *CASE.proof.c()), outside);
}

#[test]
fn swapped_coefficients_and_negated_points_are_refused() {
    let b = CASE.proof.b();
    let swapped = [le(b.x.c1.into_bigint()), le(b.x.c0.into_bigint())].concat();
    assert!(CASE.prepared.verify_bytes(&statement(), &with(B, &swapped)).is_err());
    let (a, b, c) = (*CASE.proof.a(), *CASE.proof.b(), *CASE.proof.c());
    for (a, b, c) in [(-a, b, c), (a, -b, c), (a, b, -c), (c, b, a), (-a, b, -c), (a, -b, -c)] {
        let proof = Proof::new(a, b, c).expect("points of the groups");
        assert_eq!(CASE.prepared.verify(&statement(), &proof), Err(VerifyError::Equation));
    }
    // A known malleability, not a forgery: both signs of A and B.
    let both = Proof::new(-a, -b, c).expect("points of the groups");
    assert_eq!(CASE.prepared.verify(&statement(), &both), Ok(()));
}

#[test]
fn a_rerandomised_proof_is_accepted_with_other_bytes() {
    let again = ours(&Groth16::<Bn254>::rerandomize_proof(&CASE.ark_key, &CASE.ark_proof, &mut rng(5)));
    assert_ne!(again.to_bytes(), CASE.proof.to_bytes());
    assert_eq!(CASE.prepared.verify(&statement(), &again), Ok(()));
}

#[test]
fn random_points_prove_nothing() {
    let mut rng = rng(6);
    for _ in 0..8 {
        let proof = Proof::new(G1Affine::rand(&mut rng), G2Affine::rand(&mut rng), G1Affine::rand(&mut rng))
            .expect("points of the groups");
        assert_eq!(CASE.prepared.verify(&statement(), &proof), Err(VerifyError::Equation));
    }
}

#[test]
fn arkworks_and_this_verifier_agree_on_inputs_of_the_right_number() {
    let ark = prepare_verifying_key(&CASE.ark_key);
    let mut rng = rng(7);
    for round in 0..8 {
        let mut inputs = CASE.inputs.clone();
        if round % 2 == 1 {
            inputs[round / 2] = Fr::rand(&mut rng);
        }
        let theirs = Groth16::<Bn254>::verify_proof(&ark, &CASE.ark_proof, &inputs).expect("no error is known");
        assert_eq!(CASE.prepared.verify_inputs(&inputs, &CASE.proof).is_ok(), theirs);
    }
}

#[test]
fn a_statement_is_verified_under_the_key_of_its_circuit_only() {
    let other = other_statement();
    assert_eq!(CASE.prepared.verify(&other, &CASE.proof), Err(VerifyError::Circuit));
    let verifier = Verifier::new([CASE.prepared.clone()]).expect("one key");
    assert_eq!(verifier.verify(&statement(), &CASE.proof), Ok(()));
    assert_eq!(verifier.verify_bytes(&statement(), &CASE.proof.to_bytes()), Ok(()));
    assert_eq!(verifier.verify(&other, &CASE.proof), Err(VerifyError::NoKey));
    assert_eq!(verifier.keys().count(), 1);
    assert!(verifier.key(CircuitId::Identity).is_none());
}
