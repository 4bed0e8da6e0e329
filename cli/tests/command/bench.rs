//! `veilpay bench`: the fixed fields of its JSON, its table, its CSV, and no figures for a wrong witness.

use std::fs;

use veilpay_circuits::sample::{TestRng, sample};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::Fr;
use veilpay_prover::circom::testing::{Trapdoor, dev_zkey};
use veilpay_prover::circom::wtns;
use veilpay_prover::r1cs::R1cs;

use super::{Shell, text};

#[test]
fn a_built_in_circuit_is_benched_beside_arkworks_as_json_and_csv() {
    let shell = Shell { folder: tempfile::tempdir().unwrap(), server: String::new() };
    let arguments = ["bench", "--circuit", "enrol", "--threads", "1", "--runs", "2", "--csv", "figures.csv", "--json"];
    for _ in 0..2 {
        let found = shell.json(&arguments);
        assert_eq!((text(&found, "circuit"), found["threads"].as_u64()), ("enrol", Some(1)));
        assert_eq!((found["runs"].as_u64(), found["proof_verifies"].as_bool()), (Some(2), Some(true)));
        assert!(["portable", "avx512"].contains(&text(&found, "backend")));
        let number = |value: &serde_json::Value| value.as_f64().unwrap();
        assert!(number(&found["constraints"]) > 1000.0 && number(&found["ratio"]) > 0.0);
        for prover in ["ours", "arkworks"] {
            assert!(number(&found[prover]["median_ms"]) >= number(&found[prover]["min_ms"]));
            assert!(number(&found[prover]["stages"]["msm_b2"]) > 0.0);
        }
        assert!(!cfg!(target_os = "linux") || found["peak_rss_bytes"].as_u64().unwrap() > 1 << 20);
    }
    let csv = fs::read_to_string(shell.folder.path().join("figures.csv")).unwrap();
    assert_eq!(csv.lines().filter(|line| line.starts_with("machine,")).count(), 1);
    assert_eq!(csv.lines().filter(|line| line.contains(",ours,msm_h,")).count(), 2);
}

#[test]
fn verification_is_benched_beside_arkworks_as_json() {
    let shell = Shell { folder: tempfile::tempdir().unwrap(), server: String::new() };
    let found = shell.json(&["bench", "--verify", "--circuit", "enrol", "--threads", "1", "--runs", "1", "--json"]);
    assert_eq!((text(&found, "circuit"), found["public_inputs"].as_u64()), ("enrol", Some(4)));
    assert_eq!((&found["proofs_verify"], &found["wrong_proofs_refused"]), (&true.into(), &true.into()));
    let sizes: Vec<u64> =
        found["batch"].as_array().unwrap().iter().map(|batch| batch["size"].as_u64().unwrap()).collect();
    assert_eq!(sizes, [1, 8, 64, 256, 1024]);
    for name in ["ours_single_us", "arkworks_single_us", "ratio"] {
        assert!(found[name].as_f64().unwrap() > 0.0, "{name}");
    }
    assert!(found["batch"][4]["us_per_proof"].as_f64() < found["ours_single_us"].as_f64());
    // The lines of a CSV are those of stages, which verification has none of.
    assert_eq!(shell.run(&["bench", "--verify", "--csv", "figures.csv"]).status.code(), Some(2));
}

#[test]
fn a_key_of_snarkjs_is_benched_and_a_wrong_witness_gives_no_figures() {
    let shell = Shell { folder: tempfile::tempdir().unwrap(), server: String::new() };
    let (statement, witness) = sample(CircuitId::Enrol, &mut TestRng::new(1));
    let mut assignment = veilpay_circuits::assignment(&statement, &witness).unwrap();
    let matrices = R1cs::from(veilpay_circuits::matrices(CircuitId::Enrol).unwrap());
    let folder = shell.folder.path();
    fs::write(folder.join("circuit.zkey"), dev_zkey(&matrices, &Trapdoor::from_seed(4))).unwrap();
    fs::write(folder.join("witness.wtns"), &*wtns::write(&assignment)).unwrap();
    *assignment.last_mut().unwrap() += Fr::from(1u64);
    fs::write(folder.join("wrong.wtns"), &*wtns::write(&assignment)).unwrap();

    let output = shell.run(&["bench", "--zkey", "circuit.zkey", "--wtns", "witness.wtns", "--runs", "1"]);
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && table.contains("every proof verified") && table.contains("  msm_b2"));
    let wrong = ["bench", "--zkey", "circuit.zkey", "--wtns", "wrong.wtns", "--csv", "figures.csv"];
    shell.refused(3, "does not satisfy", &wrong);
    assert!(shell.run(&wrong).stdout.is_empty() && !folder.join("figures.csv").exists());
}
