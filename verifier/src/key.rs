//! Verifying keys: their points, where they come from, and which of them are refused (S1).
//!
//! The rules of S1 are in [`check`], the encoding is in [`format`].

pub mod check;
pub mod format;

use alloc::vec::Vec;
use core::fmt;

use ark_ec::AffineRepr;
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::hash::Transcript;
use veilpay_protocol::tags::Personal;

use crate::point::{G1, G2, PointError};

/// How a key was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Setup {
    /// On one machine, which knew the trapdoor: whoever kept it proves anything (S2).
    Dev = 0,
    /// By a ceremony of several parties (S3).
    Ceremony = 1,
}

impl Setup {
    /// The setup with this one-byte code.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Dev),
            1 => Some(Self::Ceremony),
            _ => None,
        }
    }
}

impl fmt::Display for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dev => "dev (insecure)",
            Self::Ceremony => "ceremony",
        })
    }
}

/// What a key is for and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// The circuit.
    pub circuit: CircuitId,
    /// The circuit's version.
    pub version: u16,
    /// How the key was made.
    pub setup: Setup,
    /// The digest of the matrices that it was made for.
    pub matrix_digest: [u8; 64],
}

/// The points of a Groth16 verifying key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPoints {
    /// alpha, in G1.
    pub alpha: G1,
    /// beta, in G2.
    pub beta: G2,
    /// gamma, in G2; the generator in keys of snarkjs, of ceremonies and in our own.
    pub gamma: G2,
    /// delta, in G2.
    pub delta: G2,
    /// IC: one point for the constant one, then one per public input.
    pub ic: Vec<G1>,
}

/// Why a verifying key is refused (S1), a variant per rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// The bytes are not as many as the format says.
    Length,
    /// The bytes do not begin as a verifying key of a known format.
    Format,
    /// No circuit has this code.
    UnknownCircuit,
    /// The circuit has another version.
    Version,
    /// No setup has this code.
    UnknownSetup,
    /// The digest at the end is not that of the key.
    Digest,
    /// A point is off its curve, outside the subgroup, not canonical, or the identity.
    Point {
        /// Which point.
        element: KeyElement,
        /// Why.
        error: PointError,
    },
    /// delta is gamma or -gamma: anybody can prove anything.
    DeltaIsGamma,
    /// beta is gamma or -gamma: anybody can prove anything.
    BetaIsGamma,
    /// beta is delta or -delta: anybody can prove anything.
    BetaIsDelta,
    /// delta is the generator or its negative: the second phase of the ceremony did not take place.
    DeltaIsGenerator,
    /// gamma of a ceremony's key is not the generator: whoever chose it may know it as a multiple of delta.
    GammaIsChosen,
    /// beta is the generator or its negative.
    BetaIsGenerator,
    /// alpha is the generator or its negative.
    AlphaIsGenerator,
    /// IC has not one point more than the circuit has public inputs.
    IcLength,
    /// Two points of IC are equal or opposite: one public input can stand for another.
    IcDuplicate {
        /// The later of the two.
        index: usize,
    },
    /// Two keys for one circuit were given to a verifier.
    TwoKeys,
}

/// One of a verifying key's points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyElement {
    /// alpha.
    Alpha,
    /// beta.
    Beta,
    /// gamma.
    Gamma,
    /// delta.
    Delta,
    /// A point of IC, counted from that of the constant one.
    Ic(usize),
}

impl fmt::Display for KeyElement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alpha => f.write_str("alpha"),
            Self::Beta => f.write_str("beta"),
            Self::Gamma => f.write_str("gamma"),
            Self::Delta => f.write_str("delta"),
            Self::Ic(index) => write!(f, "IC[{index}]"),
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("S1: ")?;
        match self {
            Self::Length => f.write_str("the key has another length than its format says"),
            Self::Format => f.write_str("not a verifying key of a known format"),
            Self::UnknownCircuit => f.write_str("no such circuit"),
            Self::Version => f.write_str("the key is for another version of the circuit"),
            Self::UnknownSetup => f.write_str("no such kind of setup"),
            Self::Digest => f.write_str("the key's digest is wrong"),
            Self::Point { element, error } => write!(f, "{element}: {error}"),
            Self::DeltaIsGamma => f.write_str("delta is gamma or its negative"),
            Self::BetaIsGamma => f.write_str("beta is gamma or its negative"),
            Self::BetaIsDelta => f.write_str("beta is delta or its negative"),
            Self::DeltaIsGenerator => f.write_str("delta is the generator of G2 or its negative"),
            Self::GammaIsChosen => f.write_str("gamma of a ceremony's key is not the generator of G2"),
            Self::BetaIsGenerator => f.write_str("beta is the generator of G2 or its negative"),
            Self::AlphaIsGenerator => f.write_str("alpha is the generator of G1 or its negative"),
            Self::IcLength => f.write_str("IC has not one point more than there are public inputs"),
            Self::IcDuplicate { index } => write!(f, "IC[{index}] repeats an earlier point or its negative"),
            Self::TwoKeys => f.write_str("two keys for one circuit"),
        }
    }
}

impl core::error::Error for KeyError {}

/// A verifying key: what it is for, and its points.
///
/// It verifies nothing by itself: a [`PreparedVerifyingKey`](crate::PreparedVerifyingKey) does, and is made only of a
/// key that passes [`VerifyingKey::check`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey {
    info: KeyInfo,
    points: KeyPoints,
}

impl VerifyingKey {
    /// Takes points as they are; nothing is checked yet.
    #[must_use]
    pub const fn new(info: KeyInfo, points: KeyPoints) -> Self {
        Self { info, points }
    }

    /// What the key is for.
    #[must_use]
    pub const fn info(&self) -> &KeyInfo {
        &self.info
    }

    /// The points.
    #[must_use]
    pub const fn points(&self) -> &KeyPoints {
        &self.points
    }

    /// Whether the key is for the circuit as this code knows it, and obeys S1.
    ///
    /// # Errors
    /// [`KeyError`] naming the first rule that is broken.
    pub fn check(&self) -> Result<(), KeyError> {
        self.check_version()?;
        self.check_any_version()
    }

    /// As [`Self::check`], for a key of whatever version, whose circuit has the public inputs that this code knows.
    ///
    /// # Errors
    /// As [`Self::check`]; [`KeyError::Version`] for version 0, which no circuit has.
    pub fn check_any_version(&self) -> Result<(), KeyError> {
        if self.info.version == 0 {
            return Err(KeyError::Version);
        }
        if self.points.ic.len() != self.info.circuit.public_inputs() + 1 {
            return Err(KeyError::IcLength);
        }
        self.points.check()?;
        // No ceremony draws gamma. In a dev key whoever made it knows everything anyway (S2).
        if self.info.setup == Setup::Ceremony && self.points.gamma != G2::generator() {
            return Err(KeyError::GammaIsChosen);
        }
        Ok(())
    }

    /// Whether the key is for the version of its circuit that this code knows.
    const fn check_version(&self) -> Result<(), KeyError> {
        if self.info.version == self.info.circuit.version() { Ok(()) } else { Err(KeyError::Version) }
    }

    /// BLAKE2b under [`Personal::KEY_DIGEST`] of the [encoding](format) from the circuit's code to the last point, cut
    /// to 32 bytes. It covers the setup: a dev key relabelled is another key.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        digest_of(&self.body())
    }
}

fn digest_of(body: &[u8]) -> [u8; 32] {
    Transcript::new(Personal::KEY_DIGEST).fixed(body).digest32()
}
