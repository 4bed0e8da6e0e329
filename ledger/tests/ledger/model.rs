//! Random operations on both stores against a plain model that decides every rule for itself.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;
use rand_core::OsRng;

use veilpay_ledger::rules::{semantic, structural};
use veilpay_ledger::testing::{Draft, VerdictInProof};
use veilpay_ledger::{
    CircuitStatus, Ledger, LedgerView, PoolId, Receipt, ReferenceLedger, Rejection, Store, StoreError, SubmitError,
    VersionError,
};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::encryption::EnrolmentCiphertext;
use veilpay_protocol::field::Fr;
use veilpay_protocol::merkle::{NOTE_DEPTH, Tree};
use veilpay_protocol::note::{AssetId, NoteRoot};
use veilpay_protocol::params::{Network, Parameters};
use veilpay_protocol::registry::RegistryWrite;
use veilpay_protocol::transaction::{Transaction, TransparentKey, TxId};

use crate::setting::{ALICE, BOB, COLLECTOR, ISSUER, UnderDigest, account, euro, genesis, key, verifying_key};
use crate::stores::{Memory, Run, Sqlite};

/// What is done to both ledgers.
#[derive(Clone, Debug)]
enum Operation {
    /// A transfer of this kind and version, with this defect or none; after a refusal the same without the defect.
    Submit(Kind, u16, u8),
    /// A transaction that was accepted once, perhaps before a rollback.
    Replay(usize),
    Tick(u16),
    Registry(u8),
    Sanctions(u128),
    Circuit(u16, u8),
    /// Version 2 comes in, once.
    Version,
    Reopen,
    Rollback(u8),
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Shield { in_euro: bool, amount: u64 },
    Transfer { wide: bool },
    Unshield { in_euro: bool, amount: u64 },
}

fn amounts() -> impl Strategy<Value = u64> {
    prop_oneof![6 => 1u64..5000, 1 => Just(u64::MAX), 1 => Just(1u64 << 40), 1 => any::<u64>()]
}

fn operations() -> impl Strategy<Value = Operation> {
    let kind = prop_oneof![
        4 => (any::<bool>(), amounts()).prop_map(|(in_euro, amount)| Kind::Shield { in_euro, amount }),
        3 => any::<bool>().prop_map(|wide| Kind::Transfer { wide }),
        3 => (any::<bool>(), amounts()).prop_map(|(in_euro, amount)| Kind::Unshield { in_euro, amount }),
    ];
    prop_oneof![
        12 => (kind, prop_oneof![3 => Just(1u16), 1 => Just(2u16)], prop_oneof![2 => Just(0u8), 1 => 1u8..16])
            .prop_map(|(kind, version, defect)| Operation::Submit(kind, version, defect)),
        2 => any::<usize>().prop_map(Operation::Replay),
        2 => any::<u16>().prop_map(Operation::Tick),
        1 => any::<u8>().prop_map(Operation::Registry),
        1 => (1u128..50).prop_map(Operation::Sanctions),
        1 => (1u16..3, 1u8..4).prop_map(|(version, code)| Operation::Circuit(version, code)),
        1 => Just(Operation::Version),
        1 => Just(Operation::Reopen),
        1 => any::<u8>().prop_map(Operation::Rollback),
    ]
}

/// What happened in one block, as the model remembers it.
#[derive(Clone, Debug)]
enum Event {
    Other,
    Accepted(Box<Transaction>, TxId),
    Status(u16, CircuitStatus),
    Added,
}

#[derive(Clone, Debug)]
struct ModelBlock {
    time: u64,
    event: Event,
    roots: veilpay_ledger::Roots,
}

/// The whole history and nothing else; every answer is computed from it anew.
struct Model {
    parameters: Parameters,
    blocks: Vec<ModelBlock>,
}

impl Model {
    fn height(&self) -> u64 {
        self.blocks.len() as u64 - 1
    }

    fn time(&self) -> u64 {
        self.blocks.last().expect("block 0").time
    }

    fn accepted(&self) -> impl Iterator<Item = &Transaction> {
        self.blocks.iter().filter_map(|block| match &block.event {
            Event::Accepted(transaction, _) => Some(&**transaction),
            _ => None,
        })
    }

