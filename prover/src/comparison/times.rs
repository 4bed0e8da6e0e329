//! How long runs of one thing took.

use std::time::Duration;

/// The times of at least one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Times {
    /// Ascending, not empty.
    sorted: Vec<Duration>,
}

impl Times {
    /// None when there was no run.
    pub(super) fn new(mut runs: Vec<Duration>) -> Option<Self> {
        runs.sort_unstable();
        if runs.is_empty() { None } else { Some(Self { sorted: runs }) }
    }

    /// The shortest.
    #[must_use]
    pub fn min(&self) -> Duration {
        self.sorted[0]
    }

    /// The longest.
    #[must_use]
    pub fn max(&self) -> Duration {
        self.sorted[self.sorted.len() - 1]
    }

    /// The one in the middle, or the mean of the two there.
    #[must_use]
    pub fn median(&self) -> Duration {
        let n = self.sorted.len();
        (self.sorted[(n - 1) / 2] + self.sorted[n / 2]) / 2
    }
}
