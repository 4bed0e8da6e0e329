//! Blocks of the reference ledger: one accepted change each, or none.
//!
//! A block names the roots and counts after it, the digest of its content and the hash of the block before it. So two
//! ledgers with one tip hash have one history, and a wallet that finds another hash at a height it knows has met a
//! rollback. Wallets take roots and time from checkpoints, blocks whose height is a multiple of the interval (X5).

use core::fmt;

use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::credential::{RegistryRoot, SanctionsRoot};
use veilpay_protocol::encryption::NoteCiphertext;
use veilpay_protocol::note::{NoteCommitment, NoteRoot};
use veilpay_protocol::nullifier::Nullifier;
use veilpay_protocol::registry::{RegistryKind, SanctionsKind, SignedDelta};
use veilpay_protocol::tracing::TraceTag;
use veilpay_protocol::transaction::{TransparentKey, TxId};
use veilpay_verifier::VerifyingKey;

use crate::digest::{Digest, Domain};
use crate::effects::Effects;
use crate::rules::settlement::Movements;
use crate::view::CircuitStatus;

/// The canonical bytes of a note ciphertext.
pub type CiphertextBytes = [u8; NoteCiphertext::LENGTH];

/// The hash of a block: of everything in it and of every block before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockHash([u8; 32]);

impl BlockHash {
    /// What the first block names as its predecessor.
    pub const NONE: Self = Self([0; 32]);

    /// Takes 32 bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for BlockHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&veilpay_protocol::field::bytes_to_hex(&self.0))
    }
}

impl fmt::Debug for BlockHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlockHash({self})")
    }
}

/// What a block is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum BlockKind {
    /// The first one.
    Genesis = 0,
    /// Time passed and nothing else.
    Empty = 1,
    /// A transaction.
    Transaction = 2,
    /// A registry delta.
    Registry = 3,
    /// A sanctions delta.
    Sanctions = 4,
    /// A circuit's version was enabled, drained or stopped.
    Circuit = 5,
    /// A circuit's version came in, with its verifying key.
    Key = 6,
}

impl BlockKind {
    /// A word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Genesis => "genesis",
            Self::Empty => "empty",
            Self::Transaction => "transaction",
            Self::Registry => "registry",
            Self::Sanctions => "sanctions",
            Self::Circuit => "circuit",
            Self::Key => "key",
        }
    }

    /// The kind with this one-byte code.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Genesis),
            1 => Some(Self::Empty),
            2 => Some(Self::Transaction),
            3 => Some(Self::Registry),
            4 => Some(Self::Sanctions),
            5 => Some(Self::Circuit),
            6 => Some(Self::Key),
            _ => None,
        }
    }
}

/// Roots and counts of a ledger's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roots {
    /// The note tree's root.
    pub note_root: NoteRoot,
    /// Notes in the tree.
    pub note_count: u64,
    /// Nullifiers accepted.
    pub nullifier_count: u64,
    /// The registry's root.
    pub registry_root: RegistryRoot,
    /// Registry deltas applied: those with a lower sequence lead to `registry_root`.
    pub registry_sequence: u64,
    /// The sanctions list's root.
    pub sanctions_root: SanctionsRoot,
    /// Sanctions deltas applied: those with a lower sequence lead to `sanctions_root`.
    pub sanctions_sequence: u64,
}

/// A block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Blocks before it.
    pub height: u64,
    /// Unix seconds; never earlier than the block before.
    pub time: u64,
    /// Roots and counts after it.
    pub roots: Roots,
    /// What it is about.
    pub kind: BlockKind,
    /// The digest of its [`Content`].
    pub content: [u8; 32],
    /// The hash of the block before it.
    pub previous: BlockHash,
    /// Its hash.
    pub hash: BlockHash,
}

impl Block {
    /// Makes a block and computes its hash.
    #[must_use]
    pub fn new(height: u64, time: u64, roots: Roots, content: &Content, previous: BlockHash) -> Self {
        let (kind, content) = (content.kind(), content.digest());
        let mut digest = Digest::new(Domain::BLOCK);
        digest.fixed(previous.as_bytes()).number(height).number(time).fixed(&[kind as u8]).fixed(&content);
        digest.fixed(&roots.note_root.to_bytes()).number(roots.note_count).number(roots.nullifier_count);
        digest.fixed(&roots.registry_root.to_bytes()).number(roots.registry_sequence);
        digest.fixed(&roots.sanctions_root.to_bytes()).number(roots.sanctions_sequence);
        Self { height, time, roots, kind, content, previous, hash: BlockHash(digest.finish()) }
    }

