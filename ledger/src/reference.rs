//! The reference ledger: one writer, blocks on demand, everything that wallets read in bulk.

mod reads;
mod view;

use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::registry::{DeltaKind, MAX_WRITES, RegistryKind, SanctionsKind, SignedDelta};
use veilpay_protocol::transaction::{Transaction, TxId};
use veilpay_verifier::VerifyingKey;

use crate::block::{AcceptedTransaction, Block, Content};
use crate::effects::Effects;
use crate::genesis::Genesis;
use crate::ledger::{Ledger, Receipt, SubmitError, submit};
use crate::proof::ProofVerifier;
use crate::rules::{Rejection, Verified, contextual};
use crate::state::replay::{NoteRoots, frontier_over};
use crate::state::{State, Unfit};
use crate::store::{Store, StoreError, UpdateError};
use crate::versions::VersionError;
use crate::view::{CircuitStatus, LedgerView};

/// A transaction as the ledger found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionRecord {
    /// What the ledger answered when it was accepted.
    pub receipt: Receipt,
    /// The transaction.
    pub transaction: AcceptedTransaction,
}

/// A ledger over a store: the rules' state in memory, the blocks in the store.
///
/// One change at a time, each a block of its own: a transaction, a delta, a circuit's status, or the passing of time.
/// What a method that changes something has returned is in the store. All blocks are kept, so a rollback can go back to
/// any checkpoint; it and opening cost time in proportion to the history.
pub struct ReferenceLedger<S> {
    genesis: Genesis,
    issuer: ed25519_dalek::VerifyingKey,
    state: State,
    store: S,
    stopped: bool,
}

impl<S: Store> ReferenceLedger<S> {
    /// Opens the ledger in `store`, or starts it there when the store is empty.
    ///
    /// Reads and checks everything that is stored: hashes, links, amounts, deltas, roots.
    ///
    /// # Errors
    /// [`StoreError::Genesis`] for a configuration that is not valid, [`StoreError::AnotherLedger`] when the store was
    /// started with another one, [`StoreError::Corrupt`] when it is damaged.
    pub fn open(genesis: Genesis, mut store: S) -> Result<Self, StoreError> {
        genesis.check().map_err(StoreError::Genesis)?;
        let issuer = ed25519_dalek::VerifyingKey::from_bytes(genesis.issuer.as_bytes())
            .map_err(|_| StoreError::AnotherLedger)?;
        let state = if let Some(frontier) = store.frontier()? {
            State::replay(&genesis, &store, None, NoteRoots::Stored(Box::new(frontier)))?
        } else {
            let state = State::genesis(&genesis);
            store.append(state.tip(), &Content::Genesis(genesis.digest()), state.frontier())?;
            state
        };
        Ok(Self { genesis, issuer, state, store, stopped: false })
    }

    /// Ends the ledger and gives its store back.
    #[must_use]
    pub fn into_store(self) -> S {
        self.store
    }

    /// The configuration that it started from.
    #[must_use]
    pub const fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The last block.
    #[must_use]
    pub const fn tip(&self) -> &Block {
        self.state.tip()
    }

