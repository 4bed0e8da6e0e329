//! Points in memory: lines of 64 bytes, one a point on G1 (x, y), two on G2 (x.c0, x.c1; y.c0, y.c1), in the
//! representation of the backend. The identity is all zeros, which no other point is, since no point of odd order has
//! y = 0.

#![allow(unsafe_code)]

use core::fmt;
use core::ptr::NonNull;
#[cfg(feature = "std")]
use std::sync::{Mutex, PoisonError};

/// A cache line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(64))]
pub(crate) struct Line(pub(crate) [u64; 8]);

impl Line {
    pub(crate) const ZERO: Self = Self([0; 8]);
}

/// The words of lines.
pub(crate) const fn words(lines: &[Line]) -> &[u64] {
    // SAFETY: a line is eight words and nothing else.
    unsafe { core::slice::from_raw_parts(lines.as_ptr().cast(), 8 * lines.len()) }
}

/// The words of lines, to write.
pub(crate) const fn words_mut(lines: &mut [Line]) -> &mut [u64] {
    // SAFETY: a line is eight words and nothing else, and any words make a line.
    unsafe { core::slice::from_raw_parts_mut(lines.as_mut_ptr().cast(), 8 * lines.len()) }
}

/// Lines that stay, zero at first; pages are taken when they are first written, large ones where there are some.
pub(crate) struct Slab {
    start: NonNull<Line>,
    /// Lines that there are.
    #[cfg(feature = "std")]
    capacity: usize,
    /// Lines that are used.
    len: usize,
    /// What `start` points into, for as long as it lives.
    _memory: Memory,
}

/// Memory that is kept: pages that the system has cleared once.
#[cfg(feature = "std")]
static SPARE: Mutex<Option<Slab>> = Mutex::new(None);
/// Lines of 32 MiB.
#[cfg(feature = "std")]
const SPARE_LINES: usize = (32 << 20) / 64;

#[cfg(feature = "std")]
type Memory = memmap2::MmapMut;
#[cfg(not(feature = "std"))]
type Memory = alloc::vec::Vec<Line>;

// SAFETY: the memory is the slab's own and moves with it; through a shared slab it is only read.
unsafe impl Send for Slab {}
// SAFETY: as above.
unsafe impl Sync for Slab {}

impl fmt::Debug for Slab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slab").field("len", &self.len).finish_non_exhaustive()
    }
}

impl Slab {
    /// # Panics
    /// When there is no memory.
    pub(crate) fn new(len: usize) -> Self {
        #[cfg(feature = "std")]
        let mut memory = {
            let memory = memmap2::MmapMut::map_anon((64 * len).max(64)).expect("memory for points");
            // Only a wish: without large pages it works as well, a little slower.
            #[cfg(target_os = "linux")]
            let _ = memory.advise(memmap2::Advice::HugePage);
            memory
        };
        #[cfg(not(feature = "std"))]
        let mut memory = alloc::vec![Line::ZERO; len.max(1)];
        let start = NonNull::new(memory.as_mut_ptr().cast()).expect("memory is somewhere");
        Self {
            start,
            #[cfg(feature = "std")]
            capacity: len,
            len,
            _memory: memory,
        }
    }

    /// As [`Self::new`], with whatever it holds, in memory that was put by if that is enough.
    pub(crate) fn again(len: usize) -> Self {
        #[cfg(feature = "std")]
        if let Some(slab) = SPARE.lock().unwrap_or_else(PoisonError::into_inner).take_if(|slab| slab.capacity >= len) {
            return Self { len, ..slab };
        }
        Self::new(len)
    }

    /// Keeps the memory for [`Self::again`], if it is not too much.
    pub(crate) fn put_by(self) {
        #[cfg(feature = "std")]
        if self.capacity <= SPARE_LINES {
            *SPARE.lock().unwrap_or_else(PoisonError::into_inner) = Some(self);
        }
    }

    /// All of it.
    pub(crate) const fn lines(&self) -> &[Line] {
        // SAFETY: the memory is that long, initialised, begins at a page or at a line, and is written through
        // `lines_mut` only.
        unsafe { core::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }

    /// All of it, to fill it.
    pub(crate) const fn lines_mut(&mut self) -> &mut [Line] {
        // SAFETY: as for `lines`, and borrowed exclusively.
        unsafe { core::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}
