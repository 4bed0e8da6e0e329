//! The circuit versions on the ledger: shown to all, changed by the admin scope alone.

use std::sync::OnceLock;

use serde_json::{Value, json};
use veilpay_api::text::{Base64, Hex32};
use veilpay_ledger::testing::Draft;
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::transaction::TransparentKey;
use veilpay_prover::KeyStore;
use veilpay_service::auth::Scope;
use veilpay_verifier::formats::snarkjs;
use veilpay_verifier::{KeyInfo, KeyPoints, Setup, VerifyingKey};

use crate::client::Reply;
use crate::ledger::{draft, submission};
use crate::world::{World, keys_dir, payer, token};

const STATE: &str = "/v1/admin/circuits/transfer_2x3/1/state";
const TRANSFER: CircuitId = CircuitId::Transfer2x3;

/// With the admin scope open, as a demo has it, and the digests of versions 1 to 3 pinned.
fn world() -> World {
    World::new(|config| {
        config.open_admin_on_loopback = true;
        for version in [1, 2, 3] {
            let key = later(version, Setup::Ceremony, |_| ());
            config.key_digests.insert(key.info().into(), Hex32(key.digest()));
        }
    })
}

fn state(world: &World, path: &str, state: &str) -> Reply {
    world.client.post(path, &serde_json::to_vec(&json!({ "state": state })).unwrap())
}

fn add(world: &World, key: &[u8]) -> Reply {
    world.client.post("/v1/admin/circuits", &serde_json::to_vec(&json!({ "key": Base64(key.to_vec()) })).unwrap())
}

/// What `GET /v1/circuits` says of a version of the circuit of payments.
fn shown(world: &World, version: u16) -> Value {
    let circuits = world.client.get("/v1/circuits").ok(200);
    let versions = circuits["versions"].as_array().unwrap();
    let of = |known: &&Value| known["circuit"] == "transfer_2x3" && known["version"] == version;
    versions.iter().find(of).cloned().unwrap_or_default()
}

fn submit(world: &World, draft: Draft) -> Result<(), String> {
    let reply = world.client.post("/v1/transactions", &submission(&draft.sign()));
    if reply.status == 201 {
        Ok(())
    } else {
        Err(reply.problem("transaction_rejected")["rule"].as_str().unwrap().into())
    }
}

fn shield(world: &World, seed: u64) -> Draft {
    draft(&world.genesis, seed).shield(&payer(), 100)
}

fn unshield(world: &World, seed: u64, amount: u64) -> Draft {
    draft(&world.genesis, seed).unshield(TransparentKey::of(&payer()), amount)
}

/// A key for a later version: a dev key's points under other words.
fn later(version: u16, setup: Setup, change: impl FnOnce(&mut KeyPoints)) -> VerifyingKey {
    static KEY: OnceLock<VerifyingKey> = OnceLock::new();
    let made =
        || KeyStore::open(keys_dir()).and_then(|store| store.get(TRANSFER)).map(|key| key.verifying_key().clone());
    let key = KEY.get_or_init(|| made().expect("a dev key"));
    let mut points = key.points().clone();
    change(&mut points);
    VerifyingKey::new(KeyInfo { version, setup, ..*key.info() }, points)
}

