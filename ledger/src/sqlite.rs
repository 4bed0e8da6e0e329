//! Blocks in an SQLite database: one database transaction per block, durable when it returns.
//!
//! The journal is a write-ahead log with `synchronous = FULL`, so what was acknowledged survives the process and the
//! machine. The database is locked for as long as it is open: a second process that opens it is refused, because the
//! rules' state lives in the memory of the first. Nullifiers and trace tags are unique by the schema too.

mod rows;
mod writes;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, params};

use veilpay_protocol::registry::{DeltaKind, RegistryKind, SanctionsKind, SignedDelta};
use veilpay_protocol::transaction::TxId;

use crate::block::{AcceptedTransaction, Block, BlockKind, Content};
use crate::reference::ReferenceLedger;
use crate::store::{DeltaRecord, NoteFrontier, NoteRecord, NullifierRecord, Store, StoreError};
use rows::{Columns, from_u64};

/// A reference ledger in an SQLite database.
pub type SqliteLedger = ReferenceLedger<SqliteStore>;

/// Marks the file as a ledger of ours: "VPLg".
const APPLICATION_ID: i64 = 0x5650_4c67;

/// The schema's version; a database of another one is refused.
const SCHEMA_VERSION: i64 = 2;

/// An open database.
#[derive(Debug)]
pub struct SqliteStore {
    connection: Connection,
}

impl SqliteStore {
    /// Opens the database file at `path`, or creates it where there is no file.
    ///
    /// A new database is made beside its place and moved there whole. So a file that is there and empty was damaged, and
    /// is refused: it must not pass for a ledger without history.
    ///
    /// # Errors
    /// [`StoreError::Schema`] when the file is something else, [`StoreError::Corrupt`] when SQLite finds it damaged,
    /// [`StoreError::Sqlite`] when it is no database, cannot be written, or is open elsewhere, [`StoreError::Io`] when a
    /// new one cannot be put in its place.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        if !path.try_exists()? {
            create(path)?;
        }
        let connection = connect(path)?;
        let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        if (pragma("application_id")?, pragma("user_version")?) != (APPLICATION_ID, SCHEMA_VERSION) {
            return Err(StoreError::Schema);
        }
        let verdict: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if verdict != "ok" {
            return Err(StoreError::Corrupt);
        }
        Ok(Self { connection })
    }

    /// The records of `sql`, which takes a first key and a limit.
    fn list<T>(
        &self,
        sql: &str,
        from: u64,
        limit: usize,
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let Ok(from) = i64::try_from(from) else { return Ok(Vec::new()) };
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![from, i64::try_from(limit).unwrap_or(i64::MAX)])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            out.push(read(row)?);
        }
        Ok(out)
    }

    fn deltas<K: DeltaKind>(&self, sql: &str, from: u64, limit: usize) -> Result<Vec<DeltaRecord<K>>, StoreError> {
        self.list(sql, from, limit, |row| Ok(DeltaRecord { height: row.number(0)?, delta: read_delta(row.bytes(1)?)? }))
    }

    /// The last delta applied in a block after which `sequence` of them had been.
    fn delta<K: DeltaKind>(&self, sql: &str, sequence: u64, height: u64) -> Result<SignedDelta<K>, StoreError> {
        let last = sequence.checked_sub(1).ok_or(StoreError::Corrupt)?;
        let record = self.deltas(sql, last, 1)?.pop().ok_or(StoreError::Corrupt)?;
        if record.height == height { Ok(record.delta) } else { Err(StoreError::Corrupt) }
    }

    fn transaction(&self, block: &Block) -> Result<AcceptedTransaction, StoreError> {
        let mut statement = self.connection.prepare_cached(SELECT_TRANSACTION)?;
        let mut found = statement.query([from_u64(block.height)])?;
        let mut transaction = rows::transaction(found.next()?.ok_or(StoreError::Corrupt)?)?;
        let shape = transaction.circuit.shape().ok_or(StoreError::Corrupt)?;
        let first = |count: u64, own: usize| count.checked_sub(own as u64).ok_or(StoreError::Corrupt);
        let nullifiers = self.nullifiers(first(block.roots.nullifier_count, shape.inputs)?, shape.inputs)?;
        let notes = self.notes(first(block.roots.note_count, shape.outputs)?, shape.outputs)?;
        let in_block = nullifiers.iter().all(|record| record.height == block.height)
            && notes.iter().all(|record| record.height == block.height && record.txid == transaction.txid);
        if !in_block {
            return Err(StoreError::Corrupt);
        }
        transaction.nullifiers = nullifiers.into_iter().map(|record| record.nullifier).collect();
        transaction.notes = notes.into_iter().map(|record| (record.commitment, record.ciphertext)).collect();
        Ok(transaction)
    }
}

