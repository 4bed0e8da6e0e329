//! Why there is no proof.

use std::fmt;

use veilpay_protocol::violation::Violation;
use veilpay_verifier::VerifyError;

use super::Stage;
use crate::circom::CircomError;
use crate::entropy::NoEntropy;
use crate::keys::KeyFileError;

/// Why there is no proof. Nothing in it tells of the witness more than the broken rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProveError {
    /// The witness does not prove the statement: the clause.
    Violation(Violation),
    /// There is no key for the circuit.
    Key(KeyFileError),
    /// The circuit could not be evaluated.
    Synthesis,
    /// The assignment does not satisfy the matrices, though the native relation holds: relation and circuit differ.
    Unsatisfied {
        /// The first constraint that does not hold.
        constraint: usize,
    },
    /// The proof did not verify: the engine or its key is faulty.
    SelfVerification(VerifyError),
    /// The proof of a key of snarkjs did not verify, and computed again with other instructions it was the same: the
    /// assignment does not satisfy the circuit, or the key is not one of that circuit. Such a key has no matrix C, so
    /// neither the constraint nor which of the two is known.
    WitnessOrKey,
    /// Cancelled between two stages.
    Cancelled,
    /// A thread panicked in this stage.
    Panicked(Stage),
    /// The operating system gave no randomness.
    Entropy,
    /// The operating system gave no threads.
    Threads,
    /// The assignment does not fit a key of snarkjs.
    Circom(CircomError),
}

impl fmt::Display for ProveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Violation(violation) => violation.fmt(f),
            Self::Key(error) => error.fmt(f),
            Self::Synthesis => f.write_str("the circuit could not be evaluated"),
            Self::Unsatisfied { constraint } => write!(f, "constraint {constraint} is not satisfied"),
            Self::SelfVerification(error) => write!(f, "the finished proof was refused: {error}"),
            Self::WitnessOrKey => f.write_str(
                "the proof does not verify, computed in two ways: the witness does not satisfy the circuit, or the key is another circuit's",
            ),
            Self::Cancelled => f.write_str("cancelled"),
            Self::Panicked(stage) => write!(f, "a thread panicked in stage {stage}"),
            Self::Entropy => f.write_str("the operating system gave no randomness"),
            Self::Threads => f.write_str("the operating system gave no threads"),
            Self::Circom(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ProveError {}

impl From<KeyFileError> for ProveError {
    fn from(error: KeyFileError) -> Self {
        Self::Key(error)
    }
}

impl From<NoEntropy> for ProveError {
    fn from(NoEntropy: NoEntropy) -> Self {
        Self::Entropy
    }
}
