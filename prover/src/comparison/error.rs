//! Why there is no comparison.

use std::fmt;

use crate::engine::ProveError;

/// Why there is no comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ComparisonError {
    /// Our prover gave no proof, or one that does not verify.
    Prove(ProveError),
    /// arkworks' prover refused.
    Arkworks,
    /// With the same r and s the two gave different proofs.
    Differ,
    /// The rows of a key of snarkjs do not end with those that bind its public inputs, as arkworks has them.
    Rows,
    /// A verifier refused a proof that holds, or accepted one that does not.
    Verdict,
    /// Nothing was run.
    NoRun,
}

impl fmt::Display for ComparisonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prove(error) => error.fmt(f),
            Self::Arkworks => f.write_str("arkworks' prover refused the key or the assignment"),
            Self::Differ => f.write_str("our proof and arkworks' differ for the same r and s"),
            Self::Rows => f.write_str("the key's rows do not end with those that bind its public inputs"),
            Self::Verdict => f.write_str("a verifier accepted a wrong proof or refused a right one"),
            Self::NoRun => f.write_str("nothing was run"),
        }
    }
}

impl std::error::Error for ComparisonError {}

impl From<ProveError> for ComparisonError {
    fn from(error: ProveError) -> Self {
        Self::Prove(error)
    }
}
