//! Files of the command: wallets, their state, and where they lie by default. Secrets are readable by their owner alone.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use veilpay_api::text::Hex32;
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::keys::{Seed, SpendingKey};
use veilpay_protocol::params::Network;
use veilpay_wallet::state::{LedgerTerms, StoredState};
use veilpay_wallet::{WalletError, WalletState};
use zeroize::Zeroizing;

use crate::error::CliError;

/// The folder for `name` in the user's cache or data folder; the current folder for a user without a home.
fn folder(pick: impl Fn(&dyn BaseStrategy) -> PathBuf) -> PathBuf {
    etcetera::choose_base_strategy().map_or_else(|_| PathBuf::from("."), |base| pick(&base as &dyn BaseStrategy))
}

/// Where dev keys are cached.
#[must_use]
pub(crate) fn default_keys_dir() -> PathBuf {
    folder(|base| base.cache_dir()).join("veilpay").join("keys")
}

/// Where the wallet lies unless told otherwise.
#[must_use]
pub(crate) fn default_wallet() -> PathBuf {
    folder(|base| base.data_dir()).join("veilpay").join("wallet.json")
}

pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The error of a file, from the system's.
pub(crate) fn failed(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> CliError {
    let path = path.to_owned();
    move |source| CliError::File { action, path, source }
}

/// Writes a secret file whole or not at all, readable by its owner alone.
///
/// # Errors
/// [`CliError::File`].
pub(crate) fn write_secret(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let parent = folder_of(path);
    std::fs::create_dir_all(parent).map_err(failed("make the folder of", path))?;
    // The kind alone: the whole error names the temporary file.
    let mut file =
        tempfile::NamedTempFile::new_in(parent).map_err(|error| failed("write", path)(error.kind().into()))?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(failed("write", path))?;
    file.persist(path).map_err(|error| failed("write", path)(error.error))?;
    Ok(())
}

/// Reads a file; the bytes erase themselves.
///
/// # Errors
/// [`CliError::File`].
pub(crate) fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, CliError> {
    std::fs::read(path).map(Zeroizing::new).map_err(failed("read", path))
}

/// Reads a JSON file.
///
/// # Errors
/// [`CliError::File`] or [`CliError::BadFile`].
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, CliError> {
    serde_json::from_slice(&read_secret(path)?).map_err(|_| CliError::BadFile(path.to_owned()))
}

/// Writes a JSON file, readable by its owner alone.
///
/// # Errors
/// [`CliError::File`].
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), CliError> {
    let bytes = serde_json::to_vec_pretty(value).map(Zeroizing::new);
    write_secret(path, &bytes.map_err(|_| CliError::BadFile(path.to_owned()))?)
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WalletText {
    version: u8,
    network: Network,
    account: u32,
    words: Zeroizing<String>,
    /// Digests of the verifying keys that this wallet has known, by circuit.
    #[serde(default)]
    known_keys: BTreeMap<String, Hex32>,
    /// The ledger's terms, as first seen.
    #[serde(default)]
    known_terms: Option<LedgerTerms>,
}

/// An open wallet file. While it is open no other command can open it.
pub(crate) struct WalletFile {
    path: PathBuf,
    text: WalletText,
    key: SpendingKey,
    _lock: File,
}

/// The file of the same name with more at its end.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

fn lock(path: &Path) -> Result<File, CliError> {
    let path = beside(path, ".lock");
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(failed("make the folder of", &path))?;
    }
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed("lock", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(CliError::WalletInUse),
        Err(std::fs::TryLockError::Error(error)) => Err(failed("lock", &path)(error)),
    }
}

