//! The state at the tip, in memory: what the rules read. It follows from genesis and the blocks, and is rebuilt from them.
//!
//! A change is planned without touching the state, stored, and only then committed; so a failed write leaves the state at
//! the last block that was acknowledged.

pub(crate) mod replay;
mod view;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use veilpay_protocol::credential::{RegistryRoot, SanctionsRoot};
use veilpay_protocol::merkle::TreeError;
use veilpay_protocol::note::{AssetId, NoteRoot};
use veilpay_protocol::nullifier::Nullifier;
use veilpay_protocol::params::Parameters;
use veilpay_protocol::registry::{DeltaError, Registry, SanctionsList};
use veilpay_protocol::tracing::TraceTag;
use veilpay_protocol::transaction::{LedgerId, TransparentKey};

use crate::block::{AcceptedTransaction, Block, BlockHash, Content, Roots};
use crate::digest::{Digest, Domain};
use crate::genesis::{Asset, Genesis};
use crate::rules::Rejection;
use crate::rules::settlement::{Settlement, settle};
use crate::store::NoteFrontier;
use crate::versions::{VersionError, Versions};
use crate::view::PoolId;

/// Why a content does not fit the state.
#[derive(Debug, PartialEq)]
pub(crate) enum Unfit {
    /// The amounts do not.
    Settlement(Rejection),
    /// The note tree is full.
    Tree(TreeError),
    /// The delta does not.
    Delta(DeltaError),
    /// The circuit's version does not, or its key.
    Version(VersionError),
    /// Only the first block is a genesis block.
    Genesis,
}

/// A block to come, and the parts of the state that it replaces.
pub(crate) struct Next {
    pub(crate) block: Block,
    pub(crate) content: Content,
    pub(crate) frontier: NoteFrontier,
    settlement: Option<Settlement>,
    registry: Option<Registry>,
    sanctions: Option<SanctionsList>,
    versions: Option<Versions>,
}

#[derive(Clone)]
pub(crate) struct State {
    id: LedgerId,
    parameters: Parameters,
    assets: BTreeMap<AssetId, Asset>,
    tip: Block,
    frontier: NoteFrontier,
    /// Distinct roots of the note tree, the latest last.
    note_roots: VecDeque<NoteRoot>,
    registry: Registry,
    sanctions: SanctionsList,
    superseded_registry: HashMap<RegistryRoot, u64>,
    superseded_sanctions: HashMap<SanctionsRoot, u64>,
    nullifiers: HashSet<Nullifier>,
    trace_tags: HashSet<(u64, TraceTag)>,
    /// Balances that are not 0.
    balances: BTreeMap<(TransparentKey, AssetId), u64>,
    /// Pools that are not 0.
    pools: BTreeMap<PoolId, u64>,
    versions: Versions,
}

/// Sets a value, and keeps no entry for 0.
fn set<K: Ord>(map: &mut BTreeMap<K, u64>, key: K, amount: u64) {
    if amount == 0 {
        map.remove(&key);
    } else {
        map.insert(key, amount);
    }
}

impl State {
    /// The state after block 0.
    pub(crate) fn genesis(genesis: &Genesis) -> Self {
        let (frontier, registry, sanctions) = (NoteFrontier::default(), Registry::default(), SanctionsList::default());
        let roots = Roots {
            note_root: NoteRoot::new(frontier.root()),
            note_count: 0,
            nullifier_count: 0,
            registry_root: registry.root(),
            registry_sequence: 0,
            sanctions_root: sanctions.root(),
            sanctions_sequence: 0,
        };
        let mut balances = BTreeMap::new();
        for allocation in &genesis.allocations {
            set(&mut balances, (allocation.account, allocation.asset), allocation.amount);
        }
        Self {
            id: genesis.ledger_id(),
            parameters: genesis.parameters(),
            assets: genesis.assets.iter().map(|asset| (asset.id(), asset.clone())).collect(),
            tip: Block::new(0, genesis.time, roots, &Content::Genesis(genesis.digest()), BlockHash::NONE),
            frontier,
            note_roots: VecDeque::from([roots.note_root]),
            registry,
            sanctions,
            superseded_registry: HashMap::new(),
            superseded_sanctions: HashMap::new(),
            nullifiers: HashSet::new(),
            trace_tags: HashSet::new(),
            balances,
            pools: BTreeMap::new(),
            versions: Versions::genesis(),
        }
    }

    pub(crate) const fn tip(&self) -> &Block {
        &self.tip
    }

    pub(crate) const fn frontier(&self) -> &NoteFrontier {
        &self.frontier
    }

    pub(crate) const fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(crate) const fn sanctions(&self) -> &SanctionsList {
        &self.sanctions
    }

    pub(crate) const fn balances(&self) -> &BTreeMap<(TransparentKey, AssetId), u64> {
        &self.balances
    }

    pub(crate) const fn versions(&self) -> &Versions {
        &self.versions
    }

    pub(crate) const fn pools(&self) -> &BTreeMap<PoolId, u64> {
        &self.pools
    }

