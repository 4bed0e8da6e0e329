//! Records to rows, inside the transaction of one block.

use rusqlite::{Transaction, params};

use veilpay_protocol::transaction::TransparentKey;

use super::rows::from_u64;
use crate::block::{AcceptedTransaction, Block, Content};
use crate::store::{NoteFrontier, StoreError};

pub(super) fn write_tip(transaction: &Transaction<'_>, frontier: &NoteFrontier) -> Result<(), StoreError> {
    let mut statement =
        transaction.prepare_cached("INSERT INTO tip VALUES (1, ?1) ON CONFLICT DO UPDATE SET frontier = ?1")?;
    statement.execute([frontier.to_bytes()])?;
    Ok(())
}

pub(super) fn write_block(transaction: &Transaction<'_>, block: &Block, content: &Content) -> Result<(), StoreError> {
    let payload = match content {
        Content::Genesis(digest) => Some(digest.to_vec()),
        Content::Circuit(circuit, version, status) => {
            let [high, low] = version.to_be_bytes();
            Some(vec![*circuit as u8, high, low, *status as u8])
        }
        Content::Key(key) => Some(key.to_bytes()),
        _ => None,
    };
    let roots = &block.roots;
    let mut statement = transaction
        .prepare_cached("INSERT INTO blocks VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)")?;
    statement.execute(params![
        from_u64(block.height),
        from_u64(block.time),
        block.kind as u8,
        roots.note_root.to_bytes(),
        from_u64(roots.note_count),
        from_u64(roots.nullifier_count),
        roots.registry_root.to_bytes(),
        from_u64(roots.registry_sequence),
        roots.sanctions_root.to_bytes(),
        from_u64(roots.sanctions_sequence),
        block.content,
        block.previous.as_bytes(),
        block.hash.as_bytes(),
        payload,
    ])?;
    Ok(())
}

pub(super) fn write_transaction(
    database: &Transaction<'_>,
    block: &Block,
    accepted: &AcceptedTransaction,
) -> Result<(), StoreError> {
    let movements = &accepted.movements;
    let account = |movement: Option<(_, u64)>| movement.map(|(account, _): (TransparentKey, u64)| *account.as_bytes());
    let amount = |movement: Option<(_, u64)>| from_u64(movement.map_or(0, |(_, amount)| amount));
    let mut statement = database.prepare_cached(
        "INSERT INTO transactions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?;
    statement.execute(params![
        from_u64(block.height),
        accepted.txid.as_bytes(),
        accepted.circuit as u8,
        movements.pool.version,
        movements.pool.asset.to_bytes(),
        account(movements.debit),
        amount(movements.debit),
        account(movements.credit),
        amount(movements.credit),
        account(movements.fee),
        amount(movements.fee),
        from_u64(accepted.epoch),
        accepted.trace_tag.to_bytes(),
        accepted.bytes,
    ])?;
    let first = block.roots.nullifier_count - accepted.nullifiers.len() as u64;
    let mut statement = database.prepare_cached("INSERT INTO nullifiers VALUES (?1, ?2, ?3)")?;
    for (position, nullifier) in (first..).zip(&accepted.nullifiers) {
        statement.execute(params![from_u64(position), nullifier.to_bytes(), from_u64(block.height)])?;
    }
    let first = block.roots.note_count - accepted.notes.len() as u64;
    let mut statement = database.prepare_cached("INSERT INTO notes VALUES (?1, ?2, ?3, ?4)")?;
    for (position, (commitment, ciphertext)) in (first..).zip(&accepted.notes) {
        statement.execute(params![from_u64(position), commitment.to_bytes(), ciphertext, from_u64(block.height)])?;
    }
    Ok(())
}

pub(super) fn write_delta(
    database: &Transaction<'_>,
    sql: &str,
    sequence: u64,
    height: u64,
    bytes: &[u8],
) -> Result<(), StoreError> {
    database.prepare_cached(sql)?.execute(params![from_u64(sequence), from_u64(height), bytes])?;
    Ok(())
}
