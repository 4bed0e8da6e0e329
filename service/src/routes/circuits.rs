//! `/v1/circuits`, `/v1/verify` and `/v1/verify/batch`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use veilpay_api::circuits::{Circuits, VerifyBatchRequest, VerifyRequest};
use veilpay_api::problem::{Code, Problem};
use veilpay_protocol::circuit::CircuitId;

use crate::auth::{Caller, Scope};
use crate::catalog::Served;
use crate::error::Failure;
use crate::exchange::{Name, json, ok};
use crate::state::Shared;

fn served<'a>(service: &'a Shared, name: &str) -> Result<&'a Served, Problem> {
    let circuit = name.parse::<CircuitId>().ok();
    circuit
        .and_then(|circuit| service.catalog.served(circuit))
        .ok_or_else(|| Problem::new(Code::NotFound, "no such circuit is served here"))
}

/// `GET /v1/circuits`.
pub async fn list(State(service): State<Shared>, caller: Caller) -> Result<Response, Failure> {
    caller.must(Scope::Read)?;
    ok(&Circuits { circuits: service.catalog.iter().map(|served| served.circuit.clone()).collect() })
}

/// `GET /v1/circuits/{id}`.
pub async fn show(State(service): State<Shared>, caller: Caller, Name(name): Name) -> Result<Response, Failure> {
    caller.must(Scope::Read)?;
    ok(&served(&service, &name)?.circuit)
}

/// `GET /v1/circuits/{id}/verification-key`.
pub async fn verification_key(
    State(service): State<Shared>,
    caller: Caller,
    Name(name): Name,
) -> Result<Response, Failure> {
    caller.must(Scope::Read)?;
    ok(&served(&service, &name)?.key)
}

/// `POST /v1/verify`: a proof that does not hold is an answer, not an error.
pub async fn verify(
    State(service): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    caller.must(Scope::Verify)?;
    let request: VerifyRequest = json(&headers, body, service.limits.request_bytes).await?;
    let catalog = Arc::clone(&service.catalog);
    ok(&service.compute(move || catalog.verify(&request)).await??)
}

/// `POST /v1/verify/batch`: as [`verify`], for many proofs in one body, which may be as large as a proof's request.
pub async fn verify_batch(
    State(service): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    caller.must(Scope::Verify)?;
    let request: VerifyBatchRequest = json(&headers, body, service.limits.proof_request_bytes).await?;
    let catalog = Arc::clone(&service.catalog);
    ok(&service.compute(move || catalog.verify_batch(&request)).await??)
}
