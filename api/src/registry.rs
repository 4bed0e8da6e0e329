//! `/v1/registry` and `/v1/sanctions`: signed deltas in bulk; POST with the admin scope.

use serde::{Deserialize, Serialize};

use crate::text::{Base64, Hex32};

/// Deltas of one list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deltas {
    /// Deltas applied so far.
    pub sequence: u64,
    /// The list's root.
    pub root: Hex32,
    /// Signed deltas in order, from the sequence asked for, in their canonical bytes.
    pub deltas: Vec<Base64>,
}

/// A delta to apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeltaRequest {
    /// The signed delta's canonical bytes.
    pub delta: Base64,
}
