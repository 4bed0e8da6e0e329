use ark_ff::{AdditiveGroup, Field};
use veilpay_protocol::field::Fr;
use veilpay_verifier::{Proof, ProofError};

use super::super::json::{read_proof, read_public, write_proof, write_public};
use super::super::testing::prove;
use super::super::{JsonError, Zkey};
use super::{small, small_zkey, survives_flips};

const R: &str = "21888242871839275222246405745257275088548364400416034343698204186575808495617";
const Q: &str = "21888242871839275222246405745257275088696311157297823662689037894645226208583";

fn proof() -> Proof {
    prove(&Zkey::read(&small_zkey()).unwrap(), &small().1, (Fr::from(2), Fr::from(3))).unwrap()
}

#[test]
fn what_is_written_is_read() {
    let proof = proof();
    assert_eq!(read_proof(write_proof(&proof).as_bytes()), Ok(proof));
    for inputs in [vec![], vec![Fr::ZERO], vec![Fr::ONE, -Fr::ONE, Fr::from(10)]] {
        assert_eq!(read_public(write_public(&inputs).as_bytes()), Ok(inputs));
    }
    assert_eq!(write_public(&[Fr::ZERO, Fr::from(34)]), "[\n \"0\",\n \"34\"\n]");
}

#[test]
fn a_number_has_one_text() {
    let wrong = ["", "00", "01", "+1", "-1", " 1", "1 ", "0x1", "1e3", "1.0", "\u{0661}", R, Q, &"9".repeat(10_000)];
    for text in wrong {
        let list = format!("[\"1\", \"{text}\"]");
        assert_eq!(read_public(list.as_bytes()), Err(JsonError::Number { index: 1 }), "{text:.20}");
    }
    for form in ["[1]", "[\"1\",]", "{}", "", "[\"1\"] x", "[\"1\"][]", "[null]", "[[\"1\"]]", "[\"\\u0031\"]"] {
        assert!(matches!(read_public(form.as_bytes()), Err(JsonError::Form { .. })), "{form}");
    }
    assert!(matches!(read_public("[".repeat(100_000).as_bytes()), Err(JsonError::Form { .. })));
}

#[test]
fn a_proof_of_another_form_is_refused() {
    let proof = proof();
    let text = write_proof(&proof);
    let changed = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        read_proof(text.replacen(from, to, 1).as_bytes())
    };
    let x = proof.a().x.to_string();
    assert_eq!(changed(&x, Q), Err(JsonError::Number { index: 0 }));
    assert_eq!(changed(&x, &format!("0{x}")), Err(JsonError::Number { index: 0 }));
    assert!(matches!(changed(&x, "5"), Err(JsonError::Proof(ProofError::Point { .. }))));
    assert_eq!(changed("groth16", "plonk"), Err(JsonError::Protocol));
    assert_eq!(changed("bn128", "bls12381"), Err(JsonError::Curve));
    assert_eq!(changed("\"1\"", "\"2\""), Err(JsonError::Projective));
    assert_eq!(changed("\"0\"", "\"1\""), Err(JsonError::Projective));
    assert!(matches!(changed("\"curve\"", "\"field\""), Err(JsonError::Form { .. })));
    assert!(matches!(changed("\"pi_a\"", "\"pi_c\""), Err(JsonError::Form { .. })));
    assert!(matches!(changed("\"1\"", "1"), Err(JsonError::Form { .. })));
    // Some writers leave the curve out.
    assert_eq!(changed(",\n \"curve\": \"bn128\"", ""), Ok(proof));
    assert!(matches!(changed(",\n \"protocol\": \"groth16\"", ""), Err(JsonError::Form { .. })));
}

#[test]
fn random_damage_never_panics() {
    survives_flips(write_proof(&proof()).as_bytes(), 5_000, |bytes| _ = read_proof(bytes));
    survives_flips(write_public(&small().1).as_bytes(), 5_000, |bytes| drop(read_public(bytes)));
}
