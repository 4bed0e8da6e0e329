//! The reference ledger: one writer, blocks on demand, everything that wallets read in bulk.

use ed25519_dalek::VerifyingKey;

use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::credential::{RegistryRoot, SanctionsRoot};
use veilpay_protocol::note::{AssetId, NoteRoot};
use veilpay_protocol::nullifier::Nullifier;
use veilpay_protocol::params::Parameters;
use veilpay_protocol::registry::{
    DeltaError, DeltaKind, Registry, RegistryKind, SanctionsKind, SanctionsList, SignedDelta,
};
use veilpay_protocol::tracing::TraceTag;
use veilpay_protocol::transaction::{LedgerId, Transaction, TransparentKey, TxId};

use crate::block::{AcceptedTransaction, Block, Content};
use crate::effects::Effects;
use crate::genesis::{Asset, Genesis};
use crate::identity::IdentityContext;
use crate::ledger::{Ledger, Receipt, SubmitError, submit};
use crate::proof::ProofVerifier;
use crate::rules::{Verified, contextual};
use crate::state::replay::{NoteRoots, frontier_over};
use crate::state::{State, Unfit};
use crate::store::{
    DELTA_PAGE, DeltaRecord, NoteFrontier, NoteRecord, NullifierRecord, PAGE, Store, StoreError, UpdateError,
};
use crate::view::{CircuitStatus, LedgerView, PoolId, RootStatus};

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
    issuer: VerifyingKey,
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
        let issuer = VerifyingKey::from_bytes(genesis.issuer.as_bytes()).map_err(|_| StoreError::AnotherLedger)?;
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

    /// Validates a transaction and puts it into a block; `now` is the machine's clock, unix seconds.
    ///
    /// # Errors
    /// [`SubmitError`]; nothing has changed.
    pub fn submit(
        &mut self,
        verifier: &(impl ProofVerifier + ?Sized),
        transaction: &Transaction,
        now: u64,
    ) -> Result<Receipt, SubmitError<StoreError>> {
        submit(self, verifier, transaction, now)
    }

    /// The second half of [`submit`](Self::submit), for a transaction whose proof was verified outside the lock.
    ///
    /// # Errors
    /// [`SubmitError`]; nothing has changed.
    pub fn accept(&mut self, verified: &Verified, now: u64) -> Result<Receipt, SubmitError<StoreError>> {
        let effects = contextual(verified, self, now)?;
        self.apply(&effects, now).map_err(SubmitError::Store)
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

    fn check_issuer<K: DeltaKind>(&self, delta: &SignedDelta<K>) -> Result<(), DeltaError> {
        delta.check_signature(&self.genesis.ledger_id(), &self.issuer)
    }

    /// Enables, drains or disables a circuit, from the next transaction on.
    ///
    /// # Errors
    /// [`StoreError`]; nothing has changed.
    pub fn set_circuit_status(
        &mut self,
        circuit: CircuitId,
        status: CircuitStatus,
        now: u64,
    ) -> Result<Block, StoreError> {
        self.append(Content::Circuit(circuit, status), now).map_err(AppendError::into_store)
    }

    /// The block at a height; nothing above the tip.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read.
    pub fn block(&self, height: u64) -> Result<Option<Block>, StoreError> {
        Ok(self.store.blocks(height, 1)?.first().copied())
    }

    /// Blocks in order, from a height on, at most [`PAGE`].
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be read.
    pub fn blocks(&self, from_height: u64, limit: usize) -> Result<Vec<Block>, StoreError> {
        self.store.blocks(from_height, limit.min(PAGE))
    }

    /// The newest checkpoint, when its tree holds at least `min_note_count` notes: what a wallet takes roots and time
    /// from (X5) to spend notes at lower positions.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read.
    pub fn checkpoint_for(&self, min_note_count: u64) -> Result<Option<Block>, StoreError> {
        let height = self.tip().height - self.tip().height % self.state.parameters().checkpoint_interval;
        Ok(self.block(height)?.filter(|block| block.roots.note_count >= min_note_count))
    }

    /// Roots and time of the newest checkpoint, for those who make and verify identity proofs.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read.
    pub fn identity_context(&self) -> Result<IdentityContext, StoreError> {
        self.checkpoint_for(0)?.as_ref().map(IdentityContext::from).ok_or(StoreError::Corrupt)
    }

    /// Notes in order, from a position on, at most [`PAGE`].
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be read.
    pub fn notes(&self, from_position: u64, limit: usize) -> Result<Vec<NoteRecord>, StoreError> {
        self.store.notes(from_position, limit.min(PAGE))
    }

    /// Nullifiers in order of acceptance, from a position on, at most [`PAGE`].
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be read.
    pub fn nullifiers(&self, from_position: u64, limit: usize) -> Result<Vec<NullifierRecord>, StoreError> {
        self.store.nullifiers(from_position, limit.min(PAGE))
    }

    /// Registry deltas in order, from a sequence number on, at most [`DELTA_PAGE`].
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be read.
    pub fn registry_deltas(&self, from: u64, limit: usize) -> Result<Vec<DeltaRecord<RegistryKind>>, StoreError> {
        self.store.registry_deltas(from, limit.min(DELTA_PAGE))
    }

    /// Sanctions deltas in order, from a sequence number on, at most [`DELTA_PAGE`].
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be read.
    pub fn sanctions_deltas(&self, from: u64, limit: usize) -> Result<Vec<DeltaRecord<SanctionsKind>>, StoreError> {
        self.store.sanctions_deltas(from, limit.min(DELTA_PAGE))
    }

    /// An accepted transaction; nothing when the ledger has none with this identifier.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read.
    pub fn transaction(&self, txid: TxId) -> Result<Option<TransactionRecord>, StoreError> {
        let Some(height) = self.store.find(txid)? else { return Ok(None) };
        let block = self.block(height)?.ok_or(StoreError::Corrupt)?;
        let Content::Transaction(transaction) = self.store.content(&block)? else { return Err(StoreError::Corrupt) };
        Ok(Some(TransactionRecord { receipt: receipt(&block, txid, transaction.notes.len()), transaction }))
    }

    /// A transparent account's balances that are not 0.
    #[must_use]
    pub fn balances(&self, account: TransparentKey) -> Vec<(AssetId, u64)> {
        let of_account = self.state.balances().iter().filter(|((owner, _), _)| *owner == account);
        of_account.map(|((_, asset), amount)| (*asset, *amount)).collect()
    }

    /// The pools that are not empty.
    #[must_use]
    pub fn pools(&self) -> Vec<(PoolId, u64)> {
        self.state.pools().iter().map(|(pool, amount)| (*pool, *amount)).collect()
    }

    /// The registered assets.
    #[must_use]
    pub fn assets(&self) -> &[Asset] {
        &self.genesis.assets
    }

    /// The note tree's right edge at the tip.
    #[must_use]
    pub const fn frontier(&self) -> &NoteFrontier {
        self.state.frontier()
    }

    /// The registry at the tip: what an issuer plans the next delta on.
    #[must_use]
    pub const fn registry(&self) -> &Registry {
        self.state.registry()
    }

    /// The sanctions list at the tip: what an issuer plans the next delta on.
    #[must_use]
    pub const fn sanctions(&self) -> &SanctionsList {
        self.state.sanctions()
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
        let (pool, _) = effects.pool();
        let ours = effects.transaction().body.ledger == self.state.ledger_id();
        if !ours || effects.height() != self.state.height() || self.minimum_fee(pool.asset).is_none() {
            return Err(StoreError::StaleEffects);
        }
        // A ledger that was rolled back and went on has the same height and another past.
        if effects.nullifiers().iter().any(|nullifier| self.state.has_nullifier(*nullifier)) {
            return Err(StoreError::StaleEffects);
        }
        let transaction = AcceptedTransaction::from(effects);
        let (txid, notes) = (transaction.txid, transaction.notes.len());
        let block = self.append(Content::Transaction(transaction), now).map_err(AppendError::into_store)?;
        Ok(receipt(&block, txid, notes))
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

impl<S> LedgerView for ReferenceLedger<S> {
    fn ledger_id(&self) -> LedgerId {
        self.state.ledger_id()
    }

    fn parameters(&self) -> Parameters {
        self.state.parameters()
    }

    fn height(&self) -> u64 {
        self.state.height()
    }

    fn time(&self) -> u64 {
        self.state.time()
    }

    fn circuit_status(&self, circuit: CircuitId) -> CircuitStatus {
        self.state.circuit_status(circuit)
    }

    fn is_recent_note_root(&self, root: NoteRoot) -> bool {
        self.state.is_recent_note_root(root)
    }

    fn registry_root_status(&self, root: RegistryRoot) -> RootStatus {
        self.state.registry_root_status(root)
    }

    fn sanctions_root_status(&self, root: SanctionsRoot) -> RootStatus {
        self.state.sanctions_root_status(root)
    }

    fn has_nullifier(&self, nullifier: Nullifier) -> bool {
        self.state.has_nullifier(nullifier)
    }

    fn has_trace_tag(&self, epoch: u64, tag: TraceTag) -> bool {
        self.state.has_trace_tag(epoch, tag)
    }

    fn minimum_fee(&self, asset: AssetId) -> Option<u64> {
        self.state.minimum_fee(asset)
    }

    fn note_count(&self) -> u64 {
        self.state.note_count()
    }

    fn balance(&self, account: TransparentKey, asset: AssetId) -> u64 {
        self.state.balance(account, asset)
    }

    fn pool(&self, pool: PoolId) -> u64 {
        self.state.pool(pool)
    }
}
