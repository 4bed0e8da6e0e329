//! What an operator sets: one value from defaults, a TOML file, `VEILPAY_` variables and flags, the later the stronger.
//!
//! Variables of a table join its name and the key by two underscores: `VEILPAY_LIMITS__QUEUE_LENGTH=8`.

pub mod pin;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use serde::{Deserialize, Serialize};
use veilpay_api::text::Hex32;
use veilpay_protocol::circuit::CircuitId;

use crate::auth::Scope;

pub use pin::Pin;

/// Variables under `VEILPAY_` that are not the service's but those of the command line and of the tests.
const FOREIGN_VARIABLES: [&str; 7] = ["assure", "backend", "bless", "require", "server", "token", "wallet"];

/// Workers, and threads of the engine, at most: more wait for each other, and thousands exhaust the machine.
pub const MAX_THREADS: usize = 1024;

/// The configuration of a service.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The address to listen on; port 0 takes a free one. Beyond loopback, [`Config::tokens`] must not be empty.
    pub listen: SocketAddr,
    /// Where the ledger lies.
    pub data_dir: PathBuf,
    /// Where the key files lie.
    pub keys_dir: PathBuf,
    /// The genesis file of the `veilpayd` command; [`crate::Service::start`] takes its value instead.
    pub genesis: Option<PathBuf>,
    /// The circuits that are served; each needs its key.
    pub circuits: Vec<CircuitId>,
    /// The digests that the verifying keys of circuits must have, those of versions that come in over the admin interface too.
    /// A ceremony's key needs its own here: that it is a ceremony's is otherwise only what its file says (S3).
    pub key_digests: BTreeMap<Pin, Hex32>,
    /// Whether keys of an insecure dev setup are taken (S2).
    pub allow_insecure_dev_keys: bool,
    /// Whether the admin scope is open too. For demos: only on loopback and only without tokens.
    pub open_admin_on_loopback: bool,
    /// Who may do what. Without any, every scope but admin is open, and only on loopback.
    pub tokens: Vec<TokenConfig>,
    /// The proving machinery.
    pub prover: ProverConfig,
    /// The bounds.
    pub limits: LimitsConfig,
    /// The lowest level that the `veilpayd` command logs: `error`, `warn`, `info`, `debug`, `trace`.
    pub log: String,
}

/// A bearer token, as the service keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenConfig {
    /// A name for the operator; no part of it is ever shown.
    pub name: String,
    /// BLAKE2b-256 of the token's text: what `printf %s "$TOKEN" | b2sum -l 256` prints, after `0x`.
    pub hash: Hex32,
    /// What it allows.
    pub scopes: Vec<Scope>,
}

/// How proofs are made.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProverConfig {
    /// Proofs made at once.
    pub workers: usize,
    /// Threads of the engine, shared by the workers; 0 takes as many as there are processors.
    pub threads: usize,
    /// Whether the time of a proof may depend on its witness.
    pub timing: ProverTiming,
}

/// How the time of a proof depends on its witness, which those who wait for it, or share the machine, can measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProverTiming {
    /// Hardly: every scalar is treated as one of full size.
    #[default]
    Uniform,
    /// Wires that are 0, 1 or small are faster.
    Fast,
}

