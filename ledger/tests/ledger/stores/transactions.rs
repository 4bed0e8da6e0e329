//! What a transaction does to a ledger, and what a refused one does not.

use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use veilpay_ledger::testing::{Draft, VerdictInProof};
use veilpay_ledger::{BlockKind, CircuitStatus, Ledger, LedgerView, PoolId, Rejection, StoreError, SubmitError, rules};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::Fr;
use veilpay_protocol::merkle::{NOTE_DEPTH, Tree};
use veilpay_protocol::note::{AssetId, NoteRoot};
use veilpay_protocol::params::Network;
use veilpay_protocol::transaction::{LedgerId, Transaction};

use super::{Place, Run, suite};
use crate::setting::{ALICE, BOB, COLLECTOR, account, euro, key};

fn a_transaction_changes_exactly_what_it_says<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    let native = AssetId::native();
    let pool = PoolId { asset: native, version: 1 };
    run.shield(1000);
    assert_eq!(run.ledger.balance(account(ALICE), native), (1 << 40) - 1000);
    assert_eq!(run.ledger.balance(account(COLLECTOR), native), 10);
    assert_eq!(run.ledger.pool(pool), 990);
    let draft = run.draft().unshield(account(BOB), 200).fee(account(COLLECTOR), 15);
    let transaction = draft.clone().sign();
    let receipt = run.submit(draft).expect("valid");
    assert_eq!((receipt.height, receipt.time, receipt.first_note), (2, run.now, 3));
    assert_eq!(run.ledger.balances(account(BOB)).len(), 2);
    assert_eq!(run.ledger.balance(account(BOB), native), 200);
    assert_eq!(run.ledger.balance(account(COLLECTOR), native), 25);
    assert_eq!(run.ledger.pools(), [(pool, 775)]);
    let statement = &transaction.body.statement;
    let tip = *run.ledger.tip();
    assert_eq!((tip.height, tip.kind), (2, BlockKind::Transaction));
    assert_eq!((tip.roots.note_count, tip.roots.nullifier_count), (6, 4));
    let mut tree = Tree::<NOTE_DEPTH>::default();
    let notes = run.ledger.notes(0, 100).expect("readable");
    for note in &notes {
        tree.append(note.commitment.to_field()).expect("there is room");
    }
    assert_eq!(tip.roots.note_root, NoteRoot::new(tree.root()));
    assert!(notes[3..].iter().map(|note| note.commitment).eq(statement.commitments.iter().copied()));
    assert!(notes[3..].iter().zip(&transaction.body.ciphertexts).all(|(note, c)| note.ciphertext == c.to_bytes()));
    assert!(notes[3..].iter().all(|note| note.height == 2 && note.txid == receipt.txid));
    let nullifiers = run.ledger.nullifiers(2, 100).expect("readable");
    assert!(nullifiers.iter().map(|record| record.nullifier).eq(statement.nullifiers.iter().copied()));
    assert!(nullifiers.iter().all(|record| record.height == 2));
    assert!(statement.nullifiers.iter().all(|nullifier| run.ledger.has_nullifier(*nullifier)));
    assert!(run.ledger.has_trace_tag(statement.epoch, statement.trace_tag));
    let record = run.ledger.transaction(receipt.txid).expect("readable").expect("accepted");
    assert_eq!(record.receipt, receipt);
    assert_eq!(record.transaction.bytes.len(), transaction.to_bytes().len());
    assert_eq!(rules::decode(&record.transaction.bytes).map(|t| t.body), Ok(transaction.body));
    run.ledger.audit().expect("everything fits");
}

/// Makes one part of a draft wrong.
type Change = fn(&mut Draft);

