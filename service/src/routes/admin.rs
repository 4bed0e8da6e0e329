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
use crate::config::pin::{Pin, version_of};
use crate::error::Failure;
use crate::exchange::{Named, answer, json, ok, with_header};
use crate::state::Shared;

/// `POST /v1/admin/circuits/{id}/{version}/state`: shows the version as it then is.
pub async fn set_state(
    State(service): State<Shared>,
    caller: Caller,
    Named((circuit, version)): Named<(String, String)>,
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
    let version = version_of(&version).ok_or_else(absent)?;
    let (node, catalog) = (Arc::clone(&service.node), Arc::clone(&service.catalog));
    ok(&service
        .administer(move || node.set_circuit_status(circuit, version, status).map(|v| catalog.completed(v)))
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
    let shared = Arc::clone(&service);
    let added = service.administer(move || {
        let key = acceptable(&request.key.0, &catalog, &shared)?;
        node.add_circuit_version(&key)
    });
    let added = added.await??;
    let location = format!("/v1/circuits/{}/verification-key?version={}", added.circuit, added.version);
    Ok(with_header(answer(StatusCode::CREATED, &added)?, LOCATION, &location))
}

/// A key that is of its form and obeys S1, whose points are not those of a key that is served, and that S2 and S3 do not refuse:
/// whoever has the token alone brings in no key of his own making.
fn acceptable(bytes: &[u8], catalog: &Catalog, service: &Shared) -> Result<VerifyingKey, Problem> {
    let key = VerifyingKey::from_bytes_of_any_version(bytes).map_err(|error| match error {
        KeyError::Length | KeyError::Format | KeyError::UnknownCircuit | KeyError::UnknownSetup => {
            Problem::new(Code::Malformed, "no verifying key").with_field("/key", error.to_string())
        }
        error => Problem::new(Code::KeyRejected, error.to_string()).with_rule("S1"),
    })?;
    let refused = |rule: &str, why: String| Err(Problem::new(Code::KeyRejected, why).with_rule(rule));
    if let Err(error) = key.check_any_version() {
        return refused("S1", error.to_string());
    }
    if catalog.has_points_of(&key) {
        return Err(Problem::new(Code::Conflict, "the key is that of a version that is served"));
    }
    let pin = Pin::from(key.info());
    match (service.key_digests.get(&pin), key.info().setup) {
        (Some(pinned), _) if pinned.0 == key.digest() => Ok(key),
        (Some(_), _) => refused("S3", format!("key_digests names another key for {pin}")),
        (None, Setup::Ceremony) => {
            refused("S3", format!("a ceremony's key comes in when key_digests names it for {pin}"))
        }
        (None, Setup::Dev) if service.insecure_dev_keys => Ok(key),
        (None, Setup::Dev) => refused("S2", "the key comes from an insecure dev setup".to_owned()),
    }
}
