//! Statements and witnesses built from a plan: everything that follows from it is computed natively, so that a plan
//! can be edited in one place and be right, or wrong, in just that place.

mod holder;
mod identity;
mod transfer;

use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::statement::{Statement, Witness};

use super::rng::TestRng;

pub use holder::Holder;
pub use identity::{EnrolPlan, IdentityPlan};
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
