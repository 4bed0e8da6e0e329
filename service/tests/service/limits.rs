//! Everything that comes from outside is bounded, and everything that goes wrong is a problem.

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use veilpay_ledger::{ProofRejected, ProofVerifier};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::transfer::TransferStatement;

use crate::world::{World, enrolment};

#[test]
fn a_body_that_is_too_large_is_refused_with_and_without_a_declared_length() {
    let world = World::small(|limits| (limits.proof_request_bytes, limits.request_bytes) = (4096, 512));
    for (path, limit) in [
        ("/v1/proofs", 4096),
        ("/v1/proofs:validate", 4096),
        ("/v1/verify", 512),
        ("/v1/verify/batch", 4096),
        ("/v1/transactions", 512),
    ] {
        let declared = world.client.post(path, &vec![b' '; limit + 1]);
        assert_eq!(declared.status, 413, "{path}");
        assert!(declared.problem("too_large")["detail"].as_str().unwrap().contains(&limit.to_string()));
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\n\
             transfer-encoding: chunked\r\n\r\n"
        );
        let chunk = format!("{:x}\r\n{}\r\n", 300, " ".repeat(300));
        let chunked = world.client.raw(&[head.as_bytes(), chunk.repeat(20).as_bytes(), b"0\r\n\r\n"].concat());
        assert_eq!(chunked.status, 413, "{path}");
        chunked.problem("too_large");
        let exact = world.client.post(path, &vec![b' '; limit]);
        assert_eq!(exact.status, 400, "{path}");
        exact.problem("malformed");
    }
}

#[test]
fn what_is_not_json_of_the_route_is_refused_without_being_repeated() {
    let world = World::new(|_| ());
    let canary = "canary-8f31";
    let bodies = [
        format!("{{\"{canary}\":1}}"),
        format!("\"{canary}\""),
        canary.to_owned(),
        format!("{{\"circuit\":\"{canary}\",\"statement\":1,\"witness\":2}}"),
        format!("{{\"circuit\":\"enrol\",\"statement\":\"{canary}\",\"witness\":\"{canary}\"}}"),
        format!("{{\"circuit\":\"enrol\",\"public_inputs\":[\"{canary}\"],\"proof\":\"\"}}"),
        format!("{{\"transaction\":\"{canary}\"}}"),
        "[".repeat(60_000),
        String::new(),
    ];
    for path in ["/v1/proofs", "/v1/proofs:validate", "/v1/verify", "/v1/verify/batch", "/v1/transactions"] {
        for body in &bodies {
            let reply = world.client.post(path, body.as_bytes());
            assert_eq!(reply.status, 400, "{path} {body:.40}");
            reply.problem("malformed");
            assert!(!String::from_utf8_lossy(&reply.body).contains(canary), "{path} {body:.40}");
        }
        if let Some(lacks) =
            [("/v1/verify", "circuit"), ("/v1/transactions", "transaction")].iter().find(|of| of.0 == path)
        {
            let problem = world.client.post(path, b"{}").problem("malformed");
            let text = problem["errors"][0].to_string();
            assert!(text.contains(&format!("`{}` is missing", lacks.1)), "{text}");
        }
        let other = world.client.send("POST", path, &[("content-type", "application/xml")], Some(b"<a/>"));
        assert_eq!(other.status, 415);
        other.problem("unsupported_media_type");
        assert_eq!(world.client.send("POST", path, &[], Some(b"{}")).status, 415);
    }
}

