//! `/v1/circuits`, `/v1/verify` and `/v1/verify/batch`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use veilpay_api::circuits::{Circuits, VerifyBatchRequest, VerifyRequest};
use veilpay_api::problem::{Code, Problem};
use veilpay_protocol::circuit::CircuitId;

use crate::auth::{Caller, Scope};
use crate::catalog::{KeyForms, Served};
use crate::error::Failure;
use crate::exchange::{Form, Format, Named, json, ok, text};
use crate::state::Shared;

fn served<'a>(service: &'a Shared, name: &str) -> Result<&'a Served, Problem> {
    let circuit = name.parse::<CircuitId>().ok();
    circuit.and_then(|circuit| service.catalog.served(circuit)).ok_or_else(not_served)
}

fn not_served() -> Problem {
    Problem::new(Code::NotFound, "no such circuit is served here")
}

/// `GET /v1/circuits`.
pub async fn list(State(service): State<Shared>, caller: Caller) -> Result<Response, Failure> {
    caller.must(Scope::Read)?;
    let (node, catalog) = (Arc::clone(&service.node), Arc::clone(&service.catalog));
    let versions = service.read(move || node.circuit_versions()).await??;
    let versions = versions.into_iter().map(|version| catalog.completed(version)).collect();
    ok(&Circuits { circuits: service.catalog.iter().map(|served| served.circuit.clone()).collect(), versions })
}

/// `GET /v1/circuits/{id}`.
pub async fn show(
    State(service): State<Shared>,
    caller: Caller,
    Named(name): Named<String>,
) -> Result<Response, Failure> {
    caller.must(Scope::Read)?;
    ok(&served(&service, &name)?.circuit)
}

/// A form of a verifying key: `?format=`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyForm {
    /// The native encoding, with digest and setup.
    #[default]
    Native,
    /// `verification_key.json`.
    Snarkjs,
    /// A contract that verifies under the key.
    Solidity,
}

impl Form for KeyForm {
    const NAMES: &'static str = "native|snarkjs|solidity";
    const VERSIONED: bool = true;
}

/// `GET /v1/circuits/{id}/verification-key`.
pub async fn verification_key(
    State(service): State<Shared>,
    caller: Caller,
    Named(name): Named<String>,
    Format { form, version }: Format<KeyForm>,
) -> Result<Response, Failure> {
    caller.must(Scope::Read)?;
    let forms = match version {
        Some(version) if !served(&service, &name).is_ok_and(|served| served.circuit.version == version) => {
            let circuit = name.parse::<CircuitId>().map_err(|_| not_served())?;
            let node = Arc::clone(&service.node);
            let forms = service.read(move || {
                KeyForms::of(&node.version_key(circuit, version)?)
                    .map_err(|_| Problem::new(Code::Internal, "no contract can be made of the key"))
            });
            forms.await??
        }
        _ => served(&service, &name)?.key.clone(),
    };
    match form {
        KeyForm::Native => ok(&forms.native),
        KeyForm::Snarkjs => Ok(text("application/json", forms.snarkjs)),
        KeyForm::Solidity => Ok(text("text/plain; charset=utf-8", forms.solidity)),
    }
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
    let (node, catalog) = (Arc::clone(&service.node), Arc::clone(&service.catalog));
    ok(&service.compute(move || catalog.verify(&request, &node.registered_keys()?)).await??)
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
    let (node, catalog) = (Arc::clone(&service.node), Arc::clone(&service.catalog));
    ok(&service.batch(move || catalog.verify_batch(&request, &node.registered_keys()?)).await??)
}
