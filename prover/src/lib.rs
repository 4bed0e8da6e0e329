//! Proving: from a statement and its witness to a proof that has been verified.
//!
//! Which file answers which question (clause numbers are those of `docs/PROTOCOL.md`):
//!
//! | question | file |
//! |---|---|
//! | how do I prove? | [`engine`]: stages, cancellation, timings |
//! | what is a proving key, and which are refused? | [`keys`] (S1) |
//! | what is a key file? | [`keys::file`], [`keys::provenance`] |
//! | how does a ceremony's key become ours, and what shows that it is good? | [`keys::import`](mod@keys::import), [`CircuitKey::check_taus`] (S3) |
//! | where do keys live, and how do dev keys come about? | [`keys::store`], [`setup`] (S2) |
//! | which matrices does a proof satisfy? | [`r1cs`] |
//! | how is a proof made? | `groth16`, on `veilpay-kernels`; [`reduction`]: the quotient |
//! | how fast is it, beside arkworks? | [`comparison`] |
//! | where does randomness come from? | [`entropy`] |
//! | how are files of circom and snarkjs read and written? | [`circom`] |
//!
//! ```no_run
//! use std::num::NonZeroUsize;
//! use veilpay_protocol::statement::{Statement, Witness};
//! use veilpay_prover::{CancelToken, Engine, KeyStore, ProveError};
//!
//! fn prove(statement: &Statement, witness: &Witness) -> Result<[u8; 128], ProveError> {
//!     let keys = KeyStore::open("keys")?;
//!     let engine = Engine::new(keys, NonZeroUsize::MIN)?;
//!     let output = engine.prove(statement, witness, &|_stage| (), &CancelToken::new())?;
//!     Ok(output.proof.to_bytes())
//! }
//! ```
#![forbid(unsafe_code)]

pub mod circom;
pub mod comparison;
pub mod engine;
pub mod entropy;
mod groth16;
pub mod keys;
pub mod r1cs;
pub mod reduction;
mod rows;
pub mod setup;
mod source;

pub use engine::{CancelToken, Engine, ProofOutput, ProveError, Stage, Timing, Timings};
pub use keys::{CircuitKey, KeyFileError, KeyStore};
