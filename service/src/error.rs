//! Why a service does not start, and how a problem becomes a response.

use core::fmt;

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use veilpay_api::PROBLEM_JSON;
use veilpay_api::problem::{Code, Problem};
use veilpay_api::text::Hex32;
use veilpay_ledger::StoreError;
use veilpay_protocol::circuit::CircuitId;
use veilpay_prover::{KeyFileError, ProveError};

use crate::catalog::CatalogError;
use crate::config::ConfigError;

/// A problem as a handler returns it. The response carries it as a value: the outermost layer, which knows the request's
/// identifier, writes it.
#[derive(Clone, Debug)]
pub struct Failure(pub Box<Problem>);

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes a problem over a response, whose other headers stay.
pub fn write(problem: &Problem, mut response: Response) -> Response {
    // A problem is plain text and numbers, so it always has JSON.
    let body = serde_json::to_vec(problem).unwrap_or_default();
    *response.status_mut() = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.remove(axum::http::header::CONTENT_LENGTH);
    if let Some(seconds) = problem.retry_after_s {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    if problem.code == Code::Unauthorized {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    *response.body_mut() = body.into();
    response
}

/// Why a service did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The configuration breaks a rule.
    Config(ConfigError),
    /// The address cannot be listened on.
    Listen(std::io::Error),
    /// A thread cannot be started.
    Thread(std::io::Error),
    /// The folder of keys cannot be used, or the engine has no threads.
    Keys(ProveError),
    /// A circuit's key is missing or refused (S1, S2).
    Key(CircuitId, ProveError),
    /// A circuit's verifying key has another digest than the one configured.
    KeyDigest {
        /// The circuit.
        circuit: CircuitId,
        /// What the configuration asks for.
        pinned: Hex32,
        /// The digest of the key in the folder.
        found: Hex32,
    },
    /// S3: a circuit's key calls itself a ceremony's, and no digest is configured to compare it with.
    UnpinnedCeremonyKey(CircuitId),
    /// The keys cannot be served together, or are not allowed (S2).
    Catalog(CatalogError),
    /// The data folder cannot be made.
    DataFolder(std::io::Error),
    /// The ledger cannot be opened.
    Ledger(StoreError),
    /// Something panicked on the way.
    Panicked,
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => write!(f, "configuration: {error}"),
            Self::Listen(error) => write!(f, "cannot listen: {error}"),
            Self::Thread(error) => write!(f, "cannot start a thread: {error}"),
            Self::Keys(error) => write!(f, "keys: {error}"),
            Self::Key(circuit, ProveError::Key(KeyFileError::NoCeremonyKey)) => {
                write!(f, "S2: {circuit} has no ceremony key; --allow-insecure-dev-keys makes an insecure one")
            }
            Self::Key(circuit, error) => write!(f, "key of {circuit}: {error}"),
            Self::KeyDigest { circuit, pinned, found } => {
                write!(f, "the verifying key of {circuit} has digest {found}, the configuration asks for {pinned}")
            }
            Self::UnpinnedCeremonyKey(circuit) => {
                write!(
                    f,
                    "S3: the key of {circuit} calls itself a ceremony's; set {circuit} in the table key_digests of the \
                     configuration to the digest that the ceremony published"
                )
            }
            Self::Catalog(error) => error.fmt(f),
            Self::DataFolder(error) => write!(f, "data folder: {error}"),
            Self::Ledger(error) => write!(f, "ledger: {error}"),
            Self::Panicked => f.write_str("a part of the service panicked"),
        }
    }
}

impl core::error::Error for StartError {}

impl From<ConfigError> for StartError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<CatalogError> for StartError {
    fn from(error: CatalogError) -> Self {
        Self::Catalog(error)
    }
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error)
    }
}