    /// Of both shapes, which are always set alike; nothing for version 2 before it came in.
    fn status(&self, version: u16) -> Option<CircuitStatus> {
        let last = self.blocks.iter().rev().find_map(|block| match block.event {
            Event::Status(of, status) if of == version => Some(status),
            Event::Added if version == 2 => Some(CircuitStatus::Enabled),
            _ => None,
        });
        last.or((version == 1).then_some(CircuitStatus::Enabled))
    }

    fn pool(&self, asset: AssetId, version: u16) -> i128 {
        let bodies = self.accepted().map(|t| &t.body).filter(|body| body.version == version);
        let statements = bodies.map(|body| &body.statement).filter(|s| s.asset_pub == asset);
        statements.map(|s| i128::from(s.v_pub_in) - i128::from(s.v_pub_out) - i128::from(s.fee)).sum()
    }

    fn balances(&self) -> BTreeMap<(TransparentKey, AssetId), i128> {
        let mut balances = BTreeMap::new();
        for allocation in genesis(Network::Local).allocations {
            *balances.entry((allocation.account, allocation.asset)).or_insert(0) += i128::from(allocation.amount);
        }
        for body in self.accepted().map(|t| &t.body) {
            let s = &body.statement;
            for (who, amount) in [
                (body.external.source, -i128::from(s.v_pub_in)),
                (body.external.target, i128::from(s.v_pub_out)),
                (body.external.fee_collector, i128::from(s.fee)),
            ] {
                if let Some(who) = who {
                    *balances.entry((who, s.asset_pub)).or_insert(0) += amount;
                }
            }
        }
        balances
    }

    /// When a root of one of the lists was last replaced; nothing when it never was there.
    fn is_usable<R: PartialEq>(&self, root: &R, of: impl Fn(&ModelBlock) -> R, clock: u64) -> bool {
        let Some(last) = self.blocks.iter().rposition(|block| of(block) == *root) else { return false };
        match self.blocks.get(last + 1) {
            None => true,
            Some(next) => clock - next.time < self.parameters.grace_seconds,
        }
    }

    fn note_roots(&self) -> Vec<NoteRoot> {
        let mut roots: Vec<_> = self.blocks.iter().map(|block| block.roots.note_root).collect();
        roots.dedup();
        roots.split_off(roots.len().saturating_sub(self.parameters.recent_roots as usize))
    }

    /// The code of the first rule that a transaction breaks.
    fn refusal(&self, transaction: &Transaction, now: u64) -> Option<&'static str> {
        let (body, s, p) = (&transaction.body, &transaction.body.statement, &self.parameters);
        let clock = now.max(self.time());
        let seen = |other: &Transaction| s.nullifiers.iter().any(|nf| other.body.statement.nullifiers.contains(nf));
        let tagged = |other: &Transaction| {
            (other.body.statement.epoch, other.body.statement.trace_tag) == (s.epoch, s.trace_tag)
        };
        let minimum = if s.asset_pub == AssetId::native() { 10 } else { 0 };
        let known = s.asset_pub == AssetId::native() || s.asset_pub == euro().id();
        let has = |who: Option<TransparentKey>| {
            who.and_then(|who| self.balances().get(&(who, s.asset_pub)).copied()).unwrap_or(0)
        };
        let (target, collector) = (body.external.target, body.external.fee_collector);
        let fee_to_target = if target == collector { s.fee } else { 0 };
        let overflows = has(target) + i128::from(s.v_pub_out) + i128::from(fee_to_target) > i128::from(u64::MAX);
        let pool =
            self.pool(s.asset_pub, body.version) + i128::from(s.v_pub_in) - i128::from(s.v_pub_out) - i128::from(s.fee);
        let two_equal = (0..s.nullifiers.len()).any(|i| (0..i).any(|j| s.nullifiers[i] == s.nullifiers[j]));
        let status = self.status(body.version);
        let rules = [
            (status.is_none(), "unknown_circuit"),
            (body.ledger != genesis(Network::Local).ledger_id(), "another_ledger"),
            (body.external.fee_collector.is_some() != (s.fee > 0), "collector_mismatch"),
            (body.expiry_height > self.height() + p.max_expiry_blocks, "expiry_too_far"),
            (body.ciphertexts.len() != s.commitments.len(), "ciphertext_count"),
            (transaction.proof[0] != 1, "proof"),
            (status == Some(CircuitStatus::Disabled), "circuit_disabled"),
            (status == Some(CircuitStatus::DrainOnly) && s.v_pub_out == 0, "drain_only"),
            (!self.note_roots().contains(&s.note_root), "note_root"),
            (!self.is_usable(&s.registry_root, |b| b.roots.registry_root, clock), "registry_root"),
            (!self.is_usable(&s.sanctions_root, |b| b.roots.sanctions_root, clock), "sanctions_root"),
            (s.now + p.clock_window_seconds < clock || clock + p.clock_window_seconds < s.now, "clock_window"),
            (s.epoch != s.now / p.epoch_seconds, "epoch"),
            (body.expiry_height < self.height() + 1, "expired"),
            (two_equal, "repeated_nullifier"),
            (self.accepted().any(seen), "nullifier_seen"),
            (self.accepted().any(tagged), "trace_tag_seen"),
            (!known, "unknown_asset"),
            (s.fee < minimum && body.external.sponsor.is_none(), "fee_too_low"),
            (has(body.external.source) < i128::from(s.v_pub_in), "insufficient_balance"),
            (overflows, "balance_overflow"),
            (pool < 0, "pool_negative"),
            (pool > i128::from(u64::MAX), "pool_overflow"),
        ];
        rules.into_iter().find_map(|(broken, code)| broken.then_some(code))
    }
}