#[test]
fn unknown_routes_and_methods_are_problems() {
    let world = World::new(|_| ());
    for path in ["/", "/v1", "/v1/nothing", "/v1/proofs/", "/v1/ledger/notes/7", "/metrics", "/openapi.json"] {
        let reply = world.client.get(path);
        assert_eq!(reply.status, 404, "{path}");
        reply.problem("not_found");
    }
    for (method, path) in [("PUT", "/v1/proofs"), ("DELETE", "/v1/ledger"), ("GET", "/v1/verify"), ("CANARY", "/livez")]
    {
        let reply = world.client.send(method, path, &[], None);
        assert_eq!(reply.status, 405, "{method} {path}");
        assert!(reply.header("allow").is_some());
        reply.problem("method_not_allowed");
    }
    for query in ["?from=x", "?from=-1", "?limit=1e3", "?page=1", "?from=99999999999999999999"] {
        let reply = world.client.get(&format!("/v1/ledger/blocks{query}"));
        assert_eq!(reply.status, 400, "{query}");
        reply.problem("malformed");
    }
}

#[test]
fn a_head_that_dribbles_in_and_an_idle_connection_are_closed_in_time() {
    let world = World::small(|limits| limits.header_read_seconds = 1);
    for sent in [&b""[..], b"GET /livez HTTP/1.1\r\nhost: loc"] {
        let mut stream = world.client.connect();
        stream.write_all(sent).unwrap();
        let start = Instant::now();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    }
    let mut stream = world.client.connect();
    stream.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let start = Instant::now();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200") && start.elapsed() < Duration::from_secs(4));
}

#[test]
fn a_body_that_dribbles_in_ends_with_a_timeout() {
    let world = World::small(|limits| (limits.request_seconds, limits.wait_seconds) = (1, 0));
    let head = b"POST /v1/verify HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
        content-length: 100\r\nconnection: close\r\n\r\n{";
    let start = Instant::now();
    let reply = world.client.raw(head);
    assert_eq!(reply.status, 503);
    reply.problem("timeout");
    assert!(start.elapsed() < Duration::from_secs(4));
}

#[test]
fn more_connections_than_the_cap_wait_and_are_served_when_one_is_closed() {
    let world = World::small(|limits| (limits.connections, limits.header_read_seconds) = (2, 2));
    let idle: Vec<_> = (0..4).map(|_| world.client.connect()).collect();
    world.client.get("/livez").ok(200);
    drop(idle);
}

#[test]
fn a_connection_has_a_longest_life() {
    let world = World::small(|limits| limits.connection_seconds = 1);
    let mut stream = world.client.connect();
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(5) {
        if stream.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n").is_err() {
            return;
        }
        let mut some = [0; 4096];
        if matches!(stream.read(&mut some), Ok(0) | Err(_)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the connection lived too long");
}

#[test]
fn a_request_with_too_large_a_head_is_refused() {
    let world = World::new(|_| ());
    let head = format!("GET /livez HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "y".repeat(40_000));
    assert_eq!(world.client.raw(head.as_bytes()).status, 431);
    let many = "x: y\r\n".repeat(100);
    let reply = world.client.raw(format!("GET /livez HTTP/1.1\r\nhost: localhost\r\n{many}\r\n").as_bytes());
    assert_eq!(reply.status, 431);
}

/// A verifier with a fault.
struct Panics;

impl ProofVerifier for Panics {
    fn vk_digest(&self, _: CircuitId, _: u16) -> Option<[u8; 32]> {
        panic!("a fault")
    }

    fn verify(&self, _: &TransferStatement, _: u16, _: &[u8; 128]) -> Result<(), ProofRejected> {
        panic!("a fault")
    }
}

#[test]
fn a_panic_while_a_request_is_handled_is_a_problem_and_the_service_goes_on() {
    let world = World::with(|_| (), Arc::new(Panics));
    let transaction = crate::ledger::shield(&world.genesis, 1, 10);
    let reply = world.client.post("/v1/transactions", &crate::ledger::submission(&transaction));
    assert_eq!(reply.status, 500);
    assert!(!reply.problem("internal")["detail"].as_str().unwrap().contains("fault"));
    world.client.get("/v1/ledger").ok(200);
    world.client.post_with("/v1/proofs", &[("prefer", "wait=10")], &enrolment(1)).ok(200);
}
