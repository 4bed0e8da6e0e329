//! The registry and the sanctions list, and who reads their roots.

use rand_core::OsRng;

use veilpay_ledger::identity::{self, IdentityContext, IdentityRejection};
use veilpay_ledger::{BlockKind, Ledger, LedgerView, Rejection, RootStatus, UpdateError};
use veilpay_protocol::curve::generator;
use veilpay_protocol::encryption::EnrolmentCiphertext;
use veilpay_protocol::field::Fr;
use veilpay_protocol::identity::{IdentityStatement, JURISDICTIONS, ScopeNullifier};
use veilpay_protocol::indexed_merkle::{IndexedWrite, ListError};
use veilpay_protocol::params::Network;
use veilpay_protocol::registry::{
    Delta, DeltaError, MAX_WRITES, RegistryKind, RegistryWrite, SanctionsKind, SignedDelta,
};
use veilpay_protocol::transaction::LedgerId;

use super::{Place, Run, suite};
use crate::setting::{ALICE, COLLECTOR, ISSUER, START, account, key};

fn registry_delta<P: Place>(run: &Run<P>, index: u32, leaf: u64) -> Delta<RegistryKind> {
    let ciphertext = EnrolmentCiphertext::unopenable(&mut OsRng);
    let write = RegistryWrite { index, leaf: Fr::from(leaf), ciphertext };
    run.ledger.registry().plan(vec![write]).expect("the slot is in the tree")
}

fn sanctions_delta<P: Place>(run: &Run<P>, serial: u128) -> Delta<SanctionsKind> {
    let writes = run.ledger.sanctions().list().plan_insert(serial).expect("not listed");
    run.ledger.sanctions().plan(writes).expect("a chain")
}

fn signed<P: Place, K: veilpay_protocol::registry::DeltaKind>(run: &Run<P>, delta: Delta<K>) -> SignedDelta<K> {
    delta.sign(&run.ledger.ledger_id(), &key(ISSUER))
}

fn deltas_of_the_issuer_move_the_roots<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    let (registry, sanctions) = (run.ledger.tip().roots.registry_root, run.ledger.tip().roots.sanctions_root);
    let (one, two) = (signed(&run, registry_delta(&run, 0, 5)), signed(&run, sanctions_delta(&run, 99)));
    let block = run.ledger.apply_registry_delta(&one, run.now).expect("good");
    assert_eq!(
        (block.kind, block.roots.registry_sequence, block.roots.sanctions_sequence),
        (BlockKind::Registry, 1, 0)
    );
    assert_eq!(block.roots.registry_root.to_field(), one.delta.root);
    let block = run.ledger.apply_sanctions_delta(&two, run.now).expect("good");
    assert_eq!(
        (block.kind, block.roots.registry_sequence, block.roots.sanctions_sequence),
        (BlockKind::Sanctions, 1, 1)
    );
    let back = signed(&run, registry_delta(&run, 0, 0));
    run.now += 7;
    run.ledger.apply_registry_delta(&back, run.now).expect("good");
    run = run.reopen();
    assert_eq!(run.ledger.registry_root_status(registry), RootStatus::Current, "revoking emptied the tree again");
    let superseded = RootStatus::Superseded { at: run.now };
    assert_eq!(run.ledger.registry_root_status(block.roots.registry_root), superseded);
    assert_eq!(run.ledger.sanctions_root_status(sanctions), RootStatus::Superseded { at: START + 1 });
    let deltas = run.ledger.registry_deltas(0, 10).expect("readable");
    assert!(deltas.iter().map(|record| (record.height, &record.delta)).eq([(1, &one), (3, &back)]));
    assert_eq!(run.ledger.registry_deltas(1, 1).expect("readable")[0].delta, back);
    assert_eq!(run.ledger.registry_deltas(2, 1).expect("readable"), []);
    let deltas = run.ledger.sanctions_deltas(0, 10).expect("readable");
    assert!(deltas.iter().map(|record| (record.height, &record.delta)).eq([(2, &two)]));
    run.ledger.audit().expect("everything fits");
    run.ledger.rollback_to(1).expect("every block is a checkpoint");
    assert_eq!(run.ledger.tip().roots.registry_root.to_field(), one.delta.root);
    assert_eq!(run.ledger.registry_root_status(registry), RootStatus::Superseded { at: START + 1 });
    assert_eq!(run.ledger.sanctions_root_status(sanctions), RootStatus::Current);
    assert_eq!(run.ledger.apply_sanctions_delta(&two, run.now).map(|block| block.height), Ok(2));
}

