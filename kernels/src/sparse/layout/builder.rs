//! A matrix in the making: rows are gathered until they are a window, then laid out.

use alloc::{vec, vec::Vec};

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::super::SparseError;
use super::{Lengths, NO_ROW, Signs, SparseMatrix, UNITS, WINDOW, Window};

/// How a coefficient's entries are kept.
#[derive(Clone, Copy)]
enum Class {
    Zero,
    /// 1, or -1 if that.
    Unit(bool),
    Other,
}

/// A coefficient of those that a matrix is made from.
#[derive(Clone, Copy)]
struct Known {
    class: Class,
    /// Its place in the matrix's dictionary; 0 as long as it has none.
    place: u32,
}

/// A matrix in the making, and the rows of its last window.
pub(super) struct Builder {
    matrix: SparseMatrix,
    known: Vec<Known>,
    /// Entries of the window's rows, one row after the other: columns, and which are of -1.
    units: Vec<(u32, bool)>,
    /// Columns and places in the dictionary.
    general: Vec<(u32, u32)>,
    /// Where each row's entries begin and, for the last one, end.
    starts: Vec<[usize; 2]>,
}

impl Default for Builder {
    fn default() -> Self {
        let matrix = SparseMatrix {
            rows: 0,
            columns: 0,
            entries: 0,
            windows: Vec::new(),
            lengths: Vec::new(),
            order: Vec::new(),
            unit_columns: Vec::new(),
            unit_signs: Vec::new(),
            general_columns: Vec::new(),
            general_coefficients: Vec::new(),
            dictionary: vec![Fr::ZERO],
        };
        Self { matrix, known: Vec::new(), units: Vec::new(), general: Vec::new(), starts: vec![[0; 2]] }
    }
}

impl Builder {
    /// The next coefficient that entries may name.
    pub(super) fn coefficient(&mut self, coefficient: &Fr) {
        let class = if *coefficient == Fr::ZERO {
            Class::Zero
        } else if *coefficient == Fr::ONE || *coefficient == -Fr::ONE {
            Class::Unit(*coefficient != Fr::ONE)
        } else {
            Class::Other
        };
        self.known.push(Known { class, place: 0 });
    }

    /// An entry of the row under way: the coefficient, and its place among those known.
    pub(super) fn entry(&mut self, index: usize, coefficient: &Fr, column: u32) -> Result<(), SparseError> {
        let known = &mut self.known[index];
        if matches!(known.class, Class::Zero) {
            return Ok(());
        }
        let (matrix, row) = (&mut self.matrix, self.starts[self.starts.len() - 1]);
        matrix.columns = matrix.columns.max(column as usize + 1);
        matrix.entries += 1;
        match known.class {
            Class::Unit(minus) if self.units.len() - row[0] < UNITS => self.units.push((column, minus)),
            _ => {
                if known.place == 0 {
                    known.place = u32::try_from(matrix.dictionary.len()).map_err(|_| SparseError::TooLarge)?;
                    matrix.dictionary.push(*coefficient);
                }
                self.general.push((column, known.place));
            }
        }
        Ok(())
    }

    pub(super) fn end_row(&mut self) {
        self.matrix.rows += 1;
        self.starts.push([self.units.len(), self.general.len()]);
        if self.starts.len() > WINDOW {
            self.end_window();
        }
    }

    pub(super) fn finish(mut self) -> SparseMatrix {
        if self.starts.len() > 1 {
            self.end_window();
        }
        self.matrix
    }

    fn end_window(&mut self) {
        let Self { matrix, units, general, starts, .. } = self;
        let units_of = |row: usize| &units[starts[row][0]..starts[row + 1][0]];
        let general_of = |row: usize| &general[starts[row][1]..starts[row + 1][1]];
        let mut order: Vec<usize> = (0..starts.len() - 1).collect();
        order.sort_by_key(|row| (general_of(*row).len(), units_of(*row).len()));
        let window = Window {
            groups: matrix.lengths.len()..matrix.lengths.len() + order.len().div_ceil(8),
            units: matrix.unit_signs.len(),
            general: matrix.general_columns.len(),
        };
        for eight in order.chunks(8) {
            let longest = |length: &dyn Fn(usize) -> usize| eight.iter().map(|row| length(*row)).max().unwrap_or(0);
            let lengths = (longest(&|row| units_of(row).len()), longest(&|row| general_of(row).len()));
            for step in 0..lengths.0 {
                let (mut columns, mut signs) = ([0; 8], Signs::default());
                for (lane, row) in eight.iter().enumerate() {
                    if let Some((column, minus)) = units_of(*row).get(step) {
                        columns[lane] = *column;
                        *(if *minus { &mut signs.minus } else { &mut signs.plus }) |= 1 << lane;
                    }
                }
                matrix.unit_columns.push(columns);
                matrix.unit_signs.push(signs);
            }
            for step in 0..lengths.1 {
                let (mut columns, mut coefficients) = ([0; 8], [0; 8]);
                for (lane, row) in eight.iter().enumerate() {
                    if let Some((column, coefficient)) = general_of(*row).get(step) {
                        (columns[lane], coefficients[lane]) = (*column, *coefficient);
                    }
                }
                matrix.general_columns.push(columns);
                matrix.general_coefficients.push(coefficients);
            }
            let mut places = [NO_ROW; 8];
            for (place, row) in places.iter_mut().zip(eight) {
                *place = *row as u16;
            }
            matrix.order.push(places);
            matrix.lengths.push(Lengths { units: lengths.0 as u32, general: lengths.1 as u32 });
        }
        matrix.windows.push(window);
        units.clear();
        general.clear();
        starts.truncate(1);
    }
}
