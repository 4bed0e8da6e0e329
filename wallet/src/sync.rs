//! Following the ledger: pages of notes, nullifiers and deltas, every root recomputed.

use ed25519_dalek::VerifyingKey;
use veilpay_api::ledger::{Block, Ledger, LedgerNote, MAX_PAGE};
use veilpay_api::text::Base64;
use veilpay_protocol::credential::Credential;
use veilpay_protocol::encryption::NoteCiphertext;
use veilpay_protocol::keys::SpendingKey;
use veilpay_protocol::nullifier::nullifier;
use veilpay_protocol::registry::{DeltaKind, RegistryKind, RegistryWrite, SanctionsKind, SignedDelta};
use veilpay_protocol::tracing::EpochTree;

use crate::chain::Chain;
use crate::error::WalletError;
use crate::state::{LedgerTerms, OwnCredential, OwnedNote, SentNote, WalletState};

/// Deltas of a page: each may hold thousands of writes.
const DELTA_PAGE: usize = 16;

/// Brings `state` to the ledger's tip. A ledger that rolled back is read anew from the start.
///
/// # Errors
/// [`WalletError`]; the state stays usable, and the next sync goes on where this one ended.
pub fn sync(state: &mut WalletState, key: &SpendingKey, chain: &impl Chain) -> Result<(), WalletError> {
    let ledger = chain.ledger()?;
    if state.stored.user.is_some_and(|user| user != key.user()) {
        *state = WalletState::new();
    }
    state.stored.user = Some(key.user());
    check_same_ledger(state, &ledger, key)?;
    check_checkpoint(&ledger)?;
    if rolled_back(state, &ledger, chain)? {
        state.forget();
    }
    read_registry(state, key, chain, &ledger)?;
    read_sanctions(state, chain, &ledger)?;
    read_notes(state, key, chain, &ledger.tip)?;
    read_nullifiers(state, chain, &ledger.tip)?;
    let roots_agree = state.tree.root() == ledger.tip.note_root.to_field()
        && state.registry.root() == ledger.tip.registry_root
        && state.sanctions.root() == ledger.tip.sanctions_root;
    if !roots_agree {
        // What was read is not the ledger's: nothing of it may stay.
        state.forget();
        return Err(WalletError::RootMismatch);
    }
    state.remember(&ledger);
    Ok(())
}

fn check_same_ledger(state: &mut WalletState, ledger: &Ledger, key: &SpendingKey) -> Result<(), WalletError> {
    let terms = LedgerTerms::of(ledger)?;
    let same = *state.stored.terms.get_or_insert(terms.clone()) == terms
        && key.network() == ledger.network
        && ledger.network.parameters() == ledger.parameters;
    if same { Ok(()) } else { Err(WalletError::AnotherLedger) }
}

/// The checkpoint is the latest one before the tip, and nothing in it is later than the tip.
fn check_checkpoint(ledger: &Ledger) -> Result<(), WalletError> {
    let (tip, checkpoint, interval) = (&ledger.tip, &ledger.checkpoint, ledger.parameters.checkpoint_interval);
    let fits = checkpoint.height == tip.height - tip.height % interval.max(1)
        && checkpoint.time <= tip.time
        && checkpoint.tree_size <= tip.tree_size
        && checkpoint.nullifiers <= tip.nullifiers
        && checkpoint.registry_sequence <= tip.registry_sequence
        && checkpoint.sanctions_sequence <= tip.sanctions_sequence;
    if fits { Ok(()) } else { Err(WalletError::BadAnswer) }
}

/// Whether the last block that was read is no longer on the ledger.
fn rolled_back(state: &WalletState, ledger: &Ledger, chain: &impl Chain) -> Result<bool, WalletError> {
    let Some(tip) = &state.stored.tip else { return Ok(false) };
    let behind = state.tree.size() > ledger.tip.tree_size
        || state.stored.nullifiers > ledger.tip.nullifiers
        || state.registry.sequence() > ledger.tip.registry_sequence
        || state.sanctions.sequence() > ledger.tip.sanctions_sequence;
    if behind || tip.height > ledger.tip.height {
        return Ok(true);
    }
    Ok(chain.blocks(tip.height, 1)?.blocks.first() != Some(tip))
}

fn read_notes(state: &mut WalletState, key: &SpendingKey, chain: &impl Chain, tip: &Block) -> Result<(), WalletError> {
    while state.tree.size() < tip.tree_size {
        let page = chain.notes(state.tree.size(), MAX_PAGE)?;
        let before = state.tree.size();
        for note in page.notes.iter().take_while(|note| note.index < tip.tree_size) {
            take_note(state, key, note)?;
        }
        if state.tree.size() == before {
            return Err(WalletError::BadAnswer);
        }
    }
    Ok(())
}

