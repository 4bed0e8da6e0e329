//! What names a ledger and a transaction: 32 bytes each (X1, X4).

use core::fmt;

use crate::hash::Transcript;
use crate::params::Network;
use crate::tags::Personal;

/// Defines an identifier of 32 bytes: private field, `0x` and hex as text.
macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(transparent))]
        pub struct $name(#[cfg_attr(feature = "serde", serde(with = "crate::serde_text::bytes"))] [u8; 32]);

        impl $name {
            /// Takes 32 bytes.
            #[must_use]
            pub const fn new(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "0x{}", hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    };
}

identifier! {
    /// One ledger: transactions and deltas of one are refused by every other.
    LedgerId
}

identifier! {
    /// A transaction's identifier (X4).
    TxId
}

impl LedgerId {
    /// The identifier of a ledger named `name` on a network, where no other of that name can be.
    #[must_use]
    pub fn derive(network: Network, name: &str) -> Self {
        Self(named(network, name).digest32())
    }

    /// The identifier of a ledger that began with a genesis of this digest: two ledgers of one name on one network are two
    /// all the same.
    #[must_use]
    pub fn of_genesis(network: Network, name: &str, digest: &[u8; 32]) -> Self {
        Self(named(network, name).fixed(digest).digest32())
    }
}

fn named(network: Network, name: &str) -> Transcript {
    Transcript::new(Personal::LEDGER_ID).fixed(&[network as u8]).variable(name.as_bytes())
}
