//! Payments that must work.

use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::encryption::Memo;
use veilpay_protocol::keys::{Seed, SpendingKey};
use veilpay_protocol::note::AssetId;
use veilpay_protocol::params::Network;
use veilpay_tests::world::{ALLOCATION, Local, account, balance, franc, person, verifier};
use veilpay_tests::{FEE, World};
use veilpay_wallet::{Wallet, WalletError, WalletState, Wish};

pub(crate) fn send(to: u8, asset: AssetId, amount: u64) -> Wish {
    let memo = Memo::from_text("thanks").unwrap();
    Wish::Send { to: person(to).address(0), asset, amount, memo }
}

#[test]
fn a_payment_goes_from_shielding_to_unshielding_and_every_unit_is_accounted_for() {
    let mut world = World::default();
    let native = AssetId::native();
    let mut alice = world.funded(1, &[1000]);
    world.enrol(2);
    let mut bob = world.wallet(2);
    assert_eq!(balance(&alice, native), 1000);
    alice.pay(&send(2, native, 300), None, &world.chain, &Local).unwrap();
    bob.sync(&world.chain).unwrap();
    assert_eq!(balance(&bob, native), 300);
    assert_eq!(bob.state().notes()[0].memo.as_deref(), Some("thanks"));
    let target = account(&person(2));
    bob.pay(&Wish::Unshield { asset: native, amount: 200, target }, None, &world.chain, &Local).unwrap();
    alice.sync(&world.chain).unwrap();
    bob.sync(&world.chain).unwrap();
    assert_eq!((balance(&alice, native), balance(&bob, native)), (700 - FEE, 100 - FEE));
    assert_eq!(alice.state().sent().len(), 1, "the sender recovers what he sent");
    let ledger = world.chain.ledger();
    let transparent = |n| ledger.balances(account(&person(n))).iter().find(|(a, _)| *a == native).map(|(_, v)| *v);
    assert_eq!(transparent(1), Some(ALLOCATION - 1000 - FEE));
    assert_eq!(transparent(2), Some(ALLOCATION + 200));
    assert_eq!(ledger.balances(ledger.genesis().fee_collector), vec![(native, 3 * FEE)]);
    let pool: u64 = ledger.pools().iter().map(|(_, amount)| amount).sum();
    assert_eq!(pool, balance(&alice, native) + balance(&bob, native));
    ledger.audit().unwrap();
}

#[test]
fn a_hidden_asset_is_paid_with_a_fee_in_the_native_one() {
    let mut world = World::default();
    let mut alice = world.funded(1, &[500]);
    world.shield(&mut alice, franc(), 400);
    alice.sync(&world.chain).unwrap();
    let plan = alice.plan(&send(2, franc(), 150)).unwrap();
    assert_eq!(plan.fee(), (FEE, AssetId::native()));
    assert_eq!(plan.body().statement.asset_pub, AssetId::native(), "the ledger must not see the asset");
    alice.pay(&send(2, franc(), 150), None, &world.chain, &Local).unwrap();
    alice.sync(&world.chain).unwrap();
    let mut bob = world.wallet(2);
    bob.sync(&world.chain).unwrap();
    assert_eq!((balance(&alice, franc()), balance(&alice, AssetId::native())), (250, 500 - FEE));
    assert_eq!(balance(&bob, franc()), 150);
}

#[test]
fn a_payment_from_many_notes_takes_the_consolidating_circuit() {
    let mut world = World::default();
    let native = AssetId::native();
    let mut alice = world.funded(1, &[100, 100, 100]);
    let plan = alice.plan(&send(2, native, 250)).unwrap();
    assert_eq!(plan.circuit(), CircuitId::Transfer8x2);
    alice.pay(&send(2, native, 250), None, &world.chain, &Local).unwrap();
    alice.sync(&world.chain).unwrap();
    assert_eq!(balance(&alice, native), 50 - FEE);
}

#[test]
fn zero_value_notes_are_made_and_never_chosen() {
    let mut world = World::default();
    let native = AssetId::native();
    let mut alice = world.funded(1, &[500]);
    // The whole amount: change of zero, and two more notes of zero.
    alice.pay(&send(2, native, 500 - FEE), None, &world.chain, &Local).unwrap();
    alice.sync(&world.chain).unwrap();
    let zeros = alice.state().notes().iter().filter(|note| note.value == 0).count();
    assert_eq!(zeros, 4, "two of the shielding, two of the payment");
    assert!(alice.state().spendable(native).next().is_none());
    assert!(matches!(alice.plan(&send(2, native, 1)), Err(WalletError::InsufficientFunds { .. })));
}

