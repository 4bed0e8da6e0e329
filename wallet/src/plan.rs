//! From a wish to a statement, its witness and the body to sign. All randomness is drawn here, once (T6, X5).

use ed25519_dalek::SigningKey;
use rand::seq::SliceRandom;
use rand_core::{CryptoRng, RngCore};
use veilpay_api::ledger::Block;
use veilpay_protocol::address::{Address, Diversifier};
use veilpay_protocol::circuit::{CircuitId, Shape};
use veilpay_protocol::credential::CredentialWitness;
use veilpay_protocol::encryption::{Memo, NoteCiphertext, NoteSeed, OutgoingNote};
use veilpay_protocol::field::Fr;
use veilpay_protocol::hash::Transcript;
use veilpay_protocol::keys::SpendingKey;
use veilpay_protocol::merkle::Path;
use veilpay_protocol::note::{AssetId, NoteCommitment};
use veilpay_protocol::nullifier::Nullifier;
use veilpay_protocol::params::Parameters;
use veilpay_protocol::statement::{self, Statement, Witness};
use veilpay_protocol::tags::Personal;
use veilpay_protocol::tracing::{EPOCHS_COVERED, EpochTree, EpochWitness, TraceTag};
use veilpay_protocol::transaction::{ExternalData, TransactionBody, TransparentKey};
use veilpay_protocol::transfer::{
    ExtHash, InputWitness, OutputWitness, TransferFields, TransferStatement, TransferWitness,
};

use crate::error::WalletError;
use crate::select::choose;
use crate::state::{OwnedNote, WalletState};

/// Diversifiers of change are drawn from the upper half of the indices, payment addresses from the lower.
const CHANGE_INDICES: u64 = 1 << 63;

/// What a person wants. Amounts are in the asset's smallest unit, and the fee comes on top.
#[derive(Clone)]
#[expect(clippy::large_enum_variant, reason = "a wish is made once and read once")]
pub enum Wish {
    /// Pay somebody.
    Send {
        /// Whom.
        to: Address,
        /// In which asset.
        asset: AssetId,
        /// How much the receiver gets.
        amount: u64,
        /// A message that the receiver alone reads.
        memo: Memo,
    },
    /// Bring transparent value into the pool, as a note to oneself.
    Shield {
        /// The asset.
        asset: AssetId,
        /// The note's value.
        amount: u64,
        /// The transparent account that pays amount and fee, and must sign.
        source: TransparentKey,
    },
    /// Take value out of the pool.
    Unshield {
        /// The asset.
        asset: AssetId,
        /// What the target gets.
        amount: u64,
        /// The transparent account that gets it.
        target: TransparentKey,
    },
}

impl Wish {
    /// A wish to shield from the account of `key`.
    #[must_use]
    pub fn shield_from(key: &SigningKey, asset: AssetId, amount: u64) -> Self {
        Self::Shield { asset, amount, source: TransparentKey::of(key) }
    }
}

/// A payment with everything fixed but the proof and the signatures. Holds a witness: no `Debug`.
pub struct Plan {
    pub(crate) statement: TransferStatement,
    pub(crate) witness: TransferWitness,
    pub(crate) body: TransactionBody,
    pub(crate) fee_asset: AssetId,
}

impl Plan {
    /// The circuit.
    #[must_use]
    pub const fn circuit(&self) -> CircuitId {
        self.statement.circuit()
    }

    /// The fee, and the asset that it is in.
    #[must_use]
    pub fn fee(&self) -> (u64, AssetId) {
        (self.statement.fee, self.fee_asset)
    }

    /// The public values, computed by the wallet itself.
    #[must_use]
    pub fn statement(&self) -> Statement {
        Statement::Transfer(self.statement.clone())
    }

    /// The secret values, for a prover.
    #[must_use]
    pub fn witness(&self) -> Witness {
        Witness::Transfer(self.witness.clone())
    }

    /// What will be signed.
    #[must_use]
    pub const fn body(&self) -> &TransactionBody {
        &self.body
    }
}

