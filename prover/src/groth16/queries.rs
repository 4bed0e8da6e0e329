//! A proving key's points as a prover takes them: the fixed ones, and queries that are read when they are laid out.

use std::borrow::Cow;

use ark_bn254::{G1Affine, G2Affine};
use veilpay_kernels::PackedError;

use crate::entropy::NoEntropy;

/// The points of a proving key that are in no query.
#[derive(Clone, Copy)]
pub(crate) struct Fixed {
    pub(crate) alpha: G1Affine,
    pub(crate) beta: (G1Affine, G2Affine),
    pub(crate) delta: (G1Affine, G2Affine),
}

/// A query of a proving key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Query {
    /// Over all wires.
    A,
    /// The same in G1, which only a proof with given r and s needs.
    B1,
    /// The same in G2.
    B2,
    /// Over private wires.
    L,
    /// Over rows, on the odd coset.
    H,
}

/// Where the queries of a key are; each is read when it is laid out, and not kept.
pub(crate) trait Queries: Sync {
    /// Why there is none.
    type Error: From<NoEntropy> + Send;

    /// The points of a query, packed; as many as the key's counts say.
    fn packed(&self, query: Query) -> Result<Cow<'_, [u8]>, Self::Error>;

    /// A query that has a wrong point.
    fn refused(&self, query: Query, error: PackedError) -> Self::Error;
}
