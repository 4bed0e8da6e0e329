//! The ledger's values as they travel.

use veilpay_api::ledger as wire;
use veilpay_api::registry::Deltas;
use veilpay_api::text::{Base64, Hex32, Timestamp};
use veilpay_api::transactions::TransactionStatus;
use veilpay_ledger::{
    Block, BlockKind, CircuitStatus, Content, DeltaRecord, LedgerView as _, NoteFrontier, NoteRecord, Receipt,
    SqliteLedger, StoreError,
};
use veilpay_protocol::note::{AssetId, NoteRoot};
use veilpay_protocol::registry::{DeltaError, DeltaKind};
use veilpay_protocol::transaction::TransparentKey;

pub(super) fn status(receipt: &Receipt) -> TransactionStatus {
    let (height, time) = (receipt.height, Timestamp(receipt.time));
    TransactionStatus { txid: receipt.txid, status: "accepted".to_owned(), height, time }
}

pub(super) fn block(block: &Block) -> wire::Block {
    let roots = &block.roots;
    wire::Block {
        height: block.height,
        time: Timestamp(block.time),
        tree_size: roots.note_count,
        nullifiers: roots.nullifier_count,
        note_root: roots.note_root,
        registry_root: roots.registry_root,
        registry_sequence: roots.registry_sequence,
        sanctions_root: roots.sanctions_root,
        sanctions_sequence: roots.sanctions_sequence,
        kind: block.kind.name().to_owned(),
        change: None,
        previous: Hex32(*block.previous.as_bytes()),
        hash: Hex32(*block.hash.as_bytes()),
    }
}

/// The block, and what it changed of a circuit's version.
pub(super) fn block_of(ledger: &SqliteLedger, of: &Block) -> Result<wire::Block, StoreError> {
    let mut shown = block(of);
    if matches!(of.kind, BlockKind::Circuit | BlockKind::Key) {
        shown.change = match ledger.content(of)? {
            Content::Circuit(circuit, version, status) => {
                Some(wire::VersionChange { circuit, version, state: status.name().to_owned(), vk_digest: None })
            }
            Content::Key(key) => {
                let (info, state) = (key.info(), CircuitStatus::Enabled.name().to_owned());
                let (circuit, version, vk_digest) = (info.circuit, info.version, Some(Hex32(key.digest())));
                Some(wire::VersionChange { circuit, version, state, vk_digest })
            }
            _ => None,
        };
    }
    Ok(shown)
}

pub(super) fn summary(ledger: &SqliteLedger, checkpoint: &Block) -> wire::Ledger {
    let genesis = ledger.genesis();
    let pools = ledger.pools();
    let inside = |id: AssetId| pools.iter().filter(|(pool, _)| pool.asset == id).map(|(_, amount)| amount).sum();
    let asset = |asset: &veilpay_ledger::Asset| wire::Asset {
        id: asset.id(),
        code: asset.code.clone(),
        decimals: asset.decimals,
        minimum_fee: asset.minimum_fee,
        pool: inside(asset.id()),
    };
    wire::Ledger {
        network: genesis.network,
        ledger: ledger.ledger_id(),
        parameters: ledger.parameters(),
        tip: block(ledger.tip()),
        checkpoint: block(checkpoint),
        assets: ledger.assets().iter().map(asset).collect(),
        issuer: Hex32(*genesis.issuer.as_bytes()),
        escrow: Hex32(*genesis.escrow_agent.as_bytes()),
        fee_collector: Hex32(*genesis.fee_collector.as_bytes()),
    }
}

pub(super) fn note(note: &NoteRecord) -> wire::LedgerNote {
    wire::LedgerNote {
        index: note.position,
        commitment: note.commitment,
        ciphertext: Base64(note.ciphertext.to_vec()),
        height: note.height,
        txid: note.txid,
    }
}

pub(super) fn frontier(frontier: &NoteFrontier) -> wire::Frontier {
    let level = |nodes: &Vec<_>| nodes.iter().map(|node| NoteRoot::new(*node)).collect();
    wire::Frontier { tree_size: frontier.size(), levels: frontier.levels().iter().map(level).collect() }
}

pub(super) fn account(key: TransparentKey, balances: &[(AssetId, u64)]) -> wire::Account {
    let balance = |&(asset, amount)| wire::Balance { asset, amount };
    wire::Account { key: Hex32(*key.as_bytes()), balances: balances.iter().map(balance).collect() }
}

/// A list's sequence and root.
pub(super) fn registry_head(ledger: &SqliteLedger) -> (u64, [u8; 32]) {
    (ledger.registry().sequence(), ledger.tip().roots.registry_root.to_bytes())
}

/// A list's sequence and root.
pub(super) fn sanctions_head(ledger: &SqliteLedger) -> (u64, [u8; 32]) {
    (ledger.sanctions().sequence(), ledger.tip().roots.sanctions_root.to_bytes())
}

pub(super) fn deltas<K: DeltaKind>(
    ledger: &SqliteLedger,
    head: fn(&SqliteLedger) -> (u64, [u8; 32]),
    deltas: &[DeltaRecord<K>],
) -> Deltas {
    let (sequence, root) = head(ledger);
    let deltas = deltas.iter().map(|record| Base64(record.delta.to_bytes())).collect();
    Deltas { sequence, root: Hex32(root), deltas }
}

/// The clause of PROTOCOL that a delta breaks.
pub(super) const fn delta_rule(error: &DeltaError) -> &'static str {
    match error {
        DeltaError::Slot => "C2",
        DeltaError::List(_) => "C3",
        _ => "C4",
    }
}
