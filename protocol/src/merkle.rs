//! 4-ary Merkle trees of fixed depth over `C` (N2, C2, C3, W1).
//!
//! `node = C(child0, child1, child2, child3)`; the empty leaf is 0 and empty subtrees hash up from it. The position of a
//! leaf is an index of `DEPTH` base-4 digits, the least significant one at the leaf. The depth is fixed, so an inner node
//! is never taken for a leaf.
//!
//! [`Frontier`] appends and knows the root in O(depth) memory (a ledger); [`Tree`] keeps all nodes, overwrites leaves and
//! gives paths (a wallet, the registry, the sanctions list).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use ark_ff::AdditiveGroup;

use crate::encoding::{DecodeError, Reader, put_count};
use crate::field::{Fr, fr_to_bytes};
use crate::poseidon2::compress;

/// Children of a node.
pub const ARITY: usize = 4;

/// Depth of the note tree: 2^32 notes (N2).
pub const NOTE_DEPTH: usize = 16;
/// Depth of the registry: 2^24 holders (C2).
pub const REGISTRY_DEPTH: usize = 12;
/// Depth of the sanctions list: 2^20 entries (C3).
pub const SANCTIONS_DEPTH: usize = 10;
/// Depth of the epoch tree: 16 epochs (W1).
pub const EPOCH_DEPTH: usize = 2;

/// Why a tree refused an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TreeError {
    /// The index is not below `4^depth`, or the tree is full.
    Full,
    /// The parts of a frontier do not belong together.
    BadFrontier,
}

impl fmt::Display for TreeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "no such leaf: the tree holds 4^depth leaves",
            Self::BadFrontier => "the frontier's nodes do not match its size",
        })
    }
}

impl core::error::Error for TreeError {}

/// Roots of empty subtrees: element `i` is the root of an empty subtree of height `i`, for `i` in `0..=depth`.
#[must_use]
pub fn empty_roots(depth: usize) -> Vec<Fr> {
    let mut roots = Vec::with_capacity(depth + 1);
    let mut node = Fr::ZERO;
    roots.push(node);
    for _ in 0..depth {
        node = compress([node; ARITY]);
        roots.push(node);
    }
    roots
}

/// The digit of `index` at `level` (0 at the leaf).
const fn digit(index: u64, level: usize) -> usize {
    ((index >> (2 * level)) & 3) as usize
}

/// The four children of each node on the way from a leaf to the root; the leaf's own subtree is among them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "PathText<DEPTH>", into = "PathText<DEPTH>"))]
pub struct Path<const DEPTH: usize> {
    index: u64,
    siblings: [[Fr; ARITY - 1]; DEPTH],
}

/// A path as it is written; reading it back goes through [`Path::new`], which refuses an index outside the tree.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PathText<const DEPTH: usize> {
    index: u64,
    #[serde(with = "crate::serde_text::siblings")]
    siblings: [[Fr; ARITY - 1]; DEPTH],
}

#[cfg(feature = "serde")]
impl<const DEPTH: usize> TryFrom<PathText<DEPTH>> for Path<DEPTH> {
    type Error = TreeError;

    fn try_from(text: PathText<DEPTH>) -> Result<Self, TreeError> {
        Self::new(text.index, text.siblings)
    }
}

#[cfg(feature = "serde")]
impl<const DEPTH: usize> From<Path<DEPTH>> for PathText<DEPTH> {
    fn from(path: Path<DEPTH>) -> Self {
        Self { index: path.index, siblings: path.siblings }
    }
}

impl<const DEPTH: usize> Path<DEPTH> {
    /// A path from its index and, per level from the leaf, the three siblings in order.
    ///
    /// # Errors
    /// [`TreeError::Full`] when the index is not below `4^DEPTH`.
    pub fn new(index: u64, siblings: [[Fr; ARITY - 1]; DEPTH]) -> Result<Self, TreeError> {
        if index >> (2 * DEPTH) != 0 {
            return Err(TreeError::Full);
        }
        Ok(Self { index, siblings })
    }

    /// The path of leaf `index` in an empty tree; what a dummy input carries.
    ///
    /// # Errors
    /// [`TreeError::Full`] when the index is not below `4^DEPTH`.
    pub fn empty(index: u64) -> Result<Self, TreeError> {
        let roots = empty_roots(DEPTH);
        Self::new(index, core::array::from_fn(|level| [roots[level]; ARITY - 1]))
    }

