//! Jobs: from asking to the result, and every way in which one ends otherwise.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::world::{FAKE_PROOF, PANIC, World, enrolment, until, wrong_enrolment};

fn base64(bytes: &[u8]) -> String {
    serde_json::to_value(veilpay_api::text::Base64(bytes.to_vec())).unwrap().as_str().unwrap().to_owned()
}

#[test]
fn a_request_becomes_a_job_and_the_job_a_proof() {
    let world = World::new(|_| ());
    let reply = world.client.post("/v1/proofs", &enrolment(1));
    let job = reply.ok(202);
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert_eq!(reply.header("location"), Some(format!("/v1/proofs/{}", job["id"].as_str().unwrap()).as_str()));
    assert_eq!(
        (&job["circuit"], &job["circuit_version"], &job["terminal"]),
        (&json!("enrol"), &json!(1), &json!(false))
    );
    let job = world.finished(reply.header("location").unwrap());
    assert_eq!((&job["status"], &job["labels"]["purpose"]), (&json!("succeeded"), &json!("test")));
    assert_eq!(job["result"]["proof"], base64(&FAKE_PROOF));
    assert!(job["result"]["timings_ms"]["prove"].is_number() && job["expires_at"].is_string());
    let listed = world.client.get("/v1/proofs").ok(200);
    assert_eq!((&listed["jobs"][0]["id"], &listed["jobs"][0]["result"]), (&job["id"], &json!(null)));
}

#[test]
fn whoever_prefers_to_wait_gets_the_proof_at_once() {
    let world = World::new(|_| ());
    let job = world.client.post_with("/v1/proofs", &[("prefer", "wait=10")], &enrolment(1)).ok(200);
    assert_eq!(job["status"], "succeeded");
    world.hold();
    let start = Instant::now();
    world.client.post_with("/v1/proofs", &[("prefer", "wait=1")], &enrolment(1)).ok(202);
    assert!(start.elapsed() >= Duration::from_secs(1));
    world.release();
}

#[test]
fn a_witness_that_breaks_a_clause_fails_its_job_by_that_clause_and_is_refused_by_validate() {
    let world = World::new(|_| ());
    let job = world.client.post_with("/v1/proofs", &[("prefer", "wait=10")], &wrong_enrolment()).ok(200);
    assert_eq!(
        (&job["status"], &job["error"]["code"], &job["error"]["rule"]),
        (&json!("failed"), &json!("invalid_witness"), &json!("C2"))
    );
    let reply = world.client.post("/v1/proofs:validate", &wrong_enrolment());
    assert_eq!((reply.status, &reply.problem("invalid_witness")["rule"]), (422, &json!("C2")));
    assert_eq!(world.client.post("/v1/proofs:validate", &enrolment(1)).ok(200), json!({"valid": true}));
}

#[test]
fn a_panic_fails_the_job_and_not_the_worker() {
    let world = World::new(|_| ());
    let job = world.client.post_with("/v1/proofs", &[("prefer", "wait=10")], &enrolment(PANIC)).ok(200);
    assert_eq!((&job["status"], &job["error"]["code"]), (&json!("failed"), &json!("internal")));
    let job = world.client.post_with("/v1/proofs", &[("prefer", "wait=10")], &enrolment(1)).ok(200);
    assert_eq!(job["status"], "succeeded");
}

#[test]
fn an_idempotency_key_stands_for_one_body() {
    let world = World::new(|_| ());
    let key = [("idempotency-key", "k-1")];
    let first = world.client.post_with("/v1/proofs", &key, &enrolment(1)).json();
    let again = world.client.post_with("/v1/proofs", &[key[0], ("prefer", "wait=10")], &enrolment(1)).ok(200);
    assert_eq!(first["id"], again["id"]);
    let other = world.client.post_with("/v1/proofs", &key, &enrolment(2));
    assert_eq!((other.status, other.problem("idempotency_mismatch")["retryable"].as_bool()), (422, Some(false)));
    let fresh = world.client.post("/v1/proofs", &enrolment(1)).json();
    assert_ne!(first["id"], fresh["id"]);
    for bad in ["", "with space", &"x".repeat(256)] {
        let reply = world.client.post_with("/v1/proofs", &[("idempotency-key", bad)], &enrolment(1));
        assert_eq!(reply.status, 400, "{bad}");
        reply.problem("malformed");
    }
}

