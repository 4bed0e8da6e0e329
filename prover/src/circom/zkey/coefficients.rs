//! Section 4: the entries of the matrices A and B.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;
use std::ops::Range;

use rayon::prelude::*;
use veilpay_protocol::field::Fr;

use super::super::container::{Bytes, Table, exact};
use super::super::element::{ELEMENT_BYTES, read_double_montgomery};
use super::super::error::CircomError;
use super::{ZkeyHeader, ZkeyView, at};

/// Matrix, row, column, value.
pub(super) const ENTRY_BYTES: usize = 3 * 4 + ELEMENT_BYTES;
/// Entries that one task reads.
const CHUNK: usize = 4096;

/// An entry of a matrix: `value` at (`row`, `column`). Entries of one place add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coefficient {
    /// The row, below the domain's size.
    pub row: u32,
    /// The variable, below their number.
    pub column: u32,
    /// The value.
    pub value: Fr,
}

/// The section without its number of entries, which fits its length.
pub(super) fn section<'a>(
    table: &Table,
    read: impl Fn(Range<u64>) -> io::Result<Cow<'a, [u8]>>,
) -> Result<Range<u64>, CircomError> {
    let (at, range) = table.section(4)?;
    let length = range.end - range.start;
    if length < 4 {
        exact(at, length, 4)?;
    }
    let entries = range.start + 4..range.end;
    let count = Bytes(&read(range.start..entries.start)?).u32().unwrap_or_default();
    exact(at, length, 4 + u64::from(count) * ENTRY_BYTES as u64)?;
    Ok(entries)
}

/// Entries of A and of B.
type Pair = [Vec<Coefficient>; 2];

/// The entries of A and B, rows ascending.
pub(super) fn read(view: &ZkeyView<'_>) -> Result<Pair, CircomError> {
    let chunks: Vec<Result<Pair, CircomError>> = view
        .coefficients
        .par_chunks(CHUNK * ENTRY_BYTES)
        .enumerate()
        .map(|(number, bytes)| read_chunk(view, number * CHUNK, bytes))
        .collect();
    let mut out = Pair::default();
    for chunk in chunks {
        for (all, more) in out.iter_mut().zip(chunk?) {
            all.extend(more);
        }
    }
    for entries in &mut out {
        // snarkjs writes them so; the order of entries within a row stays.
        if !entries.is_sorted_by_key(|entry| entry.row) {
            entries.par_sort_by_key(|entry| entry.row);
        }
    }
    Ok(out)
}

fn read_chunk(view: &ZkeyView<'_>, first: usize, bytes: &[u8]) -> Result<Pair, CircomError> {
    let room = bytes.len() / ENTRY_BYTES;
    let mut out = [Vec::with_capacity(room), Vec::with_capacity(room)];
    let (entries, _) = bytes.as_chunks::<ENTRY_BYTES>();
    for (index, bytes) in (first..).zip(entries) {
        let Entry { matrix, row, column, value } = entry(&view.header, index, bytes)?;
        let value = read_double_montgomery(value).map_err(|refused| refused.at(at(4), index))?;
        out[matrix].push(Coefficient { row, column, value });
    }
    Ok(out)
}

/// An entry where it lies.
struct Entry<'a> {
    /// 0 for A, 1 for B.
    matrix: usize,
    row: u32,
    column: u32,
    value: &'a [u8; ELEMENT_BYTES],
}

/// Reads an entry but for its value; its place is within the matrices.
fn entry<'a>(header: &ZkeyHeader, index: usize, bytes: &'a [u8; ENTRY_BYTES]) -> Result<Entry<'a>, CircomError> {
    let mut rest = Bytes(bytes);
    let mut next = || rest.u32().unwrap_or_default();
    let (matrix, row, column) = (next(), next(), next());
    if matrix > 1 {
        return Err(CircomError::Matrix { index });
    }
    if row >= header.domain_size {
        return Err(CircomError::Row { index });
    }
    if column >= header.num_variables {
        return Err(CircomError::Column { at: at(4), index });
    }
    let value = rest.array().expect("an entry ends with a field element");
    Ok(Entry { matrix: usize::from(matrix == 1), row, column, value })
}

/// The entries of A and B by row, with each value once: 8 bytes an entry.
pub(crate) struct Entries {
    pub(crate) coefficients: Vec<Fr>,
    matrices: [Indexed; 2],
}

/// The entries of a matrix, (place of the value, column), row by row.
#[derive(Default)]
struct Indexed {
    /// Where each row begins and, at the end, the last one ends. A section has less than 2^32 entries.
    starts: Vec<u32>,
    entries: Vec<(u32, u32)>,
}

/// As many zeros, when the system has the memory: a file with holes may ask for any amount.
fn zeros<T: Clone + Default>(count: usize) -> Result<Vec<T>, CircomError> {
    let mut out = Vec::new();
    out.try_reserve_exact(count).map_err(|_| CircomError::Io(io::ErrorKind::OutOfMemory))?;
    out.resize(count, T::default());
    Ok(out)
}

