//! `.zkey`: a Groth16 proving key of snarkjs over BN254, version 1.
//!
//! | section | content |
//! |---|---|
//! | 1 | protocol, u32: 1 for Groth16 |
//! | 2 | u32 32, q, u32 32, r, then u32 each: variables, public inputs, domain size; then alpha in G1, beta in G1 and G2, gamma in G2, delta in G1 and G2 |
//! | 3 | IC: one point of G1 for the one and for each public input |
//! | 4 | u32 number of coefficients; for each u32 matrix (0 A, 1 B), u32 row, u32 column, the value times `R^2` |
//! | 5, 6, 7 | for each variable A in G1, B in G1, B in G2 |
//! | 8 | for each private variable L in G1 (snarkjs calls it C) |
//! | 9 | for each i below the domain size n, `l_(2i+1)(tau) / delta` in G1, where `l_j` are the Lagrange polynomials of the domain of 2n |
//! | 10 | contributions of the ceremony; may be missing; read when asked for ([`Ceremony`]) |
//!
//! Variables are the one, the public inputs (outputs first), the private ones. Rows of A from the number of constraints
//! on bind the public inputs, as arkworks has them too. There is no matrix C: a satisfying assignment has `C_i = A_i B_i`
//! in each row, so that the prover's quotient needs only A and B.
//!
//! A coordinate is the Montgomery form `xR`, `R = 2^256`, in 32 bytes little-endian and below q; a point of G1 is x, y,
//! one of G2 is x.c0, x.c1, y.c0, y.c1; the identity is all zeros. A coefficient is `xR^2`, 32 bytes below r. The
//! format has no other description than the program that defines it,
//! <https://github.com/iden3/snarkjs/blob/master/src/zkey_utils.js>.

mod coefficients;
mod contributions;
mod file;
mod key;

use std::borrow::Cow;
use std::ops::Range;
use std::{fmt, io};

use ark_bn254::{Fq, G1Affine, G2Affine};
use veilpay_protocol::field::Fr;

use super::container::{Bytes, Table, exact, part};
use super::element::{ELEMENT_BYTES, Element, Point};
use super::error::{CircomError, File, Place};

pub use coefficients::Coefficient;
pub(crate) use coefficients::Entries;
pub use contributions::Ceremony;
pub use file::ZkeyFile;
pub use key::Zkey;

/// The number of Groth16 in section 1.
pub(crate) const GROTH16: u32 = 1;
/// A quotient is evaluated on a coset within the domain of twice the size, and r - 1 is divisible by 2^28 and no more.
const MAX_DOMAIN: u32 = 1 << 27;
/// The contributions' section begins with a digest and their number.
const MIN_CONTRIBUTIONS: u64 = 64 + 4;

/// What a key's header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZkeyHeader {
    /// Variables, the one included: the length of an assignment.
    pub num_variables: u32,
    /// Public inputs, circom's outputs included, the one not.
    pub num_public: u32,
    /// Rows of the domain, a power of two.
    pub domain_size: u32,
    /// alpha in G1.
    pub alpha_g1: G1Affine,
    /// beta in G1.
    pub beta_g1: G1Affine,
    /// beta in G2.
    pub beta_g2: G2Affine,
    /// gamma in G2.
    pub gamma_g2: G2Affine,
    /// delta in G1.
    pub delta_g1: G1Affine,
    /// delta in G2.
    pub delta_g2: G2Affine,
}

/// A key's file, split into sections whose lengths fit the header. Nothing is copied; what the sections hold has not
/// been read, the header has.
#[derive(Clone)]
pub struct ZkeyView<'a> {
    /// The header; its points are in their groups, and none is the identity.
    pub header: ZkeyHeader,
    /// Section 3.
    pub ic: &'a [u8],
    /// Section 4 without its number: 44 bytes each.
    pub coefficients: &'a [u8],
    /// Section 5.
    pub a: &'a [u8],
    /// Section 6.
    pub b_g1: &'a [u8],
    /// Section 7.
    pub b_g2: &'a [u8],
    /// Section 8.
    pub l: &'a [u8],
    /// Section 9.
    pub h: &'a [u8],
    /// Section 10.
    pub contributions: Option<&'a [u8]>,
}

impl fmt::Debug for ZkeyView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZkeyView").field("header", &self.header).finish_non_exhaustive()
    }
}

impl<'a> ZkeyView<'a> {
    /// Reads the header and the lengths of all sections; takes no time that grows with the file.
    ///
    /// # Errors
    /// [`CircomError`] for another kind of file, protocol or curve, for sections that are missing, doubled, unknown or not
    /// as long as the header says, for impossible counts, and for a point of the header that is not in its group.
    pub fn new(bytes: &'a [u8]) -> Result<Self, CircomError> {
        let Layout { header, sections } = Layout::read(bytes.len() as u64, |range| Ok(part(bytes, range).into()))?;
        let of = |range: Range<u64>| part(bytes, range);
        Ok(Self {
            header,
            ic: of(sections.ic),
            coefficients: of(sections.coefficients),
            a: of(sections.a),
            b_g1: of(sections.b_g1),
            b_g2: of(sections.b_g2),
            l: of(sections.l),
            h: of(sections.h),
            contributions: sections.contributions.map(of),
        })
    }
}

