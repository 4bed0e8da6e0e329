//! L3.15 to L3.18: who pays and who is paid outside the private pool, and what the pool then holds.
//!
//! The only place where amounts are added: `pool += v_pub_in - v_pub_out - fee`, the source is debited before anyone is
//! credited, and every step is checked.

use veilpay_protocol::note::AssetId;
use veilpay_protocol::transaction::{TransactionBody, TransparentKey};

use super::Rejection;
use crate::effects::NewBalance;
use crate::view::{LedgerView, PoolId};

/// The amounts of a transaction and whom they concern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Movements {
    /// The pool that value enters or leaves.
    pub pool: PoolId,
    /// What enters the pool, and from whom.
    pub debit: Option<(TransparentKey, u64)>,
    /// What leaves the pool, and to whom.
    pub credit: Option<(TransparentKey, u64)>,
    /// The fee, which leaves the pool too, and its collector.
    pub fee: Option<(TransparentKey, u64)>,
}

impl From<&TransactionBody> for Movements {
    fn from(body: &TransactionBody) -> Self {
        let (statement, external) = (&body.statement, &body.external);
        Self {
            pool: PoolId { asset: statement.asset_pub, version: body.version },
            debit: external.source.map(|account| (account, statement.v_pub_in)),
            credit: external.target.map(|account| (account, statement.v_pub_out)),
            fee: external.fee_collector.map(|account| (account, statement.fee)),
        }
    }
}

/// Balances and pool after a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The balances that change, each account once.
    pub balances: Vec<NewBalance>,
    /// The pool.
    pub pool: PoolId,
    /// What it holds afterwards.
    pub pool_amount: u64,
}

/// Computes the balances and the pool after `movements`.
///
/// # Errors
/// [`Rejection::InsufficientBalance`], [`Rejection::BalanceOverflow`], [`Rejection::PoolOverflow`] or
/// [`Rejection::PoolNegative`].
pub fn settle(movements: &Movements, ledger: &(impl LedgerView + ?Sized)) -> Result<Settlement, Rejection> {
    let asset = movements.pool.asset;
    let mut balances = Vec::new();
    if let Some((account, amount)) = movements.debit {
        set(&mut balances, account, asset, ledger, |balance| {
            balance.checked_sub(amount).ok_or(Rejection::InsufficientBalance)
        })?;
    }
    for (account, amount) in movements.credit.into_iter().chain(movements.fee) {
        set(&mut balances, account, asset, ledger, |balance| {
            balance.checked_add(amount).ok_or(Rejection::BalanceOverflow)
        })?;
    }
    let amount = |movement: Option<(TransparentKey, u64)>| movement.map_or(0, |(_, amount)| u128::from(amount));
    let before = u128::from(ledger.pool(movements.pool)) + amount(movements.debit);
    let left = amount(movements.credit) + amount(movements.fee);
    let after = before.checked_sub(left).ok_or(Rejection::PoolNegative)?;
    let pool_amount = u64::try_from(after).map_err(|_| Rejection::PoolOverflow)?;
    Ok(Settlement { balances, pool: movements.pool, pool_amount })
}

/// Changes an account's balance, on top of what was changed before.
fn set(
    balances: &mut Vec<NewBalance>,
    account: TransparentKey,
    asset: AssetId,
    ledger: &(impl LedgerView + ?Sized),
    change: impl FnOnce(u64) -> Result<u64, Rejection>,
) -> Result<(), Rejection> {
    if let Some(known) = balances.iter_mut().find(|known| known.account == account) {
        known.amount = change(known.amount)?;
    } else {
        balances.push(NewBalance { account, asset, amount: change(ledger.balance(account, asset))? });
    }
    Ok(())
}
