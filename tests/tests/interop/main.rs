//! Other people's software at the other end: snarkjs in bulk, and contracts that the published Solidity compiler
//! compiles and an EVM runs.

#![allow(clippy::unwrap_used, reason = "tests")]

mod contracts;
mod evm;
mod pool;
mod proofs;
mod snarkjs;
#[path = "../suite/circom/tools.rs"]
mod tools;
mod verifier;
