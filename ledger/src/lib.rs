//! The reference ledger: when a private payment is valid, and what it changes.
//!
//! Which file answers which question (rule numbers are those of `docs/PROTOCOL.md`, section 7):
//!
//! | question | file |
//! |---|---|
//! | which rules are there, and which did this break? | [`rules`], [`rules::rejection`] |
//! | what do the rules read of a ledger? | [`view`] |
//! | how does another ledger take payments? | [`ledger`], `examples/memory_ledger.rs` |
//! | what does an accepted transaction change? | [`effects`], [`rules::settlement`] |
//! | who verifies proofs? | [`proof`] |
//! | what does a ledger start from? | [`genesis`] |
//! | which circuit versions are there, and under which keys? | [`versions`] |
//! | what is a block, and a checkpoint? | [`block`] |
//! | where does the reference ledger keep its blocks? | [`store`], [`memory`], [`sqlite`] |
//! | what do wallets and services read? | [`reference`](mod@reference) |
//! | what does a verifier of identity proofs take from the ledger? | [`identity`] |
//!
//! The way of a transaction: [`rules::decode`] its bytes, [`rules::structural()`], [`rules::semantic()`] outside any lock,
//! then [`ReferenceLedger::accept`] under the lock, which is [`rules::contextual()`] and [`Ledger::apply`] as one; or
//! [`ReferenceLedger::submit`], which is all of it.
#![forbid(unsafe_code)]

pub mod block;
mod digest;
pub mod effects;
pub mod genesis;
pub mod identity;
pub mod ledger;
pub mod memory;
pub mod proof;
pub mod reference;
pub mod rules;
pub mod sqlite;
mod state;
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod versions;
pub mod view;

pub use block::{AcceptedTransaction, Block, BlockHash, BlockKind, Content, Roots};
pub use effects::Effects;
pub use genesis::{Allocation, Asset, Genesis, GenesisError};
pub use ledger::{Ledger, Receipt, SubmitError, submit};
pub use memory::{MemoryLedger, MemoryStore};
pub use proof::{ProofRejected, ProofVerifier};
pub use reference::{ReferenceLedger, TransactionRecord};
pub use rules::{Rejection, Verified, validate};
pub use sqlite::{SqliteLedger, SqliteStore};
pub use store::{DeltaRecord, NoteFrontier, NoteRecord, NullifierRecord, Store, StoreError, UpdateError};
pub use versions::{CircuitVersion, RegisteredKeys, VersionError};
pub use view::{CircuitStatus, LedgerView, PoolId, RootStatus};
