//! What a wallet knows: notes, lists, its own credential. All of it can be had anew from the twenty-four words (K6).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use veilpay_api::ledger::{Asset, Block, Ledger};
use veilpay_api::text::{Base64, Hex32};
use veilpay_protocol::address::{Diversifier, Owner};
use veilpay_protocol::credential::{Attributes, Serial};
use veilpay_protocol::field::Fr;
use veilpay_protocol::keys::UserId;
use veilpay_protocol::merkle::{NOTE_DEPTH, Tree};
use veilpay_protocol::note::{AssetId, Note, NoteCommitment};
use veilpay_protocol::nullifier::Nullifier;
use veilpay_protocol::params::Parameters;
use veilpay_protocol::registry::{Registry, RegistryKind, SanctionsKind, SanctionsList, SignedDelta};
use veilpay_protocol::transaction::{LedgerId, TxId};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::WalletError;

/// A note that this wallet owns.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct OwnedNote {
    /// The position in the tree.
    pub position: u32,
    /// The one-time owner.
    #[zeroize(skip)]
    pub owner: Owner,
    /// The address that was paid.
    pub diversifier: Diversifier,
    /// The asset.
    #[zeroize(skip)]
    pub asset: AssetId,
    /// The amount.
    #[serde(with = "veilpay_protocol::serde_text::decimal")]
    pub value: u64,
    /// The commitment randomness.
    #[serde(with = "veilpay_protocol::serde_text::fr")]
    pub rcm: Fr,
    /// What spending it will publish.
    #[zeroize(skip)]
    pub nullifier: Nullifier,
    /// The memo, where it is text.
    pub memo: Option<String>,
    /// The height at which it came.
    pub height: u64,
    /// The transaction that brought it.
    #[zeroize(skip)]
    pub txid: TxId,
    /// Whether this wallet sent it to itself: change, or what it shielded.
    pub from_self: bool,
    /// The height and the transaction at which it was spent.
    #[zeroize(skip)]
    pub spent: Option<(u64, TxId)>,
}

impl OwnedNote {
    /// The note.
    #[must_use]
    pub fn note(&self) -> Note {
        Note { owner: self.owner, asset: self.asset, value: self.value, rcm: self.rcm }
    }
}

/// A note that this wallet sent to somebody else.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct SentNote {
    /// Its position in the tree.
    pub position: u64,
    /// The one-time owner.
    #[zeroize(skip)]
    pub owner: Owner,
    /// The asset.
    #[zeroize(skip)]
    pub asset: AssetId,
    /// The amount.
    #[serde(with = "veilpay_protocol::serde_text::decimal")]
    pub value: u64,
    /// The memo, where it is text.
    pub memo: Option<String>,
    /// The height.
    pub height: u64,
    /// The transaction.
    #[zeroize(skip)]
    pub txid: TxId,
}

/// This wallet's credential, as its issuer wrote it.
#[derive(Clone, Serialize, Deserialize)]
pub struct OwnCredential {
    /// The slot in the registry.
    pub index: u32,
    /// What it says.
    pub attributes: Attributes,
    /// Its serial.
    pub serial: Serial,
    /// The first epoch whose key it covers.
    pub first_epoch: u64,
    /// The leaf.
    #[serde(with = "veilpay_protocol::serde_text::fr")]
    pub leaf: Fr,
}

/// What a ledger's genesis fixes and a wallet relies on. It is remembered from the first sync: a server that tells something
/// else later is refused, so that nobody on the way can raise a fee, turn it to himself, or rename an asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerTerms {
    /// The ledger.
    pub ledger: LedgerId,
    /// The issuer's key.
    pub issuer: Hex32,
    /// The escrow agent's key.
    pub escrow: Hex32,
    /// Where fees go.
    pub fee_collector: Hex32,
    /// Identifier, code, decimals and minimum fee of each asset.
    pub assets: Vec<(AssetId, String, u8, u64)>,
}

impl LedgerTerms {
    /// The terms that a ledger tells.
    ///
    /// # Errors
    /// [`WalletError::BadAnswer`] for an asset with more decimals than a u64 has digits.
    pub fn of(ledger: &Ledger) -> Result<Self, WalletError> {
        if ledger.assets.iter().any(|asset| asset.decimals > 19) {
            return Err(WalletError::BadAnswer);
        }
        let asset = |asset: &Asset| (asset.id, asset.code.clone(), asset.decimals, asset.minimum_fee);
        Ok(Self {
            ledger: ledger.ledger,
            issuer: ledger.issuer,
            escrow: ledger.escrow,
            fee_collector: ledger.fee_collector,
            assets: ledger.assets.iter().map(asset).collect(),
        })
    }
}

