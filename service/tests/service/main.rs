//! The service as its callers meet it: over TCP, with an engine that the tests hold; and as a process, with the real one.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod auth;
mod client;
mod jobs;
mod ledger;
mod limits;
mod process;
mod verification;
mod versions;
mod world;
