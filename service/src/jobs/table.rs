//! The table of jobs: one lock, bounds on everything in it.
//!
//! queued -> running(stage) -> succeeded | failed | cancelled -> expired -> forgotten. Workers and callers meet only here. A
//! worker's result counts only while its job is still running: one that was cancelled or failed meanwhile stays so.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand_core::{OsRng, RngCore as _};
use veilpay_api::proofs::{Job, JobError, JobStatus, ProofRequest};
use veilpay_api::text::Timestamp;
use veilpay_prover::Stage;

use super::record::{Accepted, Claim, Idempotency, Outcome, Record, State, Work};
use super::{JobId, MadeProof, Refusal};
use crate::auth::Owner;
use crate::config::LimitsConfig;

/// How long a finished job is remembered at least, as expired when its result is gone, and its idempotency key with it.
const REMEMBERED: Duration = Duration::from_secs(24 * 3600);

#[derive(Default)]
struct Owned {
    /// Jobs that wait, run, or were cancelled under a worker that has not noticed yet.
    in_flight: usize,
    /// Finished jobs, in order.
    finished: VecDeque<JobId>,
    keys: HashMap<String, JobId>,
}

#[derive(Default)]
struct Table {
    records: HashMap<JobId, Record>,
    owners: HashMap<Owner, Owned>,
    queue: VecDeque<JobId>,
    queued_bytes: usize,
    next_number: u64,
    closed: bool,
}

/// The jobs of a service.
pub struct Jobs {
    table: Mutex<Table>,
    work: Condvar,
    limits: LimitsConfig,
    mac_key: [u8; 32],
}

impl Jobs {
    /// No jobs yet.
    #[must_use]
    pub fn new(limits: LimitsConfig) -> Self {
        let mut mac_key = [0; 32];
        OsRng.fill_bytes(&mut mac_key);
        Self { table: Mutex::default(), work: Condvar::new(), limits, mac_key }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // No code panics between two changes that belong together, so a poisoned table is a good one.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A key with the digest of its body: a MAC, so that nobody who sees it can try bodies.
    #[must_use]
    pub fn idempotency(&self, key: String, body: &[u8]) -> Idempotency {
        let digest = blake2b_simd::Params::new().hash_length(32).key(&self.mac_key).hash(body);
        let mut out = [0; 32];
        out.copy_from_slice(digest.as_bytes());
        Idempotency { key, body: out }
    }

    /// Queues a request of `bytes` bytes, or finds the job that its idempotency key already has.
    ///
    /// # Errors
    /// [`Refusal`]; a refused request leaves nothing behind, its key neither.
    pub fn submit(
        &self,
        owner: Owner,
        request: ProofRequest,
        bytes: usize,
        idempotency: Option<Idempotency>,
    ) -> Result<Accepted, Refusal> {
        let mut table = self.lock();
        if let Some(Idempotency { key, body }) = &idempotency
            && let Some(id) = table.owners.get(&owner).and_then(|owned| owned.keys.get(key)).copied()
        {
            let same = |record: &Record| record.idempotency.as_ref().is_some_and(|known| known.body == *body);
            let same = table.records.get(&id).is_some_and(same);
            return if same { self.shown(&mut table, owner, id) } else { Err(Refusal::IdempotencyMismatch) };
        }
        let in_flight = table.owners.get(&owner).map_or(0, |owned| owned.in_flight);
        let full =
            table.queue.len() >= self.limits.queue_length || table.queued_bytes + bytes > self.limits.queue_bytes;
        match () {
            () if table.closed => return Err(Refusal::Stopping),
            () if in_flight >= self.limits.in_flight_per_token => return Err(Refusal::TooMany),
            () if full => return Err(Refusal::QueueFull),
            () => {}
        }
        let id = JobId::random();
        let owned = table.owners.entry(owner).or_default();
        owned.in_flight += 1;
        if let Some(idempotency) = &idempotency {
            owned.keys.insert(idempotency.key.clone(), id);
        }
        let record = Record::new(owner, request, table.next_number, bytes, idempotency);
        table.next_number += 1;
        table.queued_bytes += bytes;
        table.records.insert(id, record);
        table.queue.push_back(id);
        self.work.notify_one();
        self.shown(&mut table, owner, id)
    }

    fn shown(&self, table: &mut Table, owner: Owner, id: JobId) -> Result<Accepted, Refusal> {
        table.expire(id, self.retention());
        let record = table.records.get(&id).filter(|record| record.owner == owner).ok_or(Refusal::NotFound)?;
        if matches!(record.state, State::Expired) {
            return Err(Refusal::Expired);
        }
        Ok(Accepted { job: table.show(id, record, self.limits.retention_seconds, true), id })
    }

    const fn retention(&self) -> Duration {
        Duration::from_secs(self.limits.retention_seconds)
    }

    /// A job.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], also for somebody else's; [`Refusal::Expired`].
    pub fn get(&self, owner: Owner, id: JobId) -> Result<Job, Refusal> {
        let mut table = self.lock();
        self.shown(&mut table, owner, id).map(|shown| shown.job)
    }

    /// The proof that a job made, with its public inputs.
    ///
    /// # Errors
    /// As [`Self::get`], and [`Refusal::NoProof`].
    pub fn proof(&self, owner: Owner, id: JobId) -> Result<MadeProof, Refusal> {
        let mut table = self.lock();
        table.expire(id, self.retention());
        let record = table.records.get(&id).filter(|record| record.owner == owner).ok_or(Refusal::NotFound)?;
        record.proof()
    }

    /// The owner's jobs, newest first, without results, as many as a page has.
    #[must_use]
    pub fn list(&self, owner: Owner) -> Vec<Job> {
        let table = self.lock();
        let mut own: Vec<_> = table.records.iter().filter(|(_, record)| record.owner == owner).collect();
        own.sort_unstable_by_key(|(_, record)| core::cmp::Reverse(record.number));
        own.truncate(self.limits.page);
        own.into_iter().map(|(id, record)| table.show(*id, record, self.limits.retention_seconds, false)).collect()
    }

    /// Waits until a job is finished, for `limit` at most, and shows it.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn wait(&self, owner: Owner, id: JobId, limit: Duration) -> Result<Job, Refusal> {
        let until = tokio::time::Instant::now() + limit;
        loop {
            let changed = self.lock().records.get(&id).map(|record| Arc::clone(&record.changed));
            let Some(changed) = changed else { return Err(Refusal::NotFound) };
            // Listens before it looks, so that no change falls between.
            let notified = changed.notified();
            tokio::pin!(notified);
            notified.as_mut().enable();
            let job = self.get(owner, id)?;
            if job.terminal || tokio::time::timeout_at(until, notified).await.is_err() {
                return self.get(owner, id);
            }
        }
    }

