//! Circuits, keys and verification, with real proofs of the smallest circuit.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use veilpay_api::text::{Base64, Hex32, HexBytes};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::fr_to_bytes;
use veilpay_protocol::statement::Statement;
use veilpay_prover::keys::{Contribution, Provenance};
use veilpay_prover::{CancelToken, CircuitKey, KeyStore};
use veilpay_service::config::ConfigError;
use veilpay_service::engine::Engine;
use veilpay_service::jobs::Prove as _;
use veilpay_service::{Config, Service, StartError};
use veilpay_verifier::formats::{evm, snarkjs};
use veilpay_verifier::{KeyInfo, Proof, Setup, VerifyingKey};

use crate::world::{World, enrolment_request, genesis, keys_dir, real, until};

fn inputs(statement: &Statement) -> Vec<Hex32> {
    statement.to_fields().iter().map(|x| Hex32(fr_to_bytes(x))).collect()
}

#[test]
fn a_circuit_is_shown_with_its_figures_and_its_key() {
    let world = World::new(|_| ());
    let list = world.client.get("/v1/circuits").ok(200);
    let circuit = world.client.get("/v1/circuits/enrol").ok(200);
    assert_eq!(list["circuits"], json!([circuit]));
    assert_eq!((&circuit["public_inputs"], &circuit["setup"]), (&json!(4), &json!("dev")));
    assert!(circuit["constraints"].as_u64().unwrap() > 1000 && circuit["domain_log2"].as_u64().unwrap() > 9);
    let key = world.client.get("/v1/circuits/enrol/verification-key").ok(200);
    let bytes: Base64 = serde_json::from_value(key["key"].clone()).unwrap();
    let decoded = VerifyingKey::from_bytes(&bytes.0).expect("a key that obeys S1");
    assert_eq!((json!(Hex32(decoded.digest())), &key["digest"]), (key["digest"].clone(), &circuit["vk_digest"]));
    for path in ["/v1/circuits/transfer_2x3", "/v1/circuits/nothing", "/v1/circuits/identity/verification-key"] {
        let absent = world.client.get(path);
        assert_eq!(absent.status, 404, "{path}");
        absent.problem("not_found");
    }
}

#[test]
fn a_key_is_served_as_snarkjs_has_it_and_as_a_contract() {
    let world = World::new(|_| ());
    let path = |format: &str| format!("/v1/circuits/enrol/verification-key?format={format}");
    assert_eq!(
        world.client.get(&path("native")).ok(200),
        world.client.get("/v1/circuits/enrol/verification-key").ok(200)
    );
    let reply = world.client.get(&path("snarkjs"));
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")));
    let (_, catalog) = real();
    let native = &catalog.served(CircuitId::Enrol).expect("it is served").key.native.key.0;
    let points = VerifyingKey::from_bytes(native).expect("a key that obeys S1").points().clone();
    assert_eq!(snarkjs::read_key(&reply.body), Ok(points));
    let reply = world.client.get(&path("solidity"));
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/plain; charset=utf-8")));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let source = String::from_utf8(reply.body).unwrap();
    assert!(source.contains("contract Groth16Verifier {") && source.contains("INSECURE"));
    for wrong in ["", "Native", "json", "native&format=native", "native&more=1"] {
        let reply = world.client.get(&path(wrong));
        assert_eq!(reply.status, 400, "{wrong}");
        reply.problem("malformed");
    }
}

/// A real proof of an enrolment as `/v1/verify` takes it.
fn proved(challenge: u64) -> Value {
    let request = enrolment_request(challenge);
    let proved = real().0.prove(&request.statement, &request.witness, &|_| (), &CancelToken::new()).expect("a proof");
    json!({ "circuit": "enrol", "public_inputs": inputs(&request.statement), "proof": Base64(proved.proof.to_vec()) })
}

