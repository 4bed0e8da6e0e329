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
//! | 10 | contributions of the ceremony; may be missing; not read here |
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
mod key;

use std::fmt;

use ark_bn254::{Fq, G1Affine, G2Affine};
use veilpay_protocol::field::Fr;

use super::container::{Bytes, Container, exact};
use super::element::{ELEMENT_BYTES, Element, Point};
use super::error::{CircomError, File, Place};

pub use coefficients::Coefficient;
pub use key::Zkey;

/// The number of Groth16 in section 1.
pub(crate) const GROTH16: u32 = 1;
/// A quotient is evaluated on a coset within the domain of twice the size, and r - 1 is divisible by 2^28 and no more.
const MAX_DOMAIN: u32 = 1 << 27;
/// The contributions' section begins with a digest and their number.
const MIN_CONTRIBUTIONS: usize = 64 + 4;

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
        let container = Container::read(File::Zkey, bytes)?;
        let (at, protocol) = container.section(1)?;
        let protocol = Bytes(exact(at, protocol, 4)?).u32();
        if protocol != Some(GROTH16) {
            return Err(CircomError::Protocol(protocol.unwrap_or_default()));
        }
        let header = header(&container)?;
        let (variables, public) = (u64::from(header.num_variables), u64::from(header.num_public));
        let (g1, g2) = (G1Affine::BYTES as u64, G2Affine::BYTES as u64);
        Ok(Self {
            ic: container.elements(3, public + 1, g1)?,
            coefficients: coefficients::section(&container)?,
            a: container.elements(5, variables, g1)?,
            b_g1: container.elements(6, variables, g1)?,
            b_g2: container.elements(7, variables, g2)?,
            l: container.elements(8, variables - public - 1, g1)?,
            h: container.elements(9, u64::from(header.domain_size), g1)?,
            contributions: contributions(&container)?,
            header,
        })
    }
}

fn contributions<'a>(container: &Container<'a>) -> Result<Option<&'a [u8]>, CircomError> {
    match container.find(10) {
        Some(bytes) if bytes.len() < MIN_CONTRIBUTIONS => exact(at(10), bytes, MIN_CONTRIBUTIONS as u64).map(Some),
        found => Ok(found),
    }
}

/// A section of this kind of file.
const fn at(section: u32) -> Place {
    Place { file: File::Zkey, section }
}

fn header(container: &Container<'_>) -> Result<ZkeyHeader, CircomError> {
    /// Two primes with their widths, three counts, three points of each group.
    const BYTES: usize = 2 * (4 + ELEMENT_BYTES) + 3 * 4 + 3 * (2 + 4) * ELEMENT_BYTES;
    let (at, bytes) = container.section(2)?;
    let mut rest = Bytes(bytes);
    // The primes come first: a key for another curve has another length, and is to be called by its name.
    for prime in [Fq::prime(), Fr::prime()] {
        super::read_prime(&mut rest, prime).ok_or(CircomError::Prime(at))?;
    }
    exact(at, bytes, BYTES as u64)?;
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
