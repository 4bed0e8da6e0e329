use ark_bn254::{Bn254, Fq, Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::pairing::Pairing;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField};
use serde_json::Value;
use veilpay_verifier::formats::evm::{
    EvmError, PROOF_BYTES, calldata, g1_from_bytes, g1_to_bytes, g2_from_bytes, g2_to_bytes, keccak256,
    proof_from_bytes, proof_to_bytes, read_calldata, selector,
};
use veilpay_verifier::point::PointError;
use veilpay_verifier::proof::ProofElement;
use veilpay_verifier::{Proof, ProofError};

use super::survives_damage;
use crate::proofs::outside_subgroup;
use crate::support::CASE;

/// The published vectors of a precompile: input and output, which is shorter than it is for none.
fn vectors(text: &str) -> Vec<(String, Vec<u8>, Vec<u8>)> {
    let list: Vec<Value> = serde_json::from_str(text).unwrap();
    let bytes = |case: &Value, key: &str| hex::decode(case[key].as_str().unwrap()).unwrap();
    let read = |case: &Value| (case["Name"].to_string(), bytes(case, "Input"), bytes(case, "Expected"));
    list.iter().map(read).collect()
}

/// A point of G1 from our decoding; the EVM takes the identity too, which the decoding names.
fn g1(bytes: &[u8]) -> G1Projective {
    match g1_from_bytes(bytes.try_into().unwrap()) {
        Ok(point) => point.into_group(),
        Err(PointError::Identity) => G1Projective::ZERO,
        Err(error) => panic!("{error}"),
    }
}

fn g1_bytes(point: G1Projective) -> Vec<u8> {
    let point = point.into_affine();
    if point.is_zero() { vec![0; 64] } else { g1_to_bytes(&point).to_vec() }
}

fn padded(mut input: Vec<u8>, length: usize) -> Vec<u8> {
    input.resize(length.max(input.len()), 0);
    input
}

#[test]
fn eip_196_sums_and_products_are_the_published_ones() {
    let sums = vectors(include_str!("../../../../vectors/eip196_197_bn256Add.json"));
    assert_eq!(sums.len(), 16);
    for (name, input, expected) in sums {
        let input = padded(input, 128);
        assert_eq!(g1_bytes(g1(&input[..64]) + g1(&input[64..128])), expected, "{name}");
    }
    let products = vectors(include_str!("../../../../vectors/eip196_197_bn256ScalarMul.json"));
    assert_eq!(products.len(), 19);
    for (name, input, expected) in products {
        // A precompile's factor is any number of 256 bits.
        let factor = Fr::from_be_bytes_mod_order(&input[64..96]);
        assert_eq!(g1_bytes(g1(&input[..64]) * factor), expected, "{name}");
    }
}

#[test]
fn eip_197_pairings_are_the_published_ones() {
    let pairings = vectors(include_str!("../../../../vectors/eip196_197_bn256Pairing.json"));
    assert_eq!(pairings.len(), 14);
    let mut read = 0;
    for (name, input, expected) in pairings {
        let (mut left, mut right): (Vec<G1Affine>, Vec<G2Affine>) = Default::default();
        for pair in input.chunks_exact(192) {
            left.push(g1(&pair[..64]).into_affine());
            let bytes = pair[64..].try_into().unwrap();
            right.push(match g2_from_bytes(bytes) {
                Ok(point) => {
                    assert_eq!(g2_to_bytes(&point), *bytes, "{name}");
                    read += 1;
                    point
                }
                Err(PointError::Identity) => G2Affine::identity(),
                Err(error) => panic!("{name}: {error}"),
            });
        }
        let one = Bn254::multi_pairing(left, right).0 == ark_bn254::Fq12::ONE;
        assert_eq!([vec![0; 31], vec![u8::from(one)]].concat(), expected, "{name}");
    }
    assert!(read > 20);
}