    /// The leaf's index.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The siblings, per level from the leaf, in order.
    #[must_use]
    pub const fn siblings(&self) -> &[[Fr; ARITY - 1]; DEPTH] {
        &self.siblings
    }

    /// Base-4 digits of the index, least significant first.
    #[must_use]
    pub fn digits(&self) -> [usize; DEPTH] {
        core::array::from_fn(|level| digit(self.index, level))
    }

    /// For each level from the leaf, the node's four children, given the leaf; and the root they lead to.
    #[must_use]
    pub fn children(&self, leaf: Fr) -> ([[Fr; ARITY]; DEPTH], Fr) {
        let mut node = leaf;
        let children = core::array::from_fn(|level| {
            let position = digit(self.index, level);
            let mut siblings = self.siblings[level].iter();
            let children = core::array::from_fn(|i| {
                if i == position { node } else { *siblings.next().expect("three siblings and the node make four") }
            });
            node = compress(children);
            children
        });
        (children, node)
    }

    /// The root that this path gives to `leaf`; `DEPTH` compressions.
    #[must_use]
    pub fn root(&self, leaf: Fr) -> Fr {
        self.children(leaf).1
    }
}

/// The right edge of an append-only tree: its size and, per level, the complete nodes whose parent is not complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frontier<const DEPTH: usize> {
    size: u64,
    levels: [Vec<Fr>; DEPTH],
}

impl<const DEPTH: usize> Default for Frontier<DEPTH> {
    fn default() -> Self {
        Self { size: 0, levels: core::array::from_fn(|_| Vec::new()) }
    }
}

impl<const DEPTH: usize> Frontier<DEPTH> {
    /// Leaves that fit.
    pub const CAPACITY: u64 = 1 << (2 * DEPTH);

    /// Restores a frontier from its size and nodes, per level from the leaves.
    ///
    /// # Errors
    /// [`TreeError::BadFrontier`] when a level does not hold as many nodes as the size demands.
    pub fn from_parts(size: u64, levels: [Vec<Fr>; DEPTH]) -> Result<Self, TreeError> {
        let fits = size <= Self::CAPACITY;
        let full = size == Self::CAPACITY;
        let right = levels
            .iter()
            .enumerate()
            .all(|(level, nodes)| nodes.len() == if full && level == DEPTH - 1 { ARITY } else { digit(size, level) });
        if fits && right { Ok(Self { size, levels }) } else { Err(TreeError::BadFrontier) }
    }

    /// Leaves appended so far.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The nodes, per level from the leaves.
    #[must_use]
    pub const fn levels(&self) -> &[Vec<Fr>; DEPTH] {
        &self.levels
    }

    /// The size as u64, then each level's nodes after their count ([`crate::encoding`]).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.size.to_be_bytes().to_vec();
        for nodes in &self.levels {
            put_count(&mut out, nodes.len());
            for node in nodes {
                out.extend_from_slice(&fr_to_bytes(node));
            }
        }
        out
    }

    /// Decodes a frontier.
    ///
    /// # Errors
    /// [`DecodeError`] for bytes that are not of this form, [`DecodeError::BadCode`] for nodes that are not as many as the
    /// size demands. Whether the nodes are those of real leaves cannot be seen.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let size = reader.u64()?;
        let mut levels: [Vec<Fr>; DEPTH] = core::array::from_fn(|_| Vec::new());
        for level in &mut levels {
            *level = reader.list(ARITY, 32, Reader::element)?;
        }
        reader.finish()?;
        Self::from_parts(size, levels).map_err(|_| DecodeError::BadCode)
    }

    /// Appends a leaf and returns its index; 4/3 compressions on average.
    ///
    /// # Errors
    /// [`TreeError::Full`] when 4^DEPTH leaves are there.
    pub fn append(&mut self, leaf: Fr) -> Result<u64, TreeError> {
        if self.size == Self::CAPACITY {
            return Err(TreeError::Full);
        }
        let index = self.size;
        self.size += 1;
        let mut node = leaf;
        for (level, nodes) in self.levels.iter_mut().enumerate() {
            nodes.push(node);
            let Ok(children) = <[Fr; ARITY]>::try_from(nodes.as_slice()) else { return Ok(index) };
            if level + 1 == DEPTH {
                return Ok(index);
            }
            nodes.clear();
            node = compress(children);
        }
        Ok(index)
    }

    /// The root; `DEPTH` compressions.
    #[must_use]
    pub fn root(&self) -> Fr {
        let mut empty = Fr::ZERO;
        let mut carried = Fr::ZERO;
        for nodes in &self.levels {
            let mut children = [empty; ARITY];
            children[..nodes.len()].copy_from_slice(nodes);
            if let Some(slot) = children.get_mut(nodes.len()) {
                *slot = carried;
            }
            carried = compress(children);
            empty = compress([empty; ARITY]);
        }
        carried
    }
}