/// A payment before padding: which notes, in which lanes, with which public values.
struct Draft<'a> {
    asset_pub: AssetId,
    hidden: AssetId,
    inputs: Vec<(&'a OwnedNote, bool)>,
    outputs: Vec<(OutgoingNote, bool)>,
    v_pub_in: u64,
    v_pub_out: u64,
    fee: u64,
    external: ExternalData,
}

/// Plans a payment on the latest checkpoint; `now` is the wallet's own clock, unix seconds.
///
/// # Errors
/// [`WalletError`] saying what stands in the way; nothing was drawn or reserved.
pub fn plan(
    state: &WalletState,
    key: &SpendingKey,
    wish: &Wish,
    now: u64,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Plan, WalletError> {
    let base = Checkpoint::of(state, key, now)?;
    let mut draft = match wish {
        Wish::Send { to, asset, amount, memo } => draft_send(state, key, to, *asset, *amount, memo, rng)?,
        Wish::Shield { asset, amount, source } => draft_shield(state, key, *asset, *amount, *source, rng)?,
        Wish::Unshield { asset, amount, target } => draft_unshield(state, key, *asset, *amount, *target, rng)?,
    };
    let terms = state.terms().ok_or(WalletError::BadState)?;
    let collector = TransparentKey::from_bytes(&terms.fee_collector.0)?;
    draft.external.fee_collector = (draft.fee > 0).then_some(collector);
    complete(&base, state, key, draft, rng)
}

/// The fee that the ledger's terms fix for an asset.
fn fee_of(state: &WalletState, asset: AssetId) -> Result<u64, WalletError> {
    let terms = state.terms().ok_or(WalletError::UnknownAsset)?;
    let found = terms.assets.iter().find(|(id, ..)| *id == asset);
    found.map(|(.., fee)| *fee).ok_or(WalletError::UnknownAsset)
}

fn with_fee(amount: u64, fee: u64) -> Result<u64, WalletError> {
    if amount == 0 {
        return Err(WalletError::BadAmount);
    }
    amount.checked_add(fee).ok_or(WalletError::BadAmount)
}

/// A note to oneself, at an address of the change range that was never used.
fn to_self(key: &SpendingKey, asset: AssetId, value: u64, rng: &mut (impl RngCore + CryptoRng)) -> OutgoingNote {
    let address = key.address(CHANGE_INDICES | rng.next_u64());
    OutgoingNote { address, asset, value, seed: NoteSeed::generate(rng), memo: Memo::default() }
}

/// Notes for `needed` of one asset: two if that will do, else as many as the consolidating circuit takes.
fn gather(state: &WalletState, asset: AssetId, needed: u64) -> Result<Vec<(&OwnedNote, bool)>, WalletError> {
    let chosen = match choose(state.spendable(asset), needed, 2) {
        Err(WalletError::TooManyNotes) => choose(state.spendable(asset), needed, 8),
        other => other,
    };
    Ok(chosen?.into_iter().map(|note| (note, false)).collect())
}

fn sum(inputs: &[(&OwnedNote, bool)], hidden: bool) -> Result<u64, WalletError> {
    let mut values = inputs.iter().filter(|(_, lane)| *lane == hidden).map(|(note, _)| note.value);
    values.try_fold(0u64, u64::checked_add).ok_or(WalletError::BadAmount)
}

/// One note of the asset for the amount and one native note for the fee; nothing when that takes more notes than there is
/// room for, so that the fee must be paid in the asset itself.
fn choose_two_lanes(
    state: &WalletState,
    asset: AssetId,
    amount: u64,
    native_fee: u64,
) -> Result<Option<Vec<(&OwnedNote, bool)>>, WalletError> {
    with_fee(amount, 0)?;
    let lanes = [(choose(state.spendable(asset), amount, 1), true)]
        .into_iter()
        .chain([(choose(state.spendable(AssetId::native()), native_fee, 1), false)]);
    let mut chosen = Vec::new();
    for (notes, lane) in lanes {
        match notes {
            Ok(notes) => chosen.extend(notes.into_iter().map(|note| (note, lane))),
            Err(WalletError::TooManyNotes) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(Some(chosen))
}

fn draft_send<'a>(
    state: &'a WalletState,
    key: &SpendingKey,
    to: &Address,
    asset: AssetId,
    amount: u64,
    memo: &Memo,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Draft<'a>, WalletError> {
    let native = AssetId::native();
    let native_fee = fee_of(state, native)?;
    let native_held: u128 = state.spendable(native).map(|note| u128::from(note.value)).sum();
    // F is native unless none is held (X5); then the fee is in the asset itself, which shows it.
    let two_lanes = asset != native && native_held > 0 && native_held >= u128::from(native_fee);
    let payment =
        OutgoingNote { address: *to, asset, value: amount, seed: NoteSeed::generate(rng), memo: memo.clone() };
    let two_lanes = if two_lanes { choose_two_lanes(state, asset, amount, native_fee)? } else { None };
    let (asset_pub, fee, inputs, mut outputs);
    let spent;
    if let Some(chosen) = two_lanes {
        (asset_pub, fee, inputs, spent) = (native, native_fee, chosen, native_fee);
        let change = sum(&inputs, true)?.checked_sub(amount).ok_or(WalletError::BadState)?;
        outputs = vec![(payment, true), (to_self(key, asset, change, rng), true)];
    } else {
        (asset_pub, fee) = (asset, fee_of(state, asset)?);
        spent = with_fee(amount, fee)?;
        inputs = gather(state, asset, spent)?;
        outputs = vec![(payment, false)];
    }
    let change = sum(&inputs, false)?.checked_sub(spent).ok_or(WalletError::BadState)?;
    outputs.push((to_self(key, asset_pub, change, rng), false));
    let external = ExternalData::default();
    Ok(Draft { asset_pub, hidden: asset, inputs, outputs, v_pub_in: 0, v_pub_out: 0, fee, external })
}

fn draft_shield<'a>(
    state: &WalletState,
    key: &SpendingKey,
    asset: AssetId,
    amount: u64,
    source: TransparentKey,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Draft<'a>, WalletError> {
    let fee = fee_of(state, asset)?;
    Ok(Draft {
        asset_pub: asset,
        hidden: asset,
        inputs: Vec::new(),
        outputs: vec![(to_self(key, asset, amount, rng), false)],
        v_pub_in: with_fee(amount, fee)?,
        v_pub_out: 0,
        fee,
        external: ExternalData { source: Some(source), ..ExternalData::default() },
    })
}

fn draft_unshield<'a>(
    state: &'a WalletState,
    key: &SpendingKey,
    asset: AssetId,
    amount: u64,
    target: TransparentKey,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Draft<'a>, WalletError> {
    let fee = fee_of(state, asset)?;
    let needed = with_fee(amount, fee)?;
    let inputs = gather(state, asset, needed)?;
    let change = sum(&inputs, false)?.checked_sub(needed).ok_or(WalletError::BadState)?;
    Ok(Draft {
        asset_pub: asset,
        hidden: asset,
        inputs,
        outputs: vec![(to_self(key, asset, change, rng), false)],
        v_pub_in: 0,
        v_pub_out: amount,
        fee,
        external: ExternalData { target: Some(target), ..ExternalData::default() },
    })
}

