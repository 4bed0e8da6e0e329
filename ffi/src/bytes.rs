//! From pointers to slices and values, and back.

use crate::status::{Failure, VeilpayStatus};

fn null(what: &str) -> Failure {
    Failure::new(VeilpayStatus::Null, format!("{what} is null"))
}

/// `length` values from `pointer` on.
///
/// # Safety
/// `pointer` is null or points to `length` values that nobody writes while the result is in use.
pub(crate) unsafe fn slice<'a, T>(pointer: *const T, length: usize, what: &str) -> Result<&'a [T], Failure> {
    if length == 0 {
        return Ok(&[]);
    }
    if pointer.is_null() {
        return Err(null(what));
    }
    if length > isize::MAX as usize / size_of::<T>().max(1) {
        return Err(Failure::new(VeilpayStatus::Length, format!("{what} is longer than memory")));
    }
    // SAFETY: not null, and the caller says that so many values are there and stay.
    Ok(unsafe { core::slice::from_raw_parts(pointer, length) })
}

/// The 32 bytes at `pointer`.
///
/// # Safety
/// `pointer` is null or points to 32 bytes.
pub(crate) unsafe fn word(pointer: *const u8, what: &str) -> Result<[u8; 32], Failure> {
    if pointer.is_null() {
        return Err(null(what));
    }
    // SAFETY: not null, and the caller says that 32 bytes are there; bytes have no alignment.
    Ok(unsafe { pointer.cast::<[u8; 32]>().read() })
}

/// The value at `pointer`.
///
/// # Safety
/// `pointer` is null or points to a value that nobody changes while the result is in use.
pub(crate) unsafe fn value<'a, T>(pointer: *const T, what: &str) -> Result<&'a T, Failure> {
    // SAFETY: the caller says that a value is there, if anything.
    unsafe { pointer.as_ref() }.ok_or_else(|| null(what))
}

/// The value at `pointer`, to be changed.
///
/// # Safety
/// `pointer` is null or points to a value that nobody else uses while the result is in use.
pub(crate) unsafe fn value_mut<'a, T>(pointer: *mut T, what: &str) -> Result<&'a mut T, Failure> {
    // SAFETY: the caller says that a value is there, if anything, and ours alone.
    unsafe { pointer.as_mut() }.ok_or_else(|| null(what))
}

/// A place for a result that is not null.
#[derive(Clone, Copy)]
pub(crate) struct Place<T>(*mut T);

impl<T> Place<T> {
    /// # Safety
    /// `pointer` is null or may be written until the call returns.
    pub(crate) unsafe fn new(pointer: *mut T, what: &str) -> Result<Self, Failure> {
        if pointer.is_null() { Err(null(what)) } else { Ok(Self(pointer)) }
    }

    /// Writes the result.
    pub(crate) fn put(self, value: T) {
        // SAFETY: `new` was told that the place may be written.
        unsafe { self.0.write(value) }
    }
}

impl<T> Place<*mut T> {
    /// Gives an object to the caller.
    pub(crate) fn give(self, object: T) {
        self.put(Box::into_raw(Box::new(object)));
    }
}

impl Place<u8> {
    /// Writes several bytes.
    ///
    /// # Safety
    /// As many may be written.
    pub(crate) unsafe fn put_all(self, bytes: &[u8]) {
        // SAFETY: the caller says that there is room; a slice of ours does not overlap what C gave us to write.
        unsafe { self.0.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) }
    }
}

/// Takes an object back.
///
/// # Safety
/// `object` is null or came from [`Place::give`] and was not taken back yet.
pub(crate) unsafe fn take_back<T>(object: *mut T) {
    if !object.is_null() {
        // SAFETY: it came from `Box::into_raw`, once.
        drop(unsafe { Box::from_raw(object) });
    }
}
