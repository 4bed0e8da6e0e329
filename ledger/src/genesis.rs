//! The configuration that a ledger starts from, and from which its identifier follows.

#[cfg(feature = "serde")]
mod text;

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};

use veilpay_protocol::credential::TIME_BITS;
use veilpay_protocol::note::AssetId;
use veilpay_protocol::params::{Network, Parameters};
use veilpay_protocol::transaction::{LedgerId, TransparentKey};

use crate::digest::{Digest, Domain};

/// Bytes of a name, an asset's issuer or its code at most.
pub const MAX_NAME: usize = 64;

/// Decimals of an asset at most: 10^19 is the greatest power of ten below 2^64.
pub const MAX_DECIMALS: u8 = 19;

/// Why a configuration was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GenesisError {
    /// A name, an issuer or a code is empty or longer than [`MAX_NAME`].
    Name,
    /// An asset has more than [`MAX_DECIMALS`] decimals.
    Decimals,
    /// Two assets have one identifier.
    DuplicateAsset,
    /// An allocation is in an asset that is not listed.
    UnknownAsset,
    /// An account has two allocations in one asset.
    DuplicateAllocation,
    /// The allocations of an asset add up to 2^64 or more.
    Supply,
    /// The time is not below 2^40.
    Time,
}

impl fmt::Display for GenesisError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "genesis: a name is empty or longer than 64 bytes",
            Self::Decimals => "genesis: an asset has more than 19 decimals",
            Self::DuplicateAsset => "genesis: an asset is listed twice",
            Self::UnknownAsset => "genesis: an allocation is in an asset that is not listed",
            Self::DuplicateAllocation => "genesis: an account has two allocations in one asset",
            Self::Supply => "genesis: the allocations of an asset are not below 2^64 together",
            Self::Time => "genesis: the time is not below 2^40",
        })
    }
}

impl core::error::Error for GenesisError {}

/// A registered asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Who issues it; `veilpay` for the native asset.
    pub issuer: String,
    /// Its code; `native` for the native asset.
    pub code: String,
    /// Decimal places between its smallest unit and the unit that people speak of.
    pub decimals: u8,
    /// The least fee of a transaction whose public asset it is, in its smallest unit.
    pub minimum_fee: u64,
}

impl Asset {
    /// The native asset.
    #[must_use]
    pub fn native(decimals: u8, minimum_fee: u64) -> Self {
        Self { issuer: "veilpay".into(), code: "native".into(), decimals, minimum_fee }
    }

    /// Its identifier (N4).
    #[must_use]
    pub fn id(&self) -> AssetId {
        AssetId::of(self.issuer.as_bytes(), self.code.as_bytes())
    }
}

/// A transparent balance that the ledger starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// The account.
    pub account: TransparentKey,
    /// The asset.
    pub asset: AssetId,
    /// The amount, in the asset's smallest unit.
    pub amount: u64,
}

/// What a ledger starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genesis {
    /// The network, which fixes the parameters.
    pub network: Network,
    /// The ledger's name, at most [`MAX_NAME`] bytes.
    pub name: String,
    /// Unix seconds, below 2^40: the time of block 0.
    pub time: u64,
    /// The Ed25519 key of the issuer of credentials, who signs registry and sanctions deltas.
    pub issuer: TransparentKey,
    /// The Ed25519 key of the escrow agent, who signs trace roots. Published for the issuer; no rule reads it.
    pub escrow_agent: TransparentKey,
    /// The account that wallets send fees to unless told otherwise, so that they look alike (X5). No rule reads it.
    pub fee_collector: TransparentKey,
    /// The assets. There are no others later.
    pub assets: Vec<Asset>,
    /// The transparent balances: the supply of each asset. There is no other later.
    pub allocations: Vec<Allocation>,
}

impl Genesis {
    /// The ledger's identifier: of network, name and everything else in the genesis.
    #[must_use]
    pub fn ledger_id(&self) -> LedgerId {
        LedgerId::of_genesis(self.network, &self.name, &self.digest())
    }

    /// The network's parameters.
    #[must_use]
    pub const fn parameters(&self) -> Parameters {
        self.network.parameters()
    }

    /// Checks what the types do not.
    ///
    /// # Errors
    /// [`GenesisError`] naming what is wrong.
    pub fn check(&self) -> Result<(), GenesisError> {
        let named = |name: &str| (1..=MAX_NAME).contains(&name.len());
        if !named(&self.name) || self.assets.iter().any(|asset| !named(&asset.issuer) || !named(&asset.code)) {
            return Err(GenesisError::Name);
        }
        if self.assets.iter().any(|asset| asset.decimals > MAX_DECIMALS) {
            return Err(GenesisError::Decimals);
        }
        if self.time >> TIME_BITS != 0 {
            return Err(GenesisError::Time);
        }
        let mut supply = BTreeMap::new();
        for asset in &self.assets {
            if supply.insert(asset.id(), 0u64).is_some() {
                return Err(GenesisError::DuplicateAsset);
            }
        }
        let mut seen = BTreeSet::new();
        for Allocation { account, asset, amount } in &self.allocations {
            let total = supply.get_mut(asset).ok_or(GenesisError::UnknownAsset)?;
            *total = total.checked_add(*amount).ok_or(GenesisError::Supply)?;
            if !seen.insert((account, asset)) {
                return Err(GenesisError::DuplicateAllocation);
            }
        }
        Ok(())
    }

    /// The digest of every field; a store with another one is another ledger's.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = Digest::new(Domain::GENESIS);
        digest.fixed(&[self.network as u8]).variable(self.name.as_bytes()).number(self.time);
        digest.fixed(self.issuer.as_bytes()).fixed(self.escrow_agent.as_bytes()).fixed(self.fee_collector.as_bytes());
        digest.number(self.assets.len() as u64);
        for asset in &self.assets {
            digest.variable(asset.issuer.as_bytes()).variable(asset.code.as_bytes());
            digest.fixed(&[asset.decimals]).number(asset.minimum_fee);
        }
        digest.number(self.allocations.len() as u64);
        for allocation in &self.allocations {
            digest.fixed(allocation.account.as_bytes()).fixed(&allocation.asset.to_bytes()).number(allocation.amount);
        }
        digest.finish()
    }
}
