//! The files of circom and snarkjs, with circom and snarkjs at the other end.

mod tools;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use veilpay_circuits::testing::{TestRng, sample};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::Fr;
use veilpay_prover::circom::testing::{Trapdoor, dev_zkey, prove};
use veilpay_prover::circom::{Zkey, r1cs, wtns};
use veilpay_prover::r1cs::R1cs;
use veilpay_verifier::formats::snarkjs as formats;

use tools::{Tools, tools};

const BLINDING: (u64, u64) = (0x1234_5678_9abc_def1, 0xfedc_ba98_7654_3211);

fn publics_input() -> Value {
    let column = |from: u64| (0..24).map(|i| (from + 7 * i).to_string()).collect::<Vec<_>>();
    json!({ "a": column(3), "b": column(1_000_003) })
}

fn merkle_input(levels: u64) -> Value {
    let right: Vec<u64> = (0..levels).map(|i| i % 2).collect();
    let siblings: Vec<String> = (0..levels).map(|i| (i * i + 12_345).to_string()).collect();
    json!({ "leaf": "77", "siblings": siblings, "right": right })
}

fn key_of(folder: &Path) -> Zkey {
    let key = Zkey::read(&fs::read(folder.join("circuit.zkey")).unwrap()).unwrap();
    key.check_subgroup().unwrap();
    key
}

/// Writes `circuit.zkey` for `circuit.r1cs`.
fn write_key(folder: &Path, seed: u64) -> R1cs {
    let matrices = r1cs::read(&fs::read(folder.join("circuit.r1cs")).unwrap()).unwrap();
    fs::write(folder.join("circuit.zkey"), dev_zkey(&matrices, &Trapdoor::from_seed(seed))).unwrap();
    matrices
}

/// Proves with our plain prover and writes `proof.json` and `public.json`.
fn write_proof(folder: &Path, key: &Zkey, assignment: &[Fr]) {
    let (r, s) = BLINDING;
    let proof = prove(key, assignment, (r.into(), s.into())).unwrap();
    fs::write(folder.join("proof.json"), formats::write_proof(&proof)).unwrap();
    fs::write(folder.join("public.json"), formats::write_public(&assignment[1..=key.num_public()])).unwrap();
}

fn snarkjs_verifies(tools: &Tools, folder: &Path) -> bool {
    tools.must(folder, "zkey export verificationkey circuit.zkey key.json");
    let (ok, text) = tools.snarkjs(folder, "groth16 verify key.json public.json proof.json");
    assert_eq!(ok, text.contains("OK!"), "{text}");
    ok
}

/// From source to a proof that snarkjs verifies, with a key of our own.
fn snarkjs_verifies_our_proof_of(circuit: &str, input: &Value, domain: usize) {
    let Some(tools) = tools(circuit) else { return };
    let folder = tools.empty(circuit);
    tools.compile(circuit, input, &folder);
    let matrices = write_key(&folder, 7);
    let (key, assignment) = (key_of(&folder), wtns::read(&fs::read(folder.join("witness.wtns")).unwrap()).unwrap());
    assert_eq!(matrices.first_unsatisfied(&assignment), None);
    assert_eq!(key.domain_size(), domain);
    write_proof(&folder, &key, &assignment);
    assert!(snarkjs_verifies(tools, &folder));

    // What circom and snarkjs wrote is what we write from what was read.
    assert_eq!(fs::read(folder.join("witness.wtns")).unwrap(), *wtns::write(&assignment));
    let copy = r1cs::read(&r1cs::write(&matrices)).unwrap();
    assert_eq!(copy, matrices);
}

#[test]
fn snarkjs_verifies_our_proof_of_a_product() {
    snarkjs_verifies_our_proof_of("multiplier", &json!({ "a": "3", "b": "11" }), 4);
}

#[test]
fn snarkjs_verifies_our_proof_of_a_circuit_with_outputs_and_many_public_inputs() {
    snarkjs_verifies_our_proof_of("publics", &publics_input(), 128);
}

#[test]
fn snarkjs_verifies_our_proof_of_a_circuit_that_fills_its_domain() {
    snarkjs_verifies_our_proof_of("domain_full", &json!({ "x": "5" }), 256);
}

#[test]
fn snarkjs_verifies_our_proof_of_a_circuit_one_row_above_a_power_of_two() {
    snarkjs_verifies_our_proof_of("domain_over", &json!({ "x": "5" }), 512);
}

#[test]
fn snarkjs_verifies_our_proof_of_a_path_of_poseidon_hashes() {
    snarkjs_verifies_our_proof_of("merkle_20", &merkle_input(20), 1 << 14);
}

#[test]
fn snarkjs_verifies_our_proof_of_a_circuit_of_thirty_thousand_constraints() {
    snarkjs_verifies_our_proof_of("merkle_60", &merkle_input(60), 1 << 15);
}

