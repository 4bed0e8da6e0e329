//! Errors: `application/problem+json` (RFC 9457) with a stable code. Never a witness value, never an inner error's text.

use core::fmt;

use serde::{Deserialize, Serialize};

/// One thing wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// A JSON pointer into the request's body.
    pub pointer: String,
    /// What is wrong there, by rule.
    pub detail: String,
}

/// An error response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `/problems/<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the code means, the same for every instance.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time.
    pub detail: String,
    /// The request's identifier, which the log carries too.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub instance: Option<String>,
    /// The stable code.
    pub code: Code,
    /// The rule of PROTOCOL that was broken, such as `L3.4` or `T5`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rule: Option<String>,
    /// A narrower code, such as a ledger rejection's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// What is wrong with which part of the request.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub errors: Vec<FieldProblem>,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// Seconds to wait before trying again, where that is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retry_after_s: Option<u64>,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:literal, $retryable:literal, $title:literal;)*) => {
        /// Every error code of the interface.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl Code {
            /// All codes, for documents and tests.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The text of the code.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status),* }
            }

            /// Whether the same request may succeed later.
            #[must_use]
            pub const fn retryable(self) -> bool {
                match self { $(Self::$name => $retryable),* }
            }

            /// What the code means.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }
        }
    };
}

codes! {
    /// The body is not the JSON that the route takes.
    Malformed = "malformed", 400, false, "The request is malformed";
    /// No token, or an unknown one.
    Unauthorized = "unauthorized", 401, false, "A valid token is needed";
    /// The token lacks the scope.
    Forbidden = "forbidden", 403, false, "The token does not allow this";
    /// Nothing is there, or it is not yours.
    NotFound = "not_found", 404, false, "Not found";
    /// The route does not take this method.
    MethodNotAllowed = "method_not_allowed", 405, false, "The route does not take this method";
    /// The state does not allow this now.
    Conflict = "conflict", 409, false, "The state does not allow this";
    /// The result was kept and is gone.
    Expired = "expired", 410, false, "The result has expired";
    /// The body is larger than the route takes.
    TooLarge = "too_large", 413, false, "The body is too large";
    /// The body is not JSON.
    UnsupportedMediaType = "unsupported_media_type", 415, false, "The body must be application/json";
    /// The witness does not prove the statement; `rule` names the clause.
    InvalidWitness = "invalid_witness", 422, false, "The witness does not prove the statement";
    /// The idempotency key was used with another body.
    IdempotencyMismatch = "idempotency_mismatch", 422, false, "The idempotency key belongs to another request";
    /// The ledger refused the transaction; `rule` and `reason` say why.
    TransactionRejected = "transaction_rejected", 422, false, "The ledger rejects the transaction";
    /// The ledger refused the delta; `rule` says why.
    DeltaRejected = "delta_rejected", 422, false, "The ledger rejects the delta";
    /// The key of a circuit's version is refused; `rule` says why.
    KeyRejected = "key_rejected", 422, false, "The verifying key is refused";
    /// Too many requests of this caller.
    TooManyRequests = "too_many_requests", 429, true, "Too many requests";
    /// The queue of proofs is full.
    QueueFull = "queue_full", 503, true, "The queue of proofs is full";
    /// The service is stopping.
    Stopping = "stopping", 503, true, "The service is stopping";
    /// The request took too long.
    Timeout = "timeout", 503, true, "The request took too long";
    /// A fault of the service.
    Internal = "internal", 500, true, "A fault of the service";
}

impl Problem {
    /// A problem of this code.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("/problems/{}", code.as_str()),
            title: code.title().to_owned(),
            status: code.status(),
            detail: detail.into(),
            instance: None,
            code,
            rule: None,
            reason: None,
            errors: Vec::new(),
            retryable: code.retryable(),
            retry_after_s: None,
        }
    }

    /// Names the rule of PROTOCOL that was broken.
    #[must_use]
    pub fn with_rule(mut self, rule: impl Into<String>) -> Self {
        self.rule = Some(rule.into());
        self
    }

    /// Adds a narrower code.
    #[must_use]
    pub fn with_reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Names a part of the request that is wrong.
    #[must_use]
    pub fn with_field(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.errors.push(FieldProblem { pointer: pointer.into(), detail: detail.into() });
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.rule {
            Some(rule) => write!(f, "{} ({rule}): {}", self.title, self.detail),
            None => write!(f, "{}: {}", self.title, self.detail),
        }
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_round_trips_and_every_code_reads_as_it_writes() {
        for code in Code::ALL {
            let problem = Problem::new(*code, "why").with_rule("L1.1").with_field("/proof", "too short");
            let json = serde_json::to_string(&problem).expect("plain values");
            assert!(json.contains(&format!("\"code\":\"{}\"", code.as_str())));
            assert_eq!(serde_json::from_str::<Problem>(&json).expect("its own text"), problem);
        }
    }
}
