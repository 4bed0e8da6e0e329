//! A key's file that stays open: its header is read, its sections when they are needed.

use std::borrow::Cow;
use std::fmt;
use std::fs;
use std::ops::Range;

use ark_bn254::{Bn254, G1Affine};
use ark_groth16::{ProvingKey, VerifyingKey};
use veilpay_kernels::PackedError;
use veilpay_protocol::field::Fr;
use veilpay_verifier::KeyPoints;

use super::super::element::{Point, read_points};
use super::super::error::{CircomError, File};
use super::coefficients::{ENTRY_BYTES, Entries};
use super::contributions::{self, Ceremony};
use super::{Layout, Sections, Zkey, ZkeyHeader, ZkeyView, at, key};
use crate::engine::ProveError;
use crate::groth16::{Queries, Query};
use crate::r1cs::Shape;
use crate::source::Source;

/// Entries of matrices that are read together.
const CHUNK: u64 = 1 << 14;

/// A Groth16 proving key of snarkjs in its file. Sections are as long as the header says; what they hold is checked when
/// it is read, each time.
///
/// That the key belongs to a circuit, or its points to each other, is known to whoever made it or checked its
/// transcript. A key that was tampered with gives proofs that do not verify, and these could tell of the witness.
pub struct ZkeyFile {
    source: Source,
    header: ZkeyHeader,
    sections: Sections,
    ic: Vec<G1Affine>,
}

impl fmt::Debug for ZkeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZkeyFile").field("header", &self.header).finish_non_exhaustive()
    }
}

impl ZkeyFile {
    /// Reads the header and the points of the public inputs of a file, which stays open.
    ///
    /// # Errors
    /// [`CircomError::Io`], as [`ZkeyView::new`], and for a wrong point of a public input.
    pub fn open(file: fs::File) -> Result<Self, CircomError> {
        Self::of(Source::open(file, &File::Zkey.magic())?)
    }

    /// As [`Self::open`], of a file in memory.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, CircomError> {
        Self::of(bytes.into())
    }

    fn of(source: Source) -> Result<Self, CircomError> {
        let Layout { header, sections } = Layout::read(source.length(), |range| source.read(range))?;
        let ic = read_points(at(3), &source.read(sections.ic.clone())?)?;
        Ok(Self { source, header, sections, ic })
    }

    /// What the header says.
    #[must_use]
    pub const fn header(&self) -> &ZkeyHeader {
        &self.header
    }

    /// Variables, the one included: the length of an assignment.
    #[must_use]
    pub const fn num_variables(&self) -> usize {
        self.header.num_variables as usize
    }

    /// Public inputs, circom's outputs included, the one not.
    #[must_use]
    pub const fn num_public(&self) -> usize {
        self.header.num_public as usize
    }

    /// Rows of the domain, a power of two.
    #[must_use]
    pub const fn domain_size(&self) -> usize {
        self.header.domain_size as usize
    }

    /// Whether an assignment has as many values as the key has variables.
    ///
    /// # Errors
    /// [`CircomError::WitnessLength`] if not.
    pub const fn check_length(&self, assignment: &[Fr]) -> Result<(), CircomError> {
        let (expected, found) = (self.num_variables(), assignment.len());
        if expected == found { Ok(()) } else { Err(CircomError::WitnessLength { expected, found }) }
    }

    /// The points of the verifying key.
    #[must_use]
    pub fn verifying_points(&self) -> KeyPoints {
        KeyPoints {
            alpha: self.header.alpha_g1,
            beta: self.header.beta_g2,
            gamma: self.header.gamma_g2,
            delta: self.header.delta_g2,
            ic: self.ic.clone(),
        }
    }

    /// All of it as values: read now, in parallel on the current rayon pool, and the file in memory for that time.
    ///
    /// # Errors
    /// [`CircomError::Io`], and as [`Zkey::read`].
    pub fn values(&self) -> Result<Zkey, CircomError> {
        Zkey::from_view(&ZkeyView::new(&self.source.read(0..self.source.length())?)?)
    }

    /// Whether the points of B in G2 are in the subgroup of order r, as [`Zkey::check_subgroup`].
    ///
    /// # Errors
    /// [`CircomError::NotInSubgroup`] with the first that is not, and what a reading may meet.
    pub fn check_subgroup(&self) -> Result<(), CircomError> {
        key::check_subgroup(&self.points(Query::B2)?)
    }

    /// What the key says of its ceremony; nothing when it has no such section.
    ///
    /// # Errors
    /// [`CircomError::Io`], and for a contribution that does not have its form.
    pub fn ceremony(&self) -> Result<Option<Ceremony>, CircomError> {
        let range = self.sections.contributions.clone();
        range.map(|range| contributions::read(&self.source.read(range)?)).transpose()
    }

    /// The proving key as arkworks has it, one section after the other.
    pub(crate) fn proving_key(&self) -> Result<ProvingKey<Bn254>, CircomError> {
        let KeyPoints { alpha, beta, gamma, delta, ic } = self.verifying_points();
        Ok(ProvingKey {
            vk: VerifyingKey { alpha_g1: alpha, beta_g2: beta, gamma_g2: gamma, delta_g2: delta, gamma_abc_g1: ic },
            beta_g1: self.header.beta_g1,
            delta_g1: self.header.delta_g1,
            a_query: self.points(Query::A)?,
            b_g1_query: self.points(Query::B1)?,
            b_g2_query: self.points(Query::B2)?,
            h_query: self.points(Query::H)?,
            l_query: self.points(Query::L)?,
        })
    }

    fn points<P: Point>(&self, query: Query) -> Result<Vec<P>, CircomError> {
        let (section, range) = self.section(query);
        read_points(at(section), &self.source.read(range)?)
    }

    fn section(&self, query: Query) -> (u32, Range<u64>) {
        let (section, range) = match query {
            Query::A => (5, &self.sections.a),
            Query::B1 => (6, &self.sections.b_g1),
            Query::B2 => (7, &self.sections.b_g2),
            Query::L => (8, &self.sections.l),
            Query::H => (9, &self.sections.h),
        };
        (section, range.clone())
    }

    /// The entries of A and B.
    pub(crate) fn entries(&self) -> Result<Entries, CircomError> {
        Entries::read(&self.header, |each| {
            let (range, step) = (self.sections.coefficients.clone(), CHUNK * ENTRY_BYTES as u64);
            let mut first = 0;
            for start in (range.start..range.end).step_by(step as usize) {
                let bytes = self.source.read(start..range.end.min(start + step))?;
                let (entries, _) = bytes.as_chunks();
                each(first, entries)?;
                first += entries.len();
            }
            Ok(())
        })
    }

    /// How large the system is: all rows of its domain, of which those that bind public inputs are some.
    pub(crate) const fn shape(&self) -> Shape {
        let (instance, domain_size) = (self.num_public() + 1, self.domain_size());
        let num_witness = self.num_variables() - instance;
        Shape { num_constraints: domain_size, num_instance: instance, num_witness, domain_size }
    }
}

impl Queries for ZkeyFile {
    type Error = ProveError;

    fn packed(&self, query: Query) -> Result<Cow<'_, [u8]>, ProveError> {
        let (_, range) = self.section(query);
        self.source.read(range).map_err(|error| ProveError::Circom(error.into()))
    }

    fn refused(&self, query: Query, error: PackedError) -> ProveError {
        let (at, index) = (at(self.section(query).0), error.index());
        ProveError::Circom(match error {
            PackedError::NotOnCurve { .. } => CircomError::NotOnCurve { at, index },
            _ => CircomError::NotCanonical { at, index },
        })
    }
}
