//! A Groth16 proof and its encoding of 128 bytes.

use core::fmt;

use crate::arithmetic::{Arithmetic, Points};
use crate::point::{self, G1, G1_BYTES, G2, G2_BYTES, PointError};

/// One of a proof's three points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofElement {
    /// A, in G1.
    A,
    /// B, in G2.
    B,
    /// C, in G1.
    C,
}

/// Why something is not a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProofError {
    /// Not [`Proof::BYTES`] bytes.
    Length,
    /// One of the three is not a point of its group, or is the identity.
    Point {
        /// Which.
        element: ProofElement,
        /// Why.
        error: PointError,
    },
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length => write!(f, "a proof has {} bytes", Proof::BYTES),
            Self::Point { element, error } => write!(f, "proof element {element:?}: {error}"),
        }
    }
}

impl core::error::Error for ProofError {}

/// A proof: A and C in G1, B in G2, each in the subgroup of order r and not the identity.
///
/// An honest proof has an identity with probability about 2^-252, so that refusing it costs nothing; and `A` or `B` at
/// the identity would take the witness out of the pairing `e(A, B)`.
///
/// A proof can be re-randomised by anybody: its bytes identify nothing (X4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    a: G1,
    b: G2,
    c: G1,
}

impl Proof {
    /// Length of the encoding: A 32, B 64, C 32.
    pub const BYTES: usize = 2 * G1_BYTES + G2_BYTES;

    /// Takes three points.
    ///
    /// # Errors
    /// [`ProofError::Point`] when one is off its curve, outside the subgroup or the identity.
    pub fn new(a: G1, b: G2, c: G1) -> Result<Self, ProofError> {
        let at = |element| move |error| ProofError::Point { element, error };
        point::check(&a).map_err(at(ProofElement::A))?;
        point::check(&b).map_err(at(ProofElement::B))?;
        point::check(&c).map_err(at(ProofElement::C))?;
        Ok(Self { a, b, c })
    }

    /// A.
    pub const fn a(&self) -> &G1 {
        &self.a
    }

    /// B.
    pub const fn b(&self) -> &G2 {
        &self.b
    }

    /// C.
    pub const fn c(&self) -> &G1 {
        &self.c
    }

    /// A, B, C in ark-serialize's compressed form (see [`crate::point`]).
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut out = [0; Self::BYTES];
        let (a, rest) = out.split_at_mut(G1_BYTES);
        let (b, c) = rest.split_at_mut(G2_BYTES);
        point::encode(&self.a, a);
        point::encode(&self.b, b);
        point::encode(&self.c, c);
        out
    }

    /// Decodes exactly [`Self::BYTES`] bytes; what is decoded encodes to the same bytes again.
    ///
    /// # Errors
    /// [`ProofError`] for another length, or a point that is not canonical, not on its curve, outside the subgroup or
    /// the identity.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProofError> {
        let bytes: &[u8; Self::BYTES] = bytes.try_into().map_err(|_| ProofError::Length)?;
        let Points { a, b, c } = Arithmetic::default().decode_one(bytes)?;
        Ok(Self { a, b, c })
    }
}
