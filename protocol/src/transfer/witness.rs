//! What the prover of a transfer is told, and the public values that follow from it.

use alloc::vec::Vec;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::address::{Diversifier, Owner};
use crate::credential::{Credential, CredentialWitness};
use crate::curve::{Point, mul_generator};
use crate::field::{Fr, Fs};
use crate::keys::{Account, IdentityCommitment, UserId};
use crate::merkle::{NOTE_DEPTH, Path};
use crate::note::{AssetId, NoteCommitment, commitment};
use crate::nullifier::{Nullifier, nullifier};
use crate::tracing::{EpochWitness, TracePlaintext, TraceRoot, TracedOutput};

/// One spent note, or a dummy in its place.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct InputWitness {
    /// The diversifier of the address that was paid.
    pub diversifier: Diversifier,
    /// The lane: false for the public asset F, true for the hidden asset A.
    pub in_hidden_asset: bool,
    /// The value.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::decimal"))]
    pub value: u64,
    /// The commitment randomness.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::fr"))]
    pub rcm: Fr,
    /// Whether this is a dummy: no value, not in the tree.
    pub is_dummy: bool,
    /// The path of the commitment; its index is `pos`.
    #[zeroize(skip)]
    pub path: Path<NOTE_DEPTH>,
}

/// One note made.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct OutputWitness {
    /// The one-time owner.
    #[zeroize(skip)]
    pub owner: Owner,
    /// The lane: false for the public asset F, true for the hidden asset A.
    pub in_hidden_asset: bool,
    /// The value.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::decimal"))]
    pub value: u64,
    /// The commitment randomness.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::fr"))]
    pub rcm: Fr,
}

/// The secret values of a transfer. Knowing them is enough to prove it, not to sign it.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct TransferWitness {
    /// The spend-authorising key.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::point"))]
    pub ak: Point,
    /// The nullifier key.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::fr"))]
    pub nk: Fr,
    /// The identity commitment.
    #[zeroize(skip)]
    pub idc: IdentityCommitment,
    /// The re-randomiser.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::fs"))]
    pub alpha: Fs,
    /// The hidden asset A.
    #[zeroize(skip)]
    pub asset: AssetId,
    /// The notes spent.
    pub inputs: Vec<InputWitness>,
    /// The notes made.
    pub outputs: Vec<OutputWitness>,
    /// The payer's credential.
    pub credential: CredentialWitness,
    /// The current epoch's key.
    pub epoch: EpochWitness,
}

impl TransferWitness {
    /// `account = H_ACCT(ak.x, ak.y, nk)`.
    #[must_use]
    pub fn account(&self) -> Account {
        Account::derive(&self.ak, self.nk)
    }

    /// The asset of a lane.
    #[must_use]
    pub fn lane_asset(&self, asset_pub: AssetId, in_hidden_asset: bool) -> AssetId {
        if in_hidden_asset { self.asset } else { asset_pub }
    }

    /// The commitment of an input's note (T2).
    #[must_use]
    pub fn input_commitment(&self, account: Account, asset_pub: AssetId, input: &InputWitness) -> NoteCommitment {
        let owner = Owner::derive(account, &input.diversifier);
        commitment(owner, self.lane_asset(asset_pub, input.in_hidden_asset), input.value, input.rcm)
    }

    /// The nullifier of an input (T2).
    #[must_use]
    pub fn input_nullifier(&self, input: &InputWitness) -> Nullifier {
        let position = u32::try_from(input.path.index()).expect("a note path has 16 base-4 digits, which are 32 bits");
        nullifier(self.nk, input.rcm, position, input.is_dummy)
    }

    /// The commitment of an output's note (N1).
    #[must_use]
    pub fn output_commitment(&self, asset_pub: AssetId, output: &OutputWitness) -> NoteCommitment {
        commitment(output.owner, self.lane_asset(asset_pub, output.in_hidden_asset), output.value, output.rcm)
    }

    /// `rk = ak + alpha * G` (T6).
    pub fn randomized_key(&self) -> Point {
        (self.ak + mul_generator(&self.alpha)).into()
    }

    /// The credential that the registry must hold (T7), for the trace root that the epoch key leads to.
    #[must_use]
    pub fn credential(&self, epoch: u64) -> Credential {
        Credential {
            user: UserId::derive(self.account(), self.idc),
            trace_root: TraceRoot::new(self.epoch.path.root(self.epoch.key.leaf(epoch))),
            attributes: self.credential.attributes,
            serial: self.credential.serial,
        }
    }

    /// What the trace tells (T9).
    #[must_use]
    pub fn trace_plaintext(&self) -> TracePlaintext {
        let outputs = self
            .outputs
            .iter()
            .map(|o| TracedOutput { owner: o.owner, value: o.value, in_hidden_asset: o.in_hidden_asset })
            .collect();
        TracePlaintext { asset: self.asset, outputs }
    }
}
