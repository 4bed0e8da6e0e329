//! Who asks, and what he may: bearer tokens with scopes, kept as hashes and compared in constant time.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};
use veilpay_api::problem::{Code, Problem};

use crate::config::Config;
use crate::error::Failure;
use crate::state::Shared;

/// What a token may allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Scope {
    /// Asking for proofs, and one's own jobs.
    Prove = 1,
    /// Verifying proofs.
    Verify = 2,
    /// Submitting transactions.
    Submit = 4,
    /// Reading ledger, lists, circuits and limits.
    Read = 8,
    /// Changing registry, sanctions list and the circuit versions that the ledger takes.
    Admin = 16,
}

const ALL_BUT_ADMIN: u8 = Scope::Prove as u8 | Scope::Verify as u8 | Scope::Submit as u8 | Scope::Read as u8;

/// Whose a job is: the hash of the token, or zeros for whoever comes over an open loopback.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Owner([u8; 32]);

impl Owner {
    const OPEN: Self = Self([0; 32]);
}

struct Token {
    hash: [u8; 32],
    scopes: u8,
}

/// The tokens that a service knows.
pub struct Tokens {
    tokens: Vec<Token>,
    /// What is allowed without a token; none when there are tokens.
    open: u8,
}

fn hash(token: &[u8]) -> [u8; 32] {
    let digest = blake2b_simd::Params::new().hash_length(32).hash(token);
    let mut out = [0; 32];
    out.copy_from_slice(digest.as_bytes());
    out
}

impl Tokens {
    /// The tokens of a configuration that passed [`Config::check`].
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let union = |scopes: &[Scope]| scopes.iter().fold(0, |bits, scope| bits | *scope as u8);
        let tokens: Vec<Token> =
            config.tokens.iter().map(|t| Token { hash: t.hash.0, scopes: union(&t.scopes) }).collect();
        let admin = if config.open_admin_on_loopback { Scope::Admin as u8 } else { 0 };
        let open = if tokens.is_empty() { ALL_BUT_ADMIN | admin } else { 0 };
        Self { tokens, open }
    }

    /// Compares with every token, without an early end.
    fn find(&self, presented: &[u8]) -> Option<Caller> {
        let presented = hash(presented);
        let (mut found, mut scopes) = (Choice::from(0), 0);
        for token in &self.tokens {
            let equal = token.hash.ct_eq(&presented);
            scopes.conditional_assign(&token.scopes, equal);
            found |= equal;
        }
        bool::from(found).then_some(Caller { owner: Owner(presented), scopes })
    }

    fn caller(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let unknown = || Problem::new(Code::Unauthorized, "send `Authorization: Bearer` with a known token");
        match headers.get(AUTHORIZATION) {
            Some(value) => {
                let (scheme, token) = value.as_bytes().split_at_checked(7).ok_or_else(unknown)?;
                let bearer = scheme.eq_ignore_ascii_case(b"bearer ");
                bearer.then(|| self.find(token)).flatten().ok_or_else(unknown)
            }
            None if self.open == 0 => Err(unknown()),
            None if !names_loopback(headers) => {
                Err(Problem::new(Code::Forbidden, "without tokens only requests to a loopback address are served"))
            }
            None => Ok(Caller { owner: Owner::OPEN, scopes: self.open }),
        }
    }
}

/// Whether `Host` is a loopback address: a page that rebound its own name to 127.0.0.1 sends that name.
fn names_loopback(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(HOST) else { return true };
    let Ok(host) = host.to_str() else { return false };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => host.split(':').next(),
    };
    let name = name.unwrap_or_default();
    name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

/// Who asks.
#[derive(Clone, Copy)]
pub struct Caller {
    owner: Owner,
    scopes: u8,
}

impl Caller {
    /// Whose jobs he sees.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        self.owner
    }

    /// Goes on only with this scope.
    ///
    /// # Errors
    /// [`Code::Forbidden`].
    pub fn must(&self, scope: Scope) -> Result<(), Problem> {
        if self.scopes & scope as u8 == 0 {
            return Err(Problem::new(Code::Forbidden, "the token lacks the scope of this route"));
        }
        Ok(())
    }
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, service: &Shared) -> Result<Self, Failure> {
        Ok(service.tokens.caller(&parts.headers)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TokenConfig;
    use axum::http::HeaderValue;
    use veilpay_api::text::Hex32;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value))).collect()
    }

    fn guarded() -> Tokens {
        let token =
            |text: &str, scopes| TokenConfig { name: text.to_owned(), hash: Hex32(hash(text.as_bytes())), scopes };
        let tokens = vec![token("alpha", vec![Scope::Prove]), token("beta", vec![Scope::Admin, Scope::Read])];
        Tokens::new(&Config { tokens, ..Config::default() })
    }

    #[test]
    fn a_token_has_its_own_scopes_and_its_own_jobs() {
        let tokens = guarded();
        let find = |value| tokens.caller(&headers(&[("authorization", value)]));
        let (alpha, beta) = (find("Bearer alpha").expect("known"), find("bearer beta").expect("known"));
        assert!(alpha.must(Scope::Prove).is_ok() && alpha.must(Scope::Read).is_err());
        assert!(beta.must(Scope::Admin).is_ok() && beta.must(Scope::Prove).is_err());
        assert!(alpha.owner() != beta.owner() && alpha.owner() != Owner::OPEN);
        for value in ["Bearer gamma", "Bearer ", "Basic alpha", "alpha", "Bearer alph", "Bearer alpha "] {
            assert_eq!(find(value).map(|_| ()).map_err(|p| p.code), Err(Code::Unauthorized), "{value}");
        }
        assert!(tokens.caller(&headers(&[])).is_err());
    }

    #[test]
    fn without_tokens_all_but_admin_is_open_to_loopback_names_only() {
        let tokens = Tokens::new(&Config::default());
        let open = tokens.caller(&headers(&[("host", "127.0.0.1:8787")])).expect("loopback");
        assert!(open.must(Scope::Submit).is_ok() && open.must(Scope::Admin).is_err());
        for (host, served) in
            [("localhost", true), ("[::1]:80", true), ("evil.example:8787", false), ("127.1.evil", false)]
        {
            assert_eq!(tokens.caller(&headers(&[("host", host)])).is_ok(), served, "{host}");
        }
        assert!(tokens.caller(&headers(&[("authorization", "Bearer alpha")])).is_err());
        let demo = Tokens::new(&Config { open_admin_on_loopback: true, ..Config::default() });
        assert!(demo.caller(&headers(&[])).expect("loopback").must(Scope::Admin).is_ok());
    }

    #[test]
    fn the_hash_of_a_token_is_what_b2sum_prints() {
        // printf %s veilpay | b2sum -l 256
        let printed = "6293c4109b4fa5443396c2a3e37afd7e0bb987fb8b82141f384e84aa5e7bbc8b";
        assert_eq!(hex::encode(hash(b"veilpay")), printed);
    }
}