    /// The block that `content` makes on top of this state at time `now`, which changes nothing yet.
    pub(crate) fn plan(&self, content: Content, now: u64) -> Result<Next, Unfit> {
        let mut roots = self.tip.roots;
        let mut frontier = self.frontier.clone();
        let (mut settlement, mut registry, mut sanctions, mut versions) = (None, None, None, None);
        match &content {
            Content::Genesis(_) => return Err(Unfit::Genesis),
            Content::Empty => {}
            Content::Circuit(..) | Content::Key(_) => {
                let mut next = self.versions.clone();
                next.apply(&content).map_err(Unfit::Version)?;
                versions = Some(next);
            }
            Content::Transaction(transaction) => {
                settlement = Some(settle(&transaction.movements, self).map_err(Unfit::Settlement)?);
                for (commitment, _) in &transaction.notes {
                    frontier.append(commitment.to_field()).map_err(Unfit::Tree)?;
                }
                add_transaction(&mut roots, transaction, NoteRoot::new(frontier.root()));
            }
            Content::Registry(signed) => {
                let mut next = self.registry.clone();
                next.apply(&signed.delta).map_err(Unfit::Delta)?;
                (roots.registry_root, roots.registry_sequence) = (next.root(), next.sequence());
                registry = Some(next);
            }
            Content::Sanctions(signed) => {
                let mut next = self.sanctions.clone();
                next.apply(&signed.delta).map_err(Unfit::Delta)?;
                (roots.sanctions_root, roots.sanctions_sequence) = (next.root(), next.sequence());
                sanctions = Some(next);
            }
        }
        let block = Block::new(self.tip.height + 1, now.max(self.tip.time), roots, &content, self.tip.hash);
        Ok(Next { block, content, frontier, settlement, registry, sanctions, versions })
    }

    /// Makes a planned block the tip.
    pub(crate) fn commit(&mut self, next: Next) {
        self.frontier = next.frontier;
        if let Some(registry) = next.registry {
            self.registry = registry;
        }
        if let Some(sanctions) = next.sanctions {
            self.sanctions = sanctions;
        }
        if let Some(versions) = next.versions {
            self.versions = versions;
        }
        self.absorb(next.block, &next.content, next.settlement.as_ref());
    }

    /// Takes over what a block says, all but frontier, registry, list and circuit versions.
    fn absorb(&mut self, block: Block, content: &Content, settlement: Option<&Settlement>) {
        let before = self.tip.roots;
        if before.registry_root != block.roots.registry_root {
            self.superseded_registry.insert(before.registry_root, block.time);
        }
        if before.sanctions_root != block.roots.sanctions_root {
            self.superseded_sanctions.insert(before.sanctions_root, block.time);
        }
        if before.note_root != block.roots.note_root {
            self.note_roots.push_back(block.roots.note_root);
            while self.note_roots.len() > self.parameters.recent_roots as usize {
                self.note_roots.pop_front();
            }
        }
        if let Content::Transaction(transaction) = content {
            self.nullifiers.extend(&transaction.nullifiers);
            self.trace_tags.insert((transaction.epoch, transaction.trace_tag));
        }
        if let Some(settlement) = settlement {
            for balance in &settlement.balances {
                set(&mut self.balances, (balance.account, balance.asset), balance.amount);
            }
            set(&mut self.pools, settlement.pool, settlement.pool_amount);
        }
        self.tip = block;
    }

    /// A digest of the whole state, the same for two states exactly when they are the same.
    pub(crate) fn digest(&self) -> [u8; 32] {
        let mut digest = Digest::new(Domain::STATE);
        digest.fixed(self.id.as_bytes()).fixed(self.tip.hash.as_bytes()).number(self.frontier.size());
        for node in self.frontier.levels().iter().flatten() {
            digest.fixed(&NoteRoot::new(*node).to_bytes());
        }
        digest.number(self.note_roots.len() as u64);
        for root in &self.note_roots {
            digest.fixed(&root.to_bytes());
        }
        digest.fixed(&self.registry.root().to_bytes()).number(self.registry.sequence());
        digest.fixed(&self.sanctions.root().to_bytes()).number(self.sanctions.sequence());
        digest.number(self.superseded_registry.len() as u64);
        for (root, at) in sorted(&self.superseded_registry) {
            digest.fixed(&root.to_bytes()).number(at);
        }
        digest.number(self.superseded_sanctions.len() as u64);
        for (root, at) in sorted(&self.superseded_sanctions) {
            digest.fixed(&root.to_bytes()).number(at);
        }
        let mut nullifiers: Vec<_> = self.nullifiers.iter().collect();
        nullifiers.sort_unstable();
        digest.number(nullifiers.len() as u64);
        for nullifier in nullifiers {
            digest.fixed(&nullifier.to_bytes());
        }
        let mut tags: Vec<_> = self.trace_tags.iter().collect();
        tags.sort_unstable();
        digest.number(tags.len() as u64);
        for (epoch, tag) in tags {
            digest.number(*epoch).fixed(&tag.to_bytes());
        }
        digest.number(self.balances.len() as u64);
        for ((account, asset), amount) in &self.balances {
            digest.fixed(account.as_bytes()).fixed(&asset.to_bytes()).number(*amount);
        }
        digest.number(self.pools.len() as u64);
        for (pool, amount) in &self.pools {
            digest.fixed(&pool.asset.to_bytes()).number(u64::from(pool.version)).number(*amount);
        }
        self.versions.absorb(&mut digest);
        digest.finish()
    }
}

/// A map's entries in order of their keys.
fn sorted<K: Copy + Ord>(map: &HashMap<K, u64>) -> Vec<(K, u64)> {
    let mut entries: Vec<_> = map.iter().map(|(key, value)| (*key, *value)).collect();
    entries.sort_unstable();
    entries
}

/// The counts after a transaction, and its note root.
fn add_transaction(roots: &mut Roots, transaction: &AcceptedTransaction, note_root: NoteRoot) {
    roots.note_root = note_root;
    roots.note_count += transaction.notes.len() as u64;
    roots.nullifier_count += transaction.nullifiers.len() as u64;
}
