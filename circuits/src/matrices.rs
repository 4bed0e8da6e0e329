//! A circuit as matrices, and assignments to them.

use core::fmt;

use ark_ff::{AdditiveGroup, Field};
use ark_relations::gr1cs::{ConstraintSystem, Matrix, R1CS_PREDICATE_LABEL, SynthesisError, SynthesisMode};
use veilpay_protocol::field::{Fr, fr_to_bytes};
use veilpay_protocol::hash::Transcript;
use veilpay_protocol::tags::Personal;
use zeroize::Zeroize as _;

use crate::var::{Cs, Synthesis};

/// Bytes that are gathered before they are hashed.
const BLOCK: usize = 1 << 16;

/// The digest of matrices A, B, C of as many rows each: BLAKE2b-512 under [`Personal::MATRIX_DIGEST`] of the counts (one
/// and public inputs, wires, rows) and of A, B, C, row by row: the row's length, then column and coefficient of each
/// entry.
#[must_use]
pub fn digest(matrices: [&Matrix<Fr>; 3], num_instance: usize, num_witness: usize) -> [u8; 64] {
    let number = |n: usize| n as u64;
    let mut transcript = Transcript::new(Personal::MATRIX_DIGEST)
        .number(number(num_instance))
        .number(number(num_witness))
        .number(number(matrices[0].len()));
    let mut block = Vec::with_capacity(2 * BLOCK);
    for row in matrices.into_iter().flatten() {
        block.extend(number(row.len()).to_le_bytes());
        for (coefficient, column) in row {
            block.extend(number(*column).to_le_bytes());
            block.extend(fr_to_bytes(coefficient));
        }
        if block.len() >= BLOCK {
            transcript = transcript.fixed(&block);
            block.clear();
        }
    }
    transcript.fixed(&block).digest()
}

/// The R1CS of a circuit: for each row i, `<A_i, z> * <B_i, z> = <C_i, z>`.
///
/// `z` is the constant one, then the public inputs, then the wires. A row is a list of (coefficient, column), columns
/// increasing, no coefficient zero.
#[derive(Clone, PartialEq, Eq)]
pub struct CircuitMatrices {
    /// Left factors.
    pub a: Matrix<Fr>,
    /// Right factors.
    pub b: Matrix<Fr>,
    /// Products.
    pub c: Matrix<Fr>,
    /// The constant one and the public inputs.
    pub num_instance: usize,
    /// Private wires.
    pub num_witness: usize,
}

impl fmt::Debug for CircuitMatrices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitMatrices")
            .field("num_constraints", &self.num_constraints())
            .field("num_instance", &self.num_instance)
            .field("num_witness", &self.num_witness)
            .finish_non_exhaustive()
    }
}

fn inner_product(row: &[(Fr, usize)], assignment: &[Fr]) -> Fr {
    row.iter().map(|(coefficient, column)| *coefficient * assignment[*column]).sum()
}

impl CircuitMatrices {
    fn new(cs: &Cs) -> Synthesis<Self> {
        cs.finalize();
        let [a, b, c] = cs
            .to_matrices()?
            .remove(R1CS_PREDICATE_LABEL)
            .and_then(|matrices| <[Matrix<Fr>; 3]>::try_from(matrices).ok())
            .ok_or(SynthesisError::PredicateNotFound)?;
        let (num_instance, num_witness) = (cs.num_instance_variables(), cs.num_witness_variables());
        Ok(Self { a, b, c, num_instance, num_witness })
    }

    /// Rows.
    #[must_use]
    pub fn num_constraints(&self) -> usize {
        self.a.len()
    }

    /// The [`digest`] of what the fields hold now; hashes all of it.
    #[must_use]
    pub fn digest(&self) -> [u8; 64] {
        digest([&self.a, &self.b, &self.c], self.num_instance, self.num_witness)
    }

    /// The first row that `assignment` does not satisfy. An assignment of the wrong length, or whose first element is
    /// not one, satisfies no row.
    #[must_use]
    pub fn first_unsatisfied(&self, assignment: &[Fr]) -> Option<usize> {
        if assignment.len() != self.num_instance + self.num_witness || assignment[0] != Fr::ONE {
            return Some(0);
        }
        (0..self.num_constraints()).find(|row| {
            let [a, b, c] = [&self.a, &self.b, &self.c].map(|matrix| inner_product(&matrix[*row], assignment));
            a * b - c != Fr::ZERO
        })
    }
}

/// The matrices that `build` writes, in setup mode: no value is kept.
pub(crate) fn matrices_of(build: impl FnOnce(&Cs) -> Synthesis<()>) -> Synthesis<CircuitMatrices> {
    matrices_in_mode(SynthesisMode::Setup, build)
}

/// The matrices that `build` writes in some mode that constructs them.
pub(crate) fn matrices_in_mode(
    mode: SynthesisMode,
    build: impl FnOnce(&Cs) -> Synthesis<()>,
) -> Synthesis<CircuitMatrices> {
    let cs = ConstraintSystem::new_ref();
    cs.set_mode(mode);
    build(&cs)?;
    CircuitMatrices::new(&cs)
}

/// The full assignment (one, public inputs, wires) that `build` computes, without constructing matrices. The constraint
/// system's own values are erased; the caller erases the answer.
pub(crate) fn assignment_of(build: impl FnOnce(&Cs) -> Synthesis<()>) -> Synthesis<Vec<Fr>> {
    let cs = ConstraintSystem::new_ref();
    cs.set_mode(SynthesisMode::Prove { construct_matrices: false, generate_lc_assignments: false });
    let built = build(&cs);
    let assignments = &mut cs.borrow_mut().ok_or(SynthesisError::MissingCS)?.assignments;
    let (instance, witness) = (&mut assignments.instance_assignment, &mut assignments.witness_assignment);
    let out = built.map(|()| {
        // Room for all at once: a vector that grows leaves its content behind.
        let mut out = Vec::with_capacity(instance.len() + witness.len());
        out.extend_from_slice(instance);
        out.extend_from_slice(witness);
        out
    });
    instance.zeroize();
    witness.zeroize();
    out
}
