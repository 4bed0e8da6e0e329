//! A world for end-to-end tests: a ledger in memory with a clock that tests set, an issuer, an escrow agent, wallets, and
//! real proofs under dev keys that all tests of a build share.

pub mod chain;
pub mod party;
pub mod world;

pub use chain::InProcess;
pub use world::{FEE, World, engine, verifier};
