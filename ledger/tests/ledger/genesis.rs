//! The configuration that a ledger starts from.

use veilpay_ledger::{Allocation, Asset, Genesis, GenesisError, LedgerView, MemoryLedger, MemoryStore, StoreError};
use veilpay_protocol::params::Network;
use veilpay_protocol::transaction::LedgerId;

use crate::setting::{ALICE, BOB, account, euro, genesis};

/// What is wrong with a good configuration after `change`.
fn refusal(change: impl FnOnce(&mut Genesis)) -> Option<GenesisError> {
    let mut genesis = genesis(Network::Local);
    change(&mut genesis);
    let refusal = genesis.check().err();
    let opened = MemoryLedger::open(genesis, MemoryStore::default()).err();
    assert_eq!(opened, refusal.map(StoreError::Genesis));
    refusal
}

#[test]
fn each_rule_of_a_genesis_is_held_at_its_edge() {
    assert_eq!(refusal(|_| {}), None);
    assert_eq!(refusal(|g| g.name = String::new()), Some(GenesisError::Name));
    assert_eq!(refusal(|g| g.name = "x".repeat(64)), None);
    assert_eq!(refusal(|g| g.name = "x".repeat(65)), Some(GenesisError::Name));
    assert_eq!(refusal(|g| g.assets.push(Asset { issuer: String::new(), ..euro() })), Some(GenesisError::Name));
    assert_eq!(refusal(|g| g.assets.push(Asset { code: "x".repeat(65), ..euro() })), Some(GenesisError::Name));
    assert_eq!(refusal(|g| g.assets[0].decimals = 19), None);
    assert_eq!(refusal(|g| g.assets[0].decimals = 20), Some(GenesisError::Decimals));
    assert_eq!(refusal(|g| g.assets.push(euro())), Some(GenesisError::DuplicateAsset));
    assert_eq!(refusal(|g| g.time = (1 << 40) - 1), None);
    assert_eq!(refusal(|g| g.time = 1 << 40), Some(GenesisError::Time));
    let allocation = |who, amount| Allocation { account: account(who), asset: euro().id(), amount };
    assert_eq!(refusal(|g| g.allocations.push(allocation(9, 0))), None);
    assert_eq!(refusal(|g| g.allocations.push(allocation(9, 1))), Some(GenesisError::Supply), "Bob has them all");
    assert_eq!(refusal(|g| g.allocations.push(allocation(ALICE, 0))), Some(GenesisError::DuplicateAllocation));
    assert_eq!(refusal(|g| g.assets.truncate(1)), Some(GenesisError::UnknownAsset));
}

#[test]
fn the_digest_covers_every_field_and_the_identifier_the_digest() {
    let base = genesis(Network::Local);
    assert_eq!(base.ledger_id(), LedgerId::of_genesis(Network::Local, "test", &base.digest()));
    let changes: [fn(&mut Genesis); 10] = [
        |g| g.network = Network::Main,
        |g| g.name.push('x'),
        |g| g.time += 1,
        |g| g.issuer = account(BOB),
        |g| g.escrow_agent = account(BOB),
        |g| g.fee_collector = account(BOB),
        |g| g.assets[0].minimum_fee += 1,
        |g| g.assets[0].decimals += 1,
        |g| g.assets.reverse(),
        |g| g.allocations[0].amount += 1,
    ];
    for (i, change) in changes.iter().enumerate() {
        let mut other = base.clone();
        change(&mut other);
        assert_ne!(other.digest(), base.digest(), "change {i}");
        assert_ne!(other.ledger_id(), base.ledger_id(), "change {i}");
    }
}

#[test]
fn a_genesis_reads_as_it_was_written_and_nothing_else_is_read() {
    let base = genesis(Network::Test);
    let text = serde_json::to_string(&base).expect("plain values");
    assert_eq!(serde_json::from_str::<Genesis>(&text).ok(), Some(base.clone()));
    for (good, bad) in [
        ("\"decimals\":2", "\"decimals\":20"),
        ("\"minimum_fee\":\"10\"", "\"minimum_fee\":10"),
        ("\"name\":\"test\"", "\"name\":\"\""),
        ("\"name\":\"test\"", "\"name\":\"test\",\"more\":1"),
        ("\"network\":\"test\"", "\"network\":\"moon\""),
    ] {
        assert!(text.contains(good), "{good}");
        assert!(serde_json::from_str::<Genesis>(&text.replacen(good, bad, 1)).is_err(), "{bad}");
    }
    let weak = text.replacen(&account(200).to_string(), &format!("0x01{}", "00".repeat(31)), 1);
    assert!(serde_json::from_str::<Genesis>(&weak).is_err(), "a key of small order");
    let ledger = MemoryLedger::open(base, MemoryStore::default()).expect("an empty store");
    assert_eq!((ledger.height(), ledger.assets().len()), (0, 2));
}
