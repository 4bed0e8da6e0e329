//! Where the reference ledger keeps its blocks.

use core::fmt;
use std::io::ErrorKind;

use veilpay_protocol::merkle::{Frontier, NOTE_DEPTH};
use veilpay_protocol::note::NoteCommitment;
use veilpay_protocol::nullifier::Nullifier;
use veilpay_protocol::registry::{DeltaError, DeltaKind, RegistryKind, SanctionsKind, SignedDelta};
use veilpay_protocol::transaction::TxId;

use crate::block::{Block, CiphertextBytes, Content};
use crate::genesis::GenesisError;

/// The right edge of the note tree.
pub type NoteFrontier = Frontier<NOTE_DEPTH>;

/// Notes, nullifiers or blocks in one answer at most; a larger limit is taken as this.
pub const PAGE: usize = 4096;

/// Deltas in one answer at most; a larger limit is taken as this.
pub const DELTA_PAGE: usize = 64;

/// Why a ledger could not be opened, read or changed.
#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub enum StoreError {
    /// SQLite failed; its error is the source.
    Sqlite(rusqlite::Error),
    /// A file could not be read or written.
    Io(ErrorKind),
    /// The file is a database of something else, or of another version of this one.
    Schema,
    /// The genesis configuration is not valid.
    Genesis(GenesisError),
    /// The store holds a ledger with another genesis configuration.
    AnotherLedger,
    /// What is stored does not fit together: the store was damaged or written by someone else.
    Corrupt,
    /// The effects were computed against another state of the ledger.
    StaleEffects,
    /// The height is not that of a checkpoint.
    NotACheckpoint,
    /// The height is above the tip.
    AboveTip,
    /// A write failed before, so it is unknown what is stored: the ledger must be opened anew.
    Stopped,
}

/// Whether the database is locked by somebody else.
fn in_use(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
    matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked))
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite(error) if in_use(error) => "another process has the ledger open",
            Self::Sqlite(_) => "the database failed",
            Self::Io(_) => "a file could not be read or written",
            Self::Schema => "the file is not a ledger of this version",
            Self::Genesis(_) => "the genesis configuration is not valid",
            Self::AnotherLedger => "the store holds another ledger",
            Self::Corrupt => "the stored ledger is damaged",
            Self::StaleEffects => "the ledger has moved since the transaction was validated",
            Self::NotACheckpoint => "the height is not that of a checkpoint",
            Self::AboveTip => "the height is above the tip",
            Self::Stopped => "an earlier write failed: the ledger must be opened anew",
        })
    }
}

impl core::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Sqlite(error) => Some(error),
            Self::Genesis(error) => Some(error),
            _ => None,
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error.kind())
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Why a delta of the registry or of the sanctions list changed nothing.
#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub enum UpdateError {
    /// The delta is not signed by the issuer, does not follow, or does not lead to its root.
    Delta(DeltaError),
    /// The delta has more than [`MAX_WRITES`](veilpay_protocol::registry::MAX_WRITES) writes.
    TooManyWrites,
    /// The ledger could not store it; the delta may be good.
    Store(StoreError),
}

impl fmt::Display for UpdateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delta(error) => error.fmt(f),
            Self::TooManyWrites => f.write_str("C4: the delta has too many writes"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for UpdateError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Delta(error) => Some(error),
            Self::TooManyWrites => None,
            Self::Store(error) => Some(error),
        }
    }
}

impl From<DeltaError> for UpdateError {
    fn from(error: DeltaError) -> Self {
        Self::Delta(error)
    }
}

impl From<StoreError> for UpdateError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A note as wallets read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoteRecord {
    /// Its position in the tree.
    pub position: u64,
    /// Its commitment.
    pub commitment: NoteCommitment,
    /// Its ciphertext, canonical bytes of a [`NoteCiphertext`](veilpay_protocol::encryption::NoteCiphertext).
    pub ciphertext: CiphertextBytes,
    /// The height of its block.
    pub height: u64,
    /// Its transaction.
    pub txid: TxId,
}

/// A nullifier as wallets read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NullifierRecord {
    /// Nullifiers accepted before it.
    pub position: u64,
    /// The nullifier.
    pub nullifier: Nullifier,
    /// The height of its block.
    pub height: u64,
}

