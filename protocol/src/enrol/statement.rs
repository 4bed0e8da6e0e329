//! What an enrolment makes public.

use alloc::vec::Vec;

use crate::curve::{Point, check_point, point_to_bytes};
use crate::field::Fr;
use crate::hash::Transcript;
use crate::keys::UserId;
use crate::statement::StatementError;
use crate::tags::Personal;
use crate::tracing::TraceRoot;

/// The public values of an enrolment proof.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct EnrolStatement {
    /// Who enrols.
    pub user: UserId,
    /// The re-randomised key, which signs the challenge.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::point"))]
    pub rk: Point,
    /// The issuer's challenge: see [`challenge`].
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::fr"))]
    pub challenge: Fr,
}

impl EnrolStatement {
    /// Checks what the types do not.
    ///
    /// # Errors
    /// [`StatementError::Point`] when `rk` is not a point of the prime subgroup.
    pub fn check(&self) -> Result<(), StatementError> {
        check_point(&self.rk).map_err(StatementError::Point)
    }

    /// The public inputs in order: u, rk.x, rk.y, challenge.
    #[must_use]
    pub fn to_fields(&self) -> Vec<Fr> {
        alloc::vec![self.user.to_field(), self.rk.x, self.rk.y, self.challenge]
    }

    /// The message that the wallet signs under `rk`, in a domain of its own: the statement and the terms beside it, so that
    /// nobody on the way to the issuer can put other terms in their place.
    #[must_use]
    pub fn message(&self, terms: &EnrolTerms) -> [u8; 64] {
        Transcript::new(Personal::ENROL_MESSAGE)
            .element(&self.user.to_field())
            .fixed(&point_to_bytes(&self.rk))
            .element(&self.challenge)
            .fixed(&point_to_bytes(&terms.enrolment_key))
            .element(&terms.trace_root.to_field())
            .number(terms.first_epoch)
            .digest()
    }
}

/// What a wallet asks the issuer to write, beside what it proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct EnrolTerms {
    /// The public key that the record in the registry is encrypted to (C5).
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::point"))]
    pub enrolment_key: Point,
    /// The root over sixteen epoch keys, which the escrow agent keeps (W1).
    pub trace_root: TraceRoot,
    /// The first of those epochs.
    pub first_epoch: u64,
}

/// `H2F(issuer, nonce)`: a challenge that is good with one issuer once.
#[must_use]
pub fn challenge(issuer: &[u8; 32], nonce: &[u8; 32]) -> Fr {
    Transcript::new(Personal::ENROL_CHALLENGE).fixed(issuer).fixed(nonce).to_fr()
}