/// What a wallet stores between runs. It names notes and holds their openings: keep it as safe as the words.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct StoredState {
    /// Whose state this is: another wallet takes it as empty.
    pub user: Option<UserId>,
    /// The ledger's terms, as first seen.
    pub terms: Option<LedgerTerms>,
    /// The ledger's parameters.
    pub parameters: Option<Parameters>,
    /// The latest block.
    pub tip: Option<Block>,
    /// The latest checkpoint.
    pub checkpoint: Option<Block>,
    /// The assets.
    pub assets: Vec<Asset>,
    /// Every commitment, in order.
    pub commitments: Vec<NoteCommitment>,
    /// Nullifiers read so far.
    pub nullifiers: u64,
    /// Own notes by nullifier.
    pub notes: Vec<OwnedNote>,
    /// Notes sent.
    pub sent: Vec<SentNote>,
    /// Registry deltas, in order.
    pub registry: Vec<Base64>,
    /// Sanctions deltas, in order.
    pub sanctions: Vec<Base64>,
    /// The credential, when there is one.
    pub credential: Option<OwnCredential>,
    /// Nullifiers that a submitted transaction will publish, and the height after which it no longer can.
    pub pending: Vec<(Nullifier, u64)>,
}

/// A wallet's state, with the trees in memory.
#[derive(Default)]
pub struct WalletState {
    pub(crate) stored: StoredState,
    pub(crate) tree: Tree<NOTE_DEPTH>,
    pub(crate) registry: Registry,
    pub(crate) sanctions: SanctionsList,
    pub(crate) by_nullifier: BTreeMap<Nullifier, usize>,
}

/// One asset's balance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetBalance {
    /// What can be spent now.
    #[serde(with = "veilpay_protocol::serde_text::decimal")]
    pub spendable: u64,
    /// What a submitted transaction spends, or what waits for a checkpoint.
    #[serde(with = "veilpay_protocol::serde_text::decimal")]
    pub pending: u64,
}

impl WalletState {
    /// An empty state: the next sync reads everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A stored state with its trees built anew.
    ///
    /// # Errors
    /// [`WalletError::BadState`] when what is stored does not belong together.
    pub fn load(stored: StoredState) -> Result<Self, WalletError> {
        let mut state = Self { stored, ..Self::default() };
        for commitment in &state.stored.commitments {
            state.tree.append(commitment.to_field()).map_err(|_| WalletError::BadState)?;
        }
        state.registry = state.registry_at(state.stored.registry.len() as u64)?;
        state.sanctions = state.sanctions_at(state.stored.sanctions.len() as u64)?;
        state.by_nullifier = state.stored.notes.iter().enumerate().map(|(i, note)| (note.nullifier, i)).collect();
        Ok(state)
    }

    /// What to store.
    #[must_use]
    pub const fn stored(&self) -> &StoredState {
        &self.stored
    }

    pub(crate) fn registry_at(&self, sequence: u64) -> Result<Registry, WalletError> {
        let mut registry = Registry::default();
        for bytes in self.stored.registry.iter().take(usize::try_from(sequence).unwrap_or(usize::MAX)) {
            registry.apply(&SignedDelta::<RegistryKind>::from_bytes(&bytes.0)?.delta)?;
        }
        Ok(registry)
    }

    pub(crate) fn sanctions_at(&self, sequence: u64) -> Result<SanctionsList, WalletError> {
        let mut list = SanctionsList::default();
        for bytes in self.stored.sanctions.iter().take(usize::try_from(sequence).unwrap_or(usize::MAX)) {
            list.apply(&SignedDelta::<SanctionsKind>::from_bytes(&bytes.0)?.delta)?;
        }
        Ok(list)
    }

    /// Forgets what the ledger told, but not which ledger it is nor what is on its way there.
    pub(crate) fn forget(&mut self) {
        let StoredState { user, terms, pending, .. } = core::mem::take(&mut self.stored);
        *self = Self { stored: StoredState { user, terms, pending, ..StoredState::default() }, ..Self::default() };
    }

    /// Takes every note as unspent until the next sync has read all nullifiers anew.
    pub(crate) fn reread_nullifiers(&mut self) {
        self.stored.nullifiers = 0;
        self.stored.notes.iter_mut().for_each(|note| note.spent = None);
    }

    /// The ledger's terms, once they are known.
    #[must_use]
    pub const fn terms(&self) -> Option<&LedgerTerms> {
        self.stored.terms.as_ref()
    }

    pub(crate) fn remember(&mut self, ledger: &Ledger) {
        self.stored.parameters = Some(ledger.parameters);
        self.stored.tip = Some(ledger.tip.clone());
        self.stored.checkpoint = Some(ledger.checkpoint.clone());
        self.stored.assets.clone_from(&ledger.assets);
        let height = ledger.tip.height;
        let Self { stored, by_nullifier, .. } = self;
        let notes = &stored.notes;
        stored.pending.retain(|(nullifier, expiry)| {
            let spent = by_nullifier.get(nullifier).is_some_and(|i| notes[*i].spent.is_some());
            !spent && height <= *expiry
        });
    }

