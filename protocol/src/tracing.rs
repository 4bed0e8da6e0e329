//! Tracing under warrant: epoch keys and the trace of a transfer (W1, W2, W3).
//!
//! A holder's key of epoch e is `tk_e = H_TRK(trk, e)`. The credential commits to sixteen consecutive ones. A transfer
//! carries a tag and a ciphertext under `tk_e` and the payment's own `rk.x`; who is given `tk_e` finds and opens that
//! holder's payments of that epoch, and nothing else.

use alloc::vec::Vec;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::address::Owner;
use crate::field::{Fr, field_newtype, power_of_two};
use crate::merkle::{EPOCH_DEPTH, Path, Tree, TreeError};
use crate::note::AssetId;
use crate::poseidon2::{hash, keystream};
use crate::tags::Tag;

field_newtype! {
    /// The first lane of a transfer's keystream: what finds a payment of a traced holder.
    TraceTag
}
field_newtype! {
    /// The root over a holder's sixteen epoch keys.
    TraceRoot
}

/// Epochs that one credential covers.
pub const EPOCHS_COVERED: u64 = 16;

/// `tk_e = H_TRK(trk, e)`: one epoch's tracing key.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct EpochKey(#[cfg_attr(feature = "serde", serde(with = "crate::serde_text::fr"))] Fr);

impl EpochKey {
    /// Takes a field element as a key, such as one that an escrow agent kept.
    #[must_use]
    pub const fn new(key: Fr) -> Self {
        Self(key)
    }

    /// The key of epoch `epoch`.
    #[must_use]
    pub fn derive(trk: Fr, epoch: u64) -> Self {
        Self(hash(Tag::EpochKey, [trk, Fr::from(epoch)]))
    }

    /// The field element.
    #[must_use]
    pub const fn expose(&self) -> Fr {
        self.0
    }

    /// `H_TK(tk_e, e)`, the key's leaf.
    #[must_use]
    pub fn leaf(&self, epoch: u64) -> Fr {
        hash(Tag::EpochLeaf, [self.0, Fr::from(epoch)])
    }

    /// Opens a payment's trace: nothing when the tag is not this key's.
    #[must_use]
    pub fn open(&self, rk_x: Fr, tag: TraceTag, ciphertext: &[Fr]) -> Option<TracePlaintext> {
        let stream = Keystream::new(self, rk_x);
        if stream.tag() != tag {
            return None;
        }
        TracePlaintext::from_lanes(&stream.subtract(ciphertext))
    }
}

/// The tree over the epoch keys that a credential covers; leaf index `e - first epoch`. Epochs are small: whoever takes a
/// first epoch from outside refuses what is not, and here they wrap.
pub struct EpochTree {
    first_epoch: u64,
    tree: Tree<EPOCH_DEPTH>,
}

impl EpochTree {
    /// The tree over `keys`, for the epochs from `first_epoch` on.
    #[must_use]
    pub fn new(first_epoch: u64, keys: &[EpochKey; EPOCHS_COVERED as usize]) -> Self {
        let mut tree = Tree::default();
        for (offset, key) in (0..).zip(keys) {
            tree.append(key.leaf(first_epoch.wrapping_add(offset))).expect("the tree has one leaf per covered epoch");
        }
        Self { first_epoch, tree }
    }

    /// The sixteen keys of `trk` from `first_epoch` on.
    #[must_use]
    pub fn keys(trk: Fr, first_epoch: u64) -> [EpochKey; EPOCHS_COVERED as usize] {
        core::array::from_fn(|i| EpochKey::derive(trk, first_epoch.wrapping_add(i as u64)))
    }

    /// `trace_root`.
    #[must_use]
    pub fn root(&self) -> TraceRoot {
        TraceRoot::new(self.tree.root())
    }

    /// The path of an epoch's leaf.
    ///
    /// # Errors
    /// [`TreeError::Full`] when the epoch is not one of the sixteen.
    pub fn path(&self, epoch: u64) -> Result<Path<EPOCH_DEPTH>, TreeError> {
        self.tree.path(epoch.checked_sub(self.first_epoch).ok_or(TreeError::Full)?)
    }
}

/// What a prover is told to trace a transfer: the current epoch's key and its path to the trace root.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct EpochWitness {
    /// `tk_e`.
    pub key: EpochKey,
    /// The path of `H_TK(tk_e, e)` to the trace root.
    #[zeroize(skip)]
    pub path: Path<EPOCH_DEPTH>,
}

/// The keystream of one transfer: two blocks, the first lane of which is the tag.
struct Keystream([Fr; 6]);

