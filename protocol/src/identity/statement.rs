//! What an identity proof makes public.

use alloc::vec::Vec;

use crate::credential::{RegistryRoot, SanctionsRoot, TIME_BITS};
use crate::curve::{Point, check_point};
use crate::field::{Fr, field_newtype};
use crate::hash::Transcript;
use crate::statement::StatementError;
use crate::tags::Personal;

/// Jurisdictions in the public set; unused slots repeat one.
pub const JURISDICTIONS: usize = 8;

field_newtype! {
    /// `H_SCOPE(idk, scope)`: the same for one person in one scope, unlinkable across scopes.
    ScopeNullifier
}

/// The public values of an identity proof. The verifier takes both roots and `now` from the ledger itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct IdentityStatement {
    /// The registry's root.
    pub registry_root: RegistryRoot,
    /// The sanctions list's root.
    pub sanctions_root: SanctionsRoot,
    /// Unix seconds, below 2^40.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::decimal"))]
    pub now: u64,
    /// The lowest tier that will do.
    pub min_tier: u8,
    /// The jurisdictions that will do.
    pub jurisdictions: [u16; JURISDICTIONS],
    /// The verifier's scope.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::fr"))]
    pub scope: Fr,
    /// The holder's nullifier in that scope.
    pub scope_nullifier: ScopeNullifier,
    /// The re-randomised key, which signs.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::point"))]
    pub rk: Point,
    /// The bound message: see [`binding`].
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::fr"))]
    pub binding: Fr,
}

impl IdentityStatement {
    /// Checks what the types do not.
    ///
    /// # Errors
    /// [`StatementError`] when `now` is not below 2^40 or `rk` is not a point of the prime subgroup.
    pub fn check(&self) -> Result<(), StatementError> {
        if self.now >> TIME_BITS != 0 {
            return Err(StatementError::Time);
        }
        check_point(&self.rk).map_err(StatementError::Point)
    }

    /// The public inputs in order: `registry_root, sanctions_root, now, min_tier, jurisdictions[8], scope,
    /// scope_nullifier, rk.x, rk.y, binding`.
    #[must_use]
    pub fn to_fields(&self) -> Vec<Fr> {
        let mut out = Vec::with_capacity(crate::circuit::CircuitId::Identity.public_inputs());
        out.extend([self.registry_root.to_field(), self.sanctions_root.to_field()]);
        out.extend([Fr::from(self.now), Fr::from(self.min_tier)]);
        out.extend(self.jurisdictions.map(Fr::from));
        out.extend([self.scope, self.scope_nullifier.to_field(), self.rk.x, self.rk.y, self.binding]);
        out
    }

    /// The message that the holder signs under `rk`: every public input, in a domain of its own.
    #[must_use]
    pub fn message(&self) -> [u8; 64] {
        self.to_fields().iter().fold(Transcript::new(Personal::IDENTITY_MESSAGE), |t, x| t.element(x)).digest()
    }
}

/// `H2F(verifier, nonce, message)`: what an identity proof is bound to, so that it convinces one verifier once.
#[must_use]
pub fn binding(verifier: &[u8], nonce: &[u8; 32], message: &[u8]) -> Fr {
    Transcript::new(Personal::IDENTITY_BINDING).variable(verifier).fixed(nonce).variable(message).to_fr()
}
