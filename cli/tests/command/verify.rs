//! `veilpay verify` and `veilpay export`, with the files of `veilpay prove`; and with snarkjs's where node is there.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use veilpay_circuits::sample::{TestRng, sample};
use veilpay_protocol::circuit::CircuitId;
use veilpay_prover::circom::testing::{Trapdoor, dev_zkey};
use veilpay_prover::circom::{r1cs, wtns};
use veilpay_prover::r1cs::R1cs;
use veilpay_verifier::formats::snarkjs::{read_key, write_key};
use veilpay_verifier::{KeyPoints, VerifyingKey};

use super::Shell;
use super::prove::tools;

const FILES: [&str; 7] = ["verify", "--vk", "key.json", "--proof", "proof.json", "--public", "public.json"];

/// A folder with a key, its `key.json`, a proof and its public inputs.
fn proved() -> Shell {
    let shell = Shell { folder: tempfile::tempdir().unwrap(), server: String::new() };
    let (statement, witness) = sample(CircuitId::Enrol, &mut TestRng::new(5));
    let assignment = veilpay_circuits::assignment(&statement, &witness).unwrap();
    let matrices = R1cs::from(veilpay_circuits::matrices(CircuitId::Enrol).unwrap());
    let folder = shell.folder.path();
    fs::write(folder.join("circuit.zkey"), dev_zkey(&matrices, &Trapdoor::from_seed(4))).unwrap();
    fs::write(folder.join("witness.wtns"), &*wtns::write(&assignment)).unwrap();
    for format in ["snarkjs", "native", "evm", "calldata"] {
        let proof = if format == "snarkjs" { "proof.json".to_owned() } else { format!("proof.{format}") };
        let arguments = ["prove", "circuit.zkey", "witness.wtns", &proof, "public.json", "--format", format];
        assert!(shell.run(&arguments).status.success());
    }
    assert!(shell.run(&["export", "snarkjs", "--vk", "circuit.zkey", "--out", "key.json"]).status.success());
    shell
}

