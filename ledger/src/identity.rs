//! What a verifier of identity proofs takes from the ledger itself (I1): the roots and the time.

use core::fmt;

use veilpay_protocol::credential::{RegistryRoot, SanctionsRoot};
use veilpay_protocol::identity::IdentityStatement;

use crate::block::Block;
use crate::rules::contextual::{clock, in_window, is_usable};
use crate::view::LedgerView;

/// The roots and the time that a holder makes an identity proof for: those of one checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdentityContext {
    /// The registry's root.
    pub registry_root: RegistryRoot,
    /// The sanctions list's root.
    pub sanctions_root: SanctionsRoot,
    /// Unix seconds.
    pub now: u64,
}

impl From<&Block> for IdentityContext {
    fn from(checkpoint: &Block) -> Self {
        Self {
            registry_root: checkpoint.roots.registry_root,
            sanctions_root: checkpoint.roots.sanctions_root,
            now: checkpoint.time,
        }
    }
}

/// Why an identity proof's roots or time are not the ledger's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdentityRejection {
    /// I1: the registry root is neither current nor superseded less than the grace time ago.
    RegistryRoot,
    /// I1: the sanctions root is neither current nor superseded less than the grace time ago.
    SanctionsRoot,
    /// I1: the time is outside the clock window.
    ClockWindow,
}

impl fmt::Display for IdentityRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RegistryRoot => "I1: registry_root is neither current nor superseded within the grace time",
            Self::SanctionsRoot => "I1: sanctions_root is neither current nor superseded within the grace time",
            Self::ClockWindow => "I1: now is outside the clock window",
        })
    }
}

impl core::error::Error for IdentityRejection {}

/// Whether a statement's roots and time are the ledger's, by the rules that payments obey (L3.4 to L3.6).
///
/// This is one of four checks; the others are the proof, the signature under `rk` and the binding to one's own nonce.
///
/// # Errors
/// [`IdentityRejection`] naming what is not the ledger's.
pub fn check(
    statement: &IdentityStatement,
    ledger: &(impl LedgerView + ?Sized),
    now: u64,
) -> Result<(), IdentityRejection> {
    let (parameters, clock) = (ledger.parameters(), clock(ledger, now));
    if !is_usable(ledger.registry_root_status(statement.registry_root), &parameters, clock) {
        return Err(IdentityRejection::RegistryRoot);
    }
    if !is_usable(ledger.sanctions_root_status(statement.sanctions_root), &parameters, clock) {
        return Err(IdentityRejection::SanctionsRoot);
    }
    if !in_window(statement.now, &parameters, clock) {
        return Err(IdentityRejection::ClockWindow);
    }
    Ok(())
}
