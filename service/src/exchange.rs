//! What goes in and out: bodies read within a bound, refused unless JSON, erased; parameters; answers.

use axum::body::Body;
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use veilpay_api::problem::{Code, Problem};
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::Failure;
use crate::state::Shared;

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

fn too_large(limit: usize) -> Problem {
    Problem::new(Code::TooLarge, format!("this route takes at most {limit} bytes"))
}

/// Reads a JSON body of at most `limit` bytes into memory that erases itself, and erases what it was received in where
/// nothing else shares that memory.
///
/// # Errors
/// [`Code::UnsupportedMediaType`], [`Code::TooLarge`], or [`Code::Malformed`] when the body breaks off.
pub async fn read(headers: &HeaderMap, mut body: Body, limit: usize) -> Result<Zeroizing<Vec<u8>>, Problem> {
    if !is_json(headers) {
        return Err(Problem::new(Code::UnsupportedMediaType, "send `Content-Type: application/json`"));
    }
    let declared = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    // With its final capacity at once: growing would leave copies behind.
    let mut out = Zeroizing::new(Vec::with_capacity(declared.unwrap_or(limit)));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::new(Code::Malformed, "the body broke off"))?;
        let Ok(data) = frame.into_data() else { continue };
        if data.len() > limit - out.len() {
            return Err(too_large(limit));
        }
        out.extend_from_slice(&data);
        if let Ok(mut sole) = data.try_into_mut() {
            sole.as_mut().zeroize();
        }
    }
    Ok(out)
}

/// Reads a JSON body without secrets.
///
/// # Errors
/// As [`read`], and [`Code::Malformed`] naming the place, never the value.
pub async fn json<T: DeserializeOwned>(headers: &HeaderMap, body: Body, limit: usize) -> Result<T, Problem> {
    let bytes = read(headers, body, limit).await?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let place = format!("at line {} column {}", error.line(), error.column());
        let what = match missing(&error.to_string()) {
            Some(name) => format!("`{name}` is missing, {place}"),
            None => format!("not of its form, {place}"),
        };
        Problem::new(Code::Malformed, "the body is not what this route takes").with_field("", what)
    })
}

/// The name of a field that a body lacks: of the route's form, so that it shows nothing of the body.
fn missing(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.split_once('`').map(|(name, _)| name)
}

/// What stands in a route's path: a `String`, or a tuple of them.
pub struct Named<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Named<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        // What is not text names nothing.
        let absent = |_| Failure::from(Problem::new(Code::NotFound, "no such thing, or not yours"));
        Path::from_request_parts(parts, state).await.map(|Path(names)| Self(names)).map_err(absent)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    #[serde(default)]
    from: u64,
    limit: Option<usize>,
}

/// Which items of a list are asked for: `?from=&limit=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The first.
    pub from: u64,
    /// How many at most.
    pub limit: usize,
}

impl FromRequestParts<Shared> for Page {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, service: &Shared) -> Result<Self, Failure> {
        let bad = |_| Failure::from(Problem::new(Code::Malformed, "the query is `from=N&limit=N`, both optional"));
        let Query(PageQuery { from, limit }) = Query::from_request_parts(parts, service).await.map_err(bad)?;
        let most = service.limits.page;
        Ok(Self { from, limit: limit.unwrap_or(most).min(most) })
    }
}

/// The forms that a route gives something in.
pub trait Form: Default + DeserializeOwned + Send {
    /// Their names, as a refusal lists them.
    const NAMES: &'static str;
    /// Whether there may be several versions.
    const VERSIONED: bool;
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormatQuery<F: Form> {
    #[serde(default, bound(deserialize = "F: Form"))]
    format: F,
    version: Option<u16>,
}

/// Which form is asked for, `?format=`, and of which version, `?version=`, where there may be several.
pub struct Format<F> {
    /// The form.
    pub form: F,
    /// The version.
    pub version: Option<u16>,
}

impl<F: Form> FromRequestParts<Shared> for Format<F> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, service: &Shared) -> Result<Self, Failure> {
        let bad = || {
            let version = if F::VERSIONED { "&version=N`, both" } else { "`," };
            let query = format!("the query is `format={}{version} optional", F::NAMES);
            Failure::from(Problem::new(Code::Malformed, query))
        };
        let query = Query::from_request_parts(parts, service).await.map_err(|_| bad())?;
        let Query(FormatQuery::<F> { format, version }) = query;
        if version.is_some() && !F::VERSIONED {
            return Err(bad());
        }
        Ok(Self { form: format, version })
    }
}

/// An answer in JSON that no cache keeps.
pub fn answer(status: StatusCode, value: &impl Serialize) -> Result<Response, Failure> {
    let body = serde_json::to_vec(value).map_err(|_| Problem::new(Code::Internal, "the answer has no JSON"))?;
    let mut response = text("application/json", body);
    *response.status_mut() = status;
    Ok(response)
}

/// An answer of a type that no cache keeps, with 200.
pub fn text(content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// As [`answer`], with 200.
pub fn ok(value: &impl Serialize) -> Result<Response, Failure> {
    answer(StatusCode::OK, value)
}

/// Adds a header whose value is visible ASCII.
pub fn with_header(mut response: Response, name: HeaderName, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}
