//! Shape does not depend on values; valid statements are accepted, at every edge.

use ark_relations::gr1cs::{SynthesisError, SynthesisMode};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::statement::Witness;

use super::{accepts, matrices};
use crate::hint::registry::record;
use crate::matrices::matrices_in_mode;
use crate::synthesize;
use crate::testing::{TestRng, edge_cases, sample};

#[test]
fn random_valid_statements_satisfy_relation_and_circuit() {
    let mut rng = TestRng::new(1);
    for circuit in CircuitId::ALL {
        for _ in 0..12 {
            let (statement, witness) = sample(circuit, &mut rng);
            assert_eq!(statement.circuit(), circuit);
            accepts("random", &statement, &witness);
        }
    }
}

#[test]
fn every_edge_case_satisfies_relation_and_circuit() {
    for circuit in CircuitId::ALL {
        let cases = edge_cases(circuit);
        assert!(cases.len() >= 12, "{circuit}: {}", cases.len());
        for (name, statement, witness) in cases {
            accepts(name, &statement, &witness);
        }
    }
}

#[test]
fn matrices_are_the_same_in_setup_and_in_proving_for_every_edge_case() {
    let mode = SynthesisMode::Prove { construct_matrices: true, generate_lc_assignments: false };
    for circuit in CircuitId::ALL {
        let step = if circuit == CircuitId::Transfer8x2 { 3 } else { 1 };
        for (name, statement, witness) in edge_cases(circuit).into_iter().step_by(step) {
            let proving = matrices_in_mode(mode, |cs| synthesize(cs.clone(), &statement, &witness));
            assert!(proving.expect("they fit") == *matrices(circuit), "{circuit}: {name}");
        }
    }
}

#[test]
fn every_wire_is_a_hint_or_a_product() {
    for circuit in CircuitId::ALL {
        let (statement, witness) = sample(circuit, &mut TestRng::new(2));
        let (assignment, recording) = record(|| crate::assignment(&statement, &witness).expect("they fit"));
        let matrices = matrices(circuit);
        assert_eq!(recording.hints.len() + recording.products, matrices.num_witness, "{circuit}");
        assert_eq!(assignment.len(), matrices.num_instance + matrices.num_witness, "{circuit}");
    }
}

#[test]
fn the_assignment_begins_with_one_and_the_statement() {
    for circuit in CircuitId::ALL {
        let (statement, witness) = sample(circuit, &mut TestRng::new(3));
        let assignment = crate::assignment(&statement, &witness).expect("they fit");
        assert_eq!(assignment[0], 1u64.into());
        assert_eq!(assignment[1..matrices(circuit).num_instance], statement.to_fields());
    }
}

#[test]
fn a_witness_of_another_circuit_or_count_is_not_synthesised() {
    let mut rng = TestRng::new(4);
    let samples = CircuitId::ALL.map(|circuit| sample(circuit, &mut rng));
    for (i, (statement, _)) in samples.iter().enumerate() {
        for (j, (_, witness)) in samples.iter().enumerate() {
            let result = crate::assignment(statement, witness).map(|_| ());
            assert_eq!(result, if i == j { Ok(()) } else { Err(SynthesisError::AssignmentMissing) });
        }
    }
    let (statement, witness) = sample(CircuitId::Transfer2x3, &mut rng);
    let Witness::Transfer(mut witness) = witness else { unreachable!("a transfer was asked for") };
    witness.outputs.pop();
    let result = crate::assignment(&statement, &Witness::Transfer(witness)).map(|_| ());
    assert_eq!(result, Err(SynthesisError::AssignmentMissing));
}

#[test]
fn an_assignment_of_the_wrong_length_or_without_the_one_satisfies_nothing() {
    let (statement, witness) = sample(CircuitId::Enrol, &mut TestRng::new(5));
    let assignment = crate::assignment(&statement, &witness).expect("they fit");
    let matrices = matrices(CircuitId::Enrol);
    assert_eq!(matrices.first_unsatisfied(&assignment), None);
    assert_eq!(matrices.first_unsatisfied(&assignment[..assignment.len() - 1]), Some(0));
    assert_eq!(matrices.first_unsatisfied(&[]), Some(0));
    let doubled: Vec<_> = assignment.iter().map(|x| *x + x).collect();
    assert_eq!(matrices.first_unsatisfied(&doubled), Some(0));
}