/// The verdict in JSON of a command that ends with this status.
fn verdict(shell: &Shell, status: i32, arguments: &[&str]) -> Value {
    let output = shell.run(&[arguments, &["--json"]].concat());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn rewrite(folder: &Path, name: &str, change: impl FnOnce(String) -> String) {
    let path = folder.join(name);
    fs::write(&path, change(fs::read_to_string(&path).unwrap())).unwrap();
}

#[test]
fn a_proof_in_every_form_is_valid_under_a_key_in_every_form() {
    let shell = proved();
    let output = shell.run(&FILES);
    assert_eq!((output.status.code(), &output.stdout[..], &output.stderr[..]), (Some(0), &b"valid\n"[..], &b""[..]));
    for proof in ["proof.json", "proof.native", "proof.evm"] {
        for key in ["key.json", "circuit.zkey"] {
            let arguments = ["verify", "--vk", key, "--proof", proof, "--public", "public.json"];
            assert_eq!(verdict(&shell, 0, &arguments), json!({"valid": true}), "{key} {proof}");
        }
    }
    let calldata = ["verify", "--vk", "key.json", "--calldata", "proof.calldata"];
    assert_eq!(verdict(&shell, 0, &calldata), json!({"valid": true}));
}

#[test]
fn what_is_not_valid_is_status_3_with_its_rule() {
    let shell = proved();
    let folder = shell.folder.path();
    let rule = |arguments: &[&str]| {
        let verdict = verdict(&shell, 3, arguments);
        assert_eq!(verdict["valid"], false);
        assert!(!verdict["detail"].as_str().unwrap().is_empty());
        verdict["rule"].as_str().unwrap().to_owned()
    };
    let with = |name: &str, change: &dyn Fn(String) -> String| {
        let before = fs::read(folder.join(name)).unwrap();
        rewrite(folder, name, change);
        let rule = rule(&FILES);
        fs::write(folder.join(name), before).unwrap();
        rule
    };
    let swap = |text: String| text.replace("pi_a", "pi_x").replace("pi_c", "pi_a").replace("pi_x", "pi_c");
    assert_eq!(with("proof.json", &swap), "equation");
    assert_eq!(with("proof.json", &|text| text.replacen("\"1\"", "\"+1\"", 1)), "proof_encoding");
    assert_eq!(with("proof.json", &|text| text.replace("groth16", "plonk")), "proof_encoding");
    assert_eq!(with("proof.json", &|_| String::new()), "proof_encoding");
    assert_eq!(with("public.json", &|text| text.replacen("[\n \"", "[\n \"0", 1)), "public_encoding");
    assert_eq!(with("public.json", &|text| text.replacen('[', "[\"7\",", 1)), "input_count");
    assert_eq!(with("public.json", &|_| "[]".to_owned()), "input_count");
    assert_eq!(with("key.json", &|text| text.replace("\"nPublic\": 4", "\"nPublic\": 5")), "key_encoding");
    assert_eq!(with("key.json", &|_| "no key".to_owned()), "key_encoding");
    let unsafe_key = |text: String| {
        let points = read_key(text.as_bytes()).unwrap();
        write_key(&KeyPoints { delta: points.gamma, ..points })
    };
    assert_eq!(with("key.json", &unsafe_key), "S1");
    let calldata = ["verify", "--vk", "key.json", "--calldata", "proof.calldata"];
    let call = fs::read_to_string(folder.join("proof.calldata")).unwrap();
    let cases = [
        (call.replace('a', "A"), "calldata_encoding"),
        (call[2..].to_owned(), "calldata_encoding"),
        (format!("{call}\n"), "calldata_encoding"),
        (format!("{}00\n", call.trim_end()), "calldata_encoding"),
        (call.replacen("0x", "0x00", 1).replacen("\n", "", 1), "calldata_encoding"),
        (format!("{}{}\n", &call[..call.len() - 65], "f".repeat(64)), "public_encoding"),
        (format!("{}{}\n", &call[..call.len() - 65], "0".repeat(64)), "equation"),
        (format!("{}{}{}", &call[..10], "0".repeat(128), &call[138..]), "proof_encoding"),
    ];
    for (text, expected) in cases {
        fs::write(folder.join("proof.calldata"), text).unwrap();
        assert_eq!(rule(&calldata), expected);
    }
    // For people: nothing on standard output, one line that says why.
    rewrite(folder, "proof.json", swap);
    assert!(shell.run(&FILES).stdout.is_empty());
    shell.refused(3, "not valid: equation: ", &FILES);
    shell.refused(
        5,
        "missing.json",
        &["verify", "--vk", "missing.json", "--proof", "proof.json", "--public", "public.json"],
    );
    for wrong in [
        &FILES[..5],
        &["verify", "--proof", "proof.json", "--public", "public.json"],
        &[&FILES[..], &["--calldata", "c"]].concat(),
    ] {
        assert_eq!(shell.run(wrong).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn files_of_another_kind_than_they_are_named_for_are_told_by_what_they_hold() {
    let shell = proved();
    let folder = shell.folder.path();
    fs::write(folder.join("numbers.json"), "[33, 34]").unwrap();
    let told = |key: &str, proof: &str, public: &str, rule: &str, says: &str| {
        let arguments = ["verify", "--vk", key, "--proof", proof, "--public", public];
        shell.refused(3, &format!("not valid: {rule}: {says}"), &arguments);
        assert_eq!(verdict(&shell, 3, &arguments)["rule"], rule);
    };
    let list = "the file given as a proof holds a JSON list, as public inputs are";
    told("key.json", "public.json", "proof.json", "proof_encoding", list);
    let key = "the file given as a proof holds a verifying key";
    told("key.json", "key.json", "public.json", "proof_encoding", key);
    let proof = "the file given as a verifying key holds a proof";
    told("proof.json", "proof.json", "public.json", "key_encoding", proof);
    let list = "the file given as a verifying key holds a JSON list, as public inputs are";
    told("public.json", "proof.json", "public.json", "key_encoding", list);
    let proof = "the file given as public inputs holds a proof";
    told("key.json", "proof.json", "proof.json", "public_encoding", proof);
    for wrong in ["numbers.json", "proof.native"] {
        let strings = "the public inputs are not a JSON list of decimal strings";
        told("key.json", "proof.json", wrong, "public_encoding", strings);
    }
}

#[test]
fn a_rule_is_told_once_and_an_export_never_replaces_its_key() {
    let shell = proved();
    let folder = shell.folder.path();
    rewrite(folder, "key.json", |text| {
        let points = read_key(text.as_bytes()).unwrap();
        write_key(&KeyPoints { delta: points.gamma, ..points })
    });
    let skipped = Trapdoor { delta: 1.into(), ..Trapdoor::from_seed(4) };
    let matrices = R1cs::from(veilpay_circuits::matrices(CircuitId::Enrol).unwrap());
    fs::write(folder.join("skipped.zkey"), dev_zkey(&matrices, &skipped)).unwrap();
    for key in ["key.json", "skipped.zkey"] {
        let verify = ["verify", "--vk", key, "--proof", "proof.json", "--public", "public.json"];
        for arguments in [&verify[..], &["export", "snarkjs", "--vk", key]] {
            let said = String::from_utf8(shell.run(arguments).stderr).unwrap();
            assert_eq!(said, "veilpay: not valid: S1: delta is gamma or its negative\n", "{key}");
        }
    }
    let key = fs::read(folder.join("circuit.zkey")).unwrap();
    fs::create_dir(folder.join("inner")).unwrap();
    for out in ["circuit.zkey", "inner/../circuit.zkey"] {
        shell.refused(2, "named twice", &["export", "snarkjs", "--vk", "circuit.zkey", "--out", out]);
        assert!(fs::read(folder.join("circuit.zkey")).unwrap() == key);
    }
    let output = shell.run(&["export", "snarkjs", "--circuit", "nope"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(CircuitId::ALL.iter().all(|circuit| said.contains(circuit.name())), "{said}");
}

#[test]
fn a_key_of_our_own_is_exported_in_every_form_and_a_dev_one_only_when_told() {
    let shell = Shell { folder: tempfile::tempdir().unwrap(), server: String::new() };
    let folder = shell.folder.path();
    let export = |format: &str, out: &str| {
        let arguments = ["export", format, "--circuit", "enrol", "--out", out];
        shell.refused(3, "S2", &arguments);
        assert!(!folder.join(out).exists());
        let told = shell.run(&[&arguments[..], &["--allow-insecure-dev-keys"]].concat());
        assert!(told.status.success() && String::from_utf8_lossy(&told.stderr).contains("INSECURE"));
        fs::read(folder.join(out)).unwrap()
    };
    // The key that the workspace's tests share.
    veilpay_prover::KeyStore::open(super::keys_dir()).and_then(|store| store.get(CircuitId::Enrol)).unwrap();
    let native = VerifyingKey::from_bytes(&export("native", "key.bin")).unwrap();
    assert_eq!(read_key(&export("snarkjs", "key.json")).as_ref(), Ok(native.points()));
    let source = String::from_utf8(export("solidity", "Groth16Verifier.sol")).unwrap();
    assert!(source.contains("contract Groth16Verifier {") && source.contains("INSECURE"));
    let named = shell.run(&["export", "solidity", "--vk", "key.json", "--name", "Mine"]);
    assert!(named.status.success() && String::from_utf8(named.stdout).unwrap().contains("contract Mine {"));
    shell.refused(2, "name", &["export", "solidity", "--vk", "key.json", "--name", "mine"]);
    shell.refused(2, "form of our own", &["export", "native", "--vk", "key.json"]);
    let makes = "no key of identity in empty: `veilpay setup dev --circuit identity --keys-dir empty` makes a dev key";
    shell.refused(5, makes, &["export", "native", "--circuit", "identity", "--keys-dir", "empty"]);
    let keys = super::keys_dir();
    let own = keys.join("enrol.v1.dev.key");
    let before = fs::read(&own).unwrap();
    let onto = ["export", "native", "--circuit", "enrol", "--allow-insecure-dev-keys", "--out", own.to_str().unwrap()];
    shell.refused(2, "named twice", &onto);
    assert!(fs::read(&own).unwrap() == before);
    assert_eq!(shell.run(&["export", "native"]).status.code(), Some(2));
}

#[test]
fn the_command_accepts_a_proof_of_snarkjs() {
    let Some(tools) = tools::tools("veilpay verify") else { return };
    let shell = Shell { folder: tempfile::tempdir().unwrap(), server: String::new() };
    let folder = tools.empty("veilpay_verify");
    tools.compile("multiplier", &json!({ "a": "3", "b": "11" }), &folder);
    let matrices = r1cs::read(&fs::read(folder.join("circuit.r1cs")).unwrap()).unwrap();
    fs::write(folder.join("circuit.zkey"), dev_zkey(&matrices, &Trapdoor::from_seed(7))).unwrap();
    tools.must(&folder, "groth16 prove circuit.zkey witness.wtns proof.json public.json");
    tools.must(&folder, "zkey export verificationkey circuit.zkey key.json");
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let [key, proof, public] = ["key.json", "proof.json", "public.json"].map(path);
    let arguments = ["verify", "--vk", &key, "--proof", &proof, "--public", &public];
    assert_eq!(verdict(&shell, 0, &arguments), json!({"valid": true}));
    fs::write(folder.join("public.json"), "[\"34\"]").unwrap();
    assert_eq!(verdict(&shell, 3, &arguments)["rule"], "equation");
}
