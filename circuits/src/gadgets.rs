//! Circuit twins of what the protocol computes natively: same names, same order.

pub mod bits;
pub mod credential;
pub mod curve;
pub mod indexed_merkle;
pub mod keys;
pub mod merkle;
pub mod note;
pub mod nullifier;
pub mod poseidon2;
pub mod tracing;
