//! Transactions: what a wallet hands to a ledger (X1 to X4).

mod external;
mod identifiers;

pub use external::{
    ExternalData, MAX_PUBLIC_MEMO, TransparentKey, sign_as_source, sign_as_sponsor, source_message, sponsor_message,
};
pub use identifiers::{LedgerId, TxId};

use alloc::vec::Vec;
use core::fmt;

use crate::circuit::CircuitId;
use crate::encoding::{DecodeError, Reader, put_count, put_optional};
use crate::encryption::NoteCiphertext;
use crate::field::fr_to_bytes;
use crate::hash::Transcript;
use crate::schnorr::{Signature, SignatureError};
use crate::statement::StatementError;
use crate::tags::Personal;
use crate::transfer::{ExtHash, TransferStatement};

/// Bytes of a Groth16 proof on BN254 in compressed form.
pub const PROOF_LENGTH: usize = 128;

/// Bytes of an encoded transaction at most; the largest shape needs fewer.
pub const MAX_TRANSACTION: usize = 8192;

/// Why bytes are not a transaction (L1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransactionError {
    /// The bytes are not canonical.
    Decode(DecodeError),
    /// The circuit or its version is unknown, or no transfer.
    Circuit,
    /// The public inputs are not a statement.
    Statement(StatementError),
    /// The spend signature is not canonical.
    Signature(SignatureError),
}

impl fmt::Display for TransactionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decode(error) => error.fmt(f),
            Self::Circuit => f.write_str("the circuit version is unknown"),
            Self::Statement(error) => error.fmt(f),
            Self::Signature(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for TransactionError {}

impl From<DecodeError> for TransactionError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

/// What the spend-authorising key signs: all of a transaction but the proof and the signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionBody {
    /// The ledger that it is for.
    pub ledger: LedgerId,
    /// The last height at which it is good.
    pub expiry_height: u64,
    /// The circuit's version. A ledger may know others than this code's own, whose public inputs are the same.
    pub version: u16,
    /// The public inputs.
    pub statement: TransferStatement,
    /// One ciphertext per output.
    pub ciphertexts: Vec<NoteCiphertext>,
    /// What stands outside the proof.
    pub external: ExternalData,
}

impl TransactionBody {
    fn absorb(&self, personal: Personal, vk_digest: &[u8; 32]) -> Transcript {
        let circuit = self.statement.circuit();
        let start = Transcript::new(personal)
            .fixed(self.ledger.as_bytes())
            .fixed(&[circuit as u8])
            .fixed(&self.version.to_be_bytes())
            .fixed(vk_digest);
        let inputs = self.statement.to_fields().iter().fold(start, |t, x| t.element(x));
        // The hash of what is really there: a wrong ext_hash among the public inputs is refused by itself (L2).
        inputs.element(&self.ext_hash().to_field()).number(self.expiry_height)
    }

    /// The hash of ciphertexts and external data, which the statement must carry.
    #[must_use]
    pub fn ext_hash(&self) -> ExtHash {
        self.external.ext_hash(&self.ciphertexts)
    }

    /// What is signed: everything but the proof bytes (X2).
    #[must_use]
    pub fn sighash(&self, vk_digest: &[u8; 32]) -> [u8; 64] {
        self.absorb(Personal::SIGHASH, vk_digest).digest()
    }

    /// The identifier, over the same values (X4).
    #[must_use]
    pub fn txid(&self, vk_digest: &[u8; 32]) -> TxId {
        TxId::new(self.absorb(Personal::TXID, vk_digest).digest32())
    }
}

/// A transaction (X1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// What is signed.
    pub body: TransactionBody,
    /// The Groth16 proof in compressed form; the verifier decodes it.
    pub proof: [u8; PROOF_LENGTH],
    /// The signature under `rk` over the sighash.
    pub signature: Signature,
    /// The transparent source's signature, when `v_pub_in` is positive.
    pub source_signature: Option<[u8; 64]>,
    /// The sponsor's signature, when there is a sponsor.
    pub sponsor_signature: Option<[u8; 64]>,
}

impl Transaction {
    /// The circuit.
    #[must_use]
    pub const fn circuit(&self) -> CircuitId {
        self.body.statement.circuit()
    }

    /// Whether the source signed, where there is one.
    #[must_use]
    pub fn source_signed(&self, sighash: &[u8; 64]) -> bool {
        match (&self.body.external.source, &self.source_signature) {
            (Some(key), Some(signature)) => key.verify(&source_message(sighash), signature),
            (None, None) => true,
            _ => false,
        }
    }

    /// Whether the sponsor signed, where there is one.
    #[must_use]
    pub fn sponsor_signed(&self, sighash: &[u8; 64]) -> bool {
        match (&self.body.external.sponsor, &self.sponsor_signature) {
            (Some(key), Some(signature)) => key.verify(&sponsor_message(sighash), signature),
            (None, None) => true,
            _ => false,
        }
    }

