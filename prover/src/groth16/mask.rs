//! Scalars that all look alike, for the uniform timing.
//!
//! The sums over wires skip digits that are 0, so their time tells how many wires are 0, 1 or small. With fixed random
//! m_i, sum z_i P_i = sum (z_i + m_i) P_i - sum m_i P_i: the scalars z_i + m_i are uniform to whoever does not know m,
//! and the second sum is the same for all proofs of a key. The price is that of full-size scalars.

use std::fmt;

use ark_bn254::{G1Projective, G2Projective};
use veilpay_kernels::Digits;
use veilpay_protocol::field::Fr;
use zeroize::Zeroizing;

use super::Prover;
use crate::entropy::{self, NoEntropy};

/// How the time of a proof may depend on its witness.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Timing {
    /// Wires that are 0, 1 or small take less time.
    #[default]
    Fast,
    /// All scalars are of full size.
    Uniform,
}

/// The m_i of a key and what they come to.
pub(super) struct Mask {
    scalars: Zeroizing<Vec<Fr>>,
    pub(super) a: G1Projective,
    pub(super) l: G1Projective,
    pub(super) b_g2: G2Projective,
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mask")
    }
}

impl Mask {
    /// Fresh scalars for all wires of a key; a sum over each query.
    pub(super) fn new(prover: &Prover, wires: usize) -> Result<Self, NoEntropy> {
        let mut scalars = Zeroizing::new(Vec::with_capacity(wires));
        for _ in 0..wires {
            scalars.push(*entropy::scalar()?);
        }
        let digits = prover.wire_digits(&scalars);
        let (b_g2, (a, l)) = rayon::join(
            || prover.b_g2.msm(&digits),
            || rayon::join(|| prover.a.msm(&digits), || prover.l.msm(&digits)),
        );
        Ok(Self { scalars, a, l, b_g2 })
    }

    /// z + m.
    pub(super) fn add(&self, z: &[Fr]) -> Zeroizing<Vec<Fr>> {
        Zeroizing::new(z.iter().zip(&*self.scalars).map(|(z, m)| *z + m).collect())
    }

    /// The digits of m.
    pub(super) fn digits(&self, prover: &Prover) -> Digits {
        prover.wire_digits(&self.scalars)
    }
}
