//! Why a wallet could not do what it was asked.

use core::fmt;

use veilpay_api::problem::Problem;
use veilpay_protocol::encoding::DecodeError;
use veilpay_protocol::registry::DeltaError;
use veilpay_protocol::violation::Violation;
use veilpay_verifier::VerifyError;

use crate::chain::ProverError;

/// An error of the wallet.
#[derive(Debug)]
#[non_exhaustive]
pub enum WalletError {
    /// The server could not be reached, or broke off.
    Unreachable,
    /// The server's answer is not of its form.
    BadAnswer,
    /// The server refused; the problem says why.
    Refused(Box<Problem>),
    /// The prover gave no proof.
    Prover(ProverError),
    /// The returned proof does not hold; nothing was signed.
    BadProof(VerifyError),
    /// The server's lists do not lead to the roots that it tells.
    RootMismatch,
    /// The server is another ledger than this wallet's, or tells other terms than it did.
    AnotherLedger,
    /// Server and wallet disagree about the time.
    Clock,
    /// The server's address is not an `http://` or `https://` address.
    BadServer,
    /// Plain HTTP beyond this machine: a witness and a token would go in the clear.
    InsecureServer,
    /// The server says that it accepted another transaction than it was given.
    AnotherTransaction,
    /// A delta is not the issuer's, or does not follow.
    Delta(DeltaError),
    /// Bytes from the server are not canonical.
    Decode(DecodeError),
    /// No credential of this wallet is in the registry.
    NotEnrolled,
    /// The credential was revoked.
    Revoked,
    /// The credential has expired, or its epoch keys have.
    CredentialExpired,
    /// The serial is on the sanctions list.
    Sanctioned,
    /// The latest checkpoint is older than the credential: wait for the next one.
    WaitForCheckpoint,
    /// There is not enough value.
    InsufficientFunds {
        /// What is needed, the fee included.
        needed: u64,
        /// What could be spent now.
        spendable: u64,
    },
    /// There is enough value, but in more notes than a transaction spends: consolidate first.
    TooManyNotes,
    /// The amount is zero, or with its fee above 2^64 - 1.
    BadAmount,
    /// The ledger does not know the asset.
    UnknownAsset,
    /// The memo is longer than it may be.
    MemoTooLong,
    /// No verifying key for a circuit is known.
    NoKey,
    /// The plan breaks a clause: a fault of the wallet.
    Plan(Violation),
    /// A tree or list has no such place: a fault of the wallet's state, which a fresh sync mends.
    BadState,
}

impl fmt::Display for WalletError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable => f.write_str("the server cannot be reached"),
            Self::BadAnswer => f.write_str("the server's answer is not of its form"),
            Self::Refused(problem) => match &problem.rule {
                // A rejection's detail begins with its rule, and so would the line a second time.
                Some(rule) => {
                    let detail = problem.detail.strip_prefix(rule.as_str()).and_then(|rest| rest.strip_prefix(": "));
                    write!(f, "{} ({rule}): {}", problem.title, detail.unwrap_or(&problem.detail))
                }
                None => problem.fmt(f),
            },
            Self::Prover(error) => error.fmt(f),
            Self::BadProof(error) => write!(f, "the returned proof does not hold, nothing was signed: {error}"),
            Self::RootMismatch => f.write_str("the server's lists do not lead to its roots"),
            Self::AnotherLedger => {
                f.write_str("the server is another ledger than this wallet's, or its fees, assets or keys have changed")
            }
            Self::Clock => f.write_str("L3.6: the ledger's time is not that of this machine's clock"),
            Self::BadServer => f.write_str("a server's address begins with http:// or https://"),
            Self::InsecureServer => f.write_str("plain http is for this machine alone: use https"),
            Self::AnotherTransaction => f.write_str("X4: the server names another transaction than it was given"),
            Self::Delta(error) => error.fmt(f),
            Self::Decode(error) => error.fmt(f),
            Self::NotEnrolled => f.write_str("C2: this wallet is not enrolled: the registry holds no credential of it"),
            Self::Revoked => f.write_str("C2: the credential was revoked"),
            Self::CredentialExpired => f.write_str("T7: the credential has expired"),
            Self::Sanctioned => f.write_str("T8: the credential is on the sanctions list"),
            Self::WaitForCheckpoint => {
                f.write_str("X5: the credential is newer than the latest checkpoint: try again soon")
            }
            Self::InsufficientFunds { needed, spendable } => {
                write!(f, "not enough value: {needed} needed with the fee, {spendable} can be spent now")
            }
            Self::TooManyNotes => f.write_str("the value lies in too many notes: pay less, or consolidate first"),
            Self::BadAmount => f.write_str("T4: the amount is zero or too large"),
            Self::UnknownAsset => f.write_str("the ledger does not know the asset"),
            Self::MemoTooLong => f.write_str("the memo is longer than 256 bytes"),
            Self::NoKey => f.write_str("no verifying key of the circuit is known"),
            Self::Plan(violation) => violation.fmt(f),
            Self::BadState => f.write_str("the wallet's state is damaged: sync anew"),
        }
    }
}

impl std::error::Error for WalletError {}

impl From<DeltaError> for WalletError {
    fn from(error: DeltaError) -> Self {
        Self::Delta(error)
    }
}

impl From<DecodeError> for WalletError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<Problem> for WalletError {
    fn from(problem: Problem) -> Self {
        Self::Refused(Box::new(problem))
    }
}

impl From<ProverError> for WalletError {
    fn from(error: ProverError) -> Self {
        Self::Prover(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use veilpay_api::problem::Code;

    #[test]
    fn a_rejection_names_its_rule_once() {
        let refused = |detail: &str| {
            let problem = Problem::new(Code::TransactionRejected, detail).with_rule("L3.2");
            WalletError::from(problem).to_string()
        };
        let said = refused("L3.2: the circuit version accepts unshielding alone");
        assert_eq!(said, "The ledger rejects the transaction (L3.2): the circuit version accepts unshielding alone");
        assert_eq!(refused("why"), "The ledger rejects the transaction (L3.2): why");
    }
}
