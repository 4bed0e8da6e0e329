//! L3.

use veilpay_ledger::rules::contextual::NOTE_CAPACITY;
use veilpay_ledger::rules::{contextual, semantic};
use veilpay_ledger::testing::{Draft, VerdictInProof};
use veilpay_ledger::{CircuitStatus, PoolId, Rejection, RootStatus, effects::NewBalance, validate};
use veilpay_protocol::credential::{RegistryRoot, SanctionsRoot};
use veilpay_protocol::field::Fr;
use veilpay_protocol::note::{AssetId, NoteRoot};
use veilpay_protocol::nullifier::Nullifier;
use veilpay_protocol::params::Network;
use veilpay_protocol::tracing::TraceTag;
use veilpay_protocol::transaction::LedgerId;

use super::changed;
use crate::setting::{ALICE, BOB, COLLECTOR, START, View, account, key};

#[test]
fn l3_1_a_disabled_circuit_accepts_nothing() {
    let view = View { status: CircuitStatus::Disabled, ..View::new() };
    assert_eq!(view.refusal(View::draft()), Some(Rejection::CircuitDisabled));
    assert_eq!(view.refusal(View::draft().unshield(account(ALICE), 1)), Some(Rejection::CircuitDisabled));
}

#[test]
fn l3_2_a_draining_circuit_lets_value_out_alone() {
    let view = View { status: CircuitStatus::DrainOnly, ..View::new() };
    assert_eq!(view.refusal(View::draft()), Some(Rejection::DrainOnly));
    assert_eq!(view.refusal(View::draft().shield(&key(ALICE), 1)), Some(Rejection::DrainOnly));
    assert_eq!(view.refusal(View::draft().unshield(account(ALICE), 1)), None);
}

#[test]
fn l3_3_only_recent_roots_of_the_note_tree_are_anchors() {
    let view = View::new();
    for root in [Fr::from(0u64), Fr::from(77u64)] {
        let draft = changed(|draft| draft.fields.note_root = NoteRoot::new(root));
        assert_eq!(view.refusal(draft), Some(Rejection::NoteRoot));
    }
}

/// Refusals of a good draft by the status that both roots get one after the other.
fn with_status(status: RootStatus) -> (Option<Rejection>, Option<Rejection>) {
    let (mut registry, mut sanctions) = (View::new(), View::new());
    registry.registry.values_mut().for_each(|known| *known = status);
    sanctions.sanctions.values_mut().for_each(|known| *known = status);
    (registry.refusal(View::draft()), sanctions.refusal(View::draft()))
}

#[test]
fn l3_4_and_l3_5_a_superseded_root_is_good_for_less_than_the_grace_time() {
    let grace = View::new().parameters.grace_seconds;
    let refused = (Some(Rejection::RegistryRoot), Some(Rejection::SanctionsRoot));
    assert_eq!(with_status(RootStatus::Current), (None, None));
    assert_eq!(with_status(RootStatus::Superseded { at: START }), (None, None));
    assert_eq!(with_status(RootStatus::Superseded { at: START - grace + 1 }), (None, None));
    assert_eq!(with_status(RootStatus::Superseded { at: START - grace }), refused);
    assert_eq!(with_status(RootStatus::Superseded { at: 0 }), refused);
    assert_eq!(with_status(RootStatus::Unknown), refused);
}

#[test]
fn l3_4_a_registry_root_that_the_ledger_never_computed_is_refused() {
    for root in [Fr::from(0u64), Fr::from(5u64)] {
        let draft = changed(|draft| draft.fields.registry_root = RegistryRoot::new(root));
        assert_eq!(View::new().refusal(draft), Some(Rejection::RegistryRoot));
    }
}

#[test]
fn l3_5_a_sanctions_root_that_the_ledger_never_computed_is_refused() {
    for root in [Fr::from(0u64), Fr::from(5u64)] {
        let draft = changed(|draft| draft.fields.sanctions_root = SanctionsRoot::new(root));
        assert_eq!(View::new().refusal(draft), Some(Rejection::SanctionsRoot));
    }
}

#[test]
fn l3_6_now_lies_within_the_clock_window_on_both_sides() {
    let view = View::new();
    let window = view.parameters.clock_window_seconds;
    let transaction = View::draft().sign();
    let behind = View { time: START - 2 * window, ..view.clone() };
    for (clock, refusal) in [
        (START + window, None),
        (START + window + 1, Some(Rejection::ClockWindow)),
        (START - window, None),
        (START - window - 1, Some(Rejection::ClockWindow)),
        (u64::MAX, Some(Rejection::ClockWindow)),
    ] {
        assert_eq!(validate(&transaction, &behind, &VerdictInProof, clock).err(), refusal, "{clock}");
    }
    // A machine whose clock was set back is held to the last block's time.
    assert!(validate(&transaction, &view, &VerdictInProof, 0).is_ok());
}

