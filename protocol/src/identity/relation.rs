//! The identity relation: T1, T6, T7, T8 as in a transfer, and I1.

use super::statement::IdentityStatement;
use super::witness::IdentityWitness;
use crate::compliance::{check_credential, check_not_sanctioned};
use crate::curve::check_point;
use crate::violation::Violation;

/// Whether `witness` proves `statement`.
///
/// # Errors
/// [`Violation`] naming the first clause that does not hold.
pub fn check(statement: &IdentityStatement, witness: &IdentityWitness) -> Result<(), Violation> {
    check_point(&witness.ak).map_err(|_| Violation::T1AuthorizationKey)?;
    if witness.randomized_key() != statement.rk {
        return Err(Violation::T6RandomizedKey);
    }
    check_credential(&witness.credential(), &witness.credential, statement.registry_root, statement.now)?;
    check_not_sanctioned(&witness.credential, statement.sanctions_root)?;
    let attributes = witness.credential.attributes;
    if attributes.tier() < statement.min_tier {
        return Err(Violation::I1Tier);
    }
    if !statement.jurisdictions.contains(&attributes.jurisdiction()) {
        return Err(Violation::I1Jurisdiction);
    }
    if witness.scope_nullifier(statement.scope) != statement.scope_nullifier {
        return Err(Violation::I1ScopeNullifier);
    }
    Ok(())
}
