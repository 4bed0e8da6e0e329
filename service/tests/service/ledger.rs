//! The ledger's routes, over transactions whose proof a test double judges; everything else in them is real.

use serde_json::{Value, json};
use veilpay_api::text::Base64;
use veilpay_ledger::testing::{Draft, VerdictInProof};
use veilpay_ledger::{Genesis, LedgerView as _, MemoryLedger, MemoryStore, StoreError};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::encryption::EnrolmentCiphertext;
use veilpay_protocol::field::Fr;
use veilpay_protocol::registry::{Registry, RegistryWrite, SanctionsList};
use veilpay_protocol::transaction::{Transaction, TransparentKey};
use veilpay_service::StartError;

use crate::world::{World, issuer, payer};

pub(crate) fn draft(genesis: &Genesis, seed: u64) -> Draft {
    let ledger = MemoryLedger::open(genesis.clone(), MemoryStore::default()).expect("a good genesis");
    Draft::new(genesis.ledger_id(), &ledger.parameters(), ledger.tip(), CircuitId::Transfer2x3, seed)
}

pub(crate) fn shield(genesis: &Genesis, seed: u64, amount: u64) -> Transaction {
    draft(genesis, seed).shield(&payer(), amount).sign()
}

pub(crate) fn submission(transaction: &Transaction) -> Vec<u8> {
    serde_json::to_vec(&json!({"transaction": Base64(transaction.to_bytes())})).unwrap()
}

fn delta(bytes: Vec<u8>) -> Vec<u8> {
    serde_json::to_vec(&json!({"delta": Base64(bytes)})).unwrap()
}

#[test]
fn a_transaction_is_in_a_block_when_it_is_acknowledged_and_everything_about_it_can_be_read() {
    let world = World::new(|_| ());
    let transaction = shield(&world.genesis, 1, 300);
    let reply = world.client.post("/v1/transactions", &submission(&transaction));
    let status = reply.ok(201);
    assert_eq!((&status["status"], &status["height"]), (&json!("accepted"), &json!(1)));
    assert_eq!(world.client.get(reply.header("location").unwrap()).ok(200), status);
    let txid = &status["txid"];

    let ledger = world.client.get("/v1/ledger").ok(200);
    assert_eq!((&ledger["tip"]["height"], &ledger["tip"]["tree_size"]), (&json!(1), &json!(3)));
    assert_eq!((&ledger["assets"][0]["pool"], &ledger["checkpoint"]), (&json!("300"), &ledger["tip"]));
    let notes = world.client.get("/v1/ledger/notes?from=1&limit=1").ok(200);
    assert_eq!((&notes["tree_size"], notes["notes"].as_array().unwrap().len()), (&json!(3), 1));
    assert_eq!((&notes["notes"][0]["index"], &notes["notes"][0]["txid"]), (&json!(1), txid));
    let nullifiers = world.client.get("/v1/ledger/nullifiers").ok(200);
    assert_eq!((&nullifiers["total"], &nullifiers["nullifiers"][1]["txid"]), (&json!(2), txid));
    let transactions = world.client.get("/v1/ledger/transactions").ok(200);
    assert_eq!((&transactions["total"], &transactions["transactions"][0]["txid"]), (&json!(1), txid));
    assert_eq!(transactions["transactions"][0]["transaction"], json!(Base64(transaction.to_bytes())));
    let blocks = world.client.get("/v1/ledger/blocks?from=1").ok(200);
    assert_eq!(blocks["blocks"][0], ledger["tip"]);
    let roots = world.client.get("/v1/ledger/roots").ok(200);
    assert_eq!(roots["roots"].as_array().unwrap().last(), Some(&ledger["tip"]["note_root"]));
    assert_eq!(roots["roots"].as_array().unwrap().len(), 2);
    let frontier = world.client.get("/v1/ledger/frontier").ok(200);
    assert_eq!((&frontier["tree_size"], frontier["levels"][0].as_array().unwrap().len()), (&json!(3), 3));
    let account = world.client.get(&format!("/v1/ledger/accounts/{}", TransparentKey::of(&payer()))).ok(200);
    assert_eq!(account["balances"][0]["amount"], "700");
}

