//! The command as a person runs it: the demo, wallets against a running server, proofs of any circuit, benches.

#![allow(clippy::unwrap_used, reason = "tests")]

mod bench;
mod ceremony;
mod prove;
mod setup;
mod verify;

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tokio::runtime::Runtime;
use veilpay_ledger::Genesis;
use veilpay_protocol::circuit::CircuitId;
use veilpay_service::{Config, RunningService, Service};

/// The dev keys that the workspace's tests share.
fn keys_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/test-keys")
}

struct Shell {
    folder: tempfile::TempDir,
    server: String,
}

impl Shell {
    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_veilpay"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env("VEILPAY_KEYS_DIR", keys_dir())
            .env("VEILPAY_SERVER", &self.server)
            .env_remove("VEILPAY_WALLET")
            .env_remove("VEILPAY_TOKEN")
            .output()
            .unwrap()
    }

    /// Runs a command that must end well, and reads its JSON.
    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs a command that must be refused with this status, in one line that says this.
    fn refused(&self, status: i32, says: &str, arguments: &[&str]) {
        let output = self.run(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {errors}");
        let last = errors.lines().last().unwrap_or_default();
        assert!(last.starts_with("veilpay: ") && last.contains(says), "{arguments:?}: {errors}");
    }
}

fn start(runtime: &Runtime, folder: &Path) -> RunningService {
    let genesis = std::fs::read(folder.join("veilpay-local/genesis.json")).unwrap();
    let genesis: Genesis = serde_json::from_slice(&genesis).unwrap();
    let config = Config {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        data_dir: folder.join("data"),
        keys_dir: keys_dir(),
        circuits: vec![CircuitId::Transfer2x3, CircuitId::Enrol],
        allow_insecure_dev_keys: true,
        open_admin_on_loopback: true,
        ..Config::default()
    };
    runtime.block_on(Service::start(config, genesis)).unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

/// The example of `docs/INTEGRATION.md` reads the ledger and has every proof verified.
fn follow(server: &str, transactions: usize) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/examples/follow.py");
    let run = |digest: &str| {
        let named = format!("transfer_2x3={digest}");
        Command::new("python3").arg(&script).args([server, &named]).output()
    };
    let Ok(refused) = run("0x00") else {
        let required = std::env::var("VEILPAY_REQUIRE").unwrap_or_default();
        assert!(!required.split(',').any(|name| name == "python"), "python is required: python3 is not here");
        let mut stderr = std::io::stderr();
        return writeln!(stderr, "SKIPPED: python: python3 is not here (follow.py)").unwrap();
    };
    let text = String::from_utf8(refused.stderr).unwrap();
    let digest = text.split("the service's key of transfer_2x3 is ").nth(1).unwrap().split(',').next().unwrap();
    assert!(!refused.status.success(), "another key than the published one");
    let output = run(digest).unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let end = format!("setup dev\n{transactions} transactions, every proof holds\n");
    assert!(text.ends_with(&end), "{text}");
    let gone = Command::new("python3").arg(&script).arg("http://127.0.0.1:1").output().unwrap();
    let text = String::from_utf8_lossy(&gone.stderr);
    assert!(!gone.status.success() && !text.contains("Traceback"), "{text}");
}

