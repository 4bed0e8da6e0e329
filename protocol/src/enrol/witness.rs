//! What the prover of an enrolment is told. It includes `idk`: enrol where the wallet is.

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::curve::{Point, mul_generator};
use crate::field::{Fr, Fs};
use crate::keys::{Account, IdentityCommitment, UserId};

/// The secret values of an enrolment proof.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct EnrolWitness {
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
}

impl EnrolWitness {
    /// `u = H_USER(account, idc)`.
    #[must_use]
    pub fn user(&self) -> UserId {
        UserId::derive(Account::derive(&self.ak, self.nk), IdentityCommitment::derive(self.idk))
    }

    /// `rk = ak + alpha * G`.
    pub fn randomized_key(&self) -> Point {
        (self.ak + mul_generator(&self.alpha)).into()
    }
}
