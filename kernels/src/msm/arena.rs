//! Where points live while an MSM works on them: one block of memory, named by 32-bit indices.
//!
//! A point is 64 bytes (G1: x, y) or 128 bytes (G2: x.c0, x.c1, y.c0, y.c1), in the representation of the backend; the
//! identity is all zeros, which no other point is, since no point of odd order has y = 0. An item of a list is an
//! index and, in the top bit, a sign: the point or its negative.
//!
//! The block begins with two points for padding, then come the bases, which nobody writes while the arena is
//! shared, then slots, of which each belongs to one task at a time.

use core::ptr::NonNull;

/// The part of an item that is an index.
pub(crate) const INDEX: u32 = 0x7fff_ffff;
/// The bit of an item that says: its negative.
pub(crate) const SIGN: u32 = 0x8000_0000;
/// Points 0 and 1 are two points with different x, which padding adds; a point of the task's own takes the sum.
pub(crate) const PADDING: [u32; 2] = [0, 1];
/// The first base.
pub(crate) const FIRST_BASE: u32 = 2;

/// Additions to carry out, a whole number of vectors: point `to[i]` becomes point `a[i]` plus or minus point `b[i]`.
///
/// `a` and `to` are indices; the top bit of `b` says minus. No `to` is an `a` or `b` of the same batch, and each `to`
/// occurs once but for the one that takes what padding makes.
#[derive(Clone, Copy, Debug)]
pub struct Additions<'a> {
    pub(crate) a: &'a [[u32; 8]],
    pub(crate) b: &'a [[u32; 8]],
    pub(crate) to: &'a [[u32; 8]],
    /// What will be added next, for its points to be asked for in time.
    pub(crate) next: [&'a [[u32; 8]]; 2],
}

/// Zeroed memory on a line of 64 bytes; pages are taken when they are first written, large ones where there are some.
#[derive(Debug)]
pub(crate) struct Arena {
    words: NonNull<u64>,
    /// What `words` points into, for as long as it lives.
    _memory: Memory,
    points: usize,
    point_words: usize,
}

#[cfg(feature = "std")]
type Memory = memmap2::MmapMut;
#[cfg(not(feature = "std"))]
type Memory = alloc::vec::Vec<Line>;

#[cfg(not(feature = "std"))]
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Line(#[allow(dead_code)] [u8; 64]);

#[allow(unsafe_code)]
// SAFETY: the memory is the arena's own and moves with it.
unsafe impl Send for Arena {}
#[allow(unsafe_code)]
// SAFETY: through a shared arena only `base` is to be had, and those who write through it answer for what they write.
unsafe impl Sync for Arena {}

impl Arena {
    /// Room for `points` points of `point_words` words.
    ///
    /// # Panics
    /// When there are 2^31 points or more, or no memory.
    pub(crate) fn new(points: usize, point_words: usize) -> Self {
        assert!(points < INDEX as usize, "an index has 31 bits");
        let bytes = points.max(1) * point_words * 8;
        #[cfg(feature = "std")]
        let mut memory = {
            let memory = memmap2::MmapMut::map_anon(bytes).expect("memory for points");
            // Only a wish: without large pages it works as well, a little slower.
            #[cfg(target_os = "linux")]
            let _ = memory.advise(memmap2::Advice::HugePage);
            memory
        };
        #[cfg(not(feature = "std"))]
        let mut memory = alloc::vec![Line([0; 64]); bytes.div_ceil(64)];
        let words = NonNull::new(memory.as_mut_ptr().cast()).expect("memory is somewhere");
        Self { words, _memory: memory, points, point_words }
    }

    /// The memory.
    pub(crate) const fn base(&self) -> *mut u64 {
        self.words.as_ptr()
    }

    /// Points it has room for.
    pub(crate) const fn points(&self) -> usize {
        self.points
    }

    /// All of it, to fill it.
    #[allow(unsafe_code)]
    pub(crate) fn words_mut(&mut self) -> &mut [u64] {
        // SAFETY: the memory is at least that long, initialised, on a line, and borrowed exclusively.
        unsafe { core::slice::from_raw_parts_mut(self.words.as_ptr(), self.points * self.point_words) }
    }
}