/// The bounds of everything that comes from outside.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Connections at once; more wait to be accepted.
    pub connections: usize,
    /// Seconds for a request's head to arrive; an idle connection is closed after as many.
    pub header_read_seconds: u64,
    /// Seconds for a request, its body's arrival and `Prefer: wait` included.
    pub request_seconds: u64,
    /// Seconds that a connection lives; the request in hand is finished first.
    pub connection_seconds: u64,
    /// Bytes of a proof request's body.
    pub proof_request_bytes: usize,
    /// Bytes of any other body.
    pub request_bytes: usize,
    /// Items of a page.
    pub page: usize,
    /// Seconds that `Prefer: wait` may ask for.
    pub wait_seconds: u64,
    /// Proofs that may wait.
    pub queue_length: usize,
    /// Bytes of requests that may wait.
    pub queue_bytes: usize,
    /// Proofs of one token that may wait or run.
    pub in_flight_per_token: usize,
    /// Seconds for which a finished job's result is kept.
    pub retention_seconds: u64,
    /// Finished jobs of one token that are remembered; the oldest is forgotten first.
    pub kept_per_token: usize,
    /// Seconds that running proofs and open requests have to finish when the service stops.
    pub shutdown_seconds: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8787),
            data_dir: PathBuf::from("veilpay-data"),
            keys_dir: PathBuf::from("keys"),
            genesis: None,
            circuits: CircuitId::ALL.to_vec(),
            key_digests: BTreeMap::new(),
            allow_insecure_dev_keys: false,
            open_admin_on_loopback: false,
            tokens: Vec::new(),
            prover: ProverConfig::default(),
            limits: LimitsConfig::default(),
            log: "info".to_owned(),
        }
    }
}

impl Default for ProverConfig {
    fn default() -> Self {
        Self { workers: 1, threads: 0, timing: ProverTiming::default() }
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            connections: 512,
            header_read_seconds: 10,
            request_seconds: 60,
            connection_seconds: 600,
            proof_request_bytes: veilpay_api::proofs::MAX_PROOF_REQUEST,
            request_bytes: 64 * 1024,
            page: veilpay_api::ledger::MAX_PAGE,
            wait_seconds: 30,
            queue_length: 64,
            queue_bytes: 8 * 1024 * 1024,
            in_flight_per_token: 16,
            retention_seconds: 24 * 3600,
            kept_per_token: 1000,
            shutdown_seconds: 25,
        }
    }
}

/// What a configuration gets wrong, as one sentence for the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The address is not loopback and there are no tokens.
    OpenBeyondLoopback,
    /// `open_admin_on_loopback` beyond loopback, or next to tokens.
    OpenAdmin,
    /// A limit that must be positive is zero.
    ZeroLimit,
    /// More than [`MAX_THREADS`] workers or threads.
    TooManyThreads,
    /// A wait may last longer than the request that it is a part of.
    WaitTooLong,
    /// The queue's bytes do not hold the largest request.
    QueueTooSmall,
    /// Two tokens have the same hash.
    TokenTwice,
    /// A circuit is named twice.
    CircuitTwice,
}

impl core::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::OpenBeyondLoopback => "listening beyond loopback needs tokens",
            Self::OpenAdmin => "open_admin_on_loopback is for a loopback address without tokens",
            Self::ZeroLimit => "limits and the number of workers are positive",
            Self::TooManyThreads => "prover.workers and prover.threads are 1,024 at most",
            Self::WaitTooLong => "limits.wait_seconds must be below limits.request_seconds",
            Self::QueueTooSmall => "limits.queue_bytes must be at least limits.proof_request_bytes",
            Self::TokenTwice => "two tokens have the same hash",
            Self::CircuitTwice => "a circuit is named twice",
        })
    }
}

impl core::error::Error for ConfigError {}

