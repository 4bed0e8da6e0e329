//! T7 and T8: what every payer and every identity proof must show of a credential.

use veilpay_protocol::credential::CredentialWitness;
use veilpay_protocol::field::Fr;

use crate::gadgets::bits::RangeChecked;
use crate::gadgets::credential::CredentialVar;
use crate::gadgets::indexed_merkle::NonMembershipVar;
use crate::gadgets::merkle::PathVar;
use crate::hint::hint;
use crate::var::{Cs, FrVar, Synthesis};

/// T7: the credential is in the registry and has not expired, `expiry >= now`; 3509 constraints: leaf 264, path 3204,
/// root 1, comparison 40.
///
/// # Errors
/// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
pub fn t7_credential(
    cs: &Cs,
    credential: &CredentialVar,
    witness: &CredentialWitness,
    root: &FrVar,
    now: &RangeChecked<40>,
) -> Synthesis<()> {
    let leaf = credential.leaf(cs)?;
    PathVar::new(&witness.registry_path).root(cs, &leaf)?.enforce_equal(cs, root)?;
    credential.attributes.expiry.enforce_at_least(cs, "credential.remaining.bit", now)
}

/// T8: the serial lies strictly between the keys of a leaf of the sanctions list, hence below 2^128; 3167 constraints.
///
/// # Errors
/// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
pub fn t8_not_sanctioned(cs: &Cs, witness: &CredentialWitness, root: &FrVar) -> Synthesis<RangeChecked<128>> {
    let serial = hint(cs, "credential.serial", || Fr::from(witness.serial.get()))?;
    NonMembershipVar::new(&witness.not_sanctioned).enforce(cs, serial, root)
}
