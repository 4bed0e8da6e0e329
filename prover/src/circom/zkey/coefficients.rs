//! Section 4: the entries of the matrices A and B.

use rayon::prelude::*;
use veilpay_protocol::field::Fr;

use super::super::container::{Bytes, Container, exact};
use super::super::element::{ELEMENT_BYTES, read_double_montgomery};
use super::super::error::CircomError;
use super::{ZkeyView, at};

/// Matrix, row, column, value.
const ENTRY_BYTES: usize = 3 * 4 + ELEMENT_BYTES;
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
pub(super) fn section<'a>(container: &Container<'a>) -> Result<&'a [u8], CircomError> {
    let (at, bytes) = container.section(4)?;
    let mut rest = Bytes(bytes);
    let Some(count) = rest.u32() else {
        return exact(at, bytes, 4);
    };
    exact(at, bytes, 4 + u64::from(count) * ENTRY_BYTES as u64)?;
    Ok(rest.0)
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
    for (index, entry) in (first..).zip(entries) {
        let (numbers, value) = entry.split_at(ENTRY_BYTES - ELEMENT_BYTES);
        let [matrix, row, column] =
            core::array::from_fn(|i| u32::from_le_bytes(core::array::from_fn(|byte| numbers[4 * i + byte])));
        let matrix = usize::try_from(matrix).ok().and_then(|matrix| out.get_mut(matrix));
        let matrix = matrix.ok_or(CircomError::Matrix { index })?;
        if row >= view.header.domain_size {
            return Err(CircomError::Row { index });
        }
        if column >= view.header.num_variables {
            return Err(CircomError::Column { at: at(4), index });
        }
        let value: &[u8; ELEMENT_BYTES] = value.try_into().expect("an entry ends with a field element");
        let value = read_double_montgomery(value).map_err(|refused| refused.at(at(4), index))?;
        matrix.push(Coefficient { row, column, value });
    }
    Ok(out)
}
