//! The ledger behind the routes: one SQLite ledger under one lock, and its values as they travel.
//!
//! Proofs and signatures are verified outside the lock; what is decided and written inside it costs well under a
//! millisecond. Every method may block, so it runs off the runtime's threads.

mod index;
mod show;
mod versions;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use veilpay_api::ledger as wire;
use veilpay_api::problem::{Code, Problem};
use veilpay_api::registry::Deltas;
use veilpay_api::text::{Base64, Timestamp};
use veilpay_api::transactions::TransactionStatus;
use veilpay_ledger::rules::{decode, semantic, structural};
use veilpay_ledger::{
    Genesis, ProofVerifier, Rejection, SqliteLedger, SqliteStore, StoreError, SubmitError, UpdateError,
};
use veilpay_protocol::params::Network;
use veilpay_protocol::registry::{DeltaKind, RegistryKind, SanctionsKind, SignedDelta};
use veilpay_protocol::transaction::{TransparentKey, TxId};

use crate::error::StartError;
use crate::exchange::Page;
use index::Index;

/// The ledger's file in the data folder.
pub const LEDGER_FILE: &str = "ledger.sqlite";

/// Whole transactions in one answer at most: each has some kilobytes.
const TRANSACTION_PAGE: usize = 256;

struct Opened {
    ledger: SqliteLedger,
    index: Index,
}

/// The ledger of a service.
pub struct Node {
    /// `None` once closed.
    opened: Mutex<Option<Opened>>,
    /// False once closed, or when a write failed.
    open: AtomicBool,
    network: Network,
    verifier: Arc<dyn ProofVerifier + Send + Sync>,
}

fn now() -> u64 {
    Timestamp::now().0
}

impl Node {
    /// Opens the ledger in `folder`, which is made if it is not there, or starts it from `genesis`.
    ///
    /// # Errors
    /// [`StartError::DataFolder`] and [`StartError::Ledger`], the latter also for a ledger of another genesis.
    pub fn open(
        folder: &Path,
        genesis: &Genesis,
        verifier: Arc<dyn ProofVerifier + Send + Sync>,
    ) -> Result<Self, StartError> {
        std::fs::create_dir_all(folder).map_err(StartError::DataFolder)?;
        let ledger = SqliteLedger::open(genesis.clone(), SqliteStore::open(folder.join(LEDGER_FILE))?)?;
        let index = Index::of(&ledger)?;
        let opened = Mutex::new(Some(Opened { ledger, index }));
        Ok(Self { opened, open: AtomicBool::new(true), network: genesis.network, verifier })
    }

    /// The network.
    #[must_use]
    pub const fn network(&self) -> Network {
        self.network
    }

