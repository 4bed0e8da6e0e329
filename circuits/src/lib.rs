//! The circuits of a private, compliant payment: R1CS over BN254.
//!
//! Which file answers which question:
//!
//! | question | file |
//! |---|---|
//! | how do I get constraints, matrices, an assignment? | [`synthesis`], [`mod@matrices`] |
//! | what is proved? | [`transfer`], [`identity`], [`enrol`]; shared clauses: [`authority`], [`compliance`] |
//! | what is it made of? | [`gadgets`] |
//! | what is a field element inside a circuit? | [`var`] |
//! | where does a prover choose? | [`hint`], nowhere else |
//! | what does a valid statement look like? | [`sample`] |
//! | what does it cost? | [`shape`], pinned in `shape.csv` |
#![forbid(unsafe_code)]

pub mod authority;
mod blank;
pub mod compliance;
pub mod enrol;
pub mod gadgets;
pub mod hint;
pub mod identity;
pub mod matrices;
mod public;
pub mod sample;
pub mod shape;
pub mod synthesis;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
pub mod transfer;
pub mod var;

pub use matrices::CircuitMatrices;
pub use synthesis::{assignment, matrices, synthesize};
