//! The circuits of a private, compliant payment: R1CS over BN254.
#![forbid(unsafe_code)]

pub mod gadgets;
pub mod hint;
pub mod matrices;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod var;
