//! Blocks, checkpoints, time, opening anew and going back.

use veilpay_ledger::store::PAGE;
use veilpay_ledger::testing::VerdictInProof;
use veilpay_ledger::{Block, BlockHash, BlockKind, CircuitStatus, Content, Ledger, LedgerView, Rejection, StoreError};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::params::Network;

use super::{Memory, Place, Run, suite};
use crate::setting::{ALICE, BOB, COLLECTOR, START, account, key};

fn a_block_is_made_when_enough_time_has_passed<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    let block_seconds = run.ledger.parameters().block_seconds;
    assert_eq!(run.ledger.tick(START + block_seconds - 1), Ok(None));
    let block = run.ledger.tick(START + block_seconds).expect("stored").expect("it is time");
    assert_eq!((block.height, block.time, block.kind), (1, START + block_seconds, BlockKind::Empty));
    assert_eq!(run.ledger.tick(START + block_seconds), Ok(None));
    assert_eq!(run.ledger.tick(0), Ok(None), "a clock that was set back makes no block");
    // However long it was, one block makes up for it.
    let late = run.ledger.tick(START + 1_000_000).expect("stored").expect("it is time");
    assert_eq!((late.height, late.time), (2, START + 1_000_000));
}

fn time_never_runs_backwards<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    run.now = START + 500;
    run.shield(1000);
    run.now = START - 500;
    let receipt = run.shield(1000);
    assert_eq!(receipt.time, START + 500);
    assert_eq!(run.reopen().ledger.time(), START + 500);
}

fn blocks_are_chained_and_say_what_is_in_them<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    run.shield(1000);
    run.now += 100;
    run.ledger.tick(run.now).expect("stored");
    run.shield(1000);
    let blocks = run.ledger.blocks(0, 100).expect("readable");
    assert_eq!(blocks.len(), 4);
    assert_eq!(blocks[0].previous, BlockHash::NONE);
    for pair in blocks.windows(2) {
        assert_eq!((pair[1].height, pair[1].previous), (pair[0].height + 1, pair[0].hash));
        assert!(pair[1].time >= pair[0].time);
    }
    assert_eq!(blocks[2], Block::new(2, run.now, blocks[1].roots, &Content::Empty, blocks[1].hash));
    assert_eq!(run.ledger.blocks(2, 1).expect("readable"), [blocks[2]]);
    assert_eq!(run.ledger.block(4).expect("readable"), None);
    assert_eq!(run.ledger.blocks(u64::MAX, 5).expect("readable"), []);
}

fn the_newest_checkpoint_must_hold_the_notes_that_are_to_be_spent<P: Place>() {
    let mut run = Run::<P>::new(Network::Test);
    let interval = run.ledger.parameters().checkpoint_interval;
    let height = |run: &Run<P>, notes| run.ledger.checkpoint_for(notes).expect("readable").map(|block| block.height);
    for _ in 1..interval {
        run.shield(1000);
    }
    assert_eq!((height(&run, 0), height(&run, 1)), (Some(0), None));
    run.shield(1000);
    assert_eq!((height(&run, 3 * interval), height(&run, 3 * interval + 1)), (Some(interval), None));
    run.shield(1000);
    assert_eq!((height(&run, 3 * interval), height(&run, 3 * interval + 1)), (Some(interval), None));
}

fn a_ledger_opened_anew_is_the_same<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    for round in 0..6 {
        let digest = run.ledger.digest();
        run = run.reopen();
        assert_eq!(run.ledger.digest(), digest, "round {round}");
        run.now += 40;
        run.ledger.tick(run.now).expect("stored");
        run.shield(1000 + round);
        let draft = run.draft_of(CircuitId::Transfer8x2).unshield(account(BOB), 5).fee(account(COLLECTOR), 10);
        run.submit(draft).expect("valid");
    }
    run.ledger.audit().expect("everything fits");
}

fn a_rollback_restores_the_state_of_a_checkpoint_exactly<P: Place>() {
    let mut run = Run::<P>::new(Network::Test);
    let interval = run.ledger.parameters().checkpoint_interval;
    let mut digests = vec![run.ledger.digest()];
    let mut submitted = Vec::new();
    while run.ledger.height() < 3 * interval + 3 {
        run.now += 3;
        let draft = run.draft().shield(&key(ALICE), 500).fee(account(COLLECTOR), 10);
        let transaction = draft.sign();
        run.ledger.submit(&VerdictInProof, &transaction, run.now).expect("valid");
        submitted.push(transaction);
        digests.push(run.ledger.digest());
    }
    let tip = run.ledger.digest();
    for height in [1, interval - 1, interval + 1, 3 * interval + 3] {
        assert_eq!(run.ledger.rollback_to(height), Err(StoreError::NotACheckpoint), "{height}");
    }
    assert_eq!(run.ledger.rollback_to(4 * interval), Err(StoreError::AboveTip));
    assert_eq!(run.ledger.digest(), tip);
    for height in [3 * interval, interval, 0] {
        run.ledger.rollback_to(height).expect("a checkpoint");
        assert_eq!(run.ledger.digest(), digests[height as usize], "{height}");
        assert_eq!(run.ledger.blocks(0, 4096).expect("readable").len() as u64, height + 1);
        assert_eq!(run.ledger.notes(0, 4096).expect("readable").len() as u64, 3 * height);
        assert_eq!(run.ledger.nullifiers(0, 4096).expect("readable").len() as u64, 2 * height);
        run.ledger.audit().expect("everything fits");
        run = run.reopen();
        assert_eq!(run.ledger.digest(), digests[height as usize], "{height}, opened anew");
    }
    // What was undone can be done again, and leads to the same state at the same times.
    run.now = START + 1;
    for (transaction, digest) in submitted.iter().zip(&digests[1..]).take(interval as usize) {
        run.now += 3;
        run.ledger.submit(&VerdictInProof, transaction, run.now).expect("valid");
        assert_eq!(run.ledger.digest(), *digest);
    }
}

