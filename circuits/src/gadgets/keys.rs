//! Keys and what follows from them (K2, K3).

use veilpay_protocol::tags::Tag;

use crate::gadgets::curve::PointVar;
use crate::gadgets::poseidon2::hash;
use crate::var::{Cs, FrVar, Synthesis};

/// `account = H_ACCT(ak.x, ak.y, nk)`.
#[derive(Clone, Debug)]
pub struct AccountVar(FrVar);

impl AccountVar {
    /// `H_ACCT(ak.x, ak.y, nk)`; 264 constraints.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
    pub fn derive(cs: &Cs, ak: &PointVar, nk: &FrVar) -> Synthesis<Self> {
        hash(cs, Tag::Account, [&ak.x, &ak.y, nk]).map(Self)
    }

    /// The field element.
    #[must_use]
    pub const fn field(&self) -> &FrVar {
        &self.0
    }
}

/// `idc = H_ID(idk)`.
#[derive(Clone, Debug)]
pub struct IdentityCommitmentVar(FrVar);

impl IdentityCommitmentVar {
    /// Takes the commitment itself, whose opening is not shown.
    #[must_use]
    pub const fn new(idc: FrVar) -> Self {
        Self(idc)
    }

    /// `H_ID(idk)`; 240 constraints.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
    pub fn derive(cs: &Cs, idk: &FrVar) -> Synthesis<Self> {
        hash(cs, Tag::IdentityCommitment, [idk]).map(Self)
    }

    /// The field element.
    #[must_use]
    pub const fn field(&self) -> &FrVar {
        &self.0
    }
}

/// `u = H_USER(account, idc)`.
#[derive(Clone, Debug)]
pub struct UserIdVar(FrVar);

impl UserIdVar {
    /// `H_USER(account, idc)`; 240 constraints.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
    pub fn derive(cs: &Cs, account: &AccountVar, idc: &IdentityCommitmentVar) -> Synthesis<Self> {
        hash(cs, Tag::User, [account.field(), idc.field()]).map(Self)
    }

    /// The field element.
    #[must_use]
    pub const fn field(&self) -> &FrVar {
        &self.0
    }
}

/// `owner = H_OWN(account, d)`.
#[derive(Clone, Debug)]
pub struct OwnerVar(FrVar);

impl OwnerVar {
    /// Takes an owner whose opening is not shown: that of an output.
    #[must_use]
    pub const fn new(owner: FrVar) -> Self {
        Self(owner)
    }

    /// `H_OWN(account, d)`; 240 constraints.
    ///
    /// The diversifier's range is not checked: a `d` of another form makes an owner that nobody was ever paid to.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
    pub fn derive(cs: &Cs, account: &AccountVar, diversifier: &FrVar) -> Synthesis<Self> {
        hash(cs, Tag::Owner, [account.field(), diversifier]).map(Self)
    }

    /// The field element.
    #[must_use]
    pub const fn field(&self) -> &FrVar {
        &self.0
    }
}
