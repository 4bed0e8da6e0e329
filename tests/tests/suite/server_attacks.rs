//! What a server that lies to a wallet gains: nothing.

use veilpay_api::ledger as wire;
use veilpay_api::registry::Deltas;
use veilpay_api::text::Hex32;
use veilpay_api::transactions::TransactionStatus;
use veilpay_protocol::field::Fr;
use veilpay_protocol::note::{AssetId, NoteRoot};
use veilpay_protocol::transaction::Transaction;
use veilpay_tests::world::balance;
use veilpay_tests::{InProcess, World};
use veilpay_wallet::{Chain, WalletError};

use crate::payments::send;

type Lie = fn(&mut wire::Ledger);

/// An honest ledger behind a server that tells one thing wrong.
struct Liar<'a>(&'a InProcess, Lie, bool);

impl Chain for Liar<'_> {
    fn ledger(&self) -> Result<wire::Ledger, WalletError> {
        let mut told = Chain::ledger(self.0)?;
        (self.1)(&mut told);
        Ok(told)
    }

    fn blocks(&self, from: u64, limit: usize) -> Result<wire::Blocks, WalletError> {
        self.0.blocks(from, limit)
    }

    fn notes(&self, from: u64, limit: usize) -> Result<wire::Notes, WalletError> {
        self.0.notes(from, limit)
    }

    fn nullifiers(&self, from: u64, limit: usize) -> Result<wire::Nullifiers, WalletError> {
        let mut page = self.0.nullifiers(from, limit)?;
        if self.2 {
            page.nullifiers.iter_mut().for_each(|entry| entry.nullifier = Default::default());
        }
        Ok(page)
    }

    fn registry(&self, from: u64, limit: usize) -> Result<Deltas, WalletError> {
        self.0.registry(from, limit)
    }

    fn sanctions(&self, from: u64, limit: usize) -> Result<Deltas, WalletError> {
        self.0.sanctions(from, limit)
    }

    fn account(&self, key: Hex32) -> Result<wire::Account, WalletError> {
        self.0.account(key)
    }

    fn submit(&self, transaction: &Transaction) -> Result<TransactionStatus, WalletError> {
        self.0.submit(transaction)
    }
}

#[test]
fn terms_that_changed_since_the_first_sync_are_refused() {
    let mut world = World::default();
    let mut alice = world.funded(1, &[500]);
    let lies: [Lie; 6] = [
        |told| told.assets[0].minimum_fee = 400,
        |told| told.assets[0].decimals = 0,
        |told| told.assets[0].code = "CHF".to_owned(),
        |told| told.fee_collector = told.escrow,
        |told| told.issuer = told.escrow,
        |told| told.ledger = veilpay_protocol::transaction::LedgerId::new([1; 32]),
    ];
    for (i, lie) in lies.into_iter().enumerate() {
        let refused = alice.sync(&Liar(&world.chain, lie, false));
        assert!(matches!(refused, Err(WalletError::AnotherLedger)), "lie {i}: {refused:?}");
    }
    alice.sync(&world.chain).unwrap();
    assert_eq!(balance(&alice, AssetId::native()), 500);
}

#[test]
fn a_checkpoint_that_does_not_fit_the_tip_or_the_wallets_lists_is_refused() {
    let mut world = World::default();
    let mut alice = world.funded(1, &[500]);
    let lies: [Lie; 3] = [
        |told| told.checkpoint.height = u64::MAX,
        |told| told.checkpoint.tree_size += 1,
        |told| told.checkpoint.registry_sequence += 1,
    ];
    for lie in lies {
        assert!(matches!(alice.sync(&Liar(&world.chain, lie, false)), Err(WalletError::BadAnswer)));
    }
    let roots: [Lie; 3] = [
        |told| told.checkpoint.note_root = NoteRoot::new(Fr::from(1u64)),
        |told| told.checkpoint.registry_root = Default::default(),
        |told| told.checkpoint.sanctions_root = Default::default(),
    ];
    for lie in roots {
        alice.sync(&Liar(&world.chain, lie, false)).unwrap();
        assert!(matches!(alice.plan(&send(2, AssetId::native(), 1)), Err(WalletError::RootMismatch)));
    }
}

#[test]
fn w3_a_server_cannot_ask_for_the_key_of_another_epoch_by_telling_another_time() {
    let mut world = World::default();
    let mut alice = world.funded(1, &[500]);
    let back: Lie = |told| told.checkpoint.time.0 -= 3 * 3600;
    let forth: Lie = |told| {
        told.checkpoint.time.0 += 30 * 24 * 3600;
        told.tip.time = told.checkpoint.time;
    };
    for lie in [back, forth] {
        alice.sync(&Liar(&world.chain, lie, false)).unwrap();
        assert!(matches!(alice.plan(&send(2, AssetId::native(), 1)), Err(WalletError::Clock)));
    }
}

#[test]
fn false_nullifiers_are_forgotten_when_the_ledger_says_that_a_note_is_spent() {
    use veilpay_tests::world::Local;
    let mut world = World::default();
    let native = AssetId::native();
    let mut other = world.funded(1, &[500]);
    let mut alice = world.wallet(1);
    other.pay(&send(2, native, 100), None, &world.chain, &Local).unwrap();
    alice.sync(&Liar(&world.chain, |_| (), true)).unwrap();
    assert!(balance(&alice, native) > 400, "the spent note seems unspent");
    let spent_again = alice.pay(&send(2, native, 450), None, &world.chain, &Local);
    assert!(matches!(spent_again, Err(WalletError::Refused(_))), "{spent_again:?}");
    alice.sync(&world.chain).unwrap();
    assert_eq!(balance(&alice, native), 400 - veilpay_tests::FEE);
}
