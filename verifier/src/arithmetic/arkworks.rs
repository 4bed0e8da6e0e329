//! In arkworks' arithmetic, one after the other.

use alloc::vec::Vec;

use ark_bn254::{Bn254, G1Projective};
use ark_ec::CurveGroup;
use ark_ec::pairing::Pairing;
use ark_ff::{AdditiveGroup, Zero};
use veilpay_protocol::field::Fr;

use super::Loops;
use crate::point::{self, G1, G1_BYTES, G2, G2_BYTES, PointError};
use crate::proof::Proof;

/// Nothing to choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Arithmetic(());

/// A multiplier of 128 free bits: the integer, or 2^128 in the place of 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Factor(Fr);

impl Factor {
    /// Of sixteen bytes, all of which are factors.
    pub(crate) fn new(bytes: [u8; 16]) -> Self {
        let integer = Fr::from(u128::from_le_bytes(bytes));
        Self(if integer.is_zero() { Fr::from(u128::MAX) + Fr::from(1u64) } else { integer })
    }

    /// The scalar.
    pub(crate) const fn to_fr(self) -> Fr {
        self.0
    }
}

impl Arithmetic {
    /// A and C of each, one after the other, and B, which are on their curves.
    #[allow(clippy::type_complexity, reason = "a result for each point")]
    pub(super) fn decode_points(
        self,
        proofs: &[&[u8; Proof::BYTES]],
    ) -> (Vec<Result<G1, PointError>>, Vec<Result<G2, PointError>>) {
        let decode = |proof: &&[u8; Proof::BYTES]| {
            let (a, rest) = proof.split_at(G1_BYTES);
            let (b, c) = rest.split_at(G2_BYTES);
            ([point::decode_on_curve(a), point::decode_on_curve(c)], point::decode_on_curve(b))
        };
        let (points1, points2): (Vec<_>, Vec<_>) = proofs.iter().map(decode).unzip();
        (points1.into_iter().flatten().collect(), points2)
    }

    /// Whether a point of the twist is in the subgroup of order r.
    pub(crate) fn is_in_subgroup(self, point: &G2) -> bool {
        point.is_in_correct_subgroup_assuming_on_curve()
    }

    /// The product of the loops of all pairs, or the numbers of those whose second point is outside the subgroup.
    pub(crate) fn loops(self, pairs: &[(G1, G2)]) -> Result<Loops, Vec<usize>> {
        let outside: Vec<usize> = (0..pairs.len()).filter(|k| !self.is_in_subgroup(&pairs[*k].1)).collect();
        if !outside.is_empty() {
            return Err(outside);
        }
        Ok(Bn254::multi_miller_loop(pairs.iter().map(|pair| pair.0), pairs.iter().map(|pair| pair.1)))
    }

    /// Each point times its factor.
    pub(crate) fn scale(self, points: &[G1], factors: &[Factor]) -> Vec<G1> {
        let multiples: Vec<_> = points.iter().zip(factors).map(|(point, factor)| *point * factor.0).collect();
        G1Projective::normalize_batch(&multiples)
    }

    /// The sum of all points, each times its factor.
    pub(crate) fn combine(self, points: &[G1], factors: &[Factor]) -> G1Projective {
        points.iter().zip(factors).fold(G1Projective::ZERO, |sum, (point, factor)| sum + *point * factor.0)
    }
}