    /// Whether wallets take roots and time from this block (X5).
    #[must_use]
    pub const fn is_checkpoint(&self, checkpoint_interval: u64) -> bool {
        self.height.is_multiple_of(checkpoint_interval)
    }
}

/// A transaction as a ledger keeps it: what the state follows from, and the whole of its bytes for auditors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedTransaction {
    /// Its identifier.
    pub txid: TxId,
    /// Its circuit.
    pub circuit: CircuitId,
    /// Public amounts, and whom they concern.
    pub movements: Movements,
    /// Its tracing epoch.
    pub epoch: u64,
    /// Its trace tag.
    pub trace_tag: TraceTag,
    /// The nullifiers that it adds.
    pub nullifiers: Vec<Nullifier>,
    /// The notes that it appends, with their ciphertexts.
    pub notes: Vec<(NoteCommitment, CiphertextBytes)>,
    /// The encoded transaction, proof and signatures included.
    pub bytes: Vec<u8>,
}

impl From<&Effects> for AcceptedTransaction {
    fn from(effects: &Effects) -> Self {
        let (epoch, trace_tag) = effects.trace_tag();
        Self {
            txid: effects.txid(),
            circuit: effects.transaction().circuit(),
            movements: (&effects.transaction().body).into(),
            epoch,
            trace_tag,
            nullifiers: effects.nullifiers().to_vec(),
            notes: effects.notes().map(|(commitment, ciphertext)| (commitment, ciphertext.to_bytes())).collect(),
            bytes: effects.transaction().to_bytes(),
        }
    }
}

impl AcceptedTransaction {
    fn absorb(&self, digest: &mut Digest) {
        let movements = &self.movements;
        digest.fixed(self.txid.as_bytes()).fixed(&[self.circuit as u8]);
        digest.fixed(&movements.pool.asset.to_bytes()).number(u64::from(movements.pool.version));
        for movement in [movements.debit, movements.credit, movements.fee] {
            absorb_movement(digest, movement);
        }
        digest.number(self.epoch).fixed(&self.trace_tag.to_bytes());
        digest.number(self.nullifiers.len() as u64);
        for nullifier in &self.nullifiers {
            digest.fixed(&nullifier.to_bytes());
        }
        digest.number(self.notes.len() as u64);
        for (commitment, ciphertext) in &self.notes {
            digest.fixed(&commitment.to_bytes()).fixed(ciphertext);
        }
        digest.variable(&self.bytes);
    }
}

fn absorb_movement(digest: &mut Digest, movement: Option<(TransparentKey, u64)>) {
    digest.optional(movement.as_ref().map(|(account, _)| account.as_bytes().as_slice()));
    digest.number(movement.map_or(0, |(_, amount)| amount));
}

/// What a block changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The start, under the digest of this genesis configuration.
    Genesis([u8; 32]),
    /// Nothing.
    Empty,
    /// A transaction.
    Transaction(AcceptedTransaction),
    /// A registry delta.
    Registry(SignedDelta<RegistryKind>),
    /// A sanctions delta.
    Sanctions(SignedDelta<SanctionsKind>),
    /// The new status of a circuit's version.
    Circuit(CircuitId, u16, CircuitStatus),
    /// The verifying key of a circuit's version that comes in.
    Key(Box<VerifyingKey>),
}

impl Content {
    /// The kind of block that carries it.
    #[must_use]
    pub const fn kind(&self) -> BlockKind {
        match self {
            Self::Genesis(_) => BlockKind::Genesis,
            Self::Empty => BlockKind::Empty,
            Self::Transaction(_) => BlockKind::Transaction,
            Self::Registry(_) => BlockKind::Registry,
            Self::Sanctions(_) => BlockKind::Sanctions,
            Self::Circuit(..) => BlockKind::Circuit,
            Self::Key(_) => BlockKind::Key,
        }
    }

    /// The digest that the block names.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = Digest::new(Domain::CONTENT);
        digest.fixed(&[self.kind() as u8]);
        match self {
            Self::Genesis(genesis) => {
                digest.fixed(genesis);
            }
            Self::Empty => {}
            Self::Transaction(transaction) => transaction.absorb(&mut digest),
            Self::Registry(delta) => {
                digest.variable(&delta.to_bytes());
            }
            Self::Sanctions(delta) => {
                digest.variable(&delta.to_bytes());
            }
            Self::Circuit(circuit, version, status) => {
                digest.fixed(&[*circuit as u8]).number(u64::from(*version)).fixed(&[*status as u8]);
            }
            Self::Key(key) => {
                digest.variable(&key.to_bytes());
            }
        }
        digest.finish()
    }
}
