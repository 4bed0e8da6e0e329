//! A whole second phase with snarkjs over our exported circuits, as `docs/CEREMONY.md` has it: only the powers of tau are
//! made here, from a known tau, because theirs is a ceremony of its own.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use veilpay_circuits::sample::{TestRng, sample};
use veilpay_protocol::circuit::CircuitId;
use veilpay_prover::circom::testing::{Trapdoor, dev_ptau};
use veilpay_prover::{CancelToken, Engine, KeyStore};
use veilpay_verifier::formats::snarkjs as formats;

use super::prove::tools::{Tools, tools};
use super::{Shell, text};

const BEACON: &str = "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// The contributions' hashes as snarkjs printed them, in the order of the ceremony.
fn printed_hashes(verified: &str) -> Vec<String> {
    let lines: Vec<&str> = verified.lines().collect();
    let is_hash = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.len() == 4 && words.iter().all(|word| word.len() == 8 && word.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    let mut out = Vec::new();
    for (number, _) in lines.iter().enumerate().filter(|(_, line)| line.contains("contribution #")) {
        let hash: String = lines[number..].iter().filter(|line| is_hash(line)).take(4).copied().collect();
        out.push(hash.split_whitespace().collect());
    }
    out.reverse();
    out
}

/// Runs the second phase: `final.zkey` in the folder; and what `snarkjs zkey verify` said of it.
fn second_phase(tools: &Tools, folder: &Path) -> String {
    for step in [
        "groth16 setup circuit.r1cs taus.ptau start.zkey".to_owned(),
        "zkey contribute start.zkey alice.zkey --name=Alice -e=some-random-text".to_owned(),
        "zkey contribute alice.zkey bob.zkey --name=Bob -e=other-random-text".to_owned(),
        format!("zkey beacon bob.zkey final.zkey {BEACON} 10 --name=beacon"),
    ] {
        tools.must(folder, &step);
    }
    tools.must(folder, "zkey verify circuit.r1cs taus.ptau final.zkey")
}

/// Proves a statement of the circuit under the key in `keys` and writes `proof.json` and `public.json`.
fn prove(circuit: CircuitId, keys: &Path, folder: &Path) {
    let store = KeyStore::open(keys).unwrap().refusing_dev_keys();
    let engine = Engine::new(store, NonZeroUsize::MIN).unwrap();
    let (statement, witness) = sample(circuit, &mut TestRng::new(9));
    let proof = engine.prove(&statement, &witness, &|_| (), &CancelToken::new()).unwrap().proof;
    assert_eq!(engine.key(circuit).unwrap().prepared().verify(&statement, &proof), Ok(()));
    fs::write(folder.join("proof.json"), formats::write_proof(&proof)).unwrap();
    fs::write(folder.join("public.json"), formats::write_public(&statement.to_fields())).unwrap();
}

fn a_ceremony(circuit: CircuitId, power: u32) {
    let name = format!("ceremony_{circuit}");
    let Some(tools) = tools(&name) else { return };
    let folder = tools.empty(&name);
    let shell = Shell { folder: tempfile::tempdir().unwrap(), server: String::new() };
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (r1cs, taus, zkey, keys) = (path("circuit.r1cs"), path("taus.ptau"), path("final.zkey"), path("keys"));

    let exported = shell.json(&["setup", "export-r1cs", "--circuit", circuit.name(), "--out", &r1cs, "--json"]);
    assert_eq!(exported["domain_log2"], power);
    fs::write(folder.join("taus.ptau"), dev_ptau(power, &Trapdoor::from_seed(11))).unwrap();
    let verified = second_phase(tools, &folder);
    assert!(verified.contains("ZKey Ok!"), "{verified}");

    let import = ["setup", "import-zkey", "--circuit", circuit.name(), "--zkey", &zkey, "--ptau", &taus];
    let rest = ["--transcript", "https://example.org/transcript", "--out", &keys, "--json"];
    let imported = shell.json(&[&import[..], &rest[..]].concat());
    assert_eq!(text(&imported, "setup"), "ceremony");
    let contributions = imported["ceremony"]["contributions"].as_array().unwrap();
    let names: Vec<&str> = contributions.iter().map(|c| text(c, "name")).collect();
    assert_eq!(names, ["Alice", "Bob", "beacon"]);
    assert_eq!(contributions[2]["beacon"]["value"], format!("0x{BEACON}"));
    assert_eq!(contributions[2]["beacon"]["iterations_log2"], 10);
    let hashes: Vec<String> = contributions.iter().map(|c| text(c, "hash")[2..].to_owned()).collect();
    assert_eq!(hashes, printed_hashes(&verified), "what participants publish is what the key's record says");

    let report = shell.json(&["setup", "verify", "--keys", &keys, "--ptau", &taus, "--json"]);
    assert_eq!(report[0]["ok"], true);
    let outcomes: Vec<&str> = report[0]["checks"].as_array().unwrap().iter().map(|c| text(c, "outcome")).collect();
    assert_eq!(outcomes, ["ok", "ok", "ok", "ok", "not_checked", "not_checked"]);
    let circuits = shell.json(&["circuits", "--keys-dir", &keys, "--json"]);
    let shown = circuits.as_array().unwrap().iter().find(|c| c["id"] == circuit.name()).unwrap();
    assert_eq!((&shown["setup"], &shown["vk_digest"]), (&imported["setup"], &imported["vk_digest"]));
    assert_eq!(shown["ceremony"], imported["ceremony"]);

    prove(circuit, Path::new(&keys), &folder);
    tools.must(&folder, "zkey export verificationkey final.zkey key.json");
    assert!(tools.must(&folder, "groth16 verify key.json public.json proof.json").contains("OK!"));

    // Powers of tau of somebody else: the key is none of theirs.
    let others = path("others.ptau");
    fs::write(&others, dev_ptau(power, &Trapdoor::from_seed(12))).unwrap();
    shell.refused(3, "powers of tau", &[&import[..7], &[&others, "--out", "new"]].concat());
    // A key is not lost to a second import by mistake, and one before any contribution is no ceremony's.
    let start = path("start.zkey");
    shell.refused(5, "there already", &[&import[..], &["--out", &keys]].concat());
    // Nor to one of an earlier state of the same ceremony when it is asked for; elsewhere that one is taken, with a note.
    let bob = path("bob.zkey");
    let earlier = ["setup", "import-zkey", "--circuit", circuit.name(), "--zkey", &bob, "--ptau", &taus, "--out"];
    let kept = fs::read(Path::new(&keys).join(format!("{circuit}.v1.ceremony.key"))).unwrap();
    shell.refused(3, "S3: ", &[&earlier[..], &[&keys, "--replace"]].concat());
    assert!(fs::read(Path::new(&keys).join(format!("{circuit}.v1.ceremony.key"))).unwrap() == kept);
    let taken = shell.run(&[&earlier[..], &["early", "--replace"]].concat());
    assert!(taken.status.success() && String::from_utf8_lossy(&taken.stderr).contains("no beacon"), "{taken:?}");
    shell.json(&[&import[..], &["--out", "early", "--replace", "--json"]].concat());
    let skipped =
        ["setup", "import-zkey", "--circuit", circuit.name(), "--zkey", &start, "--ptau", &taus, "--out", "new"];
    shell.refused(3, "S1: delta is gamma", &skipped);
    assert!(fs::read_dir(shell.folder.path().join("new")).unwrap().next().is_none());
}

#[test]
fn a_ceremony_with_snarkjs_makes_a_key_that_both_verify_under() {
    a_ceremony(CircuitId::Enrol, 11);
}

/// Too long for every change: only when `VEILPAY_ASSURE` is 1, as `just assure` sets it.
#[test]
fn a_ceremony_over_the_circuit_of_payments() {
    if std::env::var("VEILPAY_ASSURE").is_ok_and(|value| value == "1") {
        a_ceremony(CircuitId::Transfer2x3, 15);
    }
}
