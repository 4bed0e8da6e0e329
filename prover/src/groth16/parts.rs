//! The parts of a proof that take time, and how long each took when they ran one after the other.

use std::time::{Duration, Instant};

/// A part of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Part {
    /// The products of the matrices' rows with the assignment.
    Rows = 0,
    /// The quotient: transforms and the products between them.
    Quotient = 1,
    /// Scalars as integers, or as the digits that the sums take.
    Digits = 2,
    /// The sum of A.
    A = 3,
    /// The sum of B in G1.
    B1 = 4,
    /// The sum of B in G2.
    B2 = 5,
    /// The sum over private wires.
    L = 6,
    /// The sum over rows.
    H = 7,
    /// Blinding, and the points' affine form.
    Finish = 8,
}

impl Part {
    /// The parts in order.
    pub const ALL: [Self; 9] =
        [Self::Rows, Self::Quotient, Self::Digits, Self::A, Self::B1, Self::B2, Self::L, Self::H, Self::Finish];

    /// The name used in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Quotient => "quotient",
            Self::Digits => "digits",
            Self::A => "msm_a",
            Self::B1 => "msm_b1",
            Self::B2 => "msm_b2",
            Self::L => "msm_l",
            Self::H => "msm_h",
            Self::Finish => "finish",
        }
    }
}

/// The time that each part of one proof took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts([Option<Duration>; Part::ALL.len()]);

impl Parts {
    /// Runs a part.
    pub(crate) fn time<T>(&mut self, part: Part, compute: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = compute();
        self.0[part as usize] = Some(start.elapsed());
        result
    }

    /// Of one part; none for a part that a prover does without, or within another.
    #[must_use]
    pub const fn of(&self, part: Part) -> Option<Duration> {
        self.0[part as usize]
    }
}