fn take_note(state: &mut WalletState, key: &SpendingKey, entry: &LedgerNote) -> Result<(), WalletError> {
    if entry.index != state.tree.size() {
        return Err(WalletError::BadAnswer);
    }
    let ciphertext = NoteCiphertext::from_bytes(&entry.ciphertext.0)?;
    let viewing = key.viewing();
    let position = u32::try_from(entry.index).map_err(|_| WalletError::BadAnswer)?;
    state.tree.append(entry.commitment.to_field()).map_err(|_| WalletError::BadAnswer)?;
    state.stored.commitments.push(entry.commitment);
    if let Some(received) = ciphertext.receive(viewing.incoming(), entry.commitment) {
        let nf = nullifier(viewing.proof().nk, received.note.rcm, position, false);
        state.by_nullifier.insert(nf, state.stored.notes.len());
        state.stored.notes.push(OwnedNote {
            position,
            owner: received.note.owner,
            diversifier: received.diversifier,
            asset: received.note.asset,
            value: received.note.value,
            rcm: received.note.rcm,
            nullifier: nf,
            memo: received.memo.text().filter(|text| !text.is_empty()).map(str::to_owned),
            height: entry.height,
            txid: entry.txid,
            from_self: ciphertext.recover(viewing.outgoing(), entry.commitment).is_some(),
            spent: None,
        });
    } else if let Some(sent) = ciphertext.recover(viewing.outgoing(), entry.commitment) {
        state.stored.sent.push(SentNote {
            position: entry.index,
            owner: sent.note.owner,
            asset: sent.note.asset,
            value: sent.note.value,
            memo: sent.memo.text().filter(|text| !text.is_empty()).map(str::to_owned),
            height: entry.height,
            txid: entry.txid,
        });
    }
    Ok(())
}

fn read_nullifiers(state: &mut WalletState, chain: &impl Chain, tip: &Block) -> Result<(), WalletError> {
    while state.stored.nullifiers < tip.nullifiers {
        let page = chain.nullifiers(state.stored.nullifiers, MAX_PAGE)?;
        if page.nullifiers.is_empty() {
            return Err(WalletError::BadAnswer);
        }
        let left = usize::try_from(tip.nullifiers - state.stored.nullifiers).unwrap_or(usize::MAX);
        for entry in page.nullifiers.iter().take(left) {
            state.stored.nullifiers += 1;
            if let Some(index) = state.by_nullifier.get(&entry.nullifier) {
                state.stored.notes[*index].spent = Some((entry.height, entry.txid));
            }
        }
    }
    Ok(())
}

/// The next signed deltas of a list, each checked against the issuer's key.
fn signed_page<K: DeltaKind>(page: Vec<Base64>, ledger: &Ledger) -> Result<Vec<(Base64, SignedDelta<K>)>, WalletError> {
    if page.is_empty() {
        return Err(WalletError::BadAnswer);
    }
    let issuer = VerifyingKey::from_bytes(&ledger.issuer.0).map_err(|_| WalletError::BadAnswer)?;
    page.into_iter()
        .map(|bytes| {
            let delta = SignedDelta::from_bytes(&bytes.0)?;
            delta.check_signature(&ledger.ledger, &issuer)?;
            Ok((bytes, delta))
        })
        .collect()
}

fn read_registry(
    state: &mut WalletState,
    key: &SpendingKey,
    chain: &impl Chain,
    ledger: &Ledger,
) -> Result<(), WalletError> {
    while state.registry.sequence() < ledger.tip.registry_sequence {
        let page = chain.registry(state.registry.sequence(), DELTA_PAGE)?;
        for (bytes, signed) in signed_page::<RegistryKind>(page.deltas, ledger)? {
            if state.registry.sequence() == ledger.tip.registry_sequence {
                break;
            }
            state.registry.apply(&signed.delta)?;
            state.stored.registry.push(bytes);
            for write in &signed.delta.writes {
                if let Some(credential) = own_credential(key, write) {
                    state.stored.credential = Some(credential);
                }
            }
        }
    }
    Ok(())
}

/// The credential that a write gives this wallet: its record opens, and the leaf is that of this wallet's own keys (C5).
fn own_credential(key: &SpendingKey, write: &RegistryWrite) -> Option<OwnCredential> {
    let record = write.ciphertext.open(key.enrolment(), &write.leaf)?;
    let keys = EpochTree::keys(key.viewing().expose_trk(), record.first_epoch);
    let credential = Credential {
        user: key.user(),
        trace_root: EpochTree::new(record.first_epoch, &keys).root(),
        attributes: record.attributes,
        serial: record.serial,
    };
    if credential.leaf() != write.leaf {
        return None;
    }
    Some(OwnCredential {
        index: write.index,
        attributes: record.attributes,
        serial: record.serial,
        first_epoch: record.first_epoch,
        leaf: write.leaf,
    })
}

fn read_sanctions(state: &mut WalletState, chain: &impl Chain, ledger: &Ledger) -> Result<(), WalletError> {
    while state.sanctions.sequence() < ledger.tip.sanctions_sequence {
        let page = chain.sanctions(state.sanctions.sequence(), DELTA_PAGE)?;
        for (bytes, signed) in signed_page::<SanctionsKind>(page.deltas, ledger)? {
            if state.sanctions.sequence() == ledger.tip.sanctions_sequence {
                break;
            }
            state.sanctions.apply(&signed.delta)?;
            state.stored.sanctions.push(bytes);
        }
    }
    Ok(())
}