fn a_refused_delta_changes_nothing<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    let first = signed(&run, registry_delta(&run, 0, 5));
    run.ledger.apply_registry_delta(&first, run.now).expect("good");
    let listed = signed(&run, sanctions_delta(&run, 4));
    run.ledger.apply_sanctions_delta(&listed, run.now).expect("good");
    let before = run.ledger.digest();
    let good = registry_delta(&run, 1, 6);
    let id = run.ledger.ledger_id();
    let other = LedgerId::derive(Network::Local, "other");
    let refused = [
        (good.clone().sign(&id, &key(ALICE)), DeltaError::Signature),
        (good.clone().sign(&other, &key(ISSUER)), DeltaError::Signature),
        (SignedDelta { delta: registry_delta(&run, 2, 6), ..signed(&run, good.clone()) }, DeltaError::Signature),
        (signed(&run, Delta { sequence: 0, ..good.clone() }), DeltaError::Sequence),
        (signed(&run, Delta { sequence: 2, ..good.clone() }), DeltaError::Sequence),
        (signed(&run, Delta { previous_root: Fr::from(0u64), ..good.clone() }), DeltaError::PreviousRoot),
        (signed(&run, Delta { root: Fr::from(0u64), ..good.clone() }), DeltaError::Root),
        (first, DeltaError::Sequence),
    ];
    for (delta, error) in refused {
        assert_eq!(run.ledger.apply_registry_delta(&delta, run.now), Err(UpdateError::Delta(error)));
        assert_eq!(run.ledger.digest(), before);
    }
    let list = sanctions_delta(&run, 9);
    let broken = Delta { writes: vec![IndexedWrite { index: 0, leaf: None }], ..list.clone() };
    let refused = [
        (list.clone().sign(&id, &key(ALICE)), DeltaError::Signature),
        (signed(&run, broken), DeltaError::List(ListError::BrokenChain)),
        (signed(&run, Delta { root: Fr::from(0u64), ..list.clone() }), DeltaError::Root),
        (listed, DeltaError::Sequence),
    ];
    for (delta, error) in refused {
        assert_eq!(run.ledger.apply_sanctions_delta(&delta, run.now), Err(UpdateError::Delta(error)));
        assert_eq!(run.ledger.digest(), before);
    }
    run = run.reopen();
    assert_eq!(run.ledger.digest(), before);
    let good = signed(&run, good);
    assert!(run.ledger.apply_registry_delta(&good, run.now).is_ok());
    let list = signed(&run, list);
    assert!(run.ledger.apply_sanctions_delta(&list, run.now).is_ok());
}

fn a_delta_of_more_writes_than_one_may_have_is_refused<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    let ciphertext = EnrolmentCiphertext::unopenable(&mut OsRng);
    let write = RegistryWrite { index: 0, leaf: Fr::from(1u64), ciphertext };
    let plan = |run: &Run<P>, count| run.ledger.registry().plan(vec![write.clone(); count]).expect("in the tree");
    let many = signed(&run, plan(&run, MAX_WRITES + 1));
    assert_eq!(run.ledger.apply_registry_delta(&many, run.now), Err(UpdateError::TooManyWrites));
    let most = signed(&run, plan(&run, MAX_WRITES));
    assert!(run.ledger.apply_registry_delta(&most, run.now).is_ok());
    let digest = run.ledger.digest();
    assert_eq!(run.reopen().ledger.digest(), digest);
}

fn a_superseded_root_serves_until_the_grace_time_has_passed<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    run.shield(1000);
    let (old, grace) = (run.ledger.tip().roots, run.ledger.parameters().grace_seconds);
    let delta = signed(&run, registry_delta(&run, 0, 5));
    let changed_at = run.now;
    run.ledger.apply_registry_delta(&delta, run.now).expect("good");
    run.now = changed_at + grace - 1;
    run.ledger.tick(run.now).expect("stored");
    let old_root = |run: &mut Run<P>| {
        let draft = run.draft().fee(account(COLLECTOR), 10);
        draft.with(|draft| draft.fields.registry_root = old.registry_root)
    };
    let draft = old_root(&mut run);
    assert!(run.submit(draft).is_ok());
    run.now += 1;
    let draft = old_root(&mut run);
    assert_eq!(run.submit(draft), Err(Rejection::RegistryRoot));
}

fn an_identity_proof_is_held_to_the_ledgers_roots_and_clock<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    let context = run.ledger.identity_context().expect("readable");
    assert_eq!(context, IdentityContext::from(run.ledger.tip()));
    let statement = |context: IdentityContext| IdentityStatement {
        registry_root: context.registry_root,
        sanctions_root: context.sanctions_root,
        now: context.now,
        min_tier: 1,
        jurisdictions: [756; JURISDICTIONS],
        scope: Fr::from(1u64),
        scope_nullifier: ScopeNullifier::new(Fr::from(2u64)),
        rk: generator(),
        binding: Fr::from(3u64),
    };
    assert_eq!(identity::check(&statement(context), &run.ledger, run.now), Ok(()));
    let parameters = run.ledger.parameters();
    let edge = context.now + parameters.clock_window_seconds;
    assert_eq!(identity::check(&statement(context), &run.ledger, edge), Ok(()));
    let late = identity::check(&statement(context), &run.ledger, edge + 1);
    assert_eq!(late, Err(IdentityRejection::ClockWindow));
    let delta = signed(&run, sanctions_delta(&run, 5));
    run.ledger.apply_sanctions_delta(&delta, run.now).expect("good");
    assert_eq!(identity::check(&statement(context), &run.ledger, run.now), Ok(()));
    let after = run.now + parameters.grace_seconds;
    let stale = identity::check(&statement(context), &run.ledger, after);
    assert_eq!(stale, Err(IdentityRejection::SanctionsRoot));
    let unknown = IdentityContext { registry_root: Default::default(), ..context };
    let unknown = identity::check(&statement(unknown), &run.ledger, run.now);
    assert_eq!(unknown, Err(IdentityRejection::RegistryRoot));
}

suite!(
    deltas_of_the_issuer_move_the_roots,
    a_refused_delta_changes_nothing,
    a_delta_of_more_writes_than_one_may_have_is_refused,
    a_superseded_root_serves_until_the_grace_time_has_passed,
    an_identity_proof_is_held_to_the_ledgers_roots_and_clock,
);
