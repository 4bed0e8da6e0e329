//! A key as values.

use std::fmt;

use ark_bn254::{G1Affine, G2Affine};
use rayon::prelude::*;
use veilpay_verifier::KeyPoints;

use super::super::element::{Point, read_points};
use super::super::error::CircomError;
use super::coefficients::{self, Coefficient};
use super::{ZkeyHeader, ZkeyView, at};

/// A Groth16 proving key of snarkjs, all of it read: field elements are below their primes, points are on their curves,
/// indices within their bounds. Points of G2 outside the header have not been checked for the subgroup:
/// [`Zkey::check_subgroup`].
///
/// That the key belongs to a circuit, or its points to each other, is known to whoever made it or checked its
/// transcript. A key that was tampered with gives proofs that do not verify, and these could tell of the witness.
#[derive(Clone, PartialEq, Eq)]
pub struct Zkey {
    header: ZkeyHeader,
    ic: Vec<G1Affine>,
    a_coefficients: Vec<Coefficient>,
    b_coefficients: Vec<Coefficient>,
    a_query: Vec<G1Affine>,
    b_g1_query: Vec<G1Affine>,
    b_g2_query: Vec<G2Affine>,
    l_query: Vec<G1Affine>,
    h_query: Vec<G1Affine>,
}

impl fmt::Debug for Zkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Zkey").field("header", &self.header).finish_non_exhaustive()
    }
}

impl Zkey {
    /// Reads a file, in parallel on the current rayon pool.
    ///
    /// Memory is proportional to the file.
    ///
    /// # Errors
    /// As [`ZkeyView::new`] and [`Self::from_view`].
    pub fn read(bytes: &[u8]) -> Result<Self, CircomError> {
        Self::from_view(&ZkeyView::new(bytes)?)
    }

    /// Reads what the sections hold, in parallel on the current rayon pool.
    ///
    /// # Errors
    /// [`CircomError`] naming section and index of the first element of a section that is not below its prime, not on
    /// its curve, or outside the matrices.
    pub fn from_view(view: &ZkeyView<'_>) -> Result<Self, CircomError> {
        let [a_coefficients, b_coefficients] = coefficients::read(view)?;
        Ok(Self {
            header: view.header.clone(),
            ic: read_points(at(3), view.ic)?,
            a_coefficients,
            b_coefficients,
            a_query: read_points(at(5), view.a)?,
            b_g1_query: read_points(at(6), view.b_g1)?,
            b_g2_query: read_points(at(7), view.b_g2)?,
            l_query: read_points(at(8), view.l)?,
            h_query: read_points(at(9), view.h)?,
        })
    }

    /// Whether the points of B in G2 are in the subgroup of order r: about 50 microseconds
    /// of a core each, in parallel.
    ///
    /// # Errors
    /// [`CircomError::NotInSubgroup`] with the first that is not.
    pub fn check_subgroup(&self) -> Result<(), CircomError> {
        check_subgroup(&self.b_g2_query)
    }

    /// Whether an assignment has as many values as the key has variables.
    ///
    /// # Errors
    /// [`CircomError::WitnessLength`] if not.
    pub const fn check_length(&self, assignment: &[veilpay_protocol::field::Fr]) -> Result<(), CircomError> {
        let (expected, found) = (self.num_variables(), assignment.len());
        if expected == found { Ok(()) } else { Err(CircomError::WitnessLength { expected, found }) }
    }

    /// What the header says.
    #[must_use]
    pub const fn header(&self) -> &ZkeyHeader {
        &self.header
    }

    /// Variables, the one included: the length of an assignment.
    #[must_use]
    pub const fn num_variables(&self) -> usize {
        self.a_query.len()
    }

    /// Public inputs, circom's outputs included, the one not.
    #[must_use]
    pub const fn num_public(&self) -> usize {
        self.ic.len() - 1
    }

    /// Rows of the domain, a power of two.
    #[must_use]
    pub const fn domain_size(&self) -> usize {
        self.h_query.len()
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

    /// The entries of A, rows ascending.
    #[must_use]
    pub fn a_coefficients(&self) -> &[Coefficient] {
        &self.a_coefficients
    }

    /// The entries of B, rows ascending.
    #[must_use]
    pub fn b_coefficients(&self) -> &[Coefficient] {
        &self.b_coefficients
    }

    /// A in G1, for each variable.
    pub fn a_query(&self) -> &[G1Affine] {
        &self.a_query
    }

    /// B in G1, for each variable.
    pub fn b_g1_query(&self) -> &[G1Affine] {
        &self.b_g1_query
    }

    /// B in G2, for each variable.
    pub fn b_g2_query(&self) -> &[G2Affine] {
        &self.b_g2_query
    }

    /// L in G1, for each private variable.
    pub fn l_query(&self) -> &[G1Affine] {
        &self.l_query
    }

    /// The points of the quotient, for each row of the domain: the odd Lagrange polynomials of the domain of twice the
    /// size, at tau, over delta.
    pub fn h_query(&self) -> &[G1Affine] {
        &self.h_query
    }
}

/// Whether all points are in the subgroup.
pub(super) fn check_subgroup(points: &[G2Affine]) -> Result<(), CircomError> {
    match points.par_iter().position_first(|point| !point.in_subgroup()) {
        Some(index) => Err(CircomError::NotInSubgroup { at: at(7), index }),
        None => Ok(()),
    }
}
