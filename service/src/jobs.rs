//! Proofs on request. A job is queued, run by a thread of its own, and remembered with its result for a while.
//!
//! | question | file |
//! |---|---|
//! | which jobs are there, and who may have how many? | [`table`] |
//! | what is a job, and what does it hold? | [`record`] |
//! | how is one run? | [`worker`] |
//! | what makes a proof? | [`prove`] |
//! | which forms has a finished one? | [`forms`] |
//!
//! The table is in memory: a restart forgets every job, and a wallet asks again. A witness is kept in one place at a time,
//! the body, the queue or the worker, and is erased when it leaves the last one: when the proof is made, the job fails, is
//! cancelled, or the service stops. A running job that is cancelled is erased at its next stage. Copies that a move leaves
//! on a thread's stack are overwritten by what comes next, not erased.

pub mod forms;
pub mod prove;
pub mod record;
pub mod table;
pub mod worker;

use core::fmt;
use core::str::FromStr;

use rand_core::{OsRng, RngCore as _};
use veilpay_api::problem::{Code, Problem};

pub use forms::{MadeProof, ProofForm};
pub use prove::{Prove, Proved};
pub use record::{Accepted, Idempotency};
pub use table::Jobs;

/// A job's name: 128 random bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct JobId([u8; 16]);

impl JobId {
    fn random() -> Self {
        let mut bytes = [0; 16];
        OsRng.fill_bytes(&mut bytes);
        Self(bytes)
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JobId({self})")
    }
}

impl FromStr for JobId {
    type Err = Refusal;

    /// A text that is no identifier is the identifier of no job.
    fn from_str(text: &str) -> Result<Self, Refusal> {
        let lower = !text.bytes().any(|b| b.is_ascii_uppercase());
        let bytes = hex::decode(text).ok().filter(|_| lower).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(Refusal::NotFound)
    }
}

/// Why a job was not accepted or is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// No such job, or somebody else's.
    NotFound,
    /// Its result was kept its time and is gone.
    Expired,
    /// It has made no proof: it waits, runs, or ended without one.
    NoProof,
    /// The queue is full, by count or by bytes.
    QueueFull,
    /// The caller has as many jobs waiting and running as he may.
    TooMany,
    /// The idempotency key belongs to another body.
    IdempotencyMismatch,
    /// The service is stopping.
    Stopping,
}

/// Seconds after which a caller may ask again, where the service is busy.
pub const RETRY_AFTER_SECONDS: u64 = 1;

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let problem = |code, detail| Self::new(code, detail);
        match refusal {
            Refusal::NotFound => problem(Code::NotFound, "no such job, or not yours"),
            Refusal::Expired => problem(Code::Expired, "the job's result is no longer kept"),
            Refusal::NoProof => problem(Code::Conflict, "the job has no proof; its status says whether one is to come"),
            Refusal::QueueFull => problem(Code::QueueFull, "try again later").with_retry_after(RETRY_AFTER_SECONDS),
            Refusal::TooMany => {
                problem(Code::TooManyRequests, "your jobs that wait and run are as many as you may have")
                    .with_retry_after(RETRY_AFTER_SECONDS)
            }
            Refusal::IdempotencyMismatch => problem(Code::IdempotencyMismatch, "use another key for another request"),
            Refusal::Stopping => problem(Code::Stopping, "try again later").with_retry_after(RETRY_AFTER_SECONDS),
        }
    }
}
