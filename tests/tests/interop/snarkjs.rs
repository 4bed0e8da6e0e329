//! Fifty proofs each way, and fifty that both refuse.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use veilpay_protocol::field::Fr;
use veilpay_prover::circom::testing::{Trapdoor, dev_zkey};
use veilpay_prover::circom::{CircomProver, ZkeyFile, r1cs, wtns};
use veilpay_prover::r1cs::R1cs;
use veilpay_verifier::PreparedPoints;
use veilpay_verifier::formats::snarkjs::{read_key, read_proof, read_public, write_key, write_proof, write_public};

use crate::tools::{Tools, tools};

const CASES: usize = 50;
/// Public inputs of the circuit `publics`: two outputs and 24 inputs.
const PUBLIC: usize = 26;

/// Whether our reading and our verifier accept.
fn ours(key: &PreparedPoints, proof: &Value, public: &Value) -> bool {
    let read =
        read_proof(proof.to_string().as_bytes()).and_then(|p| Ok((p, read_public(public.to_string().as_bytes())?)));
    read.is_ok_and(|(proof, inputs)| key.verify(&inputs, &proof).is_ok())
}

/// Witnesses of `publics` for different inputs, as its program computes them.
fn witnesses(tools: &Tools, folder: &Path) -> Vec<Vec<Fr>> {
    let column = |from: u64| (0..24).map(|i| (from + 7 * i).to_string()).collect::<Vec<_>>();
    let inputs: Vec<Value> =
        (0..CASES as u64).map(|i| json!({ "a": column(3 + i), "b": column(1_000_003 + 5 * i) })).collect();
    tools.compile("publics", &inputs[0], folder);
    fs::write(folder.join("inputs.json"), Value::from(inputs).to_string()).unwrap();
    tools.script("witnesses.js", folder, &["publics_js/publics.wasm", "inputs.json"]);
    (0..CASES).map(|i| wtns::read(&fs::read(folder.join(format!("{i}.wtns"))).unwrap()).unwrap().to_vec()).collect()
}

/// One thing changed, another one for each case.
fn corrupted(i: usize, proof: &Value, public: &Value) -> (Value, Value) {
    let (mut proof, mut public) = (proof.clone(), public.clone());
    let next = |value: &mut Value| {
        let text = value.as_str().unwrap();
        let last = text.chars().last().unwrap().to_digit(10).unwrap();
        *value = Value::from(format!("{}{}", &text[..text.len() - 1], (last + 1) % 10));
    };
    match i % 5 {
        0 => next(&mut public[i % PUBLIC]),
        1 => next(&mut proof["pi_a"][i % 2]),
        2 => next(&mut proof["pi_b"][i % 2][(i / 2) % 2]),
        3 => {
            let a = proof["pi_a"].clone();
            proof["pi_a"] = proof["pi_c"].take();
            proof["pi_c"] = a;
        }
        _ => next(&mut proof["pi_c"][i % 2]),
    }
    (proof, public)
}

#[test]
fn fifty_proofs_each_way_are_accepted_and_fifty_corrupted_ones_refused_by_both() {
    let Some(tools) = tools("fifty proofs each way") else { return };
    let folder = tools.empty("fifty");
    let assignments = witnesses(tools, &folder);
    let matrices: R1cs = r1cs::read(&fs::read(folder.join("circuit.r1cs")).unwrap()).unwrap();
    let zkey = dev_zkey(&matrices, &Trapdoor::from_seed(12));
    fs::write(folder.join("circuit.zkey"), &zkey).unwrap();
    let prover = CircomProver::new(ZkeyFile::from_bytes(zkey).unwrap()).unwrap();

    // The key, as both write it.
    tools.must(&folder, "zkey export verificationkey circuit.zkey key.json");
    let text = fs::read(folder.join("key.json")).unwrap();
    let points = read_key(&text).unwrap();
    assert_eq!(points, prover.key().verifying_points());
    assert_eq!(write_key(&points).into_bytes(), text);
    let key = PreparedPoints::new(&points).unwrap();
    assert_eq!(key.num_inputs(), PUBLIC);

    let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let made = |assignment: &Vec<Fr>| {
        let proof = prover.prove(assignment).unwrap().proof;
        json!({ "proof": parse(&write_proof(&proof)), "public": parse(&write_public(&assignment[1..=PUBLIC])) })
    };
    let by_us: Vec<Value> = assignments.iter().map(made).collect();
    let bad = by_us.iter().enumerate().map(|(i, case)| {
        let (proof, public) = corrupted(i, &case["proof"], &case["public"]);
        json!({ "proof": proof, "public": public })
    });
    let bad: Vec<Value> = bad.collect();
    let cases = Value::from([&by_us[..], &bad].concat());
    fs::write(folder.join("cases.json"), cases.to_string()).unwrap();
    let answers = tools.script("verify.js", &folder, &["key.json", "cases.json"]);
    let expected = [vec![true; CASES], vec![false; CASES]].concat();
    assert_eq!(answers, json!(expected), "snarkjs, of our proofs and of corrupted ones");
    for case in &bad {
        assert!(!ours(&key, &case["proof"], &case["public"]), "{case}");
    }

    let names: Vec<String> = (0..CASES).map(|i| format!("{i}.wtns")).collect();
    let arguments: Vec<&str> = ["circuit.zkey"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let by_them = tools.script("prove.js", &folder, &arguments);
    let by_them = by_them.as_array().unwrap();
    assert_eq!(by_them.len(), CASES);
    for (case, assignment) in by_them.iter().zip(&assignments) {
        assert!(ours(&key, &case["proof"], &case["public"]), "{case}");
        assert_eq!(read_public(case["public"].to_string().as_bytes()).unwrap(), assignment[1..=PUBLIC]);
    }
}
