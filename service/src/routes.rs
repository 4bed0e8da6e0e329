//! The routes. A handler decodes, authorises, makes one call and encodes.
//!
//! | route | scope | answers | its own problems |
//! |---|---|---|---|
//! | `POST /v1/proofs` | prove | 202 job with `Location` and `Retry-After`; 200 once finished | 404 circuit, 410, 413, 422 `idempotency_mismatch`, 429, 503 `queue_full` or `stopping` |
//! | `POST /v1/proofs:validate` | prove | 200 | 413, 422 `invalid_witness` |
//! | `GET /v1/proofs` | prove | 200 own jobs, newest first | |
//! | `GET /v1/proofs/{id}` | prove | 200 job, a failed one too | 404, 410 |
//! | `GET /v1/proofs/{id}/proof` | prove | 200 the proof with its public inputs, `?format=native\|snarkjs\|evm` | 404, 409 no proof, 410 |
//! | `DELETE /v1/proofs/{id}` | prove | 200 job: `cancelled`, or `expired` when it was finished | 404 |
//! | `POST /v1/verify` | verify | 200, `valid` or not | 404 circuit, 413 |
//! | `POST /v1/verify/batch` | verify | 200, `valid` or not, and which are not | 404 circuit, 413 |
//! | `GET /v1/circuits`, `/{id}`, `/{id}/verification-key` | read | 200 | 404 |
//! | `POST /v1/admin/circuits` | admin | 201 the version, with `Location` | 409, 413, 422 `key_rejected` |
//! | `POST /v1/admin/circuits/{id}/{version}/state` | admin | 200 the version | 404, 413 |
//! | `POST /v1/transactions` | submit | 201 with `Location` | 413, 422 `transaction_rejected` |
//! | `GET /v1/transactions/{txid}` | read | 200 | 404 |
//! | `GET /v1/ledger` | read | 200 | |
//! | `GET /v1/ledger/blocks`, `/notes`, `/nullifiers`, `/transactions` `?from=&limit=` | read | 200 | |
//! | `GET /v1/ledger/roots`, `/frontier` | read | 200 | |
//! | `GET /v1/ledger/accounts/{key}` | read | 200 | 404 |
//! | `GET /v1/registry`, `/v1/sanctions` `?from=&limit=` | read | 200 | |
//! | `POST /v1/registry`, `/v1/sanctions` | admin | 200 where the list then stands | 413, 422 `delta_rejected` |
//! | `GET /v1/info` | read | 200 | |
//! | `GET /livez`, `/readyz` | none | 200 | 503, each failed check in `errors` |
//!
//! Any route may answer 400, 401, 403, 404, 405, 415, 500 and 503 `timeout`. All of these are problems. Only what is no
//! HTTP/1.1 request at all, or has too large a head, is answered with a bare 400 or 431. Retries of `POST /v1/transactions`
//! are refused, as the nullifiers are then seen: ask for the transaction by its identifier instead.

pub mod admin;
pub mod circuits;
pub mod health;
pub mod ledger;
pub mod lists;
pub mod proofs;
pub mod transactions;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use veilpay_api::problem::{Code, Problem};

use crate::error::Failure;
use crate::state::Shared;
use crate::telemetry;

/// All routes, and what surrounds each.
pub fn router(service: &Shared) -> Router {
    Router::new()
        .route("/v1/proofs", post(proofs::create).get(proofs::list))
        .route("/v1/proofs:validate", post(proofs::validate))
        .route("/v1/proofs/{id}", get(proofs::show).delete(proofs::cancel))
        .route("/v1/proofs/{id}/proof", get(proofs::proof))
        .route("/v1/verify", post(circuits::verify))
        .route("/v1/verify/batch", post(circuits::verify_batch))
        .route("/v1/circuits", get(circuits::list))
        .route("/v1/circuits/{id}", get(circuits::show))
        .route("/v1/circuits/{id}/verification-key", get(circuits::verification_key))
        .route("/v1/admin/circuits", post(admin::add_version))
        .route("/v1/admin/circuits/{id}/{version}/state", post(admin::set_state))
        .route("/v1/transactions", post(transactions::submit))
        .route("/v1/transactions/{txid}", get(transactions::show))
        .route("/v1/ledger", get(ledger::summary))
        .route("/v1/ledger/blocks", get(ledger::blocks))
        .route("/v1/ledger/notes", get(ledger::notes))
        .route("/v1/ledger/nullifiers", get(ledger::nullifiers))
        .route("/v1/ledger/transactions", get(ledger::transactions))
        .route("/v1/ledger/roots", get(ledger::roots))
        .route("/v1/ledger/frontier", get(ledger::frontier))
        .route("/v1/ledger/accounts/{key}", get(ledger::account))
        .route("/v1/registry", get(lists::registry).post(lists::change_registry))
        .route("/v1/sanctions", get(lists::sanctions).post(lists::change_sanctions))
        .route("/v1/info", get(health::info))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .fallback(no_route)
        .method_not_allowed_fallback(no_method)
        .layer(from_fn_with_state(Shared::clone(service), telemetry::surround))
        .with_state(Shared::clone(service))
}

async fn no_route() -> Failure {
    Problem::new(Code::NotFound, "there is no such route").into()
}

async fn no_method() -> Failure {
    Problem::new(Code::MethodNotAllowed, "the header `allow` lists what the route takes").into()
}