#[test]
fn l3_7_the_epoch_is_that_of_now_exactly() {
    let length = View::new().parameters.epoch_seconds;
    let first = (START / length + 1) * length;
    let view = View { time: first, ..View::new() };
    for (now, epoch, refusal) in [
        (first, first / length, None),
        (first - 1, first / length - 1, None),
        (first, first / length - 1, Some(Rejection::Epoch)),
        (first - 1, first / length, Some(Rejection::Epoch)),
        (first, first / length + 1, Some(Rejection::Epoch)),
        (first, u64::MAX, Some(Rejection::Epoch)),
    ] {
        let draft = changed(|draft| (draft.fields.now, draft.fields.epoch) = (now, epoch));
        assert_eq!(view.refusal(draft), refusal, "{now} {epoch}");
    }
}

#[test]
fn l3_8_the_next_block_must_not_be_above_the_expiry() {
    let view = View::new();
    assert_eq!(view.refusal(changed(|draft| draft.expiry_height = view.height + 1)), None);
    assert_eq!(view.refusal(changed(|draft| draft.expiry_height = view.height)), Some(Rejection::Expired));
    assert_eq!(view.refusal(changed(|draft| draft.expiry_height = 0)), Some(Rejection::Expired));
}

#[test]
fn l3_9_a_nullifier_twice_in_one_transaction_is_refused() {
    let draft = changed(|draft| draft.fields.nullifiers[1] = draft.fields.nullifiers[0]);
    assert_eq!(View::new().refusal(draft), Some(Rejection::RepeatedNullifier));
}

#[test]
fn l3_10_a_seen_nullifier_is_refused_wherever_it_stands() {
    for i in 0..2 {
        let mut view = View::new();
        view.nullifiers.insert(View::draft().fields.nullifiers[i]);
        assert_eq!(view.refusal(View::draft()), Some(Rejection::NullifierSeen));
    }
    let mut view = View::new();
    view.nullifiers.insert(Nullifier::new(Fr::from(1u64)));
    assert_eq!(view.refusal(View::draft()), None);
}

#[test]
fn l3_11_a_trace_tag_counts_once_per_epoch() {
    let (mut same, mut other) = (View::new(), View::new());
    let fields = View::draft().fields;
    same.tags.insert((fields.epoch, fields.trace_tag));
    other.tags.insert((fields.epoch - 1, fields.trace_tag));
    other.tags.insert((fields.epoch, TraceTag::new(Fr::from(1u64))));
    assert_eq!(same.refusal(View::draft()), Some(Rejection::TraceTagSeen));
    assert_eq!(other.refusal(View::draft()), None);
}

#[test]
fn l3_12_an_asset_that_is_not_registered_is_refused() {
    let draft = changed(|draft| draft.fields.asset_pub = AssetId::of(b"bank", b"USD"));
    assert_eq!(View::new().refusal(draft), Some(Rejection::UnknownAsset));
}

#[test]
fn l3_13_the_fee_is_at_least_the_minimum_or_nothing_with_a_sponsor() {
    let view = View::new();
    let fee = |amount| changed(|draft| draft.fields.fee = amount);
    let free = || fee(0).with(|draft| draft.external.fee_collector = None);
    assert_eq!(view.refusal(fee(11)), None);
    assert_eq!(view.refusal(fee(10)), None);
    assert_eq!(view.refusal(fee(9)), Some(Rejection::FeeTooLow));
    assert_eq!(view.refusal(free()), Some(Rejection::FeeTooLow));
    assert_eq!(view.refusal(free().sponsored(&key(BOB))), None);
    let gratis = View { minimum_fees: [(AssetId::native(), 0)].into(), ..View::new() };
    assert_eq!(gratis.refusal(free()), None);
}

#[test]
fn l3_14_a_tree_without_room_for_all_outputs_is_full() {
    let with_count = |note_count| View { note_count, ..View::new() }.refusal(View::draft());
    assert_eq!(with_count(NOTE_CAPACITY - 3), None);
    for count in [NOTE_CAPACITY - 2, NOTE_CAPACITY, u64::MAX] {
        assert_eq!(with_count(count), Some(Rejection::TreeFull), "{count}");
    }
}

fn shield(amount: u64) -> Draft {
    View::draft().shield(&key(ALICE), amount)
}

