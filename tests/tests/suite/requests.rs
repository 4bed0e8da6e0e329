//! Proof requests as JSON, for every circuit.

use std::collections::BTreeMap;

use veilpay_api::problem::Code;
use veilpay_api::proofs::ProofRequest;
use veilpay_circuits::testing::{TestRng, sample};
use veilpay_protocol::circuit::CircuitId;

fn request(circuit: CircuitId) -> ProofRequest {
    let (statement, witness) = sample(circuit, &mut TestRng::new(7));
    ProofRequest { statement, witness, labels: BTreeMap::from([("order".to_owned(), "7".to_owned())]) }
}

#[test]
fn a_proof_request_of_every_circuit_round_trips() {
    for circuit in CircuitId::ALL {
        let whole = request(circuit);
        let json = whole.to_json().unwrap();
        assert!(json.len() <= veilpay_api::proofs::MAX_PROOF_REQUEST, "{circuit}: {} bytes", json.len());
        let back = ProofRequest::from_json(&json).unwrap();
        assert!(back.statement == whole.statement && back.witness == whole.witness && back.labels == whole.labels);
    }
}

#[test]
fn what_is_not_canonical_in_a_request_is_refused_with_its_place_and_without_its_value() {
    let json = String::from_utf8(request(CircuitId::Transfer2x3).to_json().unwrap().to_vec()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    let modulus = "0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001";
    let cases: [(&str, serde_json::Value); 6] = [
        ("/witness/nk", modulus.into()),
        ("/witness/nk", 5.into()),
        ("/witness/inputs/0/value", "-1".into()),
        ("/witness/inputs/0/value", "18446744073709551616".into()),
        ("/statement/fee", "007".into()),
        ("/statement/rk", format!("0x{}1", "0".repeat(63)).into()),
    ];
    for (pointer, bad) in cases {
        let mut changed = value.clone();
        *changed.pointer_mut(pointer).unwrap() = bad.clone();
        let problem = ProofRequest::from_json(changed.to_string().as_bytes()).err().unwrap();
        assert_eq!(problem.code, Code::Malformed, "{pointer}");
        let told = serde_json::to_string(&problem).unwrap();
        let shown = bad.as_str().map_or_else(|| bad.to_string(), str::to_owned);
        assert!(shown.len() < 4 || !told.contains(&shown), "a problem must not quote {shown}: {told}");
        assert!(problem.errors.iter().any(|error| pointer.starts_with(&error.pointer)), "{told}");
    }
    for extra in ["/statement", "/witness", ""] {
        let mut changed = value.clone();
        changed.pointer_mut(extra).unwrap().as_object_mut().unwrap().insert("more".to_owned(), 1.into());
        assert!(ProofRequest::from_json(changed.to_string().as_bytes()).is_err(), "an unknown field at {extra}");
    }
}

#[test]
fn a_statement_of_another_circuit_is_refused() {
    let mut value: serde_json::Value =
        serde_json::from_slice(&request(CircuitId::Transfer2x3).to_json().unwrap()).unwrap();
    value["circuit"] = "transfer_8x2".into();
    assert_eq!(ProofRequest::from_json(value.to_string().as_bytes()).err().unwrap().code, Code::Malformed);
    value["circuit"] = "enrol".into();
    assert!(ProofRequest::from_json(value.to_string().as_bytes()).is_err());
    value["circuit"] = "unheard_of".into();
    assert!(ProofRequest::from_json(value.to_string().as_bytes()).is_err());
}
