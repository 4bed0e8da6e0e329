//! Paths of 4-ary Merkle trees.
//!
//! The four children of each node on the way are hints. [`PathVar::root_and_index`] selects the node below among them
//! by two bits of the position; where the position does not matter, [`PathVar::root`] proves that the node below is
//! one of them, by a product that is 0.

use ark_ff::AdditiveGroup;
use veilpay_protocol::field::{Fr, power_of_two};
use veilpay_protocol::merkle::{ARITY, Path};

use crate::gadgets::bits::BoolVar;
use crate::gadgets::poseidon2::compress;
use crate::hint::hint;
use crate::var::{Cs, FrVar, Synthesis};

/// The path of a leaf.
#[derive(Clone, Debug)]
pub struct PathVar<'a, const DEPTH: usize>(&'a Path<DEPTH>);

impl<'a, const DEPTH: usize> PathVar<'a, DEPTH> {
    /// Takes a native path; its nodes become hints where they are used.
    #[must_use]
    pub const fn new(path: &'a Path<DEPTH>) -> Self {
        Self(path)
    }

    /// The four children at `level`, with `node` where the path says; 4 hints.
    fn children(&self, cs: &Cs, level: usize, node: &FrVar) -> Synthesis<[FrVar; ARITY]> {
        let position = self.0.digits()[level];
        let [a, b, c] = self.0.siblings()[level];
        let mut values = [a, b, c, Fr::ZERO];
        values[position..].rotate_right(1);
        values[position] = node.value();
        let [a, b, c, d] = values.map(|value| hint(cs, "path.child", || value));
        Ok([a?, b?, c?, d?])
    }

    /// The root that this path gives to `leaf`, and the leaf's index below 4^DEPTH; 269 constraints a level.
    ///
    /// Per level, with bits b, c and children k: `low = k0 + b (k1 - k0)`, `high = k2 + b (k3 - k2)`,
    /// `c (high - low) = node - low`.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
    pub fn root_and_index(&self, cs: &Cs, leaf: &FrVar) -> Synthesis<(FrVar, FrVar)> {
        let mut node = leaf.clone();
        let mut index = FrVar::zero();
        for level in 0..DEPTH {
            let digit = self.0.digits()[level];
            let b = BoolVar::hint(cs, "path.bit", || digit & 1 == 1)?;
            let c = BoolVar::hint(cs, "path.bit", || digit & 2 == 2)?;
            let children = self.children(cs, level, &node)?;
            let [k0, k1, k2, k3] = &children;
            let low = k0 + &b.field().product(cs, &(k1 - k0))?;
            let high = k2 + &b.field().product(cs, &(k3 - k2))?;
            c.field().enforce_product(cs, &(&high - &low), &(&node - &low))?;
            index = index
                .plus_scaled(b.field(), power_of_two(2 * level as u32))
                .plus_scaled(c.field(), power_of_two(2 * level as u32 + 1));
            node = compress(cs, children.each_ref())?;
        }
        Ok((node, index))
    }

