//! What tests of this and other crates need: hostile hints, valid random statements, statements at the edges.
//!
//! ```
//! use veilpay_circuits::testing::{TestRng, sample};
//! use veilpay_protocol::circuit::CircuitId;
//! let (statement, witness) = sample(CircuitId::Enrol, &mut TestRng::new(1));
//! assert_eq!(veilpay_protocol::statement::check(&statement, &witness), Ok(()));
//! ```

pub mod determinism;
pub mod edges;
pub mod hostile;
pub mod plans;
pub mod rng;

pub use edges::edge_cases;
pub use plans::{EnrolPlan, Holder, IdentityPlan, PlannedInput, PlannedOutput, TransferPlan, sample};
pub use rng::TestRng;
