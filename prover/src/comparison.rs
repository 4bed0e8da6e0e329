//! Our prover beside arkworks': the same key and assignment, one process, one rayon pool, runs in turn.
//!
//! What is measured is the proof of an assignment at hand: the rows' products, the quotient, the sums, the three points.
//! Ours is not verified within that time, and arkworks does not verify either. The baseline is ark-groth16's
//! `create_proof_with_reduction_and_matrices` with [`OddCoset`](crate::reduction::OddCoset), which has one transform, and
//! one product with the matrices, less than arkworks' own reduction.
//!
//! Ours is measured three times: with fresh blinding, as every proof is made that leaves this crate, which does without
//! the sum of B in G1, under each [`Timing`]; and with r and s given, which takes all five sums, as arkworks does. What
//! is set beside arkworks, whose time depends on the witness too, is [`Timing::Fast`].
//!
//! Of the two timings, each is measured first in every other turn, where what ran before is arkworks'.
//!
//! There are no figures without a check: with the same r and s both give the same points, in each run; and each proof
//! with fresh blinding verifies.
//!
//! ```no_run
//! use std::num::NonZeroUsize;
//! use veilpay_protocol::field::Fr;
//! use veilpay_prover::circom::ZkeyFile;
//! use veilpay_prover::comparison::{Arkworks, ComparisonError, Ours, compare};
//!
//! fn ratio(zkey: ZkeyFile, assignment: &[Fr]) -> Result<f64, ComparisonError> {
//!     let arkworks = Arkworks::of_zkey(&zkey)?;
//!     let ours = Ours::of_zkey(zkey)?;
//!     let found = compare(&ours, &arkworks, assignment, NonZeroUsize::MIN)?;
//!     Ok(found.arkworks.median().as_secs_f64() / found.ours.median().as_secs_f64())
//! }
//! ```

mod arkworks;
mod error;
mod ours;
mod times;
mod verification;

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use ark_ff::PrimeField;
use veilpay_kernels::Backend;
use veilpay_protocol::field::Fr;

pub use arkworks::Arkworks;
pub use error::ComparisonError;
pub use ours::Ours;
pub use times::Times;
pub use verification::{BatchTimes, SIZES, VerificationComparison, compare_verification};

pub use crate::groth16::parts::{Part, Parts};

use crate::groth16::{Blinding, Points, Timing};

/// What was measured.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What computed ours.
    pub backend: Backend,
    /// The threads of the pool.
    pub threads: usize,
    /// Our proofs with fresh blinding, [`Timing::Fast`].
    pub ours: Times,
    /// The same with [`Timing::Uniform`].
    pub ours_uniform: Times,
    /// Our proofs with r and s given.
    pub ours_given: Times,
    /// arkworks' proofs.
    pub arkworks: Times,
    /// Our verification of each of our proofs.
    pub verification: Times,
    /// The parts of ours, each alone with all threads; a part that there is not has none.
    pub our_parts: Vec<(Part, Times)>,
    /// The parts of arkworks', each alone with all threads. Its rows are within the quotient.
    pub arkworks_parts: Vec<(Part, Times)>,
}

/// r and s: full size, and nobody's secret.
fn given() -> (Fr, Fr) {
    (Fr::from_le_bytes_mod_order(&[0x35; 32]), Fr::from_le_bytes_mod_order(&[0xa6; 32]))
}

fn timed<T>(compute: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = compute();
    (start.elapsed(), result)
}

/// What the runs gave, one entry each.
#[derive(Default)]
struct Runs {
    ours: Vec<Duration>,
    ours_uniform: Vec<Duration>,
    ours_given: Vec<Duration>,
    arkworks: Vec<Duration>,
    verification: Vec<Duration>,
    our_parts: Vec<Parts>,
    arkworks_parts: Vec<Parts>,
}

impl Runs {
    /// All measurements once, one after the other; proofs of timing `first` after arkworks' stages, those of the other
    /// after a proof of ours.
    fn run(
        &mut self,
        ours: &Ours,
        arkworks: &Arkworks,
        assignment: &[Fr],
        first: Timing,
    ) -> Result<(), ComparisonError> {
        let fresh = Blinding::fresh().map_err(crate::ProveError::from)?;
        let (r, s) = given();

        self.prove(ours, assignment, &fresh, first)?;

        let (time, theirs) = timed(|| arkworks.points(assignment, (r, s)));
        self.arkworks.push(time);
        let (time, points) = timed(|| ours.points(assignment, &Blinding::given(r, s), Timing::Fast));
        self.ours_given.push(time);
        same(points?, theirs?)?;

        let second = if first == Timing::Fast { Timing::Uniform } else { Timing::Fast };
        self.prove(ours, assignment, &fresh, second)?;

        let mut parts = Parts::default();
        ours.verified(assignment, ours.points_by_parts(assignment, &fresh, &mut parts)?)?;
        self.our_parts.push(parts);
        self.arkworks_parts.push(arkworks.parts(assignment)?);
        Ok(())
    }

    /// A proof of ours, which must verify.
    fn prove(
        &mut self,
        ours: &Ours,
        assignment: &[Fr],
        blinding: &Blinding,
        timing: Timing,
    ) -> Result<(), ComparisonError> {
        let (time, points) = timed(|| ours.points(assignment, blinding, timing));
        match timing {
            Timing::Fast => &mut self.ours,
            Timing::Uniform => &mut self.ours_uniform,
        }
        .push(time);
        let (time, verified) = timed(|| ours.verified(assignment, points?));
        self.verification.push(time);
        verified?;
        Ok(())
    }
}

fn same(ours: Points, theirs: Points) -> Result<(), ComparisonError> {
    if ours == theirs { Ok(()) } else { Err(ComparisonError::Differ) }
}

fn by_part(runs: &[Parts]) -> Vec<(Part, Times)> {
    let of = |part: Part| runs.iter().filter_map(|parts| parts.of(part)).collect::<Vec<_>>();
    Part::ALL.into_iter().filter_map(|part| Some((part, Times::new(of(part))?))).collect()
}

/// Runs both provers `runs` times in turn, after one turn that does not count; in the current rayon pool, which should be
/// the one in which `ours` was laid out.
///
/// # Errors
/// [`ComparisonError::Prove`] when a proof of ours is not made or does not verify, [`ComparisonError::Differ`] when the
/// two give different points for the same r and s, [`ComparisonError::Arkworks`] when arkworks gives none: then there are
/// no figures at all.
pub fn compare(
    ours: &Ours,
    arkworks: &Arkworks,
    assignment: &[Fr],
    runs: NonZeroUsize,
) -> Result<Comparison, ComparisonError> {
    Runs::default().run(ours, arkworks, assignment, Timing::Fast)?;
    let mut all = Runs::default();
    for first in [Timing::Fast, Timing::Uniform].into_iter().cycle().take(runs.get()) {
        all.run(ours, arkworks, assignment, first)?;
    }
    let times = |durations| Times::new(durations).ok_or(ComparisonError::NoRun);
    Ok(Comparison {
        backend: ours.backend(),
        threads: rayon::current_num_threads(),
        ours: times(all.ours)?,
        ours_uniform: times(all.ours_uniform)?,
        ours_given: times(all.ours_given)?,
        arkworks: times(all.arkworks)?,
        verification: times(all.verification)?,
        our_parts: by_part(&all.our_parts),
        arkworks_parts: by_part(&all.arkworks_parts),
    })
}

#[cfg(test)]
mod tests;
