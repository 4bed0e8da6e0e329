//! `veilpay shield`, `send` and `unshield`: plan, prove, verify, sign, submit.

use serde::Serialize;
use veilpay_api::ledger::Asset;
use veilpay_api::text::Hex32;
use veilpay_protocol::address::Address;
use veilpay_protocol::encryption::Memo;
use veilpay_protocol::transaction::{TransparentKey, TxId};
use veilpay_wallet::{Plan, WalletError, Wish};

use super::session::Session;
use crate::amount;
use crate::args::{PayArgs, ProveWhere, SendArgs, ShieldArgs, UnshieldArgs};
use crate::error::CliError;
use crate::local::LocalProver;
use crate::output;

#[derive(Serialize)]
struct Paid {
    circuit: &'static str,
    amount: String,
    fee: String,
    asset: String,
    fee_asset: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    txid: Option<TxId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<usize>,
}

/// `veilpay shield`.
pub(crate) fn shield(args: &ShieldArgs) -> Result<(), CliError> {
    pay(&args.pay, &args.amount, |session, asset, amount| {
        Ok(Wish::shield_from(&session.wallet.key().transparent(), asset.id, amount))
    })
}

/// `veilpay send`.
pub(crate) fn send(args: &SendArgs) -> Result<(), CliError> {
    pay(&args.pay, &args.amount, |session, asset, amount| {
        let to = Address::parse(&args.to, session.wallet.key().network())?;
        let memo = Memo::from_text(&args.memo).ok_or(WalletError::MemoTooLong)?;
        Ok(Wish::Send { to, asset: asset.id, amount, memo })
    })
}

/// `veilpay unshield`.
pub(crate) fn unshield(args: &UnshieldArgs) -> Result<(), CliError> {
    pay(&args.pay, &args.amount, |session, asset, amount| {
        let target = match &args.to {
            Some(text) => {
                let bytes: Hex32 = text.parse().map_err(|_| CliError::Account)?;
                TransparentKey::from_bytes(&bytes.0).map_err(|_| CliError::Account)?
            }
            None => TransparentKey::of(&session.wallet.key().transparent()),
        };
        Ok(Wish::Unshield { asset: asset.id, amount, target })
    })
}

fn pay(
    args: &PayArgs,
    amount: &str,
    wish: impl FnOnce(&Session, &Asset, u64) -> Result<Wish, CliError>,
) -> Result<(), CliError> {
    let mut session = Session::open(&args.wallet)?;
    let asset = session.wallet.state().asset(&args.asset)?.clone();
    let value = amount::parse(amount, asset.decimals)?;
    let wish = wish(&session, &asset, value)?;
    let plan = session.wallet.plan(&wish).map_err(|error| in_units(error, &asset))?;
    let paid = described(&session, &plan, &asset, value)?;
    output::note(&format!("plan: {} {} with a fee of {} {}", paid.amount, paid.asset, paid.fee, paid.fee_asset));
    let (fee, fee_asset) = plan.fee();
    let decimals = session.wallet.state().asset_by_id(fee_asset)?.decimals;
    if fee > amount::parse(&args.max_fee, decimals)? {
        return Err(CliError::FeeAboveLimit);
    }
    if args.dry_run {
        return if args.wallet.output.json { output::json(&paid) } else { Ok(()) };
    }
    let proof = match args.prove {
        ProveWhere::Remote => session.wallet.prove(&plan, &session.client)?,
        ProveWhere::Local => {
            let prover = LocalProver::open(&args.keys.keys_dir)?;
            prover.check_key(&mut session.file, plan.circuit())?;
            session.wallet.prove(&plan, &prover)?
        }
    };
    let source = matches!(wish, Wish::Shield { .. }).then(|| session.wallet.key().transparent());
    let transaction = session.wallet.sign(&plan, proof, source.as_ref(), None)?;
    session.wallet.reserve(&transaction);
    session.store()?;
    let submitted = session.wallet.submit(&transaction, &session.client);
    session.store()?;
    let receipt = submitted?;
    if args.wallet.output.json {
        let paid = Paid { txid: Some(receipt.txid), height: Some(receipt.height), bytes: Some(receipt.bytes), ..paid };
        return output::json(&paid);
    }
    output::line(&format!("accepted at height {}: {}", receipt.height, receipt.txid))
}

/// What is missing, in the units that the person typed.
fn in_units(error: WalletError, asset: &Asset) -> CliError {
    match error {
        WalletError::InsufficientFunds { needed, spendable } => CliError::InsufficientFunds {
            needed: amount::format(needed, asset.decimals),
            spendable: amount::format(spendable, asset.decimals),
            asset: asset.code.clone(),
        },
        error => error.into(),
    }
}

fn described(session: &Session, plan: &Plan, asset: &Asset, value: u64) -> Result<Paid, CliError> {
    let (fee, fee_asset) = plan.fee();
    let fee_asset = session.wallet.state().asset_by_id(fee_asset)?;
    Ok(Paid {
        circuit: plan.circuit().name(),
        amount: amount::format(value, asset.decimals),
        fee: amount::format(fee, fee_asset.decimals),
        asset: asset.code.clone(),
        fee_asset: fee_asset.code.clone(),
        txid: None,
        height: None,
        bytes: None,
    })
}
