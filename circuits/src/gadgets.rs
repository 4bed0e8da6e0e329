//! Circuit twins of what the protocol computes natively: same names, same order.

pub mod bits;
pub mod curve;
pub mod merkle;
pub mod poseidon2;
