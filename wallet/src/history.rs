//! What a wallet did and what was done to it, transaction by transaction: change is not income.

use std::collections::BTreeMap;

use serde::Serialize;
use veilpay_protocol::note::AssetId;
use veilpay_protocol::transaction::TxId;

use crate::state::WalletState;

/// What a transaction was for this wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Somebody paid.
    Received,
    /// Transparent value of one's own came in.
    Shielded,
    /// Paid to somebody.
    Sent,
    /// Taken out to a transparent account.
    Unshielded,
}

impl Kind {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Shielded => "shielded",
            Self::Sent => "sent",
            Self::Unshielded => "unshielded",
        }
    }
}

/// One line of a wallet's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The height.
    pub height: u64,
    /// The transaction.
    pub txid: TxId,
    /// What it was.
    pub kind: Kind,
    /// The asset.
    pub asset: AssetId,
    /// The amount, without the fee.
    pub amount: u64,
    /// The fee that this wallet paid in this asset; on one line of a transaction only.
    pub fee: u64,
    /// The memo, where there is one and it is text.
    pub memo: Option<String>,
}

/// What a transaction took from and gave to this wallet in one asset.
#[derive(Default)]
struct Flow {
    height: u64,
    spent: u128,
    change: u128,
    sent: u128,
}

/// The history in order of height.
///
/// What left with a transaction, beside change and payments, is its fee and what it unshielded. Wallets pay exactly the
/// minimum fee of the ledger's terms (X5), so the two can be told apart.
#[must_use]
pub fn history(state: &WalletState) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut flows: BTreeMap<(TxId, [u8; 32]), Flow> = BTreeMap::new();
    let spending: BTreeMap<TxId, u64> = state.notes().iter().filter_map(|n| n.spent.map(|(h, id)| (id, h))).collect();
    for note in state.notes().iter().filter(|note| note.value > 0) {
        if let Some((height, txid)) = note.spent {
            let flow = flows.entry((txid, note.asset.to_bytes())).or_default();
            flow.height = height;
            flow.spent += u128::from(note.value);
        }
        if note.from_self && spending.contains_key(&note.txid) {
            flows.entry((note.txid, note.asset.to_bytes())).or_default().change += u128::from(note.value);
            continue;
        }
        let kind = if note.from_self { Kind::Shielded } else { Kind::Received };
        let (height, txid, asset, amount) = (note.height, note.txid, note.asset, note.value);
        entries.push(Entry { height, txid, kind, asset, amount, fee: 0, memo: note.memo.clone() });
    }
    for note in state.sent() {
        flows.entry((note.txid, note.asset.to_bytes())).or_default().sent += u128::from(note.value);
        let (height, txid, asset, amount) = (note.height, note.txid, note.asset, note.value);
        entries.push(Entry { height, txid, kind: Kind::Sent, asset, amount, fee: 0, memo: note.memo.clone() });
    }
    for ((txid, asset), flow) in flows {
        let Ok(asset) = AssetId::from_bytes(&asset) else { continue };
        let left = flow.spent.saturating_sub(flow.change).saturating_sub(flow.sent);
        let left = u64::try_from(left).unwrap_or(u64::MAX);
        let fee = left.min(minimum_fee(state, asset));
        let (height, amount) = (flow.height, left - fee);
        let sent = entries.iter_mut().find(|entry| entry.txid == txid && entry.kind == Kind::Sent);
        match sent {
            Some(entry) if amount == 0 && entry.asset == asset => entry.fee = fee,
            _ if amount > 0 => {
                entries.push(Entry { height, txid, kind: Kind::Unshielded, asset, amount, fee, memo: None });
            }
            // The fee of a payment in another asset: a line of its own would be no payment.
            _ => {}
        }
    }
    entries.sort_by_key(|entry| (entry.height, entry.kind));
    entries
}

fn minimum_fee(state: &WalletState, asset: AssetId) -> u64 {
    let assets = state.terms().map(|terms| terms.assets.as_slice()).unwrap_or_default();
    assets.iter().find(|(id, ..)| *id == asset).map_or(0, |(.., fee)| *fee)
}