fn a_rejected_transaction_leaves_no_trace_and_blocks_no_later_one<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    run.shield(1000);
    let spent = run.draft().fee(account(COLLECTOR), 10);
    run.submit(spent.clone()).expect("valid");
    let good = run.draft().fee(account(COLLECTOR), 10);
    let wrong: [(Change, &str); 12] = [
        (|draft| draft.ledger = LedgerId::derive(Network::Main, "test"), "another_ledger"),
        (|draft| draft.expiry_height += 1000, "expiry_too_far"),
        (|draft| draft.fields.fee = 9, "fee_too_low"),
        (|draft| draft.proof = VerdictInProof::FAILS, "proof"),
        (|draft| draft.fields.note_root = NoteRoot::new(Fr::from(1u64)), "note_root"),
        (|draft| draft.fields.now += 1 << 20, "clock_window"),
        (|draft| draft.fields.epoch += 1, "epoch"),
        (|draft| draft.expiry_height = 1, "expired"),
        (|draft| draft.fields.nullifiers[0] = draft.fields.nullifiers[1], "repeated_nullifier"),
        (|draft| draft.fields.asset_pub = AssetId::of(b"no", b"one"), "unknown_asset"),
        (|draft| draft.fields.fee = 10_000, "pool_negative"),
        (|draft| draft.ciphertexts.truncate(2), "ciphertext_count"),
    ];
    let before = (run.ledger.digest(), *run.ledger.tip());
    for (change, code) in wrong {
        assert_eq!(run.submit(good.clone().with(change)).map_err(|rule| rule.code()), Err(code));
        assert_eq!((run.ledger.digest(), *run.ledger.tip()), before, "{code}");
    }
    let seen = good.clone().with(|draft| draft.fields.nullifiers[1] = spent.fields.nullifiers[0]);
    assert_eq!(run.submit(seen), Err(Rejection::NullifierSeen));
    let tagged = good.clone().with(|draft| draft.fields.trace_tag = spent.fields.trace_tag);
    assert_eq!(run.submit(tagged), Err(Rejection::TraceTagSeen));
    let poor = good.clone().shield(&key(BOB), 1);
    assert_eq!(run.submit(poor), Err(Rejection::InsufficientBalance));
    assert_eq!((run.ledger.digest(), *run.ledger.tip()), before);
    run.ledger.audit().expect("everything fits");
    run = run.reopen();
    assert_eq!((run.ledger.digest(), *run.ledger.tip()), before);
    assert!(run.submit(good).is_ok(), "the refused ones had its nullifiers and its tag");
}

fn a_replay_and_a_rerandomised_proof_are_the_same_transaction<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    run.shield(1000);
    let transaction = run.draft().fee(account(COLLECTOR), 10).sign();
    let receipt = run.ledger.submit(&VerdictInProof, &transaction, run.now).expect("valid");
    let mut randomised = transaction.clone();
    randomised.proof[1..].fill(9);
    for again in [&transaction, &randomised] {
        let verified = rules::semantic(again, &VerdictInProof).expect("it proves itself");
        assert_eq!(verified.txid(), receipt.txid);
        let refused = run.ledger.accept(&verified, run.now);
        assert_eq!(refused, Err(SubmitError::Rejected(Rejection::NullifierSeen)));
        assert!(run.ledger.transaction(verified.txid()).expect("readable").is_some());
    }
}

fn equal_commitments_are_two_notes<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    let mut draft = run.draft().shield(&key(ALICE), 50).fee(account(COLLECTOR), 10);
    draft.fields.commitments[1] = draft.fields.commitments[0];
    let commitment = draft.fields.commitments[0];
    run.submit(draft).expect("valid");
    let again = run.draft().shield(&key(ALICE), 50).fee(account(COLLECTOR), 10);
    run.submit(again.with(|draft| draft.fields.commitments[2] = commitment)).expect("valid");
    let notes = run.ledger.notes(0, 10).expect("readable");
    let positions = notes.iter().filter(|note| note.commitment == commitment).map(|note| note.position);
    assert!(positions.eq([0, 1, 5]));
}

fn shields_of_dummies_alone_start_from_the_root_of_the_empty_tree<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    let genesis_root = run.ledger.tip().roots.note_root;
    assert_eq!(genesis_root, NoteRoot::new(Tree::<NOTE_DEPTH>::default().root()));
    for circuit in CircuitId::TRANSFERS {
        let draft = run.draft_of(circuit).shield(&key(ALICE), 50).fee(account(COLLECTOR), 10);
        run.submit(draft.with(|draft| draft.fields.note_root = genesis_root)).expect("the root is recorded");
        let zero = run.draft_of(circuit).shield(&key(ALICE), 50).fee(account(COLLECTOR), 10);
        let zero = zero.with(|draft| draft.fields.note_root = NoteRoot::new(Fr::from(0u64)));
        assert_eq!(run.submit(zero), Err(Rejection::NoteRoot));
    }
}

fn the_turnstile_holds_at_the_edges_of_64_bits<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    let asset = euro().id();
    let pool = PoolId { asset, version: 1 };
    let in_euro = |draft: Draft| draft.with(|draft| draft.fields.asset_pub = asset);
    let draft = run.draft();
    assert_eq!(run.submit(in_euro(draft.unshield(account(ALICE), 1))), Err(Rejection::PoolNegative));
    let draft = run.draft();
    run.submit(in_euro(draft.shield(&key(BOB), u64::MAX))).expect("Bob has all euros");
    assert_eq!((run.ledger.pool(pool), run.ledger.balances(account(BOB))), (u64::MAX, Vec::new()));
    let draft = run.draft();
    assert_eq!(run.submit(in_euro(draft.shield(&key(BOB), 1))), Err(Rejection::InsufficientBalance));
    let draft = run.draft();
    run.submit(in_euro(draft.unshield(account(ALICE), u64::MAX))).expect("the pool holds it");
    assert_eq!((run.ledger.pools(), run.ledger.balance(account(ALICE), asset)), (Vec::new(), u64::MAX));
    run = run.reopen();
    assert_eq!((run.ledger.pools(), run.ledger.balance(account(ALICE), asset)), (Vec::new(), u64::MAX));
    run.ledger.audit().expect("everything fits");
}

