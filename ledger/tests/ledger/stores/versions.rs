//! Circuit versions: how they come in, are drained and stopped, and what each of them holds.

use veilpay_ledger::rules::{semantic, structural};
use veilpay_ledger::testing::{Draft, VerdictInProof};
use veilpay_ledger::{
    BlockKind, CircuitStatus, Ledger, LedgerView, PoolId, ProofVerifier, Receipt, Rejection, StoreError, SubmitError,
    VersionError, validate,
};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::note::AssetId;
use veilpay_protocol::params::Network;
use veilpay_verifier::{KeyError, KeyInfo, Setup, VerifyingKey};

use super::{Place, Run, suite};
use crate::setting::{ALICE, COLLECTOR, SHAPE, UnderDigest, account, key, verifying_key};

const STATES: [CircuitStatus; 3] = [CircuitStatus::Enabled, CircuitStatus::DrainOnly, CircuitStatus::Disabled];

impl<P: Place> Run<P> {
    fn set(&mut self, version: u16, status: CircuitStatus) {
        let block = self.ledger.set_circuit_status(SHAPE, version, status, self.now).expect("stored");
        assert_eq!(block.kind, BlockKind::Circuit);
    }

    fn add(&mut self, key: &VerifyingKey) -> Result<(), VersionError> {
        self.ledger.add_circuit_version(key, self.now).map(|block| assert_eq!(block.kind, BlockKind::Key))
    }

    /// Submits a transaction of a version under the double, by the digest of whatever key the version has.
    fn submit_as(&mut self, version: u16, draft: Draft) -> Result<Receipt, Rejection> {
        let digest = self.ledger.keys().get(SHAPE, version).map(|key| *key.digest());
        let transaction = draft.with(|draft| (draft.version, draft.vk_digest) = (version, digest)).sign();
        structural(&transaction, &self.ledger)?;
        let verified = semantic(&transaction, &UnderDigest(digest))?;
        self.ledger.accept(&verified, self.now).map_err(|error| match error {
            SubmitError::Rejected(rejection) => rejection,
            other => panic!("the store failed: {other}"),
        })
    }

    fn shield_as(&mut self, version: u16) -> Result<Receipt, Rejection> {
        let draft = self.draft().shield(&key(ALICE), 500).fee(account(COLLECTOR), 10);
        self.submit_as(version, draft)
    }

    fn transfer_as(&mut self, version: u16) -> Result<Receipt, Rejection> {
        let draft = self.draft().fee(account(COLLECTOR), 10);
        self.submit_as(version, draft)
    }

    fn unshield_as(&mut self, version: u16, amount: u64) -> Result<Receipt, Rejection> {
        let draft = self.draft().unshield(account(ALICE), amount).fee(account(COLLECTOR), 10);
        self.submit_as(version, draft)
    }

    fn supply(&self, version: u16) -> u64 {
        self.ledger.pool(PoolId { asset: AssetId::native(), version })
    }

    fn known(&self) -> Vec<(CircuitId, u16, CircuitStatus)> {
        self.ledger.circuit_versions().map(|known| (known.circuit, known.version, known.status)).collect()
    }
}

fn every_transition_takes_effect_with_the_next_transaction<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    run.shield(10_000);
    for from in STATES {
        for to in STATES {
            run.set(1, from);
            run.set(1, to);
            assert_eq!(run.ledger.circuit_status(SHAPE, 1), Some(to));
            let found = [run.shield_as(1).err(), run.transfer_as(1).err(), run.unshield_as(1, 5).err()];
            let drained = Some(Rejection::DrainOnly);
            let stopped = Some(Rejection::CircuitDisabled);
            assert_eq!(
                found,
                match to {
                    CircuitStatus::Enabled => [None; 3],
                    CircuitStatus::DrainOnly => [drained, drained, None],
                    CircuitStatus::Disabled => [stopped; 3],
                }
            );
        }
    }
    let unknown = run.ledger.set_circuit_status(SHAPE, 2, CircuitStatus::Disabled, run.now);
    assert_eq!(unknown, Err(VersionError::Unknown));
    let unknown = run.ledger.set_circuit_status(CircuitId::Enrol, 1, CircuitStatus::Disabled, run.now);
    assert_eq!(unknown, Err(VersionError::Unknown));
}

