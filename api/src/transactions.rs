//! `POST /v1/transactions` and `GET /v1/transactions/{txid}`.

use serde::{Deserialize, Serialize};
use veilpay_protocol::transaction::TxId;

use crate::text::{Base64, Timestamp};

/// A transaction to submit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmitRequest {
    /// The transaction's canonical bytes.
    pub transaction: Base64,
}

/// How a transaction stands; a rejected one is a problem and leaves no trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionStatus {
    /// The identifier.
    pub txid: TxId,
    /// `accepted`: in a block, durably.
    pub status: String,
    /// The block's height.
    pub height: u64,
    /// The block's time.
    pub time: Timestamp,
}
