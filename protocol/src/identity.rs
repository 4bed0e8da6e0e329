//! A proof of identity without a payment (I1).

pub mod relation;
pub mod statement;
pub mod witness;

pub use statement::{IdentityStatement, JURISDICTIONS, ScopeNullifier};
pub use witness::IdentityWitness;
