//! A wallet as a library. It trusts no server with more than it must: it asks for notes, nullifiers and lists in bulk
//! only, recomputes every root, computes the public inputs itself, verifies the returned proof, and only then signs.
//!
//! | question | file |
//! |---|---|
//! | what does a wallet need of a ledger and of a prover? | [`chain`] |
//! | how does it talk HTTP? | [`client`] |
//! | what does it know, and how does it follow the ledger? | [`state`], [`sync`] |
//! | how are notes chosen? | [`select`] |
//! | how does a wish become a statement and a witness? | [`plan`] |
//! | how does a plan become a transaction? | [`pay`] |
//! | what did it do? | [`history`] |
//! | how does a wallet enrol? | [`enrolment`] |
//! | what do issuer, escrow agent and auditor do? | [`roles`] |

pub mod chain;
pub mod client;
pub mod enrolment;
pub mod error;
pub mod history;
pub mod pay;
pub mod plan;
pub mod roles;
pub mod select;
pub mod state;
pub mod sync;

pub use chain::{Chain, Prover, ProverError};
pub use client::Client;
pub use error::WalletError;
pub use pay::{Receipt, Wallet};
pub use plan::{Plan, Wish};
pub use state::WalletState;
