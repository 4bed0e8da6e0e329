//! How the rules see a verifier of proofs.

use core::fmt;

use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::statement::Statement;
use veilpay_protocol::transaction::PROOF_LENGTH;
use veilpay_protocol::transfer::TransferStatement;
use veilpay_verifier::Verifier;

/// The proof does not hold; the rules say no more than that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProofRejected;

impl fmt::Display for ProofRejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the proof does not hold")
    }
}

impl core::error::Error for ProofRejected {}

/// Verifies proofs under the keys that a ledger has pinned: one key per circuit and version, whose digest is part of every
/// sighash.
pub trait ProofVerifier {
    /// The digest of the verifying key of a circuit's version; nothing when there is no such key.
    fn vk_digest(&self, circuit: CircuitId, version: u16) -> Option<[u8; 32]>;

    /// Whether `proof` holds for `statement` under the key of the statement's circuit in this version.
    ///
    /// # Errors
    /// [`ProofRejected`] for bytes that are no proof, for a proof that does not hold, and when there is no key.
    fn verify(
        &self,
        statement: &TransferStatement,
        version: u16,
        proof: &[u8; PROOF_LENGTH],
    ) -> Result<(), ProofRejected>;
}

impl<V: ProofVerifier + ?Sized> ProofVerifier for &V {
    fn vk_digest(&self, circuit: CircuitId, version: u16) -> Option<[u8; 32]> {
        (**self).vk_digest(circuit, version)
    }

    fn verify(
        &self,
        statement: &TransferStatement,
        version: u16,
        proof: &[u8; PROOF_LENGTH],
    ) -> Result<(), ProofRejected> {
        (**self).verify(statement, version, proof)
    }
}

impl ProofVerifier for Verifier {
    fn vk_digest(&self, circuit: CircuitId, version: u16) -> Option<[u8; 32]> {
        self.key(circuit).filter(|key| key.info().version == version).map(|key| *key.digest())
    }

    fn verify(
        &self,
        statement: &TransferStatement,
        version: u16,
        proof: &[u8; PROOF_LENGTH],
    ) -> Result<(), ProofRejected> {
        ProofVerifier::vk_digest(self, statement.circuit(), version).ok_or(ProofRejected)?;
        self.verify_bytes(&Statement::Transfer(statement.clone()), proof).map_err(|_| ProofRejected)
    }
}
