//! `.ptau`: prepared powers of tau of snarkjs over BN254, version 1, as far as keys follow from them.
//!
//! | section | content |
//! |---|---|
//! | 1 | u32 32, q; u32 each: power, power of the ceremony |
//! | 2, 3 | tau^i in G1 (2^(power + 1) - 1 of them), in G2 (2^power) |
//! | 4, 5, 6 | alpha tau^i and beta tau^i in G1 (2^power each), beta in G2 |
//! | 7 | contributions; not read here |
//! | 12 | for each p from 0 to power + 1 the 2^p Lagrange polynomials of that domain at tau, in G1 |
//! | 13, 14, 15 | the same in G2, times alpha in G1, times beta in G1, for p up to power |
//!
//! Points are as in a [`zkey`](super::zkey). The last polynomials of section 12 are taken without their highest power,
//! tau^(2^(power + 1) - 1), which the file does not have and no key needs. That a file is what a ceremony made is shown
//! by `snarkjs powersoftau verify`, not here.

use std::borrow::Cow;
use std::fmt;
use std::fs;
use std::ops::Range;

use ark_bn254::{Fq, G1Affine, G2Affine};
use ark_ec::AffineRepr;

use super::container::{Bytes, Table, exact};
use super::element::{ELEMENT_BYTES, Element, Point, read_points};
use super::error::{CircomError, File, Place};
use crate::source::Source;

const HEADER_BYTES: u64 = 4 + ELEMENT_BYTES as u64 + 2 * 4;
/// A circuit's domain is at most 2^27, and has one of twice its size.
const MAX_POWER: u32 = 28;

/// Prepared powers of tau in their file, of which parts are read when they are needed.
pub struct Ptau {
    source: Source,
    power: u32,
    sections: [Range<u64>; 7],
}

impl fmt::Debug for Ptau {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ptau").field("power", &self.power).finish_non_exhaustive()
    }
}

/// The Lagrange polynomials of one domain at tau.
#[derive(Clone, Debug)]
pub(crate) struct Lagrange {
    pub(crate) g1: Vec<G1Affine>,
    pub(crate) g2: Vec<G2Affine>,
    pub(crate) alpha: Vec<G1Affine>,
    pub(crate) beta: Vec<G1Affine>,
    /// In G1, those of the domain of twice the size with odd numbers.
    pub(crate) odd: Vec<G1Affine>,
}

const fn at(section: u32) -> Place {
    Place { file: File::Ptau, section }
}

impl Ptau {
    /// Reads the header and the lengths of the sections.
    ///
    /// # Errors
    /// [`CircomError`] for another kind of file or curve, for a section that is missing, as all that
    /// `powersoftau prepare phase2` adds are in a file that was not prepared, or not as long as the header says.
    pub fn open(file: fs::File) -> Result<Self, CircomError> {
        Self::of(Source::open(file, &File::Ptau.magic())?)
    }

    /// As [`Self::open`], of a file in memory.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, CircomError> {
        Self::of(bytes.into())
    }

    fn of(source: Source) -> Result<Self, CircomError> {
        let read = |range| -> std::io::Result<Cow<'_, [u8]>> { source.read(range) };
        let table = Table::read(File::Ptau, source.length(), read)?;
        let (place, range) = table.section(1)?;
        let header = source.read(range.start..range.end.min(range.start + HEADER_BYTES))?;
        let mut rest = Bytes(&header);
        super::read_prime(&mut rest, Fq::prime()).ok_or(CircomError::Prime(place))?;
        exact(place, range.end - range.start, HEADER_BYTES)?;
        let power = rest.u32().unwrap_or_default();
        if power > MAX_POWER {
            return Err(CircomError::Domain(power));
        }
        let (n, g1, g2) = (1_u64 << power, G1Affine::BYTES as u64, G2Affine::BYTES as u64);
        let sections = [
            table.elements(4, n, g1)?,
            table.elements(5, n, g1)?,
            table.elements(6, 1, g2)?,
            table.elements(12, 4 * n - 1, g1)?,
            table.elements(13, 2 * n - 1, g2)?,
            table.elements(14, 2 * n - 1, g1)?,
            table.elements(15, 2 * n - 1, g1)?,
        ];
        Ok(Self { source, power, sections })
    }

    /// Domains up to 2 to this power.
    #[must_use]
    pub const fn power(&self) -> u32 {
        self.power
    }

    /// `count` points of a section from the `first` on.
    fn points<P: Point>(&self, section: u32, first: u64, count: u64) -> Result<Vec<P>, CircomError> {
        let place = if section < 7 { section - 4 } else { section - 9 };
        let start = self.sections[place as usize].start + first * P::BYTES as u64;
        read_points(at(section), &self.source.read(start..start + count * P::BYTES as u64)?)
    }

    /// As [`Self::points`], none of them the identity: a Lagrange polynomial is zero where tau is a root of unity, and then
    /// everybody knows tau.
    fn nonzero<P: Point>(&self, section: u32, first: u64, count: u64) -> Result<Vec<P>, CircomError> {
        let points: Vec<P> = self.points(section, first, count)?;
        match points.iter().position(AffineRepr::is_zero) {
            Some(index) => Err(CircomError::Identity { at: at(section), index }),
            None => Ok(points),
        }
    }

    /// alpha and beta in G1, beta in G2.
    pub(crate) fn secrets(&self) -> Result<(G1Affine, G1Affine, G2Affine), CircomError> {
        let first = |section| self.points::<G1Affine>(section, 0, 1).map(|points| points[0]);
        Ok((first(4)?, first(5)?, self.points(6, 0, 1)?[0]))
    }

    /// Those of the domain of 2^`power`.
    ///
    /// # Errors
    /// [`CircomError::PtauTooSmall`], [`CircomError::Io`], and for a point that is not on its curve or the identity.
    pub(crate) fn lagrange(&self, power: u32) -> Result<Lagrange, CircomError> {
        if power > self.power {
            return Err(CircomError::PtauTooSmall { needed: power, found: self.power });
        }
        let n = 1_u64 << power;
        let double: Vec<G1Affine> = self.nonzero(12, 2 * n - 1, 2 * n)?;
        Ok(Lagrange {
            g1: self.nonzero(12, n - 1, n)?,
            g2: self.nonzero(13, n - 1, n)?,
            alpha: self.nonzero(14, n - 1, n)?,
            beta: self.nonzero(15, n - 1, n)?,
            odd: double.into_iter().skip(1).step_by(2).collect(),
        })
    }
}
