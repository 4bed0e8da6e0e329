//! Given what a prover may choose, every other wire is determined; without any one defining row it is not.

use std::collections::BTreeSet;

use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::Fr;
use veilpay_protocol::statement::{Statement, Witness};

use super::matrices;
use crate::hint::registry::record;
use crate::testing::determinism::{Determination, determine};
use crate::testing::{TestRng, edge_cases, sample};

/// The hints that carry what a prover knows. Everything else follows: bits, quotients, inverses.
const CHOSEN: [&str; 19] = [
    "asset",
    "credential.expiry",
    "credential.jurisdiction",
    "credential.serial",
    "credential.tier",
    "epoch.key",
    "idc",
    "idk",
    "input.diversifier",
    "nk",
    "note.rcm",
    "note.value",
    "output.owner",
    "path.child",
    "point.eighth.x",
    "point.eighth.y",
    "sanctions.key",
    "sanctions.next",
    "trace_root",
];

/// The assignment and the columns of the chosen hints.
fn chosen_columns(statement: &Statement, witness: &Witness) -> (Vec<Fr>, BTreeSet<usize>) {
    let (assignment, recording) = record(|| crate::assignment(statement, witness).expect("they fit"));
    let columns = recording
        .hints
        .iter()
        .filter(|hint| CHOSEN.contains(&hint.id.0))
        .map(|hint| matrices(statement.circuit()).num_instance + hint.wire)
        .collect();
    (assignment, columns)
}

fn determination(statement: &Statement, witness: &Witness, deleted: Option<usize>) -> Determination {
    let (assignment, columns) = chosen_columns(statement, witness);
    determine(matrices(statement.circuit()), &assignment, columns, deleted)
}

#[test]
fn every_wire_follows_from_what_a_prover_chooses_at_random_and_degenerate_assignments() {
    for circuit in CircuitId::ALL {
        let (statement, witness) = sample(circuit, &mut TestRng::new(21));
        assert_eq!(determination(&statement, &witness, None).free, [0usize; 0], "{circuit}");
        let step = if circuit == CircuitId::Transfer8x2 { 6 } else { 2 };
        for (name, statement, witness) in edge_cases(circuit).into_iter().step_by(step) {
            assert_eq!(determination(&statement, &witness, None).free, [0usize; 0], "{circuit}: {name}");
        }
    }
}

#[test]
fn without_its_row_a_wire_is_free_or_a_check_has_become_its_definition() {
    // The two transfers have the same kinds of rows.
    for circuit in [CircuitId::Transfer2x3, CircuitId::Identity, CircuitId::Enrol] {
        let (statement, witness) = sample(circuit, &mut TestRng::new(22));
        let whole = determination(&statement, &witness, None).defines;
        let defining: Vec<_> = whole.iter().enumerate().filter_map(|(row, column)| Some((row, (*column)?))).collect();
        assert_eq!(defining.len() + chosen_columns(&statement, &witness).1.len(), matrices(circuit).num_witness);
        let (mut freed, mut tried) = (0, 0);
        for (row, column) in defining.iter().step_by(defining.len() / 12) {
            tried += 1;
            let without = determination(&statement, &witness, Some(*row));
            if without.free.contains(column) {
                freed += 1;
            } else {
                let is_new = |row: &usize| whole[*row].is_none() && without.defines[*row].is_some();
                assert!((0..whole.len()).any(|row| is_new(&row)), "{circuit}: row {row} is superfluous");
            }
        }
        assert!(2 * freed >= tried, "{circuit}: {freed} of {tried}");
    }
}