/// The ledger at one checkpoint, and this wallet's credential there (X5).
struct Checkpoint<'a> {
    block: &'a Block,
    parameters: Parameters,
    credential: CredentialWitness,
    epoch: EpochWitness,
    epoch_number: u64,
}

impl<'a> Checkpoint<'a> {
    fn of(state: &'a WalletState, key: &SpendingKey, now: u64) -> Result<Self, WalletError> {
        let block = state.stored.checkpoint.as_ref().ok_or(WalletError::NotEnrolled)?;
        let parameters = state.stored.parameters.ok_or(WalletError::BadState)?;
        // The ledger would refuse another time (L3.6); a server that tells one is after the key of another epoch.
        if block.time.0.abs_diff(now) > parameters.clock_window_seconds {
            return Err(WalletError::Clock);
        }
        let own = state.credential().ok_or(WalletError::NotEnrolled)?;
        if state.registry.leaf(own.index) != own.leaf {
            return Err(WalletError::Revoked);
        }
        let registry = state.registry_at(block.registry_sequence)?;
        let sanctions = state.sanctions_at(block.sanctions_sequence)?;
        // The server told these roots; they must be those of the lists that this wallet has read itself.
        if registry.root() != block.registry_root || sanctions.root() != block.sanctions_root {
            return Err(WalletError::RootMismatch);
        }
        if registry.leaf(own.index) != own.leaf {
            return Err(WalletError::WaitForCheckpoint);
        }
        let now = block.time.0;
        let epoch_number = parameters.epoch(now);
        let covered = own.first_epoch..own.first_epoch.saturating_add(EPOCHS_COVERED);
        if own.attributes.expiry() < now || !covered.contains(&epoch_number) {
            return Err(WalletError::CredentialExpired);
        }
        let not_sanctioned = sanctions.list().non_membership(own.serial.get()).ok_or(WalletError::Sanctioned)?;
        let keys = EpochTree::keys(key.viewing().expose_trk(), own.first_epoch);
        let epoch_tree = EpochTree::new(own.first_epoch, &keys);
        let credential = CredentialWitness {
            attributes: own.attributes,
            serial: own.serial,
            registry_path: registry.path(own.index).map_err(|_| WalletError::BadState)?,
            not_sanctioned,
        };
        let path = epoch_tree.path(epoch_number).map_err(|_| WalletError::CredentialExpired)?;
        let epoch = EpochWitness { key: key.viewing().epoch_key(epoch_number), path };
        Ok(Self { block, parameters, credential, epoch, epoch_number })
    }
}

