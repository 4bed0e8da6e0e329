//! Who may do what: every route against no token, a wrong one, one without the scope, and somebody else's.

use veilpay_service::auth::Scope;

use crate::client::Reply;
use crate::world::{World, enrolment, token};

const ROUTES: [(&str, &str, Scope); 28] = [
    ("POST", "/v1/proofs", Scope::Prove),
    ("GET", "/v1/proofs", Scope::Prove),
    ("POST", "/v1/proofs:validate", Scope::Prove),
    ("GET", "/v1/proofs/00000000000000000000000000000000", Scope::Prove),
    ("GET", "/v1/proofs/00000000000000000000000000000000/proof", Scope::Prove),
    ("DELETE", "/v1/proofs/00000000000000000000000000000000", Scope::Prove),
    ("POST", "/v1/verify", Scope::Verify),
    ("POST", "/v1/verify/batch", Scope::Verify),
    ("GET", "/v1/circuits", Scope::Read),
    ("GET", "/v1/circuits/enrol", Scope::Read),
    ("GET", "/v1/circuits/enrol/verification-key", Scope::Read),
    ("POST", "/v1/transactions", Scope::Submit),
    ("GET", "/v1/transactions/0x00", Scope::Read),
    ("GET", "/v1/ledger", Scope::Read),
    ("GET", "/v1/ledger/blocks", Scope::Read),
    ("GET", "/v1/ledger/notes", Scope::Read),
    ("GET", "/v1/ledger/nullifiers", Scope::Read),
    ("GET", "/v1/ledger/transactions", Scope::Read),
    ("GET", "/v1/ledger/roots", Scope::Read),
    ("GET", "/v1/ledger/frontier", Scope::Read),
    ("GET", "/v1/ledger/accounts/0x00", Scope::Read),
    ("GET", "/v1/registry", Scope::Read),
    ("GET", "/v1/sanctions", Scope::Read),
    ("POST", "/v1/registry", Scope::Admin),
    ("POST", "/v1/sanctions", Scope::Admin),
    ("POST", "/v1/admin/circuits", Scope::Admin),
    ("POST", "/v1/admin/circuits/transfer_2x3/1/state", Scope::Admin),
    ("GET", "/v1/info", Scope::Read),
];

const SCOPES: [(&str, Scope); 5] = [
    ("prove", Scope::Prove),
    ("verify", Scope::Verify),
    ("submit", Scope::Submit),
    ("read", Scope::Read),
    ("admin", Scope::Admin),
];

fn guarded() -> World {
    World::new(|config| config.tokens = SCOPES.iter().map(|(name, scope)| token(name, &[*scope])).collect())
}

#[test]
fn every_route_wants_a_token_with_its_own_scope_and_no_other() {
    let world = guarded();
    for (method, path, scope) in ROUTES {
        let ask =
            |client: &crate::client::Client| client.send(method, path, &[("content-type", "application/json")], None);
        let none = ask(&world.client);
        assert_eq!((none.status, none.header("www-authenticate")), (401, Some("Bearer")), "{method} {path}");
        none.problem("unauthorized");
        let wrong = ask(&world.client.with_token("guess"));
        assert_eq!(wrong.status, 401);
        assert_eq!(wrong.problem("unauthorized")["detail"], none.json()["detail"]);
        for (name, other) in SCOPES {
            let reply = ask(&world.client.with_token(name));
            if other == scope {
                assert!(![401, 403].contains(&reply.status), "{method} {path} {name}: {}", reply.status);
            } else {
                assert_eq!(reply.status, 403, "{method} {path} {name}");
                reply.problem("forbidden");
            }
        }
    }
    world.client.get("/livez").ok(200);
    world.client.get("/readyz").ok(200);
}

#[test]
fn somebody_elses_job_is_as_absent_as_none() {
    let world = World::new(|config| {
        config.tokens = vec![token("alice", &[Scope::Prove]), token("bob", &[Scope::Prove])];
    });
    let (alice, bob) = (world.client.with_token("alice"), world.client.with_token("bob"));
    let key = [("idempotency-key", "the-same"), ("prefer", "wait=10")];
    let hers = alice.post_with("/v1/proofs", &key, &enrolment(1));
    let path = hers.header("location").unwrap();
    let shape = |reply: &Reply| {
        let mut problem = reply.problem("not_found");
        problem.as_object_mut().unwrap().remove("instance");
        (reply.status, problem)
    };
    let nobodys = format!("/v1/proofs/{}", "0".repeat(32));
    assert_eq!(shape(&bob.get(path)), shape(&bob.get(&nobodys)));
    let proof = |path: &str| bob.get(&format!("{path}/proof"));
    assert_eq!(shape(&proof(path)), shape(&proof(&nobodys)));
    assert_eq!(shape(&bob.delete(path)), shape(&bob.delete(&nobodys)));
    assert_eq!(bob.get("/v1/proofs").ok(200)["jobs"].as_array().unwrap().len(), 0);
    // The same key and body from another token is another job.
    let his = bob.post_with("/v1/proofs", &key, &enrolment(1)).ok(200);
    assert_ne!(his["id"], hers.json()["id"]);
    alice.get(path).ok(200);
}

#[test]
fn without_tokens_everything_but_admin_is_open_on_loopback() {
    let world = World::new(|_| ());
    for (method, path, scope) in ROUTES {
        let reply = world.client.send(method, path, &[("content-type", "application/json")], None);
        assert_eq!(reply.status == 403, scope == Scope::Admin, "{method} {path}: {}", reply.status);
        assert_ne!(reply.status, 401);
    }
    let open = World::new(|config| config.open_admin_on_loopback = true);
    assert_eq!(open.client.post("/v1/registry", b"{}").status, 400);
}

#[test]
fn a_page_that_rebound_its_name_to_loopback_is_refused() {
    let world = World::new(|_| ());
    let head = b"GET /v1/ledger HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n";
    let reply = world.client.raw(head);
    assert_eq!(reply.status, 403);
    reply.problem("forbidden");
    let text = world.client.send("POST", "/v1/proofs", &[("content-type", "text/plain")], Some(&enrolment(1)));
    assert_eq!(text.status, 415);
}
