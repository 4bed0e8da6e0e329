//! The registry and the sanctions list as they travel: signed deltas, chained by sequence and root (C2 to C5).
//!
//! A delta says which root it starts from and which it leads to; whoever applies it recomputes the root. Wallets and
//! ledgers take the same deltas, so a wallet never asks a server for one path (C4).

use alloc::vec::Vec;
use core::fmt;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use crate::credential::{RegistryRoot, SanctionsRoot};
use crate::encoding::{DecodeError, Reader, put_count};
use crate::encryption::EnrolmentCiphertext;
use crate::field::{Fr, fr_to_bytes};
use crate::hash::Transcript;
use crate::indexed_merkle::{IndexedLeaf, IndexedTree, IndexedWrite, ListError};
use crate::keys::UserId;
use crate::merkle::{Path, REGISTRY_DEPTH, Tree, TreeError};
use crate::tags::Personal;
use crate::tracing::TraceRoot;
use crate::transaction::LedgerId;

/// Writes in one delta at most.
pub const MAX_WRITES: usize = 4096;

/// Why a delta was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeltaError {
    /// The delta does not follow the last one applied.
    Sequence,
    /// The delta starts from another root.
    PreviousRoot,
    /// The writes do not lead to the root that the delta names.
    Root,
    /// A slot is outside the tree.
    Slot,
    /// The sanctions list that would result is not a chain.
    List(ListError),
    /// The signature is not the issuer's.
    Signature,
}

impl fmt::Display for DeltaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sequence => f.write_str("C4: the delta does not follow the last one"),
            Self::PreviousRoot => f.write_str("C4: the delta starts from another root"),
            Self::Root => f.write_str("C4: the writes do not lead to the delta's root"),
            Self::Slot => f.write_str("C2: the slot is outside the registry"),
            Self::List(error) => error.fmt(f),
            Self::Signature => f.write_str("C4: the signature is not the issuer's"),
        }
    }
}

impl core::error::Error for DeltaError {}

/// One leaf of the registry, and the message to its holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryWrite {
    /// The slot.
    pub index: u32,
    /// The leaf: a credential's, or 0 to revoke.
    pub leaf: Fr,
    /// The record for the holder (C5).
    pub ciphertext: EnrolmentCiphertext,
}

/// Which of the two lists a delta changes.
pub trait DeltaKind: Clone + fmt::Debug + PartialEq + Eq {
    /// One write.
    type Write: Clone + fmt::Debug + PartialEq + Eq;
    /// The byte that stands for the list in signatures.
    const CODE: u8;
    /// Shortest encoding of a write.
    const WRITE_LENGTH: usize;

    /// Appends a write's encoding.
    fn put(write: &Self::Write, out: &mut Vec<u8>);

    /// Reads a write.
    ///
    /// # Errors
    /// [`DecodeError`] naming what is wrong with the bytes.
    fn take(reader: &mut Reader<'_>) -> Result<Self::Write, DecodeError>;
}

/// The registry of credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryKind;

/// The sanctions list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SanctionsKind;

impl DeltaKind for RegistryKind {
    type Write = RegistryWrite;
    const CODE: u8 = 1;
    const WRITE_LENGTH: usize = 4 + 32 + EnrolmentCiphertext::LENGTH;

    fn put(write: &RegistryWrite, out: &mut Vec<u8>) {
        out.extend_from_slice(&write.index.to_be_bytes());
        out.extend_from_slice(&fr_to_bytes(&write.leaf));
        out.extend_from_slice(&write.ciphertext.to_bytes());
    }

    fn take(reader: &mut Reader<'_>) -> Result<RegistryWrite, DecodeError> {
        Ok(RegistryWrite {
            index: reader.u32()?,
            leaf: reader.element()?,
            ciphertext: EnrolmentCiphertext::from_bytes(reader.take(EnrolmentCiphertext::LENGTH)?)?,
        })
    }
}

impl DeltaKind for SanctionsKind {
    type Write = IndexedWrite;
    const CODE: u8 = 2;
    const WRITE_LENGTH: usize = 4 + 1;

