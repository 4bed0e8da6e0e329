//! L1: what can be said of a transaction from its bytes, and the ledger's name, height and circuit versions.

use veilpay_protocol::encoding::DecodeError;
use veilpay_protocol::transaction::{MAX_PUBLIC_MEMO, Transaction};

use super::Rejection;
use crate::view::LedgerView;

/// Decodes a transaction: rules L1.1 to L1.7.
///
/// # Errors
/// [`Rejection`] naming the rule.
pub fn decode(bytes: &[u8]) -> Result<Transaction, Rejection> {
    Transaction::from_bytes(bytes).map_err(Rejection::from)
}

/// Rules L1.8 to L1.14, and of L1.1 and L1.2 what bytes leave open: the length of the public memo, and whether the ledger
/// knows the circuit's version.
///
/// # Errors
/// [`Rejection`] naming the rule.
pub fn structural(transaction: &Transaction, ledger: &(impl LedgerView + ?Sized)) -> Result<(), Rejection> {
    let (body, external) = (&transaction.body, &transaction.body.external);
    let statement = &body.statement;
    let rule = |holds: bool, rejection: Rejection| if holds { Ok(()) } else { Err(rejection) };
    rule(external.memo.len() <= MAX_PUBLIC_MEMO, Rejection::NotCanonical(DecodeError::TooLong))?;
    rule(ledger.circuit_status(statement.circuit(), body.version).is_some(), Rejection::UnknownCircuit)?;
    rule(body.ledger == ledger.ledger_id(), Rejection::AnotherLedger)?;
    rule(statement.v_pub_in == 0 || statement.v_pub_out == 0, Rejection::BothDirections)?;
    rule(external.source.is_some() == (statement.v_pub_in > 0), Rejection::SourceMismatch)?;
    rule(external.target.is_some() == (statement.v_pub_out > 0), Rejection::TargetMismatch)?;
    rule(external.fee_collector.is_some() == (statement.fee > 0), Rejection::CollectorMismatch)?;
    rule(external.sponsor.is_none() || statement.fee == 0, Rejection::SponsorMismatch)?;
    let last = ledger.height().saturating_add(ledger.parameters().max_expiry_blocks);
    rule(body.expiry_height <= last, Rejection::ExpiryTooFar)
}
