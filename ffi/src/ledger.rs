//! How a node answers what the rules ask: [`VeilpayLedger`], the C form of [`LedgerView`].

use core::cell::Cell;
use core::ffi::c_void;

use veilpay_ledger::{CircuitStatus, LedgerView, PoolId, RootStatus};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::credential::{RegistryRoot, SanctionsRoot};
use veilpay_protocol::note::{AssetId, NoteRoot};
use veilpay_protocol::nullifier::Nullifier;
use veilpay_protocol::params::Parameters;
use veilpay_protocol::tracing::TraceTag;
use veilpay_protocol::transaction::{LedgerId, TransparentKey};

use crate::parameters::VeilpayParameters;
use crate::status::{Failure, VeilpayStatus};

/// An answer of a ledger that could not look: any negative number will do.
pub const VEILPAY_FAILED: i32 = -1;
/// The ledger does not know the circuit version.
pub const VEILPAY_UNKNOWN: i32 = 0;
/// Transactions of the circuit version are accepted.
pub const VEILPAY_ENABLED: i32 = 1;
/// Only those that unshield are.
pub const VEILPAY_DRAIN_ONLY: i32 = 2;
/// None is.
pub const VEILPAY_DISABLED: i32 = 3;
/// The ledger never computed the root.
pub const VEILPAY_ROOT_UNKNOWN: i32 = 0;
/// The root is the latest.
pub const VEILPAY_ROOT_CURRENT: i32 = 1;
/// The root was the latest until the time that was written, unix seconds: that of the block that superseded it.
pub const VEILPAY_ROOT_SUPERSEDED: i32 = 2;

/// A ledger's state as the rules read it: what was true after its last block, and does not change while a call lasts.
///
/// Every function is needed; each gets `context`, and 32 bytes for a root, a nullifier, a tag, an asset or an account.
/// A negative answer means that the ledger could not look: the call then ends with `VEILPAY_STATUS_LEDGER`, and nothing is said
/// about the transaction. Functions are called on the calling thread, before the call returns.
///
/// A function returns, whatever happens in it. It must not throw, panic, longjmp or end its thread: what can fail in it is caught in it
/// and answered with `VEILPAY_FAILED`. A C++ exception that leaves one ends the process, a longjmp is undefined behaviour. Runtimes
/// that turn what was raised into an answer of their own do not help: that of a callback of Python's ctypes is then undefined, and may be 0,
/// which says "not spent".
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct VeilpayLedger {
    /// Handed to every function.
    pub context: *mut c_void,
    /// The ledger's own identifier.
    pub ledger_id: [u8; 32],
    /// The network's parameters.
    pub parameters: VeilpayParameters,
    /// The height of the last block.
    pub height: u64,
    /// The time of the last block, unix seconds; it never goes back.
    pub time: u64,
    /// Notes in the tree.
    pub note_count: u64,
    /// `VEILPAY_UNKNOWN`, `VEILPAY_ENABLED`, `VEILPAY_DRAIN_ONLY` or `VEILPAY_DISABLED`.
    pub circuit_status: Option<unsafe extern "C-unwind" fn(context: *mut c_void, circuit: u8, version: u16) -> i32>,
    /// Whether (0 or 1) the root is among the last `recent_roots` that the ledger computed, that of the empty tree included.
    pub is_recent_note_root: Option<unsafe extern "C-unwind" fn(context: *mut c_void, root: *const u8) -> i32>,
    /// `VEILPAY_ROOT_UNKNOWN`, `VEILPAY_ROOT_CURRENT`, or `VEILPAY_ROOT_SUPERSEDED` and since when: a time after both `time` and the
    /// machine's clock is no answer.
    pub registry_root_status:
        Option<unsafe extern "C-unwind" fn(context: *mut c_void, root: *const u8, superseded_at: *mut u64) -> i32>,
    /// The same for the sanctions list.
    pub sanctions_root_status:
        Option<unsafe extern "C-unwind" fn(context: *mut c_void, root: *const u8, superseded_at: *mut u64) -> i32>,
    /// Whether (0 or 1) the nullifier was accepted before, in any version.
    pub has_nullifier: Option<unsafe extern "C-unwind" fn(context: *mut c_void, nullifier: *const u8) -> i32>,
    /// Whether (0 or 1) the trace tag was accepted before in this epoch.
    pub has_trace_tag: Option<unsafe extern "C-unwind" fn(context: *mut c_void, epoch: u64, tag: *const u8) -> i32>,
    /// Whether (0 or 1) the asset is registered, and its least fee, which must be written with a 1.
    pub minimum_fee: Option<unsafe extern "C-unwind" fn(context: *mut c_void, asset: *const u8, fee: *mut u64) -> i32>,
    /// Writes a transparent account's balance of an asset, 0 for one that does not exist; answers 0.
    pub balance: Option<
        unsafe extern "C-unwind" fn(
            context: *mut c_void,
            account: *const u8,
            asset: *const u8,
            amount: *mut u64,
        ) -> i32,
    >,
    /// Writes what a pool holds, 0 for one that does not exist; answers 0.
    pub pool: Option<
        unsafe extern "C-unwind" fn(context: *mut c_void, asset: *const u8, version: u16, amount: *mut u64) -> i32,
    >,
}

