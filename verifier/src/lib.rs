//! Verification of Veilpay's proofs: Groth16 over BN254, without I/O, without `std`, without the circuits.
//!
//! Which file answers which question (clause numbers are those of `docs/PROTOCOL.md`):
//!
//! | question | file |
//! |---|---|
//! | when is a point from outside a point? | [`point`] |
//! | what is a proof, as values and as 128 bytes? | [`proof`] |
//! | what is a verifying key, and which keys are refused? | [`key`] (S1) |
//! | when does a proof hold? | [`groth16`] |
//! | when do many proofs hold, and which of them do not? | [`batch`] |
//! | what is it computed with? | `arithmetic.rs`: arkworks, or with the feature `kernels` the kernels |
//! | what does a ledger node keep? | [`Verifier`] |
//! | how do proofs of other circuits verify? | [`PreparedPoints`] |
//! | how do snarkjs, the EVM and Solidity write keys, proofs and inputs? | [`formats`] |
//!
//! The way of a proof: bytes become a [`Proof`], whose points are in their groups; a [`VerifyingKey`] that passes S1
//! becomes a [`PreparedVerifyingKey`], which alone verifies; a [`Statement`](veilpay_protocol::statement::Statement)
//! gives the public inputs, in order.
//!
//! ```
//! use veilpay_protocol::statement::Statement;
//! use veilpay_verifier::{Proof, Verifier, VerifyError, VerifyingKey, PreparedVerifyingKey};
//!
//! /// What a ledger does with a proof that came with a transaction.
//! fn accept(key_file: &[u8], statement: &Statement, proof: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//!     let key = VerifyingKey::from_bytes(key_file)?;
//!     let verifier = Verifier::new([PreparedVerifyingKey::new(&key)?])?;
//!     verifier.verify(statement, &Proof::from_bytes(proof)?)?;
//!     Ok(())
//! }
//!
//! // Bytes that are no proof are refused by rule; nothing panics.
//! assert!(Proof::from_bytes(&[0; 128]).is_err());
//! assert!(VerifyingKey::from_bytes(b"not a key").is_err());
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod arithmetic;
pub mod batch;
pub mod formats;
pub mod groth16;
pub mod key;
pub mod point;
pub mod proof;

pub use batch::{Batch, BatchError, Refusal};
pub use groth16::{PreparedPoints, PreparedVerifyingKey, Verifier, VerifyError};
pub use key::{KeyError, KeyInfo, KeyPoints, Setup, VerifyingKey};
pub use proof::{Proof, ProofError};