/// A good draft with one part made wrong; some defects are none in some states, which the model must know.
fn spoil(draft: &mut Draft, defect: u8, accepted: &[(Transaction, TxId)], abandoned: &[NoteRoot]) {
    let before = accepted.last().map(|(t, _)| t.body.statement.clone());
    match defect {
        1 => draft.ledger = veilpay_protocol::transaction::LedgerId::derive(Network::Main, "test"),
        2 => draft.expiry_height += 1000,
        3 => draft.ciphertexts.truncate(1),
        4 => draft.proof = VerdictInProof::FAILS,
        5 => draft.fields.note_root = abandoned.last().copied().unwrap_or_default(),
        6 => draft.fields.note_root = NoteRoot::default(),
        7 => draft.fields.registry_root = veilpay_protocol::credential::RegistryRoot::new(Fr::from(1u64)),
        8 => draft.fields.sanctions_root = veilpay_protocol::credential::SanctionsRoot::new(Fr::from(1u64)),
        9 => draft.fields.now += 7201,
        10 => draft.fields.epoch += 1,
        11 => draft.expiry_height = 3,
        12 => draft.fields.nullifiers[0] = draft.fields.nullifiers[1],
        13 => draft.fields.nullifiers[0] = before.map_or(draft.fields.nullifiers[0], |s| s.nullifiers[1]),
        14 => draft.fields.trace_tag = before.map_or(draft.fields.trace_tag, |s| s.trace_tag),
        15 => draft.fields.asset_pub = AssetId::of(b"no", b"one"),
        _ => {}
    }
}

struct Pair {
    memory: Run<Memory>,
    sqlite: Run<Sqlite>,
    model: Model,
    tree: Tree<NOTE_DEPTH>,
    accepted: Vec<(Transaction, TxId)>,
    abandoned: Vec<NoteRoot>,
}

impl Pair {
    fn new() -> Self {
        let (memory, sqlite) = (Run::new(Network::Local), Run::new(Network::Local));
        let parameters = memory.ledger.parameters();
        let roots = memory.ledger.tip().roots;
        let blocks = vec![ModelBlock { time: memory.ledger.time(), event: Event::Other, roots }];
        let model = Model { parameters, blocks };
        Self { memory, sqlite, model, tree: Tree::default(), accepted: Vec::new(), abandoned: Vec::new() }
    }

    fn now(&self) -> u64 {
        self.memory.now
    }

