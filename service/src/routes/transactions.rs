//! `/v1/transactions`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use veilpay_api::problem::{Code, Problem};
use veilpay_api::text::Hex32;
use veilpay_api::transactions::SubmitRequest;
use veilpay_protocol::transaction::TxId;

use crate::auth::{Caller, Scope};
use crate::error::Failure;
use crate::exchange::{Named, answer, json, ok, with_header};
use crate::state::Shared;

/// `POST /v1/transactions`: 201 once the transaction is in a block, durably.
pub async fn submit(
    State(service): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    caller.must(Scope::Submit)?;
    let request: SubmitRequest = json(&headers, body, service.limits.request_bytes).await?;
    let node = Arc::clone(&service.node);
    let status = service.write(move || node.submit(&request.transaction.0)).await??;
    Ok(with_header(answer(StatusCode::CREATED, &status)?, LOCATION, &format!("/v1/transactions/{}", status.txid)))
}

/// `GET /v1/transactions/{txid}`.
pub async fn show(
    State(service): State<Shared>,
    caller: Caller,
    Named(txid): Named<String>,
) -> Result<Response, Failure> {
    caller.must(Scope::Read)?;
    let absent = |_| Problem::new(Code::NotFound, "no such transaction is on the ledger");
    let txid = txid.parse::<Hex32>().map(|bytes| TxId::new(bytes.0)).map_err(absent)?;
    let node = Arc::clone(&service.node);
    ok(&service.read(move || node.transaction(txid)).await??)
}