#[test]
fn a_wallet_restored_from_its_words_alone_pays_again() {
    let mut world = World::default();
    let native = AssetId::native();
    let mut alice = world.funded(1, &[1000]);
    alice.pay(&send(2, native, 100), None, &world.chain, &Local).unwrap();
    let words = Seed::from_bytes([1; 32]).to_words();
    let key = SpendingKey::derive(&Seed::from_words(&words).unwrap(), Network::Local, 0);
    let mut restored = Wallet::new(key, WalletState::new(), verifier().clone()).with_clock(world.chain.clock());
    restored.pay(&send(2, native, 50), None, &world.chain, &Local).unwrap();
    restored.sync(&world.chain).unwrap();
    assert_eq!(balance(&restored, native), 1000 - 100 - 50 - 2 * FEE);
    assert_eq!(restored.state().sent().len(), 2, "what was sent before comes back too");
    assert!(restored.state().credential().is_some());
}

#[test]
fn a_stored_state_goes_on_where_it_ended() {
    let mut world = World::default();
    let native = AssetId::native();
    let mut alice = world.funded(1, &[1000]);
    let stored = serde_json::to_vec(alice.state().stored()).unwrap();
    alice.pay(&send(2, native, 100), None, &world.chain, &Local).unwrap();
    let state = WalletState::load(serde_json::from_slice(&stored).unwrap()).unwrap();
    let mut again = world.wallet_with(1, state);
    again.pay(&send(2, native, 100), None, &world.chain, &Local).unwrap();
    again.sync(&world.chain).unwrap();
    assert_eq!(balance(&again, native), 800 - 2 * FEE);
}

#[test]
fn two_wallets_of_one_seed_paying_at_once_spend_each_note_once() {
    let mut world = World::default();
    let native = AssetId::native();
    let one = world.funded(1, &[500]);
    let mut two = world.wallet(1);
    two.sync(&world.chain).unwrap();
    let prepare = |wallet: &Wallet| {
        let plan = wallet.plan(&send(2, native, 100)).unwrap();
        let proof = wallet.prove(&plan, &Local).unwrap();
        wallet.sign(&plan, proof, None, None).unwrap()
    };
    let (a, b) = (prepare(&one), prepare(&two));
    let verdicts: Vec<bool> = std::thread::scope(|scope| {
        let judge = |transaction| world.chain.judge(transaction).is_ok();
        let threads = [&a, &b].map(|transaction| scope.spawn(move || judge(transaction)));
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(verdicts.iter().filter(|accepted| **accepted).count(), 1);
}

#[test]
fn two_people_pay_at_once_on_one_checkpoint() {
    let mut world = World::default();
    let native = AssetId::native();
    let (alice, bob) = (world.funded(1, &[500]), world.funded(2, &[500]));
    let mut alice = alice;
    alice.sync(&world.chain).unwrap();
    let prepare = |wallet: &Wallet, to| {
        let plan = wallet.plan(&send(to, native, 100)).unwrap();
        let proof = wallet.prove(&plan, &Local).unwrap();
        wallet.sign(&plan, proof, None, None).unwrap()
    };
    let (a, b) = (prepare(&alice, 2), prepare(&bob, 1));
    assert_eq!(world.chain.judge(&a), Ok(()));
    assert_eq!(world.chain.judge(&b), Ok(()), "the root of the checkpoint is still recent");
}

#[test]
fn a_wallet_follows_a_ledger_that_rolled_back() {
    use veilpay_ledger::Ledger as _;
    let mut world = World::default();
    let native = AssetId::native();
    let mut alice = world.funded(1, &[1000]);
    let height = world.chain.ledger().tip().height;
    alice.pay(&send(2, native, 100), None, &world.chain, &Local).unwrap();
    alice.sync(&world.chain).unwrap();
    assert_eq!(balance(&alice, native), 900 - FEE);
    world.chain.ledger().rollback_to(height).unwrap();
    alice.sync(&world.chain).unwrap();
    assert_eq!(balance(&alice, native), 1000);
    alice.pay(&send(2, native, 50), None, &world.chain, &Local).unwrap();
    alice.sync(&world.chain).unwrap();
    assert_eq!(balance(&alice, native), 950 - FEE);
}

#[test]
fn a_state_of_another_wallet_is_read_as_empty() {
    let mut world = World::default();
    let alice = world.funded(1, &[1000]);
    let stored = serde_json::to_vec(alice.state().stored()).unwrap();
    let state = WalletState::load(serde_json::from_slice(&stored).unwrap()).unwrap();
    let mut bob = world.wallet_with(2, state);
    bob.sync(&world.chain).unwrap();
    assert!(bob.state().notes().is_empty() && bob.state().credential().is_none());
}

#[test]
fn a_hidden_asset_in_many_notes_is_still_paid_with_its_fee_in_itself() {
    let mut world = World::default();
    let mut alice = world.funded(1, &[500]);
    world.shield(&mut alice, franc(), 400);
    world.shield(&mut alice, franc(), 400);
    alice.sync(&world.chain).unwrap();
    let plan = alice.plan(&send(2, franc(), 500)).unwrap();
    assert_eq!(plan.fee(), (FEE, franc()));
    alice.pay(&send(2, franc(), 500), None, &world.chain, &Local).unwrap();
    alice.sync(&world.chain).unwrap();
    assert_eq!(balance(&alice, franc()), 300 - FEE);
}