    /// Both ledgers made a block; the model takes its roots from them and checks those that it can.
    fn grew(&mut self, event: Event) {
        let tip = *self.memory.ledger.tip();
        assert_eq!(tip, *self.sqlite.ledger.tip());
        assert_eq!(tip.height, self.model.height() + 1);
        if let Event::Accepted(transaction, _) = &event {
            for commitment in &transaction.body.statement.commitments {
                self.tree.append(commitment.to_field()).expect("there is room");
            }
        }
        assert_eq!(tip.roots.note_root.to_field(), self.tree.root(), "I2");
        assert_eq!(tip.roots.note_count, self.tree.size());
        self.model.blocks.push(ModelBlock { time: tip.time, event, roots: tip.roots });
    }

    fn submit(&mut self, transaction: &Transaction) -> bool {
        let expected = self.model.refusal(transaction, self.now());
        let before = self.memory.ledger.digest();
        let now = self.now();
        let one = judged(&mut self.memory.ledger, transaction, now);
        let two = judged(&mut self.sqlite.ledger, transaction, now);
        assert_eq!(one, two);
        let refused = one.as_ref().err().map(|error| match error {
            SubmitError::Rejected(rejection) => rejection.code(),
            other => panic!("the store failed: {other}"),
        });
        assert_eq!(refused, expected);
        match one {
            Ok(receipt) => {
                self.accepted.push((transaction.clone(), receipt.txid));
                self.grew(Event::Accepted(Box::new(transaction.clone()), receipt.txid));
                true
            }
            Err(_) => {
                assert_eq!((before, before), (self.memory.ledger.digest(), self.sqlite.ledger.digest()), "I5");
                false
            }
        }
    }

    /// A transaction of a version, signed under that version's key.
    fn draft(&mut self, kind: Kind, version: u16) -> Draft {
        let circuit = match kind {
            Kind::Transfer { wide: true } => CircuitId::Transfer8x2,
            _ => CircuitId::Transfer2x3,
        };
        let digest = key_digest(circuit, version);
        let draft = self.memory.draft_of(circuit).with(|draft| (draft.version, draft.vk_digest) = (version, digest));
        match kind {
            Kind::Transfer { .. } => draft.fee(account(COLLECTOR), 10),
            Kind::Shield { in_euro: true, amount } => {
                draft.shield(&key(BOB), amount).with(|draft| draft.fields.asset_pub = euro().id())
            }
            Kind::Shield { in_euro: false, amount } => draft.shield(&key(ALICE), amount).fee(account(COLLECTOR), 10),
            Kind::Unshield { in_euro: true, amount } => {
                draft.unshield(account(BOB), amount).with(|draft| draft.fields.asset_pub = euro().id())
            }
            Kind::Unshield { in_euro: false, amount } => {
                draft.unshield(account(ALICE), amount).fee(account(COLLECTOR), 10)
            }
        }
    }

    fn operate(mut self, operation: Operation) -> Self {
        match operation {
            Operation::Submit(kind, version, defect) => {
                let good = self.draft(kind, version);
                let spoilt = good.clone().with(|draft| spoil(draft, defect, &self.accepted, &self.abandoned));
                if !self.submit(&spoilt.sign()) && defect != 0 {
                    self.submit(&good.sign());
                }
            }
            Operation::Replay(which) => {
                if let Some((transaction, _)) = self.accepted.get(which % self.accepted.len().max(1)).cloned() {
                    self.submit(&transaction);
                }
            }
            Operation::Tick(seconds) => self.tick(u64::from(seconds)),
            Operation::Registry(index) => self.write_registry(index),
            Operation::Sanctions(serial) => self.write_sanctions(serial),
            Operation::Circuit(version, code) => {
                self.set_status(version, CircuitStatus::from_code(code).expect("1 to 3"));
            }
            Operation::Version => self.add_version(),
            Operation::Reopen => {
                let digest = self.memory.ledger.digest();
                self = Self { memory: self.memory.reopen(), sqlite: self.sqlite.reopen(), ..self };
                assert_eq!((digest, digest), (self.memory.ledger.digest(), self.sqlite.ledger.digest()));
            }
            Operation::Rollback(blocks) => self.roll_back(u64::from(blocks % 8)),
        }
        self
    }

