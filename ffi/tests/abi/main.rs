//! The C interface from outside: its header, a ledger in C and one in Python, and calls that must be refused.

#![allow(clippy::unwrap_used, clippy::multiple_unsafe_ops_per_block, reason = "tests")]

mod calls;
mod examples;
mod header;
mod hosts;
mod nulls;
mod proofs;
mod trees;
mod versions;
