//! From a `.zkey` of a ceremony over one of our circuits to a key of ours.
//!
//! A `.zkey` has the matrices A and B, which are compared entry by entry with the circuit's, and not C; and its points need
//! not be those of its matrices. Honest proofs that verify do not show that they are: a key of a circuit with a row less,
//! one that is always satisfied, verifies them too. So every point is compared with what the powers of tau make it
//! ([`CircuitKey::check_taus`]), and there is no import without them.

use std::collections::BTreeMap;
use std::fmt;

use ark_bn254::G2Affine;
use ark_ec::AffineRepr;
use ark_ff::AdditiveGroup;
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::Fr;
use veilpay_verifier::{KeyInfo, Setup};

use super::provenance::Provenance;
use super::{CircuitKey, KeyFileError};
use crate::circom::{Ceremony, CircomError, Ptau, Zkey, ZkeyFile};
use crate::r1cs::R1cs;

/// How large a circuit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Public inputs, the constant one not among them.
    pub public_inputs: usize,
    /// Wires, the constant one among them.
    pub wires: usize,
    /// Rows of the domain, a power of two.
    pub domain: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { public_inputs, wires, domain } = self;
        write!(f, "{public_inputs} public inputs, {wires} wires and a domain of 2^{}", domain.trailing_zeros())
    }
}

/// Why a `.zkey` does not become a key of a circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImportError {
    /// The file is refused.
    Circom(CircomError),
    /// The key is refused (S1).
    Key(KeyFileError),
    /// S1: the key is for another circuit, one with other counts.
    Shape {
        /// The key's.
        found: Counts,
        /// The circuit's.
        expected: Counts,
    },
    /// S1: the key's matrix A (0) or B (1) differs from the circuit's.
    Matrix {
        /// Which.
        matrix: usize,
        /// The first row that differs.
        row: usize,
    },
    /// gamma is not the generator, as it is in every key of snarkjs.
    Gamma,
    /// S3: the key has no contribution: no second phase took place.
    NoContribution,
    /// S3: delta is not what the last contribution left.
    LastContribution,
    /// S3: more contributions, or longer notes, than a record holds.
    Record,
    /// The powers of tau are refused.
    Ptau(CircomError),
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Circom(error) => error.fmt(f),
            Self::Key(error) => error.fmt(f),
            Self::Shape { found, expected } => {
                write!(f, "S1: the zkey is for another circuit, of {found}: this one has {expected}")
            }
            Self::Matrix { matrix, row } => {
                let name = if *matrix == 0 { "A" } else { "B" };
                write!(f, "S1: row {row} of {name} in the zkey is not the circuit's")
            }
            Self::Gamma => f.write_str("S1: gamma is not the generator of G2"),
            Self::NoContribution => f.write_str("S3: the zkey has no contribution: no second phase took place"),
            Self::LastContribution => f.write_str("S3: delta is not what the last contribution left"),
            Self::Record => f.write_str("S3: the ceremony's record is too long"),
            Self::Ptau(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ImportError {}

impl From<CircomError> for ImportError {
    fn from(error: CircomError) -> Self {
        Self::Circom(error)
    }
}

impl From<KeyFileError> for ImportError {
    fn from(error: KeyFileError) -> Self {
        Self::Key(error)
    }
}

/// A row, by column; entries of one place added up, zeros left out.
fn row(entries: impl Iterator<Item = (Fr, usize)>) -> BTreeMap<usize, Fr> {
    let mut out = BTreeMap::new();
    for (value, column) in entries {
        *out.entry(column).or_insert(Fr::ZERO) += value;
    }
    out.retain(|_, value| *value != Fr::ZERO);
    out
}

/// Whether the key's A and B are the circuit's, with the rows that bind public inputs.
fn check_matrices(zkey: &Zkey, r1cs: &R1cs) -> Result<(), ImportError> {
    let (constraints, instance) = (r1cs.num_constraints(), r1cs.num_instance());
    for (matrix, entries) in [zkey.a_coefficients(), zkey.b_coefficients()].into_iter().enumerate() {
        let mut rest = entries;
        for number in 0..r1cs.domain_size() {
            let end = rest.partition_point(|entry| entry.row as usize <= number);
            let (own, tail) = rest.split_at(end);
            rest = tail;
            let found = row(own.iter().map(|entry| (entry.value, entry.column as usize)));
            let expected = match number.checked_sub(constraints) {
                None => row(r1cs.matrices()[matrix][number].iter().copied()),
                Some(input) if matrix == 0 && input < instance => row(std::iter::once((Fr::from(1_u64), input))),
                Some(_) => BTreeMap::new(),
            };
            if found != expected {
                return Err(ImportError::Matrix { matrix, row: number });
            }
        }
        if let Some(entry) = rest.first() {
            return Err(ImportError::Matrix { matrix, row: entry.row as usize });
        }
    }
    Ok(())
}

/// The record of a ceremony whose last contribution left the key's delta.
fn record(zkey: &ZkeyFile, notes: &str) -> Result<Provenance, ImportError> {
    let Some(Ceremony { circuit_hash, contributions, delta: Some(delta) }) = zkey.ceremony()? else {
        return Err(ImportError::NoContribution);
    };
    if delta != zkey.header().delta_g1 {
        return Err(ImportError::LastContribution);
    }
    Provenance::new(circuit_hash, contributions, notes.to_owned()).ok_or(ImportError::Record)
}

/// Makes a key of `circuit`, marked a ceremony's, of a `.zkey` that came out of a second phase over its exported `.r1cs`.
///
/// Checked are S1 (as for any key), that the matrices are the circuit's, all that [`CircuitKey::check`] finds, that honest
/// proofs verify, that delta is the last contribution's, and that each point is what the powers of tau make it. That each
/// contribution was made as it should be is checked by `snarkjs zkey verify`.
///
/// # Errors
/// [`ImportError`] naming the first rule that is broken.
pub fn import(circuit: CircuitId, zkey: &ZkeyFile, ptau: &Ptau, notes: &str) -> Result<CircuitKey, ImportError> {
    let matrices = veilpay_circuits::matrices(circuit).map_err(|_| KeyFileError::Synthesis)?;
    let info =
        KeyInfo { circuit, version: circuit.version(), setup: Setup::Ceremony, matrix_digest: matrices.digest() };
    let r1cs = R1cs::from(matrices);
    let found = Counts { public_inputs: zkey.num_public(), wires: zkey.num_variables(), domain: zkey.domain_size() };
    let expected =
        Counts { public_inputs: circuit.public_inputs(), wires: r1cs.num_variables(), domain: r1cs.domain_size() };
    if found != expected {
        return Err(ImportError::Shape { found, expected });
    }
    zkey.verifying_points().check().map_err(KeyFileError::Verifying)?;
    if zkey.header().gamma_g2 != G2Affine::generator() {
        return Err(ImportError::Gamma);
    }
    let (needed, powers) = (r1cs.domain_size().trailing_zeros(), ptau.power());
    if needed > powers {
        return Err(ImportError::Ptau(CircomError::PtauTooSmall { needed, found: powers }));
    }
    check_matrices(&zkey.values()?, &r1cs)?;
    let provenance = record(zkey, notes)?;
    let key = CircuitKey::with_provenance(info, &zkey.proving_key()?, &r1cs, Some(&provenance))?;
    key.check()?;
    key.check_proofs()?;
    key.check_taus(ptau)?;
    Ok(key)
}
