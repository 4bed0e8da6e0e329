//! Payment addresses (K3): bech32m text over version, diversifier, owner and transmission key.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32m, Hrp};
use zeroize::Zeroize;

use crate::curve::{Point, PointError, group_hash, mul, point_from_bytes, point_to_bytes};
use crate::field::{FieldError, Fr, Fs, field_newtype};
use crate::keys::Account;
use crate::params::Network;
use crate::poseidon2::hash;
use crate::tags::Tag;

/// The version byte of an address, and of a note plaintext.
pub const VERSION: u8 = 1;

const LENGTH: usize = 1 + 16 + 32 + 32;

field_newtype! {
    /// A note's one-time owner `H_OWN(account, d)`.
    Owner
}

impl Owner {
    /// `H_OWN(account, d)`.
    #[must_use]
    pub fn derive(account: Account, diversifier: &Diversifier) -> Self {
        Self::new(hash(Tag::Owner, [account.to_field(), diversifier.to_field()]))
    }
}

/// 16 bytes that make one address of an account unlike the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Zeroize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Diversifier(#[cfg_attr(feature = "serde", serde(with = "crate::serde_text::bytes"))] [u8; 16]);

impl Diversifier {
    /// Takes 16 bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The 128-bit little-endian integer as a field element.
    #[must_use]
    pub fn to_field(&self) -> Fr {
        Fr::from(u128::from_le_bytes(self.0))
    }

    /// `G_d = GroupHash(d)`.
    pub fn base(&self) -> Point {
        group_hash(&self.0)
    }
}

/// Why an address was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddressError {
    /// The text is not bech32m with a good checksum.
    Encoding,
    /// The prefix belongs to another network.
    Network,
    /// The data are not as long as an address.
    Length,
    /// The version is unknown.
    Version,
    /// The owner is not a canonical field element.
    Owner(FieldError),
    /// The transmission key is not a point of the prime subgroup.
    TransmissionKey(PointError),
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding => f.write_str("K3: the address is mistyped: its checksum is wrong"),
            Self::Network => f.write_str("K3: the address belongs to another network"),
            Self::Length => f.write_str("K3: the address has a wrong length"),
            Self::Version => f.write_str("K3: the address has an unknown version"),
            Self::Owner(error) => write!(f, "K3: owner: {error}"),
            Self::TransmissionKey(error) => write!(f, "K3: transmission key: {error}"),
        }
    }
}

impl core::error::Error for AddressError {}

/// Where to pay: an account's address number i.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Address {
    network: Network,
    diversifier: Diversifier,
    owner: Owner,
    transmission_key: Point,
}

impl Address {
    pub(crate) fn derive(network: Network, account: Account, ivk: &Fs, diversifier: Diversifier) -> Self {
        let owner = Owner::derive(account, &diversifier);
        Self { network, diversifier, owner, transmission_key: mul(&diversifier.base(), ivk) }
    }

    /// The network; test networks share one prefix, so a parsed address says [`Network::Test`] for all of them.
    #[must_use]
    pub const fn network(&self) -> Network {
        self.network
    }

    /// `d`.
    #[must_use]
    pub const fn diversifier(&self) -> Diversifier {
        self.diversifier
    }

