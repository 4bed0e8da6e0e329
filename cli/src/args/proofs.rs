//! Proofs: `prove`, `verify`, `export`, `bench`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use veilpay_protocol::circuit::CircuitId;

use super::{KeysDirArgs, OutputArgs, ReadKeysArgs, ThreadsArgs, circuit};

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
    /// Where the proof goes, in the form of --format; a file that is there is replaced and keeps its permissions.
    #[arg(long, value_name = "F", required_unless_present = "files")]
    pub(crate) proof: Option<PathBuf>,
    /// Where the public inputs go, as JSON; likewise.
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
    #[arg(long, value_name = "ID", value_parser = circuit())]
    pub(crate) circuit: Option<CircuitId>,
}

/// `veilpay verify`.
#[derive(Args, Debug)]
#[command(override_usage = "veilpay verify <--vk F|--circuit ID> --proof F --public F [--json]\n       \
                            veilpay verify <--vk F|--circuit ID> --calldata F [--json]")]
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
    pub(crate) keys: ReadKeysArgs,
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
    pub(crate) keys: ReadKeysArgs,
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
    #[arg(long, value_name = "ID", value_parser = circuit(), default_value = "transfer_2x3", conflicts_with_all = ["zkey", "wtns"])]
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
