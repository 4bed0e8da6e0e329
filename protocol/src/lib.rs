//! What a private, compliant payment is: natively, without constraints and without I/O.
//!
//! Which file answers which question (clause numbers are those of `docs/PROTOCOL.md`):
//!
//! | question | file |
//! |---|---|
//! | how is a field element or a point written? | [`field`], [`curve`] |
//! | which domains are there? | [`tags`] |
//! | how is hashing done? | [`hash`] (BLAKE2b), [`poseidon2`] |
//! | what are the trees? | [`merkle`] (N2, C2), [`indexed_merkle`] (C3) |
//! | which keys are there, and who may do what? | [`keys`], [`address`], [`schnorr`] (K1 to K6, X3) |
//! | what is a note, and how is it sent? | [`note`], [`nullifier`], [`encryption`] (N1 to N5) |
//! | who may pay? | [`credential`], [`registry`], [`compliance`] (C1 to C5, T7, T8) |
//! | what can a warrant open? | [`tracing`] (W1 to W3) |
//! | what is proved? | [`circuit`], [`statement`], [`transfer`], [`identity`], [`enrol`], [`violation`] |
//! | what goes to the ledger? | [`transaction`] (X1 to X4) |
//! | which figures does a network fix? | [`params`] |
#![no_std]

extern crate alloc;

pub mod address;
pub mod circuit;
pub mod compliance;
pub mod credential;
pub mod curve;
pub mod encoding;
pub mod encryption;
pub mod enrol;
pub mod field;
pub mod hash;
pub mod identity;
pub mod indexed_merkle;
pub mod keys;
pub mod merkle;
pub mod note;
pub mod nullifier;
pub mod params;
pub mod poseidon2;
pub mod registry;
pub mod schnorr;
#[cfg(feature = "serde")]
pub mod serde_text;
pub mod statement;
pub mod tags;
pub mod tracing;
pub mod transaction;
pub mod transfer;
pub mod violation;
