//! What a private, compliant payment is: natively, without constraints and without I/O.
#![no_std]

extern crate alloc;

pub mod curve;
pub mod field;
pub mod hash;
pub mod indexed_merkle;
pub mod merkle;
pub mod poseidon2;
#[cfg(feature = "serde")]
pub mod serde_text;
pub mod tags;
