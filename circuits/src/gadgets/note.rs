//! Note commitments (N1).

use veilpay_protocol::field::{Fr, power_of_two};
use veilpay_protocol::tags::Tag;

use crate::gadgets::bits::RangeChecked;
use crate::gadgets::keys::OwnerVar;
use crate::gadgets::poseidon2::compress;
use crate::var::{Cs, FrVar, Synthesis};

/// `cm = C(owner, asset, value + 2^64 * TAG_NOTE, rcm)`; 264 constraints. The value is a u64 by its type (T4).
///
/// # Errors
/// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
pub fn commitment(cs: &Cs, owner: &OwnerVar, asset: &FrVar, value: &RangeChecked<64>, rcm: &FrVar) -> Synthesis<FrVar> {
    let word = value.field().plus_constant(power_of_two(64) * Fr::from(Tag::Note as u64));
    compress(cs, [owner.field(), asset, &word, rcm])
}
