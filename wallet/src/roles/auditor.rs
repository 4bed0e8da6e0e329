//! The auditor: with one user's key of one epoch, finds and opens that user's payments of that epoch (W3).

use veilpay_protocol::tracing::{EpochKey, TracePlaintext};
use veilpay_protocol::transaction::Transaction;

/// A payment that a trace opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracedPayment {
    /// Which of the transactions looked at.
    pub index: usize,
    /// Hidden asset, values and one-time owners of the outputs.
    pub plaintext: TracePlaintext,
    /// Value that entered the pool.
    pub v_pub_in: u64,
    /// Value that left it.
    pub v_pub_out: u64,
    /// The fee.
    pub fee: u64,
}

/// Opens what one of the keys opens among `transactions`; all others stay closed.
#[must_use]
pub fn open_payments<'a>(
    keys: &[EpochKey],
    epoch: u64,
    transactions: impl IntoIterator<Item = &'a Transaction>,
) -> Vec<TracedPayment> {
    let statements = transactions.into_iter().map(|transaction| &transaction.body.statement);
    statements
        .enumerate()
        .filter(|(_, statement)| statement.epoch == epoch)
        .filter_map(|(index, statement)| {
            let opened = |key: &EpochKey| key.open(statement.rk.x, statement.trace_tag, &statement.trace_ciphertext);
            let plaintext = keys.iter().find_map(opened)?;
            Some(TracedPayment {
                index,
                plaintext,
                v_pub_in: statement.v_pub_in,
                v_pub_out: statement.v_pub_out,
                fee: statement.fee,
            })
        })
        .collect()
}
