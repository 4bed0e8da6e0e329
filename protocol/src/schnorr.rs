//! Schnorr signatures on Baby Jubjub (X3), the single-signer form of our FROST ciphersuite.
//!
//! `R = k G`, `c = H2(R, rk, message)`, `s = k + c * sk`; accepted when `8 (s G - R - c rk) = 0` with canonical `s`, and `R`
//! and `rk` in the prime subgroup and not the identity. `H2` is BLAKE2b-512 under the personal string `CHALLENGE` over the
//! context string [`CONTEXT`], reduced modulo l: the `H2` of RFC 9591 with `contextString = CONTEXT`.
//! The nonce is hedged: derived from the key, the message and 32 fresh random bytes, so neither a broken random source
//! nor a repeated message repeats it. Scalar multiplication is not constant-time; see SECURITY.md.

pub mod batch;

use core::fmt;

use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::Zero;
use rand_core::{CryptoRng, RngCore};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::curve::{
    Point, PointError, check_point, clear_cofactor, generator, mul_generator, point_from_bytes, point_to_bytes,
};
use crate::field::{Fs, fs_from_bytes, fs_to_bytes};
use crate::hash::Transcript;
use crate::tags::Personal;

/// The ciphersuite's context string, fixed once.
pub const CONTEXT: &[u8] = b"VEILPAY-FROST-BABYJUBJUB-BLAKE2B512-v1";

/// Why a signature was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureError {
    /// X3: `R` is not a canonical point of the prime subgroup.
    Commitment(PointError),
    /// X3: `s` is not below l.
    Response,
    /// X3: the key is the identity or outside the prime subgroup.
    Key(PointError),
    /// X3: the equation does not hold.
    Equation,
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Commitment(error) => write!(f, "X3: R: {error}"),
            Self::Response => f.write_str("X3: s is not below l"),
            Self::Key(error) => write!(f, "X3: key: {error}"),
            Self::Equation => f.write_str("X3: the signature is not of this key and message"),
        }
    }
}

impl core::error::Error for SignatureError {}

/// A signature: `R`, then `s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    commitment: Point,
    response: Fs,
}

impl Signature {
    /// `R` (32 bytes), then `s` (32 bytes big-endian).
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 64] {
        let mut out = [0; 64];
        out[..32].copy_from_slice(&point_to_bytes(&self.commitment));
        out[32..].copy_from_slice(&fs_to_bytes(&self.response));
        out
    }

    /// Decodes 64 canonical bytes.
    ///
    /// # Errors
    /// [`SignatureError::Commitment`] or [`SignatureError::Response`].
    pub fn from_bytes(bytes: &[u8; 64]) -> Result<Self, SignatureError> {
        let (mut commitment, mut response) = ([0; 32], [0; 32]);
        commitment.copy_from_slice(&bytes[..32]);
        response.copy_from_slice(&bytes[32..]);
        Ok(Self {
            commitment: point_from_bytes(&commitment).map_err(SignatureError::Commitment)?,
            response: fs_from_bytes(&response).map_err(|_| SignatureError::Response)?,
        })
    }
}

fn challenge(commitment: &Point, key: &Point, message: &[u8]) -> Fs {
    Transcript::new(Personal::CHALLENGE)
        .fixed(CONTEXT)
        .fixed(b"chal")
        .fixed(&point_to_bytes(commitment))
        .fixed(&point_to_bytes(key))
        .fixed(message)
        .to_fs()
}

/// A key that signs, such as `ask + alpha`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SigningKey(Fs);

impl SigningKey {
    /// The key of this scalar.
    #[must_use]
    pub const fn new(scalar: Fs) -> Self {
        Self(scalar)
    }

    /// The scalar.
    #[must_use]
    pub const fn expose(&self) -> &Fs {
        &self.0
    }

    /// The public key.
    pub fn public(&self) -> Point {
        mul_generator(&self.0)
    }

    /// Signs `message`.
    ///
    /// # Errors
    /// [`SignatureError::Key`] when the scalar is 0, whose public key is the identity.
    pub fn sign(&self, message: &[u8], rng: &mut (impl RngCore + CryptoRng)) -> Result<Signature, SignatureError> {
        if self.0.is_zero() {
            return Err(SignatureError::Key(PointError::Identity));
        }
        let mut random = [0; 32];
        rng.fill_bytes(&mut random);
        let mut nonce =
            Transcript::new(Personal::NONCE).fixed(&random).fixed(&fs_to_bytes(&self.0)).fixed(message).to_fs_nonzero();
        random.zeroize();
        let commitment = mul_generator(&nonce);
        let response = nonce + challenge(&commitment, &self.public(), message) * self.0;
        nonce.zeroize();
        Ok(Signature { commitment, response })
    }
}

/// Whether `signature` is by `key` over `message`.
///
/// # Errors
/// [`SignatureError::Key`] or [`SignatureError::Equation`].
pub fn verify(key: &Point, message: &[u8], signature: &Signature) -> Result<(), SignatureError> {
    check_point(key).map_err(SignatureError::Key)?;
    let c = challenge(&signature.commitment, key, message);
    let difference = generator() * signature.response - signature.commitment - *key * c;
    if clear_cofactor(&difference.into_affine()).is_zero() { Ok(()) } else { Err(SignatureError::Equation) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::{BigInteger, PrimeField};
    use rand_core::OsRng;

    fn key(k: u64) -> SigningKey {
        SigningKey::new(Fs::from(k))
    }

    #[test]
    fn a_signature_holds_for_its_key_and_message_alone() {
        let signature = key(5).sign(b"pay", &mut OsRng).expect("a key");
        assert_eq!(verify(&key(5).public(), b"pay", &signature), Ok(()));
        assert_eq!(verify(&key(5).public(), b"pay!", &signature), Err(SignatureError::Equation));
        assert_eq!(verify(&key(6).public(), b"pay", &signature), Err(SignatureError::Equation));
        assert_eq!(Signature::from_bytes(&signature.to_bytes()), Ok(signature));
    }

    #[test]
    fn a_nonce_is_never_used_twice() {
        let (a, b) = (key(5).sign(b"pay", &mut OsRng), key(5).sign(b"pay", &mut OsRng));
        assert_ne!(a.expect("a key").commitment, b.expect("a key").commitment);
    }

    #[test]
    fn aliases_of_s_the_identity_and_a_zero_key_are_refused() {
        let signature = key(5).sign(b"pay", &mut OsRng).expect("a key");
        let mut s = signature.response.into_bigint();
        s.add_with_carry(&Fs::MODULUS);
        let mut bytes = signature.to_bytes();
        bytes[32..].copy_from_slice(&s.to_bytes_be());
        assert_eq!(Signature::from_bytes(&bytes), Err(SignatureError::Response));
        bytes[..32].copy_from_slice(&point_to_bytes(&Point::zero()));
        assert_eq!(Signature::from_bytes(&bytes), Err(SignatureError::Commitment(PointError::Identity)));
        let refused = verify(&Point::zero(), b"pay", &signature);
        assert_eq!(refused, Err(SignatureError::Key(PointError::Identity)));
        assert_eq!(key(0).sign(b"pay", &mut OsRng), Err(SignatureError::Key(PointError::Identity)));
    }
}
