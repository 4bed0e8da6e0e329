//! What a network fixes, for its ledgers and wallets.

use veilpay_protocol::params::{Network, Parameters};

use crate::bytes::Place;
use crate::status::{Failure, VeilpayError, VeilpayStatus, guard};

/// What a network fixes (section 9 of the protocol).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct VeilpayParameters {
    /// Length of a tracing epoch, seconds.
    pub epoch_seconds: u64,
    /// Wallets take roots from heights that are multiples of this.
    pub checkpoint_interval: u64,
    /// How far above the height an expiry may lie.
    pub max_expiry_blocks: u64,
    /// What wallets add to their checkpoint's height.
    pub transaction_expiry_blocks: u64,
    /// How many of the latest note roots are accepted.
    pub recent_roots: u32,
    /// How far a transaction's time may lie from the ledger's, seconds.
    pub clock_window_seconds: u64,
    /// How long a superseded root of the lists is accepted, seconds.
    pub grace_seconds: u64,
    /// The longest time between two blocks, seconds.
    pub block_seconds: u64,
}

/// A network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum VeilpayNetwork {
    /// Real money.
    Main = 1,
    /// The public test network.
    Test = 2,
    /// A ledger on one machine.
    Local = 3,
}

impl From<VeilpayParameters> for Parameters {
    fn from(p: VeilpayParameters) -> Self {
        Self {
            epoch_seconds: p.epoch_seconds,
            checkpoint_interval: p.checkpoint_interval,
            max_expiry_blocks: p.max_expiry_blocks,
            transaction_expiry_blocks: p.transaction_expiry_blocks,
            recent_roots: p.recent_roots,
            clock_window_seconds: p.clock_window_seconds,
            grace_seconds: p.grace_seconds,
            block_seconds: p.block_seconds,
        }
    }
}

/// Writes the parameters of a network, one of `VeilpayNetwork`.
///
/// # Safety
/// `out` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn veilpay_parameters(
    network: u8,
    out: *mut VeilpayParameters,
    error: *mut VeilpayError,
) -> VeilpayStatus {
    let body = || {
        // SAFETY: `out` may be written, says the caller.
        let out = unsafe { Place::new(out, "out") }?;
        let network = match network {
            1 => Network::Main,
            2 => Network::Test,
            3 => Network::Local,
            _ => return Err(Failure::new(VeilpayStatus::Index, "no network has this code")),
        };
        let Parameters {
            epoch_seconds,
            checkpoint_interval,
            max_expiry_blocks,
            transaction_expiry_blocks,
            recent_roots,
            clock_window_seconds,
            grace_seconds,
            block_seconds,
        } = network.parameters();
        out.put(VeilpayParameters {
            epoch_seconds,
            checkpoint_interval,
            max_expiry_blocks,
            transaction_expiry_blocks,
            recent_roots,
            clock_window_seconds,
            grace_seconds,
            block_seconds,
        });
        Ok(())
    };
    // SAFETY: `error` may be written or is null, says the caller.
    unsafe { guard(error, body) }
}