impl Keystream {
    fn new(key: &EpochKey, rk_x: Fr) -> Self {
        let ([a, b, c], [d, e, f]) = (keystream(key.0, rk_x, 0), keystream(key.0, rk_x, 1));
        Self([a, b, c, d, e, f])
    }

    fn tag(&self) -> TraceTag {
        TraceTag::new(self.0[0])
    }

    fn add(&self, plaintext: &[Fr]) -> Vec<Fr> {
        plaintext.iter().zip(&self.0[1..]).map(|(word, mask)| *word + mask).collect()
    }

    fn subtract(&self, ciphertext: &[Fr]) -> Vec<Fr> {
        ciphertext.iter().zip(&self.0[1..]).map(|(word, mask)| *word - mask).collect()
    }
}

/// One output as a trace tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TracedOutput {
    /// The one-time owner.
    pub owner: Owner,
    /// The amount.
    pub value: u64,
    /// Whether the output is of the hidden asset.
    pub in_hidden_asset: bool,
}

/// What a trace opens to: the hidden asset and, per output, owner, value and lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracePlaintext {
    /// The hidden asset A.
    pub asset: AssetId,
    /// The outputs in order.
    pub outputs: Vec<TracedOutput>,
}

impl TracePlaintext {
    /// The lanes `(A, packed, owner_1 .. owner_M)`, `packed = sum of (value_j + 2^64 s_j) * 2^(65 j)`, j from 0.
    #[must_use]
    pub fn to_lanes(&self) -> Vec<Fr> {
        let packed = self.outputs.iter().zip(0u32..).fold(Fr::from(0u64), |sum, (output, j)| {
            let word = u128::from(output.value) | u128::from(output.in_hidden_asset) << 64;
            sum + Fr::from(word) * power_of_two(65 * j)
        });
        let owners = self.outputs.iter().map(|output| output.owner.to_field());
        [self.asset.to_field(), packed].into_iter().chain(owners).collect()
    }

    fn from_lanes(lanes: &[Fr]) -> Option<Self> {
        let [asset, packed, owners @ ..] = lanes else { return None };
        let mut bits =
            crate::field::fr_to_bytes(packed).into_iter().rev().flat_map(|byte| (0..8).map(move |i| byte >> i & 1));
        let outputs = owners
            .iter()
            .map(|owner| {
                let value = (0..64).zip(bits.by_ref()).fold(0u64, |sum, (i, bit)| sum | u64::from(bit) << i);
                let in_hidden_asset = bits.next() == Some(1);
                TracedOutput { owner: Owner::new(*owner), value, in_hidden_asset }
            })
            .collect();
        Some(Self { asset: AssetId::new(*asset), outputs })
    }

    /// Tag and ciphertext of this plaintext under `key` and the payment's `rk.x` (W2). At most three outputs fit.
    #[must_use]
    pub fn seal(&self, key: &EpochKey, rk_x: Fr) -> (TraceTag, Vec<Fr>) {
        debug_assert!(self.outputs.len() <= 3, "two keystream blocks hide at most three owners");
        let stream = Keystream::new(key, rk_x);
        (stream.tag(), stream.add(&self.to_lanes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_opens_under_its_key_alone() {
        let (trk, rk_x) = (Fr::from(9u64), Fr::from(77u64));
        let output =
            |value, in_hidden_asset| TracedOutput { owner: Owner::new(Fr::from(value)), value, in_hidden_asset };
        for outputs in [
            alloc::vec![output(u64::MAX, true), output(0, false), output(u64::MAX, false)],
            alloc::vec![output(1, false), output(2, true)],
        ] {
            let plaintext = TracePlaintext { asset: AssetId::native(), outputs };
            let key = EpochKey::derive(trk, 5);
            let (tag, ciphertext) = plaintext.seal(&key, rk_x);
            assert_eq!(key.open(rk_x, tag, &ciphertext), Some(plaintext));
            assert_eq!(EpochKey::derive(trk, 6).open(rk_x, tag, &ciphertext), None);
            assert_eq!(key.open(rk_x + Fr::from(1u64), tag, &ciphertext), None);
        }
    }

    #[test]
    fn an_epoch_outside_the_sixteen_has_no_path() {
        let trk = Fr::from(3u64);
        let keys = EpochTree::keys(trk, 100);
        let tree = EpochTree::new(100, &keys);
        for epoch in 100..116 {
            let path = tree.path(epoch).expect("covered");
            assert_eq!(path.root(EpochKey::derive(trk, epoch).leaf(epoch)), tree.root().to_field());
        }
        assert!(tree.path(99).is_err() && tree.path(116).is_err());
    }
}
