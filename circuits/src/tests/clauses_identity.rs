//! For each clause of the identity and enrolment circuits, statements and witnesses that break it and nothing else.

use ark_ff::Field;
use veilpay_protocol::credential::{RegistryRoot, SanctionsRoot};
use veilpay_protocol::curve::Point;
use veilpay_protocol::enrol::EnrolWitness;
use veilpay_protocol::field::{Fr, Fs};
use veilpay_protocol::identity::statement::ScopeNullifier;
use veilpay_protocol::keys::UserId;
use veilpay_protocol::statement::{Statement, Witness};
use veilpay_protocol::violation::Violation;

use super::refuses;
use crate::testing::{EnrolPlan, IdentityPlan, TestRng};

fn refuses_identity(violation: Violation, rows: usize, edit: impl FnOnce(&mut IdentityPlan)) {
    let mut plan = IdentityPlan::random(&mut TestRng::new(7));
    edit(&mut plan);
    let (statement, witness) = plan.statement();
    refuses(&statement, &witness, violation, rows);
}

#[test]
fn t1_the_identity_point_is_no_authorization_key_of_an_identity_or_enrolment() {
    refuses_identity(Violation::T1AuthorizationKey, 1, |plan| plan.holder.ak = Point::zero());
    let mut plan = EnrolPlan::random(&mut TestRng::new(7));
    plan.holder.ak = Point::zero();
    let (statement, witness) = plan.statement();
    refuses(&statement, &witness, Violation::T1AuthorizationKey, 1);
}

#[test]
fn t6_an_identity_is_proven_under_its_own_randomized_key() {
    let (statement, mut witness) = IdentityPlan::random(&mut TestRng::new(7)).build();
    witness.alpha += Fs::ONE;
    refuses(&Statement::Identity(statement), &Witness::Identity(witness), Violation::T6RandomizedKey, 2);
}

#[test]
fn t7_an_identity_needs_a_registered_credential() {
    let (mut statement, witness) = IdentityPlan::random(&mut TestRng::new(7)).build();
    statement.registry_root = RegistryRoot::new(statement.registry_root.to_field() + Fr::ONE);
    refuses(&Statement::Identity(statement), &Witness::Identity(witness), Violation::T7Registry, 1);
    // The identity key is that of the credential; the scope nullifier follows the wrong one.
    let (mut statement, mut witness) = IdentityPlan::random(&mut TestRng::new(7)).build();
    witness.idk += Fr::ONE;
    statement.scope_nullifier = witness.scope_nullifier(statement.scope);
    refuses(&Statement::Identity(statement), &Witness::Identity(witness), Violation::T7Registry, 1);
}

#[test]
fn t7_an_identity_has_not_expired() {
    refuses_identity(Violation::T7Expired, 1, |plan| plan.now = plan.holder.attributes.expiry() + 1);
}

#[test]
fn t8_a_sanctioned_holder_proves_no_identity() {
    refuses_identity(Violation::T8Listed, 1, |plan| plan.listed.push(plan.holder.serial.get()));
    let (mut statement, witness) = IdentityPlan::random(&mut TestRng::new(7)).build();
    statement.sanctions_root = SanctionsRoot::new(statement.sanctions_root.to_field() + Fr::ONE);
    refuses(&Statement::Identity(statement), &Witness::Identity(witness), Violation::T8SanctionsRoot, 1);
}

#[test]
fn i1_the_tier_is_at_least_the_minimum() {
    refuses_identity(Violation::I1Tier, 1, |plan| {
        let attributes = plan.holder.attributes;
        plan.holder.attributes =
            veilpay_protocol::credential::Attributes::new(7, attributes.jurisdiction(), attributes.expiry())
                .expect("the same expiry");
        plan.min_tier = 8;
    });
}

#[test]
fn i1_the_jurisdiction_is_in_the_public_set() {
    refuses_identity(Violation::I1Jurisdiction, 1, |plan| {
        let own = plan.holder.attributes.jurisdiction();
        plan.jurisdictions = core::array::from_fn(|i| own + 1 + i as u16);
    });
}

#[test]
fn i1_the_scope_nullifier_is_that_of_the_identity_and_scope() {
    let (mut statement, witness) = IdentityPlan::random(&mut TestRng::new(7)).build();
    statement.scope_nullifier = ScopeNullifier::new(statement.scope_nullifier.to_field() + Fr::ONE);
    refuses(&Statement::Identity(statement), &Witness::Identity(witness), Violation::I1ScopeNullifier, 1);
    let (mut statement, witness) = IdentityPlan::random(&mut TestRng::new(7)).build();
    statement.scope += Fr::ONE;
    refuses(&Statement::Identity(statement), &Witness::Identity(witness), Violation::I1ScopeNullifier, 1);
}

#[test]
fn c2_the_user_is_that_of_account_and_identity() {
    let (mut statement, witness) = EnrolPlan::random(&mut TestRng::new(7)).build();
    statement.user = UserId::new(statement.user.to_field() + Fr::ONE);
    refuses(&Statement::Enrol(statement), &Witness::Enrol(witness), Violation::C2User, 1);
    for edit in [|w: &mut EnrolWitness| w.nk += Fr::ONE, |w: &mut EnrolWitness| w.idk += Fr::ONE] {
        let (statement, mut witness) = EnrolPlan::random(&mut TestRng::new(7)).build();
        edit(&mut witness);
        refuses(&Statement::Enrol(statement), &Witness::Enrol(witness), Violation::C2User, 1);
    }
}

#[test]
fn t6_an_enrolment_is_proven_under_its_own_randomized_key() {
    let (statement, mut witness) = EnrolPlan::random(&mut TestRng::new(7)).build();
    witness.alpha += Fs::ONE;
    refuses(&Statement::Enrol(statement), &Witness::Enrol(witness), Violation::T6RandomizedKey, 2);
}
