//! What surrounds every request: its identifier, its time limit, a net for panics, the writing of problems, and one line
//! in the log. A line has method, route, status, time and identifier; never a path, a query, a header or a body.

use core::fmt;
use core::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use rand_core::{OsRng, RngCore as _};
use veilpay_api::problem::{Code, Problem};

use crate::error::{Failure, write};
use crate::state::Shared;

/// The header that names a request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request's name: 128 random bits. Names that callers send are not taken over, so that they cannot write into the log.
struct RequestId(String);

impl RequestId {
    fn random() -> Self {
        let mut bytes = [0; 16];
        OsRng.fill_bytes(&mut bytes);
        Self(hex::encode(bytes))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The outermost layer.
pub async fn surround(State(service): State<Shared>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let id = RequestId::random();
    let method = known_method(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    let limit = Duration::from_secs(service.limits.request_seconds);
    let answered = tokio::time::timeout(limit, AssertUnwindSafe(next.run(request)).catch_unwind()).await;
    let mut response = match answered {
        Ok(Ok(response)) => response,
        Ok(Err(_panic)) => {
            Failure::from(Problem::new(Code::Internal, "the request could not be handled")).into_response()
        }
        Err(_elapsed) => {
            let detail = format!("it took longer than {} s", limit.as_secs());
            Failure::from(Problem::new(Code::Timeout, detail).with_retry_after(limit.as_secs())).into_response()
        }
    };
    let mut code = "";
    if let Some(Failure(mut problem)) = response.extensions_mut().remove::<Failure>() {
        code = problem.code.as_str();
        problem.instance = Some(id.0.clone());
        response = write(&problem, response);
    }
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let status = response.status().as_u16();
    let ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR {
        tracing::error!(target: "veilpay_service::request", method, route, status, ms, request = %id, code, "request");
    } else {
        tracing::info!(target: "veilpay_service::request", method, route, status, ms, request = %id, code, "request");
    }
    response
}

/// A caller's own method name may be anything, so the log shows those of the interface alone.
fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        _ => "OTHER",
    }
}

/// Starts logging as JSON lines on standard error, and logs panics by place alone: a panic's text may quote a value.
///
/// # Errors
/// [`UnknownLevel`] when `level` is none of `error`, `warn`, `info`, `debug`, `trace`.
pub fn start(level: &str) -> Result<(), UnknownLevel> {
    let level: tracing::Level = level.parse().map_err(|_| UnknownLevel)?;
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .finish();
    // A second start in one process keeps the first subscriber.
    let _ = tracing::subscriber::set_global_default(subscriber);
    std::panic::set_hook(Box::new(|panic| {
        let (file, line) = panic.location().map_or(("unknown", 0), |place| (place.file(), place.line()));
        tracing::error!(file, line, "panic");
    }));
    Ok(())
}

/// The text names no level of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownLevel;

impl fmt::Display for UnknownLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such level: error, warn, info, debug or trace")
    }
}

impl core::error::Error for UnknownLevel {}
