//! Traces: epoch keys and what a transfer shows under warrant (W1, W2).

use veilpay_protocol::field::power_of_two;
use veilpay_protocol::tags::Tag;

use crate::gadgets::bits::{BoolVar, RangeChecked};
use crate::gadgets::keys::OwnerVar;
use crate::gadgets::poseidon2::{hash, keystream};
use crate::var::{Cs, FrVar, Synthesis};

/// `tk_e`: one epoch's tracing key.
#[derive(Clone, Debug)]
pub struct EpochKeyVar(FrVar);

impl EpochKeyVar {
    /// Takes a field element as a key; which key it is the trace root says, over the keys that the escrow agent keeps.
    #[must_use]
    pub const fn new(key: FrVar) -> Self {
        Self(key)
    }

    /// `H_TK(tk_e, e)`; 240 constraints.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
    pub fn leaf(&self, cs: &Cs, epoch: &FrVar) -> Synthesis<FrVar> {
        hash(cs, Tag::EpochLeaf, [&self.0, epoch])
    }
}

/// One output as a trace tells it.
#[derive(Clone, Debug)]
pub struct TracedOutputVar {
    /// The one-time owner.
    pub owner: OwnerVar,
    /// The amount.
    pub value: RangeChecked<64>,
    /// Whether the output is of the hidden asset.
    pub in_hidden_asset: BoolVar,
}

/// What a trace opens to.
#[derive(Clone, Debug)]
pub struct TracePlaintextVar<'a> {
    /// The hidden asset A.
    pub asset: &'a FrVar,
    /// The outputs in order.
    pub outputs: &'a [TracedOutputVar],
}

impl TracePlaintextVar<'_> {
    /// The lanes `(A, packed, owner_1 .. owner_M)`, `packed = sum of (value_j + 2^64 s_j) * 2^(65 j)`; no constraint.
    #[must_use]
    pub fn to_lanes(&self) -> Vec<FrVar> {
        let packed = self.outputs.iter().zip(0u32..).fold(FrVar::zero(), |sum, (output, j)| {
            sum.plus_scaled(output.value.field(), power_of_two(65 * j))
                .plus_scaled(output.in_hidden_asset.field(), power_of_two(65 * j + 64))
        });
        let owners = self.outputs.iter().map(|output| output.owner.field().clone());
        [self.asset.clone(), packed].into_iter().chain(owners).collect()
    }

    /// Tag and ciphertext under `key` and the payment's `rk.x` (W2); 528 constraints. At most three outputs fit.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
    pub fn seal(&self, cs: &Cs, key: &EpochKeyVar, rk_x: &FrVar) -> Synthesis<(FrVar, Vec<FrVar>)> {
        debug_assert!(self.outputs.len() <= 3, "two keystream blocks hide at most three owners");
        let [tag, a, b] = keystream(cs, &key.0, rk_x, 0)?;
        let [c, d, e] = keystream(cs, &key.0, rk_x, 1)?;
        let masks = [a, b, c, d, e];
        let ciphertext = self.to_lanes().iter().zip(&masks).map(|(word, mask)| word + mask).collect();
        Ok((tag, ciphertext))
    }
}
