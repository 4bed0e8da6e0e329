//! `veilpayd` as a process: real keys, real proofs, logs, signals.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde_json::{Value, json};
use veilpay_protocol::curve::mul_generator;
use veilpay_protocol::enrol::EnrolWitness;
use veilpay_protocol::field::{Fr, Fs, fr_to_bytes, fr_to_hex};
use veilpay_protocol::statement::Witness;

use crate::client::Client;
use crate::world::{genesis, keys_dir, real, request_of, until};

struct Daemon {
    child: Child,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
    client: Client,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // A test that failed leaves no process behind.
        let _ = self.child.kill();
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_veilpayd"));
    command.arg("--data-dir").arg(folder.join("ledger")).arg("--genesis").arg(folder.join("genesis.json"));
    command.arg("--keys-dir").arg(keys_dir()).args(["--listen", "127.0.0.1:0", "--threads", "2"]);
    command.env("VEILPAY_CIRCUITS", "[enrol]").env("VEILPAY_LOG", "trace").stderr(Stdio::piped());
    command
}

impl Daemon {
    fn start(folder: &Path) -> Self {
        let mut child = command(folder).arg("--allow-insecure-dev-keys").spawn().expect("the binary runs");
        let stderr = child.stderr.take().expect("piped");
        let log = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&log);
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let mut log = kept.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        let mut address = None;
        until(|| {
            let log = log.lock().unwrap();
            let line = log.lines().find(|line| line.contains("listening"));
            address = line.and_then(|line| serde_json::from_str::<Value>(line).ok()?["address"].as_str()?.parse().ok());
            address.is_some()
        });
        Self { child, log, reader: Some(reader), client: Client::new(address.expect("just found")) }
    }

    /// Sends a signal, and gives the exit code and the log.
    fn stop(mut self, signal: &str) -> (Option<i32>, String) {
        let killed = Command::new("kill").arg(format!("-{signal}")).arg(self.child.id().to_string()).status();
        assert!(killed.expect("kill runs").success());
        let status = self.child.wait().expect("it ends");
        self.reader.take().expect("joined once").join().expect("the log ends with the process");
        let log = self.log.lock().unwrap().clone();
        (status.code(), log)
    }
}

/// All texts in which a value could show.
fn forms(value: Fr) -> Vec<String> {
    let (hex, bytes) = (fr_to_hex(&value), fr_to_bytes(&value));
    let little: Vec<u8> = bytes.iter().rev().copied().collect();
    let debug = format!("{bytes:?}");
    vec![hex[2..].to_owned(), hex::encode(little), value.to_string(), debug[1..debug.len() - 1].to_owned()]
}

#[test]
fn the_daemon_proves_keeps_its_ledger_and_never_logs_a_witness() {
    let _ = real();
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("genesis.json"), serde_json::to_vec(&genesis()).unwrap()).unwrap();
    let canary = -Fr::from(0x00c0_ffee_u64);
    let ak = mul_generator(&Fs::from(5u64));
    let witness = EnrolWitness { ak, nk: canary, idk: canary + Fr::from(1u64), alpha: Fs::from(6u64) };
    let request = request_of(witness, 1);
    let body = request.to_json().unwrap();

    let daemon = Daemon::start(folder.path());
    let job = daemon.client.post_with("/v1/proofs", &[("prefer", "wait=30")], &body).ok(200);
    assert_eq!(job["status"], "succeeded", "{job}");
    let inputs: Vec<_> = request.statement.to_fields().iter().map(fr_to_hex).collect();
    let verify = json!({"circuit": "enrol", "public_inputs": inputs, "proof": job["result"]["proof"]});
    let verdict = daemon.client.post("/v1/verify", &serde_json::to_vec(&verify).unwrap()).ok(200);
    assert_eq!(verdict, json!({"valid": true}));

    // The same canary where it does not belong: a wrong witness, a broken body, a path, a query, headers, a method.
    let text = String::from_utf8(body.to_vec()).unwrap();
    let mut wrong = request;
    if let Witness::Enrol(witness) = &mut wrong.witness {
        witness.idk = canary;
    }
    let secret = fr_to_hex(&canary);
    let wrong = daemon.client.post_with("/v1/proofs", &[("prefer", "wait=30")], &wrong.to_json().unwrap());
    let replies = [
        wrong,
        daemon.client.post("/v1/proofs:validate", text.replace("\"alpha\":\"0x", "\"alpha\":\"0y").as_bytes()),
        daemon.client.post("/v1/proofs", &text.as_bytes()[..text.len() - 1]),
        daemon.client.post("/v1/verify", body.as_slice()),
        daemon.client.get(&format!("/v1/proofs/{secret}")),
        daemon.client.get(&format!("/{secret}?{secret}={secret}")),
        daemon.client.send("GET", "/v1/ledger", &[("x-request-id", &secret), ("authorization", &secret)], None),
        daemon.client.send(&secret[2..].to_uppercase(), "/v1/ledger", &[], None),
    ];
    let (code, log) = daemon.stop("TERM");
    assert_eq!(code, Some(0), "{log}");
    for form in forms(canary).iter().chain(&forms(canary + Fr::from(1u64))) {
        assert!(!log.to_lowercase().contains(form), "the log shows the canary as {form}");
        for reply in &replies {
            assert!(!String::from_utf8_lossy(&reply.body).contains(form), "{reply:?}");
        }
    }
    let line = log.lines().find(|line| line.contains("\"route\":\"/v1/verify\"")).expect("a line per request");
    let line: Value = serde_json::from_str(line).expect("JSON");
    assert_eq!((&line["method"], &line["status"]), (&json!("POST"), &json!(200)));
    assert!(line["ms"].is_number() && line["request"].as_str().is_some_and(|id| id.len() == 32));
    assert!(log.contains("INSECURE key of a dev setup"));

    let daemon = Daemon::start(folder.path());
    daemon.client.get("/v1/ledger").ok(200);
    assert_eq!(daemon.stop("INT").0, Some(0));
}

#[test]
fn the_daemon_says_why_it_does_not_start() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("genesis.json"), serde_json::to_vec(&genesis()).unwrap()).unwrap();
    let run = |change: &dyn Fn(&mut Command)| {
        let mut command = command(folder.path());
        change(&mut command);
        let output = command.output().expect("the binary runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, message) = run(&|_| ());
    assert!(code == Some(1) && message.contains("S2: ") && message.contains("--allow-insecure-dev-keys"), "{message}");
    let (code, message) = run(&|command| {
        command.env("VEILPAY_OPEN_ADMIN_ON_LOOPBACK", "yes");
    });
    assert!(code == Some(2), "{message}");
    let (code, message) = run(&|command| {
        command.env("VEILPAY_LIMTS__PAGE", "3");
    });
    assert!(code == Some(2) && message.contains("limts"), "{message}");
    let (code, message) = run(&|command| {
        command.env("VEILPAY_LOG", "loud");
    });
    assert!(code == Some(2) && message.contains("no such level"), "{message}");
}
