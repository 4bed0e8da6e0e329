//! `veilpay prove`, with snarkjs at the other end where node is there.

use std::fs;
use std::path::Path;

use serde_json::json;
use veilpay_circuits::sample::{TestRng, sample};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::Fr;
use veilpay_prover::circom::testing::{Trapdoor, dev_zkey};
use veilpay_prover::circom::{Zkey, r1cs, wtns};
use veilpay_prover::r1cs::R1cs;
use veilpay_verifier::formats::snarkjs as formats;
use veilpay_verifier::{KeyInfo, PreparedVerifyingKey, Setup, VerifyingKey};

use super::Shell;

#[path = "../../../tests/tests/suite/circom/tools.rs"]
pub(crate) mod tools;

const BY_NAME: [&str; 9] =
    ["prove", "--zkey", "circuit.zkey", "--wtns", "witness.wtns", "--proof", "proof.json", "--public", "public.json"];

/// A folder with `circuit.zkey` and `witness.wtns` of a built-in circuit; and its assignment and public inputs.
fn enrolment() -> (Shell, Vec<Fr>, Vec<Fr>) {
    let shell = Shell { folder: tempfile::tempdir().unwrap(), server: String::new() };
    let (statement, witness) = sample(CircuitId::Enrol, &mut TestRng::new(1));
    let assignment = veilpay_circuits::assignment(&statement, &witness).unwrap();
    let matrices = R1cs::from(veilpay_circuits::matrices(CircuitId::Enrol).unwrap());
    let folder = shell.folder.path();
    fs::write(folder.join("circuit.zkey"), dev_zkey(&matrices, &Trapdoor::from_seed(4))).unwrap();
    fs::write(folder.join("witness.wtns"), &*wtns::write(&assignment)).unwrap();
    (shell, assignment, statement.to_fields())
}

/// Whether the two files hold these public inputs and a proof of them.
fn verifies(folder: &Path, expected: &[Fr]) -> bool {
    let zkey = Zkey::read(&fs::read(folder.join("circuit.zkey")).unwrap()).unwrap();
    let circuit = CircuitId::Enrol;
    let info = KeyInfo { circuit, version: circuit.version(), setup: Setup::Dev, matrix_digest: [0; 64] };
    let key = PreparedVerifyingKey::new(&VerifyingKey::new(info, zkey.verifying_points())).unwrap();
    let proof = formats::read_proof(&fs::read(folder.join("proof.json")).unwrap()).unwrap();
    let inputs = formats::read_public(&fs::read(folder.join("public.json")).unwrap()).unwrap();
    inputs == expected && key.verify_inputs(&inputs, &proof).is_ok()
}

#[test]
fn a_proof_of_any_circuit_verifies_with_files_by_name_or_by_place() {
    let (shell, _, inputs) = enrolment();
    let folder = shell.folder.path();
    let by_place = ["prove", "circuit.zkey", "witness.wtns", "proof.json", "public.json", "--threads", "1"];
    for arguments in [&BY_NAME[..], &by_place[..]] {
        let output = shell.run(arguments);
        assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
        assert!(verifies(folder, &inputs));
        fs::remove_file(folder.join("proof.json")).unwrap();
        fs::remove_file(folder.join("public.json")).unwrap();
    }
}

#[test]
fn snarkjs_verifies_what_the_command_proves() {
    let Some(tools) = tools::tools("veilpay prove") else { return };
    let shell = Shell { folder: tempfile::tempdir().unwrap(), server: String::new() };
    let folder = tools.empty("veilpay_prove");
    tools.compile("multiplier", &json!({ "a": "3", "b": "11" }), &folder);
    let matrices = r1cs::read(&fs::read(folder.join("circuit.r1cs")).unwrap()).unwrap();
    fs::write(folder.join("circuit.zkey"), dev_zkey(&matrices, &Trapdoor::from_seed(7))).unwrap();
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let files = ["circuit.zkey", "witness.wtns", "proof.json", "public.json"].map(path);
    let output = shell.run(&["prove", &files[0], &files[1], &files[2], &files[3]]);
    assert!(output.status.success(), "{output:?}");
    tools.must(&folder, "zkey export verificationkey circuit.zkey key.json");
    assert!(tools.must(&folder, "groth16 verify key.json public.json proof.json").contains("OK!"));
    fs::write(folder.join("public.json"), "[\"34\"]").unwrap();
    assert!(!tools.snarkjs(&folder, "groth16 verify key.json public.json proof.json").0);
}

#[test]
fn what_is_refused_is_named_and_leaves_no_file_behind() {
    let (shell, assignment, _) = enrolment();
    let folder = shell.folder.path();
    let write = |name: &str, values: &[Fr]| fs::write(folder.join(name), &*wtns::write(values)).unwrap();
    let mut wrong = assignment.clone();
    *wrong.last_mut().unwrap() += Fr::from(1u64);
    write("wrong.wtns", &wrong);
    write("short.wtns", &assignment[..assignment.len() - 1]);
    let key = fs::read(folder.join("circuit.zkey")).unwrap();
    fs::write(folder.join("truncated.zkey"), &key[..key.len() - 1]).unwrap();
    fs::create_dir(folder.join("a_folder")).unwrap();

    let prove = |zkey: &str, wtns: &str, status: i32, says: &str| {
        shell.refused(status, says, &["prove", zkey, wtns, "proof.json", "public.json"]);
    };
    prove("circuit.zkey", "wrong.wtns", 3, "does not satisfy");
    prove("circuit.zkey", "short.wtns", 5, "short.wtns: the witness has");
    prove("truncated.zkey", "witness.wtns", 5, "truncated.zkey: zkey section");
    prove("witness.wtns", "circuit.zkey", 5, "witness.wtns: not a zkey file");
    prove("missing.zkey", "witness.wtns", 5, "cannot read missing.zkey: no such file or folder");
    shell.refused(2, "named twice", &["prove", "circuit.zkey", "witness.wtns", "proof.json", "proof.json"]);
    // By another name: the key would be lost.
    let by_another_name = ["prove", "circuit.zkey", "witness.wtns", "a_folder/../circuit.zkey", "public.json"];
    shell.refused(2, "named twice", &by_another_name);
    assert_eq!(fs::read(folder.join("circuit.zkey")).unwrap(), key);
    // Nor is a figure appended to an input.
    let bench = ["bench", "--zkey", "circuit.zkey", "--wtns", "witness.wtns", "--csv", "a_folder/../circuit.zkey"];
    shell.refused(2, "named twice", &bench);
    assert_eq!(fs::read(folder.join("circuit.zkey")).unwrap(), key);
    for threads in ["0", "1025", "100000", "-1", "many"] {
        let by_place = ["prove", "circuit.zkey", "witness.wtns", "proof.json", "public.json"];
        let output = shell.run(&[&by_place[..], &[&format!("--threads={threads}")]].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("1 to 1,024"), "{said}");
    }
    shell.refused(5, "a_folder", &["prove", "circuit.zkey", "witness.wtns", "proof.json", "a_folder"]);
    let nowhere = "cannot write nowhere/public.json: no such file or folder";
    shell.refused(5, nowhere, &["prove", "circuit.zkey", "witness.wtns", "proof.json", "nowhere/public.json"]);
    assert_eq!(shell.run(&["prove", "circuit.zkey", "witness.wtns"]).status.code(), Some(2));
    assert_eq!(shell.run(&BY_NAME[..7]).status.code(), Some(2));
    let mut left: Vec<_> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    left.sort();
    assert_eq!(left, ["a_folder", "circuit.zkey", "short.wtns", "truncated.zkey", "witness.wtns", "wrong.wtns"]);
}
