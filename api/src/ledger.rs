//! What the ledger tells. Notes and nullifiers come in bulk: no route tells the server which note a wallet will spend (C4).

use serde::{Deserialize, Serialize};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::credential::{RegistryRoot, SanctionsRoot};
use veilpay_protocol::note::{AssetId, NoteCommitment, NoteRoot};
use veilpay_protocol::nullifier::Nullifier;
use veilpay_protocol::params::{Network, Parameters};
use veilpay_protocol::transaction::{LedgerId, TxId};

use crate::text::{Base64, Hex32, Timestamp};

/// Items of a page at most.
pub const MAX_PAGE: usize = 1000;

/// A block: what a wallet may build a transaction on when the height is a checkpoint (X5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// The height, 0 for the genesis block.
    pub height: u64,
    /// When it was made.
    pub time: Timestamp,
    /// Notes in the tree after it.
    pub tree_size: u64,
    /// Nullifiers in the set after it.
    pub nullifiers: u64,
    /// The note tree's root after it.
    pub note_root: NoteRoot,
    /// The registry's root after it.
    pub registry_root: RegistryRoot,
    /// Registry deltas applied by then.
    pub registry_sequence: u64,
    /// The sanctions list's root after it.
    pub sanctions_root: SanctionsRoot,
    /// Sanctions deltas applied by then.
    pub sanctions_sequence: u64,
    /// What it is about: `genesis`, `empty`, `transaction`, `registry`, `sanctions`, `circuit` or `key`.
    pub kind: String,
    /// The change of a circuit's version, in a block of kind `circuit` or `key`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub change: Option<VersionChange>,
    /// The hash of the block before it; zeros in the genesis block.
    pub previous: Hex32,
    /// Its hash. Another one at a height that was read before says that the ledger was rolled back.
    pub hash: Hex32,
}

/// What a block does to a circuit's version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionChange {
    /// The circuit.
    pub circuit: CircuitId,
    /// The version.
    pub version: u16,
    /// The state that it then has.
    pub state: String,
    /// The digest of the key that came in, in a block of kind `key`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub vk_digest: Option<Hex32>,
}

/// An asset that the ledger knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asset {
    /// The identifier.
    pub id: AssetId,
    /// A short name.
    pub code: String,
    /// Digits after the decimal point when shown.
    pub decimals: u8,
    /// The lowest fee in this asset, in its smallest unit.
    #[serde(with = "veilpay_protocol::serde_text::decimal")]
    pub minimum_fee: u64,
    /// Value inside the pool.
    #[serde(with = "veilpay_protocol::serde_text::decimal")]
    pub pool: u64,
}

/// `GET /v1/ledger`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// The network.
    pub network: Network,
    /// The ledger's identifier.
    pub ledger: LedgerId,
    /// The parameters.
    pub parameters: Parameters,
    /// The latest block.
    pub tip: Block,
    /// The latest block at a height that is a multiple of the checkpoint interval.
    pub checkpoint: Block,
    /// The assets.
    pub assets: Vec<Asset>,
    /// The key that signs registry and sanctions deltas.
    pub issuer: Hex32,
    /// The escrow agent's key, which signs trace roots.
    pub escrow: Hex32,
    /// The account that wallets send fees to, the same for all (X5).
    pub fee_collector: Hex32,
}

/// `GET /v1/ledger/blocks?from=&limit=`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocks {
    /// Blocks in order of height.
    pub blocks: Vec<Block>,
}

/// A note as it lies on the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerNote {
    /// The position in the tree.
    pub index: u64,
    /// The commitment.
    pub commitment: NoteCommitment,
    /// The ciphertext.
    pub ciphertext: Base64,
    /// The height of its block.
    pub height: u64,
    /// Its transaction.
    pub txid: TxId,
}

/// `GET /v1/ledger/notes?from=&limit=`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// Notes in order of position.
    pub notes: Vec<LedgerNote>,
    /// Notes in the tree.
    pub tree_size: u64,
}

/// A spent note's nullifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerNullifier {
    /// The nullifier.
    pub nullifier: Nullifier,
    /// The height of its block.
    pub height: u64,
    /// Its transaction.
    pub txid: TxId,
}

/// `GET /v1/ledger/nullifiers?from=&limit=`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nullifiers {
    /// Nullifiers in order of acceptance.
    pub nullifiers: Vec<LedgerNullifier>,
    /// Nullifiers in the set.
    pub total: u64,
}

/// A transaction as it lies on the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerTransaction {
    /// The identifier.
    pub txid: TxId,
    /// The height of its block.
    pub height: u64,
    /// Its canonical bytes.
    pub transaction: Base64,
}

/// `GET /v1/ledger/transactions?from=&limit=`: whole transactions, which auditors read for traces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transactions {
    /// Transactions in order of acceptance.
    pub transactions: Vec<LedgerTransaction>,
    /// Transactions on the ledger.
    pub total: u64,
}

/// `GET /v1/ledger/roots`: note roots that are accepted, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roots {
    /// The roots.
    pub roots: Vec<NoteRoot>,
}

/// `GET /v1/ledger/frontier`: the note tree's right edge at the tip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frontier {
    /// Notes in the tree.
    pub tree_size: u64,
    /// Nodes per level from the leaves.
    pub levels: Vec<Vec<NoteRoot>>,
}

/// A transparent account's balance in one asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// The asset.
    pub asset: AssetId,
    /// The amount in its smallest unit.
    #[serde(with = "veilpay_protocol::serde_text::decimal")]
    pub amount: u64,
}

/// `GET /v1/ledger/accounts/{key}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The account's key.
    pub key: Hex32,
    /// Its balances that are not zero.
    pub balances: Vec<Balance>,
}
