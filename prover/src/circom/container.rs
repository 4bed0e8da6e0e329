//! The container that circom's binary files share.
//!
//! | bytes | content |
//! |---|---|
//! | 4 | the kind: `zkey`, `wtns`, `r1cs`, `ptau` |
//! | 4 | version |
//! | 4 | number of sections |
//! | for each section: 4, 8, ... | its number, its length in bytes, its content |
//!
//! All numbers are little-endian. Sections come in any order. Each may occur once, those that a format does not know
//! may not, and nothing follows the last. Nothing is allocated: sections are slices of the file.

use std::borrow::Cow;
use std::io;
use std::ops::Range;

use super::error::{CircomError, File, Place};

/// No format has more sections.
const MAX_SECTIONS: usize = 15;

/// Where the sections of a file are.
pub(crate) struct Table {
    file: File,
    sections: [Option<Range<u64>>; MAX_SECTIONS],
}

impl Table {
    /// Finds the sections of a file of `length` bytes, of which `read` reads a range.
    ///
    /// # Errors
    /// [`CircomError`] when the file is of another kind or version, ends early, goes on after its last section, or has
    /// a section twice or one that is not known.
    pub(crate) fn read<'a>(
        file: File,
        length: u64,
        read: impl Fn(Range<u64>) -> io::Result<Cow<'a, [u8]>>,
    ) -> Result<Self, CircomError> {
        let mut at = 0;
        // The next bytes; none when there are fewer.
        let mut take = |count: u64| match u64::checked_add(at, count) {
            Some(end) if end <= length => {
                let range = at..end;
                at = end;
                Some(range)
            }
            _ => None,
        };
        let truncated = CircomError::Truncated(file);
        let number = |range: Option<Range<u64>>| -> Result<u64, CircomError> {
            let bytes = read(range.ok_or(truncated)?)?;
            let mut number = [0; 8];
            number[..bytes.len()].copy_from_slice(&bytes);
            Ok(u64::from_le_bytes(number))
        };
        if *read(take(4).ok_or(CircomError::Magic(file))?)? != file.magic() {
            return Err(CircomError::Magic(file));
        }
        let short = |number| u32::try_from(number).expect("a number of four bytes");
        let found = short(number(take(4))?);
        if found != file.version() {
            return Err(CircomError::Version { file, found });
        }
        let mut sections = [const { None }; MAX_SECTIONS];
        // At most as many turns as there are known sections: a number that is unknown or repeated ends the loop.
        for _ in 0..number(take(4))? {
            let place = Place { file, section: short(number(take(4))?) };
            let length = number(take(8))?;
            let slot = slot(&mut sections, place).ok_or(CircomError::UnknownSection(place))?;
            if slot.replace(take(length).ok_or(CircomError::SectionTruncated(place))?).is_some() {
                return Err(CircomError::DuplicateSection(place));
            }
        }
        if at == length { Ok(Self { file, sections }) } else { Err(CircomError::TrailingBytes(file)) }
    }

    /// A section that may be missing.
    pub(crate) fn find(&self, section: u32) -> Option<Range<u64>> {
        self.sections[usize::try_from(section).ok()?.checked_sub(1)?].clone()
    }

    /// A section that must be there.
    pub(crate) fn section(&self, section: u32) -> Result<(Place, Range<u64>), CircomError> {
        let at = Place { file: self.file, section };
        Ok((at, self.find(section).ok_or(CircomError::MissingSection(at))?))
    }

    /// A section of exactly `count` elements of `size` bytes.
    pub(crate) fn elements(&self, section: u32, count: u64, size: u64) -> Result<Range<u64>, CircomError> {
        let (at, range) = self.section(section)?;
        exact(at, range.end - range.start, count * size)?;
        Ok(range)
    }
}

/// The sections of a file in memory.
pub(crate) struct Container<'a> {
    table: Table,
    bytes: &'a [u8],
}

/// A part of bytes; nothing when it is not there.
pub(crate) fn part(bytes: &[u8], range: Range<u64>) -> &[u8] {
    let place = |at| usize::try_from(at).unwrap_or(usize::MAX);
    bytes.get(place(range.start)..place(range.end)).unwrap_or_default()
}

impl<'a> Container<'a> {
    /// Splits a file into its sections.
    ///
    /// # Errors
    /// As [`Table::read`].
    pub(crate) fn read(file: File, bytes: &'a [u8]) -> Result<Self, CircomError> {
        let table = Table::read(file, bytes.len() as u64, |range| Ok(part(bytes, range).into()))?;
        Ok(Self { table, bytes })
    }

    /// A section that must be there.
    pub(crate) fn section(&self, section: u32) -> Result<(Place, &'a [u8]), CircomError> {
        self.table.section(section).map(|(at, range)| (at, part(self.bytes, range)))
    }

    /// A section of exactly `count` elements of `size` bytes.
    pub(crate) fn elements(&self, section: u32, count: u64, size: u64) -> Result<&'a [u8], CircomError> {
        self.table.elements(section, count, size).map(|range| part(self.bytes, range))
    }

    /// A section that may be missing.
    #[cfg(test)]
    pub(crate) fn find(&self, section: u32) -> Option<&'a [u8]> {
        self.table.find(section).map(|range| part(self.bytes, range))
    }
}

fn slot<T>(sections: &mut [T; MAX_SECTIONS], at: Place) -> Option<&mut T> {
    let index = usize::try_from(at.section).ok()?.checked_sub(1)?;
    let known = at.file.sections().get(index).is_some_and(|name| !name.is_empty());
    if known { sections.get_mut(index) } else { None }
}

/// Whether a section has the length that its counts say.
pub(crate) const fn exact(at: Place, found: u64, expected: u64) -> Result<(), CircomError> {
    if found == expected { Ok(()) } else { Err(CircomError::SectionLength { at, expected, found }) }
}

/// What is left to read of a slice.
#[derive(Clone, Copy)]
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl<'a> Bytes<'a> {
    /// The next `length` bytes; none when there are fewer.
    pub(crate) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(length)?;
        self.0 = tail;
        Some(head)
    }

    /// The next `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (head, tail) = self.0.split_first_chunk::<N>()?;
        self.0 = tail;
        Some(head)
    }

    /// The next number of 4 bytes.
    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(|bytes| u32::from_le_bytes(*bytes))
    }

    /// The next number of 8 bytes.
    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(|bytes| u64::from_le_bytes(*bytes))
    }
}

/// Writes a file of these sections, in this order.
pub(crate) fn write(file: File, sections: &[(u32, &[u8])]) -> Vec<u8> {
    // Room for all at once: a vector that grows leaves its content behind, and a section may hold a witness.
    let length = 12 + sections.iter().map(|(_, content)| 12 + content.len()).sum::<usize>();
    let mut out = Vec::with_capacity(length);
    out.extend(file.magic());
    out.extend(file.version().to_le_bytes());
    out.extend(number(sections.len()));
    for (section, content) in sections {
        out.extend(section.to_le_bytes());
        out.extend((content.len() as u64).to_le_bytes());
        out.extend_from_slice(content);
    }
    out
}

/// A count as these files write it.
pub(crate) fn number(count: usize) -> [u8; 4] {
    u32::try_from(count).expect("a circuit has fewer than 2^32 rows, columns and coefficients").to_le_bytes()
}
