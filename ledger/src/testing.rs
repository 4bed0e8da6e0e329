//! For tests of ledgers alone: transactions without proofs, and a verifier whose verdict the proof bytes carry.
//!
//! Everything but the proof is real: hashes, signatures, encodings. Nothing here belongs in a ledger that holds value.

use ed25519_dalek::SigningKey;
use rand_core::OsRng;

use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::curve::{generator, point_to_bytes};
use veilpay_protocol::encryption::NoteCiphertext;
use veilpay_protocol::field::{Fr, Fs};
use veilpay_protocol::note::{AssetId, NoteCommitment};
use veilpay_protocol::nullifier::Nullifier;
use veilpay_protocol::params::Parameters;
use veilpay_protocol::schnorr;
use veilpay_protocol::tracing::TraceTag;
use veilpay_protocol::transaction::{
    ExternalData, LedgerId, PROOF_LENGTH, Transaction, TransactionBody, TransparentKey, sign_as_source, sign_as_sponsor,
};
use veilpay_protocol::transfer::{ExtHash, TransferFields, TransferStatement};

use crate::block::Block;
use crate::proof::{ProofRejected, ProofVerifier};

/// A test double: a "proof" holds when its first byte is 1, whatever it is said to prove.
#[derive(Clone, Copy, Debug, Default)]
pub struct VerdictInProof;

impl VerdictInProof {
    /// Bytes that it accepts.
    pub const HOLDS: [u8; PROOF_LENGTH] = {
        let mut proof = [0; PROOF_LENGTH];
        proof[0] = 1;
        proof
    };

    /// Bytes that it refuses.
    pub const FAILS: [u8; PROOF_LENGTH] = [0; PROOF_LENGTH];
}

impl ProofVerifier for VerdictInProof {
    fn vk_digest(&self, circuit: CircuitId, _: u16) -> Option<[u8; 32]> {
        circuit.shape().map(|_| [circuit as u8; 32])
    }

    fn verify(&self, _: &TransferStatement, _: u16, proof: &[u8; PROOF_LENGTH]) -> Result<(), ProofRejected> {
        if proof[0] == 1 { Ok(()) } else { Err(ProofRejected) }
    }
}

/// A transaction in the making, every part of which a test may change before it is signed.
#[derive(Clone)]
pub struct Draft {
    /// The ledger that it is for.
    pub ledger: LedgerId,
    /// The last height at which it is good.
    pub expiry_height: u64,
    /// The circuit's version.
    pub version: u16,
    /// The digest of the key to sign under; that of [`VerdictInProof`] when it is not given.
    pub vk_digest: Option<[u8; 32]>,
    /// The public inputs; `ext_hash` is set when signing, unless it was given a value.
    pub fields: TransferFields,
    /// One ciphertext per output.
    pub ciphertexts: Vec<NoteCiphertext>,
    /// What stands outside the proof.
    pub external: ExternalData,
    /// The proof's bytes.
    pub proof: [u8; PROOF_LENGTH],
    /// Who signs as the source.
    pub source: Option<SigningKey>,
    /// Who signs as the sponsor.
    pub sponsor: Option<SigningKey>,
    spend: schnorr::SigningKey,
}

/// A field element that no other `(seed, lane)` gives.
fn element(seed: u64, lane: u64) -> Fr {
    Fr::from(u128::from(seed) << 64 | u128::from(lane) << 8 | 1)
}

/// A ciphertext that nobody can open.
///
/// # Panics
/// Never: the generator is a valid ephemeral key.
#[must_use]
pub fn ciphertext(fill: u8) -> NoteCiphertext {
    let mut bytes = [fill; NoteCiphertext::LENGTH];
    bytes[..32].copy_from_slice(&point_to_bytes(&generator()));
    NoteCiphertext::from_bytes(&bytes).expect("the generator is a valid ephemeral key")
}

