//! T7 and T8: what every payer and every identity proof must show of a credential.

use crate::credential::{Credential, CredentialWitness, RegistryRoot, SanctionsRoot};
use crate::violation::Violation;

/// T7: the credential is in the registry and has not expired: `expiry >= now`.
///
/// # Errors
/// [`Violation::T7Registry`] or [`Violation::T7Expired`].
pub fn check_credential(
    credential: &Credential,
    witness: &CredentialWitness,
    root: RegistryRoot,
    now: u64,
) -> Result<(), Violation> {
    if witness.registry_path.root(credential.leaf()) != root.to_field() {
        return Err(Violation::T7Registry);
    }
    if credential.attributes.expiry() < now {
        return Err(Violation::T7Expired);
    }
    Ok(())
}

/// T8: the serial lies strictly between a leaf's keys, and that leaf is in the sanctions list.
///
/// # Errors
/// [`Violation::T8Listed`] or [`Violation::T8SanctionsRoot`].
pub fn check_not_sanctioned(witness: &CredentialWitness, root: SanctionsRoot) -> Result<(), Violation> {
    let (leaf, serial) = (witness.not_sanctioned.leaf, witness.serial.get());
    if serial <= leaf.key || serial >= leaf.next {
        return Err(Violation::T8Listed);
    }
    if witness.not_sanctioned.path.root(leaf.hash()) != root.to_field() {
        return Err(Violation::T8SanctionsRoot);
    }
    Ok(())
}
