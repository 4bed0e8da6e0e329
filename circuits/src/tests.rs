//! Whole circuits against the native relations.

mod clauses;
mod clauses_identity;
mod determinism;
mod hostile;
mod setup;

use std::sync::OnceLock;

use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::Fr;
use veilpay_protocol::statement::{Statement, Witness, check};
use veilpay_protocol::violation::Violation;

use crate::matrices::CircuitMatrices;

/// The matrices of a circuit, made once.
fn matrices(circuit: CircuitId) -> &'static CircuitMatrices {
    static ALL: [OnceLock<CircuitMatrices>; 4] = [const { OnceLock::new() }; 4];
    ALL[circuit as usize - 1].get_or_init(|| crate::matrices(circuit).expect("a system"))
}

/// All rows that an assignment breaks.
fn broken_rows(matrices: &CircuitMatrices, assignment: &[Fr]) -> usize {
    let value = |row: &[(Fr, usize)]| row.iter().map(|(c, column)| *c * assignment[*column]).sum::<Fr>();
    (0..matrices.num_constraints())
        .filter(|row| value(&matrices.a[*row]) * value(&matrices.b[*row]) != value(&matrices.c[*row]))
        .count()
}

/// Both the relation and the circuit accept.
fn accepts(name: &str, statement: &Statement, witness: &Witness) {
    let circuit = statement.circuit();
    assert_eq!(check(statement, witness), Ok(()), "{circuit}: {name}");
    let assignment = crate::assignment(statement, witness).expect("they fit");
    assert_eq!(matrices(circuit).first_unsatisfied(&assignment), None, "{circuit}: {name}");
}

/// The relation refuses by `violation`, and exactly `rows` rows of the circuit break under honest hints: whoever
/// deletes them deletes the clause.
fn refuses(statement: &Statement, witness: &Witness, violation: Violation, rows: usize) {
    assert_eq!(check(statement, witness), Err(violation));
    let matrices = matrices(statement.circuit());
    let assignment = crate::assignment(statement, witness).expect("they fit");
    assert!(matrices.first_unsatisfied(&assignment).is_some(), "the circuit misses {violation}");
    assert_eq!(broken_rows(matrices, &assignment), rows, "rows broken by {violation}");
}
