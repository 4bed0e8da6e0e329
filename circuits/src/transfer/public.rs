//! The public inputs of a transfer by name.

use veilpay_protocol::circuit::Shape;
use veilpay_protocol::transfer::TransferStatement;

use crate::gadgets::bits::RangeChecked;
use crate::gadgets::curve::PointVar;
use crate::public::PublicInputs;
use crate::var::{Cs, FrVar, Synthesis};

/// The public inputs of a transfer; fields as in [`veilpay_protocol::transfer::TransferFields`].
#[derive(Clone, Debug)]
pub struct TransferFieldsVar {
    /// The note tree's root.
    pub note_root: FrVar,
    /// One nullifier per input.
    pub nullifiers: Vec<FrVar>,
    /// One commitment per output.
    pub commitments: Vec<FrVar>,
    /// The re-randomised key.
    pub rk: PointVar,
    /// The public asset F.
    pub asset_pub: FrVar,
    /// Value that enters the pool; the verifier holds a u64.
    pub v_pub_in: RangeChecked<64>,
    /// Value that leaves the pool; the verifier holds a u64.
    pub v_pub_out: RangeChecked<64>,
    /// The fee; the verifier holds a u64.
    pub fee: RangeChecked<64>,
    /// The registry's root.
    pub registry_root: FrVar,
    /// The sanctions list's root.
    pub sanctions_root: FrVar,
    /// The time; the verifier checks that it is below 2^40.
    pub now: RangeChecked<40>,
    /// The epoch.
    pub epoch: FrVar,
    /// The trace's tag.
    pub trace_tag: FrVar,
    /// The trace's ciphertext.
    pub trace_ciphertext: Vec<FrVar>,
    /// Binds ciphertexts and external data.
    pub ext_hash: FrVar,
}

impl TransferFieldsVar {
    /// Allocates the public inputs; no constraint.
    pub(crate) fn allocate(cs: &Cs, statement: &TransferStatement, shape: Shape) -> Synthesis<Self> {
        let mut inputs = PublicInputs::allocate(cs, &statement.to_fields())?;
        let fields = Self {
            note_root: inputs.next()?,
            nullifiers: inputs.take(shape.inputs)?,
            commitments: inputs.take(shape.outputs)?,
            rk: inputs.point()?,
            asset_pub: inputs.next()?,
            v_pub_in: RangeChecked::checked_outside(inputs.next()?),
            v_pub_out: RangeChecked::checked_outside(inputs.next()?),
            fee: RangeChecked::checked_outside(inputs.next()?),
            registry_root: inputs.next()?,
            sanctions_root: inputs.next()?,
            now: RangeChecked::checked_outside(inputs.next()?),
            epoch: inputs.next()?,
            trace_tag: inputs.next()?,
            trace_ciphertext: inputs.take(shape.outputs + 2)?,
            ext_hash: inputs.next()?,
        };
        inputs.finish()?;
        Ok(fields)
    }
}