/// The functions of a ledger, all there.
///
/// "C-unwind": an exception of C++ that leaves one must not, but ends the process in [`guard`](crate::status::guard) as the
/// language says; through "C" it would be undefined behaviour.
struct Functions {
    circuit_status: unsafe extern "C-unwind" fn(*mut c_void, u8, u16) -> i32,
    is_recent_note_root: unsafe extern "C-unwind" fn(*mut c_void, *const u8) -> i32,
    registry_root_status: unsafe extern "C-unwind" fn(*mut c_void, *const u8, *mut u64) -> i32,
    sanctions_root_status: unsafe extern "C-unwind" fn(*mut c_void, *const u8, *mut u64) -> i32,
    has_nullifier: unsafe extern "C-unwind" fn(*mut c_void, *const u8) -> i32,
    has_trace_tag: unsafe extern "C-unwind" fn(*mut c_void, u64, *const u8) -> i32,
    minimum_fee: unsafe extern "C-unwind" fn(*mut c_void, *const u8, *mut u64) -> i32,
    balance: unsafe extern "C-unwind" fn(*mut c_void, *const u8, *const u8, *mut u64) -> i32,
    pool: unsafe extern "C-unwind" fn(*mut c_void, *const u8, u16, *mut u64) -> i32,
}

impl Functions {
    fn of(ledger: &VeilpayLedger) -> Option<Self> {
        Some(Self {
            circuit_status: ledger.circuit_status?,
            is_recent_note_root: ledger.is_recent_note_root?,
            registry_root_status: ledger.registry_root_status?,
            sanctions_root_status: ledger.sanctions_root_status?,
            has_nullifier: ledger.has_nullifier?,
            has_trace_tag: ledger.has_trace_tag?,
            minimum_fee: ledger.minimum_fee?,
            balance: ledger.balance?,
            pool: ledger.pool?,
        })
    }
}

/// A ledger in C as the rules see it.
///
/// The rules ask without a chance of failure. Where an answer fails, they get one that rejects, and [`Self::finish`] tells
/// that the verdict means nothing.
pub(crate) struct View<'a> {
    ledger: &'a VeilpayLedger,
    functions: Functions,
    /// The rules' clock: no root was superseded after it.
    clock: u64,
    failed: Cell<Option<VeilpayStatus>>,
}

impl<'a> View<'a> {
    /// `now` is the machine's clock where the rules ask for it, else 0.
    ///
    /// # Safety
    /// The functions may be called with the ledger's context while the view lives.
    pub(crate) unsafe fn new(ledger: &'a VeilpayLedger, now: u64) -> Result<Self, Failure> {
        let functions = Functions::of(ledger);
        let functions =
            functions.ok_or_else(|| Failure::new(VeilpayStatus::Null, "a function of the ledger is null"))?;
        Ok(Self { ledger, functions, clock: now.max(ledger.time), failed: Cell::new(None) })
    }

    /// The verdict, if the ledger answered everything.
    pub(crate) fn finish<T>(&self, verdict: Result<T, Failure>) -> Result<T, Failure> {
        match self.failed.get() {
            None => verdict,
            Some(VeilpayStatus::Answer) => {
                Err(Failure::new(VeilpayStatus::Answer, "a function of the ledger gave an answer that is none"))
            }
            Some(status) => Err(Failure::new(status, "a function of the ledger failed")),
        }
    }

    /// Takes an answer of 0 to `last`; the first that is none is remembered, and 0 taken in its place.
    fn answer(&self, answer: i32, last: i32) -> i32 {
        if (0..=last).contains(&answer) {
            return answer;
        }
        self.fail(if answer < 0 { VeilpayStatus::Ledger } else { VeilpayStatus::Answer });
        0
    }

    /// Remembers the first failure.
    fn fail(&self, status: VeilpayStatus) {
        self.failed.set(self.failed.get().or(Some(status)));
    }