#[test]
fn a_version_is_drained_stopped_and_activated_again_and_stays_so_over_a_restart() {
    let mut world = world();
    let expected = json!({ "circuit": "transfer_2x3", "version": 1, "state": "active", "supply": [] });
    assert_eq!(shown(&world, 1), expected);
    submit(&world, shield(&world, 1)).unwrap();
    let supply = shown(&world, 1)["supply"].clone();
    assert_eq!((supply.as_array().unwrap().len(), &supply[0]["amount"]), (1, &json!("100")));

    let drained = state(&world, STATE, "drain_only").ok(200);
    assert_eq!((&drained["state"], &drained), (&json!("drain_only"), &shown(&world, 1)));
    let height = world.client.get("/v1/ledger").ok(200)["tip"]["height"].clone();
    state(&world, STATE, "drain_only").ok(200);
    assert_eq!(world.client.get("/v1/ledger").ok(200)["tip"]["height"], height, "no change, no block");
    assert_eq!(submit(&world, shield(&world, 2)), Err("L3.2".into()));
    assert_eq!(submit(&world, draft(&world.genesis, 3)), Err("L3.2".into()));
    assert_eq!(submit(&world, unshield(&world, 4, 30)), Ok(()));
    assert_eq!(submit(&world, unshield(&world, 5, 71)), Err("L3.18".into()));

    world = world.restart();
    assert_eq!(shown(&world, 1)["state"], "drain_only");
    assert_eq!(shown(&world, 1)["supply"][0]["amount"], "70");
    state(&world, STATE, "stopped").ok(200);
    assert_eq!(submit(&world, unshield(&world, 6, 30)), Err("L3.1".into()));
    let other = "/v1/admin/circuits/transfer_8x2/1/state";
    assert_eq!(state(&world, other, "drain_only").ok(200)["circuit"], "transfer_8x2");
    state(&world, STATE, "active").ok(200);
    assert_eq!(submit(&world, shield(&world, 7)), Ok(()));
}

#[test]
fn a_state_or_version_that_is_none_is_refused_and_only_the_admin_changes_any() {
    let open = world();
    state(&open, STATE, "paused").problem("malformed");
    for path in [
        "transfer_2x3/2",
        "transfer_2x3/0",
        "transfer_2x3/+1",
        "transfer_2x3/01",
        "transfer_2x3/x",
        "enrol/1",
        "nothing/1",
    ] {
        let reply = state(&open, &format!("/v1/admin/circuits/{path}/state"), "stopped");
        assert_eq!(reply.status, 404, "{path}");
    }
    let scopes = [Scope::Prove, Scope::Verify, Scope::Submit, Scope::Read];
    let guarded = World::new(|config| config.tokens = vec![token("user", &scopes), token("admin", &[Scope::Admin])]);
    let body = serde_json::to_vec(&json!({ "state": "stopped" })).unwrap();
    assert_eq!(guarded.client.post(STATE, &body).status, 401);
    guarded.client.with_token("user").post(STATE, &body).problem("forbidden");
    guarded.client.with_token("user").post("/v1/admin/circuits", b"{}").problem("forbidden");
    let versions = guarded.client.with_token("user").get("/v1/circuits").ok(200)["versions"].clone();
    assert!(versions.as_array().unwrap().iter().all(|version| version["state"] == "active"));
    assert_eq!(guarded.client.with_token("admin").post(STATE, &body).ok(200)["state"], "stopped");
    // Not even on loopback without tokens, unless the configuration says so.
    assert_eq!(World::new(|_| ()).client.post(STATE, &body).status, 403);
}