#[test]
fn a_proof_is_verified_under_the_version_that_it_names() {
    let world = World::new(|config| {
        config.open_admin_on_loopback = true;
        config.allow_insecure_dev_keys = true;
    });
    let verify = |body: &Value| world.client.post("/v1/verify", body.to_string().as_bytes());
    let mut named = proved(5);
    named["version"] = json!(1);
    assert_eq!(verify(&named).ok(200), json!({"valid": true}));
    named["version"] = json!(2);
    assert_eq!(verify(&named).problem("not_found")["errors"][0]["pointer"], "/version");

    // A version of another circuit that came in: it is served under its number alone.
    let key = KeyStore::open(keys_dir()).and_then(|store| store.get(CircuitId::Transfer2x3)).expect("a dev key");
    let info = KeyInfo { version: 2, ..*key.info() };
    let second = VerifyingKey::new(info, key.verifying_key().points().clone());
    let body = json!({ "key": Base64(second.to_bytes()) }).to_string();
    world.client.post("/v1/admin/circuits", body.as_bytes()).ok(201);
    named["circuit"] = json!("transfer_2x3");
    assert_eq!(verify(&named).ok(200), json!({"valid": false, "rule": "input_count"}));
    named["public_inputs"] = json!(vec![Hex32([0; 32]); 23]);
    assert_eq!(verify(&named).ok(200), json!({"valid": false, "rule": "equation"}));
    let batch = json!({ "proofs": [proved(6), named.clone()] }).to_string();
    let verdict = world.client.post("/v1/verify/batch", batch.as_bytes()).ok(200);
    assert_eq!(verdict, json!({"valid": false, "invalid": [{"index": 1, "rule": "equation"}]}));
    named.as_object_mut().unwrap().remove("version");
    assert_eq!(verify(&named).problem("not_found")["errors"][0]["pointer"], "/circuit");
}

#[test]
fn an_emergency_stop_does_not_wait_behind_batches() {
    const BATCHES: usize = 6;
    let world = World::new(|config| config.open_admin_on_loopback = true);
    let mut wrong = proved(7);
    wrong["public_inputs"][3] = json!(Hex32([0; 32]));
    let batch = json!({ "proofs": vec![wrong; 400] }).to_string();
    let (client, done) = (&world.client, &AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..BATCHES {
            scope.spawn(|| {
                let verdict = client.post("/v1/verify/batch", batch.as_bytes()).ok(200);
                assert_eq!(verdict["invalid"].as_array().unwrap().len(), 400);
                done.fetch_add(1, Ordering::SeqCst);
            });
        }
        until(|| done.load(Ordering::SeqCst) > 0);
        client.post("/v1/admin/circuits/transfer_2x3/1/state", br#"{"state": "stopped"}"#).ok(200);
        assert!(done.load(Ordering::SeqCst) <= BATCHES / 2, "batches that waited were answered first");
    });
}

#[test]
fn a_job_gives_its_proof_in_the_forms_of_other_verifiers() {
    let world = World::new(|_| ());
    world.engine.proves.store(true, Ordering::SeqCst);
    let path = world.ask(3);
    assert_eq!(world.finished(&path)["status"], "succeeded");
    let statement = enrolment_request(3).statement;
    let native = world.client.get(&format!("{path}/proof")).ok(200);
    assert_eq!(native, world.client.get(&format!("{path}/proof?format=native")).ok(200));
    assert_eq!(native["public_inputs"], json!(inputs(&statement)));
    let verdict = world.client.post("/v1/verify", native.to_string().as_bytes()).ok(200);
    assert_eq!(verdict, json!({"valid": true}));

    let bytes: Base64 = serde_json::from_value(native["proof"].clone()).unwrap();
    let proof = Proof::from_bytes(&bytes.0).expect("a proof");
    let snarkjs = world.client.get(&format!("{path}/proof?format=snarkjs")).ok(200);
    assert_eq!(snarkjs::read_proof(snarkjs["proof"].to_string().as_bytes()), Ok(proof));
    let read = snarkjs::read_public(snarkjs["publicSignals"].to_string().as_bytes());
    assert_eq!(read, Ok(statement.to_fields()));

    let evm = world.client.get(&format!("{path}/proof?format=evm")).ok(200);
    let bytes = |field: &str| serde_json::from_value::<HexBytes>(evm[field].clone()).unwrap().0;
    assert_eq!(evm::proof_from_bytes(&bytes("proof")), Ok(proof));
    assert_eq!(evm::read_calldata(&bytes("calldata"), 4), Ok((proof, statement.to_fields())));
    for wrong in ["", "solidity", "Evm", "evm&format=evm", "evm&more=1"] {
        let reply = world.client.get(&format!("{path}/proof?format={wrong}"));
        assert_eq!(reply.status, 400, "{wrong}");
        assert_eq!(reply.problem("malformed")["detail"], "the query is `format=native|snarkjs|evm`, optional");
    }
}

