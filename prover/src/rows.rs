//! The rows of a constraint system times an assignment: where the quotient begins.

use ark_ff::{AdditiveGroup, Field};
use veilpay_kernels::{Backend, SparseError, SparseMatrix, evaluate};
use veilpay_protocol::field::Fr;
use zeroize::Zeroizing;

use crate::circom::Entries;
use crate::r1cs::Shape;

/// The products of the rows of A and B with an assignment, those that bind public inputs after the constraints. Secret.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) a: Zeroizing<Vec<Fr>>,
    pub(crate) b: Zeroizing<Vec<Fr>>,
}

fn zeros(count: usize) -> Zeroizing<Vec<Fr>> {
    Zeroizing::new(vec![Fr::ZERO; count])
}

/// A, B and C, compressed for the kernels.
#[derive(Debug)]
pub(crate) struct Matrices {
    matrices: [SparseMatrix; 3],
    pub(crate) shape: Shape,
}

impl Matrices {
    /// Matrices of this shape.
    pub(crate) const fn new(shape: Shape, matrices: [SparseMatrix; 3]) -> Self {
        Self { matrices, shape }
    }

    /// The rows for `assignment`; behind the constraints A has the one and the public inputs themselves, and B nothing.
    ///
    /// # Errors
    /// The first constraint that `assignment` does not satisfy; an assignment of the wrong length, or whose first
    /// element is not one, satisfies none.
    pub(crate) fn rows(&self, backend: Backend, assignment: &[Fr]) -> Result<Rows, usize> {
        if assignment.len() != self.shape.num_variables() || assignment[0] != Fr::ONE {
            return Err(0);
        }
        let [a, b, c] = &self.matrices;
        let (constraints, instance) = (a.rows(), self.shape.num_instance);
        let (mut row_a, mut row_b, mut row_c) = (zeros(constraints + instance), zeros(constraints), zeros(constraints));
        evaluate(backend, [a, b, c], assignment, [&mut row_a[..constraints], &mut row_b, &mut row_c])
            .map_err(|unsatisfied| unsatisfied.row)?;
        row_a[constraints..].copy_from_slice(&assignment[..instance]);
        Ok(Rows { a: row_a, b: row_b })
    }
}

/// A and B of a key of snarkjs, which hold the rows that bind public inputs.
#[derive(Debug)]
pub(crate) struct Pair([SparseMatrix; 2]);

impl Pair {
    /// Those of a key, all rows of its domain.
    pub(crate) fn new(entries: &Entries) -> Result<Self, SparseError> {
        let of = |matrix: usize| SparseMatrix::from_indexed(&entries.coefficients, entries.rows(matrix));
        let (a, b) = rayon::join(|| of(0), || of(1));
        Ok(Self([a?, b?]))
    }

    /// The rows for an assignment of the key's length.
    pub(crate) fn rows(&self, backend: Backend, assignment: &[Fr]) -> Rows {
        let Self([a, b]) = self;
        let mut rows = Rows { a: zeros(a.rows()), b: zeros(b.rows()) };
        rayon::join(|| a.multiply(backend, assignment, &mut rows.a), || b.multiply(backend, assignment, &mut rows.b));
        rows
    }
}
