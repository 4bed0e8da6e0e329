//! End-to-end tests. Each file is one kind of party that may do wrong.

#![allow(clippy::unwrap_used, reason = "tests")]

mod boundaries;
mod circom;
mod compliance;
mod http;
mod ledger_attacks;
mod payments;
mod prover_attacks;
mod requests;
mod server_attacks;
