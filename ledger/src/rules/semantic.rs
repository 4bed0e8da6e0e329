//! L2: what a transaction proves by itself, whatever the ledger's state.

use veilpay_protocol::schnorr;
use veilpay_protocol::transaction::{Transaction, TxId};

use super::Rejection;
use crate::proof::ProofVerifier;

/// A transaction whose hash, signatures and proof hold, under the keys of the verifier that [`semantic()`] was given: a
/// ledger must always give the same. Only [`semantic()`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    transaction: Transaction,
    txid: TxId,
    key: [u8; 32],
}

impl Verified {
    /// The digest of the verifying key that it was verified under.
    #[must_use]
    pub const fn key(&self) -> &[u8; 32] {
        &self.key
    }

    /// The transaction.
    #[must_use]
    pub const fn transaction(&self) -> &Transaction {
        &self.transaction
    }

    /// Its identifier, which covers the digest of the key that its proof was verified under.
    #[must_use]
    pub const fn txid(&self) -> TxId {
        self.txid
    }
}

/// Rules L2.1 to L2.7; the proof, which costs most, comes last.
///
/// # Errors
/// [`Rejection`] naming the rule.
pub fn semantic(transaction: &Transaction, verifier: &(impl ProofVerifier + ?Sized)) -> Result<Verified, Rejection> {
    let body = &transaction.body;
    let digest = verifier.vk_digest(transaction.circuit(), body.version).ok_or(Rejection::NoVerifyingKey)?;
    if body.ciphertexts.len() != body.statement.commitments.len() {
        return Err(Rejection::CiphertextCount);
    }
    if body.ext_hash() != body.statement.ext_hash {
        return Err(Rejection::ExtHash);
    }
    let sighash = body.sighash(&digest);
    schnorr::verify(&body.statement.rk, &sighash, &transaction.signature).map_err(Rejection::SpendSignature)?;
    if !transaction.source_signed(&sighash) {
        return Err(Rejection::SourceSignature);
    }
    if !transaction.sponsor_signed(&sighash) {
        return Err(Rejection::SponsorSignature);
    }
    verifier.verify(&body.statement, body.version, &transaction.proof).map_err(|_| Rejection::Proof)?;
    Ok(Verified { transaction: transaction.clone(), txid: body.txid(&digest), key: digest })
}
