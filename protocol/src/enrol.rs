//! A wallet's proof to the issuer that the account behind `u` is its own (C2).

pub mod relation;
pub mod statement;
pub mod witness;

pub use statement::{EnrolStatement, EnrolTerms};
pub use witness::EnrolWitness;
