//! The sanctions list: an indexed Merkle tree (C3).
//!
//! Each leaf `H_IMT(key, next)` names a listed key and the next greater one, from key 0 to the end mark 2^128 - 1. A serial
//! is *not* listed when some leaf has `key < serial < next`. The list travels as writes of whole leaves; whoever applies
//! them checks the chain: strictly increasing, each leaf reached once.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use ark_ff::AdditiveGroup;

use crate::field::Fr;
use crate::merkle::{Path, SANCTIONS_DEPTH, Tree};
use crate::poseidon2::hash;
use crate::tags::Tag;

/// The `next` of the last leaf, 2^128 - 1. No serial equals it.
pub const END: u128 = u128::MAX;

/// One leaf of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct IndexedLeaf {
    /// The listed key, 0 for the first leaf.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::decimal"))]
    pub key: u128,
    /// The next greater listed key, or [`END`].
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::decimal"))]
    pub next: u128,
}

impl IndexedLeaf {
    /// `H_IMT(key, next)`.
    #[must_use]
    pub fn hash(&self) -> Fr {
        hash(Tag::IndexedLeaf, [Fr::from(self.key), Fr::from(self.next)])
    }
}

/// A write of one slot: a leaf, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct IndexedWrite {
    /// The slot.
    pub index: u32,
    /// What the slot holds from now on.
    pub leaf: Option<IndexedLeaf>,
}

/// Why a change of the list was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListError {
    /// The slot is outside the tree, or no slot is free.
    Full,
    /// Two leaves have one key.
    DuplicateKey,
    /// The chain does not lead from key 0 through every leaf, strictly increasing, to the end mark.
    BrokenChain,
    /// 0 and 2^128 - 1 are marks, not keys.
    ReservedKey,
    /// The key to be listed is listed already.
    Listed,
    /// The key to be removed is not listed.
    NotListed,
}

impl fmt::Display for ListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "C3: the slot is outside the list",
            Self::DuplicateKey => "C3: two leaves have one key",
            Self::BrokenChain => "C3: the chain does not reach each leaf once, strictly increasing",
            Self::ReservedKey => "C3: 0 and 2^128 - 1 are not keys",
            Self::Listed => "C3: the key is listed already",
            Self::NotListed => "C3: the key is not listed",
        })
    }
}

impl core::error::Error for ListError {}

/// The witness that a serial is not listed: the leaf around it and that leaf's path.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct NonMembership {
    /// The leaf with `key < serial < next`.
    pub leaf: IndexedLeaf,
    /// Its path.
    pub path: Path<SANCTIONS_DEPTH>,
}

/// The whole list.
#[derive(Clone, Debug)]
pub struct IndexedTree {
    tree: Tree<SANCTIONS_DEPTH>,
    slots: BTreeMap<u32, IndexedLeaf>,
    by_key: BTreeMap<u128, u32>,
}

impl Default for IndexedTree {
    fn default() -> Self {
        let mut list = Self { tree: Tree::default(), slots: BTreeMap::new(), by_key: BTreeMap::new() };
        list.apply(&[IndexedWrite { index: 0, leaf: Some(IndexedLeaf { key: 0, next: END }) }])
            .expect("one leaf from mark to mark is a chain");
        list
    }
}

impl IndexedTree {
    /// The root.
    #[must_use]
    pub fn root(&self) -> Fr {
        self.tree.root()
    }

