//! The stages of a proof, and the time that each took.

use std::fmt;
use std::time::Duration;

/// A stage of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Stage {
    /// The native relation, which names the clause that a wrong witness breaks.
    Check = 0,
    /// The key: in memory, or loaded, or made.
    Key = 1,
    /// Every wire of the circuit.
    Assignment = 2,
    /// The assignment against the matrices.
    Satisfaction = 3,
    /// Quotient and multi-scalar products.
    Prove = 4,
    /// The finished proof, verified.
    Verify = 5,
}

impl Stage {
    /// The stages in order.
    pub const ALL: [Self; 6] =
        [Self::Check, Self::Key, Self::Assignment, Self::Satisfaction, Self::Prove, Self::Verify];

    /// The name used in APIs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Key => "key",
            Self::Assignment => "assignment",
            Self::Satisfaction => "satisfaction",
            Self::Prove => "prove",
            Self::Verify => "verify",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The time that each stage of one proof took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings([Duration; Stage::ALL.len()]);

impl Timings {
    pub(crate) fn set(&mut self, stage: Stage, time: Duration) {
        self.0[stage as usize] = time;
    }

    /// Of one stage; zero for a stage that did not take place.
    #[must_use]
    pub const fn of(&self, stage: Stage) -> Duration {
        self.0[stage as usize]
    }

    /// Of all stages.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.0.iter().sum()
    }
}
