//! An enrolled person.

use ark_ff::UniformRand;
use rand_core::RngCore;
use veilpay_protocol::credential::{Attributes, Credential, CredentialWitness, RegistryRoot, SanctionsRoot, Serial};
use veilpay_protocol::curve::{Point, mul_generator};
use veilpay_protocol::field::{Fr, Fs};
use veilpay_protocol::indexed_merkle::IndexedTree;
use veilpay_protocol::keys::{Account, IdentityCommitment, UserId};
use veilpay_protocol::merkle::Tree;
use veilpay_protocol::tracing::{EPOCHS_COVERED, EpochTree, TraceRoot};

use super::rng::TestRng;

/// Seconds of an epoch on the main network.
pub(super) const EPOCH_SECONDS: u64 = 30 * 24 * 3600;

/// An enrolled person: keys, credential, and where the issuer wrote it.
#[derive(Clone, Copy)]
pub struct Holder {
    /// The spend-authorising key.
    pub ak: Point,
    /// The nullifier key.
    pub nk: Fr,
    /// The identity key.
    pub idk: Fr,
    /// The tracing key.
    pub trk: Fr,
    /// The first of the sixteen epochs of the credential.
    pub first_epoch: u64,
    /// What the credential says.
    pub attributes: Attributes,
    /// The credential's serial.
    pub serial: Serial,
    /// The credential's place in the registry.
    pub registry_index: u64,
}

impl Holder {
    /// A holder whose credential is good at `now`.
    #[must_use]
    pub fn random(now: u64, rng: &mut TestRng) -> Self {
        let serial = 1 + (u128::from(rng.next_u64() >> 1) << 64) + u128::from(rng.next_u64());
        let (tier, jurisdiction) = (1 + rng.below(255) as u8, rng.below(1000) as u16);
        let expiry = now + rng.below(100_000_000);
        Self {
            ak: mul_generator(&Fs::rand(rng)),
            nk: Fr::rand(rng),
            idk: Fr::rand(rng),
            trk: Fr::rand(rng),
            first_epoch: (now / EPOCH_SECONDS).saturating_sub(rng.below(EPOCHS_COVERED)),
            attributes: Attributes::new(tier, jurisdiction, expiry).expect("the time of a test is far below 2^40"),
            serial: Serial::new(serial).expect("between the marks"),
            registry_index: rng.below(1 << 24),
        }
    }

    /// `H_ACCT(ak.x, ak.y, nk)`.
    #[must_use]
    pub fn account(&self) -> Account {
        Account::derive(&self.ak, self.nk)
    }

    /// `H_ID(idk)`.
    #[must_use]
    pub fn identity_commitment(&self) -> IdentityCommitment {
        IdentityCommitment::derive(self.idk)
    }

    /// The tree over the sixteen epoch keys.
    #[must_use]
    pub fn epoch_tree(&self) -> EpochTree {
        EpochTree::new(self.first_epoch, &EpochTree::keys(self.trk, self.first_epoch))
    }

    /// What a prover is told of the credential, when the registry holds it for `trace_root` and `listed` serials are
    /// sanctioned. A listed holder is given the leaf below his own.
    #[must_use]
    pub fn credential(
        &self,
        trace_root: TraceRoot,
        listed: &[u128],
    ) -> (CredentialWitness, RegistryRoot, SanctionsRoot) {
        let user = UserId::derive(self.account(), self.identity_commitment());
        let credential = Credential { user, trace_root, attributes: self.attributes, serial: self.serial };
        let mut registry = Tree::default();
        registry.set(self.registry_index, credential.leaf()).expect("inside the registry");
        let neighbour = self.registry_index ^ 1;
        registry.set(neighbour, Fr::from(neighbour)).expect("inside the registry");
        let mut list = IndexedTree::default();
        for key in listed {
            let writes = list.plan_insert(*key).expect("the keys are different and no marks");
            list.apply(&writes).expect("the plan keeps the chain");
        }
        let serial = self.serial.get();
        let not_sanctioned = list
            .non_membership(serial)
            .or_else(|| list.non_membership(serial - 1))
            .expect("two in a row are not listed");
        let witness = CredentialWitness {
            attributes: self.attributes,
            serial: self.serial,
            registry_path: registry.path(self.registry_index).expect("inside the registry"),
            not_sanctioned,
        };
        (witness, RegistryRoot::new(registry.root()), SanctionsRoot::new(list.root()))
    }
}
