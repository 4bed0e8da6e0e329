//! Proofs of identity and enrolments.

use ark_ff::UniformRand;
use rand_core::RngCore;
use veilpay_protocol::enrol::{EnrolStatement, EnrolWitness};
use veilpay_protocol::field::{Fr, Fs};
use veilpay_protocol::identity::{IdentityStatement, IdentityWitness, statement::ScopeNullifier};
use veilpay_protocol::statement::{Statement, Witness};

use super::holder::Holder;
use super::rng::TestRng;

/// A proof of identity, before anything is computed.
#[derive(Clone)]
pub struct IdentityPlan {
    /// Whose it is.
    pub holder: Holder,
    /// The re-randomiser.
    pub alpha: Fs,
    /// The time.
    pub now: u64,
    /// The lowest tier that will do.
    pub min_tier: u8,
    /// The jurisdictions that will do.
    pub jurisdictions: [u16; 8],
    /// The verifier's scope.
    pub scope: Fr,
    /// The bound message.
    pub binding: Fr,
    /// Sanctioned serials.
    pub listed: Vec<u128>,
}

impl IdentityPlan {
    /// A valid proof of identity.
    #[must_use]
    pub fn random(rng: &mut TestRng) -> Self {
        let now = 1_700_000_000 + rng.below(400_000_000);
        let holder = Holder::random(now, rng);
        let mut jurisdictions = core::array::from_fn(|_| rng.below(1000) as u16);
        jurisdictions[rng.below(8) as usize] = holder.attributes.jurisdiction();
        Self {
            holder,
            alpha: Fs::rand(rng),
            now,
            min_tier: rng.below(u64::from(holder.attributes.tier()) + 1) as u8,
            jurisdictions,
            scope: Fr::rand(rng),
            binding: Fr::rand(rng),
            listed: vec![u128::from(rng.next_u64()) << 64 | 1],
        }
    }

    /// The statement and the witness that follow; valid exactly when the plan is.
    #[must_use]
    pub fn build(&self) -> (IdentityStatement, IdentityWitness) {
        let trace_root = self.holder.epoch_tree().root();
        let (credential, registry_root, sanctions_root) = self.holder.credential(trace_root, &self.listed);
        let Holder { ak, nk, idk, .. } = self.holder;
        let witness = IdentityWitness { ak, nk, idk, alpha: self.alpha, trace_root, credential };
        let scope_nullifier: ScopeNullifier = witness.scope_nullifier(self.scope);
        let statement = IdentityStatement {
            registry_root,
            sanctions_root,
            now: self.now,
            min_tier: self.min_tier,
            jurisdictions: self.jurisdictions,
            scope: self.scope,
            scope_nullifier,
            rk: witness.randomized_key(),
            binding: self.binding,
        };
        (statement, witness)
    }

    /// The same as variants of [`Statement`] and [`Witness`].
    #[must_use]
    pub fn statement(&self) -> (Statement, Witness) {
        let (statement, witness) = self.build();
        (Statement::Identity(statement), Witness::Identity(witness))
    }
}

/// An enrolment, before anything is computed.
#[derive(Clone, Copy)]
pub struct EnrolPlan {
    /// Who enrols.
    pub holder: Holder,
    /// The re-randomiser.
    pub alpha: Fs,
    /// The issuer's challenge.
    pub challenge: Fr,
}

impl EnrolPlan {
    /// A valid enrolment.
    #[must_use]
    pub fn random(rng: &mut TestRng) -> Self {
        Self { holder: Holder::random(1_700_000_000, rng), alpha: Fs::rand(rng), challenge: Fr::rand(rng) }
    }

    /// The statement and the witness that follow; valid exactly when the plan is.
    #[must_use]
    pub fn build(&self) -> (EnrolStatement, EnrolWitness) {
        let Holder { ak, nk, idk, .. } = self.holder;
        let witness = EnrolWitness { ak, nk, idk, alpha: self.alpha };
        let statement =
            EnrolStatement { user: witness.user(), rk: witness.randomized_key(), challenge: self.challenge };
        (statement, witness)
    }

    /// The same as variants of [`Statement`] and [`Witness`].
    #[must_use]
    pub fn statement(&self) -> (Statement, Witness) {
        let (statement, witness) = self.build();
        (Statement::Enrol(statement), Witness::Enrol(witness))
    }
}
