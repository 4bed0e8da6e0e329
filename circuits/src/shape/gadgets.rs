//! The gadgets one by one, each with its inputs as public ones.

use veilpay_protocol::curve::generator;
use veilpay_protocol::field::{Fr, Fs};
use veilpay_protocol::indexed_merkle::{END, IndexedLeaf, NonMembership};
use veilpay_protocol::merkle::Path;
use veilpay_protocol::tags::Tag;

use crate::gadgets::bits::{BoolVar, RangeChecked};
use crate::gadgets::curve::PointVar;
use crate::gadgets::indexed_merkle::NonMembershipVar;
use crate::gadgets::keys::{AccountVar, OwnerVar};
use crate::gadgets::merkle::PathVar;
use crate::gadgets::note::commitment;
use crate::gadgets::nullifier::nullifier;
use crate::gadgets::poseidon2::{compress, hash, keystream};
use crate::matrices::{CircuitMatrices, matrices_of};
use crate::public::PublicInputs;
use crate::var::{Cs, FrVar, Synthesis};

fn inputs<const N: usize>(cs: &Cs) -> Synthesis<[FrVar; N]> {
    PublicInputs::allocate(cs, &[Fr::default(); N])?.array()
}

fn point(cs: &Cs) -> Synthesis<PointVar> {
    let [x, y] = inputs(cs)?;
    Ok(PointVar { x, y })
}

fn path<const DEPTH: usize>() -> Path<DEPTH> {
    Path::new(0, [[Fr::default(); 3]; DEPTH]).expect("0 is the index of a leaf")
}

/// Makes the outputs occur in a row, as whoever uses the gadget would.
fn used(cs: &Cs, outputs: &[&FrVar]) -> Synthesis<()> {
    let expected = FrVar::public(cs, Fr::default())?;
    outputs.iter().try_for_each(|output| output.enforce_equal(cs, &expected))
}

type Gadget = (&'static str, fn(&Cs) -> Synthesis<()>);

/// Rows include one equality per output, so that all of a gadget's wires occur.
const GADGETS: &[Gadget] = &[
    ("hash_2", |cs| {
        let [a, b] = inputs(cs)?;
        used(cs, &[&hash(cs, Tag::Owner, [&a, &b])?])
    }),
    ("hash_3", |cs| {
        let [a, b, c] = inputs(cs)?;
        used(cs, &[&hash(cs, Tag::Account, [&a, &b, &c])?])
    }),
    ("compress", |cs| {
        let [a, b, c, d] = inputs(cs)?;
        used(cs, &[&compress(cs, [&a, &b, &c, &d])?])
    }),
    ("keystream", |cs| {
        let [key, salt] = inputs(cs)?;
        used(cs, &keystream(cs, &key, &salt, 1)?.each_ref())
    }),
    ("boolean", |cs| BoolVar::hint(cs, "bit", || false).map(|_| ())),
    ("range_64", |cs| {
        let [x] = inputs(cs)?;
        RangeChecked::<64>::new(cs, "bit", &x).map(|_| ())
    }),
    ("at_least_40", |cs| {
        let [a, b] = inputs(cs)?.map(RangeChecked::<40>::checked_outside);
        a.enforce_at_least(cs, "bit", &b)
    }),
    ("between_128", |cs| {
        let [low, x, high] = inputs(cs)?;
        let [low, high] = [low, high].map(RangeChecked::<128>::checked_outside);
        RangeChecked::enforce_between(cs, ["a", "b"], &low, x, &high).map(|_| ())
    }),
    ("point_in_subgroup", |cs| {
        let PointVar { x, y } = PointVar::in_subgroup(cs, &generator())?;
        used(cs, &[&x, &y])
    }),
    ("point_double", |cs| {
        let PointVar { x, y } = point(cs)?.double(cs)?;
        used(cs, &[&x, &y])
    }),
    ("point_add", |cs| {
        let PointVar { x, y } = point(cs)?.add(cs, &point(cs)?)?;
        used(cs, &[&x, &y])
    }),
    ("generator_multiple_added", |cs| {
        let (base, sum) = (point(cs)?, point(cs)?);
        base.enforce_generator_multiple_added(cs, &Fs::default(), &sum)
    }),
    ("path_level_with_position", |cs| {
        let [leaf] = inputs(cs)?;
        let (root, index) = PathVar::<1>::new(&path()).root_and_index(cs, &leaf)?;
        used(cs, &[&root, &index])
    }),
    ("path_level", |cs| {
        let [leaf] = inputs(cs)?;
        used(cs, &[&PathVar::<1>::new(&path()).root(cs, &leaf)?])
    }),
    ("account", |cs| {
        let [nk] = inputs(cs)?;
        used(cs, &[AccountVar::derive(cs, &point(cs)?, &nk)?.field()])
    }),
    ("note_commitment", |cs| {
        let [owner, asset, value, rcm] = inputs(cs)?;
        let value = RangeChecked::checked_outside(value);
        used(cs, &[&commitment(cs, &OwnerVar::new(owner), &asset, &value, &rcm)?])
    }),
    ("nullifier", |cs| {
        let [nk, rcm, position] = inputs(cs)?;
        let is_dummy = BoolVar::hint(cs, "bit", || false)?;
        used(cs, &[&nullifier(cs, &nk, &rcm, &position, &is_dummy)?])
    }),
    ("non_membership", |cs| {
        let [serial, root] = inputs(cs)?;
        let witness = NonMembership { leaf: IndexedLeaf { key: 0, next: END }, path: path() };
        NonMembershipVar::new(&witness).enforce(cs, serial, &root).map(|_| ())
    }),
];

/// The matrices of each gadget.
///
/// # Errors
/// None in practice; the type is that of synthesis.
pub fn gadgets() -> Synthesis<Vec<(&'static str, CircuitMatrices)>> {
    GADGETS.iter().map(|(name, build)| Ok((*name, matrices_of(build)?))).collect()
}
