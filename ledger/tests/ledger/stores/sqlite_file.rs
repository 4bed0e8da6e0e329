//! The database file when it is not what it should be.

use std::fs;
use std::path::{Path, PathBuf};

use veilpay_ledger::{SqliteLedger, SqliteStore, StoreError};
use veilpay_protocol::params::Network;

use super::{Run, Sqlite};
use crate::setting::{Folder, genesis};

#[test]
fn a_database_is_open_once() {
    let run = Run::<Sqlite>::new(Network::Local);
    let again = SqliteStore::open(run.place.0.file("ledger.db"));
    assert!(matches!(again, Err(StoreError::Sqlite(_))), "{again:?}");
    drop(run.ledger);
    assert!(SqliteStore::open(run.place.0.file("ledger.db")).is_ok());
}

#[test]
fn a_file_of_something_else_is_refused() {
    let folder = Folder::new();
    let open = |name: &str| SqliteStore::open(folder.file(name)).err();
    fs::write(folder.file("empty"), b"").expect("written");
    assert_eq!(open("empty"), Some(StoreError::Schema));
    fs::write(folder.file("text"), [b'x'; 5000]).expect("written");
    assert!(matches!(open("text"), Some(StoreError::Sqlite(_))));
    let other = rusqlite_database(&folder.file("other"), "CREATE TABLE t (x)");
    assert_eq!(SqliteStore::open(other).err(), Some(StoreError::Schema));
    for version in [1, 3] {
        let name = format!("version-{version}");
        drop(SqliteStore::open(folder.file(&name)).expect("a new database"));
        let other = rusqlite_database(&folder.file(&name), &format!("PRAGMA user_version = {version}"));
        assert_eq!(SqliteStore::open(other).err(), Some(StoreError::Schema));
    }
    fs::write(folder.file("lost-wal"), [1; 100]).expect("written");
    assert_eq!(open("lost"), Some(StoreError::Corrupt), "a journal without its file");
    assert!(matches!(SqliteStore::open(folder.file("no/such/folder")), Err(StoreError::Sqlite(_) | StoreError::Io(_))));
}

fn rusqlite_database(path: &Path, sql: &str) -> PathBuf {
    let connection = rusqlite::Connection::open(path).expect("opened");
    connection.execute_batch(sql).expect("executed");
    path.to_path_buf()
}

/// A ledger of several kinds of blocks: its folder, still open, and the digests of every state it has been in.
fn sample() -> (Run<Sqlite>, Vec<[u8; 32]>) {
    let mut run = Run::<Sqlite>::new(Network::Local);
    let mut digests = vec![run.ledger.digest()];
    for round in 0..4 {
        run.shield(1000 + round);
        digests.push(run.ledger.digest());
        run.now += 20;
        run.ledger.tick(run.now).expect("stored");
        digests.push(run.ledger.digest());
    }
    (run, digests)
}

/// What a damaged copy opens to: the digest of its state, or nothing when it is refused.
fn opened(folder: &Folder, database: &[u8], journal: &[u8]) -> Option<[u8; 32]> {
    for stale in fs::read_dir(folder.path()).expect("readable").flatten() {
        fs::remove_file(stale.path()).expect("removed");
    }
    fs::write(folder.file("copy.db"), database).expect("written");
    if !journal.is_empty() {
        fs::write(folder.file("copy.db-wal"), journal).expect("written");
    }
    let store = SqliteStore::open(folder.file("copy.db")).ok()?;
    SqliteLedger::open(genesis(Network::Local), store).ok().map(|ledger| ledger.digest())
}

#[test]
fn a_truncated_database_or_journal_opens_to_a_committed_state_or_not_at_all() {
    let (run, digests) = sample();
    let read = |name: &str| fs::read(run.place.0.file(name)).expect("readable");
    let (database, journal) = (read("ledger.db"), read("ledger.db-wal"));
    let copy = Folder::new();
    assert_eq!(opened(&copy, &database, &journal).as_ref(), digests.last());
    let mut seen = 0;
    for length in (0..journal.len()).step_by(1009) {
        let state = opened(&copy, &database, &journal[..length]).expect("what was committed before is whole");
        let position = digests.iter().position(|digest| *digest == state).expect("a committed state");
        assert!(position >= seen, "a longer journal holds no less");
        seen = position;
    }
    assert!(seen + 2 >= digests.len());
    let place = run.place;
    drop(run.ledger);
    let whole = fs::read(place.0.file("ledger.db")).expect("readable");
    assert_eq!(opened(&copy, &whole, &[]).as_ref(), digests.last());
    for length in (0..whole.len()).step_by(1021) {
        if let Some(state) = opened(&copy, &whole[..length], &[]) {
            assert!(digests.contains(&state), "{length} bytes");
        }
    }
}

#[test]
fn a_flipped_byte_is_noticed_or_changes_nothing() {
    let (run, digests) = sample();
    let place = run.place;
    drop(run.ledger);
    let whole = fs::read(place.0.file("ledger.db")).expect("readable");
    let copy = Folder::new();
    let (mut refused, mut harmless) = (0, 0);
    for at in (0..whole.len()).step_by(139) {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (at % 8);
        match opened(&copy, &flipped, &[]) {
            None => refused += 1,
            Some(state) => {
                assert_eq!(Some(&state), digests.last(), "byte {at}");
                harmless += 1;
            }
        }
    }
    assert!(refused > 50 && harmless > 50, "{refused} refused, {harmless} in unused space");
}
