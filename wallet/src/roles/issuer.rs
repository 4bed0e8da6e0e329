//! The issuer: checks persons (outside this software), then writes, renews and revokes credentials (C1, C2, C3).
//!
//! He learns `u`, never `ak` or `nk`. A change is planned and signed first; the issuer's own copy of the lists takes it when
//! the ledger has accepted it.

use core::fmt;
use std::collections::BTreeMap;

use ed25519_dalek::{Signature as EdSignature, SigningKey, VerifyingKey};
use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use veilpay_protocol::credential::{Attributes, Credential, Serial};
use veilpay_protocol::encryption::{EnrolmentCiphertext, EnrolmentRecord};
use veilpay_protocol::enrol::statement::challenge;
use veilpay_protocol::field::Fr;
use veilpay_protocol::indexed_merkle::ListError;
use veilpay_protocol::keys::UserId;
use veilpay_protocol::params::Parameters;
use veilpay_protocol::registry::{
    DeltaError, Registry, RegistryKind, RegistryWrite, SanctionsKind, SanctionsList, SignedDelta, escrow_message,
};
use veilpay_protocol::schnorr::{self, Signature};
use veilpay_protocol::statement::Statement;
use veilpay_protocol::transaction::LedgerId;
use veilpay_verifier::Verifier;

use crate::enrolment::EnrolmentRequest;

/// Why the issuer refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssuerError {
    /// The challenge was not given to this person, or was used already.
    Challenge,
    /// The proof does not hold.
    Proof,
    /// The signature is not that of the proved key.
    Signature,
    /// The escrow agent did not sign this trace root.
    Escrow,
    /// C1: the expiry is past the last epoch that the trace root covers.
    Expiry,
    /// C2: the person has a live credential of another account: revoke it first.
    AnotherAccount,
    /// C2: the account is enrolled under another person.
    AnotherPerson,
    /// The person has no live credential, or was never known.
    NotEnrolled,
    /// The registry or the list does not take the change.
    Delta(DeltaError),
}

impl fmt::Display for IssuerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Challenge => f.write_str("C2: the challenge was not given to this person, or was used already"),
            Self::Proof => f.write_str("C2: the enrolment's proof does not hold"),
            Self::Signature => f.write_str("C2: the enrolment's signature is not that of the proved key"),
            Self::Escrow => f.write_str("W1: the escrow agent did not sign this trace root"),
            Self::Expiry => f.write_str("C1: the expiry is past the last epoch that the trace root covers"),
            Self::AnotherAccount => f.write_str("C2: the person has a live credential of another account"),
            Self::AnotherPerson => f.write_str("C2: the account is enrolled under another person"),
            Self::NotEnrolled => f.write_str("C2: the person has no live credential"),
            Self::Delta(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for IssuerError {}

impl From<DeltaError> for IssuerError {
    fn from(error: DeltaError) -> Self {
        Self::Delta(error)
    }
}

impl From<ListError> for IssuerError {
    fn from(error: ListError) -> Self {
        Self::Delta(DeltaError::List(error))
    }
}

/// What the issuer knows of a holder.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Holder {
    user: UserId,
    index: u32,
    serial: Serial,
    /// Whether the credential is in the registry. A revoked holder keeps slot and serial, so that coming back takes nobody
    /// off the sanctions list.
    live: bool,
}

/// What an issuer must keep between runs: which person holds which slot, account and serial. The lists themselves are on
/// the ledger. It names persons: keep it safe.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct IssuerBooks {
    holders: BTreeMap<String, Holder>,
    next_slot: u32,
}

/// A change of the registry, signed; [`Issuer::confirm`] takes it once the ledger has.
pub struct Grant {
    person: String,
    holder: Holder,
    delta: SignedDelta<RegistryKind>,
}

impl Grant {
    /// What the ledger is to be given.
    #[must_use]
    pub const fn delta(&self) -> &SignedDelta<RegistryKind> {
        &self.delta
    }
}

/// The issuer of one ledger.
pub struct Issuer {
    ledger: LedgerId,
    parameters: Parameters,
    key: SigningKey,
    escrow: VerifyingKey,
    registry: Registry,
    sanctions: SanctionsList,
    challenges: BTreeMap<[u8; 32], String>,
    books: IssuerBooks,
}

