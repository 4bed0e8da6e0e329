//! A wallet's side of enrolment (C2, W1): epoch keys to the escrow agent, a proof of one's own account to the issuer.

use rand_core::OsRng;
use serde::{Deserialize, Serialize};
use veilpay_api::text::Base64;
use veilpay_protocol::enrol::{EnrolStatement, EnrolTerms, EnrolWitness, statement::challenge};
use veilpay_protocol::keys::{SpendingKey, UserId};
use veilpay_protocol::statement::{Statement, Witness};
use veilpay_protocol::tracing::{EPOCHS_COVERED, EpochKey, EpochTree};
use veilpay_verifier::Verifier;

use crate::chain::Prover;
use crate::error::WalletError;

/// What the escrow agent keeps of one holder: sixteen epoch keys. A secret of its holder: no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct EscrowDeposit {
    /// Whose.
    pub user: UserId,
    /// The first epoch.
    pub first_epoch: u64,
    /// The keys of sixteen consecutive epochs.
    pub keys: [EpochKey; EPOCHS_COVERED as usize],
}

/// What a wallet sends to the issuer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentRequest {
    /// The public values of the proof.
    pub statement: EnrolStatement,
    /// What to write.
    pub terms: EnrolTerms,
    /// The proof, 128 bytes.
    pub proof: Base64,
    /// The signature under `rk` over statement and terms, 64 bytes.
    pub signature: Base64,
    /// The escrow agent's signature over user, trace root and first epoch, 64 bytes.
    pub escrow_signature: Base64,
}

/// The deposit for the escrow agent, from the epoch on that holds `now`.
#[must_use]
pub fn deposit(key: &SpendingKey, first_epoch: u64) -> EscrowDeposit {
    let keys = EpochTree::keys(key.viewing().expose_trk(), first_epoch);
    EscrowDeposit { user: key.user(), first_epoch, keys }
}

/// The request for the issuer: proved by `prover`, verified, then signed. The witness holds `idk`: let it be a prover that
/// one trusts with one's identity, such as an engine in this process.
///
/// # Errors
/// [`WalletError::Prover`], [`WalletError::BadProof`].
pub fn request(
    key: &SpendingKey,
    issuer: &[u8; 32],
    nonce: &[u8; 32],
    first_epoch: u64,
    escrow_signature: [u8; 64],
    prover: &impl Prover,
    verifier: &Verifier,
) -> Result<EnrolmentRequest, WalletError> {
    let proof_key = key.viewing().proof();
    let challenge = challenge(issuer, nonce);
    let alpha = key.draw_alpha(&[challenge], &mut OsRng);
    let witness = EnrolWitness { ak: proof_key.ak, nk: proof_key.nk, idk: key.expose_idk(), alpha };
    let statement = EnrolStatement { user: key.user(), rk: witness.randomized_key(), challenge };
    let epoch_keys = EpochTree::keys(key.viewing().expose_trk(), first_epoch);
    let terms = EnrolTerms {
        enrolment_key: key.enrolment().public(),
        trace_root: EpochTree::new(first_epoch, &epoch_keys).root(),
        first_epoch,
    };
    let whole = Statement::Enrol(statement.clone());
    let proof = prover.prove(&whole, &Witness::Enrol(witness))?;
    verifier.verify_bytes(&whole, &proof).map_err(WalletError::BadProof)?;
    let message = statement.message(&terms);
    let signature = key.randomize(&alpha).sign(&message, &mut OsRng).map_err(|_| WalletError::BadState)?;
    Ok(EnrolmentRequest {
        statement,
        terms,
        proof: Base64(proof.to_vec()),
        signature: Base64(signature.to_bytes().to_vec()),
        escrow_signature: Base64(escrow_signature.to_vec()),
    })
}
