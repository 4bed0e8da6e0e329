//! Credentials: what the issuer writes into the registry about an enrolled holder (C1, C2).

use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::field::{Fr, field_newtype, power_of_two};
use crate::indexed_merkle::{END, NonMembership};
use crate::keys::UserId;
use crate::merkle::{Path, REGISTRY_DEPTH};
use crate::poseidon2::hash;
use crate::tags::Tag;
use crate::tracing::TraceRoot;

field_newtype! {
    /// A root of the registry tree.
    RegistryRoot
}
field_newtype! {
    /// A root of the sanctions list.
    SanctionsRoot
}

/// Times are unix seconds below 2^40.
pub const TIME_BITS: u32 = 40;

/// Why an attribute was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialError {
    /// C1: the expiry is not below 2^40.
    Expiry,
    /// C1: the serial is not in [1, 2^128 - 1).
    Serial,
}

impl fmt::Display for CredentialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expiry => "C1: the expiry is not below 2^40",
            Self::Serial => "C1: the serial is not in [1, 2^128 - 1)",
        })
    }
}

impl core::error::Error for CredentialError {}

/// What a credential says of its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Zeroize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "AttributesText", into = "AttributesText"))]
pub struct Attributes {
    tier: u8,
    jurisdiction: u16,
    expiry: u64,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct AttributesText {
    tier: u8,
    jurisdiction: u16,
    #[serde(with = "crate::serde_text::decimal")]
    expiry: u64,
}

#[cfg(feature = "serde")]
impl TryFrom<AttributesText> for Attributes {
    type Error = CredentialError;

    fn try_from(text: AttributesText) -> Result<Self, CredentialError> {
        Self::new(text.tier, text.jurisdiction, text.expiry)
    }
}

#[cfg(feature = "serde")]
impl From<Attributes> for AttributesText {
    fn from(attributes: Attributes) -> Self {
        Self { tier: attributes.tier, jurisdiction: attributes.jurisdiction, expiry: attributes.expiry }
    }
}

impl Attributes {
    /// Attributes from the tier, the ISO 3166-1 numeric jurisdiction and the expiry in unix seconds.
    ///
    /// # Errors
    /// [`CredentialError::Expiry`] when the expiry is not below 2^40.
    pub const fn new(tier: u8, jurisdiction: u16, expiry: u64) -> Result<Self, CredentialError> {
        if expiry >> TIME_BITS != 0 {
            return Err(CredentialError::Expiry);
        }
        Ok(Self { tier, jurisdiction, expiry })
    }

    /// The tier: what the issuer checked, higher is more.
    #[must_use]
    pub const fn tier(&self) -> u8 {
        self.tier
    }

    /// The jurisdiction, ISO 3166-1 numeric.
    #[must_use]
    pub const fn jurisdiction(&self) -> u16 {
        self.jurisdiction
    }

    /// The last second in which the credential is good, unix time.
    #[must_use]
    pub const fn expiry(&self) -> u64 {
        self.expiry
    }

    /// `tier + 2^8 jurisdiction + 2^24 expiry`.
    #[must_use]
    pub const fn pack(&self) -> u64 {
        self.tier as u64 | (self.jurisdiction as u64) << 8 | self.expiry << 24
    }

    /// The attributes packed so; every u64 is one.
    #[must_use]
    pub const fn unpack(packed: u64) -> Self {
        Self { tier: packed as u8, jurisdiction: (packed >> 8) as u16, expiry: packed >> 24 }
    }
}

/// A credential's serial: random, unique, in [1, 2^128 - 1); what the sanctions list names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Zeroize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "SerialText", into = "SerialText"))]
pub struct Serial(u128);

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct SerialText {
    #[serde(with = "crate::serde_text::decimal")]
    serial: u128,
}

#[cfg(feature = "serde")]
impl TryFrom<SerialText> for Serial {
    type Error = CredentialError;

    fn try_from(text: SerialText) -> Result<Self, CredentialError> {
        Self::new(text.serial)
    }
}

#[cfg(feature = "serde")]
impl From<Serial> for SerialText {
    fn from(serial: Serial) -> Self {
        Self { serial: serial.0 }
    }
}

impl Serial {
    /// A serial.
    ///
    /// # Errors
    /// [`CredentialError::Serial`] for 0 and 2^128 - 1, the marks of the sanctions list.
    pub const fn new(serial: u128) -> Result<Self, CredentialError> {
        if serial == 0 || serial == END { Err(CredentialError::Serial) } else { Ok(Self(serial)) }
    }

    /// The integer.
    #[must_use]
    pub const fn get(self) -> u128 {
        self.0
    }
}

/// A holder's credential: what the leaf in the registry commits to.
#[derive(Clone, Copy, PartialEq, Eq, Zeroize)]
pub struct Credential {
    /// Whose it is.
    #[zeroize(skip)]
    pub user: UserId,
    /// The root over the holder's sixteen epoch keys.
    #[zeroize(skip)]
    pub trace_root: TraceRoot,
    /// What it says.
    pub attributes: Attributes,
    /// Its serial.
    pub serial: Serial,
}

impl Credential {
    /// `leaf = H_CRED(u, trace_root, attrs + 2^64 * serial)`.
    #[must_use]
    pub fn leaf(&self) -> Fr {
        let packed = Fr::from(self.attributes.pack()) + power_of_two(64) * Fr::from(self.serial.get());
        hash(Tag::Credential, [self.user.to_field(), self.trace_root.to_field(), packed])
    }
}

/// What a prover is told of the payer's credential: that it is in the registry and not on the sanctions list.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct CredentialWitness {
    /// What the credential says.
    pub attributes: Attributes,
    /// Its serial.
    pub serial: Serial,
    /// The path of its leaf in the registry.
    #[zeroize(skip)]
    pub registry_path: Path<REGISTRY_DEPTH>,
    /// The leaf of the sanctions list around the serial.
    #[zeroize(skip)]
    pub not_sanctioned: NonMembership,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_pack_and_unpack_at_their_edges() {
        for (tier, jurisdiction, expiry) in [(0, 0, 0), (255, u16::MAX, (1 << 40) - 1), (1, 756, 1_800_000_000)] {
            let attributes = Attributes::new(tier, jurisdiction, expiry).expect("in range");
            assert_eq!(Attributes::unpack(attributes.pack()), attributes);
        }
        assert_eq!(Attributes::new(0, 0, 1 << 40), Err(CredentialError::Expiry));
    }

    #[test]
    fn the_marks_of_the_list_are_not_serials() {
        assert!(Serial::new(0).is_err() && Serial::new(u128::MAX).is_err());
        assert!(Serial::new(1).is_ok() && Serial::new(u128::MAX - 1).is_ok());
    }
}
