//! `POST /v1/proofs` and the jobs that answer it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::enrol::{EnrolStatement, EnrolWitness};
use veilpay_protocol::identity::{IdentityStatement, IdentityWitness};
use veilpay_protocol::statement::{Statement, Witness};
use veilpay_protocol::transfer::{TransferStatement, TransferWitness};
use zeroize::Zeroizing;

use crate::problem::{Code, Problem};
use crate::text::{Base64, HexBytes, Timestamp};

/// Bytes of a proof request's body at most.
pub const MAX_PROOF_REQUEST: usize = 256 * 1024;

/// Labels of a job at most, and bytes of a label's name or value at most.
pub const MAX_LABELS: usize = 8;
/// Bytes of a label's name or value at most.
pub const MAX_LABEL_LENGTH: usize = 64;

/// What is asked to be proved. It holds a witness: no `Debug`, and whoever reads one erases the bytes it came from.
pub struct ProofRequest {
    /// The public values.
    pub statement: Statement,
    /// The secret values.
    pub witness: Witness,
    /// Names that the caller gives the job.
    pub labels: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestText<'a> {
    circuit: CircuitId,
    #[serde(borrow)]
    statement: &'a RawValue,
    #[serde(borrow)]
    witness: &'a RawValue,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
}

/// Reads a part of the request; the error names rule and place, never the value.
fn part<'a, T: Deserialize<'a>>(pointer: &str, text: &'a RawValue) -> Result<T, Problem> {
    serde_json::from_str(text.get()).map_err(|error| {
        // A data error is one of our own sentences; it may still quote an unexpected value, so only its place is told.
        let detail = format!("not of its form, at line {} column {}", error.line(), error.column());
        Problem::new(Code::Malformed, "a part of the request is not of its form").with_field(pointer, detail)
    })
}

fn raw(value: &impl Serialize) -> Result<Box<RawValue>, Problem> {
    serde_json::value::to_raw_value(value).map_err(|_| Problem::new(Code::Internal, "a value has no JSON"))
}

impl ProofRequest {
    /// Reads a request. The caller erases `body` afterwards.
    ///
    /// # Errors
    /// [`Code::Malformed`] with a pointer to what is not of its form.
    pub fn from_json(body: &[u8]) -> Result<Self, Problem> {
        let text: RequestText<'_> = serde_json::from_slice(body).map_err(|error| {
            let detail = format!("not a proof request, at line {} column {}", error.line(), error.column());
            Problem::new(Code::Malformed, detail)
        })?;
        let bounded = text.labels.len() <= MAX_LABELS
            && text.labels.iter().all(|(k, v)| k.len() <= MAX_LABEL_LENGTH && v.len() <= MAX_LABEL_LENGTH);
        if !bounded {
            let problem = Problem::new(Code::Malformed, "too many labels, or too long");
            return Err(problem.with_field("/labels", "at most 8 labels of at most 64 bytes"));
        }
        let (statement, witness) = match text.circuit {
            CircuitId::Transfer2x3 | CircuitId::Transfer8x2 => {
                let statement: TransferStatement = part("/statement", text.statement)?;
                let witness: TransferWitness = part("/witness", text.witness)?;
                (Statement::Transfer(statement), Witness::Transfer(witness))
            }
            CircuitId::Identity => {
                let statement: IdentityStatement = part("/statement", text.statement)?;
                let witness: IdentityWitness = part("/witness", text.witness)?;
                statement.check().map_err(bad_statement)?;
                (Statement::Identity(statement), Witness::Identity(witness))
            }
            CircuitId::Enrol => {
                let statement: EnrolStatement = part("/statement", text.statement)?;
                let witness: EnrolWitness = part("/witness", text.witness)?;
                statement.check().map_err(bad_statement)?;
                (Statement::Enrol(statement), Witness::Enrol(witness))
            }
        };
        if statement.circuit() != text.circuit {
            let problem = Problem::new(Code::Malformed, "the statement is of another circuit");
            return Err(problem.with_field("/statement", "its counts belong to another circuit"));
        }
        Ok(Self { statement, witness, labels: text.labels })
    }

    /// Writes a request; the text erases itself.
    ///
    /// # Errors
    /// [`Code::Internal`] when a value has no JSON, which no value of these types lacks.
    pub fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, Problem> {
        let (statement, witness) = match (&self.statement, &self.witness) {
            (Statement::Transfer(s), Witness::Transfer(w)) => (raw(s)?, raw(w)?),
            (Statement::Identity(s), Witness::Identity(w)) => (raw(s)?, raw(w)?),
            (Statement::Enrol(s), Witness::Enrol(w)) => (raw(s)?, raw(w)?),
            _ => return Err(Problem::new(Code::Malformed, "the witness is of another circuit")),
        };
        let text = RequestText {
            circuit: self.statement.circuit(),
            statement: &statement,
            witness: &witness,
            labels: self.labels.clone(),
        };
        let json = serde_json::to_vec(&text).map(Zeroizing::new);
        // The intermediate text holds the witness too, and erases itself here.
        drop(Zeroizing::new(String::from(Box::<str>::from(witness))));
        json.map_err(|_| Problem::new(Code::Internal, "a value has no JSON"))
    }
}

fn bad_statement(error: veilpay_protocol::statement::StatementError) -> Problem {
    Problem::new(Code::Malformed, "the statement is not valid").with_field("/statement", error.to_string())
}

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// It waits.
    Queued,
    /// A worker is at it.
    Running,
    /// The proof is there.
    Succeeded,
    /// It ended without a proof; `error` says why.
    Failed,
    /// The caller took it back.
    Cancelled,
    /// Its result was kept its time and is gone.
    Expired,
}

impl JobStatus {
    /// Whether nothing will change any more.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// Why a job failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobError {
    /// `invalid_witness`, `unsatisfied`, `stopping`, `internal`.
    pub code: String,
    /// The clause of PROTOCOL, where one was broken.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rule: Option<String>,
    /// What happened, in words.
    pub detail: String,
}

/// A proof that is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProofResult {
    /// The proof, 128 bytes.
    pub proof: Base64,
    /// Milliseconds per stage.
    pub timings_ms: BTreeMap<String, f64>,
}

/// `GET /v1/proofs/{id}/proof?format=evm`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvmProof {
    /// The 256 bytes of EIP-197: A, B, C.
    pub proof: HexBytes,
    /// A call of `verifyProof` with the proof and its public inputs.
    pub calldata: HexBytes,
}

/// A job, as `GET /v1/proofs/{id}` shows it. It never shows the witness, nor the statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// The identifier.
    pub id: String,
    /// The circuit.
    pub circuit: CircuitId,
    /// The circuit's version.
    pub circuit_version: u16,
    /// How it stands.
    pub status: JobStatus,
    /// Whether nothing will change any more.
    pub terminal: bool,
    /// What a running job is at: `check`, `assign`, `satisfy`, `prove`, `verify`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stage: Option<String>,
    /// How many jobs are before a queued one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub queue_position: Option<usize>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When a worker took it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub finished_at: Option<Timestamp>,
    /// When job and result are forgotten.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<Timestamp>,
    /// The caller's labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The proof, when it succeeded.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub result: Option<ProofResult>,
    /// The reason, when it failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<JobError>,
}

/// `GET /v1/proofs`: the caller's jobs, newest first, without results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Jobs {
    /// The jobs.
    pub jobs: Vec<Job>,
}

/// `POST /v1/proofs:validate`: the witness proves the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Valid {
    /// Always true; a violated clause is a problem.
    pub valid: bool,
}
