//! The matrices that a key was made for, kept with it: no constraint system is built at proving time.

use std::fmt;

use ark_ff::{AdditiveGroup, Field};
use ark_relations::gr1cs::Matrix;
use rayon::prelude::*;
use veilpay_circuits::CircuitMatrices;
use veilpay_protocol::field::Fr;

/// How large a constraint system is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Rows.
    pub num_constraints: usize,
    /// The constant one and the public inputs.
    pub num_instance: usize,
    /// Private wires.
    pub num_witness: usize,
    /// The evaluation domain of the quotient: a power of two that holds the rows and one more per public input and the
    /// one (these rows bind public inputs that occur in no constraint).
    pub domain_size: usize,
}

impl Shape {
    /// Of matrices with these counts; none when the domain is larger than any size.
    pub(crate) fn new(num_constraints: usize, num_instance: usize, num_witness: usize) -> Option<Self> {
        let domain_size = num_constraints.checked_add(num_instance)?.checked_next_power_of_two()?;
        num_instance.checked_add(num_witness)?;
        Some(Self { num_constraints, num_instance, num_witness, domain_size })
    }

    /// Columns: the length of an assignment.
    #[must_use]
    pub const fn num_variables(&self) -> usize {
        self.num_instance + self.num_witness
    }
}

/// An R1CS: for each row i, `<A_i, z> * <B_i, z> = <C_i, z>`, where `z` is the constant one, the public inputs, the
/// wires.
#[derive(Clone, PartialEq, Eq)]
pub struct R1cs {
    /// A, B and C; a row is a list of (coefficient, column).
    pub(crate) matrices: [Matrix<Fr>; 3],
    /// The constant one and the public inputs.
    pub(crate) num_instance: usize,
    /// Private wires.
    pub(crate) num_witness: usize,
}

impl fmt::Debug for R1cs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("R1cs")
            .field("num_constraints", &self.num_constraints())
            .field("num_instance", &self.num_instance)
            .field("num_witness", &self.num_witness)
            .finish_non_exhaustive()
    }
}

impl From<CircuitMatrices> for R1cs {
    fn from(circuit: CircuitMatrices) -> Self {
        let CircuitMatrices { a, b, c, num_instance, num_witness, .. } = circuit;
        Self { matrices: [a, b, c], num_instance, num_witness }
    }
}

impl R1cs {
    /// Rows.
    #[must_use]
    pub fn num_constraints(&self) -> usize {
        self.matrices[0].len()
    }

    /// The constant one and the public inputs.
    #[must_use]
    pub const fn num_instance(&self) -> usize {
        self.num_instance
    }

    /// Columns: the length of an assignment.
    #[must_use]
    pub const fn num_variables(&self) -> usize {
        self.num_instance + self.num_witness
    }

    /// A, B and C, as arkworks takes them.
    #[must_use]
    pub const fn matrices(&self) -> &[Matrix<Fr>; 3] {
        &self.matrices
    }

    /// The digest of the matrices ([`veilpay_circuits::matrices::digest`]); hashes all of them.
    #[must_use]
    pub fn digest(&self) -> [u8; 64] {
        veilpay_circuits::matrices::digest(self.matrices.each_ref(), self.num_instance, self.num_witness)
    }

    /// Its counts.
    ///
    /// # Panics
    /// When the domain is larger than any size, which lists of rows in memory cannot need.
    #[must_use]
    pub fn shape(&self) -> Shape {
        Shape::new(self.num_constraints(), self.num_instance, self.num_witness).expect("rows in memory are fewer")
    }

    /// The evaluation domain of the quotient, as [`Shape::domain_size`].
    #[must_use]
    pub fn domain_size(&self) -> usize {
        self.shape().domain_size
    }

    /// The first row that `assignment` does not satisfy; in parallel. An assignment of the wrong length, or whose first
    /// element is not one, satisfies no row.
    #[must_use]
    pub fn first_unsatisfied(&self, assignment: &[Fr]) -> Option<usize> {
        if assignment.len() != self.num_variables() || assignment[0] != Fr::ONE {
            return Some(0);
        }
        let product = |matrix: &Matrix<Fr>, row: usize| -> Fr {
            matrix[row].iter().map(|(coefficient, column)| *coefficient * assignment[*column]).sum()
        };
        let [a, b, c] = &self.matrices;
        (0..self.num_constraints())
            .into_par_iter()
            .with_min_len(512)
            .find_first(|row| product(a, *row) * product(b, *row) - product(c, *row) != Fr::ZERO)
    }
}