const SELECT_BLOCKS: &str = "SELECT height, time, kind, note_root, note_count, nullifier_count, registry_root,
    registry_sequence, sanctions_root, sanctions_sequence, content, previous, hash
    FROM blocks WHERE height >= ?1 ORDER BY height LIMIT ?2";
const SELECT_TRANSACTION: &str = "SELECT txid, circuit, version, asset, source, v_pub_in, target, v_pub_out,
    fee_collector, fee, epoch, trace_tag, bytes FROM transactions WHERE height = ?1";
const SELECT_NOTES: &str = "SELECT n.position, n.commitment, n.ciphertext, n.height, t.txid
    FROM notes n JOIN transactions t ON t.height = n.height WHERE n.position >= ?1 ORDER BY n.position LIMIT ?2";
const SELECT_NULLIFIERS: &str =
    "SELECT position, nullifier, height FROM nullifiers WHERE position >= ?1 ORDER BY position LIMIT ?2";
const SELECT_REGISTRY: &str =
    "SELECT height, bytes FROM registry_deltas WHERE sequence >= ?1 ORDER BY sequence LIMIT ?2";
const SELECT_SANCTIONS: &str =
    "SELECT height, bytes FROM sanctions_deltas WHERE sequence >= ?1 ORDER BY sequence LIMIT ?2";

