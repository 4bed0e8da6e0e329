//! From a statement and a witness to constraints, matrices and assignments.

use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::Fr;
use veilpay_protocol::statement::{Statement, Witness};

use crate::blank::blank;
use crate::matrices::{CircuitMatrices, assignment_of, matrices_of};
use crate::{enrol, identity, transfer};

/// Writes the circuit of `statement` into `cs`. Which constraints are written depends on the circuit alone.
///
/// # Errors
/// [`SynthesisError::AssignmentMissing`] when the witness is of another circuit or has other counts;
/// [`SynthesisError::MissingCS`] without a constraint system.
pub fn synthesize(cs: ConstraintSystemRef<Fr>, statement: &Statement, witness: &Witness) -> Result<(), SynthesisError> {
    match (statement, witness) {
        (Statement::Transfer(statement), Witness::Transfer(witness)) => transfer::synthesize(&cs, statement, witness),
        (Statement::Identity(statement), Witness::Identity(witness)) => identity::synthesize(&cs, statement, witness),
        (Statement::Enrol(statement), Witness::Enrol(witness)) => enrol::synthesize(&cs, statement, witness),
        _ => Err(SynthesisError::AssignmentMissing),
    }
}

/// The matrices of `circuit`, written in setup mode.
///
/// # Errors
/// None in practice; the type is that of synthesis.
pub fn matrices(circuit: CircuitId) -> Result<CircuitMatrices, SynthesisError> {
    let (statement, witness) = blank(circuit);
    matrices_of(|cs| synthesize(cs.clone(), &statement, &witness))
}

/// The full assignment (one, public inputs, wires) of `statement` and `witness`, without constructing matrices.
///
/// It satisfies the matrices whenever the native relation ([`check`](veilpay_protocol::statement::check)) holds. The
/// converse holds for witnesses whose `ak` is in the prime subgroup. For another, `ak` plus a point of torsion, the
/// honest hint of P/8 drops the torsion, so that the assignment is the one of the `ak` without it, and satisfies the
/// matrices where that one proves the statement; the relation refuses the witness as given, by T1. A prover asks the
/// relation first.
///
/// # Errors
/// [`SynthesisError::AssignmentMissing`] when the witness is of another circuit or has other counts.
pub fn assignment(statement: &Statement, witness: &Witness) -> Result<Vec<Fr>, SynthesisError> {
    assignment_of(|cs| synthesize(cs.clone(), statement, witness))
}
