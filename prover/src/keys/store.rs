//! A folder of key files, one per circuit; dev keys are made on first use (S2).

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ark_bn254::Bn254;
use ark_groth16::ProvingKey;
use rayon::ThreadPool;
use veilpay_circuits::CircuitMatrices;
use veilpay_protocol::circuit::CircuitId;
use veilpay_verifier::Setup;

use super::pins::Pins;
use super::sections::{proving_key, r1cs};
use super::{CircuitKey, KeyFileError, file};
use crate::r1cs::R1cs;
use crate::setup::dev_key_of;
use crate::source::Source;

const CIRCUITS: usize = CircuitId::ALL.len();

/// Keys by circuit: loaded from the folder once, shared after that.
///
/// A circuit's ceremony key is preferred to its dev key, and checked thoroughly ([`CircuitKey::check`]) when it is stored
/// and when it is loaded. A dev key that is missing, damaged or of another circuit version is made anew, one that cannot
/// be read is not; a ceremony key never is. Processes that want the same dev key wait for each other on a lock file.
///
/// That a key is a ceremony's is what its file says of itself: whoever relies on it compares its digest with the
/// published one.
#[derive(Debug)]
pub struct KeyStore {
    dir: PathBuf,
    dev: bool,
    slots: [Mutex<Option<Arc<CircuitKey>>>; CIRCUITS],
}

fn index(circuit: CircuitId) -> usize {
    CircuitId::ALL.iter().position(|other| *other == circuit).expect("ALL lists every circuit")
}

fn matrices(circuit: CircuitId) -> Result<CircuitMatrices, KeyFileError> {
    veilpay_circuits::matrices(circuit).map_err(|_| KeyFileError::Synthesis)
}

