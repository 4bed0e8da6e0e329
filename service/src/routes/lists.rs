//! `/v1/registry` and `/v1/sanctions`: signed deltas in bulk, and new ones from the admin scope.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use veilpay_api::problem::Problem;
use veilpay_api::registry::{DeltaRequest, Deltas};

use crate::auth::{Caller, Scope};
use crate::error::Failure;
use crate::exchange::{Page, json, ok};
use crate::node::Node;
use crate::routes::ledger::reading;
use crate::state::Shared;

/// `GET /v1/registry?from=&limit=`.
pub async fn registry(State(service): State<Shared>, caller: Caller, page: Page) -> Result<Response, Failure> {
    reading(&service, caller, move |node| node.registry(page)).await
}

/// `GET /v1/sanctions?from=&limit=`.
pub async fn sanctions(State(service): State<Shared>, caller: Caller, page: Page) -> Result<Response, Failure> {
    reading(&service, caller, move |node| node.sanctions(page)).await
}

/// `POST /v1/registry`: applies a delta and shows where the list then stands.
pub async fn change_registry(
    State(service): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    change(&service, caller, &headers, body, Node::change_registry).await
}

/// `POST /v1/sanctions`: applies a delta and shows where the list then stands.
pub async fn change_sanctions(
    State(service): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    change(&service, caller, &headers, body, Node::change_sanctions).await
}

async fn change(
    service: &Shared,
    caller: Caller,
    headers: &HeaderMap,
    body: Body,
    change: fn(&Node, &[u8]) -> Result<Deltas, Problem>,
) -> Result<Response, Failure> {
    caller.must(Scope::Admin)?;
    let request: DeltaRequest = json(headers, body, service.limits.request_bytes).await?;
    let node = Arc::clone(&service.node);
    ok(&service.administer(move || change(&node, &request.delta.0)).await??)
}