#[test]
fn keccak_and_selectors_are_those_of_the_evm() {
    // The digest of nothing, which Ethereum uses for accounts without code.
    assert_eq!(hex::encode(keccak256(b"")), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    assert_eq!(hex::encode(&keccak256(b"transfer(address,uint256)")[..4]), "a9059cbb");
    // What verifiers of snarkjs with one and with two inputs have.
    assert_eq!(hex::encode(selector(1)), "43753b4d");
    assert_eq!(hex::encode(selector(2)), "f5c9d69e");
}

#[test]
fn what_is_written_is_read() {
    assert_eq!(proof_from_bytes(&proof_to_bytes(&CASE.proof)), Ok(CASE.proof));
    let call = calldata(&CASE.proof, &CASE.inputs);
    assert_eq!(call.len(), 4 + 256 + 4 * 32);
    assert_eq!(read_calldata(&call, 4), Ok((CASE.proof, CASE.inputs.clone())));
    let bytes = proof_to_bytes(&CASE.proof);
    let word = |x: Fq| x.into_bigint().to_bytes_be();
    let b = CASE.proof.b();
    assert_eq!(bytes[64..192], [b.x.c1, b.x.c0, b.y.c1, b.y.c0].map(word).concat(), "the imaginary part first");
    assert_eq!(read_calldata(&calldata(&CASE.proof, &[]), 0), Ok((CASE.proof, vec![])));
}

fn refused(at: usize, bytes: &[u8]) -> (ProofElement, PointError) {
    let mut proof = proof_to_bytes(&CASE.proof);
    proof[at..at + bytes.len()].copy_from_slice(bytes);
    match proof_from_bytes(&proof) {
        Err(EvmError::Proof(ProofError::Point { element, error })) => (element, error),
        other => panic!("{other:?}"),
    }
}

#[test]
fn wrong_points_are_refused_by_their_rule() {
    let q = Fq::MODULUS.to_bytes_be();
    let alias = |x: Fq| {
        let mut number = x.into_bigint();
        assert!(!number.add_with_carry(&Fq::MODULUS), "x + q has 256 bits");
        number.to_bytes_be()
    };
    for (at, element) in [(0, ProofElement::A), (32, ProofElement::A), (64, ProofElement::B), (96, ProofElement::B)] {
        assert_eq!(refused(at, &q), (element, PointError::NotCanonical));
        assert_eq!(refused(at, &[0xff; 32]), (element, PointError::NotCanonical));
    }
    assert_eq!(refused(192, &alias(CASE.proof.c().x)), (ProofElement::C, PointError::NotCanonical));
    assert_eq!(refused(128, &alias(CASE.proof.b().y.c1)), (ProofElement::B, PointError::NotCanonical));
    assert_eq!(refused(32, &[0; 32]), (ProofElement::A, PointError::NotOnCurve));
    assert_eq!(refused(160, &[0; 32]), (ProofElement::B, PointError::NotOnCurve));
    assert_eq!(refused(0, &[0; 64]), (ProofElement::A, PointError::Identity));
    assert_eq!(refused(64, &[0; 128]), (ProofElement::B, PointError::Identity));
    assert_eq!(refused(192, &[0; 64]), (ProofElement::C, PointError::Identity));
    let outside = g2_to_bytes(&outside_subgroup());
    assert_eq!(refused(64, &outside), (ProofElement::B, PointError::NotInSubgroup));
    // The real part first, as snarkjs's JSON has it, is another point, and none of the curve.
    let b = proof_to_bytes(&CASE.proof)[64..192].to_vec();
    let swapped = [&b[32..64], &b[..32], &b[96..], &b[64..96]].concat();
    assert_eq!(refused(64, &swapped), (ProofElement::B, PointError::NotOnCurve));
}

#[test]
fn calldata_has_one_length_one_selector_and_inputs_below_r() {
    let call = calldata(&CASE.proof, &CASE.inputs);
    let length = |found| Err(EvmError::Length { expected: 4 + 256 + 128, found });
    for cut in [0, 3, 4, 100, 260, 387] {
        assert_eq!(read_calldata(&call[..cut], 4), length(cut));
    }
    assert_eq!(read_calldata(&[&call[..], &[0]].concat(), 4), length(389));
    assert_eq!(read_calldata(&call, usize::MAX), Err(EvmError::Length { expected: usize::MAX, found: 388 }));
    let mut other = call.clone();
    other[..4].copy_from_slice(&selector(5));
    assert_eq!(read_calldata(&other, 4), Err(EvmError::Selector));
    for (index, x) in CASE.inputs.iter().enumerate() {
        let mut alias = x.into_bigint();
        assert!(!alias.add_with_carry(&Fr::MODULUS), "x + r has 256 bits");
        for wrong in [alias.to_bytes_be(), Fr::MODULUS.to_bytes_be(), vec![0xff; 32]] {
            let mut other = call.clone();
            other[260 + 32 * index..][..32].copy_from_slice(&wrong);
            assert_eq!(read_calldata(&other, 4), Err(EvmError::Input { index }));
        }
    }
    let length = |found| Err::<Proof, _>(EvmError::Length { expected: PROOF_BYTES, found });
    assert_eq!(proof_from_bytes(&call[4..259]), length(255));
    assert_eq!(proof_from_bytes(&call[4..]), length(384));
}

#[test]
fn random_damage_never_panics() {
    survives_damage(&calldata(&CASE.proof, &CASE.inputs), |bytes| drop(read_calldata(bytes, 4)));
    survives_damage(&proof_to_bytes(&CASE.proof), |bytes| _ = proof_from_bytes(bytes));
}
