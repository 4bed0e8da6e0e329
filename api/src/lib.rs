//! The JSON that wallets and services exchange, version 1. `docs/API.md` says which route takes and gives what.
//!
//! | question | file |
//! |---|---|
//! | how are bytes and times written? | [`text`] |
//! | what does an error look like, and which codes are there? | [`problem`] |
//! | how is a proof asked for, and how does its job stand? | [`proofs`] |
//! | which circuits are there? how is a proof verified? | [`circuits`] |
//! | how is a transaction submitted? | [`transactions`] |
//! | what does the ledger tell? | [`ledger`] |
//! | how do registry and sanctions list travel? | [`registry`] |
//! | what is this service? | [`info`] |

pub mod circuits;
pub mod info;
pub mod ledger;
pub mod problem;
pub mod proofs;
pub mod registry;
pub mod text;
pub mod transactions;

/// The media type of errors (RFC 9457).
pub const PROBLEM_JSON: &str = "application/problem+json";
