//! `veilpayd`: the service as a process.
//!
//! Exit codes: 0 stopped by SIGTERM or SIGINT with everything finished; 1 did not start; 2 wrong flags or configuration;
//! 3 stopped with proofs or requests unfinished.
#![forbid(unsafe_code)]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use figment::Figment;
use figment::providers::{Format as _, Json, Toml};
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};
use veilpay_ledger::Genesis;
use veilpay_service::{Config, Service, StartError, telemetry};

const DID_NOT_START: u8 = 1;
const WRONG_USAGE: u8 = 2;
const UNFINISHED: u8 = 3;

/// How long threads that still run may hold up the process's end.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// The Veilpay service: proofs on request, verification and the reference ledger over HTTP.
///
/// Flags are stronger than VEILPAY_ variables, and those than the configuration file. Tokens are set in the file.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Configuration file, TOML
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    flags: Flags,
}

#[derive(clap::Args, Serialize)]
struct Flags {
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<SocketAddr>,
    /// Folder of the ledger
    #[arg(long, value_name = "FOLDER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    data_dir: Option<PathBuf>,
    /// Genesis file, TOML or JSON
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    genesis: Option<PathBuf>,
    /// Folder of the key files
    #[arg(long, value_name = "FOLDER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    keys_dir: Option<PathBuf>,
    #[command(flatten)]
    #[serde(skip_serializing_if = "ProverFlags::is_empty")]
    prover: ProverFlags,
    /// Take keys of an insecure dev setup, whose maker can forge proofs
    #[arg(long)]
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    allow_insecure_dev_keys: bool,
}

#[derive(clap::Args, Serialize)]
struct ProverFlags {
    /// Proofs made at once
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    workers: Option<usize>,
    /// Threads of the proving engine; 0 takes as many as there are processors
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    threads: Option<usize>,
}

impl ProverFlags {
    const fn is_empty(&self) -> bool {
        self.workers.is_none() && self.threads.is_none()
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (config, genesis) = match configure(&arguments) {
        Ok(both) => both,
        Err(message) => return complain(&message, WRONG_USAGE),
    };
    if let Err(error) = telemetry::start(&config.log) {
        return complain(&error.to_string(), WRONG_USAGE);
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&error.to_string(), DID_NOT_START),
    };
    let code = runtime.block_on(run(config, genesis));
    runtime.shutdown_timeout(LAST_WAIT);
    code
}

fn complain(message: &str, code: u8) -> ExitCode {
    eprintln!("veilpayd: {message}");
    ExitCode::from(code)
}

fn configure(arguments: &Arguments) -> Result<(Config, Genesis), String> {
    let config = Config::load(arguments.config.as_deref(), &arguments.flags).map_err(|error| error.to_string())?;
    config.check().map_err(|error| error.to_string())?;
    let file = config.genesis.as_deref().ok_or("a genesis file is needed: --genesis FILE")?;
    let genesis = read_genesis(file).map_err(|error| error.to_string())?;
    Ok((config, genesis))
}

fn read_genesis(file: &Path) -> Result<Genesis, Box<figment::Error>> {
    let json = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let figment = if json { Figment::from(Json::file_exact(file)) } else { Figment::from(Toml::file_exact(file)) };
    figment.extract().map_err(Box::new)
}

async fn run(config: Config, genesis: Genesis) -> ExitCode {
    let (mut terminate, mut interrupt) = match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(terminate), Ok(interrupt)) => (terminate, interrupt),
        (Err(error), _) | (_, Err(error)) => return complain(&error.to_string(), DID_NOT_START),
    };
    let service = match Service::start(config, genesis).await {
        Ok(service) => service,
        Err(error @ StartError::Config(_)) => return complain(&error.to_string(), WRONG_USAGE),
        Err(error) => return complain(&error.to_string(), DID_NOT_START),
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    if service.shutdown().await { ExitCode::SUCCESS } else { ExitCode::from(UNFINISHED) }
}
