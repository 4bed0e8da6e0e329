//! Nullifiers (N3).

use veilpay_protocol::field::power_of_two;
use veilpay_protocol::tags::Tag;

use crate::gadgets::bits::BoolVar;
use crate::gadgets::poseidon2::hash;
use crate::var::{Cs, FrVar, Synthesis};

/// `nf = H_NF(nk, rcm, pos + 2^32 * is_dummy)`; 264 constraints.
///
/// `position` is the index that [`PathVar::root_and_index`](crate::gadgets::merkle::PathVar::root_and_index) put
/// together from the bits of the path, below 2^32.
///
/// # Errors
/// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
pub fn nullifier(cs: &Cs, nk: &FrVar, rcm: &FrVar, position: &FrVar, is_dummy: &BoolVar) -> Synthesis<FrVar> {
    let slot = position.plus_scaled(is_dummy.field(), power_of_two(32));
    hash(cs, Tag::Nullifier, [nk, rcm, &slot])
}
