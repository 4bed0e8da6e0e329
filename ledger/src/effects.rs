//! What an accepted transaction does to a ledger.

use veilpay_protocol::encryption::NoteCiphertext;
use veilpay_protocol::note::{AssetId, NoteCommitment};
use veilpay_protocol::nullifier::Nullifier;
use veilpay_protocol::tracing::TraceTag;
use veilpay_protocol::transaction::{Transaction, TransparentKey, TxId};

use crate::rules::settlement::Settlement;
use crate::rules::{Verified, contextual};
use crate::view::{LedgerView, PoolId};

/// A transparent balance as it is after the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewBalance {
    /// The account.
    pub account: TransparentKey,
    /// The asset.
    pub asset: AssetId,
    /// The new balance, in the asset's smallest unit.
    pub amount: u64,
}

/// Everything that changes when a valid transaction is applied. Only [`validate`](crate::rules::validate) makes one, so
/// to hold one is to know that the rules passed, against the ledger as it was then. Balances and pool are whole new values,
/// so effects are applied in the same borrow or under the same lock in which they were computed, or not before
/// [`hold_on`](Self::hold_on) says that they are still those of the transaction: a rollback voids them, whatever the height.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effects {
    pub(crate) verified: Verified,
    pub(crate) height: u64,
    pub(crate) settlement: Settlement,
}

impl Effects {
    /// The transaction.
    #[must_use]
    pub const fn transaction(&self) -> &Transaction {
        self.verified.transaction()
    }

    /// Its identifier.
    #[must_use]
    pub const fn txid(&self) -> TxId {
        self.verified.txid()
    }

    /// The digest of the verifying key that the transaction was verified under.
    #[must_use]
    pub const fn key(&self) -> &[u8; 32] {
        self.verified.key()
    }

    /// Whether these are the effects of the transaction on `ledger` as it is: the rules of L3 once more, at the machine's clock
    /// `now`. Microseconds; the proof is not verified again.
    #[must_use]
    pub fn hold_on(&self, ledger: &(impl LedgerView + ?Sized), now: u64) -> bool {
        contextual(&self.verified, ledger, now).is_ok_and(|again| again == *self)
    }

    /// The height of the ledger that it was validated against; at any other the effects are void.
    #[must_use]
    pub const fn height(&self) -> u64 {
        self.height
    }

    /// The nullifiers to add.
    #[must_use]
    pub fn nullifiers(&self) -> &[Nullifier] {
        &self.transaction().body.statement.nullifiers
    }

    /// The notes to append, in order, each with its ciphertext.
    pub fn notes(&self) -> impl Iterator<Item = (NoteCommitment, &NoteCiphertext)> {
        let body = &self.transaction().body;
        body.statement.commitments.iter().copied().zip(&body.ciphertexts)
    }

    /// The trace tag to add, and its epoch.
    #[must_use]
    pub fn trace_tag(&self) -> (u64, TraceTag) {
        let statement = &self.transaction().body.statement;
        (statement.epoch, statement.trace_tag)
    }

    /// The transparent balances to set, each account at most once.
    #[must_use]
    pub fn balances(&self) -> &[NewBalance] {
        &self.settlement.balances
    }

    /// The pool to set, and what it then holds.
    #[must_use]
    pub const fn pool(&self) -> (PoolId, u64) {
        (self.settlement.pool, self.settlement.pool_amount)
    }
}
