//! What the tests share: keys, a genesis, a plain view, temporary folders.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use ark_bn254::{G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ed25519_dalek::SigningKey;

use veilpay_ledger::testing::{Draft, VerdictInProof};
use veilpay_ledger::{
    Allocation, Asset, Block, CircuitStatus, Effects, Genesis, LedgerView, MemoryLedger, MemoryStore, PoolId,
    ProofRejected, ProofVerifier, Rejection, RootStatus, validate,
};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::credential::{RegistryRoot, SanctionsRoot};
use veilpay_protocol::field::Fr;
use veilpay_protocol::note::{AssetId, NoteRoot};
use veilpay_protocol::nullifier::Nullifier;
use veilpay_protocol::params::{Network, Parameters};
use veilpay_protocol::tracing::TraceTag;
use veilpay_protocol::transaction::{LedgerId, PROOF_LENGTH, Transaction, TransparentKey};
use veilpay_protocol::transfer::TransferStatement;
use veilpay_verifier::{KeyInfo, KeyPoints, Setup, VerifyingKey};

/// The time of block 0: the middle of an epoch.
pub(crate) const START: u64 = 700 * 30 * 24 * 3600 + 1_000_000;

pub(crate) const SHAPE: CircuitId = CircuitId::Transfer2x3;

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub(crate) fn account(seed: u8) -> TransparentKey {
    TransparentKey::of(&key(seed))
}

pub(crate) const ISSUER: u8 = 200;
pub(crate) const ALICE: u8 = 1;
pub(crate) const BOB: u8 = 2;
pub(crate) const COLLECTOR: u8 = 3;

pub(crate) fn euro() -> Asset {
    Asset { issuer: "bank".into(), code: "EUR".into(), decimals: 2, minimum_fee: 0 }
}

/// Native asset with a minimum fee of 10 and 2^40 units for Alice; euros without one, all there can be for Bob.
pub(crate) fn genesis(network: Network) -> Genesis {
    let (native, euro) = (Asset::native(8, 10), euro());
    let allocations = vec![
        Allocation { account: account(ALICE), asset: native.id(), amount: 1 << 40 },
        Allocation { account: account(ALICE), asset: euro.id(), amount: 0 },
        Allocation { account: account(BOB), asset: euro.id(), amount: u64::MAX },
    ];
    Genesis {
        network,
        name: "test".into(),
        time: START,
        issuer: account(ISSUER),
        escrow_agent: account(201),
        fee_collector: account(202),
        assets: vec![native, euro],
        allocations,
    }
}

pub(crate) fn memory_ledger(network: Network) -> MemoryLedger {
    MemoryLedger::open(genesis(network), MemoryStore::default()).expect("an empty store")
}

/// A transaction without public amounts but a fee of 10, at this checkpoint.
pub(crate) fn draft_at(checkpoint: &Block, network: Network, seed: u64) -> Draft {
    let genesis = genesis(network);
    Draft::new(genesis.ledger_id(), &genesis.parameters(), checkpoint, SHAPE, seed)
}

/// A ledger's state as plain fields that a test sets.
#[derive(Clone)]
pub(crate) struct View {
    pub(crate) id: LedgerId,
    pub(crate) parameters: Parameters,
    pub(crate) height: u64,
    pub(crate) time: u64,
    pub(crate) status: CircuitStatus,
    pub(crate) note_roots: Vec<NoteRoot>,
    pub(crate) registry: HashMap<RegistryRoot, RootStatus>,
    pub(crate) sanctions: HashMap<SanctionsRoot, RootStatus>,
    pub(crate) nullifiers: HashSet<Nullifier>,
    pub(crate) tags: HashSet<(u64, TraceTag)>,
    pub(crate) minimum_fees: HashMap<AssetId, u64>,
    pub(crate) note_count: u64,
    pub(crate) balances: HashMap<TransparentKey, u64>,
    pub(crate) pool: u64,
}

