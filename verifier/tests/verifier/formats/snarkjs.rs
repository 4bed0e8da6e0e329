use ark_bn254::{Fq2, Fr, G2Affine};
use ark_ff::{AdditiveGroup, Field};
use veilpay_verifier::formats::snarkjs::{
    JsonError, MAX_INPUTS, MAX_KEY_BYTES, MAX_PROOF_BYTES, MAX_PUBLIC_BYTES, NumberError, read_key, read_proof,
    read_public, write_key, write_proof, write_public,
};
use veilpay_verifier::key::KeyElement;
use veilpay_verifier::point::PointError;
use veilpay_verifier::proof::ProofElement;
use veilpay_verifier::{KeyError, KeyPoints, PreparedPoints, Proof, ProofError, VerifyError};

use super::survives_damage;
use crate::proofs::outside_subgroup;
use crate::support::{CASE, Trapdoor, points};

const R: &str = "21888242871839275222246405745257275088548364400416034343698204186575808495617";
const Q: &str = "21888242871839275222246405745257275088696311157297823662689037894645226208583";
const TWO_256: &str = "115792089237316195423570985008687907853269984665640564039457584007913129639936";

/// The text with its first `from` replaced.
fn changed(text: &str, from: &str, to: &str) -> Vec<u8> {
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1).into_bytes()
}

fn proof_with(from: &str, to: &str) -> Result<Proof, JsonError> {
    read_proof(&changed(&write_proof(&CASE.proof), from, to))
}

fn key_text() -> String {
    write_key(CASE.key.points())
}

fn key_with(from: &str, to: &str) -> Result<KeyPoints, JsonError> {
    read_key(&changed(&key_text(), from, to))
}

#[test]
fn what_is_written_is_read_and_verifies() {
    let proof = read_proof(write_proof(&CASE.proof).as_bytes()).unwrap();
    let inputs = read_public(write_public(&CASE.inputs).as_bytes()).unwrap();
    let key = read_key(key_text().as_bytes()).unwrap();
    assert_eq!((proof, &inputs, &key), (CASE.proof, &CASE.inputs, CASE.key.points()));
    let prepared = PreparedPoints::new(&key).unwrap();
    assert_eq!(prepared.num_inputs(), inputs.len());
    assert_eq!(prepared.verify(&inputs, &proof), Ok(()));
    let mut other = inputs.clone();
    other[1] += Fr::ONE;
    assert_eq!(prepared.verify(&other, &proof), Err(VerifyError::Equation));
    let more = [&inputs[..], &[Fr::ZERO]].concat();
    assert_eq!(prepared.verify(&more, &proof), Err(VerifyError::InputCount { expected: 4, given: 5 }));

    for inputs in [vec![], vec![Fr::ZERO], vec![Fr::ONE, -Fr::ONE, Fr::from(10)]] {
        assert_eq!(read_public(write_public(&inputs).as_bytes()), Ok(inputs));
    }
    assert_eq!(write_public(&[]), "[]");
    assert_eq!(write_public(&[Fr::ZERO, Fr::from(34)]), "[\n \"0\",\n \"34\"\n]");
}

#[test]
fn a_number_has_one_text() {
    use NumberError::{LeadingZero, NotBelowPrime, NotDecimal};
    let nines = "9".repeat(10_000);
    let wrong = [
        ("", NotDecimal),
        ("+1", NotDecimal),
        ("-1", NotDecimal),
        (" 1", NotDecimal),
        ("1 ", NotDecimal),
        ("0x1", NotDecimal),
        ("1e3", NotDecimal),
        ("1.0", NotDecimal),
        ("1_0", NotDecimal),
        ("\u{0661}", NotDecimal),
        ("00", LeadingZero),
        ("01", LeadingZero),
        (R, NotBelowPrime),
        (Q, NotBelowPrime),
        (TWO_256, NotBelowPrime),
        (&nines[..77], NotBelowPrime),
        (&nines, NotBelowPrime),
    ];
    for (text, error) in wrong {
        let refused = read_public(format!("[\"1\", \"{text}\"]").as_bytes());
        assert_eq!(refused, Err(JsonError::Number { key: "public", index: 1, error }), "{text:.20}");
    }
    let largest = R.replace("617", "616");
    assert_eq!(read_public(format!("[\"{largest}\"]").as_bytes()), Ok(vec![-Fr::ONE]));
    for form in ["[1]", "[\"1\",]", "{}", "", "[\"1\"] x", "[\"1\"][]", "[null]", "[[\"1\"]]", "[\"\\u0031\"]", "\"1\""]
    {
        assert!(matches!(read_public(form.as_bytes()), Err(JsonError::Form { .. })), "{form}");
    }
    assert!(matches!(read_public("[".repeat(100_000).as_bytes()), Err(JsonError::Form { .. })));
}

