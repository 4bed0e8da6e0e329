//! Pieces of work on the threads that the feature `parallel` gives.

use alloc::vec::Vec;
use core::ops::Range;

/// The threads of the current pool, 1 without the feature `parallel`.
pub(crate) fn threads() -> usize {
    #[cfg(feature = "parallel")]
    {
        rayon::current_num_threads()
    }
    #[cfg(not(feature = "parallel"))]
    {
        1
    }
}

/// What `f` makes of parts of 0..n, in order: one part for each thread, but none of less than `least`. Parts begin at
/// multiples of 16, so that vectors are full.
pub(crate) fn parts<T: Send>(n: usize, least: usize, f: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let count = (n / least).clamp(1, threads());
    if count == 1 {
        return [f(0..n)].into();
    }
    let start = |k: usize| if k == count { n } else { k * n / count / 16 * 16 };
    let part = |k: usize| f(start(k)..start(k + 1));
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        (0..count).into_par_iter().with_max_len(1).map(part).collect()
    }
    #[cfg(not(feature = "parallel"))]
    (0..count).map(part).collect()
}

/// Both; at once if there is a thread for each.
pub(crate) fn join<A: Send, B: Send>(a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B) {
    #[cfg(feature = "parallel")]
    if threads() > 1 {
        return rayon::join(a, b);
    }
    (a(), b())
}

/// Both; at once if `split`.
pub(crate) fn maybe_join(split: bool, a: impl FnOnce() + Send, b: impl FnOnce() + Send) {
    if split {
        join(a, b);
    } else {
        a();
        b();
    }
}
