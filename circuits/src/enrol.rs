//! The enrolment circuit: [`veilpay_protocol::enrol::relation`] clause by clause (C2, with T1 and T6).

use veilpay_protocol::enrol::{EnrolStatement, EnrolWitness};

use crate::authority::{AuthorityVar, t1_account, t6_randomized_key, t10_bound};
use crate::gadgets::keys::{IdentityCommitmentVar, UserIdVar};
use crate::hint::hint;
use crate::public::PublicInputs;
use crate::var::{Cs, FrVar, Synthesis};

/// Writes the enrolment circuit.
///
/// # Errors
/// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
pub fn synthesize(cs: &Cs, statement: &EnrolStatement, witness: &EnrolWitness) -> Synthesis<()> {
    let mut public = PublicInputs::allocate(cs, &statement.to_fields())?;
    let (user, rk, challenge) = (public.next()?, public.point()?, public.next()?);
    public.finish()?;
    let authority = t1_account(cs, &witness.ak, witness.nk)?;
    c2_user(cs, &authority, witness, &user)?;
    t6_randomized_key(cs, &authority.ak, &witness.alpha, &rk)?;
    t10_bound(cs, &challenge)
}

/// C2: `u = H_USER(account, H_ID(idk))`; 481 constraints.
fn c2_user(cs: &Cs, authority: &AuthorityVar, witness: &EnrolWitness, expected: &FrVar) -> Synthesis<()> {
    let idk = hint(cs, "idk", || witness.idk)?;
    let idc = IdentityCommitmentVar::derive(cs, &idk)?;
    UserIdVar::derive(cs, &authority.account, &idc)?.field().enforce_equal(cs, expected)
}
