//! A service on a free port with a ledger of its own, and an engine that waits when it is told to.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ed25519_dalek::SigningKey;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use veilpay_api::proofs::ProofRequest;
use veilpay_api::text::Hex32;
use veilpay_ledger::testing::VerdictInProof;
use veilpay_ledger::{Allocation, Asset, Genesis, ProofVerifier};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::curve::mul_generator;
use veilpay_protocol::enrol::{EnrolStatement, EnrolWitness};
use veilpay_protocol::field::{Fr, Fs};
use veilpay_protocol::note::AssetId;
use veilpay_protocol::params::Network;
use veilpay_protocol::statement::{self, Statement, Witness};
use veilpay_protocol::transaction::TransparentKey;
use veilpay_prover::{CancelToken, ProveError, Stage, Timings};
use veilpay_service::auth::Scope;
use veilpay_service::catalog::Catalog;
use veilpay_service::config::{LimitsConfig, TokenConfig};
use veilpay_service::engine::Engine;
use veilpay_service::jobs::{Prove, Proved};
use veilpay_service::{Config, Machinery, RunningService, Service, StartError};

use crate::client::Client;

/// The challenge of an enrolment at which the fake engine panics.
pub(crate) const PANIC: u64 = 666;

/// What the fake engine proves with.
pub(crate) const FAKE_PROOF: [u8; 128] = [7; 128];

/// An engine whose proofs are worth nothing, and which waits in its middle while it is held.
#[derive(Default)]
pub(crate) struct Fake {
    pub(crate) held: AtomicBool,
    pub(crate) started: AtomicUsize,
    /// Whether its proofs are real.
    pub(crate) proves: AtomicBool,
}

impl Prove for Fake {
    fn serves(&self, circuit: CircuitId) -> bool {
        circuit == CircuitId::Enrol
    }

    fn prove(
        &self,
        statement: &Statement,
        witness: &Witness,
        progress: &dyn Fn(Stage),
        cancel: &CancelToken,
    ) -> Result<Proved, ProveError> {
        progress(Stage::Check);
        statement::check(statement, witness).map_err(ProveError::Violation)?;
        assert_ne!(statement.to_fields().last(), Some(&Fr::from(PANIC)), "told to panic");
        progress(Stage::Prove);
        self.started.fetch_add(1, Ordering::SeqCst);
        while self.held.load(Ordering::SeqCst) {
            if cancel.is_cancelled() {
                return Err(ProveError::Cancelled);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        if self.proves.load(Ordering::SeqCst) {
            return real().0.prove(statement, witness, progress, cancel);
        }
        Ok(Proved { proof: FAKE_PROOF, timings: Timings::default() })
    }
}

/// Where keys are kept between runs of the tests.
pub(crate) fn keys_dir() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("keys")
}

/// The real engine and catalog for enrolments.
pub(crate) fn real() -> &'static (Arc<Engine>, Catalog) {
    static REAL: OnceLock<(Arc<Engine>, Catalog)> = OnceLock::new();
    REAL.get_or_init(|| {
        let circuits = vec![CircuitId::Enrol];
        let config = Config { keys_dir: keys_dir(), circuits, allow_insecure_dev_keys: true, ..Config::default() };
        let (engine, catalog) = Engine::load(&config).expect("a dev key");
        (Arc::new(engine), catalog)
    })
}

pub(crate) fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

pub(crate) fn issuer() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

pub(crate) fn payer() -> SigningKey {
    SigningKey::from_bytes(&[8; 32])
}

/// A ledger with a supply of 1000 in the payer's account.
pub(crate) fn genesis() -> Genesis {
    let allocation = Allocation { account: TransparentKey::of(&payer()), asset: AssetId::native(), amount: 1000 };
    Genesis {
        network: Network::Local,
        name: "tests of the service".to_owned(),
        time: unix_now() - 5,
        issuer: TransparentKey::of(&issuer()),
        escrow_agent: TransparentKey::of(&issuer()),
        fee_collector: TransparentKey::of(&issuer()),
        assets: vec![Asset::native(2, 0)],
        allocations: vec![allocation],
    }
}

pub(crate) fn token(text: &str, scopes: &[Scope]) -> TokenConfig {
    let digest = blake2b_simd::Params::new().hash_length(32).hash(text.as_bytes());
    let hash = Hex32(digest.as_bytes().try_into().expect("32 bytes"));
    TokenConfig { name: text.to_owned(), hash, scopes: scopes.to_vec() }
}

/// A service under test.
pub(crate) struct World {
    runtime: Runtime,
    service: Option<RunningService>,
    pub(crate) engine: Arc<Fake>,
    pub(crate) client: Client,
    pub(crate) genesis: Genesis,
    folder: Arc<TempDir>,
    config: Config,
}

impl World {
    /// With the defaults, after `change`.
    pub(crate) fn new(change: impl FnOnce(&mut Config)) -> Self {
        Self::with(change, Arc::new(VerdictInProof))
    }