#[test]
fn a_refused_request_does_not_use_up_its_idempotency_key() {
    let world = World::small(|limits| limits.in_flight_per_token = 1);
    world.hold();
    let held = world.ask(1);
    let key = [("idempotency-key", "k-1")];
    let reply = world.client.post_with("/v1/proofs", &key, &enrolment(2));
    assert_eq!(reply.status, 429);
    world.release();
    world.finished(&held);
    world.client.post_with("/v1/proofs", &[key[0], ("prefer", "wait=10")], &enrolment(3)).ok(200);
}

#[test]
fn a_full_queue_refuses_by_count_and_by_bytes_and_says_when_to_come_back() {
    let one_more = enrolment(1).len() + 1;
    type Change = fn(&mut veilpay_service::config::LimitsConfig, usize);
    let changes: [Change; 2] = [
        |limits, _| limits.queue_length = 1,
        |limits, bytes| (limits.queue_bytes, limits.proof_request_bytes) = (bytes, bytes),
    ];
    for change in changes {
        let world = World::small(|limits| change(limits, one_more));
        world.hold();
        let running = world.ask(1);
        world.until_started(1);
        let waiting = world.ask(1);
        assert_eq!(world.client.get(&waiting).ok(200)["queue_position"], 0);
        let refused = world.client.post("/v1/proofs", &enrolment(1));
        assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")));
        assert_eq!(refused.problem("queue_full")["retryable"], true);
        let ready = world.client.get("/readyz");
        assert_eq!(ready.status, 503);
        assert_eq!(ready.problem("queue_full")["errors"][0]["pointer"], "/queue");
        // Verification and health do not wait behind proofs.
        world.client.get("/livez").ok(200);
        world.client.post("/v1/proofs:validate", &enrolment(1)).ok(200);
        world.release();
        assert_eq!(world.finished(&running)["status"], "succeeded");
        assert_eq!(world.finished(&waiting)["status"], "succeeded");
        world.client.get("/readyz").ok(200);
    }
}

#[test]
fn a_job_that_waits_and_one_that_runs_can_be_cancelled() {
    let world = World::small(|limits| limits.in_flight_per_token = 2);
    world.hold();
    let running = world.ask(1);
    world.until_started(1);
    assert_eq!(world.client.get(&running).ok(200)["stage"], "prove");
    let waiting = world.ask(1);
    let refused = world.client.post("/v1/proofs", &enrolment(1));
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("1")));
    refused.problem("too_many_requests");
    for path in [&waiting, &running] {
        assert_eq!(world.client.delete(path).ok(200)["status"], "cancelled");
        assert_eq!(world.client.get(path).ok(200)["status"], "cancelled");
        assert_eq!(world.client.delete(path).ok(200)["status"], "cancelled");
    }
    // The worker is free again although the engine is still held: it noticed.
    let mut next = String::new();
    until(|| {
        let reply = world.client.post("/v1/proofs", &enrolment(1));
        next = reply.header("location").unwrap_or_default().to_owned();
        reply.status == 202
    });
    world.until_started(2);
    world.release();
    assert_eq!(world.finished(&next)["status"], "succeeded");
    assert_eq!(world.client.get(&running).ok(200)["status"], "cancelled");
}

#[test]
fn deleting_a_finished_job_erases_its_result() {
    let world = World::new(|_| ());
    let path = world.ask(1);
    world.finished(&path);
    let deleted = world.client.delete(&path).ok(200);
    assert_eq!((&deleted["status"], &deleted["result"]), (&json!("expired"), &json!(null)));
    for path in [path.clone(), format!("{path}/proof")] {
        let gone = world.client.get(&path);
        assert_eq!(gone.status, 410);
        gone.problem("expired");
    }
}

