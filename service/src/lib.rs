//! The service over HTTP: proofs on request, verification, and the reference ledger. `docs/API.md` lists its routes.
//!
//! | question | file |
//! |---|---|
//! | how is it started and stopped? | [`Service`], [`RunningService`] |
//! | what can an operator set? | [`config`] |
//! | who may do what? | [`auth`] |
//! | which routes are there? | [`routes`] |
//! | how do bodies come in and answers go out? | [`exchange`], [`error`] |
//! | how are proofs queued, made and kept? | [`jobs`] |
//! | what makes them, and under which keys? | [`engine`], [`catalog`] |
//! | how is the ledger kept? | [`node`] |
//! | what is bounded around connections and requests? what is logged? | [`server`], [`telemetry`] |
//!
//! The way of a proof: a body of bounded size is decoded off the runtime, queued as a job, checked against the native
//! relation by a worker's thread, proved, verified, and kept for the one who asked. Each place that held the witness
//! erases it.
#![forbid(unsafe_code)]
#![allow(clippy::result_large_err, reason = "a problem is made once per refused request, and then sent")]

pub mod auth;
pub mod catalog;
pub mod config;
pub mod engine;
pub mod error;
pub mod exchange;
pub mod jobs;
pub mod node;
pub mod routes;
pub mod server;
pub mod state;
pub mod telemetry;

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use veilpay_ledger::{Genesis, ProofVerifier};

pub use config::Config;
pub use error::StartError;

use crate::catalog::Catalog;
use crate::engine::Engine;
use crate::jobs::Prove;
use crate::node::Node;
use crate::state::{Shared, State};

/// How often results that were kept their time are erased, and whether a block is due is looked at.
const HOUSEKEEPING: Duration = Duration::from_secs(1);
/// How often a stopping service looks whether its workers have ended.
const POLL: Duration = Duration::from_millis(10);
/// How long a worker whose job was abandoned has to reach the end of its stage.
const LAST_STAGE: Duration = Duration::from_secs(5);

/// What proves and what verifies.
pub struct Machinery {
    /// What makes proofs.
    pub engine: Arc<dyn Prove>,
    /// The circuits as they are shown, and the keys of `POST /v1/verify`.
    pub catalog: Catalog,
    /// What the ledger verifies transactions with.
    pub verifier: Arc<dyn ProofVerifier + Send + Sync>,
}

/// Starts services.
#[derive(Clone, Copy, Debug)]
pub struct Service;

impl Service {
    /// Loads the keys of the configured circuits, opens the ledger in the data folder, or makes it from `genesis`, and
    /// serves. Must be called on a Tokio runtime.
    ///
    /// # Errors
    /// [`StartError`]; nothing runs then.
    pub async fn start(config: Config, genesis: Genesis) -> Result<RunningService, StartError> {
        config.check()?;
        let loading = config.clone();
        let loaded = tokio::task::spawn_blocking(move || Engine::load(&loading));
        let (engine, catalog) = loaded.await.map_err(|_| StartError::Panicked)??;
        let verifier = Arc::new(catalog.verifier().clone());
        Self::start_with(config, genesis, Machinery { engine: Arc::new(engine), catalog, verifier }).await
    }

    /// As [`Self::start`], with another machinery for proofs.
    ///
    /// # Errors
    /// [`StartError`]; nothing runs then.
    pub async fn start_with(
        config: Config,
        genesis: Genesis,
        machinery: Machinery,
    ) -> Result<RunningService, StartError> {
        config.check()?;
        let listener = TcpListener::bind(config.listen).await.map_err(StartError::Listen)?;
        let address = listener.local_addr().map_err(StartError::Listen)?;
        let Machinery { engine, catalog, verifier } = machinery;
        let folder = config.data_dir.clone();
        let opened = tokio::task::spawn_blocking(move || Node::open(&folder, &genesis, verifier));
        let node = Arc::new(opened.await.map_err(|_| StartError::Panicked)??);
        let state = Arc::new(State::new(&config, engine, Arc::new(catalog), node));
        let (stop, stopped) = watch::channel(false);
        let mut running = RunningService {
            address,
            server: tokio::spawn(server::serve(
                listener,
                routes::router(&state),
                config.limits.clone(),
                stopped.clone(),
            )),
            housekeeping: tokio::spawn(keep_house(Arc::clone(&state), stopped)),
            workers: Vec::new(),
            stop,
            state,
        };
        let (jobs, engine) = (&running.state.jobs, &running.state.engine);
        running.workers = jobs::worker::start(jobs, engine, config.prover.workers).map_err(StartError::Thread)?;
        tracing::info!(%address, workers = config.prover.workers, "listening");
        Ok(running)
    }
}

async fn keep_house(state: Shared, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(HOUSEKEEPING) => {}
        }
        let service = Arc::clone(&state);
        let kept = tokio::task::spawn_blocking(move || {
            service.jobs.sweep();
            service.node.tick();
        });
        if kept.await.is_err() {
            tracing::error!("housekeeping panicked");
        }
    }
}

/// A service that serves. Dropping it stops it without waiting for anything.
pub struct RunningService {
    address: SocketAddr,
    state: Shared,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
    housekeeping: JoinHandle<()>,
    workers: Vec<thread::JoinHandle<()>>,
}

impl RunningService {
    /// The address that it listens on, with the port that it got.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops: takes no more connections and jobs, fails the jobs that wait, lets running proofs and open requests finish
    /// for `limits.shutdown_seconds`, fails the rest, and closes the ledger. Says whether all of them finished.
    pub async fn shutdown(mut self) -> bool {
        self.begin_stop();
        let limit = Duration::from_secs(self.state.limits.shutdown_seconds);
        let finish = async {
            all_ended(&self.workers).await;
            let _ = (&mut self.server).await;
        };
        let finished = tokio::time::timeout(limit, finish).await.is_ok();
        if !finished {
            self.state.jobs.abandon();
            let _ = tokio::time::timeout(LAST_STAGE, all_ended(&self.workers)).await;
            self.server.abort();
        }
        let _ = (&mut self.housekeeping).await;
        let node = Arc::clone(&self.state.node);
        let closed = tokio::task::spawn_blocking(move || node.close()).await;
        tracing::info!(finished, "stopped");
        finished && closed.is_ok()
    }

    fn begin_stop(&self) {
        self.state.stop();
        self.state.jobs.close();
        self.stop.send_replace(true);
    }
}

async fn all_ended(workers: &[thread::JoinHandle<()>]) {
    while !workers.iter().all(thread::JoinHandle::is_finished) {
        tokio::time::sleep(POLL).await;
    }
}

impl Drop for RunningService {
    fn drop(&mut self) {
        self.begin_stop();
        self.state.jobs.abandon();
        self.server.abort();
    }
}
