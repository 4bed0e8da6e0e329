//! What tests of this and other crates need: hostile hints, statements at the edges, and the [samples](crate::sample).

pub mod determinism;
pub mod edges;
pub mod hostile;

pub use crate::sample::{EnrolPlan, Holder, IdentityPlan, PlannedInput, PlannedOutput, TestRng, TransferPlan, sample};
pub use edges::edge_cases;
