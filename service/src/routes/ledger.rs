//! `/v1/ledger`: what the ledger tells, in bulk.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use veilpay_api::problem::{Code, Problem};
use veilpay_api::text::Hex32;
use veilpay_protocol::transaction::TransparentKey;

use crate::auth::{Caller, Scope};
use crate::error::Failure;
use crate::exchange::{Named, Page, ok};
use crate::node::Node;
use crate::state::Shared;

/// Answers with what `read` reads of the ledger.
pub(super) async fn reading<T: Serialize + Send + 'static>(
    service: &Shared,
    caller: Caller,
    read: impl FnOnce(&Node) -> Result<T, Problem> + Send + 'static,
) -> Result<Response, Failure> {
    caller.must(Scope::Read)?;
    let node = Arc::clone(&service.node);
    ok(&service.read(move || read(&node)).await??)
}

/// `GET /v1/ledger`.
pub async fn summary(State(service): State<Shared>, caller: Caller) -> Result<Response, Failure> {
    reading(&service, caller, Node::summary).await
}

/// `GET /v1/ledger/blocks?from=&limit=`, by height.
pub async fn blocks(State(service): State<Shared>, caller: Caller, page: Page) -> Result<Response, Failure> {
    reading(&service, caller, move |node| node.blocks(page)).await
}

/// `GET /v1/ledger/notes?from=&limit=`, by position.
pub async fn notes(State(service): State<Shared>, caller: Caller, page: Page) -> Result<Response, Failure> {
    reading(&service, caller, move |node| node.notes(page)).await
}

/// `GET /v1/ledger/nullifiers?from=&limit=`, in order of acceptance.
pub async fn nullifiers(State(service): State<Shared>, caller: Caller, page: Page) -> Result<Response, Failure> {
    reading(&service, caller, move |node| node.nullifiers(page)).await
}

/// `GET /v1/ledger/transactions?from=&limit=`, in order of acceptance.
pub async fn transactions(State(service): State<Shared>, caller: Caller, page: Page) -> Result<Response, Failure> {
    reading(&service, caller, move |node| node.transactions(page)).await
}

/// `GET /v1/ledger/roots`.
pub async fn roots(State(service): State<Shared>, caller: Caller) -> Result<Response, Failure> {
    reading(&service, caller, Node::roots).await
}

/// `GET /v1/ledger/frontier`.
pub async fn frontier(State(service): State<Shared>, caller: Caller) -> Result<Response, Failure> {
    reading(&service, caller, Node::frontier).await
}

/// `GET /v1/ledger/accounts/{key}`; an account that the ledger never saw has no balances.
pub async fn account(
    State(service): State<Shared>,
    caller: Caller,
    Named(key): Named<String>,
) -> Result<Response, Failure> {
    let key = key.parse::<Hex32>().ok().and_then(|bytes| TransparentKey::from_bytes(&bytes.0).ok());
    reading(&service, caller, move |node| {
        let key = key.ok_or_else(|| Problem::new(Code::NotFound, "not the key of an account"))?;
        node.account(key)
    })
    .await
}
