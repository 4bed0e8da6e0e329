//! What the routes look up and the ledger does not list: accepted transactions by number, recent note roots in order.
//! Rebuilt from the ledger when it opens; in memory, 40 bytes per transaction.

use std::collections::VecDeque;

use veilpay_ledger::{Block, LedgerView as _, SqliteLedger, StoreError};
use veilpay_protocol::note::NoteRoot;
use veilpay_protocol::transaction::TxId;

const PAGE: usize = 4096;

/// Transactions and roots of a ledger.
pub(super) struct Index {
    /// Height and identifier, in order.
    accepted: Vec<(u64, TxId)>,
    /// Distinct, oldest first.
    roots: VecDeque<NoteRoot>,
    recent: usize,
}

impl Index {
    /// Reads the whole ledger once.
    pub(super) fn of(ledger: &SqliteLedger) -> Result<Self, StoreError> {
        let recent = usize::try_from(ledger.parameters().recent_roots).unwrap_or(usize::MAX);
        let mut index = Self { accepted: Vec::new(), roots: VecDeque::new(), recent };
        let mut height = 0;
        while height <= ledger.tip().height {
            let blocks = ledger.blocks(height, PAGE)?;
            blocks.iter().for_each(|block| index.block(block));
            height = blocks.last().ok_or(StoreError::Corrupt)?.height + 1;
        }
        let mut position = 0;
        while position < ledger.tip().roots.note_count {
            let notes = ledger.notes(position, PAGE)?;
            // Every transaction makes notes, and a block has one transaction at most.
            notes.iter().for_each(|note| index.transaction(note.height, note.txid));
            position = notes.last().ok_or(StoreError::Corrupt)?.position + 1;
        }
        Ok(index)
    }

    /// Takes a new block's note root.
    pub(super) fn block(&mut self, block: &Block) {
        let root = block.roots.note_root;
        if self.roots.back() != Some(&root) {
            self.roots.push_back(root);
        }
        if self.roots.len() > self.recent {
            self.roots.pop_front();
        }
    }

    /// Takes the transaction of the block at a height.
    pub(super) fn transaction(&mut self, height: u64, txid: TxId) {
        if self.accepted.last() != Some(&(height, txid)) {
            self.accepted.push((height, txid));
        }
    }

    pub(super) fn transaction_at(&self, height: u64) -> Option<TxId> {
        let found = self.accepted.binary_search_by_key(&height, |(height, _)| *height);
        found.ok().map(|i| self.accepted[i].1)
    }

    /// Transactions from a number on, and how many there are.
    pub(super) fn transactions(&self, from: u64, limit: usize) -> (&[(u64, TxId)], u64) {
        let from = usize::try_from(from).unwrap_or(usize::MAX).min(self.accepted.len());
        let to = from.saturating_add(limit).min(self.accepted.len());
        (&self.accepted[from..to], self.accepted.len() as u64)
    }

    pub(super) fn recent_roots(&self) -> impl Iterator<Item = NoteRoot> {
        self.roots.iter().copied()
    }
}
