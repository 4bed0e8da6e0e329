//! What a wallet needs of the outside: a ledger that it follows, and somebody who proves.

use core::fmt;

use veilpay_api::ledger::{Account, Blocks, Ledger, Notes, Nullifiers};
use veilpay_api::registry::Deltas;
use veilpay_api::text::Hex32;
use veilpay_api::transactions::TransactionStatus;
use veilpay_protocol::statement::{Statement, Witness};
use veilpay_protocol::transaction::{PROOF_LENGTH, Transaction};
use veilpay_protocol::violation::Violation;

use crate::error::WalletError;

/// A ledger, as a wallet sees it. Lists come in bulk, from an index on; there is no way to ask for one path (C4).
pub trait Chain {
    /// The ledger's tip, parameters and assets.
    ///
    /// # Errors
    /// [`WalletError`] when the ledger cannot be asked or refuses.
    fn ledger(&self) -> Result<Ledger, WalletError>;

    /// Blocks from a height on.
    ///
    /// # Errors
    /// As [`ledger`](Self::ledger).
    fn blocks(&self, from: u64, limit: usize) -> Result<Blocks, WalletError>;

    /// Notes from a position on.
    ///
    /// # Errors
    /// As [`ledger`](Self::ledger).
    fn notes(&self, from: u64, limit: usize) -> Result<Notes, WalletError>;

    /// Nullifiers from an index on.
    ///
    /// # Errors
    /// As [`ledger`](Self::ledger).
    fn nullifiers(&self, from: u64, limit: usize) -> Result<Nullifiers, WalletError>;

    /// Registry deltas from a sequence on.
    ///
    /// # Errors
    /// As [`ledger`](Self::ledger).
    fn registry(&self, from: u64, limit: usize) -> Result<Deltas, WalletError>;

    /// Sanctions deltas from a sequence on.
    ///
    /// # Errors
    /// As [`ledger`](Self::ledger).
    fn sanctions(&self, from: u64, limit: usize) -> Result<Deltas, WalletError>;

    /// A transparent account's balances.
    ///
    /// # Errors
    /// As [`ledger`](Self::ledger).
    fn account(&self, key: Hex32) -> Result<Account, WalletError>;

    /// Submits a transaction.
    ///
    /// # Errors
    /// As [`ledger`](Self::ledger); a rejection names the rule.
    fn submit(&self, transaction: &Transaction) -> Result<TransactionStatus, WalletError>;
}

/// Why there is no proof.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProverError {
    /// The witness does not prove the statement.
    Violation(Violation),
    /// The prover's job failed; its code and its words.
    Failed {
        /// The job's error code.
        code: String,
        /// The clause, where one was broken.
        rule: Option<String>,
        /// What happened.
        detail: String,
    },
    /// The job was cancelled or forgotten.
    Gone,
    /// The prover took too long.
    Timeout,
    /// The prover answered with something that is not a proof.
    NotAProof,
    /// The prover cannot be reached or refuses the request.
    Refused(Box<WalletError>),
}

impl fmt::Display for ProverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Violation(violation) => violation.fmt(f),
            Self::Failed { code, rule: Some(rule), detail } => write!(f, "the proof failed ({code}, {rule}): {detail}"),
            Self::Failed { code, rule: None, detail } => write!(f, "the proof failed ({code}): {detail}"),
            Self::Gone => f.write_str("the proof's job is gone"),
            Self::Timeout => f.write_str("the prover took too long"),
            Self::NotAProof => f.write_str("the prover's answer is not a proof"),
            Self::Refused(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ProverError {}

/// Whoever makes proofs: a service far away, or an engine in this process.
pub trait Prover {
    /// A proof in its compressed form. The wallet verifies it; the prover cannot cheat it of money.
    ///
    /// # Errors
    /// [`ProverError`] saying why there is none.
    fn prove(&self, statement: &Statement, witness: &Witness) -> Result<[u8; PROOF_LENGTH], ProverError>;
}
