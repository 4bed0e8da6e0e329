//! Why a file of circom or snarkjs is refused.

use std::fmt;
use std::io;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum File {
    /// A proving key.
    Zkey,
    /// An assignment.
    Wtns,
    /// A constraint system.
    R1cs,
    /// Powers of tau.
    Ptau,
}

impl File {
    /// The first four bytes.
    pub(crate) const fn magic(self) -> [u8; 4] {
        match self {
            Self::Zkey => *b"zkey",
            Self::Wtns => *b"wtns",
            Self::R1cs => *b"r1cs",
            Self::Ptau => *b"ptau",
        }
    }

    /// The version that is read and written.
    pub(crate) const fn version(self) -> u32 {
        match self {
            Self::Zkey | Self::R1cs | Self::Ptau => 1,
            Self::Wtns => 2,
        }
    }

    /// The names of the sections that may occur, from section 1 on; one without a name may not.
    pub(crate) const fn sections(self) -> &'static [&'static str] {
        match self {
            Self::Zkey => &["protocol", "header", "IC", "coefficients", "A", "B1", "B2", "C", "H", "contributions"],
            Self::Wtns => &["header", "values"],
            Self::R1cs => &["header", "constraints", "labels"],
            Self::Ptau => &[
                "header",
                "tau in G1",
                "tau in G2",
                "alpha tau",
                "beta tau",
                "beta",
                "contributions",
                "",
                "",
                "",
                "",
                "Lagrange in G1",
                "Lagrange in G2",
                "Lagrange times alpha",
                "Lagrange times beta",
            ],
        }
    }
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zkey => "zkey",
            Self::Wtns => "wtns",
            Self::R1cs => "r1cs",
            Self::Ptau => "ptau",
        })
    }
}

/// A section of a file, by its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The kind of file.
    pub file: File,
    /// The section's number, from 1 on.
    pub section: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, section } = self;
        write!(f, "{file} section {section}")?;
        let index = usize::try_from(*section).ok().and_then(|number| number.checked_sub(1));
        match index.and_then(|index| file.sections().get(index)) {
            Some(name) => write!(f, " ({name})"),
            None => Ok(()),
        }
    }
}

/// Why a binary file is refused. No variant quotes a value of a witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CircomError {
    /// The file cannot be read, or no longer as far as it was when it was opened.
    Io(io::ErrorKind),
    /// The file does not begin as one of its kind.
    Magic(File),
    /// The file is of another version than the one that is read.
    Version {
        /// The kind of file.
        file: File,
        /// Its version.
        found: u32,
    },
    /// The file ends within its table of sections.
    Truncated(File),
    /// A section is longer than what is left of the file.
    SectionTruncated(Place),
    /// No section has this number.
    UnknownSection(Place),
    /// The section occurs twice.
    DuplicateSection(Place),
    /// The section is not there.
    MissingSection(Place),
    /// There are bytes after the last section.
    TrailingBytes(File),
    /// The section has another length than its counts say.
    SectionLength {
        /// Which.
        at: Place,
        /// The length that the counts say, in bytes.
        expected: u64,
        /// The length, in bytes.
        found: u64,
    },
    /// The key is for another proof system than Groth16, whose number is 1.
    Protocol(u32),
    /// A prime in the header is not that of BN254: the file is for another curve.
    Prime(Place),
    /// The domain is not a power of two, or has no coset of order twice its size.
    Domain(u32),
    /// There are more public inputs than variables beside the one.
    PublicInputs {
        /// Where.
        at: Place,
        /// Public inputs (outputs included).
        public: u64,
        /// Variables, the one included.
        variables: u32,
    },
    /// A field element is not below its prime.
    NotCanonical {
        /// Where.
        at: Place,
        /// Which point, value or coefficient of the section.
        index: usize,
    },
    /// A point is not on its curve.
    NotOnCurve {
        /// Where.
        at: Place,
        /// Which point of the section.
        index: usize,
    },
    /// A point of G2 is outside the subgroup of order r.
    NotInSubgroup {
        /// Where.
        at: Place,
        /// Which point of the section.
        index: usize,
    },
    /// A point of the verifying key is the identity.
    Identity {
        /// Where.
        at: Place,
        /// Which point of the section.
        index: usize,
    },
    /// A coefficient is of another matrix than A (0) and B (1).
    Matrix {
        /// Which coefficient.
        index: usize,
    },
    /// A coefficient's row is outside the domain.
    Row {
        /// Which coefficient.
        index: usize,
    },
    /// A column is not below the number of variables.
    Column {
        /// Where.
        at: Place,
        /// Which coefficient, or which constraint.
        index: usize,
    },
    /// A contribution of the ceremony does not have its form.
    Contribution {
        /// Which, from 0.
        index: usize,
    },
    /// S3: a contribution added no secret: it left a delta that was there before, or its secret is 1 or -1.
    NoSecret {
        /// Which, from 0.
        index: usize,
    },
    /// The powers of tau are too few for the circuit.
    PtauTooSmall {
        /// The power of two that is needed.
        needed: u32,
        /// The one that is there.
        found: u32,
    },
    /// The assignment does not begin with the constant one.
    NotOne,
    /// The assignment has another number of values than the key has variables.
    WitnessLength {
        /// The key's.
        expected: usize,
        /// The assignment's.
        found: usize,
    },
}

