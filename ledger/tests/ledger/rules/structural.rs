//! L1.

use veilpay_ledger::rules::decode;
use veilpay_ledger::{Rejection, RootStatus};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::curve::PointError;
use veilpay_protocol::encoding::DecodeError;
use veilpay_protocol::encryption::NoteCiphertext;
use veilpay_protocol::field::FieldError;
use veilpay_protocol::params::Network;
use veilpay_protocol::schnorr::SignatureError;
use veilpay_protocol::statement::StatementError;
use veilpay_protocol::transaction::{LedgerId, MAX_TRANSACTION, Transaction, TransactionError};

use super::changed;
use crate::setting::{ALICE, COLLECTOR, View, account, key};

/// Circuit, version, ledger and expiry come before the public inputs.
const INPUTS_AT: usize = 1 + 2 + 32 + 8;

/// r, big-endian.
const MODULUS: [u8; 32] = [
    0x30, 0x64, 0x4e, 0x72, 0xe1, 0x31, 0xa0, 0x29, 0xb8, 0x50, 0x45, 0xb6, 0x81, 0x81, 0x58, 0x5d, 0x28, 0x33, 0xe8,
    0x48, 0x79, 0xb9, 0x70, 0x91, 0x43, 0xe1, 0xf5, 0x93, 0xf0, 0x00, 0x00, 0x01,
];

fn bytes() -> Vec<u8> {
    View::draft().sign().to_bytes()
}

/// The rule that refuses the bytes of a good transaction with public input `input` replaced.
fn refusal_with_input(input: usize, value: [u8; 32]) -> Option<Rejection> {
    let mut bytes = bytes();
    bytes[INPUTS_AT + 32 * input..][..32].copy_from_slice(&value);
    decode(&bytes).err()
}

fn integer(value: u128) -> [u8; 32] {
    let mut out = [0; 32];
    out[16..].copy_from_slice(&value.to_be_bytes());
    out
}

