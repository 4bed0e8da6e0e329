//! BLAKE2b-512 with a personal string, and its reductions `H2F` into `Fr` and `H2S` into `Fs`.
//!
//! A digest reduces as a little-endian integer of 512 bits, so the bias is below 2^-250. Fields of variable length are
//! preceded by their length as u32 little-endian; fields of fixed length are not.

use ark_ff::{PrimeField, Zero};
use blake2b_simd::{Params, State};

use crate::field::{Fr, Fs, fr_to_bytes};
use crate::tags::Personal;

/// A BLAKE2b-512 computation under one personal string.
///
/// ```
/// use veilpay_protocol::{hash::Transcript, tags::Personal};
/// let id = Transcript::new(Personal::LEDGER_ID).variable(b"main").digest();
/// assert_ne!(id, Transcript::new(Personal::TXID).variable(b"main").digest());
/// ```
#[derive(Clone)]
pub struct Transcript(State);

impl Transcript {
    /// Starts under `personal`.
    #[must_use]
    pub fn new(personal: Personal) -> Self {
        Self(Params::new().hash_length(64).personal(personal.0).to_state())
    }

    /// Absorbs a field of fixed length.
    #[must_use]
    pub fn fixed(mut self, bytes: &[u8]) -> Self {
        self.0.update(bytes);
        self
    }

    /// Absorbs a field of variable length: u32 little-endian length, then the bytes.
    ///
    /// # Panics
    /// When the field is 4 GiB or longer, which no bounded decoder lets through.
    #[must_use]
    pub fn variable(self, bytes: &[u8]) -> Self {
        let length = u32::try_from(bytes.len()).expect("bounded decoders keep fields below 4 GiB");
        self.fixed(&length.to_le_bytes()).fixed(bytes)
    }

    /// Absorbs an integer, 8 bytes little-endian.
    #[must_use]
    pub fn number(self, value: u64) -> Self {
        self.fixed(&value.to_le_bytes())
    }

    /// Absorbs a field element, 32 bytes big-endian.
    #[must_use]
    pub fn element(self, value: &Fr) -> Self {
        self.fixed(&fr_to_bytes(value))
    }

    /// The 64-byte digest.
    #[must_use]
    pub fn digest(self) -> [u8; 64] {
        *self.0.finalize().as_array()
    }

    /// The first 32 bytes of the digest.
    #[must_use]
    pub fn digest32(self) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(&self.digest()[..32]);
        out
    }

    /// `H2F`: the digest modulo r.
    #[must_use]
    pub fn to_fr(self) -> Fr {
        Fr::from_le_bytes_mod_order(&self.digest())
    }

    /// `H2S`: the digest modulo l.
    #[must_use]
    pub fn to_fs(self) -> Fs {
        Fs::from_le_bytes_mod_order(&self.digest())
    }

    /// `H2S` in [1, l): a counter byte follows the input, 0 first, until the scalar is not zero.
    #[must_use]
    pub fn to_fs_nonzero(self) -> Fs {
        (0u8..=u8::MAX)
            .map(|counter| self.clone().fixed(&[counter]).to_fs())
            .find(|scalar| !scalar.is_zero())
            .expect("256 independent scalars are not all zero")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_prefix_keeps_neighbouring_fields_apart() {
        let split = |a: &[u8], b: &[u8]| Transcript::new(Personal::ASSET).variable(a).variable(b).digest();
        assert_ne!(split(b"ab", b"c"), split(b"a", b"bc"));
    }

    #[test]
    fn a_digest_is_that_of_the_reference_implementation() {
        // python3: hashlib.blake2b(b"abc", digest_size=64, person=b"veilpay:n4:asset").hexdigest()
        let digest = Transcript::new(Personal::ASSET).fixed(b"abc").digest();
        assert_eq!(hex::encode(&digest[..16]), "0ab9dd23cfdbe17b5a05740a990116c3");
    }
}
