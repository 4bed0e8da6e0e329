//! The rules read the state in memory.

use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::credential::{RegistryRoot, SanctionsRoot};
use veilpay_protocol::note::{AssetId, NoteRoot};
use veilpay_protocol::nullifier::Nullifier;
use veilpay_protocol::params::Parameters;
use veilpay_protocol::tracing::TraceTag;
use veilpay_protocol::transaction::{LedgerId, TransparentKey};

use super::ReferenceLedger;
use crate::view::{CircuitStatus, LedgerView, PoolId, RootStatus};

impl<S> LedgerView for ReferenceLedger<S> {
    fn ledger_id(&self) -> LedgerId {
        self.state.ledger_id()
    }

    fn parameters(&self) -> Parameters {
        self.state.parameters()
    }

    fn height(&self) -> u64 {
        self.state.height()
    }

    fn time(&self) -> u64 {
        self.state.time()
    }

    fn circuit_status(&self, circuit: CircuitId, version: u16) -> Option<CircuitStatus> {
        self.state.circuit_status(circuit, version)
    }

    fn is_recent_note_root(&self, root: NoteRoot) -> bool {
        self.state.is_recent_note_root(root)
    }

    fn registry_root_status(&self, root: RegistryRoot) -> RootStatus {
        self.state.registry_root_status(root)
    }

    fn sanctions_root_status(&self, root: SanctionsRoot) -> RootStatus {
        self.state.sanctions_root_status(root)
    }

    fn has_nullifier(&self, nullifier: Nullifier) -> bool {
        self.state.has_nullifier(nullifier)
    }

    fn has_trace_tag(&self, epoch: u64, tag: TraceTag) -> bool {
        self.state.has_trace_tag(epoch, tag)
    }

    fn minimum_fee(&self, asset: AssetId) -> Option<u64> {
        self.state.minimum_fee(asset)
    }

    fn note_count(&self) -> u64 {
        self.state.note_count()
    }

    fn balance(&self, account: TransparentKey, asset: AssetId) -> u64 {
        self.state.balance(account, asset)
    }

    fn pool(&self, pool: PoolId) -> u64 {
        self.state.pool(pool)
    }
}
