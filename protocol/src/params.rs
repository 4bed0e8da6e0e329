//! The parameters of a network, in one table (section 9).

use core::fmt;
use core::str::FromStr;

/// A network: keys, addresses and ledgers of one are of no use on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[repr(u8)]
pub enum Network {
    /// Real money.
    Main = 1,
    /// The public test network.
    Test = 2,
    /// A ledger on one machine: demos and tests.
    Local = 3,
}

/// The text names no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownNetwork;

impl fmt::Display for UnknownNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such network: main, test or local")
    }
}

impl core::error::Error for UnknownNetwork {}

impl FromStr for Network {
    type Err = UnknownNetwork;

    fn from_str(text: &str) -> Result<Self, UnknownNetwork> {
        match text {
            "main" => Ok(Self::Main),
            "test" => Ok(Self::Test),
            "local" => Ok(Self::Local),
            _ => Err(UnknownNetwork),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Main => "main",
            Self::Test => "test",
            Self::Local => "local",
        })
    }
}

impl Network {
    /// The human-readable part of payment addresses (K3).
    #[must_use]
    pub const fn address_prefix(self) -> &'static str {
        match self {
            Self::Main => "veil",
            Self::Test | Self::Local => "tveil",
        }
    }

    /// The network's parameters.
    #[must_use]
    pub const fn parameters(self) -> Parameters {
        let main = Parameters {
            epoch_seconds: 30 * 24 * 3600,
            checkpoint_interval: 16,
            max_expiry_blocks: 480,
            transaction_expiry_blocks: 240,
            recent_roots: 512,
            clock_window_seconds: 2 * 3600,
            grace_seconds: 24 * 3600,
            block_seconds: 15,
        };
        match self {
            Self::Main | Self::Test => main,
            Self::Local => Parameters { checkpoint_interval: 1, ..main },
        }
    }
}

/// What a network fixes; every figure has a test at its edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Parameters {
    /// Length of a tracing epoch: `epoch = floor(now / epoch_seconds)`.
    pub epoch_seconds: u64,
    /// Wallets take roots and `now` from heights that are multiples of this, K (X5).
    pub checkpoint_interval: u64,
    /// A transaction's expiry height is at most the ledger's height plus this (L1).
    pub max_expiry_blocks: u64,
    /// What wallets add to their checkpoint's height (X5).
    pub transaction_expiry_blocks: u64,
    /// How many of the latest note roots are accepted (L3); a root counts once.
    pub recent_roots: u32,
    /// How far a transaction's `now` may lie from the ledger's clock, either way (L3).
    pub clock_window_seconds: u64,
    /// How long a superseded registry or sanctions root is still accepted (L3).
    pub grace_seconds: u64,
    /// The longest time between two blocks of the reference ledger.
    pub block_seconds: u64,
}

impl Parameters {
    /// `floor(now / epoch_seconds)`.
    #[must_use]
    pub const fn epoch(&self, now: u64) -> u64 {
        // A length of zero, which no network has and a stranger's text may, makes one endless epoch.
        match now.checked_div(self.epoch_seconds) {
            Some(epoch) => epoch,
            None => 0,
        }
    }

    /// The last second of the last of sixteen epochs from `first_epoch` on: a credential expires by then (C1). Nothing for
    /// an epoch beyond all time.
    #[must_use]
    pub const fn last_covered_second(&self, first_epoch: u64) -> Option<u64> {
        let Some(end) = first_epoch.checked_add(crate::tracing::EPOCHS_COVERED) else { return None };
        let Some(end) = end.checked_mul(self.epoch_seconds) else { return None };
        end.checked_sub(1)
    }
}
