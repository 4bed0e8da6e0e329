//! How a sparse matrix lies in memory.

use alloc::collections::BTreeMap;
use alloc::{vec, vec::Vec};

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, Field};

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

/// One row's entries by class.
#[derive(Default)]
struct Row {
    units: Vec<(u32, bool)>,
    general: Vec<(u32, u32)>,
}

impl SparseMatrix {
    /// From rows as arkworks' `Matrix` has them: coefficients and columns. Entries of 0 are dropped.
    ///
    /// # Errors
    /// [`SparseError::TooLarge`].
    pub fn from_rows(rows: &[Vec<(Fr, usize)>]) -> Result<Self, SparseError> {
        let mut builder = Builder::new();
        for window in rows.chunks(WINDOW) {
            let mut sorted = Vec::with_capacity(window.len());
            for row in window {
                let mut entries = Row::default();
                for (coefficient, column) in row {
                    builder.entry(&mut entries, *coefficient, *column)?;
                }
                sorted.push(entries);
            }
            builder.window(sorted);
        }
        Ok(builder.matrix)
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

struct Builder {
    matrix: SparseMatrix,
    indices: BTreeMap<BigInt<4>, u32>,
}

impl Builder {
    fn new() -> Self {
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
        Self { matrix, indices: BTreeMap::new() }
    }

    fn entry(&mut self, row: &mut Row, coefficient: Fr, column: usize) -> Result<(), SparseError> {
        if coefficient == Fr::ZERO {
            return Ok(());
        }
        let place = u32::try_from(column).map_err(|_| SparseError::TooLarge)?;
        self.matrix.columns = self.matrix.columns.max(column + 1);
        self.matrix.entries += 1;
        let minus = coefficient == -Fr::ONE;
        if (minus || coefficient == Fr::ONE) && row.units.len() < UNITS {
            row.units.push((place, minus));
            return Ok(());
        }
        let index = match self.indices.get(&coefficient.0) {
            Some(index) => *index,
            None => {
                let index = u32::try_from(self.matrix.dictionary.len()).map_err(|_| SparseError::TooLarge)?;
                self.matrix.dictionary.push(coefficient);
                self.indices.insert(coefficient.0, index);
                index
            }
        };
        row.general.push((place, index));
        Ok(())
    }

    fn window(&mut self, rows: Vec<Row>) {
        let matrix = &mut self.matrix;
        matrix.rows += rows.len();
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|row| (rows[*row].general.len(), rows[*row].units.len()));
        let (first, units, general) = (matrix.lengths.len(), matrix.unit_signs.len(), matrix.general_columns.len());
        for eight in order.chunks(8) {
            let longest = |length: fn(&Row) -> usize| eight.iter().map(|row| length(&rows[*row])).max().unwrap_or(0);
            let lengths = (longest(|row| row.units.len()), longest(|row| row.general.len()));
            for step in 0..lengths.0 {
                let (mut columns, mut signs) = ([0; 8], Signs::default());
                for (lane, row) in eight.iter().enumerate() {
                    if let Some((column, minus)) = rows[*row].units.get(step) {
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
                    if let Some((column, coefficient)) = rows[*row].general.get(step) {
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
        matrix.windows.push(Window { groups: first..matrix.lengths.len(), units, general });
    }
}