/// A dummy input: no value, no place in the tree, fresh randomness (T3).
fn dummy(rng: &mut (impl RngCore + CryptoRng)) -> Result<InputWitness, WalletError> {
    let mut random = [0; 64];
    rng.fill_bytes(&mut random);
    let mut diversifier = [0; 16];
    rng.fill_bytes(&mut diversifier);
    Ok(InputWitness {
        diversifier: Diversifier::new(diversifier),
        in_hidden_asset: false,
        value: 0,
        rcm: Transcript::new(Personal::RCM).fixed(&random).to_fr(),
        is_dummy: true,
        path: Path::empty(u64::from(rng.next_u32())).map_err(|_| WalletError::BadState)?,
    })
}

fn inputs_of(
    state: &WalletState,
    block: &Block,
    spent: &[(&OwnedNote, bool)],
    count: usize,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Vec<InputWitness>, WalletError> {
    let at_checkpoint;
    let tree = if state.tree.size() == block.tree_size {
        &state.tree
    } else {
        let mut tree = state.tree.clone();
        tree.truncate(block.tree_size);
        at_checkpoint = tree;
        &at_checkpoint
    };
    if tree.root() != block.note_root.to_field() {
        return Err(WalletError::RootMismatch);
    }
    let mut inputs = spent
        .iter()
        .map(|(note, lane)| {
            Ok(InputWitness {
                diversifier: note.diversifier,
                in_hidden_asset: *lane,
                value: note.value,
                rcm: note.rcm,
                is_dummy: false,
                path: tree.path(u64::from(note.position)).map_err(|_| WalletError::BadState)?,
            })
        })
        .collect::<Result<Vec<_>, WalletError>>()?;
    while inputs.len() < count {
        inputs.push(dummy(rng)?);
    }
    inputs.shuffle(rng);
    Ok(inputs)
}

/// Pads, shuffles, encrypts, draws alpha, and computes the public values.
fn complete(
    base: &Checkpoint<'_>,
    state: &WalletState,
    key: &SpendingKey,
    mut draft: Draft<'_>,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Plan, WalletError> {
    let circuit = if draft.inputs.len() > 2 { CircuitId::Transfer8x2 } else { CircuitId::Transfer2x3 };
    let Some(Shape { inputs, outputs }) = circuit.shape() else { return Err(WalletError::BadState) };
    if draft.outputs.len() > outputs {
        return Err(WalletError::TooManyNotes);
    }
    while draft.outputs.len() < outputs {
        draft.outputs.push((to_self(key, draft.asset_pub, 0, rng), false));
    }
    draft.outputs.shuffle(rng);
    let proof_key = key.viewing().proof();
    let mut witness = TransferWitness {
        ak: proof_key.ak,
        nk: proof_key.nk,
        idc: key.identity_commitment(),
        alpha: Default::default(),
        asset: draft.hidden,
        inputs: inputs_of(state, base.block, &draft.inputs, inputs, rng)?,
        outputs: draft.outputs.iter().map(|(note, lane)| output_of(note, *lane)).collect(),
        credential: base.credential.clone(),
        epoch: base.epoch.clone(),
    };
    let ciphertexts: Vec<NoteCiphertext> =
        draft.outputs.iter().map(|(note, _)| note.encrypt(key.viewing().outgoing())).collect();
    let ext_hash = draft.external.ext_hash(&ciphertexts);
    let nullifiers: Vec<Nullifier> = witness.inputs.iter().map(|input| witness.input_nullifier(input)).collect();
    let commitments: Vec<NoteCommitment> =
        witness.outputs.iter().map(|output| witness.output_commitment(draft.asset_pub, output)).collect();
    witness.alpha = key.draw_alpha(&context(&nullifiers, &commitments, ext_hash), rng);
    let statement = public_values(base, &draft, &witness, nullifiers, commitments, ext_hash)?;
    statement::check(&Statement::Transfer(statement.clone()), &Witness::Transfer(witness.clone()))
        .map_err(WalletError::Plan)?;
    let expiry = base.block.height.checked_add(base.parameters.transaction_expiry_blocks);
    let body = TransactionBody {
        version: statement.circuit().version(),
        ledger: state.terms().ok_or(WalletError::BadState)?.ledger,
        expiry_height: expiry.ok_or(WalletError::BadAnswer)?,
        statement: statement.clone(),
        ciphertexts,
        external: draft.external,
    };
    Ok(Plan { statement, witness, body, fee_asset: draft.asset_pub })
}

fn output_of(note: &OutgoingNote, lane: bool) -> OutputWitness {
    OutputWitness { owner: note.address.owner(), in_hidden_asset: lane, value: note.value, rcm: note.seed.rcm() }
}

fn context(nullifiers: &[Nullifier], commitments: &[NoteCommitment], ext_hash: ExtHash) -> Vec<Fr> {
    let nullifiers = nullifiers.iter().map(|x| x.to_field());
    nullifiers.chain(commitments.iter().map(|x| x.to_field())).chain([ext_hash.to_field()]).collect()
}

fn public_values(
    base: &Checkpoint<'_>,
    draft: &Draft<'_>,
    witness: &TransferWitness,
    nullifiers: Vec<Nullifier>,
    commitments: Vec<NoteCommitment>,
    ext_hash: ExtHash,
) -> Result<TransferStatement, WalletError> {
    let rk = witness.randomized_key();
    let (trace_tag, trace_ciphertext): (TraceTag, _) = witness.trace_plaintext().seal(&witness.epoch.key, rk.x);
    let fields = TransferFields {
        note_root: base.block.note_root,
        nullifiers,
        commitments,
        rk,
        asset_pub: draft.asset_pub,
        v_pub_in: draft.v_pub_in,
        v_pub_out: draft.v_pub_out,
        fee: draft.fee,
        registry_root: base.block.registry_root,
        sanctions_root: base.block.sanctions_root,
        now: base.block.time.0,
        epoch: base.epoch_number,
        trace_tag,
        trace_ciphertext,
        ext_hash,
    };
    fields.try_into().map_err(|_| WalletError::BadState)
}
