//! When a transaction is valid (section 7): structural (L1), semantic (L2), contextual (L3), in this order.
//!
//! [`validate`] is all three and pure. A busy ledger takes them apart: [`structural()`] and [`contextual()`] read the ledger
//! and cost microseconds; [`semantic()`] verifies signatures and the proof, costs milliseconds and reads nothing, so it runs
//! outside the lock. [`contextual()`] accepts only what [`semantic()`] let through, and repeats the structural rules, which
//! cost nothing, because the ledger may have moved.

pub mod contextual;
pub mod rejection;
pub mod semantic;
pub mod settlement;
pub mod structural;

use veilpay_protocol::transaction::Transaction;

pub use contextual::contextual;
pub use rejection::Rejection;
pub use semantic::{Verified, semantic};
pub use structural::{decode, structural};

use crate::effects::Effects;
use crate::proof::ProofVerifier;
use crate::view::LedgerView;

/// Decides whether a transaction is valid on top of `ledger` at the time `now` (unix seconds), and what it would change.
///
/// # Errors
/// [`Rejection`] naming the first rule that does not hold.
pub fn validate(
    transaction: &Transaction,
    ledger: &(impl LedgerView + ?Sized),
    verifier: &(impl ProofVerifier + ?Sized),
    now: u64,
) -> Result<Effects, Rejection> {
    structural(transaction, ledger)?;
    let verified = semantic(transaction, verifier)?;
    contextual(&verified, ledger, now)
}
