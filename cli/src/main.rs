//! The `veilpay` command.
//!
//! | question | file |
//! |---|---|
//! | which commands and options are there? | [`args`] |
//! | what does each command do? | [`commands`] |
//! | how do results look? | [`output`], [`amount`] |
//! | where do wallets and keys lie? | [`files`] |
//! | which forms of verifying keys, proofs and inputs are read? | [`evidence`] |
//! | how is proved on this machine? | [`local`] |
//! | why did a command fail? | [`error`] |
#![forbid(unsafe_code)]

mod amount;
mod args;
mod commands;
mod error;
mod evidence;
mod files;
mod local;
mod output;
mod outputs;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command, KeysCommand, LocalCommand, SetupCommand};
use error::CliError;

fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Demo(args) => commands::demo::run(&args),
        Command::Circuits(args) => commands::circuits::run(&args),
        Command::Bench(args) => commands::bench::run(&args),
        Command::Prove(args) => commands::prove::run(&args),
        Command::Setup { command: SetupCommand::Dev(args) } => commands::setup::dev(&args),
        Command::Setup { command: SetupCommand::ExportR1cs(args) } => commands::setup::export_r1cs(&args),
        Command::Setup { command: SetupCommand::ImportZkey(args) } => commands::setup::import_zkey(&args),
        Command::Setup { command: SetupCommand::Verify(args) } => commands::setup::verify::run(&args),
        Command::Verify(args) => commands::verify::run(&args),
        Command::Export(args) => commands::export::run(&args),
        Command::Keys { command: KeysCommand::New(args) } => commands::keys::new(&args),
        Command::Keys { command: KeysCommand::Restore(args) } => commands::keys::restore(&args),
        Command::Keys { command: KeysCommand::Address(args) } => commands::keys::address(&args),
        Command::Balance(args) => commands::balance::balance(&args),
        Command::History(args) => commands::balance::history(&args),
        Command::Shield(args) => commands::pay::shield(&args),
        Command::Send(args) => commands::pay::send(&args),
        Command::Unshield(args) => commands::pay::unshield(&args),
        Command::Local { command: LocalCommand::Init(args) } => commands::local::init(&args),
        Command::Local { command: LocalCommand::Enrol(args) } => commands::local::enrol(&args),
        Command::Local { command: LocalCommand::Revoke(args) } => commands::local::revoke(&args),
        Command::Local { command: LocalCommand::Sanction(args) } => commands::local::sanction(&args),
    }
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::note(&format!("veilpay: {error}"));
            error.exit_code()
        }
    }
}
