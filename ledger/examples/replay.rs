//! A node on the reference ledger: it replays a history of deltas and transactions, as the examples in C and Python do, and
//! says what it accepted and what it refused, by which rule.
//!
//! Run it: `cargo run --release -p veilpay-ledger --example replay -- vectors/ledger`
#![forbid(unsafe_code)]

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::{env, fs};

use veilpay_ledger::{Genesis, MemoryLedger, MemoryStore, SubmitError, rules};
use veilpay_protocol::registry::{RegistryKind, SignedDelta};
use veilpay_verifier::{PreparedVerifyingKey, Verifier, VerifyingKey};

/// A ledger in memory (`SqliteLedger` keeps it on disk), the keys that it verifies with, and its clock.
struct Node {
    ledger: MemoryLedger,
    verifier: Verifier,
    now: u64,
}

impl Node {
    fn open(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let genesis: Genesis = serde_json::from_slice(&fs::read(folder.join("genesis.json"))?)?;
        let now = genesis.time;
        let key = VerifyingKey::from_bytes(&fs::read(folder.join("transfer_2x3.vk"))?)?;
        // A network publishes the digest of its key: compare it before the key is used.
        let verifier = Verifier::new([PreparedVerifyingKey::new(&key)?])?;
        Ok(Self { ledger: MemoryLedger::open(genesis, MemoryStore::default())?, verifier, now })
    }

    /// Takes a transaction's bytes, as they come over a network.
    fn submit(&mut self, name: &str, bytes: &[u8]) -> Result<String, Box<dyn Error>> {
        let decoded = rules::decode(bytes).map_err(SubmitError::Rejected);
        let submitted = decoded.and_then(|transaction| self.ledger.submit(&self.verifier, &transaction, self.now));
        Ok(match submitted {
            Ok(_) => {
                // The history has one asset in one version: amounts of others do not add up.
                let pool = self.ledger.pools().first().map_or(0, |(_, amount)| *amount);
                let notes = self.ledger.frontier().size();
                format!("accepted {name}: pool {pool}, {notes} notes")
            }
            Err(SubmitError::Rejected(rejection)) => {
                format!("refused {name}: {} {}", rejection.rule(), rejection.code())
            }
            Err(error) => return Err(error.into()),
        })
    }
}

/// Replays the history in a folder and writes a line for each transaction.
pub(crate) fn replay(folder: &Path, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let mut node = Node::open(folder)?;
    for line in fs::read_to_string(folder.join("history.txt"))?.lines() {
        match line.split_once(' ') {
            Some(("registry", name)) => {
                let delta = SignedDelta::<RegistryKind>::from_bytes(&fs::read(folder.join(name))?)?;
                node.ledger.apply_registry_delta(&delta, node.now)?;
            }
            Some(("transaction", name)) => {
                let verdict = node.submit(name, &fs::read(folder.join(name))?)?;
                writeln!(out, "{verdict}")?;
            }
            // The rest of the script is for ledgers that have no genesis file.
            _ => {}
        }
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::args().nth(1).ok_or("the folder of a history, as vectors/ledger")?);
    replay(&folder, &mut io::stdout().lock())
}
