//! How a sparse matrix lies in memory.

mod builder;

use alloc::collections::BTreeMap;
use alloc::{vec, vec::Vec};

use ark_bn254::Fr;

use self::builder::Builder;
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
        for row in rows {
            for (coefficient, column) in row {
                let column = u32::try_from(*column).map_err(|_| SparseError::TooLarge)?;
                let next = indices.len();
                let index = *indices.entry(coefficient.0).or_insert(next);
                if index == next {
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