impl View {
    /// A ledger at height 1000, in which Alice has 1000 and the pool of the native asset holds 5000.
    pub(crate) fn new() -> Self {
        let checkpoint = Self::checkpoint();
        let genesis = genesis(Network::Main);
        Self {
            id: genesis.ledger_id(),
            parameters: genesis.parameters(),
            height: checkpoint.height,
            time: checkpoint.time,
            status: CircuitStatus::Enabled,
            note_roots: vec![checkpoint.roots.note_root],
            registry: [(checkpoint.roots.registry_root, RootStatus::Current)].into(),
            sanctions: [(checkpoint.roots.sanctions_root, RootStatus::Current)].into(),
            nullifiers: HashSet::new(),
            tags: HashSet::new(),
            minimum_fees: [(AssetId::native(), 10)].into(),
            note_count: 40,
            balances: [(account(ALICE), 1000)].into(),
            pool: 5000,
        }
    }

    pub(crate) fn checkpoint() -> Block {
        Block { height: 1000, ..*memory_ledger(Network::Main).tip() }
    }

    /// A transaction that this view accepts: a transfer with the minimum fee.
    pub(crate) fn draft() -> Draft {
        draft_at(&Self::checkpoint(), Network::Main, 7).fee(account(COLLECTOR), 10)
    }

    pub(crate) fn validate(&self, transaction: &Transaction) -> Result<Effects, Rejection> {
        validate(transaction, self, &VerdictInProof, self.time)
    }

    /// The rule that a draft breaks here.
    pub(crate) fn refusal(&self, draft: Draft) -> Option<Rejection> {
        self.validate(&draft.sign()).err()
    }
}

impl LedgerView for View {
    fn ledger_id(&self) -> LedgerId {
        self.id
    }
    fn parameters(&self) -> Parameters {
        self.parameters
    }
    fn height(&self) -> u64 {
        self.height
    }
    fn time(&self) -> u64 {
        self.time
    }
    fn circuit_status(&self, circuit: CircuitId, version: u16) -> Option<CircuitStatus> {
        (version == circuit.version()).then_some(self.status)
    }
    fn is_recent_note_root(&self, root: NoteRoot) -> bool {
        self.note_roots.contains(&root)
    }
    fn registry_root_status(&self, root: RegistryRoot) -> RootStatus {
        self.registry.get(&root).copied().unwrap_or(RootStatus::Unknown)
    }
    fn sanctions_root_status(&self, root: SanctionsRoot) -> RootStatus {
        self.sanctions.get(&root).copied().unwrap_or(RootStatus::Unknown)
    }
    fn has_nullifier(&self, nullifier: Nullifier) -> bool {
        self.nullifiers.contains(&nullifier)
    }
    fn has_trace_tag(&self, epoch: u64, tag: TraceTag) -> bool {
        self.tags.contains(&(epoch, tag))
    }
    fn minimum_fee(&self, asset: AssetId) -> Option<u64> {
        self.minimum_fees.get(&asset).copied()
    }
    fn note_count(&self) -> u64 {
        self.note_count
    }
    fn balance(&self, account: TransparentKey, _: AssetId) -> u64 {
        self.balances.get(&account).copied().unwrap_or(0)
    }
    fn pool(&self, _: PoolId) -> u64 {
        self.pool
    }
}

/// A folder that is removed with everything in it when dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("veilpay-ledger-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("the temporary folder can be written");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The double for versions whose key has this digest; without one, the double itself.
pub(crate) struct UnderDigest(pub(crate) Option<[u8; 32]>);

impl ProofVerifier for UnderDigest {
    fn vk_digest(&self, circuit: CircuitId, version: u16) -> Option<[u8; 32]> {
        self.0.or_else(|| VerdictInProof.vk_digest(circuit, version))
    }

    fn verify(
        &self,
        statement: &TransferStatement,
        version: u16,
        proof: &[u8; PROOF_LENGTH],
    ) -> Result<(), ProofRejected> {
        VerdictInProof.verify(statement, version, proof)
    }
}

/// A verifying key that S1 has nothing against, for no circuit that anybody proves; another one for each seed.
pub(crate) fn verifying_key(circuit: CircuitId, version: u16, seed: u64) -> VerifyingKey {
    let g1 = |k: u64| (G1Affine::generator() * Fr::from(k)).into_affine();
    let g2 = |k: u64| (G2Affine::generator() * Fr::from(k)).into_affine();
    let ic = (0..=circuit.public_inputs() as u64).map(|i| g1(1000 * seed + i)).collect();
    let points = KeyPoints { alpha: g1(2 + seed), beta: g2(3 + seed), gamma: g2(1), delta: g2(90 + seed), ic };
    VerifyingKey::new(KeyInfo { circuit, version, setup: Setup::Ceremony, matrix_digest: [9; 64] }, points)
}