fn a_version_that_comes_in_has_a_key_a_state_and_a_supply_of_its_own<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    run.shield(1000);
    let height = run.ledger.height();
    assert_eq!(run.shield_as(2), Err(Rejection::UnknownCircuit));
    let new = verifying_key(SHAPE, 2, 1);
    assert_eq!(run.add(&new), Ok(()));
    assert_eq!(run.ledger.keys().before(&VerdictInProof).vk_digest(SHAPE, 2), Some(new.digest()));
    assert_eq!(run.ledger.keys().before(&VerdictInProof).vk_digest(SHAPE, 1), VerdictInProof.vk_digest(SHAPE, 1));
    // Under its own key the double's proof is none.
    let transaction = run.draft().with(|draft| draft.version = 2).sign();
    let refused = run.ledger.submit(&VerdictInProof, &transaction, run.now);
    assert!(matches!(refused, Err(SubmitError::Rejected(Rejection::SpendSignature(_)))), "another sighash");

    run.shield_as(2).expect("active from the start");
    assert_eq!((run.supply(1), run.supply(2)), (990, 490));
    // What entered through one version does not leave through the other.
    assert_eq!(run.unshield_as(2, 481), Err(Rejection::PoolNegative));
    run.unshield_as(2, 480).expect("all that is there");
    assert_eq!((run.supply(1), run.supply(2)), (990, 0));
    assert_eq!(run.unshield_as(2, 1), Err(Rejection::PoolNegative));

    run.set(1, CircuitStatus::DrainOnly);
    assert_eq!((run.shield_as(1), run.shield_as(2).is_ok()), (Err(Rejection::DrainOnly), true));
    run.set(2, CircuitStatus::Disabled);
    assert_eq!((run.unshield_as(1, 5).is_ok(), run.unshield_as(2, 5)), (true, Err(Rejection::CircuitDisabled)));
    let expected = [
        (SHAPE, 1, CircuitStatus::DrainOnly),
        (SHAPE, 2, CircuitStatus::Disabled),
        (CircuitId::Transfer8x2, 1, CircuitStatus::Enabled),
    ];
    assert_eq!(run.known(), expected);

    // Restart, audit, rollback.
    let digest = run.ledger.digest();
    run = run.reopen();
    assert_eq!((run.ledger.digest(), run.known()), (digest, expected.to_vec()));
    assert_eq!(run.ledger.keys().before(&VerdictInProof).vk_digest(SHAPE, 2), Some(new.digest()));
    run.ledger.audit().expect("everything fits");
    run.ledger.rollback_to(height + 1).expect("every block is a checkpoint");
    assert_eq!(run.known()[1], (SHAPE, 2, CircuitStatus::Enabled));
    assert_eq!((run.supply(1), run.supply(2)), (990, 0));
    run.ledger.rollback_to(height).expect("every block is a checkpoint");
    assert_eq!(run.known().len(), 2);
    assert_eq!(run.shield_as(2), Err(Rejection::UnknownCircuit));
    assert_ne!(run.ledger.keys().before(&VerdictInProof).vk_digest(SHAPE, 2), Some(new.digest()));
    assert_eq!(run.add(&new), Ok(()), "it may come in again");
}

