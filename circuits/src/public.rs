//! Public inputs, allocated in the order that the statement's `to_fields` has written.

use ark_relations::gr1cs::SynthesisError;
use veilpay_protocol::field::Fr;

use crate::gadgets::curve::PointVar;
use crate::var::{Cs, FrVar, Synthesis};

/// The public inputs of a circuit, handed out one by one in order.
pub(crate) struct PublicInputs(std::vec::IntoIter<FrVar>);

impl PublicInputs {
    /// Allocates all of them.
    pub(crate) fn allocate(cs: &Cs, fields: &[Fr]) -> Synthesis<Self> {
        let inputs: Synthesis<Vec<_>> = fields.iter().map(|field| FrVar::public(cs, *field)).collect();
        Ok(Self(inputs?.into_iter()))
    }

    /// The next input.
    pub(crate) fn next(&mut self) -> Synthesis<FrVar> {
        self.0.next().ok_or(SynthesisError::AssignmentMissing)
    }

    /// The next `count` inputs.
    pub(crate) fn take(&mut self, count: usize) -> Synthesis<Vec<FrVar>> {
        (0..count).map(|_| self.next()).collect()
    }

    /// The next `N` inputs.
    pub(crate) fn array<const N: usize>(&mut self) -> Synthesis<[FrVar; N]> {
        self.take(N)?.try_into().map_err(|_| SynthesisError::AssignmentMissing)
    }

    /// The next two inputs, as a point.
    pub(crate) fn point(&mut self) -> Synthesis<PointVar> {
        Ok(PointVar { x: self.next()?, y: self.next()? })
    }

    /// All have been handed out.
    pub(crate) fn finish(self) -> Synthesis<()> {
        if self.0.len() == 0 { Ok(()) } else { Err(SynthesisError::AssignmentMissing) }
    }
}
