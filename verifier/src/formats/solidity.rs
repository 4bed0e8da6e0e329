//! A key's verifier as a contract in Solidity.
//!
//! The key is constants of the code: it is checked (S1) when the contract is made, and nobody can exchange it. The
//! contract's `verifyProof` takes [`calldata`](super::evm::calldata). What it refuses, and how it tells, is said in the
//! template, `solidity/verifier.sol.in`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

use ark_bn254::{Fq, Fr};
use ark_ff::PrimeField;
use veilpay_protocol::circuit::CircuitId;

use super::evm::{PROOF_BYTES, SELECTOR_BYTES, WORD_BYTES, g1_to_bytes, g2_to_bytes, keccak256};
use crate::key::{KeyError, KeyInfo, KeyPoints, Setup};

const TEMPLATE: &str = include_str!("solidity/verifier.sol.in");

/// Public inputs of a contract, at most: with more its code would be longer than the 24,576 bytes of EIP-170.
pub const MAX_INPUTS: usize = 256;
/// Letters of a contract's name, at most.
pub const MAX_NAME: usize = 64;

/// Why there is no contract for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SolidityError {
    /// The key breaks a rule of S1.
    Key(KeyError),
    /// The name is not a capital letter and then letters and digits of ASCII, at most [`MAX_NAME`].
    Name,
    /// The key has no public inputs, and Solidity no list without elements; or more than [`MAX_INPUTS`].
    Inputs,
}

impl fmt::Display for SolidityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(error) => error.fmt(f),
            Self::Name => f.write_str("a contract's name is a capital letter, then letters and digits, at most 64"),
            Self::Inputs => write!(f, "a contract takes 1 to {MAX_INPUTS} public inputs"),
        }
    }
}

impl core::error::Error for SolidityError {}

/// Where a contract's key comes from, as its head tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A key of whatever circuit.
    Unknown,
    /// A key of a dev setup: anybody who was there can forge proofs.
    Dev {
        /// The circuit.
        circuit: CircuitId,
    },
    /// A ceremony's key.
    Ceremony {
        /// The circuit.
        circuit: CircuitId,
    },
}

impl From<&KeyInfo> for Origin {
    fn from(info: &KeyInfo) -> Self {
        let circuit = info.circuit;
        match info.setup {
            Setup::Dev => Self::Dev { circuit },
            Setup::Ceremony => Self::Ceremony { circuit },
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("Key: from elsewhere; who made it, and how, is not known here."),
            Self::Dev { circuit } => {
                write!(f, "Key: {circuit}, dev setup. INSECURE: whoever made it can forge proofs; for tests only.")
            }
            Self::Ceremony { circuit } => write!(f, "Key: {circuit}, of a ceremony by its own account."),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        // Text in memory takes whatever is written.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// An error's selector, as the first word of what a revert tells.
fn selector(signature: &str) -> String {
    format!("0x{}{}", hex(&keccak256(signature.as_bytes())[..4]), "0".repeat(56))
}

fn words(bytes: &[u8]) -> Vec<String> {
    bytes.as_chunks::<WORD_BYTES>().0.iter().map(|word| format!("0x{}", hex(word))).collect()
}

/// Lines that write words to memory, from `offset` of the pairing's input on.
fn stores(offset: usize, bytes: &[u8]) -> String {
    let line = |(i, word)| format!("            mstore(add(p, {:#05x}), {word})\n", offset + i * WORD_BYTES);
    words(bytes).into_iter().enumerate().map(line).collect()
}

/// Keccak-256 of alpha, beta, gamma, delta and IC in the encodings of [`super::evm`].
#[must_use]
pub fn key_digest(points: &KeyPoints) -> [u8; 32] {
    let mut bytes = g1_to_bytes(&points.alpha).to_vec();
    bytes.extend([&points.beta, &points.gamma, &points.delta].iter().flat_map(|p| g2_to_bytes(p)));
    bytes.extend(points.ic.iter().flat_map(g1_to_bytes));
    keccak256(&bytes)
}

/// The contract `name`, whose `verifyProof` verifies under this key.
///
/// # Errors
/// [`SolidityError`]; above all [`SolidityError::Key`] for a key that would verify forgeries.
pub fn verifier(points: &KeyPoints, name: &str, origin: Origin) -> Result<String, SolidityError> {
    points.check().map_err(SolidityError::Key)?;
    let rest = name.strip_prefix(|c: char| c.is_ascii_uppercase()).ok_or(SolidityError::Name)?;
    if name.len() > MAX_NAME || !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(SolidityError::Name);
    }
    let inputs = points.ic.len() - 1;
    if !(1..=MAX_INPUTS).contains(&inputs) {
        return Err(SolidityError::Inputs);
    }
    let ic: Vec<Vec<String>> = points.ic.iter().map(|p| words(&g1_to_bytes(p))).collect();
    let accumulate =
        |(i, p): (usize, &Vec<String>)| format!("            accumulate(inputs, sum, {}, {}, {i})\n", p[0], p[1]);
    let values: [(&str, String); 18] = [
        ("name", name.into()),
        ("origin", format!("{origin}")),
        ("inputs", format!("{inputs}")),
        ("digest", hex(&key_digest(points))),
        ("q", format!("0x{}", hex(&be(&Fq::MODULUS)))),
        ("r", format!("0x{}", hex(&be(&Fr::MODULUS)))),
        ("calldata_bytes", format!("{}", SELECTOR_BYTES + PROOF_BYTES + inputs * WORD_BYTES)),
        ("calldata_length", selector("CalldataLength(uint256)")),
        ("input_not_below_r", selector("InputNotBelowR(uint256)")),
        ("coordinate_not_below_q", selector("CoordinateNotBelowQ(uint256)")),
        ("point_is_identity", selector("PointIsIdentity(uint256)")),
        ("precompile_failed", selector("PrecompileFailed(uint256)")),
        ("ic0_x", ic[0][0].clone()),
        ("ic0_y", ic[0][1].clone()),
        ("accumulate", ic[1..].iter().enumerate().map(accumulate).collect()),
        ("alpha_beta", stores(0xc0, &g1_to_bytes(&points.alpha)) + &stores(0x100, &g2_to_bytes(&points.beta))),
        ("gamma", stores(0x1c0, &g2_to_bytes(&points.gamma))),
        ("delta", stores(0x280, &g2_to_bytes(&points.delta))),
    ];
    Ok(fill(&values))
}

fn be(number: &ark_ff::BigInt<4>) -> Vec<u8> {
    number.0.iter().rev().flat_map(|word| word.to_be_bytes()).collect()
}

/// The template with each `{{name}}` in the place of its value.
fn fill(values: &[(&str, String)]) -> String {
    let mut out = String::with_capacity(TEMPLATE.len() * 2);
    let mut parts = TEMPLATE.split("{{");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (name, rest) = part.split_once("}}").expect("each place of the template is closed");
        let (_, value) = values.iter().find(|(known, _)| *known == name).expect("each place has a value");
        out.push_str(value);
        out.push_str(rest);
    }
    out
}
