//! A store whose disk is full.

use veilpay_ledger::testing::VerdictInProof;
use veilpay_ledger::{
    Block, CircuitStatus, Content, DeltaRecord, Ledger, LedgerView, MemoryStore, NoteFrontier, NoteRecord,
    NullifierRecord, ReferenceLedger, Rejection, Store, StoreError, SubmitError, UpdateError, VersionError,
};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::params::Network;
use veilpay_protocol::registry::{RegistryKind, SanctionsKind};
use veilpay_protocol::transaction::TxId;

use crate::setting::{ALICE, COLLECTOR, ISSUER, START, account, draft_at, genesis, key};

/// Writes so many times, then no more.
struct FullDisk(MemoryStore, u32);

impl FullDisk {
    fn write(&mut self) -> Result<(), StoreError> {
        self.1 = self.1.checked_sub(1).ok_or(StoreError::Io(std::io::ErrorKind::StorageFull))?;
        Ok(())
    }
}

impl Store for FullDisk {
    fn append(&mut self, block: &Block, content: &Content, frontier: &NoteFrontier) -> Result<(), StoreError> {
        self.write()?;
        self.0.append(block, content, frontier)
    }
    fn truncate(&mut self, tip: &Block, frontier: &NoteFrontier) -> Result<(), StoreError> {
        self.write()?;
        self.0.truncate(tip, frontier)
    }
    fn frontier(&self) -> Result<Option<NoteFrontier>, StoreError> {
        self.0.frontier()
    }
    fn blocks(&self, from_height: u64, limit: usize) -> Result<Vec<Block>, StoreError> {
        self.0.blocks(from_height, limit)
    }
    fn content(&self, block: &Block) -> Result<Content, StoreError> {
        self.0.content(block)
    }
    fn find(&self, txid: TxId) -> Result<Option<u64>, StoreError> {
        self.0.find(txid)
    }
    fn notes(&self, from_position: u64, limit: usize) -> Result<Vec<NoteRecord>, StoreError> {
        self.0.notes(from_position, limit)
    }
    fn nullifiers(&self, from_position: u64, limit: usize) -> Result<Vec<NullifierRecord>, StoreError> {
        self.0.nullifiers(from_position, limit)
    }
    fn registry_deltas(&self, from: u64, limit: usize) -> Result<Vec<DeltaRecord<RegistryKind>>, StoreError> {
        self.0.registry_deltas(from, limit)
    }
    fn sanctions_deltas(&self, from: u64, limit: usize) -> Result<Vec<DeltaRecord<SanctionsKind>>, StoreError> {
        self.0.sanctions_deltas(from, limit)
    }
}

#[test]
fn after_a_failed_write_the_ledger_still_rejects_and_accepts_nothing_until_it_is_opened_anew() {
    let mut ledger = ReferenceLedger::open(genesis(Network::Local), FullDisk(MemoryStore::default(), 2)).expect("room");
    let draft = |ledger: &ReferenceLedger<FullDisk>, seed| {
        draft_at(ledger.tip(), Network::Local, seed).shield(&key(ALICE), 100).fee(account(COLLECTOR), 10)
    };
    let first = draft(&ledger, 1).sign();
    ledger.submit(&VerdictInProof, &first, START).expect("there is room for two blocks");
    let (digest, second) = (ledger.digest(), draft(&ledger, 2).sign());
    let full = ledger.submit(&VerdictInProof, &second, START);
    assert_eq!(full, Err(SubmitError::Store(StoreError::Io(std::io::ErrorKind::StorageFull))));
    assert_eq!((ledger.digest(), ledger.height()), (digest, 1), "what is shown is what was acknowledged");
    assert_eq!(
        ledger.submit(&VerdictInProof, &first, START),
        Err(SubmitError::Rejected(Rejection::NullifierSeen)),
        "a full disk does not keep it from rejecting"
    );
    assert_eq!(ledger.submit(&VerdictInProof, &second, START), Err(SubmitError::Store(StoreError::Stopped)));
    assert_eq!(ledger.tick(START + 1000), Err(StoreError::Stopped));
    assert_eq!(ledger.rollback_to(0), Err(StoreError::Stopped));
    let disabled = ledger.set_circuit_status(CircuitId::Transfer2x3, 1, CircuitStatus::Disabled, START);
    assert_eq!(disabled, Err(VersionError::Store(StoreError::Stopped)));
    let writes = ledger.sanctions().list().plan_insert(5).expect("not listed");
    let delta = ledger.sanctions().plan(writes).expect("a chain").sign(&ledger.ledger_id(), &key(ISSUER));
    assert_eq!(ledger.apply_sanctions_delta(&delta, START), Err(UpdateError::Store(StoreError::Stopped)));
    let store = ledger.into_store().0;
    let mut ledger = ReferenceLedger::open(genesis(Network::Local), store).expect("what was acknowledged is whole");
    assert_eq!(ledger.digest(), digest);
    assert!(ledger.submit(&VerdictInProof, &second, START).is_ok());
}

#[test]
fn a_rollback_that_cannot_be_stored_changes_nothing() {
    let mut ledger = ReferenceLedger::open(genesis(Network::Local), FullDisk(MemoryStore::default(), 2)).expect("room");
    ledger.tick(START + 100).expect("room");
    let digest = ledger.digest();
    assert_eq!(ledger.rollback_to(0), Err(StoreError::Io(std::io::ErrorKind::StorageFull)));
    assert_eq!(ledger.digest(), digest);
}
