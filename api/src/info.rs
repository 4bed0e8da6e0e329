//! `GET /v1/info`.

use serde::{Deserialize, Serialize};
use veilpay_protocol::params::Network;

/// What a service is and what it takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Info {
    /// `veilpayd`.
    pub name: String,
    /// The software's version.
    pub version: String,
    /// The network.
    pub network: Network,
    /// Whether a key of an insecure dev setup is accepted (S2).
    pub insecure_dev_keys: bool,
    /// The limits.
    pub limits: Limits,
}

/// The limits of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of a proof request's body.
    pub proof_request_bytes: usize,
    /// Bytes of any other body.
    pub request_bytes: usize,
    /// Proofs that may wait.
    pub queue_length: usize,
    /// Proofs made at once.
    pub workers: usize,
    /// Items of a page.
    pub page: usize,
    /// Seconds that `Prefer: wait` may ask for.
    pub wait_s: u64,
    /// Seconds for which a job's result is kept.
    pub retention_s: u64,
}
