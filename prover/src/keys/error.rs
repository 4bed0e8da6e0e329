//! Why a key, or its file, is refused.

use std::fmt;
use std::io;

use veilpay_kernels::BackendError;
use veilpay_verifier::KeyError;

use crate::entropy::NoEntropy;

/// A section of a key file, in the order of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Section {
    /// The verifying key.
    Verifying = 1,
    /// beta and delta in G1.
    Pair = 2,
    /// The query of A.
    A = 3,
    /// The query of B in G1.
    B1 = 4,
    /// The query of B in G2.
    B2 = 5,
    /// The query of H.
    H = 6,
    /// The query of L.
    L = 7,
    /// The matrices.
    Matrices = 8,
    /// The record of the ceremony that made the key; nothing in a dev key.
    Provenance = 9,
}

impl Section {
    /// All sections in order.
    pub const ALL: [Self; 9] =
        [Self::Verifying, Self::Pair, Self::A, Self::B1, Self::B2, Self::H, Self::L, Self::Matrices, Self::Provenance];
}

/// A part of a key that follows from the powers of tau, the circuit and delta.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TauPart {
    /// gamma, which is the generator.
    Gamma,
    /// alpha.
    Alpha,
    /// beta, in G1 or in G2.
    Beta,
    /// IC.
    Ic,
    /// The query of A.
    A,
    /// The query of B, in G1 or in G2.
    B,
    /// The query of L.
    L,
    /// The query of H.
    H,
}

/// Why a key or its file is refused, or could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The file could not be read or written.
    Io(io::ErrorKind),
    /// Not a key file of a known format.
    Format,
    /// The file is not as long as its section table says.
    Length,
    /// The header is not the one that was written.
    HeaderDigest,
    /// A section is not the one that was written.
    SectionDigest(Section),
    /// The key is for another circuit than asked for.
    Circuit,
    /// S1: the key was made for other matrices than those of the built-in circuit.
    Matrices,
    /// A section's content does not have the form of its kind.
    Section(Section),
    /// A query's point is not a point of its curve, or not canonical.
    Point {
        /// Which query.
        section: Section,
        /// Which point of it.
        index: usize,
    },
    /// A point of B in G2 is not in the subgroup of order r.
    Subgroup {
        /// Which point of the query.
        index: usize,
    },
    /// The queries' lengths do not fit the matrices.
    Lengths,
    /// S1: the verifying key is refused.
    Verifying(KeyError),
    /// The file says one thing of its key, the verifying key in it another.
    Contradiction,
    /// S1: `e(delta_1, beta_2) != e(beta_1, delta_2)`, or another pair that differs between G1 and G2.
    Unpaired,
    /// S3: the key calls itself a ceremony's and has no record of one, or it is a dev key and has one.
    Provenance,
    /// S1: the queries are not those of the circuit: an honest proof under them does not verify.
    Inconsistent,
    /// S1: a part of the key is not what the powers of tau and the circuit make it.
    NotOfTheseTaus(TauPart),
    /// S2: there is no ceremony key, and dev keys are refused.
    NoCeremonyKey,
    /// The circuit could not be written down.
    Synthesis,
    /// The operating system gave no randomness.
    Entropy,
    /// `VEILPAY_BACKEND` names no backend of this machine.
    Backend(BackendError),
}

impl fmt::Display for KeyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(kind) => write!(f, "key file: {kind}"),
            Self::Format => f.write_str("not a key file of a known format"),
            Self::Length => f.write_str("the key file is not as long as it says"),
            Self::HeaderDigest => f.write_str("the key file's header is damaged"),
            Self::SectionDigest(section) => write!(f, "the key file's section {section:?} is damaged"),
            Self::Circuit => f.write_str("the key is for another circuit"),
            Self::Matrices => f.write_str("S1: the key is for other matrices than those of the circuit"),
            Self::Section(section) => write!(f, "the key file's section {section:?} does not have its form"),
            Self::Point { section, index } => write!(f, "S1: point {index} of {section:?} is off its curve"),
            Self::Subgroup { index } => write!(f, "S1: point {index} of B2 is outside the subgroup"),
            Self::Lengths => f.write_str("S1: the key's queries do not fit its matrices"),
            Self::Verifying(error) => error.fmt(f),
            Self::Contradiction => f.write_str("the key file contradicts the verifying key in it"),
            Self::Unpaired => f.write_str("S1: the key's parts in G1 and G2 differ"),
            Self::Provenance => {
                f.write_str("S3: a key of a ceremony has a record of its contributions, and no other key has one")
            }
            Self::Inconsistent => f.write_str("S1: an honest proof under the key does not verify"),
            Self::NotOfTheseTaus(part) => {
                write!(f, "S1: {part:?} is not what these powers of tau and the circuit make it")
            }
            Self::NoCeremonyKey => f.write_str("S2: there is no ceremony key, and dev keys are refused"),
            Self::Synthesis => f.write_str("the circuit could not be written down"),
            Self::Entropy => f.write_str("the operating system gave no randomness"),
            Self::Backend(error) => write!(f, "VEILPAY_BACKEND: {error}"),
        }
    }
}

impl std::error::Error for KeyFileError {}

impl From<io::Error> for KeyFileError {
    fn from(error: io::Error) -> Self {
        Self::Io(error.kind())
    }
}

impl From<NoEntropy> for KeyFileError {
    fn from(NoEntropy: NoEntropy) -> Self {
        Self::Entropy
    }
}
