//! One job: what it is, how it stands, what it holds.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Notify;
use veilpay_api::proofs::{Job, JobError, JobStatus, ProofRequest, ProofResult};
use veilpay_api::text::Timestamp;
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::Fr;
use veilpay_protocol::statement::{Statement, Witness};
use veilpay_prover::{CancelToken, Stage};

use super::worker::stage_name;
use super::{JobId, MadeProof, Refusal};
use crate::auth::Owner;

/// What a worker works on. Dropping it erases the witness.
pub struct Work {
    /// The public values.
    pub statement: Statement,
    /// The secret values.
    pub witness: Witness,
}

/// A proof, and the public inputs that it was made for.
pub struct Made {
    /// The proof as the job shows it.
    pub result: ProofResult,
    /// The public inputs in order.
    pub inputs: Vec<Fr>,
}

/// How a worker's run ended.
pub enum Outcome {
    /// With a proof.
    Succeeded(Made),
    /// Without one.
    Failed(JobError),
    /// At a stage's begin, because it was told to.
    Cancelled,
}

/// A worker's hold on a job.
pub struct Claim {
    id: JobId,
    owner: Owner,
    cancel: CancelToken,
}

impl Claim {
    pub(super) fn new(id: JobId, record: &Record) -> Self {
        Self { id, owner: record.owner, cancel: record.cancel.clone() }
    }

    pub(super) const fn owner(&self) -> Owner {
        self.owner
    }

    /// The job.
    #[must_use]
    pub const fn id(&self) -> JobId {
        self.id
    }

    /// What its owner cancels it by.
    #[must_use]
    pub const fn cancel(&self) -> &CancelToken {
        &self.cancel
    }
}

/// An idempotency key, and the body that it came with as a keyed digest.
pub struct Idempotency {
    pub(super) key: String,
    pub(super) body: [u8; 32],
}

/// A job that stands for a request.
pub struct Accepted {
    /// The job.
    pub job: Job,
    /// Its name.
    pub id: JobId,
}

/// How a job stands, with what it then holds.
pub(super) enum State {
    Queued(Box<Work>),
    Running(Stage),
    Succeeded(Made),
    Failed(JobError),
    Cancelled,
    Expired,
}

impl State {
    pub(super) const fn status(&self) -> JobStatus {
        match self {
            Self::Queued(_) => JobStatus::Queued,
            Self::Running(_) => JobStatus::Running,
            Self::Succeeded(_) => JobStatus::Succeeded,
            Self::Failed(_) => JobStatus::Failed,
            Self::Cancelled => JobStatus::Cancelled,
            Self::Expired => JobStatus::Expired,
        }
    }
}

/// A job as the table keeps it.
pub(super) struct Record {
    pub(super) owner: Owner,
    pub(super) circuit: CircuitId,
    pub(super) labels: BTreeMap<String, String>,
    /// Orders an owner's jobs.
    pub(super) number: u64,
    pub(super) bytes: usize,
    pub(super) state: State,
    pub(super) created_at: Timestamp,
    pub(super) started_at: Option<Timestamp>,
    pub(super) finished_at: Option<Timestamp>,
    pub(super) finished: Option<Instant>,
    pub(super) cancel: CancelToken,
    pub(super) changed: Arc<Notify>,
    pub(super) idempotency: Option<Idempotency>,
}

impl Record {
    pub(super) fn new(
        owner: Owner,
        request: ProofRequest,
        number: u64,
        bytes: usize,
        idempotency: Option<Idempotency>,
    ) -> Self {
        let ProofRequest { statement, witness, labels } = request;
        Self {
            owner,
            circuit: statement.circuit(),
            labels,
            number,
            bytes,
            state: State::Queued(Box::new(Work { statement, witness })),
            created_at: Timestamp::now(),
            started_at: None,
            finished_at: None,
            finished: None,
            cancel: CancelToken::new(),
            changed: Arc::default(),
            idempotency,
        }
    }

    /// The proof that the job made.
    pub(super) fn proof(&self) -> Result<MadeProof, Refusal> {
        match &self.state {
            State::Succeeded(Made { result, inputs }) => {
                Ok(MadeProof { circuit: self.circuit, inputs: inputs.clone(), proof: result.proof.0.clone() })
            }
            State::Expired => Err(Refusal::Expired),
            State::Queued(_) | State::Running(_) | State::Failed(_) | State::Cancelled => Err(Refusal::NoProof),
        }
    }

    /// The job as its owner sees it, but for its place in the queue.
    pub(super) fn show(&self, id: JobId, retention_seconds: u64, with_result: bool) -> Job {
        let status = self.state.status();
        Job {
            id: id.to_string(),
            circuit: self.circuit,
            circuit_version: self.circuit.version(),
            status,
            terminal: status.is_terminal(),
            stage: if let State::Running(stage) = self.state { Some(stage_name(stage).to_owned()) } else { None },
            queue_position: None,
            created_at: self.created_at,
            started_at: self.started_at,
            finished_at: self.finished_at,
            expires_at: self.finished_at.map(|at| Timestamp(at.0 + retention_seconds)),
            labels: self.labels.clone(),
            result: match &self.state {
                State::Succeeded(made) if with_result => Some(made.result.clone()),
                _ => None,
            },
            error: if let State::Failed(error) = &self.state { Some(error.clone()) } else { None },
        }
    }
}