/// A connection that locks the database for itself, and writes it durably.
fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    // Who holds the lock holds it as long as he lives: there is nothing to wait for.
    connection.busy_timeout(Duration::ZERO)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(StoreError::Schema);
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// `path` with something appended to the file's name.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Makes an empty database of ours beside `path` and moves it there.
fn create(path: &Path) -> Result<(), StoreError> {
    // A journal without its file holds blocks that are lost: no place for a new ledger.
    if beside(path, "-wal").try_exists()? {
        return Err(StoreError::Corrupt);
    }
    let new = beside(path, ".new");
    // What an interrupted creation left.
    for stale in [new.clone(), beside(&new, "-wal")] {
        if stale.try_exists()? {
            fs::remove_file(stale)?;
        }
    }
    let mut connection = connect(&new)?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(include_str!("sqlite/schema.sql"))?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    transaction.commit()?;
    // Closing moves the journal into the file.
    connection.close().map_err(|(_, error)| error)?;
    fs::File::open(&new)?.sync_all()?;
    fs::rename(&new, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}

fn read_delta<K: DeltaKind>(bytes: &[u8]) -> Result<SignedDelta<K>, StoreError> {
    SignedDelta::from_bytes(bytes).map_err(|_| StoreError::Corrupt)
}

impl Store for SqliteStore {
    fn append(&mut self, block: &Block, content: &Content, frontier: &NoteFrontier) -> Result<(), StoreError> {
        let database = self.connection.transaction()?;
        writes::write_block(&database, block, content)?;
        match content {
            Content::Genesis(_) | Content::Empty | Content::Circuit(..) | Content::Key(_) => {}
            Content::Transaction(accepted) => writes::write_transaction(&database, block, accepted)?,
            Content::Registry(signed) => writes::write_delta(
                &database,
                "INSERT INTO registry_deltas VALUES (?1, ?2, ?3)",
                signed.delta.sequence,
                block.height,
                &signed.to_bytes(),
            )?,
            Content::Sanctions(signed) => writes::write_delta(
                &database,
                "INSERT INTO sanctions_deltas VALUES (?1, ?2, ?3)",
                signed.delta.sequence,
                block.height,
                &signed.to_bytes(),
            )?,
        }
        writes::write_tip(&database, frontier)?;
        database.commit()?;
        Ok(())
    }

    fn truncate(&mut self, tip: &Block, frontier: &NoteFrontier) -> Result<(), StoreError> {
        let database = self.connection.transaction()?;
        for (sql, first) in [
            ("DELETE FROM notes WHERE position >= ?1", tip.roots.note_count),
            ("DELETE FROM nullifiers WHERE position >= ?1", tip.roots.nullifier_count),
            ("DELETE FROM registry_deltas WHERE sequence >= ?1", tip.roots.registry_sequence),
            ("DELETE FROM sanctions_deltas WHERE sequence >= ?1", tip.roots.sanctions_sequence),
            ("DELETE FROM transactions WHERE height > ?1", tip.height),
            ("DELETE FROM blocks WHERE height > ?1", tip.height),
        ] {
            database.execute(sql, [from_u64(first)])?;
        }
        writes::write_tip(&database, frontier)?;
        database.commit()?;
        Ok(())
    }

    fn frontier(&self) -> Result<Option<NoteFrontier>, StoreError> {
        let query = "SELECT frontier FROM tip";
        let bytes: Option<Vec<u8>> = self.connection.query_row(query, [], |row| row.get(0)).optional()?;
        bytes.map(|bytes| NoteFrontier::from_bytes(&bytes).map_err(|_| StoreError::Corrupt)).transpose()
    }

    fn blocks(&self, from_height: u64, limit: usize) -> Result<Vec<Block>, StoreError> {
        self.list(SELECT_BLOCKS, from_height, limit, rows::block)
    }

    fn content(&self, block: &Block) -> Result<Content, StoreError> {
        let roots = &block.roots;
        let payload = || {
            let query = "SELECT payload FROM blocks WHERE height = ?1";
            let read = self.connection.prepare_cached(query)?.query_row([from_u64(block.height)], |row| row.get(0));
            Ok::<Vec<u8>, StoreError>(read.map(Option::unwrap_or_default)?)
        };
        match block.kind {
            BlockKind::Genesis => Ok(Content::Genesis(payload()?.try_into().map_err(|_| StoreError::Corrupt)?)),
            BlockKind::Empty => Ok(Content::Empty),
            BlockKind::Transaction => self.transaction(block).map(Content::Transaction),
            BlockKind::Registry => {
                self.delta(SELECT_REGISTRY, roots.registry_sequence, block.height).map(Content::Registry)
            }
            BlockKind::Sanctions => {
                self.delta(SELECT_SANCTIONS, roots.sanctions_sequence, block.height).map(Content::Sanctions)
            }
            BlockKind::Circuit => rows::circuit_status(&payload()?),
            BlockKind::Key => rows::verifying_key(&payload()?),
        }
    }

    fn find(&self, txid: TxId) -> Result<Option<u64>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT height FROM transactions WHERE txid = ?1")?;
        let mut found = statement.query([txid.as_bytes()])?;
        found.next()?.map(|row| row.number(0)).transpose()
    }

    fn notes(&self, from_position: u64, limit: usize) -> Result<Vec<NoteRecord>, StoreError> {
        self.list(SELECT_NOTES, from_position, limit, rows::note)
    }

    fn nullifiers(&self, from_position: u64, limit: usize) -> Result<Vec<NullifierRecord>, StoreError> {
        self.list(SELECT_NULLIFIERS, from_position, limit, rows::nullifier)
    }

    fn registry_deltas(&self, from: u64, limit: usize) -> Result<Vec<DeltaRecord<RegistryKind>>, StoreError> {
        self.deltas(SELECT_REGISTRY, from, limit)
    }

    fn sanctions_deltas(&self, from: u64, limit: usize) -> Result<Vec<DeltaRecord<SanctionsKind>>, StoreError> {
        self.deltas(SELECT_SANCTIONS, from, limit)
    }
}