impl Issuer {
    /// An issuer with empty lists.
    #[must_use]
    pub fn new(ledger: LedgerId, parameters: Parameters, key: SigningKey, escrow: VerifyingKey) -> Self {
        Self {
            ledger,
            parameters,
            key,
            escrow,
            registry: Registry::default(),
            sanctions: SanctionsList::default(),
            challenges: BTreeMap::new(),
            books: IssuerBooks::default(),
        }
    }

    /// The same issuer with the books of an earlier run and the lists as the ledger has them.
    #[must_use]
    pub fn resume(mut self, books: IssuerBooks, registry: Registry, sanctions: SanctionsList) -> Self {
        (self.books, self.registry, self.sanctions) = (books, registry, sanctions);
        self
    }

    /// What to keep until the next run.
    #[must_use]
    pub const fn books(&self) -> &IssuerBooks {
        &self.books
    }

    /// The verifying key, by which challenges and deltas are his.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    /// A nonce for one enrolment of one person, good once.
    pub fn challenge(&mut self, person: &str, rng: &mut (impl RngCore + CryptoRng)) -> [u8; 32] {
        let mut nonce = [0; 32];
        rng.fill_bytes(&mut nonce);
        self.challenges.insert(nonce, person.to_owned());
        nonce
    }

    /// Checks a request; the challenge it answers is used up by it, whatever comes out.
    fn check(&mut self, person: &str, request: &EnrolmentRequest, verifier: &Verifier) -> Result<(), IssuerError> {
        let public = self.public();
        let nonce = self.challenges.keys().find(|n| challenge(&public, n) == request.statement.challenge).copied();
        let given_to = nonce.and_then(|nonce| self.challenges.remove(&nonce));
        if given_to.as_deref() != Some(person) {
            return Err(IssuerError::Challenge);
        }
        request.statement.check().map_err(|_| IssuerError::Proof)?;
        verifier
            .verify_bytes(&Statement::Enrol(request.statement.clone()), &request.proof.0)
            .map_err(|_| IssuerError::Proof)?;
        let bytes: &[u8; 64] = request.signature.0.as_slice().try_into().map_err(|_| IssuerError::Signature)?;
        let signature = Signature::from_bytes(bytes).map_err(|_| IssuerError::Signature)?;
        schnorr::verify(&request.statement.rk, &request.statement.message(&request.terms), &signature)
            .map_err(|_| IssuerError::Signature)?;
        let bytes: &[u8; 64] = request.escrow_signature.0.as_slice().try_into().map_err(|_| IssuerError::Escrow)?;
        let terms = &request.terms;
        let message = escrow_message(&self.ledger, request.statement.user, terms.trace_root, terms.first_epoch);
        self.escrow.verify_strict(&message, &EdSignature::from_bytes(bytes)).map_err(|_| IssuerError::Escrow)
    }