/// A delta as wallets read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeltaRecord<K: DeltaKind> {
    /// The height of its block.
    pub height: u64,
    /// The delta, as its issuer signed it.
    pub delta: SignedDelta<K>,
}

/// A list of blocks with their contents, and nothing that does not follow from them but the frontier at the tip.
///
/// The ledger itself keeps the state in memory and rebuilds it from here when it opens. A store for another database
/// implements this; the suite in `tests/ledger/stores.rs` runs over any of them. Reads return what is there: fewer
/// records than asked for, or none, at the end of the list.
pub trait Store {
    /// Adds a block, its content and the frontier after it: all or nothing, durable on return.
    ///
    /// # Errors
    /// [`StoreError`]; the ledger then stops, because it cannot know what was stored.
    fn append(&mut self, block: &Block, content: &Content, frontier: &NoteFrontier) -> Result<(), StoreError>;

    /// Forgets every block above `tip`, which is stored, and sets the frontier: all or nothing, durable on return.
    ///
    /// # Errors
    /// [`StoreError`]; the ledger then stops.
    fn truncate(&mut self, tip: &Block, frontier: &NoteFrontier) -> Result<(), StoreError>;

    /// The frontier after the last block; nothing when the store is empty.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read.
    fn frontier(&self) -> Result<Option<NoteFrontier>, StoreError>;

    /// Blocks in order, from a height on.
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be read.
    fn blocks(&self, from_height: u64, limit: usize) -> Result<Vec<Block>, StoreError>;

    /// The content of a stored block.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read.
    fn content(&self, block: &Block) -> Result<Content, StoreError>;

    /// The height of the block with this transaction.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read.
    fn find(&self, txid: TxId) -> Result<Option<u64>, StoreError>;

    /// Notes in order, from a position on.
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be read.
    fn notes(&self, from_position: u64, limit: usize) -> Result<Vec<NoteRecord>, StoreError>;

    /// Nullifiers in order of acceptance, from a position on.
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be read.
    fn nullifiers(&self, from_position: u64, limit: usize) -> Result<Vec<NullifierRecord>, StoreError>;

    /// Registry deltas in order, from a sequence number on.
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be read.
    fn registry_deltas(&self, from: u64, limit: usize) -> Result<Vec<DeltaRecord<RegistryKind>>, StoreError>;

    /// Sanctions deltas in order, from a sequence number on.
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be read.
    fn sanctions_deltas(&self, from: u64, limit: usize) -> Result<Vec<DeltaRecord<SanctionsKind>>, StoreError>;
}

/// A pointer to a store is a store.
macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<S: Store + ?Sized> Store for $pointer {
            fn append(&mut self, block: &Block, content: &Content, frontier: &NoteFrontier) -> Result<(), StoreError> {
                (**self).append(block, content, frontier)
            }

            fn truncate(&mut self, tip: &Block, frontier: &NoteFrontier) -> Result<(), StoreError> {
                (**self).truncate(tip, frontier)
            }

            fn frontier(&self) -> Result<Option<NoteFrontier>, StoreError> {
                (**self).frontier()
            }

            fn blocks(&self, from_height: u64, limit: usize) -> Result<Vec<Block>, StoreError> {
                (**self).blocks(from_height, limit)
            }

            fn content(&self, block: &Block) -> Result<Content, StoreError> {
                (**self).content(block)
            }

            fn find(&self, txid: TxId) -> Result<Option<u64>, StoreError> {
                (**self).find(txid)
            }

            fn notes(&self, from_position: u64, limit: usize) -> Result<Vec<NoteRecord>, StoreError> {
                (**self).notes(from_position, limit)
            }

            fn nullifiers(&self, from_position: u64, limit: usize) -> Result<Vec<NullifierRecord>, StoreError> {
                (**self).nullifiers(from_position, limit)
            }

            fn registry_deltas(&self, from: u64, limit: usize) -> Result<Vec<DeltaRecord<RegistryKind>>, StoreError> {
                (**self).registry_deltas(from, limit)
            }

            fn sanctions_deltas(&self, from: u64, limit: usize) -> Result<Vec<DeltaRecord<SanctionsKind>>, StoreError> {
                (**self).sanctions_deltas(from, limit)
            }
        }
    )*};
}
forward!(Box<S>, &mut S);
