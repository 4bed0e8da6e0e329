//! What wallets and services read: in bulk, so that a read tells the server nothing about its reader.

use veilpay_protocol::note::AssetId;
use veilpay_protocol::registry::{Registry, RegistryKind, SanctionsKind, SanctionsList};
use veilpay_protocol::transaction::{TransparentKey, TxId};

use super::{ReferenceLedger, TransactionRecord, receipt};
use crate::block::{Block, Content};
use crate::genesis::Asset;
use crate::identity::IdentityContext;
use crate::store::{DELTA_PAGE, DeltaRecord, NoteFrontier, NoteRecord, NullifierRecord, PAGE, Store, StoreError};
use crate::versions::{CircuitVersion, RegisteredKeys};
use crate::view::{LedgerView, PoolId};

impl<S: Store> ReferenceLedger<S> {
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

    /// What a block of this ledger changes.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read.
    pub fn content(&self, block: &Block) -> Result<Content, StoreError> {
        self.store.content(block)
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
        // Zero is the least of all identifiers.
        let from_account = self.state.balances().range((account, AssetId::default())..);
        from_account
            .take_while(|((owner, _), _)| *owner == account)
            .map(|((_, asset), amount)| (*asset, *amount))
            .collect()
    }

    /// The pools that are not empty.
    #[must_use]
    pub fn pools(&self) -> Vec<(PoolId, u64)> {
        self.state.pools().iter().map(|(pool, amount)| (*pool, *amount)).collect()
    }

    /// The circuit versions that the ledger knows, by circuit and version.
    pub fn circuit_versions(&self) -> impl Iterator<Item = CircuitVersion<'_>> {
        self.state.versions().iter()
    }

    /// The keys of the versions that were added: what [`semantic()`](crate::rules::semantic()) verifies them with. A copy that
    /// costs nothing; one made before a version was added does not know it.
    #[must_use]
    pub fn keys(&self) -> RegisteredKeys {
        self.state.versions().keys()
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
