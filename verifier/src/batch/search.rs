//! Which members of a batch are wrong.

use alloc::vec::Vec;
use core::ops::Range;

use ark_ff::Zero;

use super::sums::{Member, Sums};
use crate::arithmetic::Product;

/// The numbers of the members whose equation does not hold, ascending; none if the product of all is 1.
///
/// Of two halves one is computed, and the other is the quotient: N loops at most for one wrong proof of N.
pub(super) fn wrong(sums: &Sums, members: &[Member<'_>]) -> Vec<usize> {
    let mut found = Vec::new();
    halve(sums, members, 0..members.len(), sums.product, &mut found);
    found
}

fn halve(sums: &Sums, members: &[Member<'_>], part: Range<usize>, product: Product, found: &mut Vec<usize>) {
    if product.is_zero() {
        return;
    }
    if part.len() == 1 {
        found.push(part.start);
        return;
    }
    let middle = part.start + part.len() / 2;
    let left = sums.of(members, part.start..middle);
    let left = left.expect("the points of all members were in the subgroup when the product of all was computed");
    halve(sums, members, part.start..middle, left, found);
    halve(sums, members, middle..part.end, product - left, found);
}
