//! One suite over every store.

mod failing;
mod history;
mod lists;
mod sqlite_file;
mod transactions;
mod versions;

use veilpay_ledger::testing::{Draft, VerdictInProof};
use veilpay_ledger::{
    Genesis, LedgerView, MemoryStore, Receipt, ReferenceLedger, Rejection, SqliteStore, Store, StoreError, SubmitError,
};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::params::Network;

use crate::setting::{Folder, SHAPE, account, genesis};

/// Where a store is kept.
pub(crate) trait Place {
    type Store: Store + Send;

    /// A place with nothing in it.
    fn new() -> Self;

    /// The store that is there.
    fn store(&self) -> Self::Store;

    /// What is there after the process has ended and started anew.
    fn reopen(&self, store: Self::Store) -> Self::Store;

    fn open(&self, genesis: Genesis) -> ReferenceLedger<Self::Store> {
        ReferenceLedger::open(genesis, self.store()).expect("an empty store")
    }
}

/// In memory.
pub(crate) struct Memory;

impl Place for Memory {
    type Store = MemoryStore;

    fn new() -> Self {
        Self
    }

    fn store(&self) -> MemoryStore {
        MemoryStore::default()
    }

    fn reopen(&self, store: MemoryStore) -> MemoryStore {
        store
    }
}

/// In an SQLite database in a temporary folder.
pub(crate) struct Sqlite(pub(crate) Folder);

impl Place for Sqlite {
    type Store = SqliteStore;

    fn new() -> Self {
        Self(Folder::new())
    }

    fn store(&self) -> SqliteStore {
        SqliteStore::open(self.0.file("ledger.db")).expect("the folder can be written")
    }

    fn reopen(&self, store: SqliteStore) -> SqliteStore {
        drop(store);
        self.store()
    }
}

/// Instantiates generic tests for every store.
macro_rules! suite {
    ($($name:ident),* $(,)?) => {
        mod memory {
            $(#[test] fn $name() { super::$name::<crate::stores::Memory>(); })*
        }
        mod sqlite {
            $(#[test] fn $name() { super::$name::<crate::stores::Sqlite>(); })*
        }
    };
}
pub(crate) use suite;

/// A ledger with a clock and a count of drafts.
pub(crate) struct Run<P: Place> {
    pub(crate) place: P,
    pub(crate) ledger: ReferenceLedger<P::Store>,
    pub(crate) now: u64,
    next_seed: u64,
}

impl<P: Place> Run<P> {
    pub(crate) fn new(network: Network) -> Self {
        let place = P::new();
        let ledger = place.open(genesis(network));
        let now = ledger.time() + 1;
        Self { place, ledger, now, next_seed: 1 }
    }

    pub(crate) fn reopen(self) -> Self {
        let genesis = self.ledger.genesis().clone();
        let store = self.place.reopen(self.ledger.into_store());
        let ledger = ReferenceLedger::open(genesis, store).expect("what was stored opens");
        Self { ledger, ..self }
    }

    pub(crate) fn draft_of(&mut self, circuit: CircuitId) -> Draft {
        self.next_seed += 1;
        let checkpoint = self.ledger.checkpoint_for(0).expect("readable").expect("block 0 is a checkpoint");
        let id = self.ledger.ledger_id();
        Draft::new(id, &self.ledger.parameters(), &checkpoint, circuit, self.next_seed)
    }

    pub(crate) fn draft(&mut self) -> Draft {
        self.draft_of(SHAPE)
    }

    pub(crate) fn submit(&mut self, draft: Draft) -> Result<Receipt, Rejection> {
        self.ledger.submit(&VerdictInProof, &draft.sign(), self.now).map_err(|error| match error {
            SubmitError::Rejected(rejection) => rejection,
            other => panic!("the store failed: {other}"),
        })
    }

    /// Lets Alice shield so much of the native asset, without a fee.
    pub(crate) fn shield(&mut self, amount: u64) -> Receipt {
        let draft = self.draft().shield(&crate::setting::key(1), amount).fee(account(3), 10);
        self.submit(draft).expect("Alice has enough")
    }
}

/// Two stores never hold one ledger's blocks under another genesis.
fn a_store_of_another_genesis_is_refused<P: Place>() {
    let run = Run::<P>::new(Network::Local);
    let genesis = run.ledger.genesis().clone();
    let mut store = run.ledger.into_store();
    let others = [
        Genesis { name: "other".into(), ..genesis.clone() },
        Genesis { network: Network::Main, ..genesis.clone() },
        Genesis { time: genesis.time + 1, ..genesis.clone() },
        Genesis { issuer: account(9), ..genesis.clone() },
        Genesis { assets: genesis.assets[..1].to_vec(), allocations: Vec::new(), ..genesis.clone() },
    ];
    for other in others {
        assert_eq!(ReferenceLedger::open(other, &mut store).err(), Some(StoreError::AnotherLedger));
        store = run.place.reopen(store);
    }
    assert!(ReferenceLedger::open(genesis, store).is_ok());
}

#[test]
fn a_ledger_moves_between_threads_and_takes_a_store_chosen_at_run_time() {
    fn is_send<T: Send>(ledger: T) -> T {
        ledger
    }
    let store: Box<dyn Store + Send> = Box::new(MemoryStore::default());
    let ledger = is_send(ReferenceLedger::open(genesis(Network::Local), store).expect("an empty store"));
    assert_eq!(ledger.height(), 0);
    let folder = Folder::new();
    let store: Box<dyn Store + Send> = Box::new(SqliteStore::open(folder.file("l.db")).expect("writable"));
    assert_eq!(is_send(ReferenceLedger::open(genesis(Network::Local), store).expect("an empty store")).height(), 0);
}

suite!(a_store_of_another_genesis_is_refused);
