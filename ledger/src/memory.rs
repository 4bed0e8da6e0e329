//! Blocks in memory: for tests, demos and light use. Nothing outlives the process.

use std::collections::HashMap;

use veilpay_protocol::registry::{RegistryKind, SanctionsKind};
use veilpay_protocol::transaction::TxId;

use crate::block::{Block, Content};
use crate::reference::ReferenceLedger;
use crate::store::{DeltaRecord, NoteFrontier, NoteRecord, NullifierRecord, Store, StoreError};

/// A reference ledger in memory.
pub type MemoryLedger = ReferenceLedger<MemoryStore>;

/// Blocks and contents in order, and what finds them.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    blocks: Vec<(Block, Content)>,
    by_txid: HashMap<TxId, u64>,
    frontier: Option<NoteFrontier>,
}

fn index(height: u64) -> usize {
    usize::try_from(height).unwrap_or(usize::MAX)
}

impl MemoryStore {
    /// The blocks from the first one on for which `reached` says so; `reached` must not turn back to false.
    fn from(&self, reached: impl Fn(&Block) -> bool) -> &[(Block, Content)] {
        &self.blocks[self.blocks.partition_point(|(block, _)| !reached(block))..]
    }
}

impl Store for MemoryStore {
    fn append(&mut self, block: &Block, content: &Content, frontier: &NoteFrontier) -> Result<(), StoreError> {
        if let Content::Transaction(transaction) = content {
            self.by_txid.insert(transaction.txid, block.height);
        }
        self.blocks.push((*block, content.clone()));
        self.frontier = Some(frontier.clone());
        Ok(())
    }

    fn truncate(&mut self, tip: &Block, frontier: &NoteFrontier) -> Result<(), StoreError> {
        self.blocks.truncate(index(tip.height).saturating_add(1));
        self.by_txid.retain(|_, height| *height <= tip.height);
        self.frontier = Some(frontier.clone());
        Ok(())
    }

    fn frontier(&self) -> Result<Option<NoteFrontier>, StoreError> {
        Ok(self.frontier.clone())
    }

    fn blocks(&self, from_height: u64, limit: usize) -> Result<Vec<Block>, StoreError> {
        Ok(self.blocks.iter().skip(index(from_height)).take(limit).map(|(block, _)| *block).collect())
    }

    fn content(&self, block: &Block) -> Result<Content, StoreError> {
        self.blocks.get(index(block.height)).map(|(_, content)| content.clone()).ok_or(StoreError::Corrupt)
    }

    fn find(&self, txid: TxId) -> Result<Option<u64>, StoreError> {
        Ok(self.by_txid.get(&txid).copied())
    }

    fn notes(&self, from_position: u64, limit: usize) -> Result<Vec<NoteRecord>, StoreError> {
        let records = self.from(|block| block.roots.note_count > from_position).iter().flat_map(|(block, content)| {
            let notes = if let Content::Transaction(transaction) = content { &transaction.notes[..] } else { &[] };
            let txid =
                if let Content::Transaction(transaction) = content { transaction.txid } else { TxId::new([0; 32]) };
            let first = block.roots.note_count - notes.len() as u64;
            (first..).zip(notes).map(move |(position, (commitment, ciphertext))| NoteRecord {
                position,
                commitment: *commitment,
                ciphertext: *ciphertext,
                height: block.height,
                txid,
            })
        });
        Ok(records.filter(|record| record.position >= from_position).take(limit).collect())
    }

    fn nullifiers(&self, from_position: u64, limit: usize) -> Result<Vec<NullifierRecord>, StoreError> {
        let blocks = self.from(|block| block.roots.nullifier_count > from_position);
        let records = blocks.iter().flat_map(|(block, content)| {
            let nullifiers =
                if let Content::Transaction(transaction) = content { &transaction.nullifiers[..] } else { &[] };
            let first = block.roots.nullifier_count - nullifiers.len() as u64;
            (first..).zip(nullifiers).map(|(position, nullifier)| NullifierRecord {
                position,
                nullifier: *nullifier,
                height: block.height,
            })
        });
        Ok(records.filter(|record| record.position >= from_position).take(limit).collect())
    }

    fn registry_deltas(&self, from: u64, limit: usize) -> Result<Vec<DeltaRecord<RegistryKind>>, StoreError> {
        let blocks = self.from(|block| block.roots.registry_sequence > from).iter();
        let records = blocks.filter_map(|(block, content)| match content {
            Content::Registry(delta) => Some(DeltaRecord { height: block.height, delta: delta.clone() }),
            _ => None,
        });
        Ok(records.take(limit).collect())
    }

    fn sanctions_deltas(&self, from: u64, limit: usize) -> Result<Vec<DeltaRecord<SanctionsKind>>, StoreError> {
        let blocks = self.from(|block| block.roots.sanctions_sequence > from).iter();
        let records = blocks.filter_map(|(block, content)| match content {
            Content::Sanctions(delta) => Some(DeltaRecord { height: block.height, delta: delta.clone() }),
            _ => None,
        });
        Ok(records.take(limit).collect())
    }
}
