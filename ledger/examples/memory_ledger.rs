//! A ledger of one's own: everything that a chain must write to take private payments, on plain maps.
//!
//! The rules are the library's: they ask the questions of [`LedgerView`] and hand back [`Effects`]. What is left to a chain
//! is to answer from its state, to apply the effects as one, and to go back to a checkpoint.
//!
//! Run it: `cargo run --release -p veilpay-ledger --example memory_ledger`
#![forbid(unsafe_code)]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, Write};

use ed25519_dalek::SigningKey;

use veilpay_ledger::testing::{Draft, VerdictInProof};
use veilpay_ledger::{
    Block, BlockHash, CircuitStatus, Content, Effects, Ledger, LedgerView, NoteFrontier, PoolId, Receipt, RootStatus,
    Roots, SubmitError, submit,
};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::credential::{RegistryRoot, SanctionsRoot};
use veilpay_protocol::note::{AssetId, NoteRoot};
use veilpay_protocol::nullifier::Nullifier;
use veilpay_protocol::params::{Network, Parameters};
use veilpay_protocol::registry::{Registry, SanctionsList};
use veilpay_protocol::tracing::TraceTag;
use veilpay_protocol::transaction::{LedgerId, TransparentKey};

/// The whole state. A chain keeps it in its own storage; this one lives as long as the process.
#[derive(Clone)]
struct State {
    height: u64,
    time: u64,
    /// The note tree's right edge: enough to append, and to know the root.
    frontier: NoteFrontier,
    /// The roots after each block that added notes, that of the empty tree first.
    note_roots: Vec<NoteRoot>,
    /// What wallets scan. A chain would serve the ciphertexts from here.
    notes: Vec<Vec<u8>>,
    nullifiers: HashSet<Nullifier>,
    trace_tags: HashSet<(u64, TraceTag)>,
    balances: BTreeMap<(TransparentKey, AssetId), u64>,
    pools: BTreeMap<PoolId, u64>,
}

/// The state now, and as it was at each checkpoint.
struct PlainLedger {
    id: LedgerId,
    parameters: Parameters,
    minimum_fees: HashMap<AssetId, u64>,
    /// The issuer's lists. They change by signed deltas ([`Registry::apply`]), which this example leaves out.
    registry: Registry,
    sanctions: SanctionsList,
    now: State,
    checkpoints: BTreeMap<u64, State>,
}

impl PlainLedger {
    fn new(id: LedgerId, time: u64, balances: BTreeMap<(TransparentKey, AssetId), u64>) -> Self {
        let frontier = NoteFrontier::default();
        // The root of the empty tree counts: a first shield spends dummies alone, and must name some root.
        let note_roots = vec![NoteRoot::new(frontier.root())];
        let (notes, pools) = (Vec::new(), BTreeMap::new());
        let (nullifiers, trace_tags) = (HashSet::new(), HashSet::new());
        let now = State { height: 0, time, frontier, note_roots, notes, nullifiers, trace_tags, balances, pools };
        Self {
            id,
            parameters: Network::Local.parameters(),
            minimum_fees: HashMap::from([(AssetId::native(), 10)]),
            registry: Registry::default(),
            sanctions: SanctionsList::default(),
            checkpoints: BTreeMap::from([(0, now.clone())]),
            now,
        }
    }

    /// What a wallet is told: the roots and the time of the newest checkpoint.
    fn checkpoint(&self) -> Block {
        let roots = Roots {
            note_root: *self.now.note_roots.last().expect("the first root is never removed"),
            note_count: self.now.frontier.size(),
            nullifier_count: self.now.nullifiers.len() as u64,
            registry_root: self.registry.root(),
            registry_sequence: self.registry.sequence(),
            sanctions_root: self.sanctions.root(),
            sanctions_sequence: self.sanctions.sequence(),
        };
        Block::new(self.now.height, self.now.time, roots, &Content::Empty, BlockHash::NONE)
    }
}

/// What the rules ask. Nothing here decides: it only says what is.
impl LedgerView for PlainLedger {
    fn ledger_id(&self) -> LedgerId {
        self.id
    }

    fn parameters(&self) -> Parameters {
        self.parameters
    }

    fn height(&self) -> u64 {
        self.now.height
    }

    fn time(&self) -> u64 {
        self.now.time
    }

    fn circuit_status(&self, circuit: CircuitId, version: u16) -> Option<CircuitStatus> {
        (version == circuit.version()).then_some(CircuitStatus::Enabled)
    }

    fn is_recent_note_root(&self, root: NoteRoot) -> bool {
        self.now.note_roots.iter().rev().take(self.parameters.recent_roots as usize).any(|known| *known == root)
    }

    // A ledger whose lists change also remembers the roots that were superseded, and when.
    fn registry_root_status(&self, root: RegistryRoot) -> RootStatus {
        if root == self.registry.root() { RootStatus::Current } else { RootStatus::Unknown }
    }

    fn sanctions_root_status(&self, root: SanctionsRoot) -> RootStatus {
        if root == self.sanctions.root() { RootStatus::Current } else { RootStatus::Unknown }
    }

    fn has_nullifier(&self, nullifier: Nullifier) -> bool {
        self.now.nullifiers.contains(&nullifier)
    }

