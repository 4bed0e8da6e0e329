//! What a transaction says outside the proof, and who signs for it: transparent accounts and sponsors (X1, X2).

use alloc::vec::Vec;
use core::fmt;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use crate::encoding::{DecodeError, Reader, put_count, put_optional};
use crate::encryption::NoteCiphertext;
use crate::hash::Transcript;
use crate::tags::Personal;
use crate::transfer::ExtHash;

/// Bytes of a public memo at most.
pub const MAX_PUBLIC_MEMO: usize = 512;

/// A transparent account: an Ed25519 verifying key, canonical and not of small order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransparentKey([u8; 32]);

impl TransparentKey {
    /// The key of these bytes.
    ///
    /// # Errors
    /// [`DecodeError::BadCode`] when they are not a canonical Ed25519 key of large order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, DecodeError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| DecodeError::BadCode)?;
        // Decompression accepts y of 2^255 - 19 and more; its re-encoding is canonical.
        if key.is_weak() || key.to_edwards().compress().as_bytes() != bytes {
            return Err(DecodeError::BadCode);
        }
        Ok(Self(*bytes))
    }

    /// The account of a signing key.
    #[must_use]
    pub fn of(key: &SigningKey) -> Self {
        Self(key.verifying_key().to_bytes())
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(super) fn verify(&self, message: &[u8; 64], signature: &[u8; 64]) -> bool {
        VerifyingKey::from_bytes(&self.0)
            .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
    }
}

impl fmt::Display for TransparentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}

impl fmt::Debug for TransparentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransparentKey({self})")
    }
}

/// What a transaction says outside the proof; bound to it by `ext_hash`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExternalData {
    /// The transparent account that `v_pub_in` comes from.
    pub source: Option<TransparentKey>,
    /// The transparent account that `v_pub_out` goes to.
    pub target: Option<TransparentKey>,
    /// The transparent account that the fee goes to.
    pub fee_collector: Option<TransparentKey>,
    /// Who stands in for the fee of a transaction without one.
    pub sponsor: Option<TransparentKey>,
    /// A public note, at most [`MAX_PUBLIC_MEMO`] bytes.
    pub memo: Vec<u8>,
}

impl ExternalData {
    pub(super) fn put(&self, out: &mut Vec<u8>) {
        for key in [self.source, self.target, self.fee_collector, self.sponsor] {
            put_optional(out, key.as_ref().map(|key| key.as_bytes().as_slice()));
        }
        put_count(out, self.memo.len());
        out.extend_from_slice(&self.memo);
    }

    pub(super) fn take(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut key = || reader.optional(|r| TransparentKey::from_bytes(&r.array()?));
        let (source, target, fee_collector, sponsor) = (key()?, key()?, key()?, key()?);
        let memo = reader.list(MAX_PUBLIC_MEMO, 1, Reader::byte)?;
        Ok(Self { source, target, fee_collector, sponsor, memo })
    }

    /// `ext_hash = H2F(ciphertexts, external data)` (X2).
    #[must_use]
    pub fn ext_hash(&self, ciphertexts: &[NoteCiphertext]) -> ExtHash {
        let mut bytes = Vec::new();
        put_count(&mut bytes, ciphertexts.len());
        for ciphertext in ciphertexts {
            bytes.extend_from_slice(&ciphertext.to_bytes());
        }
        self.put(&mut bytes);
        ExtHash::new(Transcript::new(Personal::EXT_HASH).variable(&bytes).to_fr())
    }
}

/// The message by which a transparent source gives its value away.
#[must_use]
pub fn source_message(sighash: &[u8; 64]) -> [u8; 64] {
    Transcript::new(Personal::SOURCE_MESSAGE).fixed(sighash).digest()
}

/// The message by which a sponsor stands in for a fee.
#[must_use]
pub fn sponsor_message(sighash: &[u8; 64]) -> [u8; 64] {
    Transcript::new(Personal::SPONSOR_MESSAGE).fixed(sighash).digest()
}

/// Signs as the transparent source.
#[must_use]
pub fn sign_as_source(key: &SigningKey, sighash: &[u8; 64]) -> [u8; 64] {
    key.sign(&source_message(sighash)).to_bytes()
}

/// Signs as the sponsor.
#[must_use]
pub fn sign_as_sponsor(key: &SigningKey, sighash: &[u8; 64]) -> [u8; 64] {
    key.sign(&sponsor_message(sighash)).to_bytes()
}
