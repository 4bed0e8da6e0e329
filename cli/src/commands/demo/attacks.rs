//! What must not work, each refused by the rule that forbids it.

use rand_core::OsRng;
use veilpay_protocol::curve::Point;
use veilpay_protocol::note::AssetId;
use veilpay_protocol::statement::{Statement, Witness};
use veilpay_protocol::transfer::{TransferFields, TransferStatement, TransferWitness};
use veilpay_wallet::{Chain, Plan, Prover, ProverError, WalletError, Wish};

use super::report::Report;
use super::world::World;
use crate::error::CliError;

/// Rule and reason of a refusal; that nothing was refused is the demo's failure.
fn refusal<T>(outcome: Result<T, WalletError>) -> Result<(String, String), CliError> {
    match outcome {
        Ok(_) => Err(CliError::Demo("an attempt succeeded that must not")),
        Err(WalletError::Refused(problem)) => {
            let detail = problem.reason.clone().unwrap_or_else(|| problem.detail.clone());
            Ok((problem.rule.clone().unwrap_or_default(), detail))
        }
        Err(WalletError::Prover(ProverError::Failed { rule, detail, .. })) => Ok((rule.unwrap_or_default(), detail)),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn all(world: &mut World, report: &mut Report) -> Result<(), CliError> {
    double_spend(world, report)?;
    replay(world, report)?;
    forged_amount(world, report)?;
    unbalanced(world, report)?;
    unenrolled(world, report)
}

/// A second payment of the note that Alice spent already, whose own proof and signature are good.
fn double_spend(world: &mut World, report: &mut Report) -> Result<(), CliError> {
    let plan = world.double_spend.take().ok_or(CliError::Demo("no second payment was planned"))?;
    let proof = world.alice.prove(&plan, &world.client)?;
    let transaction = world.alice.sign(&plan, proof, None, None)?;
    report.refused("Alice spends the same note twice", "L3.10", refusal(world.client.submit(&transaction))?)
}

/// The bytes of a transaction that the ledger accepted, once more.
fn replay(world: &World, report: &mut Report) -> Result<(), CliError> {
    let accepted = world.transactions()?.pop().ok_or(CliError::Demo("no transactions"))?;
    report.refused("a transaction is handed in again", "L3.10", refusal(world.client.submit(&accepted))?)
}

/// An honest proof of a small amount, with a larger amount written over it and signed anew by its owner.
fn forged_amount(world: &mut World, report: &mut Report) -> Result<(), CliError> {
    world.alice.sync(&world.client)?;
    let wish = Wish::Unshield { asset: AssetId::native(), amount: 100, target: world.bank_account() };
    let plan = world.alice.plan(&wish)?;
    let proof = world.alice.prove(&plan, &world.client)?;
    let mut transaction = world.alice.sign(&plan, proof, None, None)?;
    let mut fields = TransferFields::from(transaction.body.statement.clone());
    fields.v_pub_out = 100_000;
    transaction.body.statement = statement(fields)?;
    let Witness::Transfer(witness) = plan.witness() else { return Err(CliError::Demo("not a transfer")) };
    let key = world.alice.verifier().key(plan.circuit()).ok_or(WalletError::NoKey)?;
    let sighash = transaction.body.sighash(key.digest());
    let signed = world.alice.key().randomize(&witness.alpha).sign(&sighash, &mut OsRng);
    transaction.signature = signed.map_err(|_| CliError::Demo("a zero key"))?;
    report.refused("an amount is changed after proving", "L2.7", refusal(world.client.submit(&transaction))?)
}

fn statement(fields: TransferFields) -> Result<TransferStatement, CliError> {
    fields.try_into().map_err(|_| CliError::Demo("the forged values are not a statement"))
}

fn ask(world: &World, statement: TransferStatement, witness: TransferWitness) -> Result<(String, String), CliError> {
    let proved = world.client.prove(&Statement::Transfer(statement), &Witness::Transfer(witness));
    refusal(proved.map_err(WalletError::from))
}

fn parts(plan: &Plan) -> Result<(TransferFields, TransferWitness), CliError> {
    match (plan.statement(), plan.witness()) {
        (Statement::Transfer(statement), Witness::Transfer(witness)) => Ok((statement.into(), witness)),
        _ => Err(CliError::Demo("not a transfer")),
    }
}

/// Outputs worth more than the inputs, everything else made to fit.
fn unbalanced(world: &World, report: &mut Report) -> Result<(), CliError> {
    let wish = Wish::Unshield { asset: AssetId::native(), amount: 100, target: world.bank_account() };
    let (mut fields, mut witness) = parts(&world.alice.plan(&wish)?)?;
    witness.outputs[0].value += 1_000_000;
    fields.commitments[0] = witness.output_commitment(fields.asset_pub, &witness.outputs[0]);
    (fields.trace_tag, fields.trace_ciphertext) = witness.trace_plaintext().seal(&witness.epoch.key, fields.rk.x);
    let refused = ask(world, statement(fields)?, witness)?;
    report.refused("money is made out of nothing", "T5", refused)
}

/// Mallory, who never enrolled, takes the shape of Alice's shielding and puts her own keys in.
fn unenrolled(world: &World, report: &mut Report) -> Result<(), CliError> {
    let source = world.mallory.transparent();
    let plan = world.alice.plan(&Wish::shield_from(&source, AssetId::native(), 100))?;
    let (mut fields, mut witness) = parts(&plan)?;
    let keys = world.mallory.viewing().proof();
    (witness.ak, witness.nk) = (keys.ak, keys.nk);
    witness.idc = world.mallory.identity_commitment();
    witness.epoch.key = world.mallory.viewing().epoch_key(fields.epoch);
    witness.alpha = world.mallory.draw_alpha(&[fields.ext_hash.to_field()], &mut OsRng);
    fields.rk = Point::from(witness.randomized_key());
    fields.nullifiers = witness.inputs.iter().map(|input| witness.input_nullifier(input)).collect();
    (fields.trace_tag, fields.trace_ciphertext) = witness.trace_plaintext().seal(&witness.epoch.key, fields.rk.x);
    let refused = ask(world, statement(fields)?, witness)?;
    report.refused("somebody who is not enrolled pays", "T7", refused)
}
