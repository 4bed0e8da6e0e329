//! Points, proofs and calldata as the EVM takes them.
//!
//! A coordinate is 32 bytes big-endian and below q, a point of G1 is x, y (EIP-196), one of G2 is x.c1, x.c0, y.c1, y.c0:
//! the imaginary part first (EIP-197). A proof is A, B, C, 256 bytes. The calldata of
//! `verifyProof(uint256[2],uint256[2][2],uint256[2],uint256[N])` is the selector, the proof and N public inputs; all of
//! its arguments have fixed lengths, so that no offsets stand between them.
//!
//! The EVM writes the identity as zeros. It is refused here, as everywhere.

use alloc::vec::Vec;
use core::fmt;

use ark_bn254::{Fq, Fq2};
use ark_ff::{AdditiveGroup, BigInt, BigInteger, PrimeField};
use sha3::{Digest, Keccak256};
use veilpay_protocol::field::{Fr, fr_from_bytes, fr_to_bytes};

use crate::point::{self, G1, G2, PointError};
use crate::proof::{Proof, ProofElement, ProofError};

/// Bytes of a word.
pub const WORD_BYTES: usize = 32;
/// Bytes of a point of G1.
pub const G1_BYTES: usize = 2 * WORD_BYTES;
/// Bytes of a point of G2.
pub const G2_BYTES: usize = 4 * WORD_BYTES;
/// Bytes of a proof.
pub const PROOF_BYTES: usize = 2 * G1_BYTES + G2_BYTES;
/// Bytes of a function's selector.
pub const SELECTOR_BYTES: usize = 4;

/// Why bytes are refused, a variant per rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EvmError {
    /// Another length than the counts say.
    Length {
        /// The length that they say.
        expected: usize,
        /// The length.
        found: usize,
    },
    /// The first four bytes are not the selector of `verifyProof` with as many inputs.
    Selector,
    /// The words are no proof.
    Proof(ProofError),
    /// A public input is not below r.
    Input {
        /// Which.
        index: usize,
    },
}

impl fmt::Display for EvmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { expected, found } => write!(f, "{found} bytes where {expected} are right"),
            Self::Selector => f.write_str("not the selector of verifyProof with as many public inputs"),
            Self::Proof(error) => error.fmt(f),
            Self::Input { index } => write!(f, "public input {index} is not below r"),
        }
    }
}

impl core::error::Error for EvmError {}

fn coordinate(word: &[u8; WORD_BYTES]) -> Result<Fq, PointError> {
    let (chunks, _) = word.as_chunks::<8>();
    let limbs = core::array::from_fn(|i| u64::from_be_bytes(chunks[3 - i]));
    Fq::from_bigint(BigInt(limbs)).ok_or(PointError::NotCanonical)
}

fn word(x: &Fq) -> [u8; WORD_BYTES] {
    let mut out = [0; WORD_BYTES];
    out.copy_from_slice(&x.into_bigint().to_bytes_be());
    out
}

/// Reads a point of G1.
///
/// # Errors
/// [`PointError`] for a coordinate of q or more, a point off the curve, or the identity, which is all zeros.
pub fn g1_from_bytes(bytes: &[u8; G1_BYTES]) -> Result<G1, PointError> {
    let (words, _) = bytes.as_chunks::<WORD_BYTES>();
    let (x, y) = (coordinate(&words[0])?, coordinate(&words[1])?);
    if x == Fq::ZERO && y == Fq::ZERO {
        return Err(PointError::Identity);
    }
    let point = G1::new_unchecked(x, y);
    point::check(&point).map(|()| point)
}

/// Writes a point of G1 other than the identity.
#[must_use]
pub fn g1_to_bytes(point: &G1) -> [u8; G1_BYTES] {
    let mut out = [0; G1_BYTES];
    let (words, _) = out.as_chunks_mut::<WORD_BYTES>();
    (words[0], words[1]) = (word(&point.x), word(&point.y));
    out
}

/// Reads a point of G2.
///
/// # Errors
/// As [`g1_from_bytes`], and [`PointError::NotInSubgroup`].
pub fn g2_from_bytes(bytes: &[u8; G2_BYTES]) -> Result<G2, PointError> {
    let (words, _) = bytes.as_chunks::<WORD_BYTES>();
    let pair = |imaginary: usize| Ok(Fq2::new(coordinate(&words[imaginary + 1])?, coordinate(&words[imaginary])?));
    let (x, y) = (pair(0)?, pair(2)?);
    if x == Fq2::ZERO && y == Fq2::ZERO {
        return Err(PointError::Identity);
    }
    let point = G2::new_unchecked(x, y);
    point::check(&point).map(|()| point)
}

