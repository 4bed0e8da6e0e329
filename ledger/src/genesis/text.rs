//! The configuration as text: keys and asset identifiers in hex, amounts and times as decimal text.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use veilpay_protocol::note::AssetId;
use veilpay_protocol::params::Network;
use veilpay_protocol::serde_text::{bytes, decimal};
use veilpay_protocol::transaction::TransparentKey;

use super::{Allocation, Asset, Genesis, GenesisError};

/// An Ed25519 key in hex.
#[derive(Clone, Copy)]
struct KeyText(TransparentKey);

impl Serialize for KeyText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        bytes::serialize(self.0.as_bytes(), serializer)
    }
}

impl<'de> Deserialize<'de> for KeyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes: [u8; 32] = bytes::deserialize(deserializer)?;
        TransparentKey::from_bytes(&bytes).map(Self).map_err(|_| D::Error::custom("not a canonical Ed25519 key"))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AssetText {
    issuer: String,
    code: String,
    decimals: u8,
    #[serde(with = "decimal")]
    minimum_fee: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AllocationText {
    account: KeyText,
    asset: AssetId,
    #[serde(with = "decimal")]
    amount: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GenesisText {
    network: Network,
    name: String,
    #[serde(with = "decimal")]
    time: u64,
    issuer: KeyText,
    escrow_agent: KeyText,
    fee_collector: KeyText,
    assets: Vec<AssetText>,
    allocations: Vec<AllocationText>,
}

impl From<&Genesis> for GenesisText {
    fn from(genesis: &Genesis) -> Self {
        let asset = |asset: &Asset| AssetText {
            issuer: asset.issuer.clone(),
            code: asset.code.clone(),
            decimals: asset.decimals,
            minimum_fee: asset.minimum_fee,
        };
        let allocation = |allocation: &Allocation| AllocationText {
            account: KeyText(allocation.account),
            asset: allocation.asset,
            amount: allocation.amount,
        };
        Self {
            network: genesis.network,
            name: genesis.name.clone(),
            time: genesis.time,
            issuer: KeyText(genesis.issuer),
            escrow_agent: KeyText(genesis.escrow_agent),
            fee_collector: KeyText(genesis.fee_collector),
            assets: genesis.assets.iter().map(asset).collect(),
            allocations: genesis.allocations.iter().map(allocation).collect(),
        }
    }
}

impl TryFrom<GenesisText> for Genesis {
    type Error = GenesisError;

    fn try_from(text: GenesisText) -> Result<Self, GenesisError> {
        let asset = |asset: AssetText| Asset {
            issuer: asset.issuer,
            code: asset.code,
            decimals: asset.decimals,
            minimum_fee: asset.minimum_fee,
        };
        let allocation = |allocation: AllocationText| Allocation {
            account: allocation.account.0,
            asset: allocation.asset,
            amount: allocation.amount,
        };
        let genesis = Self {
            network: text.network,
            name: text.name,
            time: text.time,
            issuer: text.issuer.0,
            escrow_agent: text.escrow_agent.0,
            fee_collector: text.fee_collector.0,
            assets: text.assets.into_iter().map(asset).collect(),
            allocations: text.allocations.into_iter().map(allocation).collect(),
        };
        genesis.check()?;
        Ok(genesis)
    }
}

impl Serialize for Genesis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        GenesisText::from(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Genesis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        GenesisText::deserialize(deserializer)?.try_into().map_err(D::Error::custom)
    }
}
