//! How a sparse matrix lies in memory.

use alloc::collections::BTreeMap;
use alloc::{vec, vec::Vec};

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::SparseError;

/// Rows sorted together by length, so that the eight of a group are alike, and written together.
pub(super) const WINDOW: usize = 1 << 10;
/// Entries of a row that may be in the class of 1 and -1; more of them go with the others.
pub(crate) const UNITS: usize = 24;
/// A row that is not there: beyond any window.
const NO_ROW: u16 = u16::MAX;

/// A matrix over Fr, a few entries a row, by groups of eight rows of similar lengths.
///
/// Memory: 4 bytes and a quarter for an entry of 1 or -1, 8 for any other, 34 for eight rows, 32 for each distinct
/// coefficient; entries that pad the eight rows of a group to the same length count, usually a few per cent.
#[derive(Clone, Debug)]
pub struct SparseMatrix {
    rows: usize,
    columns: usize,
    entries: usize,
    windows: Vec<Window>,
    lengths: Vec<Lengths>,
    order: Vec<[u16; 8]>,
    unit_columns: Vec<[u32; 8]>,
    unit_signs: Vec<Signs>,
    general_columns: Vec<[u32; 8]>,
    general_coefficients: Vec<[u32; 8]>,
    /// Distinct coefficients; the first is 0.
    dictionary: Vec<Fr>,
}

/// Where a window's groups, and their entries, begin and end.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    groups: core::ops::Range<usize>,
    units: usize,
    general: usize,
}

/// Steps of a group: the length of its longest row in each class.
#[derive(Clone, Copy, Debug)]
struct Lengths {
    units: u32,
    general: u32,
}

/// The lanes to which an entry is added and those from which it is taken.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Signs {
    pub(crate) plus: u8,
    pub(crate) minus: u8,
}

/// Eight rows.
pub(crate) struct Group<'a> {
    /// Where each lane's result goes in the window; beyond its end for a lane without a row.
    pub(crate) rows: &'a [u16; 8],
    /// Entries of 1 or -1.
    pub(crate) unit_columns: &'a [[u32; 8]],
    pub(crate) unit_signs: &'a [Signs],
    /// Other entries.
    pub(crate) columns: &'a [[u32; 8]],
    pub(crate) coefficients: &'a [[u32; 8]],
}

impl SparseMatrix {
    /// From rows as arkworks' `Matrix` has them: coefficients and columns. Entries of 0 are dropped.
    ///
    /// # Errors
    /// [`SparseError::TooLarge`].
    pub fn from_rows(rows: &[Vec<(Fr, usize)>]) -> Result<Self, SparseError> {
        let (mut builder, mut indices) = (Builder::default(), BTreeMap::new());
        let mut coefficients: Vec<Fr> = Vec::new();
        for row in rows {
            for (coefficient, column) in row {
                let column = u32::try_from(*column).map_err(|_| SparseError::TooLarge)?;
                let next = indices.len();
                let index = *indices.entry(coefficient.0).or_insert(next);
                if index == next {
                    coefficients.push(*coefficient);
                    builder.coefficient(coefficient);
                }
                builder.entry(index, coefficient, column)?;
            }
            builder.end_row();
        }
        Ok(builder.finish())
    }

    /// From rows of (coefficient, column), a coefficient by its place in `coefficients`, where each may occur more than
    /// once. Entries of 0 are dropped.
    ///
    /// # Errors
    /// [`SparseError::Coefficient`] for a place that there is not, [`SparseError::TooLarge`].
    pub fn from_indexed<R>(coefficients: &[Fr], rows: impl IntoIterator<Item = R>) -> Result<Self, SparseError>
    where
        R: IntoIterator<Item = (u32, u32)>,
    {
        let mut builder = Builder::default();
        coefficients.iter().for_each(|coefficient| builder.coefficient(coefficient));
        for row in rows {
            for (index, column) in row {
                let index = index as usize;
                let coefficient = coefficients.get(index).ok_or(SparseError::Coefficient)?;
                builder.entry(index, coefficient, column)?;
            }
            builder.end_row();
        }
        Ok(builder.finish())
    }

    /// From (row, column, coefficient) in any order; entries of the same place add up.
    ///
    /// # Errors
    /// [`SparseError::Row`] for a row not below `rows`, [`SparseError::TooLarge`].
    pub fn from_triplets(
        rows: usize,
        triplets: impl IntoIterator<Item = (usize, usize, Fr)>,
    ) -> Result<Self, SparseError> {
        u32::try_from(rows).map_err(|_| SparseError::TooLarge)?;
        let mut by_row = vec![Vec::new(); rows];
        for (row, column, coefficient) in triplets {
            by_row.get_mut(row).ok_or(SparseError::Row)?.push((coefficient, column));
        }
        Self::from_rows(&by_row)
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// One more than the largest column with an entry.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// How many entries other than 0.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.entries
    }

    /// Bytes in memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.windows)
            + size_of_val(&*self.lengths)
            + size_of_val(&*self.order)
            + size_of_val(&*self.unit_columns)
            + size_of_val(&*self.unit_signs)
            + size_of_val(&*self.general_columns)
            + size_of_val(&*self.general_coefficients)
            + size_of_val(&*self.dictionary)
    }

    pub(super) fn windows(&self) -> &[Window] {
        &self.windows
    }

    pub(super) fn dictionary(&self) -> &[Fr] {
        &self.dictionary
    }

    pub(super) fn groups(&self, window: &Window) -> impl Iterator<Item = Group<'_>> {
        let (mut units, mut general) = (window.units, window.general);
        window.groups.clone().map(move |group| {
            let lengths = self.lengths[group];
            let (unit_end, general_end) = (units + lengths.units as usize, general + lengths.general as usize);
            let (unit, other) = (units..unit_end, general..general_end);
            (units, general) = (unit_end, general_end);
            Group {
                rows: &self.order[group],
                unit_columns: &self.unit_columns[unit.clone()],
                unit_signs: &self.unit_signs[unit],
                columns: &self.general_columns[other.clone()],
                coefficients: &self.general_coefficients[other],
            }
        })
    }
}

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
struct Builder {
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
    fn coefficient(&mut self, coefficient: &Fr) {
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
    fn entry(&mut self, index: usize, coefficient: &Fr, column: u32) -> Result<(), SparseError> {
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

    fn end_row(&mut self) {
        self.matrix.rows += 1;
        self.starts.push([self.units.len(), self.general.len()]);
        if self.starts.len() > WINDOW {
            self.end_window();
        }
    }

    fn finish(mut self) -> SparseMatrix {
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