    fn put(write: &IndexedWrite, out: &mut Vec<u8>) {
        out.extend_from_slice(&write.index.to_be_bytes());
        out.push(u8::from(write.leaf.is_some()));
        if let Some(leaf) = write.leaf {
            out.extend_from_slice(&leaf.key.to_be_bytes());
            out.extend_from_slice(&leaf.next.to_be_bytes());
        }
    }

    fn take(reader: &mut Reader<'_>) -> Result<IndexedWrite, DecodeError> {
        let index = reader.u32()?;
        let leaf = reader.optional(|r| Ok(IndexedLeaf { key: r.u128()?, next: r.u128()? }))?;
        Ok(IndexedWrite { index, leaf })
    }
}

/// A change of one list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta<K: DeltaKind> {
    /// The number of deltas before this one.
    pub sequence: u64,
    /// The root that it starts from.
    pub previous_root: Fr,
    /// The root that it leads to.
    pub root: Fr,
    /// The writes, applied in order.
    pub writes: Vec<K::Write>,
}

impl<K: DeltaKind> Delta<K> {
    /// Sequence, roots, and the writes after their count.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(8 + 64 + 4 + self.writes.len() * K::WRITE_LENGTH);
        out.extend_from_slice(&self.sequence.to_be_bytes());
        out.extend_from_slice(&fr_to_bytes(&self.previous_root));
        out.extend_from_slice(&fr_to_bytes(&self.root));
        put_count(&mut out, self.writes.len());
        for write in &self.writes {
            K::put(write, &mut out);
        }
        out
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            sequence: reader.u64()?,
            previous_root: reader.element()?,
            root: reader.element()?,
            writes: reader.list(MAX_WRITES, K::WRITE_LENGTH, K::take)?,
        })
    }

    fn message(&self, ledger: &LedgerId) -> [u8; 64] {
        Transcript::new(Personal::DELTA).fixed(ledger.as_bytes()).fixed(&[K::CODE]).variable(&self.to_bytes()).digest()
    }

    /// Signs for one ledger.
    #[must_use]
    pub fn sign(self, ledger: &LedgerId, key: &SigningKey) -> SignedDelta<K> {
        let signature = key.sign(&self.message(ledger)).to_bytes();
        SignedDelta { delta: self, signature }
    }
}

/// A delta and its issuer's Ed25519 signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedDelta<K: DeltaKind> {
    /// The delta.
    pub delta: Delta<K>,
    /// The signature over ledger, list and delta.
    pub signature: [u8; 64],
}

impl<K: DeltaKind> SignedDelta<K> {
    /// Whether the issuer signed this delta for this ledger.
    ///
    /// # Errors
    /// [`DeltaError::Signature`].
    pub fn check_signature(&self, ledger: &LedgerId, issuer: &VerifyingKey) -> Result<(), DeltaError> {
        issuer
            .verify_strict(&self.delta.message(ledger), &Signature::from_bytes(&self.signature))
            .map_err(|_| DeltaError::Signature)
    }

    /// The delta, then the signature.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.delta.to_bytes();
        out.extend_from_slice(&self.signature);
        out
    }

    /// Decodes a signed delta.
    ///
    /// # Errors
    /// [`DecodeError`] naming what is wrong with the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let signed = Self { delta: Delta::read(&mut reader)?, signature: reader.array()? };
        reader.finish()?;
        Ok(signed)
    }
}

/// The registry, as ledgers, issuers and wallets keep it.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    tree: Tree<REGISTRY_DEPTH>,
    sequence: u64,
}

impl Registry {
    /// The root.
    #[must_use]
    pub fn root(&self) -> RegistryRoot {
        RegistryRoot::new(self.tree.root())
    }

    /// Deltas applied.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The leaf in a slot.
    #[must_use]
    pub fn leaf(&self, index: u32) -> Fr {
        self.tree.leaf(u64::from(index))
    }