#[test]
fn l1_1_only_the_canonical_bytes_decode() {
    let bytes = bytes();
    assert_eq!(decode(&bytes).map(|transaction| transaction.to_bytes()), Ok(bytes.clone()));
    for length in 0..bytes.len() {
        assert_eq!(decode(&bytes[..length]).err().map(|refusal| refusal.rule()), Some("L1.1"), "{length} bytes");
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert_eq!(decode(&longer).err(), Some(Rejection::NotCanonical(DecodeError::Trailing)));
    longer.resize(MAX_TRANSACTION + 1, 0);
    assert_eq!(decode(&longer).err(), Some(Rejection::NotCanonical(DecodeError::TooLong)));
    let alias = Some(Rejection::NotCanonical(DecodeError::Field(FieldError::NotCanonical)));
    for input in 0..CircuitId::Transfer2x3.public_inputs() {
        assert_eq!(refusal_with_input(input, MODULUS), alias, "input {input}");
    }
}

#[test]
fn l1_1_a_nullifier_plus_the_modulus_is_no_second_nullifier() {
    // 1 + r has the same value in the field.
    let mut alias = MODULUS;
    alias[31] += 1;
    let refused = Some(Rejection::NotCanonical(DecodeError::Field(FieldError::NotCanonical)));
    assert_eq!(refusal_with_input(1, alias), refused);
}

#[test]
fn l1_1_a_ciphertext_too_many_and_a_small_order_account_do_not_decode() {
    let good = bytes();
    let count_at = INPUTS_AT + 32 * CircuitId::Transfer2x3.public_inputs();
    let mut more = good.clone();
    more[count_at + 3] = 4;
    assert_eq!(decode(&more).err(), Some(Rejection::NotCanonical(DecodeError::TooLong)));
    // No source, no target, then the collector behind its mark.
    let collector_at = count_at + 4 + 3 * NoteCiphertext::LENGTH + 2;
    assert_eq!(good[collector_at + 1..][..32], *account(COLLECTOR).as_bytes());
    let mut weak = good.clone();
    weak[collector_at + 1..][..32].copy_from_slice(&{
        let mut identity = [0; 32];
        identity[0] = 1;
        identity
    });
    assert_eq!(decode(&weak).err(), Some(Rejection::NotCanonical(DecodeError::BadCode)));
    let mut mark = good;
    mark[collector_at] = 2;
    assert_eq!(decode(&mark).err(), Some(Rejection::NotCanonical(DecodeError::BadCode)));
}

#[test]
fn l1_1_a_memo_has_at_most_512_bytes_also_where_it_was_never_encoded() {
    let memo = |length| changed(|draft| draft.external.memo = vec![7; length]);
    assert_eq!(View::new().refusal(memo(512)), None);
    assert_eq!(View::new().refusal(memo(513)), Some(Rejection::NotCanonical(DecodeError::TooLong)));
    let bytes = memo(512).sign().to_bytes();
    assert!(decode(&bytes).is_ok());
    assert!(decode(&memo(513).sign().to_bytes()).is_err());
}

#[test]
fn l1_2_an_unknown_circuit_or_version_is_refused() {
    for (code, version) in [(0u8, 1u16), (CircuitId::Identity as u8, 1), (CircuitId::Enrol as u8, 1), (5, 1), (1, 0)] {
        let mut bytes = bytes();
        bytes[0] = code;
        bytes[1..3].copy_from_slice(&version.to_be_bytes());
        assert_eq!(decode(&bytes).err(), Some(Rejection::UnknownCircuit), "circuit {code} version {version}");
    }
    // A version that may be: whether the ledger knows it is the ledger's to say.
    let view = View::new();
    for version in [2, u16::MAX] {
        assert_eq!(view.refusal(View::draft().with(|draft| draft.version = version)), Some(Rejection::UnknownCircuit));
    }
}

#[test]
fn l1_3_a_statement_of_no_shape_is_refused() {
    // Bytes always hold as many inputs as their circuit says, so the rule speaks where statements come otherwise.
    assert_eq!(Rejection::from(TransactionError::Statement(StatementError::Counts)), Rejection::WrongCounts);
    let fields = View::draft().with(|draft| draft.fields.nullifiers.truncate(1)).fields;
    let refused = veilpay_protocol::transfer::TransferStatement::try_from(fields);
    assert_eq!(refused.err(), Some(StatementError::Counts));
}

/// Inputs of a 2x3 transfer: v_pub_in, v_pub_out, fee, now, epoch.
const INTEGERS: [usize; 5] = [9, 10, 11, 14, 15];

#[test]
fn l1_4_an_amount_of_2_to_the_64_is_refused_and_one_less_is_not() {
    for input in INTEGERS {
        for value in [1 << 64, u128::MAX] {
            assert_eq!(refusal_with_input(input, integer(value)), Some(Rejection::AmountTooLarge), "input {input}");
        }
        let at_edge = refusal_with_input(input, integer(u128::from(u64::MAX)));
        assert_eq!(at_edge, (input == 14).then_some(Rejection::TimeTooLarge), "input {input}");
    }
}

#[test]
fn l1_5_a_time_of_2_to_the_40_is_refused_and_one_less_is_not() {
    assert_eq!(refusal_with_input(14, integer(1 << 40)), Some(Rejection::TimeTooLarge));
    assert_eq!(refusal_with_input(14, integer((1 << 40) - 1)), None);
}

#[test]
fn l1_6_rk_off_the_curve_or_the_identity_is_refused() {
    assert_eq!(refusal_with_input(6, integer(1)), Some(Rejection::BadSpendKey(PointError::NotOnCurve)));
    let mut identity = bytes();
    identity[INPUTS_AT + 32 * 6..][..32].copy_from_slice(&integer(0));
    identity[INPUTS_AT + 32 * 7..][..32].copy_from_slice(&integer(1));
    assert_eq!(decode(&identity).err(), Some(Rejection::BadSpendKey(PointError::Identity)));
}

#[test]
fn l1_7_a_spend_signature_that_is_not_canonical_is_refused() {
    let good = bytes();
    let signature = View::draft().sign().signature.to_bytes().len();
    // Neither a source's nor a sponsor's signature follows.
    let at = good.len() - 2 - signature;
    let mut s = good.clone();
    s[at + 32..at + 64].fill(0xff);
    assert_eq!(decode(&s).err(), Some(Rejection::BadSignatureEncoding(SignatureError::Response)));
    let mut r = good;
    r[at..at + 32].copy_from_slice(&integer(1));
    let refused = Rejection::BadSignatureEncoding(SignatureError::Commitment(PointError::Identity));
    assert_eq!(decode(&r).err(), Some(refused));
}

#[test]
fn l1_8_another_ledgers_transaction_is_refused() {
    for other in [LedgerId::derive(Network::Main, "other"), LedgerId::derive(Network::Test, "test")] {
        assert_eq!(View::new().refusal(changed(|draft| draft.ledger = other)), Some(Rejection::AnotherLedger));
    }
}

#[test]
fn l1_9_value_enters_or_leaves_but_not_both() {
    let view = View::new();
    let both = View::draft().shield(&key(ALICE), 1).unshield(account(ALICE), 1);
    assert_eq!(view.refusal(both), Some(Rejection::BothDirections));
    // 2^32 times 2^32 is 0 in 64 bits.
    let wrapping = View::draft().shield(&key(ALICE), 1 << 32).unshield(account(ALICE), 1 << 32);
    assert_eq!(view.refusal(wrapping), Some(Rejection::BothDirections));
    assert_eq!(view.refusal(View::draft().shield(&key(ALICE), 1)), None);
    assert_eq!(view.refusal(View::draft().unshield(account(ALICE), 1)), None);
}

#[test]
fn l1_10_there_is_a_source_exactly_when_value_enters() {
    let view = View::new();
    assert_eq!(view.refusal(View::draft().shield(&key(ALICE), 0)), Some(Rejection::SourceMismatch));
    let without = View::draft().shield(&key(ALICE), 1).with(|draft| {
        draft.external.source = None;
        draft.source = None;
    });
    assert_eq!(view.refusal(without), Some(Rejection::SourceMismatch));
}

#[test]
fn l1_11_there_is_a_target_exactly_when_value_leaves() {
    let view = View::new();
    assert_eq!(view.refusal(View::draft().unshield(account(ALICE), 0)), Some(Rejection::TargetMismatch));
    assert_eq!(view.refusal(changed(|draft| draft.fields.v_pub_out = 1)), Some(Rejection::TargetMismatch));
}

#[test]
fn l1_12_there_is_a_collector_exactly_when_there_is_a_fee() {
    let view = View::new();
    assert_eq!(view.refusal(changed(|draft| draft.fields.fee = 0)), Some(Rejection::CollectorMismatch));
    assert_eq!(view.refusal(changed(|draft| draft.external.fee_collector = None)), Some(Rejection::CollectorMismatch));
}

#[test]
fn l1_13_a_sponsor_stands_beside_no_fee() {
    let view = View::new();
    assert_eq!(view.refusal(View::draft().sponsored(&key(ALICE))), Some(Rejection::SponsorMismatch));
    let sponsored = changed(|draft| draft.fields.fee = 0).with(|draft| draft.external.fee_collector = None);
    assert_eq!(view.refusal(sponsored.sponsored(&key(ALICE))), None);
}

#[test]
fn l1_14_an_expiry_farther_than_max_expiry_blocks_is_refused() {
    let view = View::new();
    let edge = view.height + view.parameters.max_expiry_blocks;
    assert_eq!(view.refusal(changed(|draft| draft.expiry_height = edge)), None);
    assert_eq!(view.refusal(changed(|draft| draft.expiry_height = edge + 1)), Some(Rejection::ExpiryTooFar));
    assert_eq!(view.refusal(changed(|draft| draft.expiry_height = u64::MAX)), Some(Rejection::ExpiryTooFar));
    let high = View { height: u64::MAX - 1, ..view };
    assert_eq!(high.refusal(changed(|draft| draft.expiry_height = u64::MAX)), None);
}

#[test]
fn structural_rules_come_before_semantic_and_those_before_contextual_ones() {
    let mut view = View::new();
    view.registry.values_mut().for_each(|status| *status = RootStatus::Unknown);
    let all_wrong = |draft: &mut veilpay_ledger::testing::Draft| {
        draft.expiry_height = u64::MAX;
        draft.proof = veilpay_ledger::testing::VerdictInProof::FAILS;
    };
    assert_eq!(view.refusal(changed(all_wrong)), Some(Rejection::ExpiryTooFar));
    let two_wrong = changed(|draft| draft.proof = veilpay_ledger::testing::VerdictInProof::FAILS);
    assert_eq!(view.refusal(two_wrong), Some(Rejection::Proof));
    assert_eq!(view.refusal(View::draft()), Some(Rejection::RegistryRoot));
    let transaction: Transaction = View::draft().sign();
    assert_eq!(decode(&transaction.to_bytes()), Ok(transaction));
}
