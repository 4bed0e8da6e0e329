//! The container that circom's binary files share.
//!
//! | bytes | content |
//! |---|---|
//! | 4 | the kind: `zkey`, `wtns`, `r1cs` |
//! | 4 | version |
//! | 4 | number of sections |
//! | for each section: 4, 8, ... | its number, its length in bytes, its content |
//!
//! All numbers are little-endian. Sections come in any order. Each may occur once, those that a format does not know
//! may not, and nothing follows the last. Nothing is allocated: sections are slices of the file.

use super::error::{CircomError, File, Place};

/// No format has more sections.
const MAX_SECTIONS: usize = 10;

/// The sections of a file.
pub(crate) struct Container<'a> {
    file: File,
    sections: [Option<&'a [u8]>; MAX_SECTIONS],
}

impl<'a> Container<'a> {
    /// Splits a file into its sections.
    ///
    /// # Errors
    /// [`CircomError`] when the file is of another kind or version, ends early, goes on after its last section, or has
    /// a section twice or one that is not known.
    pub(crate) fn read(file: File, bytes: &'a [u8]) -> Result<Self, CircomError> {
        let mut rest = Bytes(bytes);
        let truncated = CircomError::Truncated(file);
        if *rest.array::<4>().ok_or(CircomError::Magic(file))? != file.magic() {
            return Err(CircomError::Magic(file));
        }
        let found = rest.u32().ok_or(truncated)?;
        if found != file.version() {
            return Err(CircomError::Version { file, found });
        }
        let mut sections = [None; MAX_SECTIONS];
        // At most as many turns as there are known sections: a number that is unknown or repeated ends the loop.
        for _ in 0..rest.u32().ok_or(truncated)? {
            let at = Place { file, section: rest.u32().ok_or(truncated)? };
            let length = rest.u64().ok_or(truncated)?;
            let slot = slot(&mut sections, at).ok_or(CircomError::UnknownSection(at))?;
            let content = usize::try_from(length).ok().and_then(|length| rest.take(length));
            if slot.replace(content.ok_or(CircomError::SectionTruncated(at))?).is_some() {
                return Err(CircomError::DuplicateSection(at));
            }
        }
        if rest.0.is_empty() { Ok(Self { file, sections }) } else { Err(CircomError::TrailingBytes(file)) }
    }

    /// A section that may be missing.
    pub(crate) fn find(&self, section: u32) -> Option<&'a [u8]> {
        self.sections[usize::try_from(section).ok()?.checked_sub(1)?]
    }

    /// A section that must be there.
    pub(crate) fn section(&self, section: u32) -> Result<(Place, &'a [u8]), CircomError> {
        let at = Place { file: self.file, section };
        Ok((at, self.find(section).ok_or(CircomError::MissingSection(at))?))
    }

    /// A section of exactly `count` elements of `size` bytes.
    pub(crate) fn elements(&self, section: u32, count: u64, size: u64) -> Result<&'a [u8], CircomError> {
        let (at, bytes) = self.section(section)?;
        exact(at, bytes, count * size)
    }
}

fn slot<T>(sections: &mut [T; MAX_SECTIONS], at: Place) -> Option<&mut T> {
    let index = usize::try_from(at.section).ok()?.checked_sub(1)?;
    if index < at.file.sections().len() { sections.get_mut(index) } else { None }
}

/// The section itself when it has this length.
pub(crate) fn exact(at: Place, bytes: &[u8], expected: u64) -> Result<&[u8], CircomError> {
    let found = bytes.len() as u64;
    if found == expected { Ok(bytes) } else { Err(CircomError::SectionLength { at, expected, found }) }
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
