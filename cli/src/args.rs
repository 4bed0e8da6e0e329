//! The command line. Secrets come from files, the environment or standard input, never from arguments (K5).
//!
//! Here are the commands and the options that several of them share.

mod proofs;
mod setup;
mod wallet;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use veilpay_protocol::circuit::CircuitId;

pub(crate) use proofs::*;
pub(crate) use setup::*;
pub(crate) use wallet::*;

use crate::files::default_keys_dir;

/// Private, compliant payments: a demo, the circuits, a wallet; and a prover for any circuit of snarkjs.
///
/// Exit status: 0 done, 1 a failure, 2 a wrong command line, 3 refused by a rule, 4 the server cannot be reached, 5 a file.
#[derive(Parser, Debug)]
#[command(name = "veilpay", version, max_term_width = 100)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// One payment from end to end on this machine: enrol, shield, pay, unshield, trace, and what must be refused.
    Demo(DemoArgs),
    /// The circuits: sizes, digests, and how their keys were set up.
    Circuits(CircuitsArgs),
    /// Prove any circuit of snarkjs: its files in and out, as `snarkjs groth16 prove` and rapidsnark have them.
    Prove(ProveArgs),
    /// Verify a proof of any circuit: files of snarkjs, of our own or calldata of the EVM.
    Verify(VerifyArgs),
    /// A verifying key in another form: of snarkjs, our own, or a contract in Solidity.
    Export(ExportArgs),
    /// Our prover beside ark-groth16, on the same key and witness: times by stage, ratio, memory.
    Bench(BenchArgs),
    /// Keys of the proof system: dev keys, ceremonies, checks of key files.
    Setup {
        /// What to do with them.
        #[command(subcommand)]
        command: SetupCommand,
    },
    /// Make, restore and show keys.
    Keys {
        /// What to do with keys.
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// What the wallet holds.
    Balance(WalletArgs),
    /// What the wallet received and sent.
    History(WalletArgs),
    /// Bring value from the wallet's transparent account into the pool.
    Shield(ShieldArgs),
    /// Pay somebody privately.
    Send(SendArgs),
    /// Take value out of the pool to a transparent account.
    Unshield(UnshieldArgs),
    /// A network on one machine, with its issuer and its escrow agent, to try a server and wallets out.
    Local {
        /// What to do with the local network.
        #[command(subcommand)]
        command: LocalCommand,
    },
}

/// How results are printed.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct OutputArgs {
    /// Print one JSON value on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The folder of keys unless told otherwise; the variable counts as unset when it is empty.
fn usual_keys_dir() -> PathBuf {
    match std::env::var_os("VEILPAY_KEYS_DIR") {
        Some(dir) if !dir.is_empty() => dir.into(),
        _ => default_keys_dir(),
    }
}

/// Where proving keys lie, for commands that make dev keys.
#[derive(Args, Clone, Debug)]
pub(crate) struct KeysDirArgs {
    /// The folder of proving keys, in which dev keys are made when they are missing [env: VEILPAY_KEYS_DIR]
    #[arg(long, default_value_os_t = usual_keys_dir(), value_name = "DIR", hide_default_value = true)]
    pub(crate) keys_dir: PathBuf,
}

/// Where proving keys lie, for commands that make none.
#[derive(Args, Clone, Debug)]
pub(crate) struct ReadKeysArgs {
    /// The folder of proving keys; none is made there [env: VEILPAY_KEYS_DIR]
    #[arg(long, default_value_os_t = usual_keys_dir(), value_name = "DIR", hide_default_value = true)]
    pub(crate) keys_dir: PathBuf,
}

/// A built-in circuit by its name; help and errors list the names.
pub(crate) fn circuit() -> impl TypedValueParser<Value = CircuitId> {
    PossibleValuesParser::new(CircuitId::ALL.map(|circuit| circuit.name())).try_map(|name| name.parse::<CircuitId>())
}

/// `veilpay demo`.
#[derive(Args, Debug)]
pub(crate) struct DemoArgs {
    /// The proving keys.
    #[command(flatten)]
    pub(crate) keys: KeysDirArgs,
    /// The output.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `veilpay circuits`.
#[derive(Args, Debug)]
pub(crate) struct CircuitsArgs {
    /// The proving keys.
    #[command(flatten)]
    pub(crate) keys: ReadKeysArgs,
    /// The output.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Threads at most: more than any machine has use for, and few enough to start.
const MAX_THREADS: usize = 1024;

fn threads(text: &str) -> Result<NonZeroUsize, &'static str> {
    let number = text.parse().ok().filter(|number: &NonZeroUsize| number.get() <= MAX_THREADS);
    number.ok_or("a number of threads is 1 to 1,024")
}

/// How many threads compute.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct ThreadsArgs {
    /// Threads, 1 to 1,024; all processors when not given.
    #[arg(long, value_name = "N", value_parser = threads)]
    pub(crate) threads: Option<NonZeroUsize>,
}