impl Config {
    /// Merges defaults, `file`, variables and `flags`.
    ///
    /// # Errors
    /// [`figment::Error`] naming the source and the key that is wrong.
    pub fn load(file: Option<&Path>, flags: impl Serialize) -> Result<Self, Box<figment::Error>> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(file) = file {
            figment = figment.merge(Toml::file_exact(file));
        }
        figment
            .merge(Env::prefixed("VEILPAY_").ignore(&FOREIGN_VARIABLES).split("__"))
            .merge(Serialized::defaults(flags))
            .extract()
            .map_err(Box::new)
    }

    /// Checks what the types do not.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first rule that is broken.
    pub fn check(&self) -> Result<(), ConfigError> {
        let loopback = self.listen.ip().is_loopback();
        if !loopback && self.tokens.is_empty() {
            return Err(ConfigError::OpenBeyondLoopback);
        }
        if self.open_admin_on_loopback && !(loopback && self.tokens.is_empty()) {
            return Err(ConfigError::OpenAdmin);
        }
        let limits = &self.limits;
        let counts = [
            self.prover.workers,
            limits.connections,
            limits.proof_request_bytes,
            limits.request_bytes,
            limits.page,
            limits.queue_length,
            limits.queue_bytes,
            limits.in_flight_per_token,
            limits.kept_per_token,
        ];
        let times =
            [limits.header_read_seconds, limits.request_seconds, limits.connection_seconds, limits.retention_seconds];
        if counts.contains(&0) || times.contains(&0) {
            return Err(ConfigError::ZeroLimit);
        }
        if self.prover.workers.max(self.prover.threads) > MAX_THREADS {
            return Err(ConfigError::TooManyThreads);
        }
        if limits.wait_seconds >= limits.request_seconds {
            return Err(ConfigError::WaitTooLong);
        }
        if limits.queue_bytes < limits.proof_request_bytes {
            return Err(ConfigError::QueueTooSmall);
        }
        let twice = |i: usize, token: &TokenConfig| self.tokens[..i].iter().any(|other| other.hash == token.hash);
        if self.tokens.iter().enumerate().any(|(i, token)| twice(i, token)) {
            return Err(ConfigError::TokenTwice);
        }
        if self.circuits.iter().enumerate().any(|(i, circuit)| self.circuits[..i].contains(circuit)) {
            return Err(ConfigError::CircuitTwice);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_safe_and_pass_their_own_check() {
        let config = Config::default();
        assert_eq!(config.check(), Ok(()));
        let greedy = |workers, threads| {
            let prover = ProverConfig { workers, threads, ..ProverConfig::default() };
            Config { prover, ..Config::default() }.check()
        };
        assert_eq!((greedy(MAX_THREADS, MAX_THREADS), greedy(0, 1)), (Ok(()), Err(ConfigError::ZeroLimit)));
        assert_eq!([greedy(1025, 1), greedy(1, 1025)], [Err(ConfigError::TooManyThreads); 2]);
        assert!(config.listen.ip().is_loopback() && !config.allow_insecure_dev_keys && !config.open_admin_on_loopback);
    }

    #[test]
    fn beyond_loopback_a_token_is_needed_and_admin_is_never_open() {
        let token = TokenConfig { name: "a".to_owned(), hash: Hex32([1; 32]), scopes: vec![Scope::Read] };
        let public = Config { listen: ([0, 0, 0, 0], 80).into(), ..Config::default() };
        assert_eq!(public.check(), Err(ConfigError::OpenBeyondLoopback));
        let guarded = Config { tokens: vec![token.clone()], ..public };
        assert_eq!(guarded.check(), Ok(()));
        assert_eq!(Config { open_admin_on_loopback: true, ..guarded }.check(), Err(ConfigError::OpenAdmin));
        let both = Config { open_admin_on_loopback: true, tokens: vec![token.clone()], ..Config::default() };
        assert_eq!(both.check(), Err(ConfigError::OpenAdmin));
        let twice = Config { tokens: vec![token.clone(), token], ..Config::default() };
        assert_eq!(twice.check(), Err(ConfigError::TokenTwice));
    }

    #[test]
    fn a_flag_is_stronger_than_the_file_and_a_misspelt_key_is_refused() {
        #[derive(Serialize)]
        struct Flags {
            listen: &'static str,
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config");
        let config =
            Config::load(Some(&folder.join("good.toml")), Flags { listen: "127.0.0.1:1" }).expect("a good file");
        assert_eq!((config.listen.port(), config.limits.queue_length, config.limits.page), (1, 3, 1000));
        assert_eq!(config.tokens[0].scopes, [Scope::Prove, Scope::Read]);
        assert_eq!(config.key_digests, BTreeMap::from([(CircuitId::Transfer2x3.into(), Hex32([2; 32]))]));
        assert!(Config::load(Some(&folder.join("misspelt.toml")), Flags { listen: "127.0.0.1:1" }).is_err());
        assert!(Config::load(Some(&folder.join("absent.toml")), Flags { listen: "127.0.0.1:1" }).is_err());
    }
}
