//! The binary encoding: fields one after another, integers big-endian, lists preceded by a u32 count, optional values by a
//! byte 0 or 1. Decoding is canonical: what decodes encodes to the same bytes, and nothing may follow.

use alloc::vec::Vec;
use core::fmt;

use crate::curve::{Point, PointError, point_from_bytes};
use crate::field::{FieldError, Fr, fr_from_bytes};

/// Why bytes were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes end too early.
    Truncated,
    /// Bytes follow the end.
    Trailing,
    /// An optional value's mark is neither 0 nor 1, or a code is unknown.
    BadCode,
    /// A list is longer than its bound.
    TooLong,
    /// A field element is not canonical.
    Field(FieldError),
    /// A point is not valid.
    Point(PointError),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("the bytes end too early"),
            Self::Trailing => f.write_str("bytes follow the end"),
            Self::BadCode => f.write_str("a code is unknown"),
            Self::TooLong => f.write_str("a list is longer than its bound"),
            Self::Field(error) => error.fmt(f),
            Self::Point(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for DecodeError {}

impl From<FieldError> for DecodeError {
    fn from(error: FieldError) -> Self {
        Self::Field(error)
    }
}

impl From<PointError> for DecodeError {
    fn from(error: PointError) -> Self {
        Self::Point(error)
    }
}

/// Reads fields from bytes, front to back; never allocates more than the bytes are long.
#[derive(Clone, Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Starts at the front of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Bytes left.
    #[must_use]
    pub const fn remaining(&self) -> usize {
        self.0.len()
    }

    /// The next `length` bytes.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`].
    pub fn take(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let (head, tail) = self.0.split_at_checked(length).ok_or(DecodeError::Truncated)?;
        self.0 = tail;
        Ok(head)
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`].
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (head, tail) = self.0.split_first_chunk().ok_or(DecodeError::Truncated)?;
        self.0 = tail;
        Ok(*head)
    }

    /// One byte.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`].
    pub fn byte(&mut self) -> Result<u8, DecodeError> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// A u16.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`].
    pub fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    /// A u32.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`].
    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    /// A u64.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`].
    pub fn u64(&mut self) -> Result<u64, DecodeError> {
        self.array().map(u64::from_be_bytes)
    }

    /// A u128.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`].
    pub fn u128(&mut self) -> Result<u128, DecodeError> {
        self.array().map(u128::from_be_bytes)
    }

    /// A field element.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] or [`DecodeError::Field`].
    pub fn element(&mut self) -> Result<Fr, DecodeError> {
        Ok(fr_from_bytes(&self.array()?)?)
    }

    /// A point.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] or [`DecodeError::Point`].
    pub fn point(&mut self) -> Result<Point, DecodeError> {
        Ok(point_from_bytes(&self.array()?)?)
    }

    /// A count and as many items of at least `item_length` bytes, read by `item`.
    ///
    /// # Errors
    /// [`DecodeError::TooLong`] above `bound` items, [`DecodeError::Truncated`], or what `item` returns.
    pub fn list<T>(
        &mut self,
        bound: usize,
        item_length: usize,
        mut item: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let count = self.u32()? as usize;
        if count > bound {
            return Err(DecodeError::TooLong);
        }
        if count.saturating_mul(item_length) > self.remaining() {
            return Err(DecodeError::Truncated);
        }
        (0..count).map(|_| item(self)).collect()
    }

    /// A mark 0, or 1 and a value read by `item`.
    ///
    /// # Errors
    /// [`DecodeError::BadCode`], [`DecodeError::Truncated`], or what `item` returns.
    pub fn optional<T>(
        &mut self,
        item: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        match self.byte()? {
            0 => Ok(None),
            1 => item(self).map(Some),
            _ => Err(DecodeError::BadCode),
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`DecodeError::Trailing`] when bytes are left.
    pub const fn finish(self) -> Result<(), DecodeError> {
        if self.0.is_empty() { Ok(()) } else { Err(DecodeError::Trailing) }
    }
}

/// Writes the mark of an optional value, and the value's bytes.
pub fn put_optional(out: &mut Vec<u8>, value: Option<&[u8]>) {
    out.push(u8::from(value.is_some()));
    out.extend_from_slice(value.unwrap_or_default());
}

/// Writes a list's count.
///
/// # Panics
/// When the count does not fit 32 bits, which no bounded list reaches.
pub fn put_count(out: &mut Vec<u8>, count: usize) {
    let count = u32::try_from(count).expect("lists are bounded far below 2^32");
    out.extend_from_slice(&count.to_be_bytes());
}
