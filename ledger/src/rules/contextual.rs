//! L3: what depends on the ledger's state and clock.

use veilpay_protocol::merkle::{Frontier, NOTE_DEPTH};
use veilpay_protocol::params::Parameters;
use veilpay_protocol::transfer::TransferStatement;

use super::settlement::settle;
use super::{Rejection, Verified, structural};
use crate::effects::Effects;
use crate::view::{CircuitStatus, LedgerView, RootStatus};

/// Notes that a ledger's tree holds.
pub const NOTE_CAPACITY: u64 = Frontier::<NOTE_DEPTH>::CAPACITY;

/// The rules' clock: never behind the last block, whatever the machine's clock does.
///
/// A clock that ran ahead while a block was made therefore holds the ledger there until real time catches up, or until a
/// rollback. Payments go on meanwhile: wallets take their `now` from the ledger's blocks.
#[must_use]
pub fn clock(ledger: &(impl LedgerView + ?Sized), now: u64) -> u64 {
    now.max(ledger.time())
}

/// Rules L3.1 to L3.18, after the structural ones once more. `now` is the machine's clock, unix seconds.
///
/// # Errors
/// [`Rejection`] naming the first rule that does not hold.
pub fn contextual(verified: &Verified, ledger: &(impl LedgerView + ?Sized), now: u64) -> Result<Effects, Rejection> {
    let transaction = verified.transaction();
    structural(transaction, ledger)?;
    let body = &transaction.body;
    let statement = &body.statement;
    check_circuit(statement, body.version, ledger)?;
    check_roots(statement, ledger, clock(ledger, now))?;
    check_time(statement, &ledger.parameters(), clock(ledger, now))?;
    if body.expiry_height <= ledger.height() {
        return Err(Rejection::Expired);
    }
    check_unseen(statement, ledger)?;
    let minimum = ledger.minimum_fee(statement.asset_pub).ok_or(Rejection::UnknownAsset)?;
    // A sponsor stands only beside a fee of 0 (L1.13), and has signed (L2.6).
    if statement.fee < minimum && body.external.sponsor.is_none() {
        return Err(Rejection::FeeTooLow);
    }
    let room = NOTE_CAPACITY.saturating_sub(ledger.note_count());
    if (statement.commitments.len() as u64) > room {
        return Err(Rejection::TreeFull);
    }
    let settlement = settle(&body.into(), ledger)?;
    Ok(Effects { verified: verified.clone(), height: ledger.height(), settlement })
}

fn check_circuit(
    statement: &TransferStatement,
    version: u16,
    ledger: &(impl LedgerView + ?Sized),
) -> Result<(), Rejection> {
    match ledger.circuit_status(statement.circuit(), version).ok_or(Rejection::UnknownCircuit)? {
        CircuitStatus::Enabled => Ok(()),
        // v_pub_in is 0 then (L1.9).
        CircuitStatus::DrainOnly if statement.v_pub_out > 0 => Ok(()),
        CircuitStatus::DrainOnly => Err(Rejection::DrainOnly),
        CircuitStatus::Disabled => Err(Rejection::CircuitDisabled),
    }
}

/// Whether a root is current, or was superseded less than the grace time ago.
pub(crate) fn is_usable(status: RootStatus, parameters: &Parameters, clock: u64) -> bool {
    match status {
        RootStatus::Current => true,
        RootStatus::Superseded { at } => clock.saturating_sub(at) < parameters.grace_seconds,
        RootStatus::Unknown => false,
    }
}

/// Whether `now` lies in the window around the ledger's clock.
pub(crate) fn in_window(now: u64, parameters: &Parameters, clock: u64) -> bool {
    now.abs_diff(clock) <= parameters.clock_window_seconds
}

fn check_roots(
    statement: &TransferStatement,
    ledger: &(impl LedgerView + ?Sized),
    clock: u64,
) -> Result<(), Rejection> {
    let parameters = ledger.parameters();
    if !ledger.is_recent_note_root(statement.note_root) {
        return Err(Rejection::NoteRoot);
    }
    if !is_usable(ledger.registry_root_status(statement.registry_root), &parameters, clock) {
        return Err(Rejection::RegistryRoot);
    }
    if !is_usable(ledger.sanctions_root_status(statement.sanctions_root), &parameters, clock) {
        return Err(Rejection::SanctionsRoot);
    }
    Ok(())
}

fn check_time(statement: &TransferStatement, parameters: &Parameters, clock: u64) -> Result<(), Rejection> {
    if !in_window(statement.now, parameters, clock) {
        return Err(Rejection::ClockWindow);
    }
    if statement.epoch != parameters.epoch(statement.now) {
        return Err(Rejection::Epoch);
    }
    Ok(())
}

fn check_unseen(statement: &TransferStatement, ledger: &(impl LedgerView + ?Sized)) -> Result<(), Rejection> {
    let nullifiers = &statement.nullifiers;
    if nullifiers.iter().enumerate().any(|(i, nullifier)| nullifiers[..i].contains(nullifier)) {
        return Err(Rejection::RepeatedNullifier);
    }
    if nullifiers.iter().any(|nullifier| ledger.has_nullifier(*nullifier)) {
        return Err(Rejection::NullifierSeen);
    }
    if ledger.has_trace_tag(statement.epoch, statement.trace_tag) {
        return Err(Rejection::TraceTagSeen);
    }
    Ok(())
}
