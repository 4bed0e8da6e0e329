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
    /// Where each row begins and, at the end, the last one ends.
    starts: Vec<usize>,
    entries: Vec<(u32, u32)>,
}

impl Entries {
    /// From a key's section, of which `chunks` gives the entries, in the same order each time it is called, to a
    /// function that is told the number of the first of them.
    ///
    /// # Errors
    /// Those of `chunks`, and [`CircomError`] naming the first entry that is wrong.
    pub(super) fn read(
        header: &ZkeyHeader,
        chunks: impl Fn(&mut dyn FnMut(usize, &[[u8; ENTRY_BYTES]]) -> Result<(), CircomError>) -> Result<(), CircomError>,
    ) -> Result<Self, CircomError> {
        let rows = usize::try_from(header.domain_size).expect("a u32 is a size");
        let mut matrices: [Indexed; 2] = Default::default();
        matrices.iter_mut().for_each(|matrix| matrix.starts = vec![0; rows + 1]);
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
            *entries = vec![(0, 0); starts[rows]];
        }
        let mut next = matrices.each_ref().map(|matrix| matrix.starts.clone());
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
                // The file may have been changed since it was counted.
                let slot = &mut next[matrix][row as usize];
                let entry = matrices[matrix].entries.get_mut(*slot).ok_or(CircomError::Row { index })?;
                *entry = (place, column);
                *slot += 1;
            }
            Ok(())
        })?;
        Ok(Self { coefficients, matrices })
    }

    /// The rows of A (0) or B (1).
    pub(crate) fn rows(&self, matrix: usize) -> impl Iterator<Item = impl Iterator<Item = (u32, u32)>> {
        let Indexed { starts, entries } = &self.matrices[matrix];
        starts.windows(2).map(|row| entries[row[0]..row[1]].iter().copied())
    }
}
