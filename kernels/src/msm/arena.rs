//! Where points live while an MSM works on them: one block of memory, named by 32-bit indices.
//!
//! A point is 64 bytes (G1: x, y) or 128 bytes (G2: x.c0, x.c1, y.c0, y.c1), in the representation of the backend; the
//! identity is all zeros, which no other point is, since no point of odd order has y = 0. An item of a list is an
//! index and, in the top bit, a sign: the point or its negative.
//!
//! The block begins with three points for padding, then come the bases, which nobody writes while the arena is
//! shared, then slots, of which each belongs to one task at a time.

use alloc::alloc::{alloc_zeroed, dealloc, handle_alloc_error};
use core::alloc::Layout;
use core::ptr::NonNull;

/// The part of an item that is an index.
pub(crate) const INDEX: u32 = 0x7fff_ffff;
/// The bit of an item that says: its negative.
pub(crate) const SIGN: u32 = 0x8000_0000;
/// Points 0 and 1 are two points with different x, which padding adds; point 2 takes the sum.
pub(crate) const PADDING: [u32; 3] = [0, 1, 2];
/// The first base.
pub(crate) const FIRST_BASE: u32 = 3;

/// Additions to carry out, a whole number of vectors: point `to[i]` becomes point `a[i]` plus or minus point `b[i]`.
///
/// `a` and `to` are indices; the top bit of `b` says minus. No `to` is an `a` or `b` of the same batch, and each `to`
/// occurs once but for the one that takes what padding makes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Additions<'a> {
    pub(crate) a: &'a [[u32; 8]],
    pub(crate) b: &'a [[u32; 8]],
    pub(crate) to: &'a [[u32; 8]],
}

/// Zeroed memory on a line of 64 bytes; pages are only taken when they are written.
#[derive(Debug)]
pub(crate) struct Arena {
    words: NonNull<u64>,
    layout: Layout,
    point_words: usize,
}

#[allow(unsafe_code)]
// SAFETY: the memory is the arena's own; who may write which part of it is said where a pointer is handed out.
unsafe impl Send for Arena {}
#[allow(unsafe_code)]
// SAFETY: as above.
unsafe impl Sync for Arena {}

impl Arena {
    /// Room for `points` points of `point_words` words.
    ///
    /// # Panics
    /// When there are 2^31 points or more.
    #[allow(unsafe_code)]
    pub(crate) fn new(points: usize, point_words: usize) -> Self {
        assert!(points < INDEX as usize, "an index has 31 bits");
        let layout =
            Layout::from_size_align(points.max(1) * point_words * 8, 64).expect("2^31 points of 128 bytes fit");
        // SAFETY: the layout is not empty.
        let words = unsafe { alloc_zeroed(layout) }.cast();
        let Some(words) = NonNull::new(words) else { handle_alloc_error(layout) };
        Self { words, layout, point_words }
    }

    /// The memory.
    pub(crate) const fn base(&self) -> *mut u64 {
        self.words.as_ptr()
    }

    /// Points it has room for.
    pub(crate) const fn points(&self) -> usize {
        self.layout.size() / (8 * self.point_words)
    }

    /// All of it, to fill it.
    #[allow(unsafe_code)]
    pub(crate) fn words_mut(&mut self) -> &mut [u64] {
        // SAFETY: the memory is zeroed words and borrowed exclusively.
        unsafe { core::slice::from_raw_parts_mut(self.words.as_ptr(), self.layout.size() / 8) }
    }
}

impl Drop for Arena {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: allocated with this layout.
        unsafe { dealloc(self.words.as_ptr().cast(), self.layout) };
    }
}
