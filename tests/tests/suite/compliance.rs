//! Who may not pay: not enrolled, revoked, expired, sanctioned; and the edges of epochs and grace.

use veilpay_ledger::Rejection;
use veilpay_protocol::note::AssetId;
use veilpay_protocol::transaction::Transaction;
use veilpay_tests::World;
use veilpay_tests::world::{Local, START, person};
use veilpay_wallet::roles::open_payments;
use veilpay_wallet::{Wallet, WalletError, Wish};

use crate::payments::send;

fn signed(wallet: &Wallet, wish: &Wish) -> Transaction {
    let plan = wallet.plan(wish).unwrap();
    let proof = wallet.prove(&plan, &Local).unwrap();
    wallet.sign(&plan, proof, None, None).unwrap()
}

#[test]
fn c2_who_is_not_enrolled_can_receive_but_not_pay() {
    let mut world = World::default();
    let mut alice = world.funded(1, &[500]);
    alice.pay(&send(2, AssetId::native(), 100), None, &world.chain, &Local).unwrap();
    let mut bob = world.wallet(2);
    bob.sync(&world.chain).unwrap();
    assert_eq!(veilpay_tests::world::balance(&bob, AssetId::native()), 100);
    assert!(matches!(bob.plan(&send(1, AssetId::native(), 1)), Err(WalletError::NotEnrolled)));
}

#[test]
fn t7_a_revoked_payer_is_refused_by_wallet_and_ledger_once_the_grace_is_over() {
    let mut world = World::default();
    let mut alice = world.funded(1, &[500]);
    let before = signed(&alice, &send(2, AssetId::native(), 100));
    let revoked_at = world.chain.now() + 60;
    world.chain.set_clock(revoked_at);
    world.revoke(1);
    alice.sync(&world.chain).unwrap();
    assert!(matches!(alice.plan(&send(2, AssetId::native(), 1)), Err(WalletError::Revoked)));
    // A payment made before is good within the clock's window, which is shorter than the grace time.
    let window = world.parameters().clock_window_seconds;
    world.chain.set_clock(START + window + 1);
    assert_eq!(world.chain.judge(&before), Err(Rejection::ClockWindow));
    world.chain.set_clock(revoked_at + world.parameters().grace_seconds + 1);
    let refused = world.chain.judge(&before);
    assert_eq!(refused, Err(Rejection::RegistryRoot));
}

#[test]
fn t7_a_payment_under_a_superseded_root_is_good_within_the_grace_time() {
    let mut world = World::default();
    let alice = world.funded(1, &[500]);
    let before = signed(&alice, &send(2, AssetId::native(), 100));
    world.enrol(3);
    assert_eq!(world.chain.judge(&before), Ok(()));
}

#[test]
fn t8_a_sanctioned_payer_is_refused_by_his_own_wallet() {
    let mut world = World::default();
    let mut alice = world.funded(1, &[500]);
    world.sanction(1);
    alice.sync(&world.chain).unwrap();
    assert!(matches!(alice.plan(&send(2, AssetId::native(), 1)), Err(WalletError::Sanctioned)));
}

#[test]
fn t8_coming_back_after_a_revocation_takes_nobody_off_the_sanctions_list() {
    let mut world = World::default();
    let mut alice = world.funded(1, &[500]);
    let serial = alice.state().credential().unwrap().serial;
    world.sanction(1);
    world.revoke(1);
    world.enrol(1);
    alice.sync(&world.chain).unwrap();
    assert!(alice.state().credential().unwrap().serial == serial);
    assert!(matches!(alice.plan(&send(2, AssetId::native(), 1)), Err(WalletError::Sanctioned)));
}

#[test]
fn t7_an_expired_credential_is_refused_and_a_renewal_in_place_brings_it_back() {
    let mut world = World::default();
    let native = AssetId::native();
    world.enrol_until(1, START + 100);
    let mut alice = world.wallet(1);
    world.shield(&mut alice, native, 500);
    world.chain.set_clock(START + 100);
    alice.sync(&world.chain).unwrap();
    assert!(alice.plan(&send(2, native, 1)).is_ok(), "good in its last second");
    world.chain.set_clock(START + 100 + world.parameters().block_seconds);
    alice.sync(&world.chain).unwrap();
    assert!(matches!(alice.plan(&send(2, native, 1)), Err(WalletError::CredentialExpired)));
    let serial = alice.state().credential().unwrap().serial;
    world.enrol(1);
    alice.pay(&send(2, native, 100), None, &world.chain, &Local).unwrap();
    assert!(alice.state().credential().unwrap().serial == serial, "a renewal keeps the serial");
}