#[test]
fn l3_15_the_source_has_what_enters_before_anyone_is_credited() {
    let view = View::new();
    assert_eq!(view.refusal(shield(1000)), None);
    assert_eq!(view.refusal(shield(1001)), Some(Rejection::InsufficientBalance));
    assert_eq!(view.refusal(shield(u64::MAX)), Some(Rejection::InsufficientBalance));
    // The fee that Alice collects herself does not pay for what she puts in.
    let own_fee = shield(1005).fee(account(ALICE), 10);
    assert_eq!(view.refusal(own_fee), Some(Rejection::InsufficientBalance));
}

#[test]
fn l3_16_a_balance_does_not_overflow() {
    let view = |amount| View { balances: [(account(COLLECTOR), amount)].into(), ..View::new() };
    assert_eq!(view(u64::MAX - 10).refusal(View::draft()), None);
    assert_eq!(view(u64::MAX - 9).refusal(View::draft()), Some(Rejection::BalanceOverflow));
    // Target and collector may be one account.
    let twice = || View::draft().unshield(account(COLLECTOR), 5);
    assert_eq!(view(u64::MAX - 15).refusal(twice()), None);
    assert_eq!(view(u64::MAX - 14).refusal(twice()), Some(Rejection::BalanceOverflow));
}

#[test]
fn l3_17_the_pool_does_not_overflow() {
    let view = |pool| View { pool, balances: [(account(ALICE), u64::MAX)].into(), ..View::new() };
    // The fee leaves as the value enters.
    assert_eq!(view(u64::MAX - 90).refusal(shield(100)), None);
    assert_eq!(view(u64::MAX - 89).refusal(shield(100)), Some(Rejection::PoolOverflow));
    assert_eq!(view(10).refusal(shield(u64::MAX)), None);
    assert_eq!(view(11).refusal(shield(u64::MAX)), Some(Rejection::PoolOverflow));
}

#[test]
fn l3_18_no_more_leaves_the_pool_than_entered_it() {
    let view = |pool| View { pool, ..View::new() };
    assert_eq!(view(10).refusal(View::draft()), None);
    assert_eq!(view(9).refusal(View::draft()), Some(Rejection::PoolNegative));
    let unshield = |amount| View::draft().unshield(account(BOB), amount);
    assert_eq!(view(5000).refusal(unshield(4990)), None);
    assert_eq!(view(5000).refusal(unshield(4991)), Some(Rejection::PoolNegative));
    assert_eq!(view(u64::MAX).refusal(unshield(u64::MAX)), Some(Rejection::PoolNegative));
    assert_eq!(view(0).refusal(shield(10)), None);
    assert_eq!(view(0).refusal(shield(9)), Some(Rejection::PoolNegative));
}

#[test]
fn a_verified_transaction_still_has_to_meet_the_structural_rules_of_this_ledger() {
    let verified = |draft: Draft| semantic(&draft.sign(), &VerdictInProof).expect("it proves itself");
    let other = verified(changed(|draft| draft.ledger = LedgerId::derive(Network::Local, "other")));
    let both = verified(View::draft().shield(&key(ALICE), 1).unshield(account(BOB), 1));
    for (verified, rule) in [(other, Rejection::AnotherLedger), (both, Rejection::BothDirections)] {
        assert_eq!(contextual(&verified, &View::new(), START).err(), Some(rule));
    }
    assert!(contextual(&verified(View::draft()), &View::new(), START).is_ok());
}

#[test]
fn the_effects_of_an_accepted_transaction_are_exactly_its_own() {
    let view = View::new();
    let transaction = shield(300).fee(account(ALICE), 10).sign();
    let effects = view.validate(&transaction).expect("valid");
    let statement = &transaction.body.statement;
    assert_eq!(effects.transaction(), &transaction);
    assert_eq!(effects.height(), view.height);
    assert_eq!(effects.nullifiers(), statement.nullifiers);
    assert!(effects.notes().map(|(commitment, _)| commitment).eq(statement.commitments.iter().copied()));
    assert!(effects.notes().map(|(_, ciphertext)| ciphertext).eq(&transaction.body.ciphertexts));
    assert_eq!(effects.trace_tag(), (statement.epoch, statement.trace_tag));
    let asset = AssetId::native();
    assert_eq!(effects.balances(), [NewBalance { account: account(ALICE), asset, amount: 710 }]);
    assert_eq!(effects.pool(), (PoolId { asset, version: 1 }, 5290));
    let unshield = View::draft().unshield(account(BOB), 300).sign();
    let balances = view.validate(&unshield).expect("valid").balances().to_vec();
    let expected = [(BOB, 300), (COLLECTOR, 10)];
    assert_eq!(balances, expected.map(|(who, amount)| NewBalance { account: account(who), asset, amount }));
}
