//! A worker: one thread that takes a job at a time. What happens to it, a panic included, is that job's end alone.

use core::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::thread::JoinHandle;

use veilpay_api::proofs::{JobError, ProofResult};
use veilpay_api::text::Base64;
use veilpay_prover::{ProveError, Stage};

use super::record::{Claim, Made, Outcome, Work};
use super::{Jobs, Prove, Proved};

/// Starts `workers` threads; they end when the table is closed and no job is left.
///
/// # Errors
/// When the system gives no thread.
pub fn start(jobs: &Arc<Jobs>, engine: &Arc<dyn Prove>, workers: usize) -> std::io::Result<Vec<JoinHandle<()>>> {
    (0..workers)
        .map(|number| {
            let (jobs, engine) = (Arc::clone(jobs), Arc::clone(engine));
            std::thread::Builder::new().name(format!("proofs-{number}")).spawn(move || {
                while let Some((claim, work)) = jobs.claim() {
                    // The work, witness included, is dropped inside, by a panic too.
                    let run = AssertUnwindSafe(|| run(&jobs, &claim, work, engine.as_ref()));
                    let outcome = std::panic::catch_unwind(run).unwrap_or_else(|_| Outcome::Failed(fault()));
                    jobs.finish(&claim, outcome);
                }
            })
        })
        .collect()
}

/// The name of a stage on the wire.
#[must_use]
pub const fn stage_name(stage: Stage) -> &'static str {
    match stage {
        // The key is in memory since the service started, so this stage takes no time.
        Stage::Check | Stage::Key => "check",
        Stage::Assignment => "assign",
        Stage::Satisfaction => "satisfy",
        Stage::Prove => "prove",
        Stage::Verify => "verify",
    }
}

fn error(code: &str, rule: Option<&str>, detail: impl Into<String>) -> JobError {
    JobError { code: code.to_owned(), rule: rule.map(str::to_owned), detail: detail.into() }
}

fn fault() -> JobError {
    error("internal", None, "a fault of the service")
}

fn run(jobs: &Jobs, claim: &Claim, work: Box<Work>, engine: &dyn Prove) -> Outcome {
    // Boxed, so that the witness stays where it is until it is erased.
    let progress = |stage| jobs.enter(claim, stage);
    match engine.prove(&work.statement, &work.witness, &progress, claim.cancel()) {
        Ok(proved) => Outcome::Succeeded(Made { result: result(&proved), inputs: work.statement.to_fields() }),
        Err(ProveError::Cancelled) => Outcome::Cancelled,
        Err(ProveError::Violation(violation)) => {
            Outcome::Failed(error("invalid_witness", Some(violation.clause()), violation.to_string()))
        }
        Err(other) => {
            tracing::error!(job = %claim.id(), circuit = %work.statement.circuit(), error = %other, "a proof failed");
            Outcome::Failed(match other {
                ProveError::Unsatisfied { .. } => error("unsatisfied", None, "the circuit is not satisfied"),
                _ => fault(),
            })
        }
    }
}

fn result(proved: &Proved) -> ProofResult {
    let ms = |stage| (proved.timings.of(stage).as_secs_f64() * 1e4).round() / 10.0;
    let mut timings_ms = std::collections::BTreeMap::new();
    for stage in Stage::ALL {
        *timings_ms.entry(stage_name(stage).to_owned()).or_default() += ms(stage);
    }
    ProofResult { proof: Base64(proved.proof.to_vec()), timings_ms }
}