impl KeyStore {
    /// Opens a folder, which is made if it is not there. Nothing is loaded yet.
    ///
    /// # Errors
    /// [`KeyFileError::Io`] when the folder cannot be made.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, KeyFileError> {
        let dir = dir.into();
        fs::create_dir_all(&dir)?;
        Ok(Self { dir, dev: true, slots: [const { Mutex::new(None) }; CIRCUITS] })
    }

    /// The same folder, where dev keys are neither used nor made.
    #[must_use]
    pub fn refusing_dev_keys(mut self) -> Self {
        self.dev = false;
        self
    }

    /// Where the key of a circuit's present version lies.
    #[must_use]
    pub fn path(&self, circuit: CircuitId, setup: Setup) -> PathBuf {
        let setup = match setup {
            Setup::Dev => "dev",
            Setup::Ceremony => "ceremony",
        };
        self.dir.join(format!("{circuit}.v{}.{setup}.key", circuit.version()))
    }

    /// The key of a circuit: from memory, from the folder, or, for a dev key, made now, which takes seconds.
    ///
    /// Not to be called from inside a rayon pool: the wait for another caller's setup would hold up that setup.
    ///
    /// # Errors
    /// [`KeyFileError`] when the file is refused or cannot be read, [`KeyFileError::NoCeremonyKey`] when there is none and dev keys are
    /// refused.
    pub fn get(&self, circuit: CircuitId) -> Result<Arc<CircuitKey>, KeyFileError> {
        self.get_in(circuit, None)
    }

    /// As [`Self::get`], computing in `pool`.
    pub(crate) fn get_in(
        &self,
        circuit: CircuitId,
        pool: Option<&ThreadPool>,
    ) -> Result<Arc<CircuitKey>, KeyFileError> {
        let mut slot = self.slots[index(circuit)].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = &*slot {
            return Ok(Arc::clone(key));
        }
        let key = Arc::new(self.obtain(circuit, pool)?);
        *slot = Some(Arc::clone(&key));
        Ok(key)
    }

    /// What the file of a circuit's key holds, for other provers; not checked as loading does.
    pub(crate) fn values(&self, circuit: CircuitId) -> Result<(ProvingKey<Bn254>, R1cs), KeyFileError> {
        let open = |setup| file::KeyFile::open(Source::open(File::open(self.path(circuit, setup))?, &file::PREFIX)?);
        let file = match open(Setup::Ceremony) {
            Err(KeyFileError::Io(ErrorKind::NotFound)) if self.dev => open(Setup::Dev)?,
            file => file?,
        };
        file.check(circuit, &Pins::of(circuit))?;
        Ok((proving_key(&file)?, r1cs(&file)?))
    }

    /// Writes a key into the folder under its circuit and setup; atomically, replacing what was there.
    ///
    /// # Errors
    /// [`KeyFileError::Matrices`] when it is for other matrices than the built-in circuit's, what [`CircuitKey::check`]
    /// finds in a ceremony key, [`KeyFileError::Io`] when it cannot be written.
    pub fn put(&self, key: &CircuitKey) -> Result<(), KeyFileError> {
        let info = key.info();
        if info.matrix_digest != Pins::of(info.circuit).matrices {
            return Err(KeyFileError::Matrices);
        }
        if info.setup == Setup::Ceremony {
            key.check()?;
        }
        write_atomically(&self.path(info.circuit, info.setup), &file::encode(key)?)
    }

    fn obtain(&self, circuit: CircuitId, pool: Option<&ThreadPool>) -> Result<CircuitKey, KeyFileError> {
        match self.load(circuit, Setup::Ceremony, pool) {
            Err(KeyFileError::Io(ErrorKind::NotFound)) if self.dev => {}
            Err(KeyFileError::Io(ErrorKind::NotFound)) => return Err(KeyFileError::NoCeremonyKey),
            result => {
                let key = result?;
                within(pool, || key.check())?;
                return Ok(key);
            }
        }
        if let Some(key) = self.load_dev(circuit, pool)? {
            return Ok(key);
        }
        let _lock = self.lock_dev(circuit)?;
        // Another process may have made it meanwhile.
        if let Some(key) = self.load_dev(circuit, pool)? {
            return Ok(key);
        }
        self.make_dev(circuit, pool)
    }

    /// The dev key of a circuit, whatever ceremony key there is, and whether it was made now: when there was none that can
    /// be used, and always when it is to be renewed.
    ///
    /// # Errors
    /// [`KeyFileError`] when the file cannot be read or written.
    pub fn dev(&self, circuit: CircuitId, renew: bool) -> Result<(CircuitKey, bool), KeyFileError> {
        let _lock = self.lock_dev(circuit)?;
        if !renew && let Some(key) = self.load_dev(circuit, None)? {
            return Ok((key, false));
        }
        Ok((self.make_dev(circuit, None)?, true))
    }

    /// The key in the file of a circuit and setup, loaded now and not kept; a ceremony's is not checked thoroughly yet.
    ///
    /// # Errors
    /// [`KeyFileError`] naming the rule that the file breaks; [`KeyFileError::Io`] also when there is none.
    pub fn read(&self, circuit: CircuitId, setup: Setup) -> Result<CircuitKey, KeyFileError> {
        self.load(circuit, setup, None)
    }

    /// Others who want to make the same key wait until the file is let go.
    fn lock_dev(&self, circuit: CircuitId) -> Result<File, KeyFileError> {
        let path = self.path(circuit, Setup::Dev).with_extension("lock");
        let lock = File::options().create(true).truncate(false).write(true).open(path)?;
        lock.lock()?;
        Ok(lock)
    }

    fn make_dev(&self, circuit: CircuitId, pool: Option<&ThreadPool>) -> Result<CircuitKey, KeyFileError> {
        let path = self.path(circuit, Setup::Dev);
        let matrices = matrices(circuit)?;
        write_atomically(&path, &within(pool, || file::encode(&dev_key_of(circuit, matrices)?))?)?;
        // What is used from now on comes from the file.
        self.load(circuit, Setup::Dev, pool)
    }

    /// The dev key; none when it is to be made anew.
    fn load_dev(&self, circuit: CircuitId, pool: Option<&ThreadPool>) -> Result<Option<CircuitKey>, KeyFileError> {
        match self.load(circuit, Setup::Dev, pool) {
            Ok(key) => Ok(Some(key)),
            Err(error) if is_remedied_by_a_new_key(error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn load(&self, circuit: CircuitId, setup: Setup, pool: Option<&ThreadPool>) -> Result<CircuitKey, KeyFileError> {
        let file = File::open(self.path(circuit, setup))?;
        let key = within(pool, || file::open(circuit, file))?;
        if key.info().setup == setup { Ok(key) } else { Err(KeyFileError::Contradiction) }
    }
}

/// Whether the file is not there or not good; not so when it could not be read, or the machine failed.
const fn is_remedied_by_a_new_key(error: KeyFileError) -> bool {
    match error {
        KeyFileError::Io(kind) => matches!(kind, ErrorKind::NotFound),
        KeyFileError::NoCeremonyKey | KeyFileError::Synthesis | KeyFileError::Entropy | KeyFileError::Backend(_) => {
            false
        }
        KeyFileError::Format
        | KeyFileError::Length
        | KeyFileError::HeaderDigest
        | KeyFileError::SectionDigest(_)
        | KeyFileError::Circuit
        | KeyFileError::Matrices
        | KeyFileError::Section(_)
        | KeyFileError::Point { .. }
        | KeyFileError::Subgroup { .. }
        | KeyFileError::Lengths
        | KeyFileError::Verifying(_)
        | KeyFileError::Contradiction
        | KeyFileError::Provenance
        | KeyFileError::Inconsistent
        | KeyFileError::NotOfTheseTaus(_)
        | KeyFileError::Unpaired => true,
    }
}

fn within<T: Send>(pool: Option<&ThreadPool>, compute: impl FnOnce() -> T + Send) -> T {
    match pool {
        Some(pool) => pool.install(compute),
        None => compute(),
    }
}

/// Writes beside the target, then renames: a reader sees the old file or the new one, whole.
fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), KeyFileError> {
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = File::create(&beside)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&beside, path));
    if let Err(error) = written {
        // The error that matters is the first one.
        let _ = fs::remove_file(&beside);
        return Err(error.into());
    }
    if let Some(dir) = path.parent() {
        File::open(dir)?.sync_all()?;
    }
    Ok(())
}
