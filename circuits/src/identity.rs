//! The identity circuit: [`veilpay_protocol::identity::relation`] clause by clause (I1, with T1, T6, T7, T8).

use veilpay_protocol::identity::{IdentityStatement, IdentityWitness, statement::JURISDICTIONS};
use veilpay_protocol::tags::Tag;

use crate::authority::{t1_account, t6_randomized_key, t10_bound};
use crate::compliance::{t7_credential, t8_not_sanctioned};
use crate::gadgets::bits::RangeChecked;
use crate::gadgets::credential::{AttributesVar, CredentialVar};
use crate::gadgets::curve::PointVar;
use crate::gadgets::keys::{IdentityCommitmentVar, UserIdVar};
use crate::gadgets::poseidon2::hash;
use crate::hint::hint;
use crate::public::PublicInputs;
use crate::var::{Cs, FrVar, Synthesis};

/// The public inputs of an identity proof; fields as in [`IdentityStatement`].
#[derive(Clone, Debug)]
pub struct IdentityStatementVar {
    /// The registry's root.
    pub registry_root: FrVar,
    /// The sanctions list's root.
    pub sanctions_root: FrVar,
    /// The time; the verifier checks that it is below 2^40.
    pub now: RangeChecked<40>,
    /// The lowest tier that will do; the verifier holds a u8.
    pub min_tier: RangeChecked<8>,
    /// The jurisdictions that will do.
    pub jurisdictions: [FrVar; JURISDICTIONS],
    /// The verifier's scope.
    pub scope: FrVar,
    /// The holder's nullifier in that scope.
    pub scope_nullifier: FrVar,
    /// The re-randomised key.
    pub rk: PointVar,
    /// The bound message.
    pub binding: FrVar,
}

impl IdentityStatementVar {
    fn allocate(cs: &Cs, statement: &IdentityStatement) -> Synthesis<Self> {
        let mut inputs = PublicInputs::allocate(cs, &statement.to_fields())?;
        let fields = Self {
            registry_root: inputs.next()?,
            sanctions_root: inputs.next()?,
            now: RangeChecked::checked_outside(inputs.next()?),
            min_tier: RangeChecked::checked_outside(inputs.next()?),
            jurisdictions: inputs.array()?,
            scope: inputs.next()?,
            scope_nullifier: inputs.next()?,
            rk: inputs.point()?,
            binding: inputs.next()?,
        };
        inputs.finish()?;
        Ok(fields)
    }
}

/// Writes the identity circuit.
///
/// # Errors
/// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
pub fn synthesize(cs: &Cs, statement: &IdentityStatement, witness: &IdentityWitness) -> Synthesis<()> {
    let public = IdentityStatementVar::allocate(cs, statement)?;
    let authority = t1_account(cs, &witness.ak, witness.nk)?;
    t6_randomized_key(cs, &authority.ak, &witness.alpha, &public.rk)?;

    let idk = hint(cs, "idk", || witness.idk)?;
    let idc = IdentityCommitmentVar::derive(cs, &idk)?;
    let user = UserIdVar::derive(cs, &authority.account, &idc)?;
    let trace_root = hint(cs, "trace_root", || witness.trace_root.to_field())?;
    let serial = t8_not_sanctioned(cs, &witness.credential, &public.sanctions_root)?;
    let attributes = AttributesVar::new(cs, &witness.credential.attributes)?;
    let credential = CredentialVar { user, trace_root, attributes, serial };
    t7_credential(cs, &credential, &witness.credential, &public.registry_root, &public.now)?;

    i1_tier(cs, &credential.attributes, &public.min_tier)?;
    i1_jurisdiction(cs, &credential.attributes, &public.jurisdictions)?;
    i1_scope_nullifier(cs, &idk, &public)?;
    t10_bound(cs, &public.binding)
}

/// I1: `tier >= min_tier`; 8 constraints.
fn i1_tier(cs: &Cs, attributes: &AttributesVar, min_tier: &RangeChecked<8>) -> Synthesis<()> {
    attributes.tier.enforce_at_least(cs, "identity.tier.bit", min_tier)
}

/// I1: the jurisdiction is one of the public set, `product of (allowed_i - jurisdiction) = 0`; 7 constraints.
fn i1_jurisdiction(cs: &Cs, attributes: &AttributesVar, allowed: &[FrVar; JURISDICTIONS]) -> Synthesis<()> {
    let [first, others @ .., last] = allowed.each_ref().map(|allowed| allowed - attributes.jurisdiction.field());
    let product = others.iter().try_fold(first, |product, other| product.product(cs, other))?;
    product.enforce_product(cs, &last, &FrVar::zero())
}

/// I1: `H_SCOPE(idk, scope)` under the very idk of the credential; 241 constraints.
fn i1_scope_nullifier(cs: &Cs, idk: &FrVar, public: &IdentityStatementVar) -> Synthesis<()> {
    hash(cs, Tag::Scope, [idk, &public.scope])?.enforce_equal(cs, &public.scope_nullifier)
}
