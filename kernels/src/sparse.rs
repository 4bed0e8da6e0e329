//! Sparse matrices over Fr times an assignment: the rows of a rank-1 constraint system.
//!
//! Rows are taken eight at a time, of similar lengths, one in each lane; see [`SparseMatrix`] for the layout. A row's
//! entries are of two classes: coefficients 1 and -1 cost an addition, others a product whose reduction is shared by
//! the row. [`evaluate`] computes A z, B z and C z and names the first row with a_i b_i ≠ c_i.

mod layout;
#[cfg(test)]
mod tests;

use core::fmt;

use ark_bn254::{Fr, FrConfig};
use ark_ff::{AdditiveGroup, BigInt};

pub use self::layout::SparseMatrix;
pub(crate) use self::layout::{Group, UNITS, Window};
use crate::Backend;
#[cfg(target_arch = "x86_64")]
use crate::arch::x86_64::avx512::sparse as avx512;
use crate::parallel::{join, threads};
use crate::words::{add_wide, canonical, product, reduce};

/// Why a matrix was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SparseError {
    /// An entry names a row that the matrix has not.
    Row,
    /// An entry names a coefficient that there is not.
    Coefficient,
    /// A column, or the number of rows or of distinct coefficients, is above 2^32 - 1.
    TooLarge,
}

impl fmt::Display for SparseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Row => "an entry names a row that the matrix has not",
            Self::Coefficient => "an entry names a coefficient that there is not",
            Self::TooLarge => "a column, the number of rows or that of coefficients is above 2^32 - 1",
        })
    }
}

impl core::error::Error for SparseError {}

/// The first row of a constraint system that an assignment does not satisfy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsatisfied {
    /// Its index.
    pub row: usize,
}

impl fmt::Display for Unsatisfied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {} is not satisfied", self.row)
    }
}

impl core::error::Error for Unsatisfied {}

impl SparseMatrix {
    /// `out` = M z. Variable time in the shape of the matrix only, not in z.
    ///
    /// # Panics
    /// If `out` has not as many elements as the matrix has rows, or z fewer than it has columns.
    pub fn multiply(&self, backend: Backend, z: &[Fr], out: &mut [Fr]) {
        assert!(out.len() == self.rows() && z.len() >= self.columns());
        self.multiply_windows(backend, z, self.windows(), out);
    }

    fn multiply_windows(&self, backend: Backend, z: &[Fr], windows: &[Window], out: &mut [Fr]) {
        if windows.len() > 1 && threads() > 1 {
            let (low, high) = windows.split_at(windows.len() / 2);
            let (out_low, out_high) = out.split_at_mut(low.len() * layout::WINDOW);
            join(
                || self.multiply_windows(backend, z, low, out_low),
                || self.multiply_windows(backend, z, high, out_high),
            );
            return;
        }
        for (window, out) in windows.iter().zip(out.chunks_mut(layout::WINDOW)) {
            for group in self.groups(window) {
                match backend {
                    #[cfg(target_arch = "x86_64")]
                    Backend::Avx512(t) => avx512::multiply(t, &group, self.dictionary(), z, out),
                    Backend::Portable => multiply(&group, self.dictionary(), z, out),
                }
            }
        }
    }
}

/// Products that are added up before they are reduced: 15 r^2 < 2.84 * 2^256 r, so what comes out is below 3.84 r.
const UNREDUCED: usize = 15;

/// Eight rows.
fn multiply(group: &Group<'_>, dictionary: &[Fr], z: &[Fr], out: &mut [Fr]) {
    let mut sums = [Fr::ZERO; 8];
    for (columns, signs) in group.unit_columns.iter().zip(group.unit_signs) {
        for lane in 0..8 {
            let z = &z[columns[lane] as usize];
            if signs.plus >> lane & 1 == 1 {
                sums[lane] += z;
            } else if signs.minus >> lane & 1 == 1 {
                sums[lane] -= z;
            }
        }
    }
    for (columns, coefficients) in group.columns.chunks(UNREDUCED).zip(group.coefficients.chunks(UNREDUCED)) {
        for lane in 0..8 {
            let mut sum = [0; 8];
            for (columns, coefficients) in columns.iter().zip(coefficients) {
                // The first of the dictionary is 0, of lanes whose row is at its end.
                if coefficients[lane] == 0 {
                    break;
                }
                let (coefficient, z) = (&dictionary[coefficients[lane] as usize], &z[columns[lane] as usize]);
                sum = add_wide(&sum, &product(&coefficient.0.0, &z.0.0));
            }
            sums[lane] += Fr::new_unchecked(BigInt(canonical::<FrConfig>(&reduce::<FrConfig>(&sum))));
        }
    }
    for (row, sum) in group.rows.iter().zip(sums) {
        if let Some(out) = out.get_mut(usize::from(*row)) {
            *out = sum;
        }
    }
}

/// A z, B z and C z, of matrices of the same number of rows, into the first elements of `out`; then a_i b_i = c_i is
/// checked for each row.
///
/// # Errors
/// [`Unsatisfied`] with the first row where it does not hold; `out` is complete all the same.
///
/// # Panics
/// If the matrices have different numbers of rows, one of `out` has fewer elements than that, or z fewer than a matrix
/// has columns.
pub fn evaluate(
    backend: Backend,
    matrices: [&SparseMatrix; 3],
    z: &[Fr],
    out: [&mut [Fr]; 3],
) -> Result<(), Unsatisfied> {
    let rows = matrices[0].rows();
    assert!(matrices.iter().all(|matrix| matrix.rows() == rows));
    let [a, b, c] = out.map(|out| &mut out[..rows]);
    join(
        || matrices[0].multiply(backend, z, a),
        || join(|| matrices[1].multiply(backend, z, b), || matrices[2].multiply(backend, z, c)),
    );
    match first_unsatisfied(backend, a, b, c) {
        Some(row) => Err(Unsatisfied { row }),
        None => Ok(()),
    }
}

/// The first i with a_i b_i ≠ c_i.
fn first_unsatisfied(backend: Backend, a: &[Fr], b: &[Fr], c: &[Fr]) -> Option<usize> {
    if a.len() > 1 << 13 && threads() > 1 {
        let middle = a.len() / 2;
        let ((a0, a1), (b0, b1), (c0, c1)) = (a.split_at(middle), b.split_at(middle), c.split_at(middle));
        let (low, high) = join(|| first_unsatisfied(backend, a0, b0, c0), || first_unsatisfied(backend, a1, b1, c1));
        return low.or(high.map(|row| middle + row));
    }
    match backend {
        #[cfg(target_arch = "x86_64")]
        Backend::Avx512(t) => avx512::first_unsatisfied(t, a, b, c),
        Backend::Portable => a.iter().zip(b).zip(c).position(|((a, b), c)| *a * b != *c),
    }
}
