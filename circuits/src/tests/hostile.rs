//! A malicious prover of whole circuits: with the public inputs fixed, no single hint can be anything else.

use std::collections::BTreeMap;

use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::statement::{Statement, Witness};

use crate::hint::registry::HintId;
use crate::synthesize;
use crate::testing::hostile::{Subject, hostile_values};
use crate::testing::{IdentityPlan, TestRng, TransferPlan, sample};

/// Of each name at most `most` occurrences, spread from the first to the last.
fn spread(hints: impl Iterator<Item = HintId>, most: usize) -> Vec<HintId> {
    let mut by_name = BTreeMap::<&'static str, usize>::new();
    hints.for_each(|(name, _)| *by_name.entry(name).or_default() += 1);
    let mut out = Vec::new();
    for (name, count) in by_name {
        let mut occurrences: Vec<usize> =
            (0..most.min(count)).map(|i| i * (count - 1) / (most.min(count) - 1).max(1)).collect();
        occurrences.dedup();
        out.extend(occurrences.into_iter().map(|occurrence| (name, occurrence)));
    }
    out
}

/// Replaces hints; accepted replacements must be among `free` names.
fn sweep(statement: &Statement, witness: &Witness, most: usize, free: &[&str]) {
    let subject = Subject::new(|cs| {
        synthesize(cs.clone(), statement, witness)?;
        Ok(Vec::new())
    });
    let honest: BTreeMap<_, _> = subject.recording.hints.iter().map(|hint| (hint.id, hint.honest)).collect();
    let mut moved = Vec::new();
    for id in spread(honest.keys().copied(), most) {
        for value in hostile_values(honest[&id]) {
            if subject.accepts(&[(id, value)]).is_some() {
                assert!(free.contains(&id.0), "{id:?} may be {value} instead of {}", honest[&id]);
                moved.push(id.0);
            }
        }
    }
    assert!(free.iter().all(|name| moved.contains(name)), "{free:?} are free, and {moved:?} moved");
}

fn transfer(is_dummy: bool) -> (Statement, Witness) {
    let shape = CircuitId::Transfer2x3.shape().expect("a transfer has a shape");
    let mut plan = TransferPlan::random(shape, &mut TestRng::new(11));
    for (i, input) in plan.inputs.iter_mut().enumerate() {
        (input.value, input.is_dummy) = (if is_dummy { 0 } else { 500 + i as u64 }, is_dummy);
    }
    (plan.v_pub_in, plan.v_pub_out, plan.fee) = (77, 0, 7);
    plan.balance(5);
    plan.statement()
}

#[test]
fn no_hint_of_a_transfer_of_real_notes_is_free() {
    let (statement, witness) = transfer(false);
    sweep(&statement, &witness, 3, &[]);
}

#[test]
fn only_owner_lane_and_neighbours_of_a_dummy_are_free() {
    // A dummy's commitment is compared with nothing: whose it is, of which asset, and among which nodes it would stand.
    let (statement, witness) = transfer(true);
    sweep(&statement, &witness, 2, &["input.diversifier", "note.in_hidden_asset", "path.child"]);
}

#[test]
fn no_hint_of_an_identity_is_free() {
    let (statement, witness) = IdentityPlan::random(&mut TestRng::new(12)).statement();
    sweep(&statement, &witness, 3, &[]);
}

#[test]
fn no_hint_of_an_enrolment_is_free() {
    let (statement, witness) = sample(CircuitId::Enrol, &mut TestRng::new(13));
    sweep(&statement, &witness, 12, &[]);
}
