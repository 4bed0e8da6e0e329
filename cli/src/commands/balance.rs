//! `veilpay balance` and `veilpay history`.

use serde::Serialize;
use veilpay_api::text::Hex32;
use veilpay_protocol::note::AssetId;
use veilpay_protocol::transaction::{TransparentKey, TxId};
use veilpay_wallet::{Chain, WalletError, WalletState};

use super::session::Session;
use crate::amount;
use crate::args::WalletArgs;
use crate::error::CliError;
use crate::output::{self, Align};

#[derive(Serialize)]
struct Holding {
    asset: String,
    asset_id: AssetId,
    spendable: String,
    pending: String,
    transparent: String,
}

#[derive(Serialize)]
struct BalanceText {
    height: u64,
    enrolled: bool,
    balances: Vec<Holding>,
}

/// `veilpay balance`.
pub(crate) fn balance(args: &WalletArgs) -> Result<(), CliError> {
    let session = Session::open(args)?;
    let state = session.wallet.state();
    let account = TransparentKey::of(&session.wallet.key().transparent());
    let transparent = session.client.account(Hex32(*account.as_bytes()))?;
    let tip = state.tip().ok_or(WalletError::BadState)?;
    let held = state.balances();
    let mut holdings = Vec::new();
    for asset in state.assets() {
        let balance = held.get(&asset.id).cloned().unwrap_or_default();
        let outside = transparent.balances.iter().find(|b| b.asset == asset.id).map_or(0, |b| b.amount);
        holdings.push(Holding {
            asset: asset.code.clone(),
            asset_id: asset.id,
            spendable: amount::format(balance.spendable, asset.decimals),
            pending: amount::format(balance.pending, asset.decimals),
            transparent: amount::format(outside, asset.decimals),
        });
    }
    if args.output.json {
        let enrolled = state.credential().is_some();
        return output::json(&BalanceText { height: tip.height, enrolled, balances: holdings });
    }
    let columns =
        [("asset", Align::Left), ("spendable", Align::Right), ("pending", Align::Right), ("transparent", Align::Right)];
    let rows: Vec<_> = holdings.into_iter().map(|h| vec![h.asset, h.spendable, h.pending, h.transparent]).collect();
    output::line(&output::table(&columns, &rows))?;
    let enrolment = match state.credential() {
        Some(credential) => format!("enrolled, tier {}", credential.attributes.tier()),
        None => "not enrolled: this wallet can receive but not pay".to_owned(),
    };
    output::note(&format!("height {}, {enrolment}", tip.height));
    Ok(())
}

#[derive(Serialize)]
struct Entry {
    height: u64,
    direction: &'static str,
    asset: String,
    amount: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    memo: Option<String>,
    txid: TxId,
}

fn entries(state: &WalletState) -> Result<Vec<Entry>, CliError> {
    let received = state.notes().iter().filter(|note| note.value > 0);
    let received = received.map(|n| (n.height, "in", n.asset, n.value, &n.memo, n.txid));
    let sent = state.sent().iter().map(|n| (n.height, "out", n.asset, n.value, &n.memo, n.txid));
    let mut entries = received
        .chain(sent)
        .map(|(height, direction, asset, value, memo, txid)| {
            let asset = state.asset_by_id(asset)?;
            let amount = amount::format(value, asset.decimals);
            Ok(Entry { height, direction, asset: asset.code.clone(), amount, memo: memo.clone(), txid })
        })
        .collect::<Result<Vec<_>, WalletError>>()?;
    entries.sort_by_key(|entry| entry.height);
    Ok(entries)
}

/// `veilpay history`.
pub(crate) fn history(args: &WalletArgs) -> Result<(), CliError> {
    let session = Session::open(args)?;
    let entries = entries(session.wallet.state())?;
    if args.output.json {
        return output::json(&entries);
    }
    let columns = [
        ("height", Align::Right),
        ("", Align::Left),
        ("amount", Align::Right),
        ("asset", Align::Left),
        ("memo", Align::Left),
        ("transaction", Align::Left),
    ];
    let row = |e: Entry| {
        let memo = e.memo.unwrap_or_default().escape_debug().to_string();
        vec![e.height.to_string(), e.direction.to_owned(), e.amount, e.asset, memo, e.txid.to_string()]
    };
    output::line(&output::table(&columns, &entries.into_iter().map(row).collect::<Vec<_>>()))
}
