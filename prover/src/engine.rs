//! The engine: one thread pool and one copy of each key for any number of proofs at once.
//!
//! A proof passes six [stages](Stage); between them it can be cancelled. What leaves has been verified; what does not
//! satisfy the circuit is named, in every build.

pub mod cancel;
pub mod error;
pub mod stage;

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use rayon::{ThreadPool, ThreadPoolBuilder};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::Fr;
use veilpay_protocol::statement::{self, Statement, Witness};
use veilpay_verifier::Proof;
use zeroize::Zeroizing;

pub use cancel::CancelToken;
pub use error::ProveError;
pub use stage::{Stage, Timings};

pub use crate::groth16::Timing;
use crate::groth16::{Blinding, Points};
use crate::keys::{CircuitKey, KeyStore};

/// A proof that has been verified, and how long each stage took.
#[derive(Clone, Debug)]
pub struct ProofOutput {
    /// The proof.
    pub proof: Proof,
    /// Of this proof's stages.
    pub timings: Timings,
    /// The first proof did not verify and was computed again on the portable backend: a fault worth a look at the
    /// machine.
    pub recomputed: bool,
}

/// Proves statements of the built-in circuits.
#[derive(Debug)]
pub struct Engine {
    pool: ThreadPool,
    keys: KeyStore,
    timing: Timing,
}

impl Engine {
    /// An engine over a folder of keys, with a pool of its own.
    ///
    /// # Errors
    /// [`ProveError::Threads`] when the operating system gives no threads.
    pub fn new(keys: KeyStore, threads: NonZeroUsize) -> Result<Self, ProveError> {
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads.get())
            .thread_name(|i| format!("prove-{i}"))
            .build()
            .map_err(|_| ProveError::Threads)?;
        Ok(Self { pool, keys, timing: Timing::default() })
    }

    /// The same engine, whose proofs take time as `timing` says.
    #[must_use]
    pub const fn with_timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// The threads of the pool.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// The key of a circuit; loaded, or made if it is a dev key, on the first call, which a service makes at its start.
    ///
    /// # Errors
    /// As [`KeyStore::get`]; [`ProveError::Panicked`] when that panicked.
    pub fn key(&self, circuit: CircuitId) -> Result<Arc<CircuitKey>, ProveError> {
        caught(Stage::Key, || Ok(self.keys.get_in(circuit, Some(&self.pool))?))
    }

    /// Proves `statement` by `witness` and verifies the proof.
    ///
    /// `progress` is called on this thread as each stage begins; `cancel` is looked at then. The call blocks for the
    /// whole proof, and several may run at once, sharing the pool. Not to be called from inside another rayon pool.
    ///
    /// # Errors
    /// [`ProveError::Violation`] naming the first clause that the witness breaks; [`ProveError::Unsatisfied`] naming a
    /// constraint; [`ProveError::Cancelled`]; else what went wrong in a stage.
    pub fn prove(
        &self,
        statement: &Statement,
        witness: &Witness,
        progress: &dyn Fn(Stage),
        cancel: &CancelToken,
    ) -> Result<ProofOutput, ProveError> {
        self.prove_blinded(statement, witness, Blinding::fresh()?, progress, cancel)
    }

    /// As [`Self::prove`], with the scalars of the blinding given: for comparisons with other provers only, as a proof
    /// hides its witness by fresh ones.
    ///
    /// # Errors
    /// As [`Self::prove`].
    #[cfg(any(test, feature = "testing"))]
    pub fn prove_with_scalars(
        &self,
        statement: &Statement,
        witness: &Witness,
        (r, s): (Fr, Fr),
    ) -> Result<ProofOutput, ProveError> {
        self.prove_blinded(statement, witness, Blinding::given(r, s), &|_| (), &CancelToken::new())
    }

    /// The stages from [`Stage::Satisfaction`] on, for an assignment at hand (one, public inputs, wires).
    ///
    /// # Errors
    /// As [`Self::prove`].
    #[cfg(any(test, feature = "testing"))]
    pub fn prove_assignment(&self, circuit: CircuitId, assignment: &[Fr]) -> Result<ProofOutput, ProveError> {
        let cancel = CancelToken::new();
        let run = Run::new(self, &|_| (), &cancel);
        let key = self.key(circuit)?;
        let inputs = assignment.get(1..key.shape().num_instance).ok_or(ProveError::Unsatisfied { constraint: 0 })?;
        run.finish(&key, assignment, inputs, Blinding::fresh()?)
    }

    fn prove_blinded(
        &self,
        statement: &Statement,
        witness: &Witness,
        blinding: Blinding,
        progress: &dyn Fn(Stage),
        cancel: &CancelToken,
    ) -> Result<ProofOutput, ProveError> {
        let mut run = Run::new(self, progress, cancel);
        run.stage(Stage::Check, || statement::check(statement, witness).map_err(ProveError::Violation))?;
        let key = run.stage_outside(Stage::Key, || self.key(statement.circuit()))?;
        let assignment = run.stage(Stage::Assignment, || {
            let assignment = veilpay_circuits::assignment(statement, witness).map_err(|_| ProveError::Synthesis)?;
            Ok(Zeroizing::new(assignment))
        })?;
        run.finish(&key, &assignment, &statement.to_fields(), blinding)
    }
}

/// One proof on its way.
struct Run<'a> {
    pool: &'a ThreadPool,
    timing: Timing,
    progress: &'a dyn Fn(Stage),
    cancel: &'a CancelToken,
    timings: Timings,
    /// May change what a computation gave, of which it is told whether it is the portable one: for tests.
    fault: &'a (dyn Fn(&mut Points, bool) + Sync),
}

