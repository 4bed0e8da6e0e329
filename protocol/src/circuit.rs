//! Which circuits there are, and the version that keys, statements and proofs carry.

use core::fmt;
use core::str::FromStr;

/// Notes spent and made by a transfer circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Notes spent, N.
    pub inputs: usize,
    /// Notes made, M.
    pub outputs: usize,
}

/// A circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[repr(u8)]
pub enum CircuitId {
    /// A payment of two notes into three.
    #[cfg_attr(feature = "serde", serde(rename = "transfer_2x3"))]
    Transfer2x3 = 1,
    /// A consolidation of eight notes into two.
    #[cfg_attr(feature = "serde", serde(rename = "transfer_8x2"))]
    Transfer8x2 = 2,
    /// A proof of identity without a payment.
    Identity = 3,
    /// A proof of one's own account to the issuer of credentials.
    Enrol = 4,
}

/// The text names no circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownCircuit;

impl fmt::Display for UnknownCircuit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such circuit")
    }
}

impl core::error::Error for UnknownCircuit {}

impl CircuitId {
    /// All circuits.
    pub const ALL: [Self; 4] = [Self::Transfer2x3, Self::Transfer8x2, Self::Identity, Self::Enrol];

    /// The transfer circuits.
    pub const TRANSFERS: [Self; 2] = [Self::Transfer2x3, Self::Transfer8x2];

    /// The name used in files, URLs and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Transfer2x3 => "transfer_2x3",
            Self::Transfer8x2 => "transfer_8x2",
            Self::Identity => "identity",
            Self::Enrol => "enrol",
        }
    }

    /// The version of the circuit: it changes with every change of the matrices.
    #[must_use]
    pub const fn version(self) -> u16 {
        1
    }

    /// The shape, for a transfer circuit.
    #[must_use]
    pub const fn shape(self) -> Option<Shape> {
        match self {
            Self::Transfer2x3 => Some(Shape { inputs: 2, outputs: 3 }),
            Self::Transfer8x2 => Some(Shape { inputs: 8, outputs: 2 }),
            Self::Identity | Self::Enrol => None,
        }
    }

    /// The transfer circuit of this shape.
    #[must_use]
    pub fn of_shape(shape: Shape) -> Option<Self> {
        Self::TRANSFERS.into_iter().find(|circuit| circuit.shape() == Some(shape))
    }

    /// The number of public inputs, without the constant one.
    #[must_use]
    pub const fn public_inputs(self) -> usize {
        match self {
            // note_root, nf[N], cm[M], rk, asset, two public values, fee, two roots, now, epoch, tag, ct[M + 2], ext_hash
            Self::Transfer2x3 => 1 + 2 + 3 + 2 + 4 + 2 + 2 + 1 + 5 + 1,
            Self::Transfer8x2 => 1 + 8 + 2 + 2 + 4 + 2 + 2 + 1 + 4 + 1,
            // two roots, now, min_tier, jurisdictions, scope, scope nullifier, rk, binding
            Self::Identity => 2 + 1 + 1 + 8 + 1 + 1 + 2 + 1,
            // u, rk, challenge
            Self::Enrol => 1 + 2 + 1,
        }
    }

    /// The circuit with this one-byte code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|circuit| *circuit as u8 == code)
    }
}

impl fmt::Display for CircuitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for CircuitId {
    type Err = UnknownCircuit;

    fn from_str(text: &str) -> Result<Self, UnknownCircuit> {
        Self::ALL.into_iter().find(|circuit| circuit.name() == text).ok_or(UnknownCircuit)
    }
}
