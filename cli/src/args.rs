//! The command line. Secrets come from files, the environment or standard input, never from arguments (K5).
//!
//! Here are the commands and the options that several of them share.

mod proofs;
mod setup;
mod wallet;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

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

/// Where proving keys lie.
#[derive(Args, Clone, Debug)]
pub(crate) struct KeysDirArgs {
    /// The folder of proving keys; a command that proves makes dev keys there when they are missing.
    #[arg(long, env = "VEILPAY_KEYS_DIR", default_value_os_t = default_keys_dir(), value_name = "DIR", hide_default_value = true)]
    pub(crate) keys_dir: PathBuf,
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
    pub(crate) keys: KeysDirArgs,
    /// The output.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// How many threads compute.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct ThreadsArgs {
    /// Threads; all processors when not given.
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
}