    /// Listed keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len() - 1
    }

    /// Whether no key is listed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether `key` is listed.
    #[must_use]
    pub fn contains(&self, key: u128) -> bool {
        key != 0 && self.by_key.contains_key(&key)
    }

    /// All slots in use, as writes that build this list from an empty one.
    pub fn writes(&self) -> impl Iterator<Item = IndexedWrite> + '_ {
        self.slots.iter().map(|(index, leaf)| IndexedWrite { index: *index, leaf: Some(*leaf) })
    }

    /// The leaf around `serial` with its path; nothing when the serial is listed or a mark.
    #[must_use]
    pub fn non_membership(&self, serial: u128) -> Option<NonMembership> {
        if serial == 0 || serial == END {
            return None;
        }
        let (key, slot) = self.by_key.range(..=serial).next_back()?;
        if *key == serial {
            return None;
        }
        let path = self.tree.path(u64::from(*slot)).ok()?;
        Some(NonMembership { leaf: self.slots[slot], path })
    }

    /// The writes that list `key`.
    ///
    /// # Errors
    /// [`ListError::ReservedKey`], [`ListError::Listed`] or [`ListError::Full`].
    pub fn plan_insert(&self, key: u128) -> Result<Vec<IndexedWrite>, ListError> {
        if key == 0 || key == END {
            return Err(ListError::ReservedKey);
        }
        let (low_key, low_slot) = self.by_key.range(..=key).next_back().ok_or(ListError::BrokenChain)?;
        if *low_key == key {
            return Err(ListError::Listed);
        }
        let low = self.slots[low_slot];
        let free =
            (0..1u32 << (2 * SANCTIONS_DEPTH)).find(|slot| !self.slots.contains_key(slot)).ok_or(ListError::Full)?;
        Ok(alloc::vec![
            IndexedWrite { index: free, leaf: Some(IndexedLeaf { key, next: low.next }) },
            IndexedWrite { index: *low_slot, leaf: Some(IndexedLeaf { key: *low_key, next: key }) },
        ])
    }

    /// The writes that take `key` off the list.
    ///
    /// # Errors
    /// [`ListError::ReservedKey`] or [`ListError::NotListed`].
    pub fn plan_remove(&self, key: u128) -> Result<Vec<IndexedWrite>, ListError> {
        if key == 0 || key == END {
            return Err(ListError::ReservedKey);
        }
        let slot = *self.by_key.get(&key).ok_or(ListError::NotListed)?;
        let (low_key, low_slot) = self.by_key.range(..key).next_back().ok_or(ListError::BrokenChain)?;
        let next = self.slots[&slot].next;
        Ok(alloc::vec![
            IndexedWrite { index: slot, leaf: None },
            IndexedWrite { index: *low_slot, leaf: Some(IndexedLeaf { key: *low_key, next }) },
        ])
    }

    /// Applies writes and checks the chain; on error the list is unchanged.
    ///
    /// # Errors
    /// [`ListError`] naming what is wrong with the list that would result.
    pub fn apply(&mut self, writes: &[IndexedWrite]) -> Result<(), ListError> {
        let mut slots = self.slots.clone();
        for write in writes {
            if write.index >> (2 * SANCTIONS_DEPTH) != 0 {
                return Err(ListError::Full);
            }
            match write.leaf {
                Some(leaf) => slots.insert(write.index, leaf),
                None => slots.remove(&write.index),
            };
        }
        let by_key = check_chain(&slots)?;
        for write in writes {
            let leaf = write.leaf.map_or(Fr::ZERO, |leaf| leaf.hash());
            self.tree.set(u64::from(write.index), leaf).map_err(|_| ListError::Full)?;
        }
        (self.slots, self.by_key) = (slots, by_key);
        Ok(())
    }
}