#[test]
fn w1_payments_go_on_over_the_edge_of_an_epoch_and_stop_after_the_sixteenth() {
    let mut world = World::default();
    let native = AssetId::native();
    let epoch_seconds = world.parameters().epoch_seconds;
    let mut alice = world.funded(1, &[500]);
    let first_epoch = world.parameters().epoch(START);
    let edge = (first_epoch + 1) * epoch_seconds;
    world.chain.set_clock(edge - 1);
    alice.pay(&send(2, native, 10), None, &world.chain, &Local).unwrap();
    world.chain.set_clock(edge + world.parameters().block_seconds);
    alice.pay(&send(2, native, 10), None, &world.chain, &Local).unwrap();
    world.chain.set_clock((first_epoch + 16) * epoch_seconds - 1);
    alice.pay(&send(2, native, 10), None, &world.chain, &Local).unwrap();
    world.chain.set_clock((first_epoch + 16) * epoch_seconds + world.parameters().block_seconds);
    alice.sync(&world.chain).unwrap();
    assert!(matches!(alice.plan(&send(2, native, 10)), Err(WalletError::CredentialExpired)));
}

#[test]
fn w3_a_warrant_opens_one_user_and_one_epoch_and_nothing_else() {
    let mut world = World::default();
    let native = AssetId::native();
    let (alice, bob) = (world.funded(1, &[500]), world.funded(2, &[500]));
    let mut alice = alice;
    alice.sync(&world.chain).unwrap();
    let transactions = [
        signed(&alice, &send(3, native, 40)),
        signed(&bob, &send(3, native, 50)),
        signed(&alice, &send(3, native, 60)),
    ];
    let epoch = world.parameters().epoch(START);
    let keys = world.offices.escrow.open_under_warrant(person(1).user(), epoch).unwrap();
    let opened = open_payments(keys, epoch, &transactions);
    assert_eq!(opened.iter().map(|payment| payment.index).collect::<Vec<_>>(), [0, 2]);
    let owner = person(3).address(0).owner();
    let paid = |i: usize| opened[i].plaintext.outputs.iter().filter(|o| o.owner == owner).map(|o| o.value).sum::<u64>();
    assert_eq!((paid(0), paid(1)), (40, 60));
    assert!(world.offices.escrow.open_under_warrant(person(4).user(), epoch).is_err());
    let next = world.offices.escrow.open_under_warrant(person(1).user(), epoch + 1).unwrap();
    assert!(open_payments(next, epoch, &transactions).is_empty());
}

#[test]
fn w1_a_later_deposit_hides_no_earlier_key() {
    let mut world = World::default();
    let native = AssetId::native();
    let alice = world.funded(1, &[500]);
    let epoch = world.parameters().epoch(START);
    let mut forged = veilpay_wallet::enrolment::deposit(&person(7), epoch);
    forged.user = person(1).user();
    world.offices.escrow.keep(&forged);
    let transactions = [signed(&alice, &send(3, native, 40))];
    let keys = world.offices.escrow.open_under_warrant(person(1).user(), epoch).unwrap();
    assert_eq!(open_payments(keys, epoch, &transactions).len(), 1);
}

#[test]
fn c2_a_challenge_is_good_once_and_a_stranger_cannot_be_enrolled() {
    let mut world = World::default();
    let now = world.chain.now();
    let epoch = world.parameters().epoch(now);
    let attributes = veilpay_protocol::credential::Attributes::new(1, 756, now + 1000).unwrap();
    let verifier = veilpay_tests::verifier();
    let rng = &mut rand_core::OsRng;
    let request = world.offices.request("a", &person(1), epoch);
    let mut other_terms = request.clone();
    other_terms.terms.enrolment_key = person(2).enrolment().public();
    let refused = world.offices.issuer.enrol("a", &other_terms, attributes, verifier, rng).err();
    assert_eq!(refused, Some(veilpay_wallet::roles::IssuerError::Signature));
    let used = world.offices.issuer.enrol("a", &request, attributes, verifier, rng).err();
    assert_eq!(used, Some(veilpay_wallet::roles::IssuerError::Challenge));
    let mut stranger = world.offices.request("a", &person(1), epoch);
    stranger.statement.user = person(2).user();
    let refused = world.offices.issuer.enrol("a", &stranger, attributes, verifier, rng).err();
    assert_eq!(refused, Some(veilpay_wallet::roles::IssuerError::Proof));
}
