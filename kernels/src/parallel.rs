//! Two halves of a piece of work, on two threads where the feature `parallel` gives them.

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