#[test]
fn a_proof_of_snarkjs_form_is_read_strictly() {
    let world = World::new(|_| ());
    let request = enrolment_request(2);
    let proved = real().0.prove(&request.statement, &request.witness, &|_| (), &CancelToken::new()).expect("a proof");
    let text = snarkjs::write_proof(&Proof::from_bytes(&proved.proof).expect("a proof"));
    let inputs = json!(inputs(&request.statement)).to_string();
    let post = |proof: &str| {
        let body = format!("{{\"circuit\": \"enrol\", \"public_inputs\": {inputs}, \"proof\": {proof}}}");
        world.client.post("/v1/verify", body.as_bytes())
    };
    assert_eq!(post(&text).ok(200), json!({"valid": true}));
    let invalid = json!({"valid": false, "rule": "proof_encoding"});
    for (from, to) in
        [("groth16", "plonk"), ("\"pi_a\"", "\"pi_b\""), ("{", "{\"more\": 1,"), ("\"1\"", "\"01\""), ("\"1\"", "1")]
    {
        assert_eq!(post(&text.replacen(from, to, 1)).ok(200), invalid, "{to}");
    }
    let swapped = text.replace("pi_a", "pi_x").replace("pi_c", "pi_a").replace("pi_x", "pi_c");
    assert_eq!(post(&swapped).ok(200), json!({"valid": false, "rule": "equation"}));
    for wrong in ["[]", "1", "null", "\"?\""] {
        assert_eq!(post(wrong).status, 400, "{wrong}");
    }
}

#[test]
fn a_real_proof_is_valid_and_anything_else_is_invalid_by_its_rule() {
    let world = World::new(|_| ());
    let request = enrolment_request(1);
    let proved = real().0.prove(&request.statement, &request.witness, &|_| (), &CancelToken::new()).expect("a proof");
    let good = (inputs(&request.statement), proved.proof.to_vec());
    let verify = |inputs: &[Hex32], proof: &[u8]| -> Value {
        let body = json!({"circuit": "enrol", "public_inputs": inputs, "proof": Base64(proof.to_vec())});
        world.client.post("/v1/verify", &serde_json::to_vec(&body).unwrap()).ok(200)
    };
    assert_eq!(verify(&good.0, &good.1), json!({"valid": true}));
    let mut other = good.0.clone();
    other[3] = Hex32([0; 32]);
    assert_eq!(verify(&other, &good.1), json!({"valid": false, "rule": "equation"}));
    assert_eq!(verify(&good.0[..3], &good.1), json!({"valid": false, "rule": "input_count"}));
    assert_eq!(verify(&good.0, &[0; 128]), json!({"valid": false, "rule": "proof_encoding"}));
    assert_eq!(verify(&good.0, &good.1[..127]), json!({"valid": false, "rule": "proof_encoding"}));
    let mut large = good.0.clone();
    large[2] = Hex32([0xff; 32]);
    let body = json!({"circuit": "enrol", "public_inputs": large, "proof": Base64(good.1.clone())});
    let reply = world.client.post("/v1/verify", &serde_json::to_vec(&body).unwrap());
    assert_eq!((reply.status, &reply.problem("malformed")["errors"][0]["pointer"]), (400, &json!("/public_inputs/2")));
    let body = json!({"circuit": "identity", "public_inputs": [], "proof": ""});
    let reply = world.client.post("/v1/verify", &serde_json::to_vec(&body).unwrap());
    assert_eq!((reply.status, &reply.problem("not_found")["errors"][0]["pointer"]), (404, &json!("/circuit")));
}

#[test]
fn a_batch_is_valid_or_says_which_proofs_are_not() {
    let world = World::new(|_| ());
    let proved = |seed| {
        let request = enrolment_request(seed);
        let proved = real().0.prove(&request.statement, &request.witness, &|_| (), &CancelToken::new());
        (inputs(&request.statement), proved.expect("a proof").proof.to_vec())
    };
    let (one, two) = (proved(1), proved(2));
    let item = |inputs: &[Hex32], proof: &[u8]| json!({"circuit": "enrol", "public_inputs": inputs, "proof": Base64(proof.to_vec())});
    let post =
        |proofs: Value| world.client.post("/v1/verify/batch", &serde_json::to_vec(&json!({"proofs": proofs})).unwrap());
    let good = item(&one.0, &one.1);
    assert_eq!(post(json!([])).ok(200), json!({"valid": true}));
    assert_eq!(post(json!([good, item(&two.0, &two.1), good])).ok(200), json!({"valid": true}));
    let mixed = json!([
        item(&two.0, &one.1),
        good,
        item(&one.0[..3], &one.1),
        item(&two.0, &[0; 128]),
        good,
        item(&one.0, &two.1)
    ]);
    let invalid = json!([
        {"index": 0, "rule": "equation"},
        {"index": 2, "rule": "input_count"},
        {"index": 3, "rule": "proof_encoding"},
        {"index": 5, "rule": "equation"},
    ]);
    assert_eq!(post(mixed).ok(200), json!({"valid": false, "invalid": invalid}));
    let mut large = one.0.clone();
    large[2] = Hex32([0xff; 32]);
    let reply = post(json!([good, item(&large, &one.1)]));
    assert_eq!(
        (reply.status, &reply.problem("malformed")["errors"][0]["pointer"]),
        (400, &json!("/proofs/1/public_inputs/2"))
    );
    let reply = post(json!([good, {"circuit": "identity", "public_inputs": [], "proof": ""}]));
    assert_eq!((reply.status, &reply.problem("not_found")["errors"][0]["pointer"]), (404, &json!("/proofs/1/circuit")));
}