/// Writes a point of G2 other than the identity.
#[must_use]
pub fn g2_to_bytes(point: &G2) -> [u8; G2_BYTES] {
    let mut out = [0; G2_BYTES];
    let (words, _) = out.as_chunks_mut::<WORD_BYTES>();
    for (word_out, x) in words.iter_mut().zip([&point.x.c1, &point.x.c0, &point.y.c1, &point.y.c0]) {
        *word_out = word(x);
    }
    out
}

/// Writes a proof.
#[must_use]
pub fn proof_to_bytes(proof: &Proof) -> [u8; PROOF_BYTES] {
    let mut out = [0; PROOF_BYTES];
    let (a, rest) = out.split_at_mut(G1_BYTES);
    let (b, c) = rest.split_at_mut(G2_BYTES);
    a.copy_from_slice(&g1_to_bytes(proof.a()));
    b.copy_from_slice(&g2_to_bytes(proof.b()));
    c.copy_from_slice(&g1_to_bytes(proof.c()));
    out
}

/// Reads exactly [`PROOF_BYTES`] bytes; what is read is written as the same bytes again.
///
/// # Errors
/// [`EvmError::Length`], or [`EvmError::Proof`] naming point and rule.
pub fn proof_from_bytes(bytes: &[u8]) -> Result<Proof, EvmError> {
    let length = EvmError::Length { expected: PROOF_BYTES, found: bytes.len() };
    let bytes: &[u8; PROOF_BYTES] = bytes.try_into().map_err(|_| length)?;
    let at = |element| move |error| EvmError::Proof(ProofError::Point { element, error });
    let (a, rest) = bytes.split_first_chunk().ok_or(length)?;
    let (b, rest) = rest.split_first_chunk().ok_or(length)?;
    let (c, _) = rest.split_first_chunk().ok_or(length)?;
    let a = g1_from_bytes(a).map_err(at(ProofElement::A))?;
    let b = g2_from_bytes(b).map_err(at(ProofElement::B))?;
    let c = g1_from_bytes(c).map_err(at(ProofElement::C))?;
    Proof::new(a, b, c).map_err(EvmError::Proof)
}

/// Keccak-256, as the EVM has it.
#[must_use]
pub fn keccak256(bytes: &[u8]) -> [u8; 32] {
    Keccak256::digest(bytes).into()
}

/// The selector of `verifyProof` with `inputs` public inputs.
#[must_use]
pub fn selector(inputs: usize) -> [u8; SELECTOR_BYTES] {
    let signature = alloc::format!("verifyProof(uint256[2],uint256[2][2],uint256[2],uint256[{inputs}])");
    let [a, b, c, d, ..] = keccak256(signature.as_bytes());
    [a, b, c, d]
}

/// The calldata that asks whether `proof` proves `inputs`.
#[must_use]
pub fn calldata(proof: &Proof, inputs: &[Fr]) -> Vec<u8> {
    let mut out = Vec::with_capacity(SELECTOR_BYTES + PROOF_BYTES + inputs.len() * WORD_BYTES);
    out.extend(selector(inputs.len()));
    out.extend(proof_to_bytes(proof));
    out.extend(inputs.iter().flat_map(fr_to_bytes));
    out
}

/// Reads the calldata of a call with `inputs` public inputs; what is read is written as the same bytes again.
///
/// # Errors
/// [`EvmError`] naming the first rule that is broken.
pub fn read_calldata(bytes: &[u8], inputs: usize) -> Result<(Proof, Vec<Fr>), EvmError> {
    let expected = inputs.checked_mul(WORD_BYTES).and_then(|n| n.checked_add(SELECTOR_BYTES + PROOF_BYTES));
    let length = EvmError::Length { expected: expected.unwrap_or(usize::MAX), found: bytes.len() };
    if expected != Some(bytes.len()) {
        return Err(length);
    }
    let (found, rest) = bytes.split_at_checked(SELECTOR_BYTES).ok_or(length)?;
    if found != selector(inputs) {
        return Err(EvmError::Selector);
    }
    let (proof, words) = rest.split_at_checked(PROOF_BYTES).ok_or(length)?;
    let input = |(index, word): (usize, &[u8; WORD_BYTES])| fr_from_bytes(word).map_err(|_| EvmError::Input { index });
    let read = words.as_chunks().0.iter().enumerate().map(input).collect::<Result<_, _>>()?;
    Ok((proof_from_bytes(proof)?, read))
}
