//! `/v1/info`, `/livez`, `/readyz`.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use veilpay_api::info::{Info, Limits};
use veilpay_api::problem::{Code, Problem};

use crate::auth::{Caller, Scope};
use crate::error::Failure;
use crate::exchange::ok;
use crate::jobs::RETRY_AFTER_SECONDS;
use crate::state::Shared;

/// `GET /v1/info`.
pub async fn info(State(service): State<Shared>, caller: Caller) -> Result<Response, Failure> {
    caller.must(Scope::Read)?;
    let limits = &service.limits;
    ok(&Info {
        name: "veilpayd".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        network: service.node.network(),
        insecure_dev_keys: service.insecure_dev_keys,
        limits: Limits {
            proof_request_bytes: limits.proof_request_bytes,
            request_bytes: limits.request_bytes,
            queue_length: limits.queue_length,
            workers: service.workers,
            page: limits.page,
            wait_s: limits.wait_seconds,
            retention_s: limits.retention_seconds,
        },
    })
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// `GET /livez`: the process answers.
pub async fn live() -> Result<Response, Failure> {
    ok(&Health { status: "live" })
}

/// `GET /readyz`: a request for a proof would be taken, and the ledger answers. Otherwise each check that fails is named.
pub async fn ready(State(service): State<Shared>) -> Result<Response, Failure> {
    let checks = [
        (service.is_stopping(), Code::Stopping, "/service", "the service is stopping"),
        (!service.node.is_open(), Code::Internal, "/ledger", "the ledger is not open"),
        (service.catalog.iter().next().is_none(), Code::Internal, "/keys", "no keys are loaded"),
        (!service.jobs.has_room(), Code::QueueFull, "/queue", "the queue of proofs is full"),
    ];
    let mut failed = checks.iter().filter(|(fails, ..)| *fails);
    let Some((_, code, pointer, detail)) = failed.next() else { return ok(&Health { status: "ready" }) };
    let mut problem = Problem::new(*code, "the service is not ready").with_field(*pointer, *detail);
    // Whichever check fails, a probe reads 503.
    problem.status = 503;
    for (_, _, pointer, detail) in failed {
        problem = problem.with_field(*pointer, *detail);
    }
    Err(problem.with_retry_after(RETRY_AFTER_SECONDS).into())
}