/// A tree with all its nodes in memory: leaves can be appended and overwritten, and every leaf has a path.
#[derive(Clone, Debug)]
pub struct Tree<const DEPTH: usize> {
    /// Nodes that are not roots of empty subtrees, per height: 0 the leaves, `DEPTH` the root.
    levels: Vec<BTreeMap<u64, Fr>>,
    empty: Vec<Fr>,
    size: u64,
}

impl<const DEPTH: usize> Default for Tree<DEPTH> {
    fn default() -> Self {
        Self { levels: alloc::vec![BTreeMap::new(); DEPTH + 1], empty: empty_roots(DEPTH), size: 0 }
    }
}

impl<const DEPTH: usize> Tree<DEPTH> {
    /// One more than the highest index ever written.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    fn node(&self, height: usize, index: u64) -> Fr {
        self.levels[height].get(&index).copied().unwrap_or(self.empty[height])
    }

    /// The leaf at `index`, 0 where nothing was written.
    #[must_use]
    pub fn leaf(&self, index: u64) -> Fr {
        self.node(0, index)
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Fr {
        self.node(DEPTH, 0)
    }

    /// Writes a leaf; `DEPTH` compressions.
    ///
    /// # Errors
    /// [`TreeError::Full`] when the index is not below `4^DEPTH`.
    pub fn set(&mut self, index: u64, leaf: Fr) -> Result<(), TreeError> {
        if index >> (2 * DEPTH) != 0 {
            return Err(TreeError::Full);
        }
        self.size = self.size.max(index + 1);
        self.levels[0].insert(index, leaf);
        let mut at = index;
        for height in 1..=DEPTH {
            at >>= 2;
            let children = core::array::from_fn(|i| self.node(height - 1, at * 4 + i as u64));
            self.levels[height].insert(at, compress(children));
        }
        Ok(())
    }

    /// Writes the leaf after the last one and returns its index.
    ///
    /// # Errors
    /// [`TreeError::Full`] when 4^DEPTH leaves are there.
    pub fn append(&mut self, leaf: Fr) -> Result<u64, TreeError> {
        let index = self.size;
        self.set(index, leaf)?;
        Ok(index)
    }

    /// Empties the tree from leaf `size` on, as if those leaves had never been written.
    pub fn truncate(&mut self, size: u64) {
        let mut first = size;
        if size >= self.size {
            return;
        }
        self.size = size;
        for height in 0..=DEPTH {
            // The node that covers both kept and dropped leaves stays and is computed anew below.
            drop(self.levels[height].split_off(&first));
            first = first.div_ceil(4);
        }
        if let Some(last) = size.checked_sub(1) {
            let leaf = self.leaf(last);
            let refreshed = self.set(last, leaf);
            debug_assert_eq!(refreshed, Ok(()), "a kept leaf has an index within the tree");
        }
    }

    /// The path of leaf `index`.
    ///
    /// # Errors
    /// [`TreeError::Full`] when the index is not below `4^DEPTH`.
    pub fn path(&self, index: u64) -> Result<Path<DEPTH>, TreeError> {
        let siblings = core::array::from_fn(|level| {
            let at = index >> (2 * level);
            let own = at & 3;
            let mut others = (0..4).filter(|i| *i != own).map(|i| self.node(level, (at & !3) + i));
            core::array::from_fn(|_| others.next().expect("three of four children are others"))
        });
        Path::new(index, siblings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(i: u64) -> Fr {
        Fr::from(1000 + i)
    }

    #[test]
    fn frontier_tree_and_paths_agree_at_every_size() {
        let mut frontier = Frontier::<3>::default();
        let mut tree = Tree::<3>::default();
        assert_eq!(frontier.root(), tree.root());
        for i in 0..64 {
            assert_eq!(frontier.append(leaf(i)), Ok(i));
            assert_eq!(tree.append(leaf(i)), Ok(i));
            assert_eq!(frontier.root(), tree.root(), "after leaf {i}");
            let restored = Frontier::from_parts(frontier.size(), frontier.levels().clone());
            assert_eq!(restored.as_ref(), Ok(&frontier));
            let bytes = frontier.to_bytes();
            assert_eq!(Frontier::from_bytes(&bytes).as_ref(), Ok(&frontier));
            assert_eq!(Frontier::<3>::from_bytes(&bytes[..bytes.len() - 1]), Err(DecodeError::Truncated));
            let mut other_size = bytes.clone();
            other_size[7] ^= 2;
            assert_eq!(Frontier::<3>::from_bytes(&other_size), Err(DecodeError::BadCode));
            for j in 0..=i {
                let path = tree.path(j).expect("the leaf is there");
                assert_eq!(path.root(leaf(j)), tree.root());
                assert_ne!(path.root(leaf(j) + Fr::from(1u64)), tree.root());
            }
        }
        assert_eq!(frontier.append(leaf(64)), Err(TreeError::Full));
        assert_eq!(tree.append(leaf(64)), Err(TreeError::Full));
    }

    #[test]
    fn a_frontier_with_a_missing_node_is_refused() {
        let mut frontier = Frontier::<3>::default();
        for i in 0..7 {
            frontier.append(leaf(i)).expect("there is room");
        }
        let mut levels = frontier.levels().clone();
        levels[0].pop();
        assert_eq!(Frontier::from_parts(7, levels), Err(TreeError::BadFrontier));
        assert_eq!(Frontier::<3>::from_parts(65, frontier.levels().clone()), Err(TreeError::BadFrontier));
    }

    #[test]
    fn an_overwritten_leaf_leads_to_the_same_root_as_one_written_so() {
        let (mut a, mut b) = (Tree::<3>::default(), Tree::<3>::default());
        for i in 0..9 {
            a.append(leaf(i)).expect("there is room");
            b.append(leaf(if i == 4 { 77 } else { i })).expect("there is room");
        }
        a.set(4, leaf(77)).expect("the leaf is there");
        assert_eq!(a.root(), b.root());
        a.set(60, Fr::ZERO).expect("within the tree");
        assert_eq!(a.root(), b.root(), "an empty leaf is 0");
    }

    #[test]
    fn truncating_undoes_appending() {
        for keep in 0..20u64 {
            let (mut a, mut b) = (Tree::<3>::default(), Tree::<3>::default());
            for i in 0..23 {
                a.append(leaf(i)).expect("there is room");
                if i < keep {
                    b.append(leaf(i)).expect("there is room");
                }
            }
            a.truncate(keep);
            assert_eq!((a.root(), a.size()), (b.root(), b.size()), "keeping {keep}");
            a.append(leaf(99)).expect("there is room");
            b.append(leaf(99)).expect("there is room");
            assert_eq!(a.root(), b.root());
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_written_path_with_an_alias_of_its_index_is_refused() {
        let path = Tree::<2>::default().path(3).expect("within the tree");
        let text = serde_json::to_string(&path).expect("plain values");
        assert_eq!(serde_json::from_str::<Path<2>>(&text).expect("its own text"), path);
        let alias = text.replace("\"index\":3", "\"index\":19");
        assert!(alias != text && serde_json::from_str::<Path<2>>(&alias).is_err());
    }

    #[test]
    fn an_index_outside_the_tree_has_no_path() {
        assert_eq!(Tree::<2>::default().path(16), Err(TreeError::Full));
        assert_eq!(Path::<2>::empty(16), Err(TreeError::Full));
        assert_eq!(Path::<2>::empty(15).map(|p| p.root(Fr::ZERO)), Ok(Tree::<2>::default().root()));
    }
}
