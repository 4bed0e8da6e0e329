//! Proving in this process: the engine behind the wallet's trait.

use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::path::Path;
use std::thread::available_parallelism;

use rayon::{ThreadPool, ThreadPoolBuilder};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::statement::{Statement, Witness};
use veilpay_protocol::transaction::PROOF_LENGTH;
use veilpay_prover::{CancelToken, CircuitKey, Engine, KeyFileError, KeyStore, ProveError};
use veilpay_verifier::Setup;
use veilpay_wallet::{Prover, ProverError};

use crate::error::CliError;
use crate::files::{WalletFile, failed};

/// Opens a folder of keys.
///
/// # Errors
/// [`CliError::File`] when something else than a folder is there, [`CliError::Keys`] when it cannot be made.
pub(crate) fn open_keys(path: &Path) -> Result<KeyStore, CliError> {
    if path.exists() && !path.is_dir() {
        return Err(failed("keep keys in", path)(ErrorKind::NotADirectory.into()));
    }
    KeyStore::open(path).map_err(|source| CliError::Keys { path: path.to_owned(), source })
}

/// The key of a circuit, a ceremony's before a dev key, if there is a file of it. None is made, and a damaged file stays as it
/// is: wallets may know its key.
///
/// # Errors
/// [`CliError::KeyFile`] naming the file.
pub(crate) fn existing(store: &KeyStore, circuit: CircuitId) -> Result<Option<CircuitKey>, CliError> {
    for setup in [Setup::Ceremony, Setup::Dev] {
        let read = || {
            let key = store.read(circuit, setup)?;
            if setup == Setup::Ceremony {
                key.check()?;
            }
            Ok(key)
        };
        match read() {
            Err(KeyFileError::Io(ErrorKind::NotFound)) => {}
            Ok(key) => return Ok(Some(key)),
            Err(source) => return Err(CliError::KeyFile { path: store.path(circuit, setup), circuit, setup, source }),
        }
    }
    Ok(None)
}

/// A pool of so many threads, or of as many as there are processors.
///
/// # Errors
/// [`CliError::Engine`] when the system gives no threads.
pub(crate) fn pool(threads: Option<NonZeroUsize>) -> Result<ThreadPool, CliError> {
    let threads = threads.or_else(|| available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    ThreadPoolBuilder::new().num_threads(threads.get()).build().map_err(|_| CliError::Engine(ProveError::Threads))
}

/// An engine on all processors, with the keys of a folder.
pub(crate) struct LocalProver(Engine);

impl LocalProver {
    /// Opens the folder of keys.
    ///
    /// # Errors
    /// [`CliError::Keys`] or [`CliError::Engine`].
    pub(crate) fn open(keys_dir: &Path) -> Result<Self, CliError> {
        let threads = available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Ok(Self(Engine::new(open_keys(keys_dir)?, threads)?))
    }

    /// Checks that a circuit's local key is the one that the wallet knows: a proof under another convinces nobody.
    ///
    /// # Errors
    /// [`CliError::KeyChanged`], or as [`Engine::key`].
    pub(crate) fn check_key(&self, wallet: &mut WalletFile, circuit: CircuitId) -> Result<(), CliError> {
        wallet.pin(circuit, *self.0.key(circuit)?.prepared().digest())
    }
}

impl Prover for LocalProver {
    fn prove(&self, statement: &Statement, witness: &Witness) -> Result<[u8; PROOF_LENGTH], ProverError> {
        let output = self.0.prove(statement, witness, &|_| (), &CancelToken::new());
        output.map(|output| output.proof.to_bytes()).map_err(|error| match error {
            ProveError::Violation(violation) => ProverError::Violation(violation),
            error => ProverError::Failed { code: "local_prover".to_owned(), rule: None, detail: error.to_string() },
        })
    }
}