#[test]
fn a_proof_of_another_form_is_refused_by_its_rule() {
    let x = CASE.proof.a().x.to_string();
    let number = |error| Err(JsonError::Number { key: "pi_a", index: 0, error });
    assert_eq!(proof_with(&x, Q), number(NumberError::NotBelowPrime));
    assert_eq!(proof_with(&x, &format!("0{x}")), number(NumberError::LeadingZero));
    assert_eq!(proof_with(&x, &format!("-{x}")), number(NumberError::NotDecimal));
    let imaginary = CASE.proof.b().y.c1.to_string();
    let error = NumberError::NotBelowPrime;
    assert_eq!(proof_with(&imaginary, Q), Err(JsonError::Number { key: "pi_b", index: 3, error }));
    let point = |element, error| Err(JsonError::Proof(ProofError::Point { element, error }));
    assert_eq!(proof_with(&x, "5"), point(ProofElement::A, PointError::NotOnCurve));
    assert_eq!(proof_with("groth16", "plonk"), Err(JsonError::Protocol));
    assert_eq!(proof_with("bn128", "bls12381"), Err(JsonError::Curve));
    assert_eq!(proof_with("\"1\"", "\"2\""), Err(JsonError::NotAffine { key: "pi_a" }));
    assert_eq!(proof_with("\"1\"", "\"0\""), Err(JsonError::NotAffine { key: "pi_a" }));
    assert_eq!(proof_with("\"0\"", "\"1\""), Err(JsonError::NotAffine { key: "pi_b" }));
    assert_eq!(proof_with("\"curve\"", "\"field\""), Err(JsonError::UnknownKey { index: 4 }));
    assert_eq!(proof_with("\"pi_a\"", "\"pi_c\""), Err(JsonError::DuplicateKey { key: "pi_c" }));
    assert_eq!(proof_with("{", "{\"pi_a\": 1,"), Err(JsonError::DuplicateKey { key: "pi_a" }));
    assert_eq!(proof_with(",\n \"protocol\": \"groth16\"", ""), Err(JsonError::MissingKey { key: "protocol" }));
    assert_eq!(proof_with("\"1\"", "1"), Err(JsonError::Value { key: "pi_a" }));
    assert_eq!(proof_with("\"1\"", "\"1\", \"1\""), Err(JsonError::Value { key: "pi_a" }));
    assert!(matches!(proof_with("}", "} {}"), Err(JsonError::Form { .. })));
    // Some writers leave the curve out.
    assert_eq!(proof_with(",\n \"curve\": \"bn128\"", ""), Ok(CASE.proof));
}

#[test]
fn a_proof_with_b_outside_the_subgroup_is_refused() {
    let text = write_proof(&CASE.proof);
    let (b, outside) = (CASE.proof.b(), outside_subgroup());
    let coordinates = |p: &G2Affine| [p.x.c0, p.x.c1, p.y.c0, p.y.c1].map(|x| format!("\"{x}\""));
    let mut changed = text;
    for (from, to) in coordinates(b).into_iter().zip(coordinates(&outside)) {
        changed = changed.replacen(&from, &to, 1);
    }
    let refused = ProofError::Point { element: ProofElement::B, error: PointError::NotInSubgroup };
    assert_eq!(read_proof(changed.as_bytes()), Err(JsonError::Proof(refused)));
}

#[test]
fn a_key_of_another_form_is_refused_by_its_rule() {
    assert_eq!(key_with("groth16", "fflonk"), Err(JsonError::Protocol));
    assert_eq!(key_with("bn128", "bls12381"), Err(JsonError::Curve));
    assert_eq!(key_with(" \"curve\": \"bn128\",\n", ""), Err(JsonError::MissingKey { key: "curve" }));
    for wrong in ["3", "5", "18446744073709551615"] {
        let wrong = format!("\"nPublic\": {wrong},");
        assert_eq!(key_with("\"nPublic\": 4,", &wrong), Err(JsonError::PublicCount { points: 5 }));
    }
    for wrong in ["-4", "4.0", "\"4\"", "null", "18446744073709551616"] {
        let wrong = format!("\"nPublic\": {wrong},");
        assert_eq!(key_with("\"nPublic\": 4,", &wrong), Err(JsonError::Value { key: "nPublic" }));
    }
    assert_eq!(key_with("vk_gamma_2", "vk_gamma_1"), Err(JsonError::UnknownKey { index: 5 }));
    assert_eq!(key_with("vk_gamma_2", "vk_beta_2"), Err(JsonError::DuplicateKey { key: "vk_beta_2" }));
    assert_eq!(key_with("\"1\"", "\"0\""), Err(JsonError::NotAffine { key: "vk_alpha_1" }));
    let ic = CASE.key.points().ic[3].y.to_string();
    let error = NumberError::LeadingZero;
    assert_eq!(key_with(&ic, &format!("0{ic}")), Err(JsonError::Number { key: "IC", index: 7, error }));
    let element = KeyElement::Ic(3);
    let refused = KeyError::Point { element, error: PointError::NotOnCurve };
    assert_eq!(key_with(&ic, "1"), Err(JsonError::Key(refused)));
}