impl WalletFile {
    /// Makes a wallet file of a seed.
    ///
    /// # Errors
    /// [`CliError::FileExists`]: a wallet is never overwritten.
    pub(crate) fn create(path: &Path, seed: &Seed, network: Network, account: u32) -> Result<Self, CliError> {
        let lock = lock(path)?;
        match std::fs::symlink_metadata(path) {
            Ok(_) => return Err(CliError::FileExists(path.to_owned())),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(failed("look at", path)(error)),
        }
        let text = WalletText {
            version: 1,
            network,
            account,
            words: seed.to_words(),
            known_keys: BTreeMap::new(),
            known_terms: None,
        };
        write_json(path, &text)?;
        // A state that an earlier wallet of this name left is of no use to this one.
        match std::fs::remove_file(beside(path, ".state")) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(failed("remove the old state of", path)(error));
            }
            _ => {}
        }
        Ok(Self { path: path.to_owned(), text, key: SpendingKey::derive(seed, network, account), _lock: lock })
    }

    /// Opens a wallet file.
    ///
    /// # Errors
    /// [`CliError::WalletInUse`], [`CliError::File`], [`CliError::BadFile`] or [`CliError::Seed`].
    pub(crate) fn open(path: &Path) -> Result<Self, CliError> {
        if !path.exists() {
            let missing = std::io::Error::new(ErrorKind::NotFound, "no wallet there: make one with `veilpay keys new`");
            return Err(failed("open", path)(missing));
        }
        let lock = lock(path)?;
        let text: WalletText = read_json(path)?;
        if text.version != 1 {
            return Err(CliError::BadFile(path.to_owned()));
        }
        let seed = Seed::from_words(&text.words)?;
        let key = SpendingKey::derive(&seed, text.network, text.account);
        Ok(Self { path: path.to_owned(), text, key, _lock: lock })
    }

    /// The keys.
    #[must_use]
    pub(crate) const fn key(&self) -> &SpendingKey {
        &self.key
    }

    fn state_path(&self) -> PathBuf {
        beside(&self.path, ".state")
    }

    /// What the wallet knew when it last ran. A damaged file is no loss: all of it comes back from the ledger.
    #[must_use]
    pub(crate) fn state(&self) -> WalletState {
        let stored = read_json::<StoredState>(&self.state_path());
        stored.ok().and_then(|stored| WalletState::load(stored).ok()).unwrap_or_default()
    }

    /// Stores what the wallet knows.
    ///
    /// # Errors
    /// [`CliError::File`].
    pub(crate) fn store(&self, state: &WalletState) -> Result<(), CliError> {
        write_json(&self.state_path(), state.stored())
    }

    /// Checks the ledger's terms against those known, or remembers them when none are.
    ///
    /// # Errors
    /// [`WalletError::AnotherLedger`], or [`CliError::File`].
    pub(crate) fn pin_terms(&mut self, terms: &LedgerTerms) -> Result<(), CliError> {
        match &self.text.known_terms {
            Some(known) if known == terms => Ok(()),
            Some(_) => Err(WalletError::AnotherLedger.into()),
            None => {
                self.text.known_terms = Some(terms.clone());
                write_json(&self.path, &self.text)
            }
        }
    }

    /// Checks a circuit's verifying key against the one known, or remembers it when none is.
    ///
    /// # Errors
    /// [`CliError::KeyChanged`], or [`CliError::File`].
    pub(crate) fn pin(&mut self, circuit: CircuitId, digest: [u8; 32]) -> Result<(), CliError> {
        let name = format!("{circuit}_v{}", circuit.version());
        match self.text.known_keys.get(&name) {
            Some(known) if known.0 == digest => Ok(()),
            Some(_) => Err(CliError::KeyChanged),
            None => {
                self.text.known_keys.insert(name, Hex32(digest));
                write_json(&self.path, &self.text)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wallet_file_is_private_locked_and_never_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("wallet.json");
        let seed = Seed::from_bytes([5; 32]);
        let open = WalletFile::create(&path, &seed, Network::Local, 0).expect("a new file");
        assert!(matches!(WalletFile::open(&path), Err(CliError::WalletInUse)));
        let user = open.key().user();
        drop(open);
        assert!(matches!(
            WalletFile::create(&path, &Seed::from_bytes([6; 32]), Network::Local, 0),
            Err(CliError::FileExists(_))
        ));
        let mut again = WalletFile::open(&path).expect("the same file");
        assert_eq!(again.key().user(), user);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).expect("there").permissions().mode();
            assert_eq!(mode & 0o077, 0, "others must not read the words");
        }
        assert!(again.pin(CircuitId::Enrol, [1; 32]).is_ok() && again.pin(CircuitId::Enrol, [1; 32]).is_ok());
        assert!(matches!(again.pin(CircuitId::Enrol, [2; 32]), Err(CliError::KeyChanged)));
    }

    #[test]
    fn a_damaged_state_is_read_as_an_empty_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("wallet.json");
        let wallet = WalletFile::create(&path, &Seed::from_bytes([5; 32]), Network::Local, 0).expect("a new file");
        std::fs::write(beside(&path, ".state"), b"{\"ledger\": 1").expect("written");
        assert!(wallet.state().tip().is_none());
    }
}
