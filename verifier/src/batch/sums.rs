//! The product of a part of a batch, with the terms of each key gathered.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Range;

use ark_ec::CurveGroup;
use ark_ff::AdditiveGroup;
use veilpay_protocol::field::Fr;

use crate::arithmetic::{Arithmetic, Factor, Points, Product, finish};
use crate::groth16::PreparedVerifyingKey;
use crate::point::{G1, G2};

/// A proof that is well-formed, and its coefficient.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member<'b> {
    /// Its number in the batch.
    pub(super) index: usize,
    pub(super) key: &'b PreparedVerifyingKey,
    pub(super) inputs: &'b [Fr],
    pub(super) points: Points,
    pub(super) factor: Factor,
}

/// What the proofs of one key add up to.
struct Terms<'b> {
    key: &'b PreparedVerifyingKey,
    /// `sum of rho_i`, then for each input `sum of rho_i x_ij`.
    scalars: Vec<Fr>,
    c: Vec<G1>,
    factors: Vec<Factor>,
}

impl<'b> Terms<'b> {
    fn new(key: &'b PreparedVerifyingKey) -> Self {
        let scalars = alloc::vec![Fr::ZERO; key.input_count() + 1];
        Self { key, scalars, c: Vec::new(), factors: Vec::new() }
    }

    fn add(&mut self, member: &Member<'b>) {
        let factor = member.factor.to_fr();
        let (first, others) = self.scalars.split_at_mut(1);
        first[0] += factor;
        others.iter_mut().zip(member.inputs).for_each(|(sum, input)| *sum += factor * input);
        self.c.push(member.points.c);
        self.factors.push(member.factor);
    }

    /// `(sum of rho_i alpha, -beta)`, `(sum of rho_i vk_x_i, -gamma)`, `(sum of rho_i C_i, -delta)`.
    fn pairs(&self, arithmetic: Arithmetic) -> [(G1, G2); 3] {
        let c = arithmetic.combine(&self.c, &self.factors);
        let (alpha, inputs) = self.key.weighted(&self.scalars);
        let fixed = self.key.fixed();
        [(alpha, fixed.beta_neg), (inputs, fixed.gamma_neg), (c.into_affine(), fixed.delta_neg)]
    }
}

/// What all parts of a batch share.
pub(super) struct Sums {
    arithmetic: Arithmetic,
    /// `rho_i A_i`.
    scaled: Vec<G1>,
    /// The product of all members, 1 if all hold.
    pub(super) product: Product,
}

impl Sums {
    /// Of all members.
    ///
    /// # Errors
    /// The numbers of the members whose B is outside the subgroup, ascending.
    pub(super) fn new(arithmetic: Arithmetic, members: &[Member<'_>]) -> Result<Self, Vec<usize>> {
        let a: Vec<G1> = members.iter().map(|member| member.points.a).collect();
        let factors: Vec<Factor> = members.iter().map(|member| member.factor).collect();
        let scaled = arithmetic.scale(&a, &factors);
        let mut sums = Self { arithmetic, scaled, product: Product::default() };
        sums.product = sums.of(members, 0..members.len())?;
        Ok(sums)
    }

    /// The product of a part: 1 if all of it hold, else 1 by chance alone.
    ///
    /// # Errors
    /// As [`Self::new`], counted from the part's start.
    pub(super) fn of(&self, members: &[Member<'_>], part: Range<usize>) -> Result<Product, Vec<usize>> {
        let mut keys: BTreeMap<&[u8; 32], Terms<'_>> = BTreeMap::new();
        for member in &members[part.clone()] {
            keys.entry(member.key.digest()).or_insert_with(|| Terms::new(member.key)).add(member);
        }
        let own = self.scaled[part.clone()].iter().zip(&members[part]);
        let mut pairs: Vec<(G1, G2)> = own.map(|(scaled, member)| (*scaled, member.points.b)).collect();
        keys.values().for_each(|terms| pairs.extend(terms.pairs(self.arithmetic)));
        self.arithmetic.loops(&pairs).map(finish)
    }
}