fn a_root_is_an_anchor_until_as_many_newer_ones_are_there<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    let first = run.ledger.tip().roots.note_root;
    let recent = u64::from(run.ledger.parameters().recent_roots);
    for round in 1..recent {
        run.now += 1;
        run.shield(20);
        if round % 64 == 0 {
            // Blocks without a new root push none out.
            run.ledger.set_circuit_status(CircuitId::Transfer8x2, 1, CircuitStatus::Enabled, run.now).expect("stored");
        }
    }
    assert!(run.ledger.is_recent_note_root(first));
    run.shield(20);
    assert!(!run.ledger.is_recent_note_root(first));
    run = run.reopen();
    assert!(!run.ledger.is_recent_note_root(first));
    assert!(run.ledger.is_recent_note_root(run.ledger.block(1).expect("readable").expect("there").roots.note_root));
}

fn effects_of_another_state_are_refused<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    run.shield(1000);
    let (one, two) = (run.draft().fee(account(COLLECTOR), 10).sign(), run.draft().fee(account(COLLECTOR), 10).sign());
    let effects = [one, two].map(|t| rules::validate(&t, &run.ledger, &VerdictInProof, run.now).expect("valid"));
    run.ledger.apply(&effects[0], run.now).expect("the state has not moved");
    let before = run.ledger.digest();
    for late in &effects {
        assert_eq!(run.ledger.apply(late, run.now), Err(StoreError::StaleEffects));
    }
    assert_eq!(run.ledger.digest(), before);
}

fn of_two_threads_with_one_nullifier_exactly_one_wins<P: Place>() {
    const ROUNDS: usize = 1000;
    let mut run = Run::<P>::new(Network::Local);
    run.shield(1 << 30);
    let mut pairs = Vec::new();
    for _ in 0..ROUNDS {
        let one = run.draft().fee(account(COLLECTOR), 10);
        let shared = one.fields.nullifiers[1];
        let two = run.draft().fee(account(COLLECTOR), 10).with(|draft| draft.fields.nullifiers[0] = shared);
        let far = |draft: Draft| draft.with(|draft| draft.expiry_height += 200);
        pairs.push([far(one).sign(), far(two).sign()]);
    }
    let now = run.now;
    let verified = |t: &Transaction| rules::semantic(t, &VerdictInProof).expect("it proves itself");
    // A ledger takes few blocks of one checkpoint's transactions: each round restarts from the same state.
    let ledger = Arc::new(Mutex::new(run.ledger));
    for pair in pairs.chunks(200) {
        let barrier = Arc::new(Barrier::new(2));
        let wins: Vec<Vec<bool>> = thread::scope(|scope| {
            let threads = [0, 1].map(|side| {
                let (ledger, barrier) = (Arc::clone(&ledger), Arc::clone(&barrier));
                scope.spawn(move || {
                    let submit = |pair: &[_; 2]| {
                        let verified = verified(&pair[side]);
                        barrier.wait();
                        let result = ledger.lock().expect("no thread panics").accept(&verified, now);
                        assert!(matches!(result, Ok(_) | Err(SubmitError::Rejected(Rejection::NullifierSeen))));
                        result.is_ok()
                    };
                    pair.iter().map(submit).collect::<Vec<_>>()
                })
            });
            threads.into_iter().map(|thread| thread.join().expect("no thread panics")).collect()
        });
        assert!(wins[0].iter().zip(&wins[1]).all(|(one, two)| one != two), "exactly one wins");
        let mut ledger = ledger.lock().expect("no thread panics");
        ledger.audit().expect("everything fits");
        ledger.rollback_to(1).expect("every block is a checkpoint");
    }
}

suite!(
    a_transaction_changes_exactly_what_it_says,
    a_rejected_transaction_leaves_no_trace_and_blocks_no_later_one,
    a_replay_and_a_rerandomised_proof_are_the_same_transaction,
    equal_commitments_are_two_notes,
    shields_of_dummies_alone_start_from_the_root_of_the_empty_tree,
    the_turnstile_holds_at_the_edges_of_64_bits,
    a_root_is_an_anchor_until_as_many_newer_ones_are_there,
    effects_of_another_state_are_refused,
    of_two_threads_with_one_nullifier_exactly_one_wins,
);