    /// `owner = H_OWN(account, d)`.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        self.owner
    }

    /// `PK_d = ivk * G_d`.
    pub const fn transmission_key(&self) -> Point {
        self.transmission_key
    }

    /// Reads an address of `network`.
    ///
    /// # Errors
    /// [`AddressError`] naming the rule; [`AddressError::Network`] when the prefix is another network's.
    pub fn parse(text: &str, network: Network) -> Result<Self, AddressError> {
        let address: Self = text.trim().parse()?;
        if address.network.address_prefix() != network.address_prefix() {
            return Err(AddressError::Network);
        }
        Ok(Self { network, ..address })
    }

    fn to_text(self) -> String {
        let mut data = [0; LENGTH];
        data[0] = VERSION;
        data[1..17].copy_from_slice(self.diversifier.as_bytes());
        data[17..49].copy_from_slice(&self.owner.to_bytes());
        data[49..].copy_from_slice(&point_to_bytes(&self.transmission_key));
        let prefix = Hrp::parse(self.network.address_prefix()).expect("the prefixes are lowercase letters");
        bech32::encode::<Bech32m>(prefix, &data).expect("an address is shorter than bech32m's limit")
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let checked = CheckedHrpstring::new::<Bech32m>(text).map_err(|_| AddressError::Encoding)?;
        let network = [Network::Main, Network::Test]
            .into_iter()
            .find(|network| checked.hrp().as_str().eq_ignore_ascii_case(network.address_prefix()))
            .ok_or(AddressError::Network)?;
        let mut data = [0; LENGTH];
        let mut bytes = checked.byte_iter();
        if bytes.len() != LENGTH {
            return Err(AddressError::Length);
        }
        data.fill_with(|| bytes.next().unwrap_or(0));
        if data[0] != VERSION {
            return Err(AddressError::Version);
        }
        let (mut diversifier, mut owner, mut key) = ([0; 16], [0; 32], [0; 32]);
        diversifier.copy_from_slice(&data[1..17]);
        owner.copy_from_slice(&data[17..49]);
        key.copy_from_slice(&data[49..]);
        let address = Self {
            network,
            diversifier: Diversifier(diversifier),
            owner: Owner::from_bytes(&owner).map_err(AddressError::Owner)?,
            transmission_key: point_from_bytes(&key).map_err(AddressError::TransmissionKey)?,
        };
        // 81 bytes leave two padding bits in the last letter: of the four texts, the one with zeros is the address.
        if address.to_text().eq_ignore_ascii_case(text) { Ok(address) } else { Err(AddressError::Encoding) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Seed, SpendingKey};
    use alloc::string::ToString;

    fn address(network: Network) -> Address {
        SpendingKey::derive(&Seed::from_bytes([3; 32]), network, 0).address(5)
    }

    #[test]
    fn an_address_round_trips_as_text() {
        let main = address(Network::Main);
        assert!(main.to_string().starts_with("veil1"));
        assert_eq!(Address::parse(&main.to_string(), Network::Main), Ok(main));
        let local = address(Network::Local);
        assert!(local.to_string().starts_with("tveil1"));
        assert_eq!(Address::parse(&local.to_string(), Network::Local), Ok(local));
    }

    #[test]
    fn an_address_has_one_text() {
        use bech32::primitives::iter::{ByteIterExt, Fe32IterExt};
        let text = address(Network::Main).to_string();
        let checked = CheckedHrpstring::new::<Bech32m>(&text).expect("its own text");
        let hrp = checked.hrp();
        let mut letters: alloc::vec::Vec<_> = checked.byte_iter().bytes_to_fes().collect();
        let last = letters.pop().expect("an address has letters");
        letters.push(bech32::Fe32::try_from(last.to_u8() | 1).expect("five bits"));
        let alias: String = letters.into_iter().with_checksum::<Bech32m>(&hrp).chars().collect();
        assert!(alias != text);
        assert_eq!(alias.parse::<Address>(), Err(AddressError::Encoding));
        assert_eq!(Address::parse(&text.to_uppercase(), Network::Main), Ok(address(Network::Main)));
    }

    #[test]
    fn another_networks_address_and_a_typo_are_refused() {
        let text = address(Network::Main).to_string();
        assert_eq!(Address::parse(&text, Network::Test), Err(AddressError::Network));
        for i in 5..text.len() {
            let mut typo = text.clone().into_bytes();
            typo[i] = if typo[i] == b'q' { b'p' } else { b'q' };
            let typo = String::from_utf8(typo).expect("ascii");
            assert_eq!(Address::parse(&typo, Network::Main), Err(AddressError::Encoding), "at {i}");
        }
    }
}
