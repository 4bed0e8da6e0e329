//! Verifying keys: each refusal of S1, and what a key that it refuses would have let through.

use ark_bn254::{Bn254, Fq, Fq2, Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_ff::AdditiveGroup;
use ark_groth16::{Groth16, prepare_verifying_key};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::hash::Transcript;
use veilpay_protocol::tags::Personal;
use veilpay_verifier::key::KeyElement;
use veilpay_verifier::point::PointError;
use veilpay_verifier::{KeyError, KeyInfo, KeyPoints, PreparedVerifyingKey, Setup, Verifier, VerifyingKey};

use crate::support::{ArkKey, ArkProof, CASE, INFO, Trapdoor, points, statement, verifying_key};

fn vk_x(key: &ArkKey, inputs: &[Fr]) -> G1Affine {
    let sum = G1Projective::msm_unchecked(&key.gamma_abc_g1[1..], inputs);
    (sum + key.gamma_abc_g1[0]).into_affine()
}

fn prepare(points: KeyPoints) -> Result<(), KeyError> {
    PreparedVerifyingKey::new(&VerifyingKey::new(INFO, points)).map(drop)
}

/// A statement that nobody has a witness for passes arkworks under this key; our check refuses the key.
fn forged(key: &ArkKey, forgery: impl Fn(G1Affine) -> ArkProof, error: KeyError) {
    let inputs: Vec<Fr> = [666u64, 1, 2, 3].map(Fr::from).to_vec();
    let proof = forgery(vk_x(key, &inputs));
    assert_eq!(Groth16::<Bn254>::verify_proof(&prepare_verifying_key(key), &proof, &inputs), Ok(true));
    assert_eq!(prepare(points(key)), Err(error));
}

#[test]
fn s1_delta_equal_to_gamma_is_refused_though_arkworks_accepts_a_forgery() {
    let trapdoor = Trapdoor::random(10);
    let key = Trapdoor { delta: trapdoor.gamma, ..trapdoor }.key();
    forged(&key, |x| ArkProof { a: key.alpha_g1, b: key.beta_g2, c: -x }, KeyError::DeltaIsGamma);
    let key = Trapdoor { delta: -trapdoor.gamma, ..trapdoor }.key();
    forged(&key, |x| ArkProof { a: key.alpha_g1, b: key.beta_g2, c: x }, KeyError::DeltaIsGamma);
}

#[test]
fn s1_the_key_of_the_drained_pools_is_refused() {
    // gamma and delta are both the generator: the second phase did not take place.
    let one = Fr::from(1u64);
    let key = Trapdoor { gamma: one, delta: one, ..Trapdoor::random(11) }.key();
    forged(&key, |x| ArkProof { a: key.alpha_g1, b: key.beta_g2, c: -x }, KeyError::DeltaIsGamma);
}

#[test]
fn s1_beta_equal_to_delta_is_refused_though_arkworks_accepts_a_forgery() {
    let trapdoor = Trapdoor::random(12);
    let key = Trapdoor { beta: trapdoor.delta, ..trapdoor }.key();
    forged(&key, |x| ArkProof { a: x, b: key.gamma_g2, c: -key.alpha_g1 }, KeyError::BetaIsDelta);
    let key = Trapdoor { beta: -trapdoor.delta, ..trapdoor }.key();
    forged(&key, |x| ArkProof { a: x, b: key.gamma_g2, c: key.alpha_g1 }, KeyError::BetaIsDelta);
}

#[test]
fn s1_beta_equal_to_gamma_is_refused_though_arkworks_accepts_a_forgery() {
    let trapdoor = Trapdoor::random(13);
    let key = Trapdoor { beta: trapdoor.gamma, ..trapdoor }.key();
    // Re-randomised by 1, so that C is not the identity: A, gamma + delta, A.
    let forgery = |sign: i64| {
        let key = key.clone();
        move |x: G1Affine| {
            let a = if sign > 0 { key.alpha_g1 + x } else { x - key.alpha_g1 }.into_affine();
            ArkProof { a, b: (key.gamma_g2 + key.delta_g2).into_affine(), c: a }
        }
    };
    forged(&key, forgery(1), KeyError::BetaIsGamma);
    let negative = Trapdoor { beta: -trapdoor.gamma, ..trapdoor }.key();
    assert_eq!((negative.gamma_g2, negative.delta_g2), (key.gamma_g2, key.delta_g2));
    forged(&negative, forgery(-1), KeyError::BetaIsGamma);
}

#[test]
fn s1_a_ceremonys_key_with_a_chosen_gamma_is_refused_though_arkworks_accepts_a_forgery() {
    let trapdoor = Trapdoor::random(15);
    let two = Fr::from(2u64);
    let key = Trapdoor { gamma: two * trapdoor.delta, ..trapdoor }.key();
    let inputs: Vec<Fr> = [666u64, 1, 2, 3].map(Fr::from).to_vec();
    let c = (-(vk_x(&key, &inputs) * two)).into_affine();
    let proof = ArkProof { a: key.alpha_g1, b: key.beta_g2, c };
    assert_eq!(Groth16::<Bn254>::verify_proof(&prepare_verifying_key(&key), &proof, &inputs), Ok(true));
    let ceremonys = |key: &ArkKey| {
        let info = KeyInfo { setup: Setup::Ceremony, ..INFO };
        PreparedVerifyingKey::new(&VerifyingKey::new(info, points(key))).map(drop)
    };
    assert_eq!(ceremonys(&key), Err(KeyError::GammaIsChosen));
    assert_eq!(ceremonys(&Trapdoor { gamma: Fr::from(1u64), ..trapdoor }.key()), Ok(()));
    // Who made a dev key knows delta as a multiple of the generator too.
    assert_eq!(prepare(points(&key)), Ok(()));
}

#[test]
fn s1_a_generator_in_the_place_of_a_secret_is_refused() {
    for one in [Fr::from(1u64), -Fr::from(1u64)] {
        let trapdoor = Trapdoor::random(14);
        let refused = |trapdoor: Trapdoor| prepare(points(&trapdoor.key()));
        assert_eq!(refused(Trapdoor { delta: one, ..trapdoor }), Err(KeyError::DeltaIsGenerator));
        assert_eq!(refused(Trapdoor { beta: one, ..trapdoor }), Err(KeyError::BetaIsGenerator));
        assert_eq!(refused(Trapdoor { alpha: one, ..trapdoor }), Err(KeyError::AlphaIsGenerator));
        assert_eq!(refused(Trapdoor { gamma: one, ..trapdoor }), Ok(()));
        assert_eq!(refused(trapdoor), Ok(()));
    }
}

/// Sets one point of G1 in a key.
type SetG1 = fn(&mut KeyPoints, G1Affine);
/// Sets one point of G2 in a key.
type SetG2 = fn(&mut KeyPoints, G2Affine);

const G1_PLACES: [(KeyElement, SetG1); 3] = [
    (KeyElement::Alpha, |key, p| key.alpha = p),
    (KeyElement::Ic(0), |key, p| key.ic[0] = p),
    (KeyElement::Ic(4), |key, p| key.ic[4] = p),
];
const G2_PLACES: [(KeyElement, SetG2); 3] = [
    (KeyElement::Beta, |key, p| key.beta = p),
    (KeyElement::Gamma, |key, p| key.gamma = p),
    (KeyElement::Delta, |key, p| key.delta = p),
];

#[test]
fn s1_identities_and_strangers_are_refused_in_each_place() {
    let off_curve = G1Affine::new_unchecked(Fq::from(1u64), Fq::from(1u64));
    for (element, set) in G1_PLACES {
        for (p, error) in [(G1Affine::zero(), PointError::Identity), (off_curve, PointError::NotOnCurve)] {
            let mut key = points(&CASE.ark_key);
            set(&mut key, p);
            assert_eq!(prepare(key), Err(KeyError::Point { element, error }));
        }
    }
    let off_curve = G2Affine::new_unchecked(Fq2::new(Fq::from(1u64), Fq::ZERO), Fq2::ZERO);
    let stranger = (1u64..)
        .filter_map(|x| G2Affine::get_point_from_x_unchecked(Fq2::new(Fq::from(x), Fq::ZERO), false))
        .find(|p| !p.is_in_correct_subgroup_assuming_on_curve())
        .expect("nearly all points of the twist");
    for (element, set) in G2_PLACES {
        for (p, error) in [
            (G2Affine::zero(), PointError::Identity),
            (off_curve, PointError::NotOnCurve),
            (stranger, PointError::NotInSubgroup),
        ] {
            let mut key = points(&CASE.ark_key);
            set(&mut key, p);
            assert_eq!(prepare(key), Err(KeyError::Point { element, error }));
        }
    }
}

#[test]
fn s1_an_ic_of_another_length_or_with_repetitions_is_refused() {
    for length in (0..=CASE.inputs.len() + 3).filter(|length| *length != CASE.inputs.len() + 1) {
        let mut key = points(&CASE.ark_key);
        key.ic.resize(length, (G1Affine::generator() * Fr::from(77u64)).into_affine());
        assert_eq!(prepare(key), Err(KeyError::IcLength));
    }
    for (from, to) in [(0, 1), (0, 4), (2, 3), (1, 4)] {
        for negate in [false, true] {
            let mut key = points(&CASE.ark_key);
            key.ic[to] = if negate { -key.ic[from] } else { key.ic[from] };
            assert_eq!(prepare(key), Err(KeyError::IcDuplicate { index: to }));
        }
    }
}

#[test]
fn s1_a_key_for_another_circuit_or_version_is_refused() {
    let key = |info| PreparedVerifyingKey::new(&VerifyingKey::new(info, points(&CASE.ark_key))).map(drop);
    assert_eq!(key(KeyInfo { version: 2, ..INFO }), Err(KeyError::Version));
    assert_eq!(key(KeyInfo { circuit: CircuitId::Identity, ..INFO }), Err(KeyError::IcLength));
    assert_eq!(Verifier::new([CASE.prepared.clone(), CASE.prepared.clone()]).map(drop), Err(KeyError::TwoKeys));
}

#[test]
fn a_key_encodes_canonically_and_every_cut_or_flip_is_refused() {
    let bytes = CASE.key.to_bytes();
    assert_eq!(bytes.len(), VerifyingKey::encoded_len(CircuitId::Enrol));
    assert_eq!(VerifyingKey::from_bytes(&bytes), Ok(CASE.key.clone()));
    for length in 0..bytes.len() {
        assert!(VerifyingKey::from_bytes(&bytes[..length]).is_err(), "{length} bytes");
    }
    for i in 0..bytes.len() {
        for bit in [0, 6, 7] {
            let mut flipped = bytes.clone();
            flipped[i] ^= 1 << bit;
            assert!(VerifyingKey::from_bytes(&flipped).is_err(), "byte {i}, bit {bit}");
        }
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(VerifyingKey::from_bytes(&longer), Err(KeyError::Length));
}

/// Replaces bytes and makes the digest right again.
fn rewritten(at: usize, with: &[u8]) -> Vec<u8> {
    let mut bytes = CASE.key.to_bytes();
    bytes[at..at + with.len()].copy_from_slice(with);
    let body = bytes.len() - 32;
    let digest = Transcript::new(Personal::KEY_DIGEST).fixed(&bytes[10..body]).digest32();
    bytes[body..].copy_from_slice(&digest);
    bytes
}

#[test]
fn a_key_with_a_right_digest_is_still_checked_field_by_field() {
    let refused = |at, with: &[u8]| VerifyingKey::from_bytes(&rewritten(at, with)).map(drop);
    assert_eq!(refused(0, b"V"), Err(KeyError::Format));
    assert_eq!(refused(8, &[2]), Err(KeyError::Format));
    assert_eq!(refused(10, &[0]), Err(KeyError::UnknownCircuit));
    assert_eq!(refused(11, &[2]), Err(KeyError::Version));
    assert_eq!(refused(13, &[2]), Err(KeyError::UnknownSetup));
    for count in [0, 4, 6, u32::MAX] {
        assert_eq!(refused(78, &count.to_le_bytes()), Err(KeyError::IcLength));
    }
    let bytes = CASE.key.to_bytes();
    let (gamma, delta, ic) = (82 + 32 + 64, 82 + 32 + 128, 82 + 32 + 192);
    assert_eq!(refused(delta, &bytes[gamma..gamma + 64]), Err(KeyError::DeltaIsGamma));
    assert_eq!(refused(ic + 32, &bytes[ic..ic + 32]), Err(KeyError::IcDuplicate { index: 1 }));
    let not_canonical = KeyError::Point { element: KeyElement::Ic(2), error: PointError::NotCanonical };
    assert_eq!(refused(ic + 64, &[0x3f; 32]), Err(not_canonical));
}

#[test]
fn the_digest_covers_circuit_version_setup_matrices_and_points() {
    let digest = |info| VerifyingKey::new(info, points(&CASE.ark_key)).digest();
    let mut seen = vec![
        CASE.key.digest(),
        digest(KeyInfo { version: 2, ..INFO }),
        digest(KeyInfo { setup: Setup::Ceremony, ..INFO }),
        digest(KeyInfo { circuit: CircuitId::Identity, ..INFO }),
        digest(KeyInfo { matrix_digest: [8; 64], ..INFO }),
        verifying_key(&Trapdoor::random(15).key()).digest(),
    ];
    assert_eq!(CASE.prepared.digest(), &seen[0]);
    assert_eq!(CASE.prepared.verify(&statement(), &CASE.proof), Ok(()));
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 6);
}
