//! `/v1/proofs`: asking for proofs and following their jobs.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{HeaderName, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use veilpay_api::problem::{Code, Problem};
use veilpay_api::proofs::{Jobs, ProofRequest, Valid};
use veilpay_protocol::statement;

use crate::auth::{Caller, Scope};
use crate::error::Failure;
use crate::exchange::{Form, Format, Named, answer, ok, read, text, with_header};
use crate::jobs::{Accepted, JobId, ProofForm, RETRY_AFTER_SECONDS};
use crate::state::Shared;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const PREFER: HeaderName = HeaderName::from_static("prefer");

impl Form for ProofForm {
    const NAMES: &'static str = "native|snarkjs|evm";
    const VERSIONED: bool = false;
}

/// `POST /v1/proofs`: 202 with the job, or 200 when it is finished within `Prefer: wait`.
pub async fn create(
    State(service): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    caller.must(Scope::Prove)?;
    let key = idempotency_key(&headers)?;
    let body = read(&headers, body, service.limits.proof_request_bytes).await?;
    let (jobs, engine) = (Arc::clone(&service.jobs), Arc::clone(&service.engine));
    let submitted = service.compute(move || {
        let request = ProofRequest::from_json(&body)?;
        if !engine.serves(request.statement.circuit()) {
            return Err(not_served());
        }
        let idempotency = key.map(|key| jobs.idempotency(key, &body));
        Ok(jobs.submit(caller.owner(), request, body.len(), idempotency)?)
    });
    let Accepted { mut job, id } = submitted.await??;
    let wait = wait(&headers, service.limits.wait_seconds);
    if let Some(limit) = wait
        && !job.terminal
    {
        job = service.jobs.wait(caller.owner(), id, limit).await.map_err(Problem::from)?;
    }
    let status = if job.terminal { StatusCode::OK } else { StatusCode::ACCEPTED };
    let response = with_header(answer(status, &job)?, LOCATION, &format!("/v1/proofs/{id}"));
    Ok(if job.terminal { response } else { with_header(response, RETRY_AFTER, &RETRY_AFTER_SECONDS.to_string()) })
}

fn not_served() -> Problem {
    Problem::new(Code::NotFound, "this service has no key for the circuit").with_field("/circuit", "not served here")
}

/// The caller's name for the request: up to 255 visible characters.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let visible = |text: &&str| (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    match value.to_str().ok().filter(visible) {
        Some(key) => Ok(Some(key.to_owned())),
        None => Err(Problem::new(Code::Malformed, "an idempotency key is 1 to 255 visible ASCII characters")),
    }
}

/// How long the caller would rather wait than ask again (RFC 7240): a wish, granted up to the limit.
fn wait(headers: &HeaderMap, most_seconds: u64) -> Option<Duration> {
    let wishes = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
    let mut wishes = wishes.flat_map(|value| value.split([',', ';']));
    let seconds = wishes.find_map(|wish| {
        let (name, value) = wish.split_once('=')?;
        name.trim().eq_ignore_ascii_case("wait").then(|| value.trim().trim_matches('"').parse::<u64>().ok())?
    })?;
    (seconds > 0).then(|| Duration::from_secs(seconds.min(most_seconds)))
}

/// `POST /v1/proofs:validate`: the native relation alone, whose first broken clause is named.
pub async fn validate(
    State(service): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    caller.must(Scope::Prove)?;
    let body = read(&headers, body, service.limits.proof_request_bytes).await?;
    let checked = service.compute(move || {
        let request = ProofRequest::from_json(&body)?;
        statement::check(&request.statement, &request.witness).map_err(|violation| {
            Problem::new(Code::InvalidWitness, violation.to_string()).with_rule(violation.clause())
        })
    });
    checked.await??;
    ok(&Valid { valid: true })
}

/// `GET /v1/proofs`: the caller's jobs.
pub async fn list(State(service): State<Shared>, caller: Caller) -> Result<Response, Failure> {
    caller.must(Scope::Prove)?;
    ok(&Jobs { jobs: service.jobs.list(caller.owner()) })
}

/// `GET /v1/proofs/{id}`.
pub async fn show(
    State(service): State<Shared>,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<Response, Failure> {
    caller.must(Scope::Prove)?;
    let job = id.parse::<JobId>().and_then(|id| service.jobs.get(caller.owner(), id)).map_err(Problem::from)?;
    ok(&job)
}

/// `GET /v1/proofs/{id}/proof`: the proof with its public inputs, in one of three forms.
pub async fn proof(
    State(service): State<Shared>,
    caller: Caller,
    Named(id): Named<String>,
    Format { form, .. }: Format<ProofForm>,
) -> Result<Response, Failure> {
    caller.must(Scope::Prove)?;
    let made = id.parse::<JobId>().and_then(|id| service.jobs.proof(caller.owner(), id)).map_err(Problem::from)?;
    Ok(text("application/json", service.compute(move || made.to_json(form)).await??))
}

/// `DELETE /v1/proofs/{id}`: cancels what is not finished and erases what is.
pub async fn cancel(
    State(service): State<Shared>,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<Response, Failure> {
    caller.must(Scope::Prove)?;
    let job = id.parse::<JobId>().and_then(|id| service.jobs.cancel(caller.owner(), id)).map_err(Problem::from)?;
    ok(&job)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_wait_is_a_wish_that_is_granted_up_to_the_limit() {
        let cases = [
            ("wait=5", Some(5)),
            ("respond-async, wait=\"7\"", Some(7)),
            ("Wait=100", Some(30)),
            ("wait=0", None),
            ("wait=-1", None),
            ("wait", None),
            ("return=minimal", None),
        ];
        for (text, seconds) in cases {
            let headers = HeaderMap::from_iter([(PREFER, HeaderValue::from_static(text))]);
            assert_eq!(wait(&headers, 30), seconds.map(Duration::from_secs), "{text}");
        }
    }
}