/// Where the sections are whose lengths follow from the header.
#[derive(Clone, Debug)]
struct Sections {
    ic: Range<u64>,
    /// Without their number.
    coefficients: Range<u64>,
    a: Range<u64>,
    b_g1: Range<u64>,
    b_g2: Range<u64>,
    l: Range<u64>,
    h: Range<u64>,
    contributions: Option<Range<u64>>,
}

/// A key's header, and sections that are as long as it says.
struct Layout {
    header: ZkeyHeader,
    sections: Sections,
}

impl Layout {
    /// Of a file of `length` bytes, of which `read` reads a range.
    fn read<'a>(length: u64, read: impl Fn(Range<u64>) -> io::Result<Cow<'a, [u8]>>) -> Result<Self, CircomError> {
        let table = Table::read(File::Zkey, length, &read)?;
        let (at, protocol) = table.section(1)?;
        exact(at, protocol.end - protocol.start, 4)?;
        let protocol = Bytes(&read(protocol)?).u32();
        if protocol != Some(GROTH16) {
            return Err(CircomError::Protocol(protocol.unwrap_or_default()));
        }
        let (at, range) = table.section(2)?;
        let start = range.start..range.end.min(range.start + HEADER_BYTES as u64);
        let header = header(at, &read(start)?, range.end - range.start)?;
        let (variables, public) = (u64::from(header.num_variables), u64::from(header.num_public));
        let (g1, g2) = (G1Affine::BYTES as u64, G2Affine::BYTES as u64);
        let sections = Sections {
            ic: table.elements(3, public + 1, g1)?,
            coefficients: coefficients::section(&table, read)?,
            a: table.elements(5, variables, g1)?,
            b_g1: table.elements(6, variables, g1)?,
            b_g2: table.elements(7, variables, g2)?,
            l: table.elements(8, variables - public - 1, g1)?,
            h: table.elements(9, u64::from(header.domain_size), g1)?,
            contributions: contributions(&table)?,
        };
        Ok(Self { header, sections })
    }
}

fn contributions(table: &Table) -> Result<Option<Range<u64>>, CircomError> {
    let found = table.find(10);
    match &found {
        Some(range) if range.end - range.start < MIN_CONTRIBUTIONS => {
            exact(at(10), range.end - range.start, MIN_CONTRIBUTIONS)?;
        }
        _ => {}
    }
    Ok(found)
}

/// A section of this kind of file.
const fn at(section: u32) -> Place {
    Place { file: File::Zkey, section }
}

/// Two primes with their widths, three counts, three points of each group.
const HEADER_BYTES: usize = 2 * (4 + ELEMENT_BYTES) + 3 * 4 + 3 * (2 + 4) * ELEMENT_BYTES;

/// Of the header's section the first bytes, and how long it is.
fn header(at: Place, bytes: &[u8], length: u64) -> Result<ZkeyHeader, CircomError> {
    let mut rest = Bytes(bytes);
    // The primes come first: a key for another curve has another length, and is to be called by its name.
    for prime in [Fq::prime(), Fr::prime()] {
        super::read_prime(&mut rest, prime).ok_or(CircomError::Prime(at))?;
    }
    exact(at, length, HEADER_BYTES as u64)?;
    let mut count = || rest.u32().unwrap_or_default();
    let (num_variables, num_public, domain_size) = (count(), count(), count());
    if num_public >= num_variables {
        return Err(CircomError::PublicInputs { at, public: num_public.into(), variables: num_variables });
    }
    if !domain_size.is_power_of_two() || domain_size > MAX_DOMAIN {
        return Err(CircomError::Domain(domain_size));
    }
    let mut points = Points { at, rest, index: 0 };
    Ok(ZkeyHeader {
        num_variables,
        num_public,
        domain_size,
        alpha_g1: points.next()?,
        beta_g1: points.next()?,
        beta_g2: points.next()?,
        gamma_g2: points.next()?,
        delta_g1: points.next()?,
        delta_g2: points.next()?,
    })
}

/// The header's points, one after the other.
struct Points<'a> {
    at: Place,
    rest: Bytes<'a>,
    index: usize,
}

impl Points<'_> {
    fn next<P: Point>(&mut self) -> Result<P, CircomError> {
        let (at, index) = (self.at, self.index);
        self.index += 1;
        let bytes = self.rest.take(P::BYTES).unwrap_or_default();
        let point = P::read(bytes).map_err(|refused| refused.at(at, index))?;
        if point.is_zero() {
            Err(CircomError::Identity { at, index })
        } else if point.in_subgroup() {
            Ok(point)
        } else {
            Err(CircomError::NotInSubgroup { at, index })
        }
    }
}
