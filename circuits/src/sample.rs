//! Statements and witnesses built from a plan: everything that follows from it is computed natively, so that a plan
//! can be edited in one place and be right, or wrong, in just that place. For tests, benches and whoever wants to see a
//! circuit at work; nobody's money.
//!
//! ```
//! use veilpay_circuits::sample::{TestRng, sample};
//! use veilpay_protocol::circuit::CircuitId;
//! let (statement, witness) = sample(CircuitId::Enrol, &mut TestRng::new(1));
//! assert_eq!(veilpay_protocol::statement::check(&statement, &witness), Ok(()));
//! ```

mod holder;
mod identity;
pub mod rng;
mod transfer;

use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::statement::{Statement, Witness};

pub use holder::Holder;
pub use identity::{EnrolPlan, IdentityPlan};
pub use rng::TestRng;
pub use transfer::{PlannedInput, PlannedOutput, TransferPlan};

/// A valid random statement of `circuit` with its witness.
#[must_use]
pub fn sample(circuit: CircuitId, rng: &mut TestRng) -> (Statement, Witness) {
    match circuit.shape() {
        Some(shape) => TransferPlan::random(shape, rng).statement(),
        None if circuit == CircuitId::Identity => IdentityPlan::random(rng).statement(),
        None => EnrolPlan::random(rng).statement(),
    }
}
