//! The issuing side of a world: issuer and escrow agent, and how a wallet enrols with both.

use ed25519_dalek::SigningKey;
use rand_core::OsRng;
use veilpay_protocol::credential::Attributes;
use veilpay_protocol::keys::SpendingKey;
use veilpay_protocol::params::Parameters;
use veilpay_protocol::transaction::LedgerId;
use veilpay_wallet::enrolment::{self, EnrolmentRequest};
use veilpay_wallet::roles::{Escrow, Grant, Issuer, IssuerError};

use crate::world::{Local, verifier};

/// Issuer and escrow agent of one ledger.
pub struct Offices {
    /// The issuer.
    pub issuer: Issuer,
    /// The escrow agent.
    pub escrow: Escrow,
    parameters: Parameters,
}

impl Offices {
    /// Offices with these keys.
    #[must_use]
    pub fn new(ledger: LedgerId, parameters: Parameters, issuer: SigningKey, escrow: SigningKey) -> Self {
        let escrow_key = escrow.verifying_key();
        let issuer = Issuer::new(ledger, parameters, issuer, escrow_key);
        Self { issuer, escrow: Escrow::new(ledger, escrow), parameters }
    }

    /// A wallet's request, its epoch keys deposited before.
    pub fn request(&mut self, person: &str, key: &SpendingKey, first_epoch: u64) -> EnrolmentRequest {
        let signature = self.escrow.keep(&enrolment::deposit(key, first_epoch));
        let nonce = self.issuer.challenge(person, &mut OsRng);
        enrolment::request(key, &self.issuer.public(), &nonce, first_epoch, signature, &Local, verifier())
            .expect("an honest request is proved")
    }

    /// The signed delta that enrols a person until `expiry`, from the epoch on that holds `now`.
    ///
    /// # Errors
    /// What the issuer refuses.
    pub fn grant(&mut self, person: &str, key: &SpendingKey, now: u64, expiry: u64) -> Result<Grant, IssuerError> {
        let request = self.request(person, key, self.parameters.epoch(now));
        let attributes = Attributes::new(1, 756, expiry).expect("tests use times below 2^40");
        self.issuer.enrol(person, &request, attributes, verifier(), &mut OsRng)
    }
}