impl<'a> Run<'a> {
    fn new(engine: &'a Engine, progress: &'a dyn Fn(Stage), cancel: &'a CancelToken) -> Self {
        let Engine { pool, timing, .. } = engine;
        Self { pool, timing: *timing, progress, cancel, timings: Timings::default(), fault: &|_, _| () }
    }
}

/// Runs `compute`; a panic in it, or in a thread that works for it, becomes an error.
fn caught<T>(stage: Stage, compute: impl FnOnce() -> Result<T, ProveError>) -> Result<T, ProveError> {
    catch_unwind(AssertUnwindSafe(compute)).unwrap_or(Err(ProveError::Panicked(stage)))
}

impl Run<'_> {
    /// Runs a stage on this thread.
    fn stage_outside<T>(
        &mut self,
        stage: Stage,
        compute: impl FnOnce() -> Result<T, ProveError>,
    ) -> Result<T, ProveError> {
        if self.cancel.is_cancelled() {
            return Err(ProveError::Cancelled);
        }
        (self.progress)(stage);
        let start = Instant::now();
        let result = caught(stage, compute);
        self.timings.set(stage, start.elapsed());
        result
    }

    /// Runs a stage in the pool.
    fn stage<T: Send>(
        &mut self,
        stage: Stage,
        compute: impl FnOnce() -> Result<T, ProveError> + Send,
    ) -> Result<T, ProveError> {
        let pool = self.pool;
        self.stage_outside(stage, || pool.install(compute))
    }

    /// The stages that need no witness any more but its assignment.
    fn finish(
        mut self,
        key: &CircuitKey,
        assignment: &[Fr],
        inputs: &[Fr],
        blinding: Blinding,
    ) -> Result<ProofOutput, ProveError> {
        let rows =
            |portable| key.rows(assignment, portable).map_err(|constraint| ProveError::Unsatisfied { constraint });
        let (mut first, mut recomputed) = self.stage(Stage::Satisfaction, || match rows(false) {
            Ok(rows) => Ok((Some(rows), false)),
            // Plain instructions have the last word on a witness.
            Err(_) => Ok((Some(rows(true)?), true)),
        })?;
        let (timing, fault) = (self.timing, self.fault);
        loop {
            let points = self.stage(Stage::Prove, || {
                let rows = first.take().map_or_else(|| rows(recomputed), Ok)?;
                let mut points = key.prove(assignment, &rows, &blinding, timing, recomputed)?;
                fault(&mut points, recomputed);
                Ok(points)
            })?;
            let verified = self.stage(Stage::Verify, || verified(key, inputs, points));
            match verified {
                Ok(proof) => return Ok(ProofOutput { proof, timings: self.timings, recomputed }),
                // A fault of the machine or of a kernel: once more with other instructions, rows and all.
                Err(ProveError::SelfVerification(_)) if !recomputed => recomputed = true,
                Err(error) => return Err(error),
            }
        }
    }
}

/// The proof, if it holds.
pub(crate) fn verified(key: &CircuitKey, inputs: &[Fr], points: Points) -> Result<Proof, ProveError> {
    let proof = Proof::new(points.a, points.b, points.c).map_err(|error| ProveError::SelfVerification(error.into()))?;
    key.prepared().verify_inputs(inputs, &proof).map_err(ProveError::SelfVerification)?;
    Ok(proof)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use veilpay_circuits::sample::{TestRng, sample};

    use super::*;

    fn engine(folder: &str) -> Engine {
        let folder = std::env::temp_dir().join(format!("veilpay-{folder}-{}", std::process::id()));
        Engine::new(KeyStore::open(folder).unwrap(), NonZeroUsize::MIN.saturating_add(1)).unwrap()
    }

    #[test]
    fn a_panic_in_a_compute_thread_is_an_error_and_the_pool_goes_on() {
        let (engine, cancel) = (engine("panic"), CancelToken::new());
        let mut run = Run::new(&engine, &|_| (), &cancel);
        let panics = || -> Result<(), ProveError> { rayon::join(|| panic!("in a thread"), || Ok(())).1 };
        assert_eq!(run.stage(Stage::Prove, panics), Err(ProveError::Panicked(Stage::Prove)));
        assert_eq!(run.stage(Stage::Verify, || Ok(7)), Ok(7));
    }

    #[test]
    fn a_proof_spoilt_by_the_machine_is_computed_again_and_flagged() {
        let (engine, cancel) = (engine("spoilt"), CancelToken::new());
        let (statement, witness) = sample(CircuitId::Enrol, &mut TestRng::new(1));
        let assignment = veilpay_circuits::assignment(&statement, &witness).unwrap();
        let key = engine.key(CircuitId::Enrol).unwrap();
        let prove = |fault: &(dyn Fn(&mut Points, bool) + Sync)| {
            let run = Run { fault, ..Run::new(&engine, &|_| (), &cancel) };
            run.finish(&key, &assignment, &statement.to_fields(), Blinding::fresh().unwrap())
        };
        assert!(!prove(&|_, _| ()).unwrap().recomputed);
        let spoilt = prove(&|points, portable| {
            if !portable {
                points.c = -points.c;
            }
        });
        let output = spoilt.unwrap();
        assert!(output.recomputed);
        assert_eq!(key.prepared().verify(&statement, &output.proof), Ok(()));
        let refused = prove(&|points, _| points.c = -points.c).map(drop);
        assert!(matches!(refused, Err(ProveError::SelfVerification(_))));
        std::fs::remove_dir_all(std::env::temp_dir().join(format!("veilpay-spoilt-{}", std::process::id()))).unwrap();
    }
}