    pub(crate) fn with(change: impl FnOnce(&mut Config), verifier: Arc<dyn ProofVerifier + Send + Sync>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data_dir = folder.path().join("ledger");
        let mut config = Config { listen: ([127, 0, 0, 1], 0).into(), data_dir, ..Config::default() };
        change(&mut config);
        Self::start(config, genesis(), verifier, Arc::new(folder))
    }

    fn start(
        config: Config,
        genesis: Genesis,
        verifier: Arc<dyn ProofVerifier + Send + Sync>,
        folder: Arc<TempDir>,
    ) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let engine = Arc::new(Fake::default());
        let machinery = Machinery { engine: Arc::clone(&engine) as _, catalog: real().1.clone(), verifier };
        let started = runtime.block_on(Service::start_with(config.clone(), genesis.clone(), machinery));
        let service = started.unwrap_or_else(|error| panic!("{error}"));
        let client = Client::new(service.address());
        Self { runtime, service: Some(service), engine, client, genesis, folder, config }
    }

    /// Small limits, so that they are met.
    pub(crate) fn small(change: impl FnOnce(&mut LimitsConfig)) -> Self {
        Self::new(|config| change(&mut config.limits))
    }

    pub(crate) fn hold(&self) {
        self.engine.held.store(true, Ordering::SeqCst);
    }

    pub(crate) fn release(&self) {
        self.engine.held.store(false, Ordering::SeqCst);
    }

    /// Waits until the engine has begun so many proofs.
    pub(crate) fn until_started(&self, count: usize) {
        until(|| self.engine.started.load(Ordering::SeqCst) >= count);
    }

    /// Stops it and says whether everything finished.
    pub(crate) fn stop(&mut self) -> bool {
        let service = self.service.take().expect("still running");
        self.runtime.block_on(service.shutdown())
    }

    /// Begins to stop on another thread.
    pub(crate) fn stop_soon(&mut self) -> tokio::task::JoinHandle<bool> {
        let service = self.service.take().expect("still running");
        self.runtime.spawn(service.shutdown())
    }

    pub(crate) fn wait_for<T>(&self, task: tokio::task::JoinHandle<T>) -> T {
        self.runtime.block_on(task).expect("no panic")
    }

    /// The same configuration, genesis and folder again.
    pub(crate) fn restart(mut self) -> Self {
        if self.service.is_some() {
            assert!(self.stop());
        }
        Self::start(self.config.clone(), self.genesis.clone(), Arc::new(VerdictInProof), Arc::clone(&self.folder))
    }

    /// A ledger whose genesis is so many seconds old.
    pub(crate) fn aged(seconds: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data_dir = folder.path().join("ledger");
        let config = Config { listen: ([127, 0, 0, 1], 0).into(), data_dir, ..Config::default() };
        let genesis = Genesis { time: unix_now() - seconds, ..genesis() };
        Self::start(config, genesis, Arc::new(VerdictInProof), Arc::new(folder))
    }

    /// Starts a second service on the same folder.
    pub(crate) fn start_another(&self, genesis: Genesis) -> Result<RunningService, StartError> {
        let (engine, catalog) = real().clone();
        let machinery = Machinery { engine, catalog, verifier: Arc::new(VerdictInProof) };
        self.runtime.block_on(Service::start_with(self.config.clone(), genesis, machinery))
    }

    /// Asks for a proof and gives the job's path.
    pub(crate) fn ask(&self, challenge: u64) -> String {
        let reply = self.client.post("/v1/proofs", &enrolment(challenge));
        reply.ok(202);
        reply.header("location").expect("a location").to_owned()
    }

    /// Waits until a job is finished.
    pub(crate) fn finished(&self, path: &str) -> serde_json::Value {
        let mut job = serde_json::Value::Null;
        until(|| {
            job = self.client.get(path).ok(200);
            job["terminal"] == true
        });
        job
    }
}

/// Waits until something holds, for ten seconds at most.
pub(crate) fn until(mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(10), "it did not come about");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// An enrolment that holds.
pub(crate) fn enrolment_request(challenge: u64) -> ProofRequest {
    let ak = mul_generator(&Fs::from(11u64));
    let witness = EnrolWitness { ak, nk: Fr::from(12u64), idk: Fr::from(13u64), alpha: Fs::from(14u64) };
    request_of(witness, challenge)
}

pub(crate) fn request_of(witness: EnrolWitness, challenge: u64) -> ProofRequest {
    let challenge = Fr::from(challenge);
    let statement = EnrolStatement { user: witness.user(), rk: witness.randomized_key(), challenge };
    let (statement, witness) = (Statement::Enrol(statement), Witness::Enrol(witness));
    ProofRequest { statement, witness, labels: [("purpose".to_owned(), "test".to_owned())].into() }
}

/// Its JSON.
pub(crate) fn enrolment(challenge: u64) -> Vec<u8> {
    enrolment_request(challenge).to_json().expect("plain values").to_vec()
}

/// An enrolment whose witness has another identity key.
pub(crate) fn wrong_enrolment() -> Vec<u8> {
    let mut request = enrolment_request(1);
    if let Witness::Enrol(witness) = &mut request.witness {
        witness.idk = Fr::from(99u64);
    }
    request.to_json().expect("plain values").to_vec()
}