    /// One more than the highest slot ever written.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The path of a slot.
    ///
    /// # Errors
    /// [`TreeError::Full`] when the slot is outside the tree.
    pub fn path(&self, index: u32) -> Result<Path<REGISTRY_DEPTH>, TreeError> {
        self.tree.path(u64::from(index))
    }

    /// The delta that makes these writes, and leads to the root that they give.
    ///
    /// # Errors
    /// [`DeltaError::Slot`].
    pub fn plan(&self, writes: Vec<RegistryWrite>) -> Result<Delta<RegistryKind>, DeltaError> {
        let mut tree = self.tree.clone();
        write_all(&mut tree, &writes)?;
        Ok(Delta { sequence: self.sequence, previous_root: self.tree.root(), root: tree.root(), writes })
    }

    /// Applies a delta; on error nothing changes.
    ///
    /// # Errors
    /// [`DeltaError`] naming the rule; the signature is not looked at here.
    pub fn apply(&mut self, delta: &Delta<RegistryKind>) -> Result<(), DeltaError> {
        check_link(delta, self.sequence, self.tree.root())?;
        let size = self.tree.size();
        let undo: Vec<(u32, Fr)> = delta.writes.iter().map(|write| (write.index, self.leaf(write.index))).collect();
        let applied = write_all(&mut self.tree, &delta.writes);
        if applied.is_ok() && self.tree.root() == delta.root {
            self.sequence += 1;
            return Ok(());
        }
        for (index, leaf) in undo.into_iter().rev() {
            // A slot outside the tree was never written, so a refusal here loses nothing.
            let _ = self.tree.set(u64::from(index), leaf);
        }
        self.tree.truncate(size);
        applied.and(Err(DeltaError::Root))
    }
}

fn write_all(tree: &mut Tree<REGISTRY_DEPTH>, writes: &[RegistryWrite]) -> Result<(), DeltaError> {
    writes.iter().try_for_each(|write| tree.set(u64::from(write.index), write.leaf)).map_err(|_| DeltaError::Slot)
}

fn check_link<K: DeltaKind>(delta: &Delta<K>, sequence: u64, root: Fr) -> Result<(), DeltaError> {
    if delta.sequence != sequence {
        return Err(DeltaError::Sequence);
    }
    if delta.previous_root != root {
        return Err(DeltaError::PreviousRoot);
    }
    Ok(())
}

/// The sanctions list with its place in the chain of deltas.
#[derive(Clone, Debug, Default)]
pub struct SanctionsList {
    list: IndexedTree,
    sequence: u64,
}

impl SanctionsList {
    /// The root.
    #[must_use]
    pub fn root(&self) -> SanctionsRoot {
        SanctionsRoot::new(self.list.root())
    }

    /// Deltas applied.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The list itself.
    #[must_use]
    pub const fn list(&self) -> &IndexedTree {
        &self.list
    }

    /// The delta that makes these writes, and leads to the root that they give.
    ///
    /// # Errors
    /// [`DeltaError::List`] when the list that would result is not a chain.
    pub fn plan(&self, writes: Vec<IndexedWrite>) -> Result<Delta<SanctionsKind>, DeltaError> {
        let mut list = self.list.clone();
        list.apply(&writes).map_err(DeltaError::List)?;
        Ok(Delta { sequence: self.sequence, previous_root: self.list.root(), root: list.root(), writes })
    }

    /// Applies a delta; on error nothing changes.
    ///
    /// # Errors
    /// [`DeltaError`] naming the rule; the signature is not looked at here.
    pub fn apply(&mut self, delta: &Delta<SanctionsKind>) -> Result<(), DeltaError> {
        check_link(delta, self.sequence, self.list.root())?;
        let mut list = self.list.clone();
        list.apply(&delta.writes).map_err(DeltaError::List)?;
        if list.root() != delta.root {
            return Err(DeltaError::Root);
        }
        self.list = list;
        self.sequence += 1;
        Ok(())
    }
}

