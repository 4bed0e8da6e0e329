//! The enrolment relation: T1, C2 and T6.

use super::statement::EnrolStatement;
use super::witness::EnrolWitness;
use crate::curve::check_point;
use crate::violation::Violation;

/// Whether `witness` proves `statement`.
///
/// # Errors
/// [`Violation`] naming the first clause that does not hold.
pub fn check(statement: &EnrolStatement, witness: &EnrolWitness) -> Result<(), Violation> {
    check_point(&witness.ak).map_err(|_| Violation::T1AuthorizationKey)?;
    if witness.user() != statement.user {
        return Err(Violation::C2User);
    }
    if witness.randomized_key() != statement.rk {
        return Err(Violation::T6RandomizedKey);
    }
    Ok(())
}
