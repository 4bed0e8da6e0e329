//! The trait by which any ledger takes private payments.
//!
//! To put payments on a ledger of your own: answer the questions of [`LedgerView`] from its state, and write
//! [`Ledger::apply`] so that all of an [`Effects`] is stored or nothing. The rules are then [`submit`]'s business;
//! `examples/memory_ledger.rs` is a whole ledger of this kind.

use core::fmt;

use veilpay_protocol::transaction::{Transaction, TxId};

use crate::effects::Effects;
use crate::proof::ProofVerifier;
use crate::rules::{self, Rejection};
use crate::view::LedgerView;

/// What a ledger answers to an accepted transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The transaction.
    pub txid: TxId,
    /// The block that it is in.
    pub height: u64,
    /// That block's time, unix seconds.
    pub time: u64,
    /// The position of its first note in the tree; the others follow.
    pub first_note: u64,
}

/// A ledger: a state that the rules read, and one way to change it.
pub trait Ledger: LedgerView {
    /// Why the ledger could not store something. Never a judgement on a transaction.
    type Error: core::error::Error;

    /// Makes the transaction part of the ledger (L4).
    ///
    /// An implementation
    /// - refuses effects that do not [hold on](Effects::hold_on) it as it is: at another height, after a rollback, or after a
    ///   change of a circuit's version, a root or a balance they are another state's,
    /// - where keys of circuit versions change, refuses effects under another [key](Effects::key) than the version's,
    /// - appends the commitments to the note tree in order, with their ciphertexts, and records the root that results,
    /// - adds the nullifiers and the trace tag, and sets the balances and the pool to the values given,
    /// - raises the height by one, and takes the later of `now` and the last block's time as the new block's time,
    /// - does all of that or nothing, and makes it durable before it returns.
    ///
    /// # Errors
    /// When nothing was stored. After an error that leaves open what was stored, the ledger must accept nothing more
    /// until it has been opened anew.
    fn apply(&mut self, effects: &Effects, now: u64) -> Result<Receipt, Self::Error>;

    /// Takes the ledger back to the state after the block at `height`, a multiple of the checkpoint interval.
    ///
    /// Everything that came later is forgotten, nullifiers, tags and roots included, as if it had never been.
    ///
    /// # Errors
    /// When `height` is no checkpoint or above the present one, or when the state could not be stored; then nothing
    /// changes.
    fn rollback_to(&mut self, height: u64) -> Result<(), Self::Error>;
}

/// Why a submission changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubmitError<E> {
    /// The transaction breaks a rule.
    Rejected(Rejection),
    /// The ledger could not store it; the transaction may be good.
    Store(E),
}

impl<E: fmt::Display> fmt::Display for SubmitError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(rejection) => rejection.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for SubmitError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Rejected(rejection) => Some(rejection),
            Self::Store(error) => Some(error),
        }
    }
}

impl<E> From<Rejection> for SubmitError<E> {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

/// Validates a transaction and applies it, as one: the exclusive borrow keeps others out in between.
///
/// # Errors
/// [`SubmitError`]; the ledger is as before.
pub fn submit<L: Ledger + ?Sized>(
    ledger: &mut L,
    verifier: &(impl ProofVerifier + ?Sized),
    transaction: &Transaction,
    now: u64,
) -> Result<Receipt, SubmitError<L::Error>> {
    let effects = rules::validate(transaction, ledger, verifier, now)?;
    ledger.apply(&effects, now).map_err(SubmitError::Store)
}