    /// The latest block that this wallet has read.
    #[must_use]
    pub const fn tip(&self) -> Option<&Block> {
        self.stored.tip.as_ref()
    }

    /// The registry, as far as it was read.
    #[must_use]
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The sanctions list, as far as it was read.
    #[must_use]
    pub const fn sanctions(&self) -> &SanctionsList {
        &self.sanctions
    }

    /// Every note that this wallet owns or owned.
    #[must_use]
    pub fn notes(&self) -> &[OwnedNote] {
        &self.stored.notes
    }

    /// Every note that this wallet sent to others.
    #[must_use]
    pub fn sent(&self) -> &[SentNote] {
        &self.stored.sent
    }

    /// The credential.
    #[must_use]
    pub const fn credential(&self) -> Option<&OwnCredential> {
        self.stored.credential.as_ref()
    }

    /// How this wallet stands: whether it may pay at `now`.
    ///
    /// # Errors
    /// [`WalletError`] saying why it may not.
    pub fn standing(&self, now: u64) -> Result<&OwnCredential, WalletError> {
        let own = self.credential().ok_or(WalletError::NotEnrolled)?;
        if self.registry.leaf(own.index) != own.leaf {
            return Err(WalletError::Revoked);
        }
        if self.sanctions.list().contains(own.serial.get()) {
            return Err(WalletError::Sanctioned);
        }
        if own.attributes.expiry() < now {
            return Err(WalletError::CredentialExpired);
        }
        Ok(own)
    }

    /// The assets that the ledger knows.
    #[must_use]
    pub fn assets(&self) -> &[Asset] {
        &self.stored.assets
    }

    /// The asset of this code or identifier.
    ///
    /// # Errors
    /// [`WalletError::UnknownAsset`].
    pub fn asset(&self, name: &str) -> Result<&Asset, WalletError> {
        let found = self
            .stored
            .assets
            .iter()
            .find(|asset| asset.code.eq_ignore_ascii_case(name) || asset.id.to_string() == name);
        found.ok_or(WalletError::UnknownAsset)
    }

    /// The asset with this identifier.
    ///
    /// # Errors
    /// [`WalletError::UnknownAsset`].
    pub fn asset_by_id(&self, id: AssetId) -> Result<&Asset, WalletError> {
        self.stored.assets.iter().find(|asset| asset.id == id).ok_or(WalletError::UnknownAsset)
    }

    fn is_pending(&self, nullifier: &Nullifier) -> bool {
        self.stored.pending.iter().any(|(pending, _)| pending == nullifier)
    }

    /// Notes of an asset that can be spent now: unspent, not in a submitted transaction, under the checkpoint's root.
    pub fn spendable(&self, asset: AssetId) -> impl Iterator<Item = &OwnedNote> {
        let size = self.stored.checkpoint.as_ref().map_or(0, |block| block.tree_size);
        self.stored.notes.iter().filter(move |note| {
            note.asset == asset
                && note.value > 0
                && note.spent.is_none()
                && u64::from(note.position) < size
                && !self.is_pending(&note.nullifier)
        })
    }

    /// Balances per asset that is held.
    #[must_use]
    pub fn balances(&self) -> BTreeMap<AssetId, AssetBalance> {
        let mut balances: BTreeMap<AssetId, AssetBalance> = BTreeMap::new();
        for note in self.stored.notes.iter().filter(|note| note.spent.is_none() && note.value > 0) {
            let balance = balances.entry(note.asset).or_default();
            balance.pending = balance.pending.saturating_add(note.value);
        }
        for (asset, balance) in &mut balances {
            balance.spendable = self.spendable(*asset).fold(0, |sum, note| sum.saturating_add(note.value));
            balance.pending = balance.pending.saturating_sub(balance.spendable);
        }
        balances
    }

    /// Reserves the notes of a submitted transaction until it is in a block or can no longer be.
    pub(crate) fn reserve(&mut self, nullifiers: impl IntoIterator<Item = Nullifier>, expiry_height: u64) {
        let new = |n: &Nullifier| self.by_nullifier.contains_key(n) && !self.is_pending(n);
        let known: Vec<_> = nullifiers.into_iter().filter(new).collect();
        self.stored.pending.extend(known.into_iter().map(|nullifier| (nullifier, expiry_height)));
    }

    /// Gives the notes of a rejected transaction free again.
    pub(crate) fn release(&mut self, nullifiers: &[Nullifier]) {
        self.stored.pending.retain(|(nullifier, _)| !nullifiers.contains(nullifier));
    }
}
