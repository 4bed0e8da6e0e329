//! Why a command failed, and the exit status that says so.

mod fault;
mod reason;

use core::fmt;
use std::process::ExitCode;

use veilpay_protocol::address::AddressError;
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::keys::SeedError;
use veilpay_prover::circom::CircomError;
use veilpay_prover::comparison::ComparisonError;
use veilpay_prover::keys::ImportError;
use veilpay_prover::{KeyFileError, ProveError};
use veilpay_service::StartError;
use veilpay_verifier::Setup;
use veilpay_verifier::formats::solidity::SolidityError;
use veilpay_wallet::roles::{EscrowError, IssuerError};
use veilpay_wallet::{ProverError, WalletError};

pub(crate) use fault::Fault;
use reason::Reason;

use crate::amount::AmountError;
use crate::evidence::Refusal;
use crate::files::folder_of;

/// An error of a command.
#[derive(Debug)]
#[non_exhaustive]
pub(crate) enum CliError {
    /// A file cannot be read or written.
    File {
        /// What was to be done.
        action: &'static str,
        /// With which file.
        path: std::path::PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file is not of its form.
    BadFile(std::path::PathBuf),
    /// A file is there already and would be lost.
    FileExists(std::path::PathBuf),
    /// Another command uses the wallet.
    WalletInUse,
    /// The words are no seed.
    Seed(SeedError),
    /// The text is no address.
    Address(AddressError),
    /// The text is no amount.
    Amount(AmountError),
    /// The text is no transparent account.
    Account,
    /// There is not enough value; amounts in the asset's unit.
    InsufficientFunds {
        /// What is needed, the fee included.
        needed: String,
        /// What could be spent now.
        spendable: String,
        /// The asset's code.
        asset: String,
    },
    /// The ledger asks for more than `--max-fee`.
    FeeAboveLimit,
    /// A verifying key is not the one that this wallet has known.
    KeyChanged,
    /// The wallet could not do it.
    Wallet(WalletError),
    /// The issuer refused.
    Issuer(IssuerError),
    /// The escrow agent refused.
    Escrow(EscrowError),
    /// Keys could not be loaded or made.
    Keys {
        /// The folder of keys.
        path: std::path::PathBuf,
        /// The reason.
        source: KeyFileError,
    },
    /// The file of a key is damaged, or the key in it is refused; the file stays as it is.
    KeyFile {
        /// The file.
        path: std::path::PathBuf,
        /// The circuit that it is for.
        circuit: CircuitId,
        /// The setup that it is of.
        setup: Setup,
        /// The reason.
        source: KeyFileError,
    },
    /// A file of circom or snarkjs is refused.
    Circom {
        /// Which file.
        path: std::path::PathBuf,
        /// The rule that it breaks.
        source: CircomError,
    },
    /// A key of a ceremony is refused.
    Import {
        /// The file.
        path: std::path::PathBuf,
        /// The rule that it breaks.
        source: ImportError,
    },
    /// A key file breaks a rule: which ones was printed.
    KeyRefused,
    /// There is no key to check.
    NoKeys(std::path::PathBuf),
    /// The proof of a witness does not verify under its own key.
    Unsatisfied,
    /// A proof is not valid, or a key is not taken.
    Refused(Refusal),
    /// A contract cannot be made of a key.
    Solidity(SolidityError),
    /// S2: the key is of a dev setup.
    InsecureDevKey,
    /// Only keys of built-in circuits have our own form.
    NoNativeForm,
    /// There is no key of the circuit in the folder.
    NoKey(CircuitId, std::path::PathBuf),
    /// Not all files of a proof are named.
    MissingFiles,
    /// Bytes that are no text would go to a terminal.
    Terminal,
    /// An earlier state of a ceremony would replace a later one.
    EarlierState(std::path::PathBuf),
    /// The powers of tau are not prepared for the second phase.
    Unprepared(std::path::PathBuf),
    /// One file is named for two things.
    SameFile(std::path::PathBuf),
    /// The two provers cannot be compared.
    Comparison(ComparisonError),
    /// The engine could not be started.
    Engine(ProveError),
    /// The service could not be started.
    Service(StartError),
    /// A step of the demo did not come out as it should.
    Demo(&'static str),
    /// Output could not be written.
    Output(std::io::Error),
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { action, path, source } => {
                write!(f, "cannot {action} {}: {}", path.display(), Reason(source))
            }
            Self::BadFile(path) => write!(f, "{} is not of its form", path.display()),
            Self::FileExists(path) => write!(f, "{} is there already: it would be lost", path.display()),
            Self::WalletInUse => f.write_str("another command uses this wallet"),
            Self::Seed(error) => error.fmt(f),
            Self::Address(error) => error.fmt(f),
            Self::Amount(error) => error.fmt(f),
            Self::Account => f.write_str("a transparent account is 0x and 64 lowercase hex digits of an Ed25519 key"),
            Self::InsufficientFunds { needed, spendable, asset } => {
                write!(f, "T5: not enough value: {needed} {asset} needed with the fee, {spendable} can be spent now")
            }
            Self::FeeAboveLimit => f.write_str("the fee is above --max-fee: nothing was signed"),
            Self::KeyChanged => {
                f.write_str("S1: the verifying key of the server, or of this machine's --keys-dir, is not the one that this wallet has known; with --prove remote the server's key counts alone")
            }
            Self::Wallet(WalletError::Unreachable) => {
                f.write_str("the server cannot be reached: is it running where --server or VEILPAY_SERVER says?")
            }
            Self::Wallet(error) => error.fmt(f),
            Self::Issuer(error) => error.fmt(f),
            Self::Escrow(error) => error.fmt(f),
            Self::Keys { path, source: KeyFileError::Io(kind) } => {
                write!(f, "cannot read or write {}: {}", path.display(), Reason(&(*kind).into()))
            }
            Self::KeyFile { path, source: KeyFileError::Io(kind), .. } => {
                write!(f, "cannot read {}: {}", path.display(), Reason(&(*kind).into()))
            }
            Self::Keys { path, source } => write!(f, "keys in {}: {source}", path.display()),
            Self::KeyFile { path, circuit, setup, source } => {
                write!(f, "{}: {source}", path.display())?;
                if *setup == Setup::Dev && Fault::of(source) != Fault::Machine {
                    let dir = folder_of(path).display();
                    write!(f, "; `veilpay setup dev --renew --circuit {circuit} --keys-dir {dir}` makes it anew")?;
                }
                Ok(())
            }
            Self::Circom { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Import { path, source } => write!(f, "{}: {source}", path.display()),
            Self::KeyRefused => f.write_str("a key is refused; the report says by which rule"),
            Self::NoKeys(path) => write!(f, "no key of the circuits asked for in {}", path.display()),
            Self::Unsatisfied => {
                f.write_str("the witness does not satisfy the circuit, or the key is another circuit's: its proof does not verify")
            }
            Self::Refused(refusal) => {
                let (rule, text) = (refusal.rule(), refusal.to_string());
                // Rules of the protocol stand in the text already.
                let text = text.strip_prefix(rule).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(&text);
                write!(f, "not valid: {rule}: {text}")
            }
            Self::Solidity(error) => error.fmt(f),
            Self::InsecureDevKey => {
                f.write_str("S2: the key is of a dev setup: whoever made it can forge proofs; --allow-insecure-dev-keys takes it")
            }
            Self::NoNativeForm => f.write_str("only keys of built-in circuits have a form of our own"),
            Self::NoKey(circuit, dir) => {
                let dir = dir.display();
                write!(f, "there is no key of {circuit} in {dir}: `veilpay setup dev --circuit {circuit} --keys-dir {dir}` makes a dev key")
            }
            Self::MissingFiles => f.write_str("four files are needed: key, witness, proof, public inputs"),
            Self::Terminal => f.write_str("these bytes are no text for a terminal: --out names a file for them"),
            Self::EarlierState(path) => {
                write!(f, "S3: {} holds a later key of the same ceremony, with more contributions: it stays", path.display())
            }
            Self::Unprepared(path) => {
                let path = path.display();
                write!(f, "{path}: these powers of tau are not prepared: `snarkjs powersoftau prepare phase2 {path} PREPARED` makes a file that is")
            }
            Self::SameFile(path) => write!(f, "{} is named twice", path.display()),
            Self::Comparison(error) => write!(f, "no figures: {error}"),
            Self::Engine(error) => error.fmt(f),
            Self::Service(error) => error.fmt(f),
            Self::Demo(what) => write!(f, "the demo failed: {what}"),
            Self::Output(error) => write!(f, "cannot write the output: {error}"),
        }
    }
}

impl std::error::Error for CliError {}

impl CliError {
    /// 1 a failure, 2 a wrong command line, 3 a refusal by rule, 4 a server that cannot be reached, 5 a file.
    #[must_use]
    pub(crate) fn exit_code(&self) -> ExitCode {
        let refused = |error: &WalletError| match error {
            WalletError::Unreachable => 4,
            WalletError::Prover(ProverError::Refused(inner)) if matches!(**inner, WalletError::Unreachable) => 4,
            WalletError::BadAnswer | WalletError::BadState => 1,
            _ => 3,
        };
        ExitCode::from(match self {
            Self::Wallet(error) => refused(error),
            Self::MissingFiles
            | Self::SameFile(_)
            | Self::Terminal
            | Self::NoNativeForm
            | Self::Solidity(SolidityError::Name) => 2,
            Self::KeyFile { source, .. } => match Fault::of(source) {
                Fault::Rule => 3,
                Fault::File => 5,
                Fault::Machine => 1,
            },
            Self::File { .. }
            | Self::BadFile(_)
            | Self::FileExists(_)
            | Self::WalletInUse
            | Self::Keys { .. }
            | Self::NoKeys(_)
            | Self::Unprepared(_)
            | Self::NoKey(..)
            | Self::Import { source: ImportError::Circom(_), .. }
            | Self::Circom { .. } => 5,
            Self::Unsatisfied
            | Self::Import { .. }
            | Self::KeyRefused
            | Self::EarlierState(_)
            | Self::Refused(_)
            | Self::Solidity(_)
            | Self::InsecureDevKey
            | Self::Seed(_)
            | Self::Address(_)
            | Self::Amount(_)
            | Self::Account
            | Self::KeyChanged
            | Self::FeeAboveLimit
            | Self::InsufficientFunds { .. } => 3,
            Self::Issuer(_) | Self::Escrow(_) => 3,
            _ => 1,
        })
    }
}

macro_rules! from {
    ($($variant:ident($inner:ty);)*) => {
        $(impl From<$inner> for CliError {
            fn from(error: $inner) -> Self {
                Self::$variant(error)
            }
        })*
    };
}

from! {
    Seed(SeedError);
    Address(AddressError);
    Amount(AmountError);
    Wallet(WalletError);
    Issuer(IssuerError);
    Comparison(ComparisonError);
    Engine(ProveError);
    Service(StartError);
    Escrow(EscrowError);
    Output(std::io::Error);
    Refused(Refusal);
    Solidity(SolidityError);
}