#[test]
fn the_limits_are_told_as_they_are() {
    let world = World::small(|limits| (limits.queue_length, limits.page) = (3, 7));
    let info = world.client.get("/v1/info").ok(200);
    assert_eq!(
        (&info["network"], &info["limits"]["queue_length"], &info["limits"]["page"]),
        (&json!("local"), &json!(3), &json!(7))
    );
    assert_eq!(world.client.get("/v1/ledger/blocks?limit=1000000").ok(200)["blocks"].as_array().unwrap().len(), 1);
}

#[test]
fn dev_keys_and_an_open_public_address_are_refused() {
    let refusing = Config { keys_dir: keys_dir(), ..Config::default() };
    // The cached key of the enrolment circuit is a dev key.
    let _ = real();
    let error = Engine::load(&refusing).expect_err("dev keys are refused");
    assert!(error.to_string().starts_with("S2: "), "{error}");
    let open = Config { listen: ([0, 0, 0, 0], 0).into(), ..Config::default() };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let started = runtime.block_on(Service::start(open, genesis()));
    assert!(matches!(started, Err(StartError::Config(ConfigError::OpenBeyondLoopback))));
}

#[test]
fn s3_a_key_must_have_the_pinned_digest_and_a_ceremonys_key_must_be_pinned() {
    // The cached key of the enrolment circuit is a dev key.
    let (_, catalog) = real();
    let dev = Hex32(*catalog.verifier().key(CircuitId::Enrol).expect("it is served").digest());
    let load = |keys_dir: &Path, pin: Option<Hex32>| {
        let config = Config {
            keys_dir: keys_dir.to_owned(),
            circuits: vec![CircuitId::Enrol],
            key_digests: pin.into_iter().map(|pin| (CircuitId::Enrol.into(), pin)).collect(),
            allow_insecure_dev_keys: true,
            ..Config::default()
        };
        Engine::load(&config).map(drop)
    };
    let refused = |keys_dir: &Path, pin| load(keys_dir, pin).expect_err("it is not the pinned key");
    let wrong = Hex32([7; 32]);
    assert!(load(&keys_dir(), Some(dev)).is_ok() && load(&keys_dir(), None).is_ok());
    let error = refused(&keys_dir(), Some(wrong));
    let StartError::KeyDigest { circuit: CircuitId::Enrol, pinned, found } = error else { panic!("{error}") };
    assert_eq!((pinned, found), (wrong, dev));

    let dir = tempfile::tempdir().expect("a folder");
    let made = KeyStore::open(keys_dir()).and_then(|store| store.get(CircuitId::Enrol)).expect("the cached key");
    let info = KeyInfo { setup: Setup::Ceremony, ..*made.info() };
    let (proving, r1cs) = (made.proving_key().expect("it is there"), made.r1cs().expect("it is there"));
    let alice = Contribution { hash: [3; 64], name: "Alice".into(), beacon: None };
    let record = Provenance::new([4; 64], vec![alice], "notes".into()).expect("within the bounds");
    let key = CircuitKey::with_provenance(info, &proving, &r1cs, Some(&record)).expect("as good as the dev key");
    KeyStore::open(dir.path()).and_then(|store| store.put(&key)).expect("writable");
    let ceremony = Hex32(*key.prepared().digest());
    assert_ne!(ceremony, dev);
    assert!(load(dir.path(), Some(ceremony)).is_ok());
    assert!(matches!(refused(dir.path(), Some(dev)), StartError::KeyDigest { circuit: CircuitId::Enrol, .. }));
    let error = refused(dir.path(), None);
    assert!(matches!(error, StartError::UnpinnedCeremonyKey(CircuitId::Enrol)));
    assert!(error.to_string().contains("enrol") && error.to_string().contains("key_digests"), "{error}");
}
