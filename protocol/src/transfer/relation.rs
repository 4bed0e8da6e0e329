//! The transfer relation, clause by clause (T1 to T9). T4 holds by type; T10 concerns the circuit alone.

use super::statement::TransferStatement;
use super::witness::TransferWitness;
use crate::compliance::{check_credential, check_not_sanctioned};
use crate::curve::check_point;
use crate::violation::Violation;

/// Whether `witness` proves `statement`.
///
/// # Errors
/// [`Violation`] naming the first clause that does not hold.
pub fn check(statement: &TransferStatement, witness: &TransferWitness) -> Result<(), Violation> {
    if witness.inputs.len() != statement.nullifiers.len() || witness.outputs.len() != statement.commitments.len() {
        return Err(Violation::WitnessCounts);
    }
    check_point(&witness.ak).map_err(|_| Violation::T1AuthorizationKey)?;
    t2_t3_inputs(statement, witness)?;
    n1_outputs(statement, witness)?;
    t5_balance(statement, witness)?;
    if witness.randomized_key() != statement.rk {
        return Err(Violation::T6RandomizedKey);
    }
    let credential = witness.credential(statement.epoch);
    check_credential(&credential, &witness.credential, statement.registry_root, statement.now)?;
    check_not_sanctioned(&witness.credential, statement.sanctions_root)?;
    t9_trace(statement, witness)
}

/// T2 and T3: owners, commitments, paths and nullifiers of the inputs.
fn t2_t3_inputs(statement: &TransferStatement, witness: &TransferWitness) -> Result<(), Violation> {
    let account = witness.account();
    for (input, (note, expected)) in witness.inputs.iter().zip(&statement.nullifiers).enumerate() {
        if note.is_dummy && note.value != 0 {
            return Err(Violation::T3DummyValue { input });
        }
        let leaf = witness.input_commitment(account, statement.asset_pub, note).to_field();
        if !note.is_dummy && note.path.root(leaf) != statement.note_root.to_field() {
            return Err(Violation::T3NoteRoot { input });
        }
        if witness.input_nullifier(note) != *expected {
            return Err(Violation::T2Nullifier { input });
        }
    }
    Ok(())
}

/// N1: commitments of the outputs.
fn n1_outputs(statement: &TransferStatement, witness: &TransferWitness) -> Result<(), Violation> {
    for (output, (note, expected)) in witness.outputs.iter().zip(&statement.commitments).enumerate() {
        if witness.output_commitment(statement.asset_pub, note) != *expected {
            return Err(Violation::N1Commitment { output });
        }
    }
    Ok(())
}

/// T5: both lanes balance over the integers.
fn t5_balance(statement: &TransferStatement, witness: &TransferWitness) -> Result<(), Violation> {
    let lane_in = |lane: bool| -> u128 {
        witness.inputs.iter().filter(|n| n.in_hidden_asset == lane).map(|n| u128::from(n.value)).sum()
    };
    let lane_out = |lane: bool| -> u128 {
        witness.outputs.iter().filter(|n| n.in_hidden_asset == lane).map(|n| u128::from(n.value)).sum()
    };
    let public_in = lane_in(false) + u128::from(statement.v_pub_in);
    let public_out = lane_out(false) + u128::from(statement.v_pub_out) + u128::from(statement.fee);
    if public_in != public_out {
        return Err(Violation::T5PublicLane);
    }
    if lane_in(true) != lane_out(true) {
        return Err(Violation::T5HiddenLane);
    }
    Ok(())
}

/// T9: tag and ciphertext of the trace.
fn t9_trace(statement: &TransferStatement, witness: &TransferWitness) -> Result<(), Violation> {
    let (tag, ciphertext) = witness.trace_plaintext().seal(&witness.epoch.key, statement.rk.x);
    if tag != statement.trace_tag {
        return Err(Violation::T9TraceTag);
    }
    if ciphertext != statement.trace_ciphertext {
        return Err(Violation::T9TraceCiphertext);
    }
    Ok(())
}
