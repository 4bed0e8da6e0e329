//! The C interface of Veilpay: verification of proofs and the rules of the ledger, for a node that is not written in Rust.
//!
//! `include/veilpay.h` is generated from this crate; `examples/ledger.c` and `examples/ledger.py` show how a ledger uses it.
//!
//! | question | file |
//! |---|---|
//! | what does every function return? | [`status`] |
//! | does a proof hold under a key? do many? | [`verifier`] |
//! | does a proof of any circuit of snarkjs hold? | [`snarkjs`] |
//! | under which key, of which version? | `keys` |
//! | what does a network fix? | [`parameters`] |
//! | how does a node answer what the rules ask? | [`ledger`] |
//! | is a transaction valid, and what does it change? | [`transaction`] |
//! | what is the root of the note tree? | [`notes`] |
//! | what are the roots of the issuer's lists? | [`lists`] |
//!
//! # Conventions
//! - A function that can fail returns a [`VeilpayStatus`], takes a `VeilpayError *` last, which may be null, and writes its results
//!   only when it returns `VEILPAY_STATUS_OK`; but `veilpay_verify_batch` writes its verdicts also with `VEILPAY_STATUS_PROOF`, and
//!   `veilpay_notes_save` the length it needs with `VEILPAY_STATUS_LENGTH`.
//! - Bytes are given as a pointer and a length; a length of 0 goes with any pointer. Field elements are 32 bytes big-endian and canonical.
//! - What is made by a `_new`, `_load`, `_check` or `_settle` is given back by the `_free` of its type, once. `_free` takes null.
//! - An object that is not changed may be used by many threads at once; the functions that change one take a pointer that is not const.
//! - Nothing unwinds into C: a panic becomes `VEILPAY_STATUS_INTERNAL`. Nothing may unwind out of a ledger's function.

mod bytes;
mod keys;
pub mod ledger;
pub mod lists;
pub mod notes;
pub mod parameters;
pub mod snarkjs;
pub mod status;
pub mod transaction;
pub mod verifier;

pub use status::{VeilpayError, VeilpayStatus};

/// The version of this interface: it changes when a program compiled against an older header would misbehave.
pub const VEILPAY_ABI: u32 = 2;

/// The interface's version as the library has it; compare it with `VEILPAY_ABI` of the header.
#[unsafe(no_mangle)]
pub extern "C" fn veilpay_abi() -> u32 {
    VEILPAY_ABI
}