/// The second reading gave other entries than the first.
const fn changed() -> CircomError {
    CircomError::Io(io::ErrorKind::InvalidData)
}

impl Entries {
    /// From a key's section, of which `chunks` gives the entries, in the same order each time it is called, to a
    /// function that is told the number of the first of them.
    ///
    /// # Errors
    /// Those of `chunks`, [`CircomError`] naming the first entry that is wrong, and [`CircomError::Io`] without the memory
    /// or when `chunks` gives other entries the second time, as those of a file that somebody writes to.
    pub(super) fn read(
        header: &ZkeyHeader,
        chunks: impl Fn(&mut dyn FnMut(usize, &[[u8; ENTRY_BYTES]]) -> Result<(), CircomError>) -> Result<(), CircomError>,
    ) -> Result<Self, CircomError> {
        let rows = usize::try_from(header.domain_size).expect("a u32 is a size");
        let mut matrices: [Indexed; 2] = Default::default();
        for matrix in &mut matrices {
            matrix.starts = zeros(rows + 1)?;
        }
        // First how many there are in each row: counted one row ahead, so that sums are the rows' beginnings.
        chunks(&mut |first, entries| {
            for (index, bytes) in (first..).zip(entries) {
                let Entry { matrix, row, .. } = entry(header, index, bytes)?;
                matrices[matrix].starts[row as usize + 1] += 1;
            }
            Ok(())
        })?;
        for Indexed { starts, entries } in &mut matrices {
            (0..rows).for_each(|row| starts[row + 1] += starts[row]);
            *entries = zeros(starts[rows] as usize)?;
        }
        // What is left to read of each row: the file may have been changed since it was counted.
        let mut left: [Vec<u32>; 2] = Default::default();
        for (left, Indexed { starts, .. }) in left.iter_mut().zip(&matrices) {
            *left = zeros(rows)?;
            left.iter_mut().zip(starts.windows(2)).for_each(|(left, row)| *left = row[1] - row[0]);
        }
        let (mut places, mut coefficients) = (HashMap::<[u8; ELEMENT_BYTES], u32>::new(), Vec::new());
        chunks(&mut |first, entries| {
            for (index, bytes) in (first..).zip(entries) {
                let Entry { matrix, row, column, value } = entry(header, index, bytes)?;
                let place = match places.get(value) {
                    Some(place) => *place,
                    None => {
                        let place = u32::try_from(places.len()).expect("fewer values than entries");
                        coefficients.push(read_double_montgomery(value).map_err(|refused| refused.at(at(4), index))?);
                        places.insert(*value, place);
                        place
                    }
                };
                let (left, matrix) = (&mut left[matrix][row as usize], &mut matrices[matrix]);
                let end = matrix.starts[row as usize + 1];
                let slot = (*left > 0).then(|| (end - *left) as usize).ok_or(changed())?;
                matrix.entries[slot] = (place, column);
                *left -= 1;
            }
            Ok(())
        })?;
        if left.iter().flatten().any(|left| *left > 0) {
            return Err(changed());
        }
        Ok(Self { coefficients, matrices })
    }

    /// The rows of A (0) or B (1).
    pub(crate) fn rows(&self, matrix: usize) -> impl Iterator<Item = impl Iterator<Item = (u32, u32)>> {
        let Indexed { starts, entries } = &self.matrices[matrix];
        starts.windows(2).map(|row| entries[row[0] as usize..row[1] as usize].iter().copied())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::cell::Cell;

    use super::super::ZkeyFile;
    use super::*;
    use crate::circom::tests::small_zkey;

    #[test]
    fn entries_that_are_others_at_the_second_reading_are_an_error() {
        let file = ZkeyFile::from_bytes(small_zkey()).unwrap();
        let entry = |row: u8, column: u8| {
            let mut bytes = [0; ENTRY_BYTES];
            (bytes[4], bytes[8], bytes[12]) = (row, column, 1);
            bytes
        };
        let read = |first: &[[u8; ENTRY_BYTES]], second: &[[u8; ENTRY_BYTES]]| {
            let again = Cell::new(false);
            let entries =
                Entries::read(file.header(), |each| each(0, if again.replace(true) { second } else { first }));
            entries.map(|entries| entries.rows(0).flatten().count())
        };
        let counted = [entry(0, 1), entry(0, 2), entry(1, 1)];
        assert_eq!(read(&counted, &counted), Ok(3));
        assert_eq!(read(&counted, &[entry(1, 1), entry(0, 1), entry(0, 2)]), Ok(3));
        // More of one row and less of another, fewer, more.
        assert_eq!(read(&counted, &[entry(0, 1), entry(0, 2), entry(0, 1)]), Err(changed()));
        assert_eq!(read(&counted, &[entry(0, 1), entry(1, 2), entry(1, 1)]), Err(changed()));
        assert_eq!(read(&counted, &counted[..2]), Err(changed()));
        assert_eq!(read(&counted, &[counted, counted].concat()), Err(changed()));
    }
}
