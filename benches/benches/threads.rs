//! With how many threads is measured.

use std::num::NonZeroUsize;

/// One thread, and as many as there are if that is more.
pub(crate) fn thread_counts() -> Vec<NonZeroUsize> {
    let all = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    if all == NonZeroUsize::MIN { vec![all] } else { vec![NonZeroUsize::MIN, all] }
}
