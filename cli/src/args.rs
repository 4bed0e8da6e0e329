//! The command line. Secrets come from files, the environment or standard input, never from arguments (K5).

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::params::Network;

use crate::files::{default_keys_dir, default_wallet};

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
    #[arg(long = "circuit", value_name = "ID")]
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
    #[arg(long, value_name = "ID")]
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
    #[arg(long, value_name = "ID")]
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
    /// Put it in the place of a ceremony's key that is there.
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
    #[arg(long = "circuit", value_name = "ID")]
    pub(crate) circuits: Vec<CircuitId>,
    /// The prepared powers of tau that the keys were made from.
    #[arg(long, value_name = "F")]
    pub(crate) ptau: Option<PathBuf>,
    /// The output.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
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

/// `veilpay prove`.
#[derive(Args, Debug)]
#[command(
    override_usage = "veilpay prove --zkey F --wtns F --proof F --public F [--format FORM] [--threads N]\n       \
                            veilpay prove ZKEY WTNS PROOF PUBLIC [--format FORM] [--threads N]"
)]
pub(crate) struct ProveArgs {
    /// The proving key.
    #[arg(long, value_name = "F", required_unless_present = "files")]
    pub(crate) zkey: Option<PathBuf>,
    /// The witness.
    #[arg(long, value_name = "F", required_unless_present = "files")]
    pub(crate) wtns: Option<PathBuf>,
    /// Where the proof goes, as JSON.
    #[arg(long, value_name = "F", required_unless_present = "files")]
    pub(crate) proof: Option<PathBuf>,
    /// Where the public inputs go, as JSON.
    #[arg(long, value_name = "F", required_unless_present = "files")]
    pub(crate) public: Option<PathBuf>,
    /// The same four files in this order, as rapidsnark takes them.
    #[arg(num_args = 4, value_names = ["ZKEY", "WTNS", "PROOF", "PUBLIC"], conflicts_with_all = ["zkey", "wtns", "proof", "public"])]
    pub(crate) files: Vec<PathBuf>,
    /// The form of the proof.
    #[arg(long, value_enum, default_value = "snarkjs", value_name = "FORM")]
    pub(crate) format: ProofFormat,
    /// The threads.
    #[command(flatten)]
    pub(crate) threads: ThreadsArgs,
}

/// Which verifying key.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct KeyArgs {
    /// The key: `verification_key.json` or a `.zkey` of snarkjs, or a verifying key of our own.
    #[arg(long, value_name = "F")]
    pub(crate) vk: Option<PathBuf>,
    /// The key of a built-in circuit in the folder of keys; none is made.
    #[arg(long, value_name = "ID")]
    pub(crate) circuit: Option<CircuitId>,
}

/// `veilpay verify`.
#[derive(Args, Debug)]
#[command(override_usage = "veilpay verify --vk F --proof F --public F [--json]\n       \
                            veilpay verify --vk F --calldata F [--json]")]
pub(crate) struct VerifyArgs {
    /// The key.
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    /// The proof: JSON of snarkjs, 128 bytes of our own, or 256 bytes as the EVM has them.
    #[arg(long, value_name = "F", required_unless_present = "calldata", requires = "public")]
    pub(crate) proof: Option<PathBuf>,
    /// The public inputs, JSON of snarkjs.
    #[arg(long, value_name = "F", required_unless_present = "calldata", requires = "proof")]
    pub(crate) public: Option<PathBuf>,
    /// Proof and public inputs as calldata of `verifyProof`: `0x` and lowercase hex digits.
    #[arg(long, value_name = "F", conflicts_with_all = ["proof", "public"])]
    pub(crate) calldata: Option<PathBuf>,
    /// The proving keys.
    #[command(flatten)]
    pub(crate) keys: KeysDirArgs,
    /// The output.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// A form of a verifying key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyFormat {
    /// Our own bytes; keys of built-in circuits only.
    Native,
    /// `verification_key.json`.
    Snarkjs,
    /// A contract that verifies under the key.
    Solidity,
}

/// `veilpay export`.
#[derive(Args, Debug)]
pub(crate) struct ExportArgs {
    /// The form.
    #[arg(value_enum)]
    pub(crate) format: KeyFormat,
    /// The key.
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    /// Where it goes; standard output when not given.
    #[arg(long, value_name = "F")]
    pub(crate) out: Option<PathBuf>,
    /// The contract's name.
    #[arg(long, value_name = "NAME", default_value = "Groth16Verifier")]
    pub(crate) name: String,
    /// Take a key of a dev setup, under which whoever made it can forge proofs.
    #[arg(long)]
    pub(crate) allow_insecure_dev_keys: bool,
    /// The proving keys.
    #[command(flatten)]
    pub(crate) keys: KeysDirArgs,
}

/// A form of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProofFormat {
    /// JSON of snarkjs.
    Snarkjs,
    /// 128 bytes of our own.
    Native,
    /// 256 bytes, as the EVM has them.
    Evm,
    /// Calldata of `verifyProof`, `0x` and hex digits; the public inputs are in it too.
    Calldata,
}

/// A prover that is benched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BenchedProver {
    /// Ours.
    Ours,
    /// ark-groth16.
    Arkworks,
}

/// `veilpay bench`.
#[derive(Args, Debug)]
pub(crate) struct BenchArgs {
    /// A built-in circuit, with a sample of its witnesses.
    #[arg(long, value_name = "ID", default_value = "transfer_2x3", conflicts_with_all = ["zkey", "wtns"])]
    pub(crate) circuit: CircuitId,
    /// A proving key of snarkjs.
    #[arg(long, value_name = "F", requires = "wtns")]
    pub(crate) zkey: Option<PathBuf>,
    /// A witness for it.
    #[arg(long, value_name = "F", requires = "zkey")]
    pub(crate) wtns: Option<PathBuf>,
    /// Verification in the place of proving: one proof, and batches of several sizes.
    #[arg(long, conflicts_with_all = ["zkey", "wtns", "csv"])]
    pub(crate) verify: bool,
    /// The threads.
    #[command(flatten)]
    pub(crate) threads: ThreadsArgs,
    /// How often each prover runs.
    #[arg(long, value_name = "N", default_value = "11")]
    pub(crate) runs: NonZeroUsize,
    /// A file to which a line per stage is appended.
    #[arg(long, value_name = "F")]
    pub(crate) csv: Option<PathBuf>,
    /// The proving keys.
    #[command(flatten)]
    pub(crate) keys: KeysDirArgs,
    /// The output.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    /// Prove once with this prover alone and print the memory that it took.
    #[arg(long, hide = true)]
    pub(crate) alone: Option<BenchedProver>,
}

/// Which wallet file.
#[derive(Args, Clone, Debug)]
pub(crate) struct FileArgs {
    /// The wallet file.
    #[arg(long, env = "VEILPAY_WALLET", default_value_os_t = default_wallet(), value_name = "FILE", hide_default_value = true)]
    pub(crate) wallet: PathBuf,
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