impl Draft {
    /// A transfer without public amounts at the roots and time of `checkpoint`. Nullifiers, commitments, trace tag and
    /// key follow from `seed`: equal seeds give equal ones, different seeds different ones.
    ///
    /// # Panics
    /// When the circuit is no transfer.
    #[must_use]
    pub fn new(ledger: LedgerId, parameters: &Parameters, checkpoint: &Block, circuit: CircuitId, seed: u64) -> Self {
        let shape = circuit.shape().expect("a transfer circuit");
        let spend = schnorr::SigningKey::new(Fs::from(u128::from(seed) + 1));
        let many = |lane: u64, count: usize| (lane..).take(count).map(|lane| element(seed, lane)).collect::<Vec<_>>();
        let fields = TransferFields {
            note_root: checkpoint.roots.note_root,
            nullifiers: many(100, shape.inputs).into_iter().map(Nullifier::new).collect(),
            commitments: many(200, shape.outputs).into_iter().map(NoteCommitment::new).collect(),
            rk: spend.public(),
            asset_pub: AssetId::native(),
            v_pub_in: 0,
            v_pub_out: 0,
            fee: 0,
            registry_root: checkpoint.roots.registry_root,
            sanctions_root: checkpoint.roots.sanctions_root,
            now: checkpoint.time,
            epoch: parameters.epoch(checkpoint.time),
            trace_tag: TraceTag::new(element(seed, 300)),
            trace_ciphertext: many(400, shape.outputs + 2),
            ext_hash: ExtHash::default(),
        };
        Self {
            ledger,
            expiry_height: checkpoint.height + parameters.transaction_expiry_blocks,
            version: circuit.version(),
            vk_digest: None,
            fields,
            ciphertexts: (0..shape.outputs).map(|i| ciphertext(i as u8)).collect(),
            external: ExternalData::default(),
            proof: VerdictInProof::HOLDS,
            source: None,
            sponsor: None,
            spend,
        }
    }

    /// Lets `amount` enter the pool from the account of `source`.
    #[must_use]
    pub fn shield(mut self, source: &SigningKey, amount: u64) -> Self {
        self.fields.v_pub_in = amount;
        self.external.source = Some(TransparentKey::of(source));
        self.source = Some(source.clone());
        self
    }

    /// Lets `amount` leave the pool to `target`.
    #[must_use]
    pub fn unshield(mut self, target: TransparentKey, amount: u64) -> Self {
        self.fields.v_pub_out = amount;
        self.external.target = Some(target);
        self
    }

    /// Pays a fee to `collector`.
    #[must_use]
    pub fn fee(mut self, collector: TransparentKey, amount: u64) -> Self {
        self.fields.fee = amount;
        self.external.fee_collector = Some(collector);
        self
    }

    /// Lets `sponsor` stand in for the fee.
    #[must_use]
    pub fn sponsored(mut self, sponsor: &SigningKey) -> Self {
        self.external.sponsor = Some(TransparentKey::of(sponsor));
        self.sponsor = Some(sponsor.clone());
        self
    }

    /// Changes what the methods above do not.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Signs.
    ///
    /// # Panics
    /// When the fields are not a statement.
    #[must_use]
    pub fn sign(mut self) -> Transaction {
        if self.fields.ext_hash == ExtHash::default() {
            self.fields.ext_hash = self.external.ext_hash(&self.ciphertexts);
        }
        let statement = TransferStatement::try_from(self.fields).expect("the fields are a statement");
        let double = VerdictInProof.vk_digest(statement.circuit(), self.version).expect("a transfer circuit");
        let digest = self.vk_digest.unwrap_or(double);
        let body = TransactionBody {
            ledger: self.ledger,
            expiry_height: self.expiry_height,
            version: self.version,
            statement,
            ciphertexts: self.ciphertexts,
            external: self.external,
        };
        let sighash = body.sighash(&digest);
        Transaction {
            signature: self.spend.sign(&sighash, &mut OsRng).expect("the key is not 0"),
            source_signature: self.source.map(|key| sign_as_source(&key, &sighash)),
            sponsor_signature: self.sponsor.map(|key| sign_as_sponsor(&key, &sighash)),
            proof: self.proof,
            body,
        }
    }
}
