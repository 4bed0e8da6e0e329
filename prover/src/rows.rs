//! The rows of a constraint system times an assignment: where the quotient begins.

use ark_ff::{AdditiveGroup, Field};
use veilpay_kernels::{Backend, SparseError, SparseMatrix, evaluate};
use veilpay_protocol::field::Fr;
use zeroize::Zeroizing;

use crate::circom::Zkey;
use crate::r1cs::R1cs;

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
    num_instance: usize,
    num_variables: usize,
}

impl Matrices {
    /// Those of an R1CS.
    pub(crate) fn new(r1cs: &R1cs) -> Result<Self, SparseError> {
        let [a, b, c] = r1cs.matrices();
        let matrices = [SparseMatrix::from_rows(a)?, SparseMatrix::from_rows(b)?, SparseMatrix::from_rows(c)?];
        Ok(Self { matrices, num_instance: r1cs.num_instance(), num_variables: r1cs.num_variables() })
    }

    /// The rows for `assignment`; behind the constraints A has the one and the public inputs themselves, and B nothing.
    ///
    /// # Errors
    /// The first constraint that `assignment` does not satisfy; an assignment of the wrong length, or whose first
    /// element is not one, satisfies none.
    pub(crate) fn rows(&self, backend: Backend, assignment: &[Fr]) -> Result<Rows, usize> {
        if assignment.len() != self.num_variables || assignment[0] != Fr::ONE {
            return Err(0);
        }
        let [a, b, c] = &self.matrices;
        let constraints = a.rows();
        let (mut row_a, mut row_b, mut row_c) =
            (zeros(constraints + self.num_instance), zeros(constraints), zeros(constraints));
        evaluate(backend, [a, b, c], assignment, [&mut row_a[..constraints], &mut row_b, &mut row_c])
            .map_err(|unsatisfied| unsatisfied.row)?;
        row_a[constraints..].copy_from_slice(&assignment[..self.num_instance]);
        Ok(Rows { a: row_a, b: row_b })
    }
}

/// A and B of a key of snarkjs, which hold the rows that bind public inputs.
#[derive(Debug)]
pub(crate) struct Pair([SparseMatrix; 2]);

impl Pair {
    /// Those of a key, all rows of its domain.
    pub(crate) fn new(zkey: &Zkey) -> Result<Self, SparseError> {
        let matrix = |entries: &[crate::circom::Coefficient]| {
            SparseMatrix::from_triplets(
                zkey.domain_size(),
                entries.iter().map(|entry| (entry.row as usize, entry.column as usize, entry.value)),
            )
        };
        Ok(Self([matrix(zkey.a_coefficients())?, matrix(zkey.b_coefficients())?]))
    }

    /// The rows for an assignment of the key's length.
    pub(crate) fn rows(&self, backend: Backend, assignment: &[Fr]) -> Rows {
        let Self([a, b]) = self;
        let mut rows = Rows { a: zeros(a.rows()), b: zeros(b.rows()) };
        rayon::join(|| a.multiply(backend, assignment, &mut rows.a), || b.multiply(backend, assignment, &mut rows.b));
        rows
    }
}
