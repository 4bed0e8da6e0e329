//! Notes and their commitments (N1, N4).

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::address::Owner;
use crate::field::{Fr, field_newtype, power_of_two};
use crate::hash::Transcript;
use crate::poseidon2::compress;
use crate::tags::{Personal, Tag};

field_newtype! {
    /// A note's commitment `cm`, a leaf of the note tree.
    NoteCommitment
}
field_newtype! {
    /// A root of the note tree.
    NoteRoot
}
field_newtype! {
    /// An asset's identifier.
    AssetId
}

impl AssetId {
    /// The native asset.
    #[must_use]
    pub fn native() -> Self {
        Self::of(b"veilpay", b"native")
    }

    /// `H2F(issuer, code)` (N4).
    #[must_use]
    pub fn of(issuer: &[u8], code: &[u8]) -> Self {
        Self::new(Transcript::new(Personal::ASSET).variable(issuer).variable(code).to_fr())
    }
}

/// A note: who owns it, what it is worth, and the randomness that hides both.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Note {
    /// The one-time owner.
    #[zeroize(skip)]
    pub owner: Owner,
    /// The asset.
    #[zeroize(skip)]
    pub asset: AssetId,
    /// The amount in the asset's smallest unit.
    pub value: u64,
    /// The commitment randomness.
    pub rcm: Fr,
}

impl Note {
    /// `cm = C(owner, asset, value + 2^64 * TAG_NOTE, rcm)`.
    #[must_use]
    pub fn commitment(&self) -> NoteCommitment {
        commitment(self.owner, self.asset, self.value, self.rcm)
    }
}

/// `cm = C(owner, asset, value + 2^64 * TAG_NOTE, rcm)`; hiding because rcm is uniform, binding as `C` resists collisions.
#[must_use]
pub fn commitment(owner: Owner, asset: AssetId, value: u64, rcm: Fr) -> NoteCommitment {
    let word = Fr::from(value) + power_of_two(64) * Fr::from(Tag::Note as u64);
    NoteCommitment::new(compress([owner.to_field(), asset.to_field(), word, rcm]))
}