    fn has_trace_tag(&self, epoch: u64, tag: TraceTag) -> bool {
        self.now.trace_tags.contains(&(epoch, tag))
    }

    fn minimum_fee(&self, asset: AssetId) -> Option<u64> {
        self.minimum_fees.get(&asset).copied()
    }

    fn note_count(&self) -> u64 {
        self.now.frontier.size()
    }

    fn balance(&self, account: TransparentKey, asset: AssetId) -> u64 {
        self.now.balances.get(&(account, asset)).copied().unwrap_or(0)
    }

    fn pool(&self, pool: PoolId) -> u64 {
        self.now.pools.get(&pool).copied().unwrap_or(0)
    }
}

/// Why this ledger stores nothing. One that writes to disk has more to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PlainError {
    /// The effects were computed against another state.
    Stale,
    /// There is no such checkpoint.
    NoCheckpoint,
}

impl std::fmt::Display for PlainError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Stale => "the ledger has moved since the transaction was validated",
            Self::NoCheckpoint => "there is no such checkpoint",
        })
    }
}

impl std::error::Error for PlainError {}

impl Ledger for PlainLedger {
    type Error = PlainError;

    fn apply(&mut self, effects: &Effects, now: u64) -> Result<Receipt, PlainError> {
        // Effects that were kept while the ledger moved, a rollback included, are another state's.
        if !effects.hold_on(self, now) {
            return Err(PlainError::Stale);
        }
        // All or nothing: the next state is made aside and takes the place of the present one at the end.
        let mut next = self.now.clone();
        let first_note = next.frontier.size();
        for (commitment, ciphertext) in effects.notes() {
            next.frontier.append(commitment.to_field()).map_err(|_| PlainError::Stale)?;
            next.notes.push(ciphertext.to_bytes().to_vec());
        }
        next.note_roots.push(NoteRoot::new(next.frontier.root()));
        next.nullifiers.extend(effects.nullifiers());
        next.trace_tags.insert(effects.trace_tag());
        for balance in effects.balances() {
            next.balances.insert((balance.account, balance.asset), balance.amount);
        }
        let (pool, amount) = effects.pool();
        next.pools.insert(pool, amount);
        next.height += 1;
        next.time = next.time.max(now);
        // A ledger that lasts writes `next` here, and waits until it is on the disk.
        self.now = next;
        if self.now.height.is_multiple_of(self.parameters.checkpoint_interval) {
            self.checkpoints.insert(self.now.height, self.now.clone());
        }
        Ok(Receipt { txid: effects.txid(), height: self.now.height, time: self.now.time, first_note })
    }

    fn rollback_to(&mut self, height: u64) -> Result<(), PlainError> {
        self.now = self.checkpoints.get(&height).ok_or(PlainError::NoCheckpoint)?.clone();
        self.checkpoints.retain(|checkpoint, _| *checkpoint <= height);
        Ok(())
    }
}

pub(crate) fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    let time = 1_800_000_000;
    let id = LedgerId::derive(Network::Local, "plain");
    let (alice, carol) = (SigningKey::from_bytes(&[1; 32]), SigningKey::from_bytes(&[3; 32]));
    let (alice_account, carol_account) = (TransparentKey::of(&alice), TransparentKey::of(&carol));
    let native = AssetId::native();
    let mut ledger = PlainLedger::new(id, time, BTreeMap::from([((alice_account, native), 1_000)]));

    // A ledger that holds value passes its `veilpay_verifier::Verifier` here. Proofs take seconds to make, so this example
    // takes a stand-in for them; everything else about these transactions is real.
    let verifier = VerdictInProof;
    let draft = |ledger: &PlainLedger, seed| {
        Draft::new(id, &ledger.parameters, &ledger.checkpoint(), CircuitId::Transfer2x3, seed).fee(carol_account, 10)
    };

    let shield = draft(&ledger, 1).shield(&alice, 600).sign();
    let receipt = submit(&mut ledger, &verifier, &shield, time + 1).expect("Alice has 1000");
    writeln!(out, "shielded 600 at height {}: Alice has {}", receipt.height, ledger.balance(alice_account, native))?;

    let payment = draft(&ledger, 2).sign();
    let receipt = submit(&mut ledger, &verifier, &payment, time + 2).expect("the fee is paid from the pool");
    writeln!(out, "paid in private at height {}: {}", receipt.height, receipt.txid)?;

    for (what, transaction) in [
        ("the same again", payment),
        ("more than the pool holds", draft(&ledger, 3).unshield(alice_account, 600).sign()),
        ("more than Alice has", draft(&ledger, 4).shield(&alice, 401).sign()),
        ("a proof that does not hold", draft(&ledger, 5).with(|draft| draft.proof = VerdictInProof::FAILS).sign()),
    ] {
        match submit(&mut ledger, &verifier, &transaction, time + 3) {
            Err(SubmitError::Rejected(rejection)) => writeln!(out, "refused {what}: {rejection}")?,
            other => panic!("{what} must be refused: {other:?}"),
        }
    }

    ledger.rollback_to(1).expect("every block of a local ledger is a checkpoint");
    let pool = ledger.pool(PoolId { asset: native, version: 1 });
    writeln!(out, "rolled back to height 1: {} notes, {pool} in the pool", ledger.now.notes.len())
}
