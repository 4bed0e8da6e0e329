//! Whether the rows of a circuit leave a wire free, to first order, at a given assignment.
//!
//! Some wires are inputs: the public ones and the hints that a prover may choose. From these on, a row whose
//! derivative has one unknown wire with a coefficient that is not 0 determines that wire. What remains when no row
//! helps any more is free, or determined only by several rows together. A division by 0 shows here and nowhere else,
//! so ask at degenerate assignments too. Freedom in the large (another bit, another root) is for
//! [`hostile`](super::hostile) values.

use ark_ff::AdditiveGroup;
use veilpay_protocol::field::Fr;

use crate::matrices::CircuitMatrices;

/// What propagation found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Determination {
    /// Columns that no row determines.
    pub free: Vec<usize>,
    /// For each row the column it determined, if it did; the others only check.
    pub defines: Vec<Option<usize>>,
}

/// Propagates from `inputs` (columns) at `assignment`, leaving out the row `deleted`.
#[must_use]
pub fn determine(
    matrices: &CircuitMatrices,
    assignment: &[Fr],
    inputs: impl IntoIterator<Item = usize>,
    deleted: Option<usize>,
) -> Determination {
    let mut known = vec![false; matrices.num_instance + matrices.num_witness];
    known[..matrices.num_instance].fill(true);
    inputs.into_iter().for_each(|column| known[column] = true);
    let mut defines = vec![None; matrices.num_constraints()];
    loop {
        let before = known.iter().filter(|known| **known).count();
        for row in (0..matrices.num_constraints()).filter(|row| Some(*row) != deleted) {
            if let Some(column) = single_unknown(matrices, assignment, &known, row) {
                known[column] = true;
                defines[row] = Some(column);
            }
        }
        if known.iter().filter(|known| **known).count() == before {
            break;
        }
    }
    let free = (0..known.len()).filter(|column| !known[*column]).collect();
    Determination { free, defines }
}

/// The one unknown column of a row whose derivative is not 0 there, if there is exactly one.
fn single_unknown(matrices: &CircuitMatrices, assignment: &[Fr], known: &[bool], row: usize) -> Option<usize> {
    let rows = [&matrices.a, &matrices.b, &matrices.c].map(|matrix| &matrix[row]);
    let mut unknown: Vec<usize> =
        rows.iter().flat_map(|row| row.iter()).map(|(_, column)| *column).filter(|column| !known[*column]).collect();
    unknown.sort_unstable();
    unknown.dedup();
    if unknown.is_empty() {
        return None;
    }
    let value = |row: &[(Fr, usize)]| row.iter().map(|(c, column)| *c * assignment[*column]).sum::<Fr>();
    let (a, b) = (value(rows[0]), value(rows[1]));
    let at = |row: &[(Fr, usize)], column| row.iter().find(|(_, c)| *c == column).map_or(Fr::ZERO, |(c, _)| *c);
    let derivative = |column| b * at(rows[0], column) + a * at(rows[1], column) - at(rows[2], column);
    unknown.retain(|column| derivative(*column) != Fr::ZERO);
    <[usize; 1]>::try_from(unknown).ok().map(|[column]| column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hint::{hint, quotient};
    use crate::matrices::{assignment_of, matrices_of};
    use crate::var::{Cs, FrVar, Synthesis};

    /// The free wires of a toy circuit whose inputs are public.
    fn free(build: impl Fn(&Cs) -> Synthesis<()>) -> usize {
        let matrices = matrices_of(&build).expect("a system");
        let assignment = assignment_of(&build).expect("a system");
        assert_eq!(matrices.first_unsatisfied(&assignment), None);
        determine(&matrices, &assignment, [], None).free.len()
    }

    fn division(numerator: u64, denominator: u64) -> usize {
        free(|cs| {
            let [n, d] = [numerator, denominator].map(|x| FrVar::public(cs, Fr::from(x)));
            let (n, d) = (n?, d?);
            quotient(cs, "q", &n, &d)?.enforce_product(cs, &d, &n)
        })
    }

    #[test]
    fn a_division_is_seen_to_be_free_only_at_0_over_0() {
        assert_eq!(division(6, 3), 0);
        assert_eq!(division(0, 3), 0);
        assert_eq!(division(0, 0), 1);
    }

    #[test]
    fn a_hint_without_constraint_and_what_hangs_on_it_is_free() {
        let with = |constrained: bool| {
            free(|cs| {
                let x = FrVar::public(cs, Fr::from(5u64))?;
                let y = hint(cs, "y", || Fr::from(10u64))?;
                if constrained {
                    y.enforce_equal(cs, &x.double())?;
                }
                y.square(cs)?.square(cs).map(|_| ())
            })
        };
        assert_eq!((with(true), with(false)), (0, 3));
    }

    #[test]
    fn two_hints_with_one_row_between_them_are_free() {
        let toy = |cs: &Cs| {
            let x = FrVar::public(cs, Fr::from(5u64))?;
            let [a, b] = [2u64, 3].map(|value| hint(cs, "half", || Fr::from(value)));
            (&a? + &b?).enforce_equal(cs, &x)
        };
        assert_eq!(free(toy), 2);
    }
}
