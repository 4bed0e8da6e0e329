//! `veilpay setup`: keys of the proof system.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use veilpay_protocol::circuit::CircuitId;

use super::{KeysDirArgs, OutputArgs, circuit};

/// `veilpay setup`.
#[derive(Subcommand, Debug)]
pub(crate) enum SetupCommand {
    /// Make the dev keys that are missing: insecure, as whoever makes them can forge proofs.
    Dev(SetupDevArgs),
    /// Write a circuit as `.r1cs`: what a ceremony with snarkjs begins with.
    ExportR1cs(ExportR1csArgs),
    /// Take the `.zkey` of a ceremony over one of our circuits as its key.
    ImportZkey(ImportZkeyArgs),
    /// Check key files as thoroughly as can be.
    Verify(SetupVerifyArgs),
}

/// `veilpay setup dev`.
#[derive(Args, Debug)]
pub(crate) struct SetupDevArgs {
    /// The circuits; all when none is named.
    #[arg(long = "circuit", value_name = "ID", value_parser = circuit())]
    pub(crate) circuits: Vec<CircuitId>,
    /// Make them anew though they are there.
    #[arg(long)]
    pub(crate) renew: bool,
    /// The proving keys.
    #[command(flatten)]
    pub(crate) keys: KeysDirArgs,
    /// The output.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `veilpay setup export-r1cs`.
#[derive(Args, Debug)]
pub(crate) struct ExportR1csArgs {
    /// The circuit.
    #[arg(long, value_name = "ID", value_parser = circuit())]
    pub(crate) circuit: CircuitId,
    /// Where the constraint system goes.
    #[arg(long, value_name = "F")]
    pub(crate) out: PathBuf,
    /// The output.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `veilpay setup import-zkey`.
#[derive(Args, Debug)]
pub(crate) struct ImportZkeyArgs {
    /// The circuit whose `.r1cs` the ceremony was over.
    #[arg(long, value_name = "ID", value_parser = circuit())]
    pub(crate) circuit: CircuitId,
    /// The last key of the ceremony.
    #[arg(long, value_name = "F")]
    pub(crate) zkey: PathBuf,
    /// The prepared powers of tau that the ceremony began with: every point of the key is compared with them.
    #[arg(long, value_name = "F")]
    pub(crate) ptau: PathBuf,
    /// Where the ceremony's transcript is published; kept in the key's record.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) transcript: String,
    /// The folder of keys that the key goes into.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Put it in the place of a ceremony's key that is there, but never of a later key of the same ceremony.
    #[arg(long)]
    pub(crate) replace: bool,
    /// The output.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `veilpay setup verify`.
#[derive(Args, Debug)]
pub(crate) struct SetupVerifyArgs {
    /// The folder of keys.
    #[arg(long, value_name = "DIR")]
    pub(crate) keys: PathBuf,
    /// The circuits; all that have a key there when none is named.
    #[arg(long = "circuit", value_name = "ID", value_parser = circuit())]
    pub(crate) circuits: Vec<CircuitId>,
    /// The prepared powers of tau that the keys were made from.
    #[arg(long, value_name = "F")]
    pub(crate) ptau: Option<PathBuf>,
    /// The output.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