    /// Takes a job back: one that waits or runs is cancelled, a finished one loses its result. Shows how it stands now.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], also for somebody else's.
    pub fn cancel(&self, owner: Owner, id: JobId) -> Result<Job, Refusal> {
        let mut table = self.lock();
        let record = table.records.get_mut(&id).filter(|record| record.owner == owner).ok_or(Refusal::NotFound)?;
        match record.state {
            State::Queued(_) => {
                table.unqueue(id);
                table.end(id, State::Cancelled, self.limits.kept_per_token);
                table.release(owner);
            }
            State::Running(_) => {
                record.cancel.cancel();
                table.end(id, State::Cancelled, self.limits.kept_per_token);
            }
            State::Succeeded(_) | State::Failed(_) => record.state = State::Expired,
            State::Cancelled | State::Expired => {}
        }
        let record = table.records.get(&id).ok_or(Refusal::NotFound)?;
        Ok(table.show(id, record, self.limits.retention_seconds, false))
    }

    /// Takes the oldest job that waits, or waits for one; `None` when the table is closed.
    #[must_use]
    pub fn claim(&self) -> Option<(Claim, Box<Work>)> {
        let mut table = self.lock();
        loop {
            if let Some(id) = table.queue.pop_front()
                && let Some(claimed) = table.start(id)
            {
                return Some(claimed);
            }
            if table.closed && table.queue.is_empty() {
                return None;
            }
            if table.queue.is_empty() {
                table = self.work.wait(table).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Notes that a claimed job enters a stage.
    pub fn enter(&self, claim: &Claim, stage: Stage) {
        if let Some(record) = self.lock().records.get_mut(&claim.id())
            && let State::Running(at) = &mut record.state
        {
            *at = stage;
        }
    }

    /// Gives a claimed job back with how it ended.
    pub fn finish(&self, claim: &Claim, outcome: Outcome) {
        let mut table = self.lock();
        table.release(claim.owner());
        let running = table.records.get(&claim.id()).is_some_and(|record| matches!(record.state, State::Running(_)));
        if running {
            let state = match outcome {
                Outcome::Succeeded(made) => State::Succeeded(made),
                Outcome::Failed(error) => State::Failed(error),
                Outcome::Cancelled => State::Cancelled,
            };
            table.end(claim.id(), state, self.limits.kept_per_token);
        }
    }

    /// Erases results that were kept their time, and forgets jobs that were remembered theirs.
    pub fn sweep(&self) {
        let mut table = self.lock();
        let retention = self.retention();
        let ids: Vec<JobId> = table.records.keys().copied().collect();
        for id in ids {
            table.expire(id, retention);
            let age = table.records.get(&id).and_then(|record| record.finished).map(|at| at.elapsed());
            if age.is_some_and(|age| age >= retention.max(REMEMBERED)) {
                table.forget(id);
            }
        }
    }

    /// Whether the queue takes another job, of the largest request that there can be.
    #[must_use]
    pub fn has_room(&self) -> bool {
        let table = self.lock();
        let bytes = table.queued_bytes + self.limits.proof_request_bytes;
        !table.closed && table.queue.len() < self.limits.queue_length && bytes <= self.limits.queue_bytes
    }

    /// Takes no more jobs and fails those that wait; the workers end after the ones that they have.
    pub fn close(&self) {
        let mut table = self.lock();
        table.closed = true;
        while let Some(id) = table.queue.front().copied() {
            table.unqueue(id);
            if let Some(owner) = table.records.get(&id).map(|record| record.owner) {
                table.end(id, State::Failed(stopped()), self.limits.kept_per_token);
                table.release(owner);
            }
        }
        self.work.notify_all();
    }

    /// Fails the jobs that still run; their workers stop at the next stage.
    pub fn abandon(&self) {
        let mut table = self.lock();
        let running = |(id, record): (&JobId, &Record)| matches!(record.state, State::Running(_)).then_some(*id);
        let ids: Vec<JobId> = table.records.iter().filter_map(running).collect();
        for id in ids {
            if let Some(record) = table.records.get(&id) {
                record.cancel.cancel();
            }
            table.end(id, State::Failed(stopped()), self.limits.kept_per_token);
        }
    }
}

fn stopped() -> JobError {
    let detail = "the service stopped before the proof was made".to_owned();
    JobError { code: "stopping".to_owned(), rule: None, detail }
}

impl Table {
    fn show(&self, id: JobId, record: &Record, retention_seconds: u64, with_result: bool) -> Job {
        let mut job = record.show(id, retention_seconds, with_result);
        if job.status == JobStatus::Queued {
            job.queue_position = self.queue.iter().position(|other| *other == id);
        }
        job
    }

    fn start(&mut self, id: JobId) -> Option<(Claim, Box<Work>)> {
        let record = self.records.get_mut(&id)?;
        self.queued_bytes -= record.bytes;
        let State::Queued(work) = core::mem::replace(&mut record.state, State::Running(Stage::Check)) else {
            return None;
        };
        record.started_at = Some(Timestamp::now());
        let claim = Claim::new(id, record);
        Some((claim, work))
    }

    fn unqueue(&mut self, id: JobId) {
        self.queue.retain(|other| *other != id);
        self.queued_bytes -= self.records.get(&id).map_or(0, |record| record.bytes);
    }

    /// Ends a job; the state that it leaves, with its witness, is dropped here.
    fn end(&mut self, id: JobId, state: State, kept: usize) {
        let Some(record) = self.records.get_mut(&id) else { return };
        record.state = state;
        record.finished_at = Some(Timestamp::now());
        record.finished = Some(Instant::now());
        record.changed.notify_waiters();
        let owned = self.owners.entry(record.owner).or_default();
        owned.finished.push_back(id);
        if owned.finished.len() > kept
            && let Some(oldest) = owned.finished.front().copied()
        {
            self.forget(oldest);
        }
    }

    fn release(&mut self, owner: Owner) {
        if let Some(owned) = self.owners.get_mut(&owner) {
            owned.in_flight -= 1;
        }
    }

    fn expire(&mut self, id: JobId, retention: Duration) {
        if let Some(record) = self.records.get_mut(&id)
            && record.finished.is_some_and(|at| at.elapsed() >= retention)
        {
            record.state = State::Expired;
        }
    }

    fn forget(&mut self, id: JobId) {
        let Some(record) = self.records.remove(&id) else { return };
        let Some(owned) = self.owners.get_mut(&record.owner) else { return };
        owned.finished.retain(|other| *other != id);
        if let Some(idempotency) = &record.idempotency {
            owned.keys.remove(&idempotency.key);
        }
    }
}