/// The chain from key 0 reaches each leaf once, strictly increasing, and ends at the end mark. Gives the slot of each key.
fn check_chain(slots: &BTreeMap<u32, IndexedLeaf>) -> Result<BTreeMap<u128, u32>, ListError> {
    let mut by_key = BTreeMap::new();
    for (slot, leaf) in slots {
        if leaf.key == END {
            return Err(ListError::ReservedKey);
        }
        if by_key.insert(leaf.key, *slot).is_some() {
            return Err(ListError::DuplicateKey);
        }
    }
    // Sorted by key, the chain is whole exactly when each leaf's next is the following key.
    if by_key.keys().next() != Some(&0) {
        return Err(ListError::BrokenChain);
    }
    let following = by_key.keys().skip(1).copied().chain(core::iter::once(END));
    let whole = by_key.values().map(|slot| slots[slot].next).eq(following);
    if whole { Ok(by_key) } else { Err(ListError::BrokenChain) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(keys: &[u128]) -> IndexedTree {
        let mut list = IndexedTree::default();
        for key in keys {
            let writes = list.plan_insert(*key).expect("not listed yet");
            list.apply(&writes).expect("the plan keeps the chain");
        }
        list
    }

    #[test]
    fn each_serial_is_either_listed_or_has_a_witness() {
        let list = listed(&[50, 10, END - 1, 1, 30]);
        for serial in [1u128, 10, 30, 50, END - 1] {
            assert!(list.contains(serial) && list.non_membership(serial).is_none(), "{serial}");
        }
        for serial in [2u128, 9, 11, 49, 51, END - 2] {
            let witness = list.non_membership(serial).expect("not listed");
            assert!(witness.leaf.key < serial && serial < witness.leaf.next);
            assert_eq!(witness.path.root(witness.leaf.hash()), list.root());
        }
        assert!(list.non_membership(0).is_none() && list.non_membership(END).is_none());
    }

    #[test]
    fn a_removed_key_is_gone_and_the_list_can_be_rebuilt_from_its_writes() {
        let mut list = listed(&[5, 6, 7]);
        let writes = list.plan_remove(6).expect("listed");
        list.apply(&writes).expect("the plan keeps the chain");
        assert!(!list.contains(6) && list.contains(5) && list.contains(7));
        let mut copy = IndexedTree::default();
        copy.apply(&list.writes().collect::<Vec<_>>()).expect("a whole list");
        assert_eq!(copy.root(), list.root());
        assert_eq!(list.plan_remove(6), Err(ListError::NotListed));
        assert_eq!(list.plan_insert(5), Err(ListError::Listed));
        assert_eq!(list.plan_insert(END), Err(ListError::ReservedKey));
    }

    #[test]
    fn a_key_written_twice_within_a_change_and_cleared_again_stays_listed() {
        let mut list = listed(&[5, 9]);
        let root = list.root();
        let twin = IndexedWrite { index: 7, leaf: Some(IndexedLeaf { key: 5, next: 9 }) };
        assert_eq!(list.apply(&[twin, IndexedWrite { index: 7, leaf: None }]), Ok(()));
        assert!(list.root() == root && list.contains(5) && list.non_membership(5).is_none());
        let around = list.non_membership(6).map(|witness| (witness.leaf.key, witness.leaf.next));
        assert_eq!(around, Some((5, 9)));
        let writes = list.plan_insert(7).expect("not listed");
        assert_eq!(list.apply(&writes), Ok(()));
    }

    #[test]
    fn a_broken_chain_is_refused_and_changes_nothing() {
        let mut list = listed(&[5, 9]);
        let root = list.root();
        let at = |index, key, next| IndexedWrite { index, leaf: Some(IndexedLeaf { key, next }) };
        for (writes, error) in [
            (alloc::vec![at(0, 0, 9)], ListError::BrokenChain),
            (alloc::vec![at(3, 7, 8)], ListError::BrokenChain),
            (alloc::vec![at(3, 5, 9)], ListError::DuplicateKey),
            (alloc::vec![at(0, 1, 5)], ListError::BrokenChain),
            (alloc::vec![at(2, 9, 0)], ListError::BrokenChain),
            (alloc::vec![at(2, 9, END - 1)], ListError::BrokenChain),
            (alloc::vec![at(3, END, END)], ListError::ReservedKey),
            (alloc::vec![at(1 << 20, 7, 9)], ListError::Full),
            (alloc::vec![IndexedWrite { index: 1, leaf: None }], ListError::BrokenChain),
        ] {
            assert_eq!(list.apply(&writes), Err(error), "{writes:?}");
            assert_eq!(list.root(), root);
        }
    }
}