    /// Enrols a person, or renews: a renewal overwrites in place and keeps serial and account (C2).
    ///
    /// # Errors
    /// [`IssuerError`] naming what is wrong with the request.
    pub fn enrol(
        &mut self,
        person: &str,
        request: &EnrolmentRequest,
        attributes: Attributes,
        verifier: &Verifier,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Grant, IssuerError> {
        self.check(person, request, verifier)?;
        let user = request.statement.user;
        let first_epoch = request.terms.first_epoch;
        if self.parameters.last_covered_second(first_epoch).is_none_or(|last| attributes.expiry() > last) {
            return Err(IssuerError::Expiry);
        }
        if self.books.holders.iter().any(|(other, holder)| holder.live && holder.user == user && other != person) {
            return Err(IssuerError::AnotherPerson);
        }
        let holder = match self.books.holders.get(person) {
            Some(holder) if holder.live && holder.user != user => return Err(IssuerError::AnotherAccount),
            Some(holder) => Holder { user, live: true, ..*holder },
            None => Holder { user, index: self.free_slot(), serial: self.draw_serial(rng), live: true },
        };
        let credential = Credential { user, trace_root: request.terms.trace_root, attributes, serial: holder.serial };
        let record = EnrolmentRecord { attributes, serial: holder.serial, first_epoch };
        let leaf = credential.leaf();
        let ciphertext = EnrolmentCiphertext::seal(&record, &request.terms.enrolment_key, &leaf, rng);
        let delta = self.registry.plan(vec![RegistryWrite { index: holder.index, leaf, ciphertext }])?;
        let delta = delta.sign(&self.ledger, &self.key);
        Ok(Grant { person: person.to_owned(), holder, delta })
    }

    /// The first slot that neither the books nor the registry know in use.
    fn free_slot(&self) -> u32 {
        let free = |slot: &u32| self.registry.leaf(*slot) == Fr::from(0u64);
        (self.books.next_slot..=u32::MAX).find(free).unwrap_or(u32::MAX)
    }

    fn draw_serial(&self, rng: &mut (impl RngCore + CryptoRng)) -> Serial {
        loop {
            let mut bytes = [0; 16];
            rng.fill_bytes(&mut bytes);
            let serial = Serial::new(u128::from_be_bytes(bytes));
            if let Ok(serial) = serial
                && !self.books.holders.values().any(|holder| holder.serial == serial)
            {
                return serial;
            }
        }
    }

    fn holder(&self, person: &str) -> Option<&Holder> {
        self.books.holders.get(person)
    }

    /// Revokes a person's credential: its leaf becomes 0.
    ///
    /// # Errors
    /// [`IssuerError::NotEnrolled`].
    pub fn revoke(&self, person: &str, rng: &mut (impl RngCore + CryptoRng)) -> Result<Grant, IssuerError> {
        let holder = self.holder(person).filter(|holder| holder.live).ok_or(IssuerError::NotEnrolled)?;
        let ciphertext = EnrolmentCiphertext::unopenable(rng);
        let write = RegistryWrite { index: holder.index, leaf: Fr::from(0u64), ciphertext };
        let delta = self.registry.plan(vec![write])?.sign(&self.ledger, &self.key);
        Ok(Grant { person: person.to_owned(), holder: Holder { live: false, ..*holder }, delta })
    }

    /// The books as they are once the ledger has accepted a change. Kept before the change is handed in, they know the
    /// holder whatever becomes of the answer.
    #[must_use]
    pub fn books_after(&self, grant: &Grant) -> IssuerBooks {
        let mut books = self.books.clone();
        books.next_slot = books.next_slot.max(grant.holder.index.saturating_add(1));
        books.holders.insert(grant.person.clone(), grant.holder);
        books
    }

    /// Takes a change that the ledger accepted into the issuer's own books.
    ///
    /// # Errors
    /// [`IssuerError::Delta`] when it does not follow the last one.
    pub fn confirm(&mut self, grant: &Grant) -> Result<(), IssuerError> {
        self.registry.apply(&grant.delta.delta)?;
        self.books = self.books_after(grant);
        Ok(())
    }

    /// The change that puts a person's serial on the sanctions list.
    ///
    /// # Errors
    /// [`IssuerError::NotEnrolled`], or [`IssuerError::Delta`] when he is listed already.
    pub fn sanction(&self, person: &str) -> Result<SignedDelta<SanctionsKind>, IssuerError> {
        let holder = self.holder(person).ok_or(IssuerError::NotEnrolled)?;
        let writes = self.sanctions.list().plan_insert(holder.serial.get())?;
        Ok(self.sanctions.plan(writes)?.sign(&self.ledger, &self.key))
    }

    /// The change that takes a person's serial off the sanctions list.
    ///
    /// # Errors
    /// [`IssuerError::NotEnrolled`], or [`IssuerError::Delta`] when he is not listed.
    pub fn lift_sanction(&self, person: &str) -> Result<SignedDelta<SanctionsKind>, IssuerError> {
        let holder = self.holder(person).ok_or(IssuerError::NotEnrolled)?;
        let writes = self.sanctions.list().plan_remove(holder.serial.get())?;
        Ok(self.sanctions.plan(writes)?.sign(&self.ledger, &self.key))
    }

    /// Takes a sanctions change that the ledger accepted into the issuer's own books.
    ///
    /// # Errors
    /// [`IssuerError::Delta`] when it does not follow the last one.
    pub fn confirm_sanctions(&mut self, delta: &SignedDelta<SanctionsKind>) -> Result<(), IssuerError> {
        Ok(self.sanctions.apply(&delta.delta)?)
    }
}
