//! `veilpay balance` and `veilpay history`.

use serde::Serialize;
use veilpay_api::text::{Hex32, Timestamp};
use veilpay_protocol::note::AssetId;
use veilpay_protocol::transaction::{TransparentKey, TxId};
use veilpay_wallet::history::{self, Entry, Kind};
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
        let enrolled = state.standing(Timestamp::now().0).is_ok();
        return output::json(&BalanceText { height: tip.height, enrolled, balances: holdings });
    }
    let columns =
        [("asset", Align::Left), ("spendable", Align::Right), ("pending", Align::Right), ("transparent", Align::Right)];
    let rows: Vec<_> = holdings.into_iter().map(|h| vec![h.asset, h.spendable, h.pending, h.transparent]).collect();
    output::line(&output::table(&columns, &rows))?;
    let enrolment = match state.standing(Timestamp::now().0) {
        Ok(credential) => format!("enrolled, tier {}", credential.attributes.tier()),
        Err(reason) => format!("this wallet can receive but not pay: {reason}"),
    };
    output::note(&format!("height {}, {enrolment}", tip.height));
    Ok(())
}

#[derive(Serialize)]
struct EntryText {
    height: u64,
    kind: Kind,
    amount: String,
    fee: String,
    asset: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    memo: Option<String>,
    txid: TxId,
}

fn entries(state: &WalletState) -> Result<Vec<EntryText>, CliError> {
    let shown = |entry: Entry| {
        let asset = state.asset_by_id(entry.asset)?;
        Ok(EntryText {
            height: entry.height,
            kind: entry.kind,
            amount: amount::format(entry.amount, asset.decimals),
            fee: amount::format(entry.fee, asset.decimals),
            asset: asset.code.clone(),
            memo: entry.memo,
            txid: entry.txid,
        })
    };
    history::history(state).into_iter().map(shown).collect()
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
        ("fee", Align::Right),
        ("asset", Align::Left),
        ("memo", Align::Left),
        ("transaction", Align::Left),
    ];
    let row = |e: EntryText| {
        let kind = e.kind.name().to_owned();
        vec![e.height.to_string(), kind, e.amount, e.fee, e.asset, e.memo.unwrap_or_default(), e.txid.to_string()]
    };
    output::line(&output::table(&columns, &entries.into_iter().map(row).collect::<Vec<_>>()))
}