    /// A digest of the whole state: equal for two ledgers exactly when every rule decides alike on both.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.state.digest()
    }

    /// Rebuilds everything from the store, every note root included, and compares.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the store is damaged, or does not lead to the present state.
    pub fn audit(&self) -> Result<(), StoreError> {
        let rebuilt = State::replay(&self.genesis, &self.store, None, NoteRoots::Recomputed)?;
        let frontier = self.store.frontier()?;
        let same = rebuilt.digest() == self.state.digest() && frontier.as_ref() == Some(self.state.frontier());
        if same { Ok(()) } else { Err(StoreError::Corrupt) }
    }

    fn append(&mut self, content: Content, now: u64) -> Result<Block, AppendError> {
        if self.stopped {
            return Err(AppendError::Store(StoreError::Stopped));
        }
        let next = self.state.plan(content, now).map_err(AppendError::Unfit)?;
        if let Err(error) = self.store.append(&next.block, &next.content, &next.frontier) {
            self.stopped = true;
            return Err(AppendError::Store(error));
        }
        let block = next.block;
        self.state.commit(next);
        Ok(block)
    }

    /// Validates a transaction and puts it into a block; `now` is the machine's clock, unix seconds. Versions that were added
    /// are verified under their own keys ([`Self::keys`]), the others by `verifier`.
    ///
    /// # Errors
    /// [`SubmitError`]; nothing has changed.
    pub fn submit(
        &mut self,
        verifier: &(impl ProofVerifier + ?Sized),
        transaction: &Transaction,
        now: u64,
    ) -> Result<Receipt, SubmitError<StoreError>> {
        let keys = self.keys();
        submit(self, &keys.before(verifier), transaction, now)
    }

    /// The second half of [`submit`](Self::submit), for a transaction whose proof was verified outside the lock.
    ///
    /// # Errors
    /// [`SubmitError`], among others L2.1 when the version's key is no longer the one that the proof was verified under;
    /// nothing has changed.
    pub fn accept(&mut self, verified: &Verified, now: u64) -> Result<Receipt, SubmitError<StoreError>> {
        if !self.verified_under_its_key(verified.transaction(), verified.key()) {
            return Err(Rejection::NoVerifyingKey.into());
        }
        let effects = contextual(verified, self, now)?;
        self.put(&effects, now).map_err(SubmitError::Store)
    }

    /// Whether a digest is that of the key of the transaction's version as the ledger knows it now.
    fn verified_under_its_key(&self, transaction: &Transaction, key: &[u8; 32]) -> bool {
        self.state.versions().allows(transaction.circuit(), transaction.body.version, key)
    }

    /// Makes the block of effects that hold.
    fn put(&mut self, effects: &Effects, now: u64) -> Result<Receipt, StoreError> {
        let transaction = AcceptedTransaction::from(effects);
        let (txid, notes) = (transaction.txid, transaction.notes.len());
        let block = self.append(Content::Transaction(transaction), now).map_err(AppendError::into_store)?;
        Ok(receipt(&block, txid, notes))
    }

    /// Makes an empty block when the last one is `block_seconds` old or older.
    ///
    /// # Errors
    /// [`StoreError`]; nothing has changed.
    pub fn tick(&mut self, now: u64) -> Result<Option<Block>, StoreError> {
        if now.saturating_sub(self.tip().time) < self.state.parameters().block_seconds {
            return Ok(None);
        }
        self.append(Content::Empty, now).map(Some).map_err(AppendError::into_store)
    }

    /// Takes a registry delta that the issuer signed and that leads to the root it names.
    ///
    /// # Errors
    /// [`UpdateError`]; nothing has changed.
    pub fn apply_registry_delta(&mut self, delta: &SignedDelta<RegistryKind>, now: u64) -> Result<Block, UpdateError> {
        self.check_issuer(delta)?;
        self.append(Content::Registry(delta.clone()), now).map_err(AppendError::into_update)
    }

    /// Takes a sanctions delta that the issuer signed and that leads to the root it names.
    ///
    /// # Errors
    /// [`UpdateError`]; nothing has changed.
    pub fn apply_sanctions_delta(
        &mut self,
        delta: &SignedDelta<SanctionsKind>,
        now: u64,
    ) -> Result<Block, UpdateError> {
        self.check_issuer(delta)?;
        self.append(Content::Sanctions(delta.clone()), now).map_err(AppendError::into_update)
    }

    fn check_issuer<K: DeltaKind>(&self, delta: &SignedDelta<K>) -> Result<(), UpdateError> {
        if delta.delta.writes.len() > MAX_WRITES {
            return Err(UpdateError::TooManyWrites);
        }
        Ok(delta.check_signature(&self.genesis.ledger_id(), &self.issuer)?)
    }

    /// Enables, drains or stops a circuit's version, from the next transaction on.
    ///
    /// # Errors
    /// [`VersionError`]; nothing has changed.
    pub fn set_circuit_status(
        &mut self,
        circuit: CircuitId,
        version: u16,
        status: CircuitStatus,
        now: u64,
    ) -> Result<Block, VersionError> {
        self.append(Content::Circuit(circuit, version, status), now).map_err(AppendError::into_version)
    }

    /// Takes in a circuit's version with its verifying key; it is active from the next transaction on.
    ///
    /// Its circuit must have the public inputs that this code knows. That its constraints are sound is the concern of whoever
    /// adds it, as it is with the first version: the ledger sees the key alone.
    ///
    /// # Errors
    /// [`VersionError`], among others for a key that S1 refuses, one of a version that is there, and one whose points are
    /// those of another version's; nothing has changed.
    pub fn add_circuit_version(&mut self, key: &VerifyingKey, now: u64) -> Result<Block, VersionError> {
        self.append(Content::Key(Box::new(key.clone())), now).map_err(AppendError::into_version)
    }
}

/// The receipt of a transaction with so many notes, in this block.
const fn receipt(block: &Block, txid: TxId, notes: usize) -> Receipt {
    let first_note = block.roots.note_count.saturating_sub(notes as u64);
    Receipt { txid, height: block.height, time: block.time, first_note }
}

/// Why a content did not become a block.
enum AppendError {
    Unfit(Unfit),
    Store(StoreError),
}

impl AppendError {
    fn into_store(self) -> StoreError {
        match self {
            Self::Unfit(_) => StoreError::StaleEffects,
            Self::Store(error) => error,
        }
    }

    fn into_version(self) -> VersionError {
        match self {
            Self::Unfit(Unfit::Version(error)) => error,
            other => VersionError::Store(other.into_store()),
        }
    }

    fn into_update(self) -> UpdateError {
        match self {
            Self::Unfit(Unfit::Delta(error)) => UpdateError::Delta(error),
            other => UpdateError::Store(other.into_store()),
        }
    }
}

impl<S: Store> Ledger for ReferenceLedger<S> {
    type Error = StoreError;

    fn apply(&mut self, effects: &Effects, now: u64) -> Result<Receipt, StoreError> {
        // A ledger that was rolled back and went on may have the same height and another past.
        if !self.verified_under_its_key(effects.transaction(), effects.key()) || !effects.hold_on(self, now) {
            return Err(StoreError::StaleEffects);
        }
        self.put(effects, now)
    }

    fn rollback_to(&mut self, height: u64) -> Result<(), StoreError> {
        if self.stopped {
            return Err(StoreError::Stopped);
        }
        if height > self.tip().height {
            return Err(StoreError::AboveTip);
        }
        let tip = self.block(height)?.ok_or(StoreError::Corrupt)?;
        if !tip.is_checkpoint(self.state.parameters().checkpoint_interval) {
            return Err(StoreError::NotACheckpoint);
        }
        let frontier = frontier_over(&self.store, tip.roots.note_count)?;
        let state = State::replay(&self.genesis, &self.store, Some(height), NoteRoots::Stored(Box::new(frontier)))?;
        if let Err(error) = self.store.truncate(state.tip(), state.frontier()) {
            self.stopped = true;
            return Err(error);
        }
        self.state = state;
        Ok(())
    }
}