    /// Whether the ledger answers and takes transactions.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open.load(Ordering::Relaxed)
    }

    /// Closes the ledger; everything acknowledged is on disk already.
    pub fn close(&self) {
        self.open.store(false, Ordering::Relaxed);
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Opened>> {
        self.opened.lock().unwrap_or_else(|poisoned: PoisonError<_>| {
            // A panic under the lock may have left index and ledger apart: nothing more is taken until a restart.
            self.open.store(false, Ordering::Relaxed);
            poisoned.into_inner()
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Opened) -> Result<T, Problem>) -> Result<T, Problem> {
        match self.lock().as_mut() {
            Some(opened) if self.is_open() => act(opened),
            _ => Err(Problem::new(Code::Stopping, "the ledger is closed")),
        }
    }

    fn read<T>(&self, act: impl FnOnce(&Opened) -> Result<T, StoreError>) -> Result<T, Problem> {
        self.with(|opened| act(opened).map_err(|error| fault(&error)))
    }

    /// A write that failed leaves open what is stored, so that the ledger takes nothing more until it is opened anew.
    fn write_failed(&self, error: &StoreError) -> Problem {
        if !matches!(error, StoreError::StaleEffects) {
            self.open.store(false, Ordering::Relaxed);
        }
        fault(error)
    }

    /// Makes a block when the last one is old enough.
    pub fn tick(&self) {
        let ticked = self.with(|opened| match opened.ledger.tick(now()) {
            Ok(block) => {
                block.iter().for_each(|block| opened.index.block(block));
                Ok(())
            }
            Err(error) => Err(self.write_failed(&error)),
        });
        // What went wrong is in the log already.
        drop(ticked);
    }

    /// Puts a transaction into a block.
    ///
    /// # Errors
    /// [`Code::TransactionRejected`] with rule and reason.
    pub fn submit(&self, bytes: &[u8]) -> Result<TransactionStatus, Problem> {
        let transaction = decode(bytes).map_err(|rejection| rejected(&rejection))?;
        let keys = self.with(|opened| {
            structural(&transaction, &opened.ledger).map_err(|rejection| rejected(&rejection))?;
            Ok(opened.ledger.keys())
        })?;
        let verifier = keys.before(self.verifier.as_ref());
        let verified = semantic(&transaction, &verifier).map_err(|rejection| rejected(&rejection))?;
        self.with(|opened| {
            let receipt = opened.ledger.accept(&verified, now()).map_err(|error| match error {
                SubmitError::Rejected(rejection) => rejected(&rejection),
                SubmitError::Store(error) => self.write_failed(&error),
                _ => Problem::new(Code::Internal, "the ledger failed"),
            })?;
            opened.index.transaction(receipt.height, receipt.txid);
            let tip = *opened.ledger.tip();
            opened.index.block(&tip);
            Ok(show::status(&receipt))
        })
    }

    /// How a transaction stands.
    ///
    /// # Errors
    /// [`Code::NotFound`] when it is not on the ledger.
    pub fn transaction(&self, txid: TxId) -> Result<TransactionStatus, Problem> {
        let found = self.read(|opened| opened.ledger.transaction(txid))?;
        let record = found.ok_or_else(|| Problem::new(Code::NotFound, "no such transaction is on the ledger"))?;
        Ok(show::status(&record.receipt))
    }

    /// What the ledger is, and its tip.
    ///
    /// # Errors
    /// [`Code::Internal`], as of all readers below, when the store fails.
    pub fn summary(&self) -> Result<wire::Ledger, Problem> {
        self.read(|opened| {
            let checkpoint = opened.ledger.checkpoint_for(0)?.ok_or(StoreError::Corrupt)?;
            Ok(show::summary(&opened.ledger, &checkpoint))
        })
    }

    /// Blocks by height.
    pub fn blocks(&self, page: Page) -> Result<wire::Blocks, Problem> {
        self.read(|opened| {
            let blocks = opened.ledger.blocks(page.from, page.limit)?;
            let blocks = blocks.iter().map(|block| show::block_of(&opened.ledger, block)).collect::<Result<_, _>>()?;
            Ok(wire::Blocks { blocks })
        })
    }

    /// Notes by position.
    pub fn notes(&self, page: Page) -> Result<wire::Notes, Problem> {
        self.read(|opened| {
            let notes = opened.ledger.notes(page.from, page.limit)?;
            let tree_size = opened.ledger.tip().roots.note_count;
            Ok(wire::Notes { notes: notes.iter().map(show::note).collect(), tree_size })
        })
    }

    /// Nullifiers in order of acceptance.
    pub fn nullifiers(&self, page: Page) -> Result<wire::Nullifiers, Problem> {
        self.read(|opened| {
            let records = opened.ledger.nullifiers(page.from, page.limit)?;
            let shown = records.iter().map(|record| {
                let txid = opened.index.transaction_at(record.height).ok_or(StoreError::Corrupt)?;
                Ok(wire::LedgerNullifier { nullifier: record.nullifier, height: record.height, txid })
            });
            let nullifiers = shown.collect::<Result<_, StoreError>>()?;
            Ok(wire::Nullifiers { nullifiers, total: opened.ledger.tip().roots.nullifier_count })
        })
    }

    /// Whole transactions in order of acceptance.
    pub fn transactions(&self, page: Page) -> Result<wire::Transactions, Problem> {
        self.read(|opened| {
            let (accepted, total) = opened.index.transactions(page.from, page.limit.min(TRANSACTION_PAGE));
            let shown = accepted.iter().map(|&(height, txid)| {
                let record = opened.ledger.transaction(txid)?.ok_or(StoreError::Corrupt)?;
                let transaction = Base64(record.transaction.bytes);
                Ok(wire::LedgerTransaction { txid, height, transaction })
            });
            Ok(wire::Transactions { transactions: shown.collect::<Result<_, StoreError>>()?, total })
        })
    }

    /// The note roots that are accepted, oldest first.
    pub fn roots(&self) -> Result<wire::Roots, Problem> {
        self.read(|opened| Ok(wire::Roots { roots: opened.index.recent_roots().collect() }))
    }

    /// The note tree's right edge.
    pub fn frontier(&self) -> Result<wire::Frontier, Problem> {
        self.read(|opened| Ok(show::frontier(opened.ledger.frontier())))
    }

    /// A transparent account's balances.
    pub fn account(&self, key: TransparentKey) -> Result<wire::Account, Problem> {
        self.read(|opened| Ok(show::account(key, &opened.ledger.balances(key))))
    }

    /// Registry deltas by sequence.
    pub fn registry(&self, page: Page) -> Result<Deltas, Problem> {
        self.read(|opened| {
            let deltas = opened.ledger.registry_deltas(page.from, page.limit)?;
            Ok(show::deltas(&opened.ledger, show::registry_head, &deltas))
        })
    }

    /// Sanctions deltas by sequence.
    pub fn sanctions(&self, page: Page) -> Result<Deltas, Problem> {
        self.read(|opened| {
            let deltas = opened.ledger.sanctions_deltas(page.from, page.limit)?;
            Ok(show::deltas(&opened.ledger, show::sanctions_head, &deltas))
        })
    }

    /// Applies a registry delta.
    ///
    /// # Errors
    /// [`Code::Malformed`] for bytes that are no delta, [`Code::DeltaRejected`] with the rule.
    pub fn change_registry(&self, bytes: &[u8]) -> Result<Deltas, Problem> {
        let delta = decoded(bytes)?;
        self.with(|opened| {
            let block = opened.ledger.apply_registry_delta(&delta, now()).map_err(|error| self.refused(&error))?;
            opened.index.block(&block);
            Ok(show::deltas::<RegistryKind>(&opened.ledger, show::registry_head, &[]))
        })
    }

    /// Applies a sanctions delta.
    ///
    /// # Errors
    /// As [`Self::change_registry`].
    pub fn change_sanctions(&self, bytes: &[u8]) -> Result<Deltas, Problem> {
        let delta = decoded(bytes)?;
        self.with(|opened| {
            let block = opened.ledger.apply_sanctions_delta(&delta, now()).map_err(|error| self.refused(&error))?;
            opened.index.block(&block);
            Ok(show::deltas::<SanctionsKind>(&opened.ledger, show::sanctions_head, &[]))
        })
    }

    fn refused(&self, error: &UpdateError) -> Problem {
        match error {
            UpdateError::Delta(error) => {
                Problem::new(Code::DeltaRejected, error.to_string()).with_rule(show::delta_rule(error))
            }
            UpdateError::Store(error) => self.write_failed(error),
            _ => Problem::new(Code::Internal, "the ledger failed"),
        }
    }
}

fn decoded<K: DeltaKind>(bytes: &[u8]) -> Result<SignedDelta<K>, Problem> {
    SignedDelta::from_bytes(bytes).map_err(|error| {
        Problem::new(Code::Malformed, "the delta is not canonical").with_field("/delta", error.to_string())
    })
}

fn rejected(rejection: &Rejection) -> Problem {
    Problem::new(Code::TransactionRejected, rejection.to_string())
        .with_rule(rejection.rule())
        .with_reason(rejection.code())
}

fn fault(error: &StoreError) -> Problem {
    tracing::error!(%error, "the ledger failed");
    Problem::new(Code::Internal, "the ledger failed")
}