    fn tick(&mut self, seconds: u64) {
        self.memory.now += seconds;
        self.sqlite.now += seconds;
        let now = self.now();
        let due = now - self.model.time() >= self.model.parameters.block_seconds;
        let made = self.memory.ledger.tick(now).expect("stored");
        assert_eq!(made, self.sqlite.ledger.tick(now).expect("stored"));
        assert_eq!(made.is_some(), due);
        if due {
            self.grew(Event::Other);
        }
    }

    fn write_registry(&mut self, index: u8) {
        let leaf = Fr::from(self.model.height() % 3);
        let write =
            RegistryWrite { index: u32::from(index), leaf, ciphertext: EnrolmentCiphertext::unopenable(&mut OsRng) };
        let delta = self.memory.ledger.registry().plan(vec![write]).expect("the slot is in the tree");
        let signed = delta.sign(&self.memory.ledger.ledger_id(), &key(ISSUER));
        let now = self.now();
        let made = self.memory.ledger.apply_registry_delta(&signed, now).expect("good");
        assert_eq!(self.sqlite.ledger.apply_registry_delta(&signed, now), Ok(made));
        self.grew(Event::Other);
    }

    fn write_sanctions(&mut self, serial: u128) {
        let list = self.memory.ledger.sanctions();
        let writes = if list.list().contains(serial) {
            list.list().plan_remove(serial).expect("listed")
        } else {
            list.list().plan_insert(serial).expect("not listed")
        };
        let signed = list.plan(writes).expect("a chain").sign(&self.memory.ledger.ledger_id(), &key(ISSUER));
        let now = self.now();
        let made = self.memory.ledger.apply_sanctions_delta(&signed, now).expect("good");
        assert_eq!(self.sqlite.ledger.apply_sanctions_delta(&signed, now), Ok(made));
        self.grew(Event::Other);
    }

    fn set_status(&mut self, version: u16, status: CircuitStatus) {
        // Both shapes alike, so that the model knows one status.
        let now = self.now();
        for circuit in CircuitId::TRANSFERS {
            let made = self.memory.ledger.set_circuit_status(circuit, version, status, now);
            assert_eq!(self.sqlite.ledger.set_circuit_status(circuit, version, status, now), made);
            if self.model.status(version).is_none() {
                assert_eq!(made, Err(VersionError::Unknown));
                continue;
            }
            assert!(made.is_ok());
            self.grew(Event::Status(version, status));
        }
    }

    fn add_version(&mut self) {
        let (now, known) = (self.now(), self.model.status(2).is_some());
        for circuit in CircuitId::TRANSFERS {
            let key = verifying_key(circuit, 2, 1);
            let made = self.memory.ledger.add_circuit_version(&key, now);
            assert_eq!(self.sqlite.ledger.add_circuit_version(&key, now), made);
            if known {
                assert_eq!(made, Err(VersionError::Exists));
            } else {
                assert!(made.is_ok());
                self.grew(Event::Added);
            }
        }
    }

    fn roll_back(&mut self, blocks: u64) {
        let mut height = self.model.height().saturating_sub(blocks);
        // Not between the two blocks that set one status, or add one version.
        while height > 0 && matches!(self.model.blocks[height as usize].event, Event::Status(..) | Event::Added) {
            height -= 1;
        }
        self.memory.ledger.rollback_to(height).expect("every block is a checkpoint");
        self.sqlite.ledger.rollback_to(height).expect("every block is a checkpoint");
        self.abandoned.extend(self.model.blocks.drain(height as usize + 1..).map(|block| block.roots.note_root));
        self.tree.truncate(self.memory.ledger.note_count());
    }

    /// I1 to I4 and the supply, from the model's history alone.
    fn check(&self) {
        assert_eq!(self.memory.ledger.digest(), self.sqlite.ledger.digest());
        check_against(&self.memory.ledger, &self.model);
        check_against(&self.sqlite.ledger, &self.model);
    }

