//! Keys, proofs and public inputs as other software writes them.
//!
//! | question | file | feature |
//! |---|---|---|
//! | what are `verification_key.json`, `proof.json` and `public.json`? | `snarkjs` | `snarkjs` |
//! | which bytes does the EVM take, and what is the calldata of `verifyProof`? | `evm` | `evm` |
//! | how is a key's Solidity verifier made? | `solidity` | `evm` |
//!
//! All of it is strict: one text or one byte string for each value, and whatever else is refused by its rule. Nothing is
//! reduced, nothing is allocated before a bound is checked, and points come out in their groups.

#[cfg(feature = "evm")]
pub mod evm;
#[cfg(feature = "snarkjs")]
mod json;
#[cfg(feature = "snarkjs")]
mod number;
#[cfg(feature = "snarkjs")]
pub mod snarkjs;
#[cfg(feature = "evm")]
pub mod solidity;