#[test]
fn a_job_that_made_no_proof_has_none_to_give() {
    let world = World::new(|_| ());
    world.hold();
    let running = world.ask(1);
    world.until_started(1);
    let waiting = world.ask(1);
    let conflict = |path: &str| {
        let reply = world.client.get(&format!("{path}/proof"));
        assert_eq!(reply.status, 409);
        reply.problem("conflict");
    };
    conflict(&running);
    conflict(&waiting);
    world.client.delete(&waiting).ok(200);
    conflict(&waiting);
    world.release();
    let failed = world.client.post("/v1/proofs", &wrong_enrolment()).header("location").unwrap().to_owned();
    assert_eq!(world.finished(&failed)["status"], "failed");
    conflict(&failed);
    assert_eq!(world.finished(&running)["status"], "succeeded");
    world.client.get(&format!("{running}/proof")).ok(200);
}

#[test]
fn a_result_expires_after_its_retention() {
    let world = World::small(|limits| limits.retention_seconds = 1);
    let key = [("idempotency-key", "k-1")];
    let path = world.client.post_with("/v1/proofs", &key, &enrolment(1)).header("location").unwrap().to_owned();
    world.finished(&path);
    until(|| world.client.get(&path).status == 410);
    world.client.get(&path).problem("expired");
    assert_eq!(world.client.get("/v1/proofs").ok(200)["jobs"][0]["status"], "expired");
    assert_eq!(world.client.post_with("/v1/proofs", &key, &enrolment(1)).status, 410);
}

#[test]
fn the_oldest_finished_job_is_forgotten_when_there_are_too_many() {
    let world = World::small(|limits| limits.kept_per_token = 2);
    let paths: Vec<String> = (0..3)
        .map(|_| {
            let path = world.ask(1);
            world.finished(&path);
            path
        })
        .collect();
    assert_eq!(world.client.get(&paths[0]).status, 404);
    world.client.get(&paths[1]).ok(200);
}

#[test]
fn what_is_no_job_is_not_found() {
    let world = World::new(|_| ());
    for id in ["0", "zz", &"0".repeat(32), &"A".repeat(32), "%ff", "%00"] {
        for (method, rest) in [("GET", ""), ("DELETE", ""), ("GET", "/proof")] {
            let reply = world.client.send(method, &format!("/v1/proofs/{id}{rest}"), &[], None);
            assert_eq!(reply.status, 404, "{method} {id}{rest}");
            reply.problem("not_found");
        }
    }
}

#[test]
fn a_circuit_without_a_key_is_refused_before_it_is_queued() {
    let world = World::new(|_| ());
    let reply = world.client.post("/v1/proofs", br#"{"circuit":"no_such","statement":{},"witness":{}}"#);
    assert_eq!(reply.status, 400);
    let reply = world.client.post("/v1/proofs", br#"{"circuit":"enrol","statement":{},"witness":{}}"#);
    assert_eq!((reply.status, &reply.problem("malformed")["errors"][0]["pointer"]), (400, &json!("/statement")));
}

#[test]
fn a_stopping_service_finishes_what_runs_and_fails_what_waits() {
    let mut world = World::new(|_| ());
    world.hold();
    let client = world.client.clone();
    let waiter =
        std::thread::spawn(move || client.post_with("/v1/proofs", &[("prefer", "wait=20")], &enrolment(1)).ok(200));
    world.until_started(1);
    let client = world.client.clone();
    let queued =
        std::thread::spawn(move || client.post_with("/v1/proofs", &[("prefer", "wait=20")], &enrolment(2)).ok(200));
    until(|| world.client.get("/v1/proofs").ok(200)["jobs"].as_array().unwrap().len() == 2);
    let stopping = world.stop_soon();
    let queued = queued.join().unwrap();
    assert_eq!((&queued["status"], &queued["error"]["code"]), (&json!("failed"), &json!("stopping")));
    world.release();
    assert_eq!(waiter.join().unwrap()["status"], "succeeded");
    assert!(world.wait_for(stopping));
}

#[test]
fn a_proof_that_outlasts_the_deadline_is_failed_and_the_service_stops() {
    let mut world = World::small(|limits| limits.shutdown_seconds = 1);
    world.hold();
    world.ask(1);
    world.until_started(1);
    let start = Instant::now();
    assert!(!world.stop());
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
}
