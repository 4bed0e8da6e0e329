//! Writes a short history of a ledger with real proofs, for ledgers in other languages: the files of `vectors/ledger`.
//!
//! `cargo run --release -p veilpay-tests --example ledger_vectors -- FOLDER`. Proofs are made under dev keys and with fresh
//! randomness, so each run writes other bytes; those that are kept must stay valid, whoever reads them.
#![forbid(unsafe_code)]

use std::fmt::{Display, Write as _};
use std::fs;
use std::path::PathBuf;

use veilpay_ledger::rules;
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::encryption::Memo;
use veilpay_protocol::note::AssetId;
use veilpay_tests::world::{ALLOCATION, Local, START, account, engine, person};
use veilpay_tests::{FEE, World};
use veilpay_wallet::{Wallet, Wish};

/// A folder and the script that says in which order its files come.
struct History {
    folder: PathBuf,
    script: String,
}

impl History {
    fn line(&mut self, words: &[&dyn Display]) {
        let words: Vec<String> =
            words.iter().map(|word| word.to_string().trim_start_matches("0x").to_owned()).collect();
        writeln!(self.script, "{}", words.join(" ")).expect("a string takes text");
    }

    fn file(&mut self, action: &str, name: &str, bytes: &[u8]) {
        fs::write(self.folder.join(name), bytes).expect("the folder takes files");
        self.line(&[&action, &name]);
    }
}

/// Pays, and gives the transaction's bytes as the ledger took them.
fn pay(world: &World, wallet: &mut Wallet, wish: &Wish) -> Vec<u8> {
    wallet.sync(&world.chain).expect("the wallet follows");
    let source = matches!(wish, Wish::Shield { .. }).then(|| wallet.key().transparent());
    let receipt = wallet.pay(wish, source.as_ref(), &world.chain, &Local).expect("an honest payment is accepted");
    let record = world.chain.ledger().transaction(receipt.txid).expect("a ledger in memory reads");
    record.expect("it was accepted").transaction.bytes
}

/// The state that the history starts from.
fn begin(history: &mut History, world: &World) {
    let ledger = world.chain.ledger();
    let genesis = ledger.genesis();
    let text = serde_json::to_vec_pretty(genesis).expect("a genesis is text");
    fs::write(history.folder.join("genesis.json"), text).expect("the folder takes files");
    history.line(&[&"network", &(genesis.network as u8)]);
    history.line(&[&"ledger", &genesis.ledger_id()]);
    history.line(&[&"issuer", &genesis.issuer]);
    history.line(&[&"time", &START]);
    let native = AssetId::native();
    history.line(&[&"asset", &native, &FEE]);
    history.line(&[&"balance", &account(&person(1)), &native, &ALLOCATION]);
    let key = engine().key(CircuitId::Transfer2x3).expect("dev keys are made when missing");
    history.file("key", "transfer_2x3.vk", &key.verifying_key().to_bytes());
}

fn enrol(history: &mut History, world: &mut World, number: u8, name: &str) {
    world.enrol(number);
    let deltas = world.chain.ledger().registry_deltas(0, usize::MAX).expect("a ledger in memory reads");
    history.file("registry", name, &deltas.last().expect("the enrolment").delta.to_bytes());
}

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("the folder to write to"));
    fs::create_dir_all(&folder).expect("the folder can be made");
    let mut history = History { folder, script: String::new() };
    let mut world = World::new("vectors");
    begin(&mut history, &world);
    enrol(&mut history, &mut world, 1, "enrol-alice.delta");
    enrol(&mut history, &mut world, 2, "enrol-bob.delta");
    let (mut alice, mut bob) = (world.wallet(1), world.wallet(2));
    let native = AssetId::native();

    let shield = Wish::shield_from(&alice.key().transparent(), native, 1000);
    let shielded = pay(&world, &mut alice, &shield);
    history.file("transaction", "shield.tx", &shielded);
    let memo = Memo::from_text("for the bread").expect("a short text");
    let send = Wish::Send { to: person(2).address(0), asset: native, amount: 300, memo };
    let sent = pay(&world, &mut alice, &send);
    history.file("transaction", "send.tx", &sent);
    let unshield = Wish::Unshield { asset: native, amount: 200, target: account(&person(2)) };
    history.file("transaction", "unshield.tx", &pay(&world, &mut bob, &unshield));

    // What must be refused: the same once more, the proof of another payment, bytes cut off.
    history.line(&[&"transaction", &"send.tx"]);
    let mut forged = rules::decode(&sent).expect("the ledger took it");
    forged.proof = rules::decode(&shielded).expect("the ledger took it").proof;
    history.file("transaction", "forged.tx", &forged.to_bytes());
    history.file("transaction", "cut.tx", &sent[..sent.len() - 1]);
    fs::write(history.folder.join("history.txt"), &history.script).expect("the folder takes files");
}
