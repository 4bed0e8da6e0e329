//! `veilpay setup` without a ceremony: dev keys, the export, the checks of key files.

use std::fs;

use veilpay_circuits::sample::{TestRng, sample};
use veilpay_protocol::circuit::CircuitId;
use veilpay_prover::circom::testing::{Trapdoor, dev_ptau, dev_zkey};
use veilpay_prover::circom::{r1cs, wtns};
use veilpay_prover::r1cs::R1cs;

use super::{Shell, text};

fn shell() -> Shell {
    Shell { folder: tempfile::tempdir().unwrap(), server: String::new() }
}

fn enrol() -> R1cs {
    R1cs::from(veilpay_circuits::matrices(CircuitId::Enrol).unwrap())
}

/// Powers of tau as they are before `snarkjs powersoftau prepare phase2`: without sections 12 to 15.
fn unprepared(ptau: &[u8]) -> Vec<u8> {
    let (mut out, mut rest, mut count) = (ptau[..12].to_vec(), &ptau[12..], 0_u32);
    while !rest.is_empty() {
        let number = u32::from_le_bytes(rest[..4].try_into().unwrap());
        let length = usize::try_from(u64::from_le_bytes(rest[4..12].try_into().unwrap())).unwrap();
        let (section, tail) = rest.split_at(12 + length);
        if number < 12 {
            out.extend(section);
            count += 1;
        }
        rest = tail;
    }
    out[8..12].copy_from_slice(&count.to_le_bytes());
    out
}