    /// I9: everything that entered can leave.
    fn unwind(mut self) {
        for version in [1, 2] {
            self.set_status(version, CircuitStatus::DrainOnly);
            for asset in [euro().id(), AssetId::native()] {
                let fee = if asset == AssetId::native() { 10 } else { 0 };
                let pool = u64::try_from(self.model.pool(asset, version)).expect("I3");
                if pool > fee {
                    let kind = Kind::Unshield { in_euro: fee == 0, amount: pool - fee };
                    let draft = self.draft(kind, version).sign();
                    assert!(self.submit(&draft), "I9");
                    assert_eq!(self.memory.ledger.pool(PoolId { asset, version }), 0, "I9");
                }
            }
        }
        self.check();
        self.memory.ledger.audit().expect("everything fits");
        self.sqlite.ledger.audit().expect("everything fits");
    }
}

/// The digest of the key that version 2 of a circuit has when it comes in.
fn key_digest(circuit: CircuitId, version: u16) -> Option<[u8; 32]> {
    static DIGESTS: LazyLock<[[u8; 32]; 2]> =
        LazyLock::new(|| CircuitId::TRANSFERS.map(|circuit| verifying_key(circuit, 2, 1).digest()));
    let place = CircuitId::TRANSFERS.iter().position(|known| *known == circuit)?;
    (version == 2).then(|| DIGESTS[place])
}

/// What the ledger decides when the double judges every version's proofs, under the digest of its key.
fn judged<S: Store>(
    ledger: &mut ReferenceLedger<S>,
    transaction: &Transaction,
    now: u64,
) -> Result<Receipt, SubmitError<StoreError>> {
    structural(transaction, ledger)?;
    let digest = key_digest(transaction.circuit(), transaction.body.version);
    let verified = semantic(transaction, &UnderDigest(digest))?;
    ledger.accept(&verified, now)
}

fn check_against<S: Store>(ledger: &ReferenceLedger<S>, model: &Model) {
    let nullifiers: Vec<_> = model.accepted().flat_map(|t| t.body.statement.nullifiers.clone()).collect();
    let stored = ledger.nullifiers(0, 4096).expect("readable");
    assert!(stored.iter().map(|record| record.nullifier).eq(nullifiers.iter().copied()), "I1");
    let mut distinct = nullifiers.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), nullifiers.len(), "I1");
    let mut supply = BTreeMap::new();
    for ((who, asset), amount) in model.balances() {
        assert_eq!(i128::from(ledger.balance(who, asset)), amount);
        *supply.entry(asset).or_insert(0) += amount;
    }
    for (asset, total) in [(AssetId::native(), 1i128 << 40), (euro().id(), i128::from(u64::MAX))] {
        let pools = [1, 2].map(|version| {
            let pool = model.pool(asset, version);
            assert!(pool >= 0, "I3");
            assert_eq!(i128::from(ledger.pool(PoolId { asset, version })), pool, "I3");
            pool
        });
        assert_eq!(supply[&asset] + pools[0] + pools[1], total, "nothing is made or lost");
    }
    for version in [1, 2] {
        for circuit in CircuitId::TRANSFERS {
            assert_eq!(ledger.circuit_status(circuit, version), model.status(version));
        }
    }
    for block in &model.blocks {
        if let Event::Accepted(transaction, txid) = &block.event {
            let record = ledger.transaction(*txid).expect("readable").expect("I6: it is there");
            assert_eq!(record.transaction.bytes, transaction.to_bytes());
            assert_eq!(transaction.proof[0], 1, "I4");
        }
    }
    assert!(!ledger.is_recent_note_root(NoteRoot::default()), "I2");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn both_stores_follow_the_plain_model(operations in prop::collection::vec(operations(), 1..40)) {
        let mut pair = Pair::new();
        for operation in operations {
            pair = pair.operate(operation);
            pair.check();
        }
        pair.unwind();
    }
}

#[test]
fn the_models_rules_are_rules_of_the_ledger() {
    // The model names rules by code: a renamed code must not pass unnoticed.
    for code in ["another_ledger", "nullifier_seen", "pool_negative", "registry_root", "expired"] {
        assert!(Rejection::TABLE.iter().any(|(_, known, _)| *known == code), "{code}");
    }
}