#[test]
fn a_version_comes_in_with_its_key_and_its_transactions_are_verified_under_it() {
    let mut world = world();
    let key = later(2, Setup::Ceremony, |_| ());
    let unknown = shield(&world, 1).with(|draft| draft.version = 2);
    assert_eq!(submit(&world, unknown), Err("L1.2".into()));
    let reply = add(&world, &key.to_bytes());
    let added = reply.ok(201);
    let location = reply.header("location").unwrap();
    assert_eq!(location, "/v1/circuits/transfer_2x3/verification-key?version=2");
    let shown_key = world.client.get(location).ok(200);
    assert_eq!((&shown_key["key"], &shown_key["version"]), (&json!(Base64(key.to_bytes())), &json!(2)));
    let served = world.client.get(&format!("{location}&format=snarkjs"));
    assert_eq!(snarkjs::read_key(&served.body).as_ref(), Ok(key.points()));
    assert_eq!(world.client.get(&location.replace('2', "3")).status, 404);
    assert_eq!(world.client.get("/v1/circuits/transfer_2x3/verification-key?version=9").status, 404);
    // What happened to the version stands in the chain.
    let blocks = world.client.get("/v1/ledger/blocks").ok(200)["blocks"].clone();
    let last = blocks.as_array().unwrap().last().unwrap().clone();
    let change =
        json!({ "circuit": "transfer_2x3", "version": 2, "state": "active", "vk_digest": Hex32(key.digest()) });
    assert_eq!((&last["kind"], &last["change"]), (&json!("key"), &change));
    assert_eq!(last["previous"], blocks[blocks.as_array().unwrap().len() - 2]["hash"]);
    assert_eq!(
        (&added["version"], &added["state"], &added["setup"]),
        (&json!(2), &json!("active"), &json!("ceremony"))
    );
    assert_eq!(added["vk_digest"], json!(Hex32(key.digest())));
    for round in 0..2 {
        // Signed under the key of version 2, and the double's proof is none under it.
        let signed = shield(&world, 2 + round).with(|draft| (draft.version, draft.vk_digest) = (2, Some(key.digest())));
        assert_eq!(submit(&world, signed), Err("L2.7".into()));
        assert_eq!(submit(&world, shield(&world, 4 + round)), Ok(()), "version 1 goes on");
        assert_eq!(shown(&world, 2), added);
        world = world.restart();
    }
    let state_of_2 = "/v1/admin/circuits/transfer_2x3/2/state";
    assert_eq!(state(&world, state_of_2, "stopped").ok(200)["state"], "stopped");
    let blocks = world.client.get("/v1/ledger/blocks").ok(200)["blocks"].clone();
    let change = json!({ "circuit": "transfer_2x3", "version": 2, "state": "stopped" });
    assert_eq!(blocks.as_array().unwrap().last().unwrap()["change"], change);
    assert_eq!(shown(&world, 1)["state"], "active");
}

#[test]
fn s1_unsafe_keys_are_refused_by_their_rule_and_repeated_ones_are_a_conflict() {
    let world = world();
    let refused = |key: &VerifyingKey, rule: &str| {
        let problem = add(&world, &key.to_bytes()).problem("key_rejected");
        assert_eq!(problem["rule"], rule, "{problem}");
        problem["detail"].as_str().unwrap().to_owned()
    };
    let unsafe_key = later(2, Setup::Ceremony, |points| points.delta = points.gamma);
    assert!(refused(&unsafe_key, "S1").contains("delta is gamma"));
    refused(&later(2, Setup::Ceremony, |points| points.ic[2] = points.ic[1]), "S1");
    refused(&later(0, Setup::Ceremony, |_| ()), "S1");
    // Neither the token alone brings a key in, nor the word of a key for itself.
    refused(&later(4, Setup::Dev, |_| ()), "S2");
    refused(&later(4, Setup::Ceremony, |_| ()), "S3");
    refused(&later(2, Setup::Dev, |_| ()), "S3");
    refused(&later(2, Setup::Ceremony, |points| points.ic.swap(1, 2)), "S3");
    let mut damaged = later(2, Setup::Ceremony, |_| ()).to_bytes();
    *damaged.last_mut().unwrap() ^= 1;
    assert_eq!(add(&world, &damaged).problem("key_rejected")["rule"], "S1");
    add(&world, b"no key").problem("malformed");
    add(&world, &later(1, Setup::Ceremony, |_| ()).to_bytes()).problem("conflict");
    assert_eq!(shown(&world, 2), Value::Null);

    add(&world, &later(2, Setup::Ceremony, |_| ()).to_bytes()).ok(201);
    add(&world, &later(2, Setup::Ceremony, |_| ()).to_bytes()).problem("conflict");
    add(&world, &later(3, Setup::Ceremony, |_| ()).to_bytes()).problem("conflict");
    let enrol = KeyStore::open(keys_dir()).and_then(|store| store.get(CircuitId::Enrol)).expect("the cached key");
    let served = enrol.verifying_key();
    let info = KeyInfo { version: 2, setup: Setup::Ceremony, ..*served.info() };
    let relabelled = VerifyingKey::new(info, served.points().clone());
    add(&world, &relabelled.to_bytes()).problem("conflict");
    let lax = World::new(|config| (config.open_admin_on_loopback, config.allow_insecure_dev_keys) = (true, true));
    assert_eq!(add(&lax, &later(2, Setup::Dev, |_| ()).to_bytes()).ok(201)["setup"], "dev");
}
