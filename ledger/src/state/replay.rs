//! Rebuilding the state from stored blocks. Hashes, links, amounts, roots, sequences and nullifiers are checked on the way, so
//! that a damaged store is refused. What was decided when a block was made (proofs, signatures, whether its version was
//! active) is not decided again: who can write to the store can write another history, with hashes that fit.

use veilpay_protocol::note::NoteRoot;

use super::{State, add_transaction};
use crate::block::{Block, Content};
use crate::genesis::Genesis;
use crate::rules::settlement::settle;
use crate::store::{NoteFrontier, PAGE, Store, StoreError};

/// Where the note roots of the replayed blocks come from.
pub(crate) enum NoteRoots {
    /// From the blocks, whose hashes are checked; and this frontier must lead to the last of them.
    Stored(Box<NoteFrontier>),
    /// Computed anew after every transaction.
    Recomputed,
}

/// Refuses a store that does not fit together.
fn require(fits: bool) -> Result<(), StoreError> {
    if fits { Ok(()) } else { Err(StoreError::Corrupt) }
}

/// The frontier over the first `count` notes of a store: 4/3 compressions each.
pub(crate) fn frontier_over(store: &(impl Store + ?Sized), count: u64) -> Result<NoteFrontier, StoreError> {
    let mut frontier = NoteFrontier::default();
    while frontier.size() < count {
        let wanted = usize::try_from(count - frontier.size()).unwrap_or(PAGE).min(PAGE);
        let notes = store.notes(frontier.size(), wanted)?;
        require(!notes.is_empty())?;
        for note in notes {
            require(note.position == frontier.size())?;
            frontier.append(note.commitment.to_field()).map_err(|_| StoreError::Corrupt)?;
        }
    }
    Ok(frontier)
}

impl State {
    /// The state after the stored block at `height`, or after the last one.
    ///
    /// Every content is read and hashed, every block's hash and link is computed anew, deltas are applied with their
    /// roots, and the notes' frontier must lead to the last note root.
    ///
    /// # Errors
    /// [`StoreError::AnotherLedger`] for another genesis, [`StoreError::Corrupt`] when something does not fit.
    pub(crate) fn replay(
        genesis: &Genesis,
        store: &(impl Store + ?Sized),
        height: Option<u64>,
        note_roots: NoteRoots,
    ) -> Result<Self, StoreError> {
        let mut state = Self::genesis(genesis);
        let recompute = matches!(note_roots, NoteRoots::Recomputed);
        let last = height.unwrap_or(u64::MAX);
        let mut first = true;
        let mut from = 0;
        loop {
            let blocks = store.blocks(from, PAGE)?;
            let Some(end) = blocks.last() else { break };
            from = end.height + 1;
            for block in blocks.into_iter().filter(|block| block.height <= last) {
                if core::mem::take(&mut first) {
                    require(block.height == 0)?;
                    if block != state.tip || store.content(&block)? != Content::Genesis(genesis.digest()) {
                        return Err(StoreError::AnotherLedger);
                    }
                    continue;
                }
                state.replay_block(block, &store.content(&block)?, recompute)?;
            }
            if from > last {
                break;
            }
        }
        require(!first && height.is_none_or(|height| height == state.tip.height))?;
        if let NoteRoots::Stored(frontier) = note_roots {
            state.frontier = *frontier;
        }
        let roots = state.tip.roots;
        require(state.frontier.size() == roots.note_count)?;
        require(NoteRoot::new(state.frontier.root()) == roots.note_root)?;
        Ok(state)
    }

    fn replay_block(&mut self, block: Block, content: &Content, recompute: bool) -> Result<(), StoreError> {
        let mut roots = self.tip.roots;
        let mut settlement = None;
        match content {
            Content::Genesis(_) => return Err(StoreError::Corrupt),
            Content::Empty => {}
            Content::Circuit(..) | Content::Key(_) => self.versions.apply(content).map_err(|_| StoreError::Corrupt)?,
            Content::Transaction(transaction) => {
                settlement = Some(settle(&transaction.movements, self).map_err(|_| StoreError::Corrupt)?);
                require(transaction.nullifiers.iter().all(|nullifier| !self.nullifiers.contains(nullifier)))?;
                let mut note_root = block.roots.note_root;
                if recompute {
                    for (commitment, _) in &transaction.notes {
                        self.frontier.append(commitment.to_field()).map_err(|_| StoreError::Corrupt)?;
                    }
                    note_root = NoteRoot::new(self.frontier.root());
                }
                add_transaction(&mut roots, transaction, note_root);
            }
            Content::Registry(signed) => {
                self.registry.apply(&signed.delta).map_err(|_| StoreError::Corrupt)?;
                (roots.registry_root, roots.registry_sequence) = (self.registry.root(), self.registry.sequence());
            }
            Content::Sanctions(signed) => {
                self.sanctions.apply(&signed.delta).map_err(|_| StoreError::Corrupt)?;
                (roots.sanctions_root, roots.sanctions_sequence) = (self.sanctions.root(), self.sanctions.sequence());
            }
        }
        require(block.time >= self.tip.time)?;
        require(block == Block::new(self.tip.height + 1, block.time, roots, content, self.tip.hash))?;
        self.absorb(block, content, settlement.as_ref());
        Ok(())
    }
}
