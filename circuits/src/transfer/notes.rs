//! Inputs and outputs of a transfer (T2 to T5, N1).

use veilpay_protocol::field::Fr;
use veilpay_protocol::merkle::NOTE_DEPTH;
use veilpay_protocol::transfer::{InputWitness, OutputWitness};

use crate::authority::AuthorityVar;
use crate::gadgets::bits::{BoolVar, RangeChecked};
use crate::gadgets::keys::OwnerVar;
use crate::gadgets::merkle::PathVar;
use crate::gadgets::note::commitment;
use crate::gadgets::nullifier::nullifier;
use crate::gadgets::tracing::TracedOutputVar;
use crate::hint::hint;
use crate::var::{Cs, FrVar, Synthesis};

/// The two assets of a transfer.
#[derive(Clone, Debug)]
pub struct AssetsVar {
    /// The public asset F.
    pub public: FrVar,
    /// The hidden asset A.
    pub hidden: FrVar,
}

impl AssetsVar {
    /// T5: `asset = F + s (A - F)`; 1 constraint.
    fn t5_lane(&self, cs: &Cs, in_hidden_asset: &BoolVar) -> Synthesis<FrVar> {
        let offset = in_hidden_asset.field().product(cs, &(&self.hidden - &self.public))?;
        Ok(&self.public + &offset)
    }
}

/// The amount of a note and its lane.
#[derive(Clone, Debug)]
pub struct AmountVar {
    /// The amount.
    pub value: RangeChecked<64>,
    /// The lane.
    pub in_hidden_asset: BoolVar,
}

impl AmountVar {
    /// T4 and T5: a u64 and a boolean; 65 constraints.
    fn t4_value(cs: &Cs, value: u64, in_hidden_asset: bool) -> Synthesis<Self> {
        let value = hint(cs, "note.value", || Fr::from(value))?;
        Ok(Self {
            value: RangeChecked::new(cs, "note.value.bit", &value)?,
            in_hidden_asset: BoolVar::hint(cs, "note.in_hidden_asset", || in_hidden_asset)?,
        })
    }
}

/// The notes' side of a transfer: who spends, of which tree, of which assets.
pub(super) struct NotesContext<'a> {
    pub(super) authority: &'a AuthorityVar,
    pub(super) assets: &'a AssetsVar,
    pub(super) note_root: &'a FrVar,
}

impl NotesContext<'_> {
    /// T2: owner, commitment, path and nullifier of an input; 5142 constraints with T3, T4 and T5's lane.
    pub(super) fn t2_input(&self, cs: &Cs, witness: &InputWitness, expected: &FrVar) -> Synthesis<AmountVar> {
        let amount = AmountVar::t4_value(cs, witness.value, witness.in_hidden_asset)?;
        let is_dummy = BoolVar::hint(cs, "input.is_dummy", || witness.is_dummy)?;
        let diversifier = hint(cs, "input.diversifier", || witness.diversifier.to_field())?;
        let rcm = hint(cs, "note.rcm", || witness.rcm)?;
        let owner = OwnerVar::derive(cs, &self.authority.account, &diversifier)?;
        let asset = self.assets.t5_lane(cs, &amount.in_hidden_asset)?;
        let cm = commitment(cs, &owner, &asset, &amount.value, &rcm)?;
        let (root, position) = PathVar::<NOTE_DEPTH>::new(&witness.path).root_and_index(cs, &cm)?;
        self.t3_dummy(cs, &is_dummy, &amount, &root)?;
        nullifier(cs, &self.authority.nk, &rcm, &position, &is_dummy)?.enforce_equal(cs, expected)?;
        Ok(amount)
    }

    /// T3: `is_dummy * value = 0` and `(root - note_root)(1 - is_dummy) = 0`; 2 constraints.
    fn t3_dummy(&self, cs: &Cs, is_dummy: &BoolVar, amount: &AmountVar, root: &FrVar) -> Synthesis<()> {
        is_dummy.field().enforce_product(cs, amount.value.field(), &FrVar::zero())?;
        (root - self.note_root).enforce_product(cs, &is_dummy.not(), &FrVar::zero())
    }

    /// N1: the commitment of an output; 331 constraints with T4 and T5's lane.
    pub(super) fn n1_output(&self, cs: &Cs, witness: &OutputWitness, expected: &FrVar) -> Synthesis<TracedOutputVar> {
        let AmountVar { value, in_hidden_asset } = AmountVar::t4_value(cs, witness.value, witness.in_hidden_asset)?;
        let owner = OwnerVar::new(hint(cs, "output.owner", || witness.owner.to_field())?);
        let rcm = hint(cs, "note.rcm", || witness.rcm)?;
        let asset = self.assets.t5_lane(cs, &in_hidden_asset)?;
        commitment(cs, &owner, &asset, &value, &rcm)?.enforce_equal(cs, expected)?;
        Ok(TracedOutputVar { owner, value, in_hidden_asset })
    }
}
