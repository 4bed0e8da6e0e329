//! The sanctions list: not being a key of an indexed Merkle tree (C3).

use veilpay_protocol::field::Fr;
use veilpay_protocol::indexed_merkle::{IndexedLeaf, NonMembership};
use veilpay_protocol::tags::Tag;

use crate::gadgets::bits::RangeChecked;
use crate::gadgets::merkle::PathVar;
use crate::gadgets::poseidon2::hash;
use crate::hint::hint;
use crate::var::{Cs, FrVar, Synthesis};

/// One leaf of the list. Keys in a list are 128-bit integers: its keeper, the ledger, holds them in no other form.
#[derive(Clone, Debug)]
pub struct IndexedLeafVar {
    /// The listed key.
    pub key: RangeChecked<128>,
    /// The next greater listed key, or the end mark.
    pub next: RangeChecked<128>,
}

impl IndexedLeafVar {
    /// A leaf; 2 hints. Its keys are short only once the leaf is proven to be in the list.
    fn new(cs: &Cs, leaf: &IndexedLeaf) -> Synthesis<Self> {
        let key = hint(cs, "sanctions.key", || Fr::from(leaf.key))?;
        let next = hint(cs, "sanctions.next", || Fr::from(leaf.next))?;
        Ok(Self { key: RangeChecked::checked_outside(key), next: RangeChecked::checked_outside(next) })
    }

    /// `H_IMT(key, next)`; 240 constraints.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
    pub fn hash(&self, cs: &Cs) -> Synthesis<FrVar> {
        hash(cs, Tag::IndexedLeaf, [self.key.field(), self.next.field()])
    }
}

/// The witness that a serial is not listed.
#[derive(Clone, Debug)]
pub struct NonMembershipVar<'a>(&'a NonMembership);

impl<'a> NonMembershipVar<'a> {
    /// Takes the native witness.
    #[must_use]
    pub const fn new(witness: &'a NonMembership) -> Self {
        Self(witness)
    }

    /// Enforces `key < serial < next` for one leaf of `root`'s list, and gives the serial back as the 128-bit integer
    /// that it is thereby shown to be; 3167 constraints: leaf 240, path 2670, root 1, ranges 256.
    ///
    /// The ranges are those of `serial - key - 1` and `next - serial - 1`. With a and b for these, and key and next
    /// below 2^128 as in any list, `next = key + a + b + 2` modulo r, and both sides are below 2^130: it holds for
    /// integers. So `serial = key + 1 + a` is an integer between key and next.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
    pub fn enforce(&self, cs: &Cs, serial: FrVar, root: &FrVar) -> Synthesis<RangeChecked<128>> {
        let leaf = IndexedLeafVar::new(cs, &self.0.leaf)?;
        let computed = PathVar::new(&self.0.path).root(cs, &leaf.hash(cs)?)?;
        computed.enforce_equal(cs, root)?;
        RangeChecked::enforce_between(cs, ["sanctions.above.bit", "sanctions.below.bit"], &leaf.key, serial, &leaf.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::hostile::Subject;
    use ark_ff::Field;
    use ark_relations::gr1cs::ConstraintSystem;
    use veilpay_protocol::field::power_of_two;
    use veilpay_protocol::indexed_merkle::{END, IndexedTree};

    fn listed(keys: &[u128]) -> IndexedTree {
        let mut list = IndexedTree::default();
        for key in keys {
            let writes = list.plan_insert(*key).expect("not listed yet");
            list.apply(&writes).expect("the plan keeps the chain");
        }
        list
    }

    fn accepts(list: &IndexedTree, witness: &NonMembership, serial: Fr) -> bool {
        let cs = ConstraintSystem::new_ref();
        let [serial, root] = [serial, list.root()].map(|x| FrVar::public(&cs, x).expect("a system"));
        NonMembershipVar::new(witness).enforce(&cs, serial, &root).expect("a system");
        assert_eq!(cs.num_constraints(), 3167);
        cs.is_satisfied().expect("not in setup mode")
    }

    #[test]
    fn a_serial_passes_with_the_leaf_around_it_and_with_no_other() {
        let list = listed(&[1, 10, 30, END - 2]);
        let leaves = [2u128, 11, 31, END - 1].map(|serial| list.non_membership(serial).expect("not listed"));
        for serial in [0, 1, 2, 9, 10, 11, 29, 30, 31, END - 3, END - 2, END - 1, END] {
            for witness in &leaves {
                let native = witness.leaf.key < serial && serial < witness.leaf.next;
                assert_eq!(accepts(&list, witness, Fr::from(serial)), native, "{serial} in {:?}", witness.leaf);
            }
        }
    }

    #[test]
    fn a_field_element_that_is_no_serial_passes_nowhere() {
        for list in [listed(&[]), listed(&[5])] {
            let witness = list.non_membership(7).expect("not listed");
            for serial in [power_of_two(128), power_of_two(128) + Fr::from(7u64), -Fr::ONE, power_of_two(250)] {
                assert!(!accepts(&list, &witness, serial), "{serial}");
            }
        }
    }

    #[test]
    fn a_leaf_that_is_not_in_the_list_is_no_witness() {
        let list = listed(&[5]);
        let mut witness = list.non_membership(7).expect("not listed");
        witness.leaf.key = 4;
        assert!(!accepts(&list, &witness, Fr::from(5u64)));
    }

    #[test]
    fn every_hint_is_determined_by_serial_and_root() {
        let list = listed(&[5, 50]);
        let witness = list.non_membership(7).expect("not listed");
        let subject = Subject::new(|cs| {
            let root = FrVar::public(cs, list.root())?;
            let serial = NonMembershipVar::new(&witness).enforce(cs, FrVar::public(cs, Fr::from(7u64))?, &root)?;
            Ok(vec![serial.field().clone()])
        });
        subject.every_hint_is_determined();
    }
}
