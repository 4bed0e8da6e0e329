//! The answers to the rules' questions.

use std::collections::HashMap;
use std::hash::Hash;

use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::credential::{RegistryRoot, SanctionsRoot};
use veilpay_protocol::note::{AssetId, NoteRoot};
use veilpay_protocol::nullifier::Nullifier;
use veilpay_protocol::params::Parameters;
use veilpay_protocol::tracing::TraceTag;
use veilpay_protocol::transaction::{LedgerId, TransparentKey};

use super::State;
use crate::view::{CircuitStatus, LedgerView, PoolId, RootStatus};

impl LedgerView for State {
    fn ledger_id(&self) -> LedgerId {
        self.id
    }

    fn parameters(&self) -> Parameters {
        self.parameters
    }

    fn height(&self) -> u64 {
        self.tip.height
    }

    fn time(&self) -> u64 {
        self.tip.time
    }

    fn circuit_status(&self, circuit: CircuitId, version: u16) -> Option<CircuitStatus> {
        self.versions.status(circuit, version)
    }

    fn is_recent_note_root(&self, root: NoteRoot) -> bool {
        self.note_roots.contains(&root)
    }

    fn registry_root_status(&self, root: RegistryRoot) -> RootStatus {
        status(root, self.tip.roots.registry_root, &self.superseded_registry)
    }

    fn sanctions_root_status(&self, root: SanctionsRoot) -> RootStatus {
        status(root, self.tip.roots.sanctions_root, &self.superseded_sanctions)
    }

    fn has_nullifier(&self, nullifier: Nullifier) -> bool {
        self.nullifiers.contains(&nullifier)
    }

    fn has_trace_tag(&self, epoch: u64, tag: TraceTag) -> bool {
        self.trace_tags.contains(&(epoch, tag))
    }

    fn minimum_fee(&self, asset: AssetId) -> Option<u64> {
        self.assets.get(&asset).map(|asset| asset.minimum_fee)
    }

    fn note_count(&self) -> u64 {
        self.frontier.size()
    }

    fn balance(&self, account: TransparentKey, asset: AssetId) -> u64 {
        self.balances.get(&(account, asset)).copied().unwrap_or(0)
    }

    fn pool(&self, pool: PoolId) -> u64 {
        self.pools.get(&pool).copied().unwrap_or(0)
    }
}

fn status<R: Eq + Hash>(root: R, current: R, superseded: &HashMap<R, u64>) -> RootStatus {
    if root == current {
        return RootStatus::Current;
    }
    superseded.get(&root).map_or(RootStatus::Unknown, |at| RootStatus::Superseded { at: *at })
}
