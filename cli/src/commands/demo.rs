//! `veilpay demo`: one payment from end to end, on the real service, ledger and proofs, and refusals for the right reasons.
//!
//! The service runs in this process on a free loopback port with its ledger in a temporary folder. Wallets talk to it over
//! HTTP alone. Enrolments, whose witness holds the identity key, are proved beside the wallet; payments by the service.

mod attacks;
mod report;
mod world;

use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::encryption::Memo;
use veilpay_protocol::note::AssetId;
use veilpay_wallet::Wish;
use veilpay_wallet::roles::open_payments;

use crate::args::DemoArgs;
use crate::error::CliError;
use report::Report;
use world::World;

/// Digits after the point of the native asset.
const DECIMALS: u8 = 2;
/// What Alice shields: 1,000.00.
const SHIELDED: u64 = 100_000;
/// What Alice pays Bob: 250.00.
const PAID: u64 = 25_000;
/// What Bob takes out to the bank: 100.00.
const UNSHIELDED: u64 = 10_000;
/// The fee of each transaction: 0.10.
const FEE: u64 = 10;

/// `veilpay demo`.
///
/// # Errors
/// [`CliError`] of the first step that failed, or [`CliError::Demo`] when something came out other than it should.
pub(crate) fn run(args: &DemoArgs) -> Result<(), CliError> {
    let mut report = Report::start(args.output.json);
    let outcome = payments(args, &mut report);
    report.finish(outcome)
}

fn payments(args: &DemoArgs, report: &mut Report) -> Result<(), CliError> {
    let mut world = report.step("start the service, load or make keys", || World::start(&args.keys.keys_dir))?;
    let circuits = world.client.circuits()?.circuits;
    if let Some(transfer) = circuits.iter().find(|circuit| circuit.id == CircuitId::Transfer2x3) {
        report.payments_take(transfer.constraints);
    }
    let result = enrolments(&mut world, report)
        .and_then(|()| pay(&mut world, report))
        .and_then(|()| attacks::all(&mut world, report));
    let stopped = world.stop();
    result.and(stopped)
}

fn enrolments(world: &mut World, report: &mut Report) -> Result<(), CliError> {
    for name in ["Alice", "Bob", "the bank"] {
        report.step(&format!("enrol {name}"), || world.enrol(name))?;
    }
    Ok(())
}

fn expect(holds: bool, what: &'static str) -> Result<(), CliError> {
    if holds { Ok(()) } else { Err(CliError::Demo(what)) }
}

fn pay(world: &mut World, report: &mut Report) -> Result<(), CliError> {
    let native = AssetId::native();
    let source = world.alice.key().transparent();
    let wish = Wish::shield_from(&source, native, SHIELDED);
    report.payment("Alice shields 1,000.00", || world.alice.pay(&wish, Some(&source), &world.client, &world.client))?;
    report.step("Alice scans the ledger", || Ok(world.alice.sync(&world.client)?))?;
    expect(world.balance(&world.alice) == SHIELDED, "Alice does not hold what she shielded")?;

    // A second payment of the same note, planned before the first one is sent: the double spend to come.
    let again = world.alice.plan(&Wish::Unshield { asset: native, amount: PAID, target: world.bank_account() })?;
    let memo = Memo::from_text("for the bread").unwrap_or_default();
    let to = world.bob.key().address(0);
    let wish = Wish::Send { to, asset: native, amount: PAID, memo };
    let receipt = report
        .payment("Alice pays Bob 250.00 privately", || world.alice.pay(&wish, None, &world.client, &world.client))?;
    world.paid_at = Some(receipt.height);
    world.double_spend = Some(again);

    report.step("Bob scans and finds 250.00", || Ok(world.bob.sync(&world.client)?))?;
    expect(world.balance(&world.bob) == PAID, "Bob did not receive what Alice paid")?;
    let memo = world.bob.state().notes().first().and_then(|note| note.memo.as_deref());
    expect(memo == Some("for the bread"), "Bob cannot read the memo")?;

    let wish = Wish::Unshield { asset: native, amount: UNSHIELDED, target: world.bank_account() };
    report.payment("Bob unshields 100.00 to the bank", || world.bob.pay(&wish, None, &world.client, &world.client))?;
    expect(world.transparent(world.bank_account())? == UNSHIELDED, "the bank did not get what Bob unshielded")?;
    report.step("Alice's wallet comes back from its words", || world.restore_alice())?;
    let restored = world.restored.as_ref().map(|wallet| world.balance(wallet));
    expect(restored == Some(SHIELDED - PAID - FEE), "the restored wallet holds another balance")?;
    report.step("a warrant opens Alice's payments of this epoch", || trace(world))
}

/// The escrow agent gives out one key; the auditor opens Alice's two payments with it, and not Bob's.
fn trace(world: &World) -> Result<(), CliError> {
    let transactions = world.transactions()?;
    let epoch = transactions.first().map(|t| t.body.statement.epoch).ok_or(CliError::Demo("no transactions"))?;
    let keys = world.escrow.open_under_warrant(world.alice.key().user(), epoch)?;
    let opened = open_payments(keys, epoch, &transactions);
    expect(opened.len() == 2 && transactions.len() == 3, "the trace did not open exactly Alice's two payments")?;
    let bob = world.bob.key().address(0).owner();
    let to_bob = opened.iter().flat_map(|p| &p.plaintext.outputs).filter(|o| o.owner == bob && o.value == PAID).count();
    expect(to_bob == 1, "the trace does not show the payment to Bob")
}