#[test]
fn snarkjs_verifies_our_proof_under_a_key_from_its_own_ceremony() {
    let Some(tools) = tools("ceremony") else { return };
    let folder = tools.empty("ceremony");
    tools.compile("publics", &publics_input(), &folder);
    for step in [
        "powersoftau new bn128 8 start.ptau",
        "powersoftau beacon start.ptau beacon.ptau 0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 10",
        "powersoftau prepare phase2 beacon.ptau end.ptau",
        "groth16 setup circuit.r1cs end.ptau start.zkey",
        "zkey beacon start.zkey circuit.zkey 0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 10",
    ] {
        tools.must(&folder, step);
    }
    let (key, assignment) = (key_of(&folder), wtns::read(&fs::read(folder.join("witness.wtns")).unwrap()).unwrap());
    assert!(
        veilpay_prover::circom::ZkeyView::new(&fs::read(folder.join("circuit.zkey")).unwrap())
            .unwrap()
            .contributions
            .is_some()
    );
    write_proof(&folder, &key, &assignment);
    assert!(snarkjs_verifies(tools, &folder));

    // The same entries as in a key that we write for the circuit.
    write_key(&folder, 9);
    let ours = key_of(&folder);
    assert_eq!(ours.a_coefficients(), key.a_coefficients());
    assert_eq!(ours.b_coefficients(), key.b_coefficients());
    assert_ne!(ours.a_query(), key.a_query());
}

#[test]
fn snarkjs_proves_with_our_key_and_we_read_and_write_its_json() {
    let Some(tools) = tools("snarkjs proves") else { return };
    let folder = tools.empty("snarkjs_proves");
    tools.compile("publics", &publics_input(), &folder);
    write_key(&folder, 8);
    tools.must(&folder, "groth16 prove circuit.zkey witness.wtns proof.json public.json");
    assert!(snarkjs_verifies(tools, &folder));

    let (proof, public) = (fs::read(folder.join("proof.json")).unwrap(), fs::read(folder.join("public.json")).unwrap());
    let assignment = wtns::read(&fs::read(folder.join("witness.wtns")).unwrap()).unwrap();
    assert_eq!(formats::read_public(&public).unwrap(), assignment[1..=26]);
    assert_eq!(formats::write_public(&assignment[1..=26]).into_bytes(), public);
    assert_eq!(formats::write_proof(&formats::read_proof(&proof).unwrap()).into_bytes(), proof);
}

#[test]
fn snarkjs_refuses_our_proof_of_a_wrong_assignment_and_a_proof_of_other_public_inputs() {
    let Some(tools) = tools("wrong assignment") else { return };
    let folder = tools.empty("wrong_assignment");
    tools.compile("multiplier", &json!({ "a": "3", "b": "11" }), &folder);
    write_key(&folder, 7);
    let (key, right) = (key_of(&folder), wtns::read(&fs::read(folder.join("witness.wtns")).unwrap()).unwrap());
    let mut wrong = right.clone();
    wrong[2] += Fr::from(1);
    write_proof(&folder, &key, &wrong);
    assert!(!snarkjs_verifies(tools, &folder));

    write_proof(&folder, &key, &right);
    fs::write(folder.join("public.json"), formats::write_public(&[Fr::from(34)])).unwrap();
    assert!(!snarkjs_verifies(tools, &folder));
}

#[test]
fn snarkjs_accepts_our_circuits_and_their_assignments() {
    let Some(tools) = tools("export") else { return };
    for circuit in [CircuitId::Enrol, CircuitId::Transfer2x3] {
        let folder = tools.empty(circuit.name());
        let matrices = R1cs::from(veilpay_circuits::matrices(circuit).unwrap());
        let (statement, witness) = sample(circuit, &mut TestRng::new(1));
        let assignment = veilpay_circuits::assignment(&statement, &witness).unwrap();
        fs::write(folder.join("circuit.r1cs"), r1cs::write(&matrices)).unwrap();
        fs::write(folder.join("witness.wtns"), &*wtns::write(&assignment)).unwrap();
        assert_eq!(r1cs::read(&fs::read(folder.join("circuit.r1cs")).unwrap()).unwrap(), matrices);

        let info = tools.must(&folder, "r1cs info circuit.r1cs");
        for (name, count) in [
            ("Curve", "bn-128".to_owned()),
            ("# of Wires", matrices.num_variables().to_string()),
            ("# of Constraints", matrices.num_constraints().to_string()),
            ("# of Public Inputs", (matrices.num_instance() - 1).to_string()),
            ("# of Outputs", "0".to_owned()),
        ] {
            assert!(info.lines().any(|line| line.contains(&format!("{name}: {count}"))), "{name}: {info}");
        }
        assert!(tools.must(&folder, "wtns check circuit.r1cs witness.wtns").contains("WITNESS IS CORRECT"));

        let mut wrong = assignment;
        *wrong.last_mut().unwrap() += Fr::from(1);
        fs::write(folder.join("wrong.wtns"), &*wtns::write(&wrong)).unwrap();
        assert!(!tools.snarkjs(&folder, "wtns check circuit.r1cs wrong.wtns").1.contains("WITNESS IS CORRECT"));
    }
}

#[test]
fn anybodys_prover_proves_our_exported_circuit() {
    let Some(tools) = tools("exported circuit") else { return };
    let folder = tools.empty("exported");
    let circuit = CircuitId::Enrol;
    let (statement, witness) = sample(circuit, &mut TestRng::new(2));
    let assignment = veilpay_circuits::assignment(&statement, &witness).unwrap();
    let matrices = R1cs::from(veilpay_circuits::matrices(circuit).unwrap());
    fs::write(folder.join("circuit.r1cs"), r1cs::write(&matrices)).unwrap();
    fs::write(folder.join("witness.wtns"), &*wtns::write(&assignment)).unwrap();
    write_key(&folder, 3);
    tools.must(&folder, "groth16 prove circuit.zkey witness.wtns proof.json public.json");
    assert!(snarkjs_verifies(tools, &folder));
    let public = formats::read_public(&fs::read(folder.join("public.json")).unwrap()).unwrap();
    assert_eq!(public, statement.to_fields());
}