/// What an escrow agent signs: that he keeps the sixteen keys under this trace root (W1).
#[must_use]
pub fn escrow_message(ledger: &LedgerId, user: UserId, trace_root: TraceRoot, first_epoch: u64) -> [u8; 64] {
    Transcript::new(Personal::ESCROW)
        .fixed(ledger.as_bytes())
        .element(&user.to_field())
        .element(&trace_root.to_field())
        .number(first_epoch)
        .digest()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::Network;
    use rand_core::OsRng;

    fn write(index: u32, leaf: u64) -> RegistryWrite {
        RegistryWrite { index, leaf: Fr::from(leaf), ciphertext: EnrolmentCiphertext::unopenable(&mut OsRng) }
    }

    #[test]
    fn a_delta_leads_from_root_to_root_and_is_signed_for_one_ledger() {
        let (a, b) = (LedgerId::derive(Network::Local, "a"), LedgerId::derive(Network::Local, "b"));
        let key = SigningKey::from_bytes(&[9; 32]);
        let mut registry = Registry::default();
        let delta = registry.plan(Vec::from([write(0, 5), write(7, 6)])).expect("slots within");
        let signed = delta.sign(&a, &key);
        assert_eq!(SignedDelta::from_bytes(&signed.to_bytes()), Ok(signed.clone()));
        assert_eq!(signed.check_signature(&a, &key.verifying_key()), Ok(()));
        assert_eq!(signed.check_signature(&b, &key.verifying_key()), Err(DeltaError::Signature));
        assert_eq!(registry.apply(&signed.delta), Ok(()));
        assert_eq!(registry.root().to_field(), signed.delta.root);
        assert_eq!(registry.apply(&signed.delta), Err(DeltaError::Sequence));
    }

    #[test]
    fn a_refused_delta_changes_nothing() {
        let mut registry = Registry::default();
        let delta = registry.plan(Vec::from([write(0, 5), write(0, 6), write(3, 1)])).expect("slots within");
        registry.apply(&delta).expect("a good delta");
        let root = registry.root();
        let good = registry.plan(Vec::from([write(0, 0), write(0, 9)])).expect("slots within");
        let refused = [
            (Delta { root: Fr::from(1u64), ..good.clone() }, DeltaError::Root),
            (Delta { previous_root: Fr::from(1u64), ..good.clone() }, DeltaError::PreviousRoot),
            (Delta { sequence: 7, ..good.clone() }, DeltaError::Sequence),
            (Delta { writes: Vec::from([write(1, 1), write(1 << 24, 1)]), ..good.clone() }, DeltaError::Slot),
            (Delta { writes: Vec::from([write((1 << 24) - 1, 1)]), ..good.clone() }, DeltaError::Root),
        ];
        for (delta, error) in refused {
            assert_eq!(registry.apply(&delta), Err(error));
            assert_eq!((registry.root(), registry.sequence(), registry.size()), (root, 1, 4));
        }
        assert_eq!(registry.apply(&good), Ok(()));
    }

    #[test]
    fn a_sanctions_delta_round_trips_and_keeps_the_chain() {
        let ledger = LedgerId::derive(Network::Local, "a");
        let key = SigningKey::from_bytes(&[9; 32]);
        let mut list = SanctionsList::default();
        for serial in [40u128, 20] {
            let writes = list.list().plan_insert(serial).expect("not listed");
            let signed = list.plan(writes).expect("a chain").sign(&ledger, &key);
            assert_eq!(SignedDelta::from_bytes(&signed.to_bytes()), Ok(signed.clone()));
            assert_eq!(list.apply(&signed.delta), Ok(()));
        }
        let broken = list.plan(Vec::from([IndexedWrite { index: 0, leaf: None }]));
        assert_eq!(broken.err(), Some(DeltaError::List(ListError::BrokenChain)));
    }
}
