//! The examples, as their users run them.

use std::path::Path;

#[allow(dead_code, reason = "its main takes arguments")]
#[path = "../../examples/replay.rs"]
mod replay;

#[path = "../../examples/memory_ledger.rs"]
mod memory_ledger;

/// What every ledger says of the kept history, in whatever language it is written.
const EXPECTED: &str = include_str!("../../../vectors/ledger/verdicts.txt");

#[test]
fn a_node_on_the_reference_ledger_replays_the_kept_history() {
    let mut out = Vec::new();
    let history = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/ledger");
    replay::replay(&history, &mut out).expect("the history is whole");
    assert_eq!(String::from_utf8(out).expect("text"), EXPECTED);
}

#[test]
fn a_ledger_of_ones_own_accepts_and_refuses_what_it_should() {
    memory_ledger::main().expect("standard output takes text");
}
