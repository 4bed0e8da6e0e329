//! On the kernels.

use alloc::sync::Arc;
use alloc::vec::Vec;

use ark_bn254::G1Projective;
use ark_ec::CurveGroup;
use veilpay_kernels::{
    Backend, DecodeError, G1Tables, combine_g1, decode_g1, decode_twist, g2_outside_subgroup, miller_loops, scale_g1,
};
use veilpay_protocol::field::Fr;

pub(crate) use veilpay_kernels::Factor;

use super::Loops;
use crate::point::{G1, G1_BYTES, G2, G2_BYTES, PointError};
use crate::proof::Proof;

/// The kernels' instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arithmetic(Backend);

impl Default for Arithmetic {
    /// What `VEILPAY_BACKEND` names, else the best; where it names none of this machine, the portable one.
    fn default() -> Self {
        Self(Backend::detect().unwrap_or(Backend::Portable))
    }
}

const fn refusal(error: DecodeError) -> PointError {
    match error {
        DecodeError::Identity => PointError::Identity,
        DecodeError::NotOnCurve => PointError::NotOnCurve,
        _ => PointError::NotCanonical,
    }
}

/// The points of IC, ready to be combined: `IC[0] + sum of x_i IC[i]`.
#[derive(Clone)]
pub(crate) struct InputCombination {
    constant: G1,
    tables: Arc<G1Tables>,
}

impl InputCombination {
    /// Prepares IC: the constant's point, then one per input.
    pub(crate) fn new(arithmetic: Arithmetic, ic: &[G1]) -> Self {
        Self { constant: ic[0], tables: Arc::new(G1Tables::new(arithmetic.0, ic)) }
    }

    /// The same on other instructions.
    pub(crate) fn on(&self, backend: Backend) -> Self {
        Self { constant: self.constant, tables: Arc::new(self.tables.on(backend)) }
    }

    /// The number of inputs.
    pub(crate) fn len(&self) -> usize {
        self.tables.len() - 1
    }

    /// The combination with `inputs`, which are as many as [`Self::len`] says.
    pub(crate) fn at(&self, inputs: &[Fr]) -> G1 {
        (self.tables.sum(1, inputs) + self.constant).into_affine()
    }

    /// The sum of all points of IC times `scalars`, of which there is one more than inputs.
    pub(crate) fn weighted(&self, scalars: &[Fr]) -> G1 {
        self.tables.sum(0, scalars)
    }
}

/// Bytes `at..at + N`.
fn part<const N: usize>(proof: &[u8; Proof::BYTES], at: usize) -> [u8; N] {
    core::array::from_fn(|k| proof[at + k])
}

impl Arithmetic {
    /// On these instructions.
    pub(crate) const fn on(backend: Backend) -> Self {
        Self(backend)
    }

    /// A and C of each, one after the other, and B, which are on their curves.
    #[allow(clippy::type_complexity, reason = "a result for each point")]
    pub(super) fn decode_points(
        self,
        proofs: &[&[u8; Proof::BYTES]],
    ) -> (Vec<Result<G1, PointError>>, Vec<Result<G2, PointError>>) {
        let both = |proof: &&[u8; Proof::BYTES]| [part(proof, 0), part(proof, G1_BYTES + G2_BYTES)];
        let points1: Vec<[u8; G1_BYTES]> = proofs.iter().flat_map(both).collect();
        let points2: Vec<[u8; G2_BYTES]> = proofs.iter().map(|proof| part(proof, G1_BYTES)).collect();
        let points1 = decode_g1(self.0, &points1).into_iter().map(|point| point.map_err(refusal)).collect();
        let points2 = decode_twist(self.0, &points2).into_iter().map(|point| point.map_err(refusal)).collect();
        (points1, points2)
    }

    /// Whether a point of the twist is in the subgroup of order r.
    pub(crate) fn is_in_subgroup(self, point: &G2) -> bool {
        g2_outside_subgroup(self.0, &[*point]).is_empty()
    }

    /// The product of the loops of all pairs, or the numbers of those whose second point is outside the subgroup.
    pub(crate) fn loops(self, pairs: &[(G1, G2)]) -> Result<Loops, Vec<usize>> {
        miller_loops(self.0, pairs).map_err(|outside| outside.pairs)
    }

    /// Each point times its factor.
    pub(crate) fn scale(self, points: &[G1], factors: &[Factor]) -> Vec<G1> {
        scale_g1(self.0, points, factors)
    }

    /// The sum of all points, each times its factor.
    pub(crate) fn combine(self, points: &[G1], factors: &[Factor]) -> G1Projective {
        combine_g1(self.0, points, factors)
    }
}
