//! Rows to records and back. Whatever does not decode makes the store [`StoreError::Corrupt`].

use rusqlite::Row;

use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::credential::{RegistryRoot, SanctionsRoot};
use veilpay_protocol::note::{AssetId, NoteCommitment, NoteRoot};
use veilpay_protocol::nullifier::Nullifier;
use veilpay_protocol::tracing::TraceTag;
use veilpay_protocol::transaction::{TransparentKey, TxId};
use veilpay_verifier::VerifyingKey;

use crate::block::{AcceptedTransaction, Block, BlockHash, BlockKind, Content, Roots};
use crate::rules::settlement::Movements;
use crate::store::{NoteRecord, NullifierRecord, StoreError};
use crate::view::{CircuitStatus, PoolId};

/// A u64 as SQLite's integer of the same bits.
pub(super) const fn from_u64(value: u64) -> i64 {
    value.cast_signed()
}

fn corrupt<E>(_: E) -> StoreError {
    StoreError::Corrupt
}

/// Columns by type; the schema is strict, so a wrong type means damage.
pub(super) trait Columns {
    fn number(&self, column: usize) -> Result<u64, StoreError>;
    fn bytes(&self, column: usize) -> Result<&[u8], StoreError>;
    fn array<const N: usize>(&self, column: usize) -> Result<[u8; N], StoreError>;
    fn account(&self, column: usize) -> Result<Option<TransparentKey>, StoreError>;
}

impl Columns for Row<'_> {
    fn number(&self, column: usize) -> Result<u64, StoreError> {
        self.get::<_, i64>(column).map(i64::cast_unsigned).map_err(corrupt)
    }

    fn bytes(&self, column: usize) -> Result<&[u8], StoreError> {
        self.get_ref(column).map_err(corrupt)?.as_blob().map_err(corrupt)
    }

    fn array<const N: usize>(&self, column: usize) -> Result<[u8; N], StoreError> {
        self.bytes(column)?.try_into().map_err(corrupt)
    }

    fn account(&self, column: usize) -> Result<Option<TransparentKey>, StoreError> {
        let value = self.get_ref(column).map_err(corrupt)?.as_blob_or_null().map_err(corrupt)?;
        let Some(bytes) = value else { return Ok(None) };
        TransparentKey::from_bytes(bytes.try_into().map_err(corrupt)?).map(Some).map_err(corrupt)
    }
}

pub(super) fn block(row: &Row<'_>) -> Result<Block, StoreError> {
    let roots = Roots {
        note_root: NoteRoot::from_bytes(&row.array(3)?).map_err(corrupt)?,
        note_count: row.number(4)?,
        nullifier_count: row.number(5)?,
        registry_root: RegistryRoot::from_bytes(&row.array(6)?).map_err(corrupt)?,
        registry_sequence: row.number(7)?,
        sanctions_root: SanctionsRoot::from_bytes(&row.array(8)?).map_err(corrupt)?,
        sanctions_sequence: row.number(9)?,
    };
    let kind = u8::try_from(row.number(2)?).ok().and_then(BlockKind::from_code).ok_or(StoreError::Corrupt)?;
    Ok(Block {
        height: row.number(0)?,
        time: row.number(1)?,
        roots,
        kind,
        content: row.array(10)?,
        previous: BlockHash::new(row.array(11)?),
        hash: BlockHash::new(row.array(12)?),
    })
}

/// An account and its amount; an amount without an account is damage.
fn movement(row: &Row<'_>, account: usize, amount: usize) -> Result<Option<(TransparentKey, u64)>, StoreError> {
    match (row.account(account)?, row.number(amount)?) {
        (Some(account), amount) => Ok(Some((account, amount))),
        (None, 0) => Ok(None),
        (None, _) => Err(StoreError::Corrupt),
    }
}

fn circuit(code: u64) -> Result<CircuitId, StoreError> {
    u8::try_from(code).ok().and_then(CircuitId::from_code).ok_or(StoreError::Corrupt)
}

/// A transaction without its nullifiers and notes.
pub(super) fn transaction(row: &Row<'_>) -> Result<AcceptedTransaction, StoreError> {
    Ok(AcceptedTransaction {
        txid: TxId::new(row.array(0)?),
        circuit: circuit(row.number(1)?)?,
        movements: Movements {
            pool: PoolId {
                asset: AssetId::from_bytes(&row.array(3)?).map_err(corrupt)?,
                version: u16::try_from(row.number(2)?).map_err(corrupt)?,
            },
            debit: movement(row, 4, 5)?,
            credit: movement(row, 6, 7)?,
            fee: movement(row, 8, 9)?,
        },
        epoch: row.number(10)?,
        trace_tag: TraceTag::from_bytes(&row.array(11)?).map_err(corrupt)?,
        nullifiers: Vec::new(),
        notes: Vec::new(),
        bytes: row.bytes(12)?.to_vec(),
    })
}

pub(super) fn note(row: &Row<'_>) -> Result<NoteRecord, StoreError> {
    Ok(NoteRecord {
        position: row.number(0)?,
        commitment: NoteCommitment::from_bytes(&row.array(1)?).map_err(corrupt)?,
        ciphertext: row.array(2)?,
        height: row.number(3)?,
        txid: TxId::new(row.array(4)?),
    })
}

pub(super) fn nullifier(row: &Row<'_>) -> Result<NullifierRecord, StoreError> {
    let nullifier = Nullifier::from_bytes(&row.array(1)?).map_err(corrupt)?;
    Ok(NullifierRecord { position: row.number(0)?, nullifier, height: row.number(2)? })
}

pub(super) fn circuit_status(payload: &[u8]) -> Result<Content, StoreError> {
    let [code, high, low, status] = payload else { return Err(StoreError::Corrupt) };
    let status = CircuitStatus::from_code(*status).ok_or(StoreError::Corrupt)?;
    Ok(Content::Circuit(circuit(u64::from(*code))?, u16::from_be_bytes([*high, *low]), status))
}

pub(super) fn verifying_key(payload: &[u8]) -> Result<Content, StoreError> {
    VerifyingKey::from_bytes_of_any_version(payload)
        .map(|key| Content::Key(Box::new(key)))
        .map_err(|_| StoreError::Corrupt)
}
