//! What the prover of an identity is told. It includes `idk`: prove identity where the wallet is.

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::statement::ScopeNullifier;
use crate::credential::{Credential, CredentialWitness};
use crate::curve::{Point, mul_generator};
use crate::field::{Fr, Fs};
use crate::keys::{Account, IdentityCommitment, UserId};
use crate::poseidon2::hash;
use crate::tags::Tag;
use crate::tracing::TraceRoot;

/// The secret values of an identity proof.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct IdentityWitness {
    /// The spend-authorising key.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::point"))]
    pub ak: Point,
    /// The nullifier key.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::fr"))]
    pub nk: Fr,
    /// The identity key.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::fr"))]
    pub idk: Fr,
    /// The re-randomiser.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::fs"))]
    pub alpha: Fs,
    /// The root over the epoch keys, which the credential commits to.
    #[zeroize(skip)]
    pub trace_root: TraceRoot,
    /// The credential.
    pub credential: CredentialWitness,
}

impl IdentityWitness {
    /// The credential that the registry must hold.
    #[must_use]
    pub fn credential(&self) -> Credential {
        Credential {
            user: UserId::derive(Account::derive(&self.ak, self.nk), IdentityCommitment::derive(self.idk)),
            trace_root: self.trace_root,
            attributes: self.credential.attributes,
            serial: self.credential.serial,
        }
    }

    /// `rk = ak + alpha * G`.
    pub fn randomized_key(&self) -> Point {
        (self.ak + mul_generator(&self.alpha)).into()
    }

    /// `H_SCOPE(idk, scope)`.
    #[must_use]
    pub fn scope_nullifier(&self, scope: Fr) -> ScopeNullifier {
        ScopeNullifier::new(hash(Tag::Scope, [self.idk, scope]))
    }
}
