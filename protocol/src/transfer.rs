//! The transfer: N notes into M notes, with public value in or out, a fee, the payer's credential and a trace (section 3).

pub mod relation;
pub mod statement;
pub mod witness;

pub use statement::{ExtHash, TransferFields, TransferStatement};
pub use witness::{InputWitness, OutputWitness, TransferWitness};