    /// The root that this path gives to `leaf`, at whatever index; 267 constraints a level.
    ///
    /// Per level: `(k0 - node)(k1 - node)(k2 - node)(k3 - node) = 0`.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
    pub fn root(&self, cs: &Cs, leaf: &FrVar) -> Synthesis<FrVar> {
        let mut node = leaf.clone();
        for level in 0..DEPTH {
            let children = self.children(cs, level, &node)?;
            let [k0, k1, k2, k3] = children.each_ref().map(|child| child - &node);
            let left = k0.product(cs, &k1)?;
            let right = k2.product(cs, &k3)?;
            left.enforce_product(cs, &right, &FrVar::zero())?;
            node = compress(cs, children.each_ref())?;
        }
        Ok(node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::hostile::Subject;
    use ark_ff::Field;
    use ark_relations::gr1cs::ConstraintSystem;
    use veilpay_protocol::merkle::Tree;

    fn tree() -> Tree<3> {
        let mut tree = Tree::default();
        for i in 0..40u64 {
            tree.append(Fr::from(1000 + i * i)).expect("there is room");
        }
        tree
    }

    #[test]
    fn a_path_gives_the_native_root_and_the_index_at_the_pinned_cost() {
        let tree = tree();
        for index in [0, 1, 2, 3, 4, 21, 39, 40, 62, 63] {
            let path = tree.path(index).expect("inside the tree");
            let cs = ConstraintSystem::new_ref();
            let leaf = FrVar::public(&cs, tree.leaf(index)).expect("a system");
            let (root, position) = PathVar::new(&path).root_and_index(&cs, &leaf).expect("a system");
            assert_eq!((root.value(), position.value()), (tree.root(), Fr::from(index)));
            assert_eq!(cs.num_constraints(), 3 * 269);
            let root = PathVar::new(&path).root(&cs, &leaf).expect("a system");
            assert_eq!(root.value(), tree.root());
            assert_eq!(cs.num_constraints(), 3 * (269 + 267));
            assert_eq!(cs.is_satisfied(), Ok(true), "index {index}");
        }
    }

    #[test]
    fn the_index_of_a_leaf_among_equal_siblings_is_the_one_of_the_bits() {
        // Equal leaves have one commitment and different positions: the root cannot tell, the nullifier must.
        let mut tree = Tree::<2>::default();
        for _ in 0..16 {
            tree.append(Fr::from(9u64)).expect("there is room");
        }
        for index in 0..16 {
            let path = tree.path(index).expect("inside the tree");
            let cs = ConstraintSystem::new_ref();
            let leaf = FrVar::public(&cs, Fr::from(9u64)).expect("a system");
            let (root, position) = PathVar::new(&path).root_and_index(&cs, &leaf).expect("a system");
            assert_eq!((root.value(), position.value()), (tree.root(), Fr::from(index)));
            assert_eq!(cs.is_satisfied(), Ok(true));
        }
    }

    #[test]
    fn no_hint_of_a_path_keeps_the_root_and_moves_the_index() {
        let tree = tree();
        for index in [0, 6, 39] {
            let path = tree.path(index).expect("inside the tree");
            let subject = Subject::new(|cs| {
                let leaf = FrVar::public(cs, tree.leaf(index))?;
                let (root, position) = PathVar::new(&path).root_and_index(cs, &leaf)?;
                root.enforce_equal(cs, &FrVar::public(cs, tree.root())?)?;
                Ok(vec![root, position])
            });
            subject.every_hint_is_determined();
        }
    }

    #[test]
    fn no_bits_but_the_position_select_the_node_among_distinct_children() {
        let tree = tree();
        let path = tree.path(6).expect("inside the tree");
        let subject = Subject::new(|cs| {
            let leaf = FrVar::public(cs, tree.leaf(6))?;
            let (root, position) = PathVar::new(&path).root_and_index(cs, &leaf)?;
            Ok(vec![root, position])
        });
        for choice in 0..64u64 {
            let overrides: Vec<_> = (0..6).map(|i| (("path.bit", i), Fr::from((choice >> i) & 1))).collect();
            assert_eq!(subject.accepts(&overrides).is_some(), choice == 6, "{choice}");
        }
    }

    #[test]
    fn a_stranger_to_the_node_is_not_a_member() {
        let tree = tree();
        let path = tree.path(6).expect("inside the tree");
        let subject = Subject::new(|cs| {
            let leaf = FrVar::public(cs, tree.leaf(6))?;
            let root = PathVar::new(&path).root(cs, &leaf)?;
            root.enforce_equal(cs, &FrVar::public(cs, tree.root())?)?;
            Ok(vec![root])
        });
        subject.every_hint_is_determined();
        let cs = ConstraintSystem::new_ref();
        let leaf = FrVar::public(&cs, tree.leaf(6) + Fr::ONE).expect("a system");
        let root = PathVar::new(&path).root(&cs, &leaf).expect("a system");
        root.enforce_equal(&cs, &FrVar::public(&cs, tree.root()).expect("a system")).expect("a system");
        assert_eq!(cs.is_satisfied(), Ok(false));
    }
}