#[test]
fn two_people_enrol_shield_pay_and_unshield_against_a_running_server() {
    let mut shell = Shell { folder: tempfile::tempdir().unwrap(), server: String::new() };
    let alice = shell.json(&["keys", "new", "--wallet", "alice.main", "--json"]);
    let bob = shell.json(&["keys", "new", "--wallet", "alice.spare", "--json"]);
    assert_eq!(text(&alice, "words").split(' ').count(), 24);
    let funded = text(&alice, "transparent_account");
    assert!(shell.run(&["local", "init", "--fund", funded, "--fund", funded]).status.success());
    let runtime = Runtime::new().unwrap();
    let service = start(&runtime, shell.folder.path());
    shell.server = format!("http://{}", service.address());

    shell.refused(3, "C2", &["shield", "100", "--wallet", "alice.main"]);
    assert!(shell.run(&["local", "enrol", "Alice", "--wallet", "alice.main"]).status.success());
    let plan = shell.json(&["shield", "100", "--wallet", "alice.main", "--dry-run", "--json"]);
    assert_eq!((text(&plan, "amount"), text(&plan, "fee"), plan.get("txid")), ("100.00", "0.10", None));
    shell.json(&["shield", "100", "--wallet", "alice.main", "--prove", "remote", "--json"]);
    let to = text(&bob, "address");
    shell.json(&["send", to, "25.50", "--memo", "for the bread", "--wallet", "alice.main", "--json"]);
    let balances = shell.json(&["balance", "--wallet", "alice.spare", "--json"]);
    assert_eq!(text(&balances["balances"][0], "spendable"), "25.50");
    assert_eq!(balances["enrolled"], false);
    shell.json(&["unshield", "10", "--wallet", "alice.main", "--json"]);
    let history = shell.json(&["history", "--wallet", "alice.main", "--json"]);
    let kinds: Vec<_> = history.as_array().unwrap().iter().map(|e| (text(e, "kind"), text(e, "amount"))).collect();
    assert_eq!(kinds, [("shielded", "100.00"), ("sent", "25.50"), ("unshielded", "10.00")]);
    let balances = shell.json(&["balance", "--wallet", "alice.main", "--json"]);
    assert_eq!(text(&balances["balances"][0], "spendable"), "64.30");

    follow(&shell.server, 3);
    shell.refused(3, "64.30 can be spent", &["send", to, "1000", "--wallet", "alice.main"]);
    shell.refused(3, "--max-fee", &["send", to, "1", "--max-fee", "0.09", "--wallet", "alice.main"]);
    shell.refused(3, "checksum", &["send", &to.replace("tveil1q", "tveil1p"), "1", "--wallet", "alice.main"]);
    shell.refused(3, "decimals", &["send", to, "0.001", "--wallet", "alice.main"]);
    shell.refused(5, "already", &["keys", "new", "--wallet", "alice.main"]);
    shell.refused(5, "no wallet", &["balance", "--wallet", "nobody"]);
    assert!(shell.run(&["local", "revoke", "Alice"]).status.success());
    shell.refused(3, "revoked", &["send", to, "1", "--wallet", "alice.main"]);

    // The words alone bring everything back.
    std::fs::write(shell.folder.path().join("words"), text(&alice, "words")).unwrap();
    shell.json(&["keys", "restore", "--wallet", "again", "--words-file", "words", "--json"]);
    let restored = shell.json(&["balance", "--wallet", "again", "--json"]);
    assert_eq!(text(&restored["balances"][0], "spendable"), "64.30");
    assert!(runtime.block_on(service.shutdown()));
    shell.refused(4, "cannot be reached", &["balance", "--wallet", "again"]);
}

#[test]
fn the_demo_ends_well_with_every_refusal_by_its_rule() {
    let shell = Shell { folder: tempfile::tempdir().unwrap(), server: String::new() };
    let demo = shell.json(&["demo", "--json"]);
    assert_eq!(demo["ok"], true);
    let rules: Vec<_> = demo["refused"].as_array().unwrap().iter().map(|r| text(r, "rule")).collect();
    assert_eq!(rules, ["L3.10", "L3.10", "L2.7", "T5", "T7"]);
    assert!(demo["steps"].as_array().unwrap().len() >= 8 && demo["total_ms"].as_f64().unwrap() > 0.0);
}

#[test]
fn the_table_of_circuits_is_within_its_targets_and_makes_no_key() {
    let shell = Shell { folder: tempfile::tempdir().unwrap(), server: String::new() };
    let circuits = shell.json(&["circuits", "--json", "--keys-dir", "none"]);
    let targets = [("transfer_2x3", 21_500), ("transfer_8x2", 52_500), ("identity", 9_500), ("enrol", 2_200)];
    for (circuit, (id, most)) in circuits.as_array().unwrap().iter().zip(targets) {
        assert_eq!(text(circuit, "id"), id);
        assert!(circuit["constraints"].as_u64().unwrap() <= most);
        assert!(circuit["vk_digest"].is_null() && circuit["setup"].is_null());
    }
}
