//! `.wtns`: an assignment, version 2.
//!
//! | section | content |
//! |---|---|
//! | 1 | u32 32, r, u32 number of values |
//! | 2 | the values, 32 bytes each, below r; the first is the constant one |

use ark_ff::{AdditiveGroup, Field};
use veilpay_protocol::field::Fr;
use zeroize::Zeroizing;

use super::container::{self, Bytes, Container, exact, number};
use super::element::{ELEMENT_BYTES, Element, Refused, read_into, read_plain, write_plain};
use super::error::{CircomError, File, Place};

/// Reads an assignment: the one, the public inputs, the private variables. It is erased when dropped.
///
/// Not constant-time: reading compares each value with r.
///
/// # Errors
/// [`CircomError`] for another kind of file or another prime, sections that are missing, doubled, unknown or not as long
/// as the count says, a value that is not below r, or a first value that is not one.
pub fn read(bytes: &[u8]) -> Result<Zeroizing<Vec<Fr>>, CircomError> {
    let container = Container::read(File::Wtns, bytes)?;
    let (at, header) = container.section(1)?;
    let mut rest = Bytes(header);
    super::read_prime(&mut rest, Fr::prime()).ok_or(CircomError::Prime(at))?;
    exact(at, header.len() as u64, 4 + ELEMENT_BYTES as u64 + 4)?;
    let count = rest.u32().unwrap_or_default();
    let bytes = container.elements(2, count.into(), ELEMENT_BYTES as u64)?;
    let read = |bytes: &[u8]| read_plain(bytes.try_into().map_err(|_| Refused::NotCanonical)?);
    let mut values = Zeroizing::new(vec![Fr::ZERO; bytes.len() / ELEMENT_BYTES]);
    read_into(&mut values, Place { section: 2, ..at }, bytes, ELEMENT_BYTES, read)?;
    if values.first() == Some(&Fr::ONE) { Ok(values) } else { Err(CircomError::NotOne) }
}

/// Writes an assignment: the one, the public inputs, the private variables. The bytes are erased when dropped.
#[must_use]
pub fn write(assignment: &[Fr]) -> Zeroizing<Vec<u8>> {
    let mut header = Vec::with_capacity(4 + ELEMENT_BYTES + 4);
    super::write_prime(&mut header, Fr::prime());
    header.extend(number(assignment.len()));
    let mut values = Zeroizing::new(Vec::with_capacity(assignment.len() * ELEMENT_BYTES));
    for value in assignment {
        values.extend_from_slice(Zeroizing::new(write_plain(value)).as_slice());
    }
    Zeroizing::new(container::write(File::Wtns, &[(1, &header), (2, &values)]))
}
