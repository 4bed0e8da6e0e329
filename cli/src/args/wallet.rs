//! The wallet's commands, and a network on one machine to try them out.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use veilpay_protocol::params::Network;

use super::{KeysDirArgs, OutputArgs};
use crate::files::default_wallet;

/// Which wallet file.
#[derive(Args, Clone, Debug)]
pub(crate) struct FileArgs {
    /// The wallet file.
    #[arg(long, env = "VEILPAY_WALLET", default_value_os_t = default_wallet(), value_name = "FILE", hide_default_value = true)]
    pub(crate) wallet: PathBuf,
}

/// `veilpay local`.
#[derive(Subcommand, Debug)]
pub(crate) enum LocalCommand {
    /// Make a folder with a genesis file, a configuration for veilpayd, and the keys of issuer and escrow agent.
    Init(LocalInitArgs),
    /// Enrol a wallet, or renew its credential: issuer, escrow agent and holder in one.
    Enrol(LocalEnrolArgs),
    /// Revoke a person's credential.
    Revoke(LocalPersonArgs),
    /// Put a person on the sanctions list.
    Sanction(LocalPersonArgs),
}

/// Which local network.
#[derive(Args, Clone, Debug)]
pub(crate) struct LocalArgs {
    /// The folder of the local network.
    #[arg(long, default_value = "veilpay-local", value_name = "DIR")]
    pub(crate) dir: PathBuf,
}

/// `veilpay local init`.
#[derive(Args, Debug)]
pub(crate) struct LocalInitArgs {
    /// The network.
    #[command(flatten)]
    pub(crate) local: LocalArgs,
    /// A transparent account that begins with money; may be given more than once.
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) fund: Vec<String>,
    /// How much each of them begins with.
    #[arg(long, default_value = "10000.00")]
    pub(crate) amount: String,
    /// The proving keys.
    #[command(flatten)]
    pub(crate) keys: KeysDirArgs,
}

/// `veilpay local enrol`.
#[derive(Args, Debug)]
pub(crate) struct LocalEnrolArgs {
    /// The network.
    #[command(flatten)]
    pub(crate) local: LocalArgs,
    /// Who the holder is, in the issuer's books.
    pub(crate) person: String,
    /// The tier that the credential states.
    #[arg(long, default_value_t = 1)]
    pub(crate) tier: u8,
    /// The jurisdiction that it states, ISO 3166-1 numeric.
    #[arg(long, default_value_t = 756)]
    pub(crate) jurisdiction: u16,
    /// The wallet and the server.
    #[command(flatten)]
    pub(crate) wallet: WalletArgs,
    /// The proving keys.
    #[command(flatten)]
    pub(crate) keys: KeysDirArgs,
}

/// `veilpay local revoke` and `sanction`.
#[derive(Args, Debug)]
pub(crate) struct LocalPersonArgs {
    /// The network.
    #[command(flatten)]
    pub(crate) local: LocalArgs,
    /// Who the holder is, in the issuer's books.
    pub(crate) person: String,
    /// The server's address.
    #[arg(long, env = "VEILPAY_SERVER", default_value = "http://127.0.0.1:8787", value_name = "URL")]
    pub(crate) server: String,
}

/// `veilpay keys`.
#[derive(Subcommand, Debug)]
pub(crate) enum KeysCommand {
    /// Make a new wallet and show its twenty-four words once.
    New(NewArgs),
    /// Make a wallet of twenty-four words, read from standard input or a file.
    Restore(RestoreArgs),
    /// Show a payment address and the transparent account.
    Address(AddressArgs),
}

/// `veilpay keys new`.
#[derive(Args, Debug)]
pub(crate) struct NewArgs {
    /// The wallet.
    #[command(flatten)]
    pub(crate) file: FileArgs,
    /// The network.
    #[arg(long, default_value = "local")]
    pub(crate) network: Network,
    /// The account's number under the words.
    #[arg(long, default_value_t = 0)]
    pub(crate) account: u32,
    /// The output.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `veilpay keys restore`.
#[derive(Args, Debug)]
pub(crate) struct RestoreArgs {
    /// The wallet, network and account.
    #[command(flatten)]
    pub(crate) new: NewArgs,
    /// A file that holds the words, instead of standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) words_file: Option<PathBuf>,
}

/// `veilpay keys address`.
#[derive(Args, Debug)]
pub(crate) struct AddressArgs {
    /// The wallet.
    #[command(flatten)]
    pub(crate) file: FileArgs,
    /// The address's number: give each payer another.
    #[arg(long, default_value_t = 0)]
    pub(crate) index: u32,
    /// The output.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// A wallet against a server.
#[derive(Args, Clone, Debug)]
pub(crate) struct WalletArgs {
    /// The wallet.
    #[command(flatten)]
    pub(crate) file: FileArgs,
    /// The server's address.
    #[arg(long, env = "VEILPAY_SERVER", default_value = "http://127.0.0.1:8787", value_name = "URL")]
    pub(crate) server: String,
    /// A file that holds the server's token; or the variable VEILPAY_TOKEN.
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// The output.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Who proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProveWhere {
    /// The server: fast, and it sees the payment, but cannot take the money.
    Remote,
    /// This machine: nobody sees the payment.
    Local,
}

/// What every payment takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct PayArgs {
    /// The wallet and the server.
    #[command(flatten)]
    pub(crate) wallet: WalletArgs,
    /// The asset, by code or identifier.
    #[arg(long, default_value = "native")]
    pub(crate) asset: String,
    /// Who makes the proof.
    #[arg(long, value_enum, default_value = "local")]
    pub(crate) prove: ProveWhere,
    /// The proving keys, for a proof on this machine.
    #[command(flatten)]
    pub(crate) keys: KeysDirArgs,
    /// The highest fee that is paid without asking, in the fee's asset.
    #[arg(long, default_value = "1", value_name = "AMOUNT")]
    pub(crate) max_fee: String,
    /// Show the plan and its fee, and stop.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `veilpay shield`.
#[derive(Args, Debug)]
pub(crate) struct ShieldArgs {
    /// The amount; the fee comes on top.
    pub(crate) amount: String,
    /// The rest.
    #[command(flatten)]
    pub(crate) pay: PayArgs,
}

/// `veilpay send`.
#[derive(Args, Debug)]
pub(crate) struct SendArgs {
    /// The payment address.
    pub(crate) to: String,
    /// The amount; the fee comes on top.
    pub(crate) amount: String,
    /// A message that the receiver alone reads, at most 256 bytes.
    #[arg(long, default_value = "")]
    pub(crate) memo: String,
    /// The rest.
    #[command(flatten)]
    pub(crate) pay: PayArgs,
}

/// `veilpay unshield`.
#[derive(Args, Debug)]
pub(crate) struct UnshieldArgs {
    /// The amount; the fee comes on top.
    pub(crate) amount: String,
    /// The transparent account; the wallet's own when not given.
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) to: Option<String>,
    /// The rest.
    #[command(flatten)]
    pub(crate) pay: PayArgs,
}
