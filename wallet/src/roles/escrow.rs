//! The escrow agent: keeps epoch keys, signs that he does, and gives one out under a warrant (W1, W3).

use core::fmt;
use std::collections::BTreeMap;

use ed25519_dalek::{Signer, SigningKey};
use veilpay_protocol::keys::UserId;
use veilpay_protocol::registry::escrow_message;
use veilpay_protocol::tracing::{EPOCHS_COVERED, EpochKey, EpochTree};
use veilpay_protocol::transaction::LedgerId;

use crate::enrolment::EscrowDeposit;

/// Why the agent refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EscrowError {
    /// He keeps no key of this user and epoch.
    NoKey,
}

impl fmt::Display for EscrowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("W1: no key of this user and epoch is in escrow")
    }
}

impl std::error::Error for EscrowError {}

/// The agent of one ledger. A party apart from issuer and ledger.
pub struct Escrow {
    ledger: LedgerId,
    key: SigningKey,
    kept: BTreeMap<(UserId, u64), Vec<EpochKey>>,
}

impl Escrow {
    /// An agent with this signing key.
    #[must_use]
    pub const fn new(ledger: LedgerId, key: SigningKey) -> Self {
        Self { ledger, key, kept: BTreeMap::new() }
    }

    /// Recomputes the trace root from the keys, keeps them, and signs it.
    pub fn keep(&mut self, deposit: &EscrowDeposit) -> [u8; 64] {
        let root = EpochTree::new(deposit.first_epoch, &deposit.keys).root();
        for (offset, key) in (0..EPOCHS_COVERED).zip(&deposit.keys) {
            let kept = self.kept.entry((deposit.user, deposit.first_epoch.wrapping_add(offset))).or_default();
            // Nothing is ever replaced: who deposits is not known here, and a later deposit must not hide an earlier key.
            if !kept.contains(key) {
                kept.push(key.clone());
            }
        }
        self.key.sign(&escrow_message(&self.ledger, deposit.user, root, deposit.first_epoch)).to_bytes()
    }

    /// The keys deposited for what a warrant names: one user, one epoch. Payments are under the one whose trace root the
    /// credential holds; the others open nothing. The caller has seen the warrant.
    ///
    /// # Errors
    /// [`EscrowError::NoKey`].
    pub fn open_under_warrant(&self, user: UserId, epoch: u64) -> Result<&[EpochKey], EscrowError> {
        self.kept.get(&(user, epoch)).map(Vec::as_slice).ok_or(EscrowError::NoKey)
    }
}
