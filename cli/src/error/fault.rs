//! What a key file that gives no key is to be blamed for: the exit status depends on it.

use veilpay_prover::KeyFileError;

/// Whose fault it is that a key file gives no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The file cannot be read or is damaged.
    File,
    /// The key in it breaks a rule of S1 or S3.
    Rule,
    /// Nothing is known against the file.
    Machine,
}

impl Fault {
    /// Whose fault it is.
    pub(crate) const fn of(error: &KeyFileError) -> Self {
        match error {
            KeyFileError::Matrices
            | KeyFileError::Point { .. }
            | KeyFileError::Subgroup { .. }
            | KeyFileError::Lengths
            | KeyFileError::Verifying(_)
            | KeyFileError::Unpaired
            | KeyFileError::Provenance
            | KeyFileError::Inconsistent
            | KeyFileError::NotOfTheseTaus(_) => Self::Rule,
            KeyFileError::Io(_)
            | KeyFileError::Format
            | KeyFileError::Length
            | KeyFileError::HeaderDigest
            | KeyFileError::SectionDigest(_)
            | KeyFileError::Circuit
            | KeyFileError::Section(_)
            | KeyFileError::Contradiction => Self::File,
            _ => Self::Machine,
        }
    }
}