#[test]
fn the_pairing_in_a_key_may_be_missing_and_must_be_right() {
    let text = key_text();
    let from = text.find(" \"vk_alphabeta_12\"").unwrap();
    let to = text.find(" \"IC\"").unwrap();
    let without = [&text[..from], &text[to..]].concat();
    assert_eq!(read_key(without.as_bytes()).as_ref(), Ok(CASE.key.points()));
    let number = text[from..].split('"').nth(3).unwrap();
    assert_eq!(key_with(number, "5"), Err(JsonError::AlphaBeta));
    assert!(matches!(key_with(number, Q), Err(JsonError::Number { key: "vk_alphabeta_12", index: 0, .. })));
}

#[test]
fn s1_an_unsafe_key_is_refused_whatever_its_file_says() {
    let one = Fr::ONE;
    let trapdoor = Trapdoor::random(3);
    let cases = [
        (Trapdoor { gamma: one, delta: one, ..trapdoor }, KeyError::DeltaIsGamma),
        (Trapdoor { delta: -trapdoor.gamma, ..trapdoor }, KeyError::DeltaIsGamma),
        (Trapdoor { beta: trapdoor.delta, ..trapdoor }, KeyError::BetaIsDelta),
        (Trapdoor { beta: one, ..trapdoor }, KeyError::BetaIsGenerator),
        (Trapdoor { alpha: one, ..trapdoor }, KeyError::AlphaIsGenerator),
    ];
    for (trapdoor, error) in cases {
        let text = write_key(&points(&trapdoor.key()));
        assert_eq!(read_key(text.as_bytes()), Err(JsonError::Key(error)));
    }
    let mut repeated = CASE.key.points().clone();
    repeated.ic[4] = -repeated.ic[1];
    let refused = read_key(write_key(&repeated).as_bytes());
    assert_eq!(refused, Err(JsonError::Key(KeyError::IcDuplicate { index: 4 })));
    let mut outside = CASE.key.points().clone();
    outside.delta = outside_subgroup();
    let error = KeyError::Point { element: KeyElement::Delta, error: PointError::NotInSubgroup };
    assert_eq!(read_key(write_key(&outside).as_bytes()), Err(JsonError::Key(error)));
    outside.delta = G2Affine::new_unchecked(Fq2::ZERO, Fq2::ZERO);
    let error = KeyError::Point { element: KeyElement::Delta, error: PointError::Identity };
    assert_eq!(read_key(write_key(&outside).as_bytes()), Err(JsonError::Key(error)));
}

#[test]
fn what_is_too_long_is_refused_before_it_is_read() {
    let long = |limit: usize| vec![b' '; limit + 1];
    assert_eq!(read_proof(&long(MAX_PROOF_BYTES)), Err(JsonError::TooLong { limit: MAX_PROOF_BYTES }));
    assert_eq!(read_key(&long(MAX_KEY_BYTES)), Err(JsonError::TooLong { limit: MAX_KEY_BYTES }));
    assert_eq!(read_public(&long(MAX_PUBLIC_BYTES)), Err(JsonError::TooLong { limit: MAX_PUBLIC_BYTES }));
    let most = vec![Fr::ZERO; MAX_INPUTS + 1];
    assert!(read_public(write_public(&vec![-Fr::ONE; MAX_INPUTS]).as_bytes()).is_ok());
    assert_eq!(read_public(write_public(&most).as_bytes()), Err(JsonError::TooManyInputs { limit: MAX_INPUTS }));
}

#[test]
fn random_damage_never_panics() {
    survives_damage(write_proof(&CASE.proof).as_bytes(), |bytes| _ = read_proof(bytes));
    survives_damage(write_public(&CASE.inputs).as_bytes(), |bytes| drop(read_public(bytes)));
    survives_damage(key_text().as_bytes(), |bytes| drop(read_key(bytes)));
}