fn s1_unsafe_and_repeated_keys_are_not_taken_in<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    let good = verifying_key(SHAPE, 2, 1);
    let digest = run.ledger.digest();
    let with = |change: &dyn Fn(&mut KeyInfo, &mut veilpay_verifier::KeyPoints)| {
        let (mut info, mut points) = (*good.info(), good.points().clone());
        change(&mut info, &mut points);
        VerifyingKey::new(info, points)
    };
    for (key, error) in [
        (with(&|_, points| points.delta = points.gamma), VersionError::Key(KeyError::DeltaIsGamma)),
        (with(&|_, points| points.beta = points.delta), VersionError::Key(KeyError::BetaIsDelta)),
        (with(&|_, points| points.ic[3] = points.ic[2]), VersionError::Key(KeyError::IcDuplicate { index: 3 })),
        (with(&|_, points| points.ic.truncate(5)), VersionError::Key(KeyError::IcLength)),
        (with(&|info, _| info.version = 0), VersionError::Key(KeyError::Version)),
        (with(&|info, _| info.version = 1), VersionError::Exists),
        (verifying_key(CircuitId::Enrol, 2, 1), VersionError::NotATransfer),
    ] {
        assert_eq!(run.add(&key), Err(error));
    }
    assert_eq!((run.ledger.digest(), run.ledger.height()), (digest, 0));
    assert_eq!(run.add(&good), Ok(()));
    assert_eq!(run.add(&good), Err(VersionError::Exists));
    let relabelled = with(&|info, _| (info.version, info.setup) = (3, Setup::Dev));
    assert_eq!(run.add(&relabelled), Err(VersionError::SameKey { version: 2 }));
    for version in 3..=64 {
        assert_eq!(run.add(&verifying_key(SHAPE, version, u64::from(version))), Ok(()));
    }
    assert_eq!(run.add(&verifying_key(SHAPE, 65, 65)), Err(VersionError::TooMany));
    assert_eq!(run.add(&verifying_key(CircuitId::Transfer8x2, 2, 1)), Ok(()), "of another circuit");
    run = run.reopen();
    assert_eq!(run.ledger.circuit_versions().count(), 66);
}

fn what_was_found_before_a_rollback_is_void_after_it<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    run.shield(1000);
    run.shield(600);
    let payment = run.draft().unshield(account(ALICE), 500).fee(account(COLLECTOR), 10).sign();
    let effects = validate(&payment, &run.ledger, &VerdictInProof, run.now).expect("it is valid here");
    assert!(effects.hold_on(&run.ledger, run.now));
    // The same height again, without the note root that the payment names, and then with its version stopped too.
    run.ledger.rollback_to(1).expect("every block is a checkpoint");
    let stale = Err(StoreError::StaleEffects);
    assert_eq!(run.ledger.apply(&effects, run.now).map(drop), stale, "another height");
    run.shield(600);
    assert_eq!(run.ledger.height(), effects.height());
    assert_eq!(run.ledger.apply(&effects, run.now).map(drop), stale, "a root that never was");
    run.ledger.rollback_to(1).expect("every block is a checkpoint");
    run.set(1, CircuitStatus::Disabled);
    assert_eq!((run.ledger.height(), effects.hold_on(&run.ledger, run.now)), (effects.height(), false));
    assert_eq!(run.ledger.apply(&effects, run.now).map(drop), stale, "a version that is stopped");
}

fn a_transaction_verified_under_another_key_than_its_versions_is_refused<P: Place>() {
    let mut run = Run::<P>::new(Network::Local);
    let (old, new) = (verifying_key(SHAPE, 2, 1), verifying_key(SHAPE, 2, 2));
    assert_eq!(run.add(&old), Ok(()));
    let draft = run.draft().shield(&key(ALICE), 500).fee(account(COLLECTOR), 10);
    let signed = draft.with(|draft| (draft.version, draft.vk_digest) = (2, Some(old.digest()))).sign();
    let verified = semantic(&signed, &UnderDigest(Some(old.digest()))).expect("under the old key");
    assert_eq!(verified.key(), &old.digest());
    let effects = validate(&signed, &run.ledger, &UnderDigest(Some(old.digest())), run.now).expect("under the old key");
    run.ledger.rollback_to(0).expect("every block is a checkpoint");
    assert_eq!(run.add(&new), Ok(()));
    let refused = run.ledger.accept(&verified, run.now);
    assert_eq!(refused, Err(SubmitError::Rejected(Rejection::NoVerifyingKey)));
    assert_eq!(run.ledger.apply(&effects, run.now).map(drop), Err(StoreError::StaleEffects));
    run.ledger.rollback_to(0).expect("every block is a checkpoint");
    assert_eq!(run.add(&old), Ok(()));
    run.ledger.accept(&verified, run.now).expect("under its key again");
}

suite!(
    what_was_found_before_a_rollback_is_void_after_it,
    a_transaction_verified_under_another_key_than_its_versions_is_refused,
    every_transition_takes_effect_with_the_next_transaction,
    a_version_that_comes_in_has_a_key_a_state_and_a_supply_of_its_own,
    s1_unsafe_and_repeated_keys_are_not_taken_in,
);