impl fmt::Display for CircomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(kind) => write!(f, "cannot read: {kind}"),
            Self::Magic(file) => write!(f, "not a {file} file"),
            Self::Version { file, found } => write!(f, "{file} version {found}: {} is read", file.version()),
            Self::Truncated(file) => write!(f, "the {file} file ends within its table of sections"),
            Self::SectionTruncated(at) => write!(f, "{at} is longer than the file"),
            Self::UnknownSection(at) => write!(f, "{at}: no such section"),
            Self::DuplicateSection(at) => write!(f, "{at} occurs twice"),
            Self::MissingSection(at) => write!(f, "{at} is missing"),
            Self::TrailingBytes(file) => write!(f, "the {file} file has bytes after its last section"),
            Self::SectionLength { at, expected, found } => {
                write!(f, "{at} has {found} bytes where its counts say {expected}")
            }
            Self::Protocol(found) => write!(f, "the zkey is for protocol {found}, not for Groth16"),
            Self::Prime(at) => write!(f, "{at}: not a prime of BN254"),
            Self::Domain(found) => write!(f, "a domain of {found}: not a power of two up to 2^27"),
            Self::PublicInputs { at, public, variables } => {
                write!(f, "{at}: {public} public inputs among {variables} variables")
            }
            Self::NotCanonical { at, index } => write!(f, "{at}, element {index}: not below the prime"),
            Self::NotOnCurve { at, index } => write!(f, "{at}, point {index}: not on the curve"),
            Self::NotInSubgroup { at, index } => write!(f, "{at}, point {index}: outside the prime subgroup"),
            Self::Identity { at, index } => write!(f, "{at}, point {index}: the identity"),
            Self::Matrix { index } => write!(f, "zkey coefficient {index}: neither of A nor of B"),
            Self::Row { index } => write!(f, "zkey coefficient {index}: a row outside the domain"),
            Self::Column { at, index } => write!(f, "{at}, entry {index}: no such variable"),
            Self::Contribution { index } => write!(f, "zkey section 10 (contributions), {index}: not of its form"),
            Self::NoSecret { index } => write!(f, "S3: contribution {index} added no secret"),
            Self::PtauTooSmall { needed, found } => {
                write!(f, "powers of tau up to 2^{found} where the circuit needs 2^{needed}")
            }
            Self::NotOne => f.write_str("the witness does not begin with the constant one"),
            Self::WitnessLength { expected, found } => {
                write!(f, "the witness has {found} values, the key {expected} variables")
            }
        }
    }
}

impl std::error::Error for CircomError {}

impl From<io::Error> for CircomError {
    fn from(error: io::Error) -> Self {
        Self::Io(error.kind())
    }
}