#[test]
fn an_empty_variable_for_the_folder_of_keys_counts_as_unset() {
    let shell = shell();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_veilpay"))
        .args(["verify", "--circuit", "enrol", "--proof", "proof", "--public", "public"])
        .current_dir(shell.folder.path())
        .env("VEILPAY_KEYS_DIR", "")
        .env("HOME", shell.folder.path())
        .env("XDG_CACHE_HOME", shell.folder.path().join("cache"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("no key of enrol in ") && said.contains("veilpay"), "{said}");
    assert_eq!(output.status.code(), Some(5), "{said}");
    assert_eq!(shell.run(&["circuits", "--keys-dir", ""]).status.code(), Some(2));
}

#[test]
fn dev_keys_are_made_once_renewed_when_asked_and_called_insecure() {
    let shell = shell();
    let dev = ["setup", "dev", "--circuit", "enrol", "--keys-dir", "keys", "--json"];
    let first = shell.json(&dev);
    assert_eq!(
        (&first[0]["made"], &first[0]["insecure"], text(&first[0], "setup")),
        (&true.into(), &true.into(), "dev")
    );
    let second = shell.json(&dev);
    assert_eq!((&second[0]["made"], &second[0]["vk_digest"]), (&false.into(), &first[0]["vk_digest"]));
    let renewed = shell.json(&[&dev[..], &["--renew"]].concat());
    assert_eq!(renewed[0]["made"], true);
    assert_ne!(renewed[0]["vk_digest"], first[0]["vk_digest"]);
    let said = shell.run(&dev[..6]);
    assert!(String::from_utf8_lossy(&said.stderr).contains("INSECURE"));
    assert_eq!(shell.run(&["setup", "dev", "--circuit", "nothing"]).status.code(), Some(2));
}

#[test]
fn the_exported_circuit_is_the_one_that_keys_are_made_for() {
    let shell = shell();
    let exported = shell.json(&["setup", "export-r1cs", "--circuit", "enrol", "--out", "enrol.r1cs", "--json"]);
    let read = r1cs::read(&fs::read(shell.folder.path().join("enrol.r1cs")).unwrap()).unwrap();
    assert_eq!(read, enrol());
    let circuits = shell.json(&["circuits", "--keys-dir", "none", "--json"]);
    let shown = circuits.as_array().unwrap().iter().find(|circuit| circuit["id"] == "enrol").unwrap();
    for key in ["version", "constraints", "wires", "public_inputs", "domain_log2", "matrix_digest"] {
        assert_eq!(exported[key], shown[key], "{key}");
    }
    shell.refused(5, "nowhere", &["setup", "export-r1cs", "--circuit", "enrol", "--out", "nowhere/enrol.r1cs"]);
}

#[test]
fn a_key_file_is_checked_and_a_damaged_one_is_refused_by_its_rule() {
    let shell = shell();
    shell.refused(5, "no key", &["setup", "verify", "--keys", "keys"]);
    shell.json(&["setup", "dev", "--circuit", "enrol", "--keys-dir", "keys", "--json"]);
    let report = shell.json(&["setup", "verify", "--keys", "keys", "--json"]);
    let outcomes: Vec<&str> = report[0]["checks"].as_array().unwrap().iter().map(|c| text(c, "outcome")).collect();
    assert_eq!(outcomes, ["ok", "ok", "ok", "not_checked", "not_checked"]);
    assert_eq!((report.as_array().unwrap().len(), &report[0]["ok"]), (1, &true.into()));
    shell.refused(5, "no key", &["setup", "verify", "--keys", "keys", "--circuit", "identity"]);

    let path = shell.folder.path().join("keys/enrol.v1.dev.key");
    let mut bytes = fs::read(&path).unwrap();
    bytes[100_000] ^= 1;
    fs::write(&path, bytes).unwrap();
    shell.refused(5, "enrol.v1.dev.key: the key file's section", &["setup", "verify", "--keys", "keys"]);
    let output = shell.run(&["setup", "verify", "--keys", "keys", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report[0]["ok"], text(&report[0]["checks"][0], "outcome")), (&false.into(), "refused"));
    assert!(text(&report[0]["checks"][0], "why").contains("damaged"));
}

#[test]
fn a_damaged_key_file_is_named_and_never_replaced_by_a_command_that_makes_none() {
    let shell = shell();
    for circuit in ["enrol", "identity"] {
        shell.json(&["setup", "dev", "--circuit", circuit, "--keys-dir", "keys", "--json"]);
    }
    let keys = shell.folder.path().join("keys");
    let dev = keys.join("enrol.v1.dev.key");
    let mut bytes = fs::read(&dev).unwrap();
    bytes[100_000] ^= 1;
    let verify = ["verify", "--circuit", "enrol", "--proof", "none", "--public", "none", "--keys-dir", "keys"];
    let export = ["export", "native", "--circuit", "enrol", "--out", "key", "--keys-dir", "keys"];
    for (name, says) in [
        ("enrol.v1.dev.key", "`veilpay setup dev --renew --circuit enrol --keys-dir keys` makes it anew"),
        ("enrol.v1.ceremony.key", "enrol.v1.ceremony.key: "),
    ] {
        fs::write(keys.join(name), &bytes).unwrap();
        shell.refused(5, says, &["circuits", "--keys-dir", "keys"]);
        shell.refused(5, says, &verify);
        shell.refused(5, says, &export);
        assert!(fs::read(keys.join(name)).unwrap() == bytes, "{name} stays as it is");
        let shown = shell.run(&["circuits", "--keys-dir", "keys"]).stdout;
        let shown = String::from_utf8(shown).unwrap();
        let row = |name: &str| shown.lines().find(|line| line.starts_with(name)).unwrap();
        assert!(row("enrol").ends_with("DAMAGED") && row("identity").ends_with("dev (INSECURE)"), "{shown}");
        let json = shell.run(&["circuits", "--keys-dir", "keys", "--json"]).stdout;
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        let enrol = json.as_array().unwrap().iter().find(|circuit| circuit["id"] == "enrol").unwrap();
        assert!(enrol["vk_digest"].is_null() && text(enrol, "damage").contains(name));
    }
    let mut left: Vec<_> = fs::read_dir(&keys).unwrap().map(|file| file.unwrap().file_name()).collect();
    left.retain(|name| name.to_string_lossy().ends_with(".key"));
    assert_eq!(left.len(), 3);
    shell.refused(5, "keep keys in keys/enrol.v1.dev.key", &["circuits", "--keys-dir", "keys/enrol.v1.dev.key"]);
    shell.refused(5, "setup dev --circuit enrol --keys-dir gone", &[&verify[..8], &["gone"]].concat());
    assert!(!shell.folder.path().join("gone").exists(), "nor is a folder made");
}

#[test]
fn s1_a_strangers_zkey_that_the_import_refuses_is_proved_with_under_a_warning() {
    let shell = shell();
    let folder = shell.folder.path();
    // delta = gamma, as a key has it before any contribution: whoever verifies under it verifies anything.
    let skipped = Trapdoor { delta: 1.into(), ..Trapdoor::from_seed(4) };
    fs::write(folder.join("circuit.zkey"), dev_zkey(&enrol(), &skipped)).unwrap();
    let (statement, witness) = sample(CircuitId::Enrol, &mut TestRng::new(1));
    let assignment = veilpay_circuits::assignment(&statement, &witness).unwrap();
    fs::write(folder.join("witness.wtns"), &*wtns::write(&assignment)).unwrap();
    fs::write(folder.join("taus.ptau"), dev_ptau(2, &Trapdoor::from_seed(4))).unwrap();
    let place = ["--ptau", "taus.ptau", "--out", "keys"];
    let import = [&["setup", "import-zkey", "--circuit", "enrol", "--zkey", "circuit.zkey"], &place[..]].concat();
    let without = shell.run(&[&import[..6], &place[2..]].concat());
    assert_eq!(without.status.code(), Some(2), "a key is not imported without the powers of tau");
    shell.refused(3, "circuit.zkey: S1: delta is gamma", &import);
    shell.refused(5, "witness.wtns: not a zkey file", &[&import[..5], &["witness.wtns"], &import[6..]].concat());
    let other = "S1: the zkey is for another circuit, of 4 public inputs, ";
    shell.refused(3, other, &[&import[..3], &["identity"], &import[4..]].concat());
    fs::write(folder.join("raw.ptau"), unprepared(&dev_ptau(2, &Trapdoor::from_seed(4)))).unwrap();
    let raw = [&import[..6], &["--ptau", "raw.ptau", "--out", "keys"]].concat();
    shell.refused(5, "raw.ptau: these powers of tau are not prepared: `snarkjs powersoftau prepare phase2", &raw);
    fs::write(folder.join("good.zkey"), dev_zkey(&enrol(), &Trapdoor::from_seed(5))).unwrap();
    let small = [&import[..5], &["good.zkey"], &import[6..]].concat();
    shell.refused(5, "taus.ptau: powers of tau up to 2^2 where the circuit needs 2^11", &small);
    shell.refused(2, "named twice", &[&import[..6], &["--ptau", "./circuit.zkey", "--out", "keys"]].concat());

    let output = shell.run(&["prove", "circuit.zkey", "witness.wtns", "proof.json", "public.json"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && folder.join("proof.json").exists(), "{said}");
    assert!(said.contains("warning") && said.contains("S1: delta is gamma"), "{said}");
    let bench = ["bench", "--zkey", "circuit.zkey", "--wtns", "witness.wtns", "--runs", "1", "--json"];
    let output = shell.run(&bench);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("S1: delta is gamma"), "{said}");
}
