//! What every handler shares, and the pools in which work that must not run on the runtime's threads runs: one of each kind, so
//! that no kind waits behind another. An emergency stop is not queued behind batches, nor a single proof.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Semaphore;
use veilpay_api::problem::{Code, Problem};
use veilpay_api::text::Hex32;

use crate::auth::Tokens;
use crate::catalog::Catalog;
use crate::config::{Config, LimitsConfig, Pin};
use crate::jobs::{Jobs, Prove};
use crate::node::Node;

/// What every handler shares.
pub struct State {
    /// The bounds.
    pub limits: LimitsConfig,
    /// Proofs made at once.
    pub workers: usize,
    /// Whether keys of a dev setup are taken.
    pub insecure_dev_keys: bool,
    /// The digests that keys must have.
    pub key_digests: BTreeMap<Pin, Hex32>,
    /// Who may do what.
    pub tokens: Tokens,
    /// The jobs.
    pub jobs: Arc<Jobs>,
    /// What makes proofs.
    pub engine: Arc<dyn Prove>,
    /// The circuits and their verifying keys.
    pub catalog: Arc<Catalog>,
    /// The ledger.
    pub node: Arc<Node>,
    computing: Arc<Semaphore>,
    batching: Arc<Semaphore>,
    writing: Arc<Semaphore>,
    administering: Arc<Semaphore>,
    reading: Arc<Semaphore>,
    stopping: AtomicBool,
}

/// The state as handlers get it.
pub type Shared = Arc<State>;

/// Ledger reads at once.
const READERS: usize = 16;

impl State {
    /// The state of a service that starts.
    #[must_use]
    pub fn new(config: &Config, engine: Arc<dyn Prove>, catalog: Arc<Catalog>, node: Arc<Node>) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            limits: config.limits.clone(),
            workers: config.prover.workers,
            insecure_dev_keys: config.allow_insecure_dev_keys,
            key_digests: config.key_digests.clone(),
            tokens: Tokens::new(config),
            jobs: Arc::new(Jobs::new(config.limits.clone())),
            engine,
            catalog,
            node,
            computing: Arc::new(Semaphore::new(processors)),
            batching: Arc::new(Semaphore::new(processors.div_ceil(2))),
            writing: Arc::new(Semaphore::new(processors)),
            administering: Arc::new(Semaphore::new(1)),
            reading: Arc::new(Semaphore::new(READERS)),
            stopping: AtomicBool::new(false),
        }
    }

    /// Runs what takes a processor for milliseconds: decoding points, the native relation, verification of a proof. It never
    /// waits behind proofs that are made, whose threads are others.
    ///
    /// # Errors
    /// [`Code::Internal`] when it panics.
    pub async fn compute<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        run(&self.computing, work).await
    }

    /// Runs the verification of many proofs, which may take a second, on half of the processors at most.
    ///
    /// # Errors
    /// [`Code::Internal`] when it panics.
    pub async fn batch<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        run(&self.batching, work).await
    }

    /// Runs what puts a transaction on the ledger, its verification included.
    ///
    /// # Errors
    /// [`Code::Internal`] when it panics.
    pub async fn write<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        run(&self.writing, work).await
    }

    /// Runs what an administrator changes, one thing at a time.
    ///
    /// # Errors
    /// [`Code::Internal`] when it panics.
    pub async fn administer<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        run(&self.administering, work).await
    }

    /// Runs what reads the ledger.
    ///
    /// # Errors
    /// [`Code::Internal`] when it panics.
    pub async fn read<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        run(&self.reading, work).await
    }

    /// Whether the service has been told to stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Notes that the service has been told to stop.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }
}

/// Runs `work` under a permit that it keeps until it ends, also when whoever asked for it has gone.
async fn run<T: Send + 'static>(
    permits: &Arc<Semaphore>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let internal = || Problem::new(Code::Internal, "the request could not be handled");
    let permit = Arc::clone(permits).acquire_owned().await.map_err(|_| internal())?;
    let held = move || {
        let _permit = permit;
        work()
    };
    tokio::task::spawn_blocking(held).await.map_err(|_| internal())
}