fn a_circuit_can_be_drained_disabled_and_enabled_again<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    run.shield(1000);
    let set = |run: &mut Run<P>, status| {
        let block = run.ledger.set_circuit_status(CircuitId::Transfer2x3, 1, status, run.now).expect("stored");
        assert_eq!(block.kind, BlockKind::Circuit);
    };
    set(&mut run, CircuitStatus::DrainOnly);
    run = run.reopen();
    let draft = run.draft().shield(&key(ALICE), 5).fee(account(COLLECTOR), 10);
    assert_eq!(run.submit(draft), Err(Rejection::DrainOnly));
    let draft = run.draft().unshield(account(ALICE), 5).fee(account(COLLECTOR), 10);
    assert!(run.submit(draft).is_ok());
    set(&mut run, CircuitStatus::Disabled);
    let draft = run.draft().unshield(account(ALICE), 5).fee(account(COLLECTOR), 10);
    assert_eq!(run.submit(draft.clone()), Err(Rejection::CircuitDisabled));
    let other = run.draft_of(CircuitId::Transfer8x2).fee(account(COLLECTOR), 10);
    assert!(run.submit(other).is_ok(), "the other circuit goes on");
    set(&mut run, CircuitStatus::Enabled);
    assert!(run.submit(draft).is_ok());
    run.ledger.rollback_to(2).expect("every block is a checkpoint");
    assert_eq!(run.ledger.circuit_status(CircuitId::Transfer2x3, 1), Some(CircuitStatus::DrainOnly));
}

fn bulk_reads_give_every_record_once_whatever_the_page<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    for i in 0..5 {
        run.shield(1000);
        run.now += 20;
        run.ledger.tick(run.now).expect("stored");
        if i % 2 == 0 {
            let draft = run.draft_of(CircuitId::Transfer8x2).fee(account(COLLECTOR), 10);
            run.submit(draft).expect("valid");
        }
    }
    let (notes, nullifiers) =
        (run.ledger.notes(0, 1000).expect("readable"), run.ledger.nullifiers(0, 1000).expect("readable"));
    assert_eq!((notes.len(), nullifiers.len()), (5 * 3 + 3 * 2, 5 * 2 + 3 * 8));
    assert!(notes.iter().zip(0..).all(|(note, position)| note.position == position));
    assert!(nullifiers.iter().zip(0..).all(|(nullifier, position)| nullifier.position == position));
    for page in 1..7 {
        for from in 0..notes.len() + 2 {
            let read = run.ledger.notes(from as u64, page).expect("readable");
            assert_eq!(read, notes[from.min(notes.len())..(from + page).min(notes.len())]);
        }
        for from in 0..nullifiers.len() + 2 {
            let read = run.ledger.nullifiers(from as u64, page).expect("readable");
            assert_eq!(read, nullifiers[from.min(nullifiers.len())..(from + page).min(nullifiers.len())]);
        }
    }
    assert_eq!(run.ledger.notes(u64::MAX, 5).expect("readable"), []);
    assert_eq!(run.ledger.frontier().size(), notes.len() as u64);
}

#[test]
fn a_page_has_a_bound_whatever_is_asked_for() {
    let mut run = Run::<Memory>::new(Network::Local);
    for _ in 0..=PAGE / 8 {
        let draft = run.draft_of(CircuitId::Transfer8x2).shield(&key(ALICE), 20).fee(account(COLLECTOR), 10);
        run.submit(draft).expect("Alice has enough");
    }
    assert!(run.ledger.tip().roots.nullifier_count > PAGE as u64);
    assert_eq!(run.ledger.nullifiers(0, usize::MAX).expect("readable").len(), PAGE);
    assert_eq!(run.ledger.nullifiers(PAGE as u64, usize::MAX).expect("readable").len(), 8);
}

suite!(
    a_block_is_made_when_enough_time_has_passed,
    time_never_runs_backwards,
    blocks_are_chained_and_say_what_is_in_them,
    the_newest_checkpoint_must_hold_the_notes_that_are_to_be_spent,
    a_ledger_opened_anew_is_the_same,
    a_rollback_restores_the_state_of_a_checkpoint_exactly,
    a_circuit_can_be_drained_disabled_and_enabled_again,
    bulk_reads_give_every_record_once_whatever_the_page,
);
