//! `.r1cs`: a constraint system, version 1, without custom gates.
//!
//! | section | content |
//! |---|---|
//! | 1 | u32 32, r; u32 each: variables, outputs, public inputs, private inputs; u64 labels; u32 constraints |
//! | 2 | for each constraint A, B, C: u32 number of entries, for each u32 variable and the coefficient, 32 bytes below r |
//! | 3 | for each variable the label that circom gave it, u64 |
//!
//! Variables are the one, the outputs, the public inputs, the private inputs, then all others. An [`R1cs`] counts outputs
//! as public inputs, as the proof system does. Source: <https://github.com/iden3/r1csfile/blob/master/doc/r1cs_bin_format.md>.

use ark_relations::gr1cs::Matrix;
use veilpay_protocol::field::Fr;

use super::container::{self, Bytes, Container, exact, number};
use super::element::{ELEMENT_BYTES, Element, read_plain, write_plain};
use super::error::{CircomError, File, Place};
use crate::r1cs::R1cs;

const HEADER_BYTES: usize = 4 + ELEMENT_BYTES + 4 * 4 + 8 + 4;
/// A constraint is at least three empty lists.
const MIN_CONSTRAINT_BYTES: usize = 3 * 4;
const ENTRY_BYTES: usize = 4 + ELEMENT_BYTES;

/// Reads a constraint system. Labels are not kept.
///
/// # Errors
/// [`CircomError`] for another kind of file or another prime, custom gates, sections that are missing, doubled, unknown or
/// not as long as the counts say, impossible counts, a variable that is not there, or a coefficient that is not below r.
pub fn read(bytes: &[u8]) -> Result<R1cs, CircomError> {
    let container = Container::read(File::R1cs, bytes)?;
    let (at, header) = container.section(1)?;
    let mut rest = Bytes(header);
    super::read_prime(&mut rest, Fr::prime()).ok_or(CircomError::Prime(at))?;
    exact(at, header.len() as u64, HEADER_BYTES as u64)?;
    let mut count = || rest.u32().unwrap_or_default();
    let (variables, outputs, inputs, private) = (count(), count(), count(), count());
    let (_labels, constraints) = (rest.u64(), rest.u32().unwrap_or_default());
    let public = u64::from(outputs) + u64::from(inputs);
    if 1 + public + u64::from(private) > u64::from(variables) {
        return Err(CircomError::PublicInputs { at, public: public + u64::from(private), variables });
    }
    container.elements(3, variables.into(), 8)?;
    let (at, bytes) = container.section(2)?;
    let size = |n: u64| usize::try_from(n).expect("a u32 is a size");
    let (num_instance, columns) = (size(1 + public), size(variables.into()));
    let matrices = Rows { at, section: bytes, rest: Bytes(bytes), columns }.read(size(constraints.into()))?;
    Ok(R1cs { matrices, num_instance, num_witness: columns - num_instance })
}

/// The constraints' section as it is read.
struct Rows<'a> {
    at: Place,
    section: &'a [u8],
    rest: Bytes<'a>,
    columns: usize,
}

impl Rows<'_> {
    fn read(mut self, constraints: usize) -> Result<[Matrix<Fr>; 3], CircomError> {
        // Only as much room as the bytes at hand can fill.
        let room = constraints.min(self.section.len() / MIN_CONSTRAINT_BYTES);
        let mut matrices: [Matrix<Fr>; 3] = core::array::from_fn(|_| Vec::with_capacity(room));
        for constraint in 0..constraints {
            for matrix in &mut matrices {
                matrix.push(self.row(constraint)?);
            }
        }
        let read = self.section.len() - self.rest.0.len();
        exact(self.at, self.section.len() as u64, read as u64)?;
        Ok(matrices)
    }

    fn row(&mut self, index: usize) -> Result<Vec<(Fr, usize)>, CircomError> {
        let read = (self.section.len() - self.rest.0.len()) as u64;
        let short = |needed: u64| CircomError::SectionLength {
            at: self.at,
            expected: read + needed,
            found: self.section.len() as u64,
        };
        let count = self.rest.u32().ok_or(short(4))?;
        let needed = u64::from(count) * ENTRY_BYTES as u64;
        let entries =
            usize::try_from(needed).ok().and_then(|needed| self.rest.take(needed)).ok_or(short(4 + needed))?;
        let (entries, _) = entries.as_chunks::<ENTRY_BYTES>();
        let read_entry = |entry: &[u8; ENTRY_BYTES]| {
            let mut entry = Bytes(entry);
            let column = entry.u32().and_then(|column| usize::try_from(column).ok());
            let column = column.filter(|column| *column < self.columns);
            let column = column.ok_or(CircomError::Column { at: self.at, index })?;
            let coefficient = entry.array().expect("an entry ends with a field element");
            Ok((read_plain(coefficient).map_err(|refused| refused.at(self.at, index))?, column))
        };
        entries.iter().map(read_entry).collect()
    }
}

/// Writes a constraint system. There are no outputs, all of the instance but the one are public inputs, and no private
/// variable is called an input, as our circuits mark none; each variable is its own label.
#[must_use]
pub fn write(r1cs: &R1cs) -> Vec<u8> {
    let variables = r1cs.num_variables();
    let mut header = Vec::with_capacity(HEADER_BYTES);
    super::write_prime(&mut header, Fr::prime());
    header.extend([variables, 0, r1cs.num_instance() - 1, 0].map(number).concat());
    header.extend((variables as u64).to_le_bytes());
    header.extend(number(r1cs.num_constraints()));

    let entries: usize = r1cs.matrices().iter().flatten().map(Vec::len).sum();
    let rows = r1cs.num_constraints();
    let mut constraints = Vec::with_capacity(rows * MIN_CONSTRAINT_BYTES + entries * ENTRY_BYTES);
    for index in 0..rows {
        for matrix in r1cs.matrices() {
            constraints.extend(number(matrix[index].len()));
            for (coefficient, column) in &matrix[index] {
                constraints.extend(number(*column));
                constraints.extend(write_plain(coefficient));
            }
        }
    }
    let labels: Vec<u8> = (0..variables as u64).flat_map(u64::to_le_bytes).collect();
    container::write(File::R1cs, &[(1, &header), (2, &constraints), (3, &labels)])
}