    /// Circuit, version, ledger, expiry, public inputs, ciphertexts, external data, proof, signatures.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(4096);
        let circuit = self.circuit();
        out.push(circuit as u8);
        out.extend_from_slice(&self.body.version.to_be_bytes());
        out.extend_from_slice(self.body.ledger.as_bytes());
        out.extend_from_slice(&self.body.expiry_height.to_be_bytes());
        for input in self.body.statement.to_fields() {
            out.extend_from_slice(&fr_to_bytes(&input));
        }
        put_count(&mut out, self.body.ciphertexts.len());
        for ciphertext in &self.body.ciphertexts {
            out.extend_from_slice(&ciphertext.to_bytes());
        }
        self.body.external.put(&mut out);
        out.extend_from_slice(&self.proof);
        out.extend_from_slice(&self.signature.to_bytes());
        put_optional(&mut out, self.source_signature.as_ref().map(<[u8; 64]>::as_slice));
        put_optional(&mut out, self.sponsor_signature.as_ref().map(<[u8; 64]>::as_slice));
        out
    }

    /// Decodes canonical bytes.
    ///
    /// # Errors
    /// [`TransactionError`] naming the rule.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TransactionError> {
        if bytes.len() > MAX_TRANSACTION {
            return Err(DecodeError::TooLong.into());
        }
        let mut reader = Reader::new(bytes);
        let circuit = CircuitId::from_code(reader.byte()?).ok_or(TransactionError::Circuit)?;
        let version = reader.u16()?;
        if version == 0 {
            return Err(TransactionError::Circuit);
        }
        let shape = circuit.shape().ok_or(TransactionError::Circuit)?;
        let ledger = LedgerId::new(reader.array()?);
        let expiry_height = reader.u64()?;
        let inputs = (0..circuit.public_inputs()).map(|_| reader.element()).collect::<Result<Vec<_>, _>>()?;
        let statement = TransferStatement::from_fields(circuit, &inputs).map_err(TransactionError::Statement)?;
        let ciphertexts = reader.list(shape.outputs, NoteCiphertext::LENGTH, |r| {
            NoteCiphertext::from_bytes(r.take(NoteCiphertext::LENGTH)?)
        })?;
        let external = ExternalData::take(&mut reader)?;
        let proof = reader.array()?;
        let signature = Signature::from_bytes(&reader.array()?).map_err(TransactionError::Signature)?;
        let source_signature = reader.optional(Reader::array)?;
        let sponsor_signature = reader.optional(Reader::array)?;
        reader.finish()?;
        let body = TransactionBody { ledger, expiry_height, version, statement, ciphertexts, external };
        Ok(Self { body, proof, signature, source_signature, sponsor_signature })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::{RegistryRoot, SanctionsRoot};
    use crate::curve::mul_generator;
    use crate::encryption::{Memo, NoteSeed, OutgoingNote};
    use crate::field::{Fr, Fs};
    use crate::keys::{Seed, SpendingKey};
    use crate::note::{AssetId, NoteCommitment, NoteRoot};
    use crate::nullifier::Nullifier;
    use crate::params::Network;
    use crate::tracing::TraceTag;
    use crate::transfer::TransferFields;
    use rand_core::OsRng;

    fn number(x: u64) -> Fr {
        Fr::from(x)
    }

    fn transaction(circuit: CircuitId) -> Transaction {
        let shape = circuit.shape().expect("a transfer");
        let wallet = SpendingKey::derive(&Seed::from_bytes([3; 32]), Network::Local, 0);
        let note = |index| OutgoingNote {
            address: wallet.address(index),
            asset: AssetId::native(),
            value: index,
            seed: NoteSeed::generate(&mut OsRng),
            memo: Memo::default(),
        };
        let ciphertexts =
            (0..shape.outputs as u64).map(|i| note(i).encrypt(wallet.viewing().outgoing())).collect::<Vec<_>>();
        let source = wallet.transparent();
        let external = ExternalData {
            source: Some(TransparentKey::of(&source)),
            fee_collector: Some(TransparentKey::of(&source)),
            memo: Vec::from(b"public".as_slice()),
            ..ExternalData::default()
        };
        let fields = TransferFields {
            note_root: NoteRoot::new(number(1)),
            nullifiers: (0..shape.inputs as u64).map(|i| Nullifier::new(number(10 + i))).collect(),
            commitments: (0..shape.outputs as u64).map(|i| NoteCommitment::new(number(20 + i))).collect(),
            rk: mul_generator(&Fs::from(5u64)),
            asset_pub: AssetId::native(),
            v_pub_in: u64::MAX,
            v_pub_out: 0,
            fee: 1,
            registry_root: RegistryRoot::new(number(2)),
            sanctions_root: SanctionsRoot::new(number(3)),
            now: (1 << 40) - 1,
            epoch: 4,
            trace_tag: TraceTag::new(number(6)),
            trace_ciphertext: (0..shape.outputs as u64 + 2).map(|i| number(30 + i)).collect(),
            ext_hash: external.ext_hash(&ciphertexts),
        };
        let statement = TransferStatement::try_from(fields).expect("of its form");
        let ledger = LedgerId::derive(Network::Local, "test");
        let body = TransactionBody { ledger, expiry_height: 99, version: 1, statement, ciphertexts, external };
        let sighash = body.sighash(&[7; 32]);
        let signature = crate::schnorr::SigningKey::new(Fs::from(5u64)).sign(&sighash, &mut OsRng).expect("a key");
        let source_signature = Some(sign_as_source(&source, &sighash));
        Transaction { body, proof: [9; PROOF_LENGTH], signature, source_signature, sponsor_signature: None }
    }

    #[test]
    fn a_transaction_round_trips_and_stays_within_its_bound() {
        for circuit in CircuitId::TRANSFERS {
            let whole = transaction(circuit);
            let bytes = whole.to_bytes();
            assert!(bytes.len() <= MAX_TRANSACTION);
            assert_eq!(Transaction::from_bytes(&bytes), Ok(whole));
        }
    }

    #[test]
    fn every_cut_and_every_addition_is_refused_and_nothing_panics() {
        let bytes = transaction(CircuitId::Transfer2x3).to_bytes();
        for length in (0..bytes.len()).step_by(11) {
            assert!(Transaction::from_bytes(&bytes[..length]).is_err(), "cut at {length}");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert_eq!(Transaction::from_bytes(&longer), Err(TransactionError::Decode(DecodeError::Trailing)));
        let huge = alloc::vec![1; MAX_TRANSACTION + 1];
        assert_eq!(Transaction::from_bytes(&huge), Err(TransactionError::Decode(DecodeError::TooLong)));
        for code in [0, CircuitId::Identity as u8, CircuitId::Enrol as u8, 200] {
            let mut other = bytes.clone();
            other[0] = code;
            assert_eq!(Transaction::from_bytes(&other), Err(TransactionError::Circuit));
        }
    }

    #[test]
    fn what_decodes_encodes_to_the_same_bytes() {
        let bytes = transaction(CircuitId::Transfer2x3).to_bytes();
        for i in (0..bytes.len()).step_by(3) {
            let mut changed = bytes.clone();
            changed[i] ^= 0x41;
            if let Ok(decoded) = Transaction::from_bytes(&changed) {
                assert_eq!(decoded.to_bytes(), changed, "byte {i}");
            }
        }
    }

    #[test]
    fn the_identifier_covers_everything_signed_and_not_the_proof() {
        let whole = transaction(CircuitId::Transfer2x3);
        let key = [7; 32];
        let (txid, sighash) = (whole.body.txid(&key), whole.body.sighash(&key));
        assert_ne!(txid.as_bytes()[..], sighash[..32]);
        let mut body = whole.body.clone();
        body.expiry_height += 1;
        assert!(body.txid(&key) != txid && body.sighash(&key) != sighash);
        let mut body = whole.body.clone();
        body.external.target = body.external.source;
        assert!(body.txid(&key) != txid, "external data count through their hash");
        assert_ne!(whole.body.txid(&[8; 32]), txid, "so does the verifying key");
        let mut proved_again = whole.clone();
        proved_again.proof = [1; PROOF_LENGTH];
        assert_eq!(proved_again.body.txid(&key), txid);
    }

    #[test]
    fn source_and_sponsor_sign_in_domains_of_their_own() {
        let mut whole = transaction(CircuitId::Transfer2x3);
        let sighash = whole.body.sighash(&[7; 32]);
        assert!(whole.source_signed(&sighash) && whole.sponsor_signed(&sighash));
        whole.sponsor_signature = whole.source_signature;
        assert!(!whole.sponsor_signed(&sighash), "a signature without a sponsor");
        whole.body.external.sponsor = whole.body.external.source;
        assert!(!whole.sponsor_signed(&sighash), "the source's signature is not the sponsor's");
        whole.source_signature = None;
        assert!(!whole.source_signed(&sighash), "a source that did not sign");
    }

    #[test]
    fn weak_and_alias_transparent_keys_are_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(TransparentKey::from_bytes(&identity), Err(DecodeError::BadCode));
        // y = p + 1 is an alias of the identity's y = 1.
        let mut alias = [0xff; 32];
        (alias[0], alias[31]) = (0xee, 0x7f);
        assert_eq!(TransparentKey::from_bytes(&alias), Err(DecodeError::BadCode));
    }
}
