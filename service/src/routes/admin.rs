//! `/v1/admin/circuits`: which circuit versions the ledger takes transactions of.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use veilpay_api::circuits::{KeyRequest, StateRequest};
use veilpay_api::problem::{Code, Problem};
use veilpay_ledger::CircuitStatus;
use veilpay_protocol::circuit::CircuitId;
use veilpay_verifier::{KeyError, Setup, VerifyingKey};

use crate::auth::{Caller, Scope};
use crate::catalog::Catalog;
use crate::error::Failure;
use crate::exchange::{Names, answer, json, ok, with_header};
use crate::state::Shared;

/// `POST /v1/admin/circuits/{id}/{version}/state`: shows the version as it then is.
pub async fn set_state(
    State(service): State<Shared>,
    caller: Caller,
    Names(circuit, version): Names,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    caller.must(Scope::Admin)?;
    let request: StateRequest = json(&headers, body, service.limits.request_bytes).await?;
    let status = CircuitStatus::from_name(&request.state).ok_or_else(|| {
        Problem::new(Code::Malformed, "no such state").with_field("/state", "active, drain_only or stopped")
    })?;
    let absent = || Problem::new(Code::NotFound, "the ledger knows no such version of the circuit");
    let circuit = circuit.parse::<CircuitId>().map_err(|_| absent())?;
    let version = version.parse::<u16>().map_err(|_| absent())?;
    let (node, catalog) = (Arc::clone(&service.node), Arc::clone(&service.catalog));
    ok(&service
        .compute(move || node.set_circuit_status(circuit, version, status).map(|v| catalog.completed(v)))
        .await??)
}

/// `POST /v1/admin/circuits`: 201 once the version is on the ledger, durably.
pub async fn add_version(
    State(service): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    caller.must(Scope::Admin)?;
    let request: KeyRequest = json(&headers, body, service.limits.request_bytes).await?;
    let (node, catalog) = (Arc::clone(&service.node), Arc::clone(&service.catalog));
    let dev_keys = service.insecure_dev_keys;
    let added = service.compute(move || {
        let key = acceptable(&request.key.0, &catalog, dev_keys)?;
        node.add_circuit_version(&key)
    });
    let added = added.await??;
    let location = format!("/v1/circuits/{}", added.circuit);
    Ok(with_header(answer(StatusCode::CREATED, &added)?, LOCATION, &location))
}

/// A key that neither S1 nor S2 refuses, and that is no other than those served.
fn acceptable(bytes: &[u8], catalog: &Catalog, dev_keys: bool) -> Result<VerifyingKey, Problem> {
    let key = VerifyingKey::from_bytes_of_any_version(bytes).map_err(|error| match error {
        KeyError::Length | KeyError::Format | KeyError::UnknownCircuit | KeyError::UnknownSetup => {
            Problem::new(Code::Malformed, "no verifying key").with_field("/key", error.to_string())
        }
        error => Problem::new(Code::KeyRejected, error.to_string()).with_rule("S1"),
    })?;
    if key.info().setup == Setup::Dev && !dev_keys {
        let why = "the key comes from an insecure dev setup";
        return Err(Problem::new(Code::KeyRejected, why).with_rule("S2"));
    }
    if catalog.has_points_of(&key) {
        return Err(Problem::new(Code::Conflict, "the key is that of a version that is served"));
    }
    Ok(key)
}
