//! The routes. A handler decodes, authorises, makes one call and encodes.

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
        .route("/v1/verify", post(circuits::verify))
        .route("/v1/circuits", get(circuits::list))
        .route("/v1/circuits/{id}", get(circuits::show))
        .route("/v1/circuits/{id}/verification-key", get(circuits::verification_key))
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
