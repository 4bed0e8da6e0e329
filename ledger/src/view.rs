//! What the rules read of a ledger.

use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::credential::{RegistryRoot, SanctionsRoot};
use veilpay_protocol::note::{AssetId, NoteRoot};
use veilpay_protocol::nullifier::Nullifier;
use veilpay_protocol::params::Parameters;
use veilpay_protocol::tracing::TraceTag;
use veilpay_protocol::transaction::{LedgerId, TransparentKey};

/// Whether transactions of a circuit's version are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum CircuitStatus {
    /// All of them.
    Enabled = 1,
    /// Those that unshield and do nothing else public: value can leave, none can enter or stay.
    DrainOnly = 2,
    /// None.
    Disabled = 3,
}

impl CircuitStatus {
    /// The status with this one-byte code.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Enabled),
            2 => Some(Self::DrainOnly),
            3 => Some(Self::Disabled),
            _ => None,
        }
    }

    /// The status of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Enabled, Self::DrainOnly, Self::Disabled].into_iter().find(|status| status.name() == name)
    }

    /// The name used in files, URLs and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enabled => "active",
            Self::DrainOnly => "drain_only",
            Self::Disabled => "stopped",
        }
    }
}

/// What a ledger knows of a root of the registry or of the sanctions list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootStatus {
    /// It is the latest.
    Current,
    /// It was the latest until then, unix seconds by the ledger's clock; the last time, when it was so more than once.
    Superseded {
        /// When another root took its place.
        at: u64,
    },
    /// The ledger never computed it.
    Unknown,
}

/// Supply that entered the private pool is counted per asset and circuit version.
///
/// A version is a number of [`CircuitId::version`], shared by the shapes that spend one another's notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolId {
    /// The asset.
    pub asset: AssetId,
    /// The circuit version.
    pub version: u16,
}

/// The state that validity depends on: a consistent snapshot of what has been applied, and nothing else.
///
/// The answers are infallible, because a rule that cannot be decided must not look like a rejection of the payer's
/// transaction. A ledger whose reads can fail takes a snapshot first, or stops. One snapshot answers all calls of one
/// validation: nothing may be applied in between.
pub trait LedgerView {
    /// The ledger's own identifier; transactions for any other are refused.
    fn ledger_id(&self) -> LedgerId;

    /// The network's parameters.
    fn parameters(&self) -> Parameters;

    /// The height of the last block; an accepted transaction goes into the next one.
    fn height(&self) -> u64;

    /// The time of the last block, unix seconds. The rules' clock never runs behind it.
    fn time(&self) -> u64;

    /// Whether transactions of this circuit and version are accepted; nothing when the ledger does not know it.
    fn circuit_status(&self, circuit: CircuitId, version: u16) -> Option<CircuitStatus>;

    /// Whether the root is among the last `recent_roots` distinct roots of the note tree.
    ///
    /// Only roots that the ledger itself computed count. That of the empty tree is one of them, from the start until
    /// newer roots push it out: a first shield has dummy inputs alone and must name some root. 0 never is.
    fn is_recent_note_root(&self, root: NoteRoot) -> bool;

    /// What is known of a root of the registry.
    fn registry_root_status(&self, root: RegistryRoot) -> RootStatus;

    /// What is known of a root of the sanctions list.
    fn sanctions_root_status(&self, root: SanctionsRoot) -> RootStatus;

    /// Whether the nullifier was accepted; one set for all assets, circuits and versions.
    fn has_nullifier(&self, nullifier: Nullifier) -> bool;

    /// Whether the tag was accepted in this epoch. Epochs outside the clock window may be forgotten.
    fn has_trace_tag(&self, epoch: u64, tag: TraceTag) -> bool;

    /// The least fee of a registered asset; nothing when it is not registered.
    fn minimum_fee(&self, asset: AssetId) -> Option<u64>;

    /// Notes in the tree.
    fn note_count(&self) -> u64;

    /// A transparent account's balance, in the asset's smallest unit; 0 when there is no such account.
    fn balance(&self, account: TransparentKey, asset: AssetId) -> u64;

    /// What entered a pool less what left it; 0 when nothing ever did.
    fn pool(&self, pool: PoolId) -> u64;
}