#[test]
fn a_rejected_transaction_names_its_rule_and_leaves_no_trace() {
    let world = World::new(|_| ());
    let good = shield(&world.genesis, 1, 10);
    let reject = |body: &[u8]| {
        let reply = world.client.post("/v1/transactions", body);
        assert_eq!(reply.status, 422);
        let problem = reply.problem("transaction_rejected");
        (problem["rule"].clone(), problem["reason"].clone())
    };
    assert_eq!(reject(br#"{"transaction":"AAAA"}"#).0, "L1.2");
    let forged = Transaction { proof: VerdictInProof::FAILS, ..good.clone() };
    assert_eq!(reject(&submission(&forged)), (json!("L2.7"), json!("proof")));
    assert_eq!(reject(&submission(&shield(&world.genesis, 2, 1001))).0, "L3.15");
    world.client.post("/v1/transactions", &submission(&good)).ok(201);
    let twice = draft(&world.genesis, 3).with(|d| d.fields.nullifiers = good.body.statement.nullifiers.clone()).sign();
    assert_eq!(reject(&submission(&twice)), (json!("L3.10"), json!("nullifier_seen")));
    assert_eq!(reject(&submission(&good)), (json!("L3.10"), json!("nullifier_seen")));
    assert_eq!(world.client.get("/v1/ledger").ok(200)["tip"]["height"], 1);
    for txid in [format!("0x{}", "0".repeat(64)), "x".to_owned()] {
        let absent = world.client.get(&format!("/v1/transactions/{txid}"));
        assert_eq!(absent.status, 404);
        absent.problem("not_found");
    }
    for key in [format!("0x{}", "0".repeat(64)), "x".to_owned()] {
        assert_eq!(world.client.get(&format!("/v1/ledger/accounts/{key}")).status, 404);
    }
}

fn registry_delta(genesis: &Genesis) -> Vec<u8> {
    let ciphertext = EnrolmentCiphertext::unopenable(&mut rand_core::OsRng);
    let write = RegistryWrite { index: 0, leaf: Fr::from(5u64), ciphertext };
    let plan = Registry::default().plan(vec![write]).unwrap();
    plan.sign(&genesis.ledger_id(), &issuer()).to_bytes()
}

fn sanctions_delta(genesis: &Genesis) -> Vec<u8> {
    let list = SanctionsList::default();
    let writes = list.list().plan_insert(40).unwrap();
    list.plan(writes).unwrap().sign(&genesis.ledger_id(), &issuer()).to_bytes()
}

#[test]
fn deltas_are_applied_once_and_read_in_bulk() {
    let world = World::new(|config| config.open_admin_on_loopback = true);
    let lists: [(&str, Vec<u8>); 2] =
        [("/v1/registry", registry_delta(&world.genesis)), ("/v1/sanctions", sanctions_delta(&world.genesis))];
    for (path, signed) in lists {
        let before = world.client.get(path).ok(200);
        assert_eq!((&before["sequence"], &before["deltas"]), (&json!(0), &json!([])));
        let after = world.client.post(path, &delta(signed.clone())).ok(200);
        assert_eq!(after["sequence"], 1);
        assert_ne!(after["root"], before["root"]);
        let read = world.client.get(&format!("{path}?from=0&limit=5")).ok(200);
        assert_eq!((&read["root"], &read["deltas"]), (&after["root"], &json!([Base64(signed.clone())])));
        assert_eq!(world.client.get(&format!("{path}?from=1")).ok(200)["deltas"], json!([]));
        let again = world.client.post(path, &delta(signed.clone()));
        assert_eq!((again.status, &again.problem("delta_rejected")["rule"]), (422, &json!("C4")));
        let mut forged = signed;
        *forged.last_mut().unwrap() ^= 1;
        assert_eq!(world.client.post(path, &delta(forged)).status, 422);
        let broken = world.client.post(path, &delta(vec![1, 2, 3]));
        assert_eq!((broken.status, &broken.problem("malformed")["errors"][0]["pointer"]), (400, &json!("/delta")));
    }
}

fn snapshot(world: &World) -> Vec<Value> {
    let paths =
        ["/v1/ledger", "/v1/ledger/notes", "/v1/ledger/nullifiers", "/v1/ledger/transactions", "/v1/ledger/roots"];
    let more = ["/v1/ledger/blocks", "/v1/ledger/frontier", "/v1/registry"];
    paths.iter().chain(&more).map(|path| world.client.get(path).ok(200)).collect()
}

#[test]
fn a_restart_keeps_the_ledger_and_another_genesis_is_refused() {
    let world = World::new(|config| config.open_admin_on_loopback = true);
    for seed in 1..4 {
        world.client.post("/v1/transactions", &submission(&shield(&world.genesis, seed, 10))).ok(201);
    }
    world.client.post("/v1/registry", &delta(registry_delta(&world.genesis))).ok(200);
    let before = snapshot(&world);
    let world = world.restart();
    assert_eq!(snapshot(&world), before);
    world.client.post("/v1/transactions", &submission(&shield(&world.genesis, 9, 10))).ok(201);
    let mut world = world;
    assert!(world.stop());
    let other = Genesis { name: "another".to_owned(), ..world.genesis.clone() };
    assert!(matches!(world.start_another(other), Err(StartError::Ledger(StoreError::AnotherLedger))));
}

#[test]
fn blocks_are_made_as_time_passes() {
    // A block is due fifteen seconds after the last one.
    let world = World::aged(20);
    crate::world::until(|| world.client.get("/v1/ledger").ok(200)["tip"]["height"] == 1);
    assert_eq!(world.client.get("/v1/ledger/roots").ok(200)["roots"].as_array().unwrap().len(), 1);
}

#[test]
fn two_services_cannot_share_a_ledger() {
    let world = World::new(|_| ());
    let started = world.start_another(world.genesis.clone());
    assert!(matches!(started, Err(StartError::Ledger(_))));
}
