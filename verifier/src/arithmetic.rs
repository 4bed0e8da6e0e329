//! What verification computes: decoding, multiples, Miller loops. On the kernels with the feature `kernels`, in arkworks'
//! own arithmetic without; the results are the same.

#[cfg(not(feature = "kernels"))]
mod arkworks;
#[cfg(not(feature = "kernels"))]
mod combination;
#[cfg(feature = "kernels")]
mod kernels;

use ark_bn254::Bn254;
use ark_ec::pairing::{Pairing, PairingOutput};

#[cfg(not(feature = "kernels"))]
pub(crate) use self::arkworks::{Arithmetic, Factor};
#[cfg(not(feature = "kernels"))]
pub(crate) use self::combination::InputCombination;
#[cfg(feature = "kernels")]
pub(crate) use self::kernels::{Arithmetic, Factor, InputCombination};

use crate::point::{G1, G2, PointError};
use crate::proof::{Proof, ProofElement, ProofError};

/// A product of Miller loops.
pub(crate) type Loops = ark_ec::pairing::MillerLoopOutput<Bn254>;
/// A product of pairings.
pub(crate) type Product = PairingOutput<Bn254>;

/// The points of a proof that is well-formed but for B, of which it is not known whether it is in the subgroup.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Points {
    pub(crate) a: G1,
    pub(crate) b: G2,
    pub(crate) c: G1,
}

/// The refusal of B for its subgroup.
pub(crate) const OUTSIDE: ProofError = ProofError::Point { element: ProofElement::B, error: PointError::NotInSubgroup };

impl Arithmetic {
    /// Decodes a proof, B's subgroup included.
    pub(crate) fn decode_one(self, proof: &[u8; Proof::BYTES]) -> Result<Points, ProofError> {
        let points = self.decode(&[proof]).pop().unwrap_or(Err(ProofError::Length))?;
        if self.is_in_subgroup(&points.b) { Ok(points) } else { Err(OUTSIDE) }
    }

    /// Decodes proofs. As in [`Proof::from_bytes`], the first of A, B, C that is refused is the one named, but the
    /// subgroup of B is looked at only where C is refused.
    pub(crate) fn decode(self, proofs: &[&[u8; Proof::BYTES]]) -> alloc::vec::Vec<Result<Points, ProofError>> {
        let (points1, points2) = self.decode_points(proofs);
        let refused = |element| move |error| ProofError::Point { element, error };
        let one = |(b, [a, c]): (Result<G2, PointError>, [Result<G1, PointError>; 2])| {
            let a = a.map_err(refused(ProofElement::A))?;
            let b = b.map_err(refused(ProofElement::B))?;
            match c.map_err(refused(ProofElement::C)) {
                Ok(c) => Ok(Points { a, b, c }),
                Err(error) if self.is_in_subgroup(&b) => Err(error),
                Err(_) => Err(OUTSIDE),
            }
        };
        points2.into_iter().zip(points1.as_chunks::<2>().0.iter().copied()).map(one).collect()
    }
}

/// A product of pairings from its loops.
pub(crate) fn finish(loops: Loops) -> Product {
    Bn254::final_exponentiation(loops).expect("a product of lines, none of which is 0")
}