    /// What was answered is none; `rejecting` is taken in its place.
    fn no_answer<T>(&self, rejecting: T) -> T {
        self.fail(VeilpayStatus::Answer);
        rejecting
    }

    fn yes(&self, answer: i32) -> bool {
        self.answer(answer, 1) == 1
    }

    fn root(&self, answer: i32, at: u64) -> RootStatus {
        match self.answer(answer, VEILPAY_ROOT_SUPERSEDED) {
            VEILPAY_ROOT_CURRENT => RootStatus::Current,
            VEILPAY_ROOT_SUPERSEDED if at > self.clock => self.no_answer(RootStatus::Unknown),
            VEILPAY_ROOT_SUPERSEDED => RootStatus::Superseded { at },
            _ => RootStatus::Unknown,
        }
    }
}

impl LedgerView for View<'_> {
    fn ledger_id(&self) -> LedgerId {
        LedgerId::new(self.ledger.ledger_id)
    }

    fn parameters(&self) -> Parameters {
        self.ledger.parameters.into()
    }

    fn height(&self) -> u64 {
        self.ledger.height
    }

    fn time(&self) -> u64 {
        self.ledger.time
    }

    fn circuit_status(&self, circuit: CircuitId, version: u16) -> Option<CircuitStatus> {
        // SAFETY: `new` was told that the functions may be called.
        let answer = unsafe { (self.functions.circuit_status)(self.ledger.context, circuit as u8, version) };
        match self.answer(answer, VEILPAY_DISABLED) {
            VEILPAY_ENABLED => Some(CircuitStatus::Enabled),
            VEILPAY_DRAIN_ONLY => Some(CircuitStatus::DrainOnly),
            VEILPAY_DISABLED => Some(CircuitStatus::Disabled),
            _ => None,
        }
    }

    fn is_recent_note_root(&self, root: NoteRoot) -> bool {
        // SAFETY: as above; the bytes outlive the call.
        self.yes(unsafe { (self.functions.is_recent_note_root)(self.ledger.context, root.to_bytes().as_ptr()) })
    }

    fn registry_root_status(&self, root: RegistryRoot) -> RootStatus {
        let mut at = u64::MAX;
        let bytes = root.to_bytes();
        // SAFETY: as above.
        let answer = unsafe { (self.functions.registry_root_status)(self.ledger.context, bytes.as_ptr(), &raw mut at) };
        self.root(answer, at)
    }

    fn sanctions_root_status(&self, root: SanctionsRoot) -> RootStatus {
        let mut at = u64::MAX;
        let bytes = root.to_bytes();
        // SAFETY: as above.
        let answer =
            unsafe { (self.functions.sanctions_root_status)(self.ledger.context, bytes.as_ptr(), &raw mut at) };
        self.root(answer, at)
    }

    fn has_nullifier(&self, nullifier: Nullifier) -> bool {
        // SAFETY: as above.
        self.yes(unsafe { (self.functions.has_nullifier)(self.ledger.context, nullifier.to_bytes().as_ptr()) })
    }

    fn has_trace_tag(&self, epoch: u64, tag: TraceTag) -> bool {
        // SAFETY: as above.
        self.yes(unsafe { (self.functions.has_trace_tag)(self.ledger.context, epoch, tag.to_bytes().as_ptr()) })
    }

    fn minimum_fee(&self, asset: AssetId) -> Option<u64> {
        // A host that says yes and writes nothing has no free transactions.
        let mut fee = u64::MAX;
        let bytes = asset.to_bytes();
        // SAFETY: as above.
        let answer = unsafe { (self.functions.minimum_fee)(self.ledger.context, bytes.as_ptr(), &raw mut fee) };
        self.yes(answer).then_some(fee)
    }

    fn note_count(&self) -> u64 {
        self.ledger.note_count
    }

    fn balance(&self, account: TransparentKey, asset: AssetId) -> u64 {
        let mut amount = 0;
        let (account, asset) = (account.as_bytes(), asset.to_bytes());
        // SAFETY: as above.
        let answer =
            unsafe { (self.functions.balance)(self.ledger.context, account.as_ptr(), asset.as_ptr(), &raw mut amount) };
        self.answer(answer, 0);
        amount
    }

    fn pool(&self, pool: PoolId) -> u64 {
        let mut amount = 0;
        let asset = pool.asset.to_bytes();
        // SAFETY: as above.
        let answer =
            unsafe { (self.functions.pool)(self.ledger.context, asset.as_ptr(), pool.version, &raw mut amount) };
        self.answer(answer, 0);
        amount
    }
}
