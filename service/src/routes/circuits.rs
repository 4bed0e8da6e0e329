//! `/v1/circuits`, `/v1/verify` and `/v1/verify/batch`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use veilpay_api::circuits::{Circuits, VerifyBatchRequest, VerifyRequest};
use veilpay_api::problem::{Code, Problem};
use veilpay_ledger::RegisteredKeys;
use veilpay_protocol::circuit::CircuitId;

use crate::auth::{Caller, Scope};
use crate::catalog::{Catalog, KeyForms, Served};
use crate::error::Failure;
use crate::exchange::{Form, Format, Named, json, ok, text};
use crate::node::Node;
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
    let own = served(&service, &name);
    let is_own = |version: &u16| own.as_ref().is_ok_and(|own| own.circuit.version == *version);
    let Some(version) = version.filter(|version| !is_own(version)) else { return shown(form, &own?.key) };
    let circuit = name.parse::<CircuitId>().map_err(|_| not_served())?;
    let node = Arc::clone(&service.node);
    let came_in = service.read(move || {
        KeyForms::of(&node.version_key(circuit, version)?)
            .map_err(|_| Problem::new(Code::Internal, "no contract can be made of the key"))
    });
    shown(form, &came_in.await??)
}

fn shown(form: KeyForm, key: &KeyForms) -> Result<Response, Failure> {
    match form {
        KeyForm::Native => ok(&key.native),
        KeyForm::Snarkjs => Ok(text("application/json", key.snarkjs.clone())),
        KeyForm::Solidity => Ok(text("text/plain; charset=utf-8", key.solidity.clone())),
    }
}

/// The keys of versions that came in, where a request is about one: any other is answered without the ledger.
fn keys_for(catalog: &Catalog, node: &Node, requests: &[VerifyRequest]) -> Result<RegisteredKeys, Problem> {
    if requests.iter().all(|request| catalog.answers_alone(request)) {
        return Ok(RegisteredKeys::default());
    }
    node.registered_keys()
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
    let verdict = service.compute(move || {
        let keys = keys_for(&catalog, &node, core::slice::from_ref(&request))?;
        catalog.verify(&request, &keys)
    });
    ok(&verdict.await??)
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
    let verdict = service.batch(move || {
        let keys = keys_for(&catalog, &node, &request.proofs)?;
        catalog.verify_batch(&request, &keys)
    });
    ok(&verdict.await??)
}
