//! A process that is killed while it submits: whatever it acknowledged is there afterwards.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use veilpay_ledger::testing::{Draft, VerdictInProof};
use veilpay_ledger::{LedgerView, PoolId, SqliteLedger, SqliteStore};
use veilpay_protocol::note::AssetId;
use veilpay_protocol::params::Network;
use veilpay_protocol::transaction::TxId;

use crate::setting::{ALICE, COLLECTOR, Folder, SHAPE, account, genesis, key};

/// Names the database to the child; without it the child's test does nothing.
const DATABASE: &str = "VEILPAY_LEDGER_CRASH_DATABASE";
const KILLS: u64 = 24;

fn open(path: impl Into<PathBuf>) -> SqliteLedger {
    let store = SqliteStore::open(path.into()).expect("a killed process leaves an intact database");
    SqliteLedger::open(genesis(Network::Local), store).expect("a killed process leaves an intact ledger")
}

/// The child: shields until it is killed, and says so after each acknowledgement.
#[test]
fn child_that_submits_until_it_is_killed() {
    let Some(path) = std::env::var_os(DATABASE) else { return };
    let mut ledger = open(path);
    loop {
        let checkpoint = ledger.checkpoint_for(0).expect("readable").expect("block 0 is a checkpoint");
        let seed = 1 + ledger.height();
        let draft = Draft::new(ledger.ledger_id(), &ledger.parameters(), &checkpoint, SHAPE, seed);
        let transaction = draft.shield(&key(ALICE), 100).fee(account(COLLECTOR), 10).sign();
        let receipt = ledger.submit(&VerdictInProof, &transaction, checkpoint.time).expect("valid");
        writeln!(std::io::stdout(), "\nack {} {}", receipt.txid, receipt.height).expect("the parent reads");
    }
}

/// What the child acknowledged: identifiers and heights.
fn acknowledged(line: &str) -> Option<(TxId, u64)> {
    let (txid, height) = line.strip_prefix("ack ")?.split_once(' ')?;
    let bytes = veilpay_protocol::field::bytes_from_hex(txid).ok()?;
    Some((TxId::new(bytes), height.parse().ok()?))
}

#[test]
fn whatever_was_acknowledged_survives_kill_9() {
    let folder = Folder::new();
    let path = folder.file("ledger.db");
    let mut all = Vec::new();
    let mut random = 0x9e37_79b9_7f4a_7c15u64;
    for kill in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "crash::child_that_submits_until_it_is_killed", "--nocapture", "--test-threads=1"])
            .env(DATABASE, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the test binary runs");
        let stdout = child.stdout.take().expect("piped");
        let reader = std::thread::spawn(move || {
            BufReader::new(stdout)
                .lines()
                .map_while(Result::ok)
                .filter_map(|line| acknowledged(&line))
                .collect::<Vec<_>>()
        });
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // The first ones are killed while the database is being made.
        let micros = if kill < 4 { kill * 4000 + random % 4000 } else { 20_000 + (random >> 33) % 130_000 };
        std::thread::sleep(Duration::from_micros(micros));
        child.kill().expect("the child runs");
        child.wait().expect("the child ends");
        all.extend(reader.join().expect("the reader ends"));
        let ledger = open(&path);
        for (txid, height) in &all {
            let record = ledger.transaction(*txid).expect("readable").expect("what was acknowledged is there");
            assert_eq!(record.receipt.height, *height);
        }
        // At most one block per kill was stored and not acknowledged.
        assert!(ledger.height() >= all.len() as u64 && ledger.height() <= all.len() as u64 + kill + 1);
        assert_eq!(ledger.pool(PoolId { asset: AssetId::native(), version: 1 }), 90 * ledger.height());
        assert_eq!(ledger.balance(account(ALICE), AssetId::native()), (1 << 40) - 100 * ledger.height());
        ledger.audit().expect("everything fits");
    }
    assert!(all.len() as u64 > KILLS, "the children did some work: {}", all.len());
}
