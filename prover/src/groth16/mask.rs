//! Scalars that all look alike, for the uniform timing.
//!
//! The sums skip digits that are 0, so their time tells how many wires are 0, 1 or small, and whether the quotient is 0.
//! With fixed random m_i, sum z_i P_i = sum (z_i + m_i) P_i - sum m_i P_i: the scalars z_i + m_i are uniform to whoever
//! does not know m, and the second sum is the same for all proofs of a key. The same for the quotient's values and the
//! query of H. The price is that of full-size scalars.

use std::fmt;

use ark_bn254::{G1Projective, G2Projective};
use ark_ff::{BigInt, BigInteger, PrimeField};
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
    rows: Zeroizing<Vec<BigInt<4>>>,
    pub(super) a: G1Projective,
    pub(super) l: G1Projective,
    pub(super) b_g2: G2Projective,
    pub(super) h: G1Projective,
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mask")
    }
}

impl Mask {
    /// Fresh scalars for all wires and rows of a key; a sum over each query.
    pub(super) fn new(prover: &Prover, wires: usize) -> Result<Self, NoEntropy> {
        let mut scalars = Zeroizing::new(Vec::with_capacity(wires));
        for _ in 0..wires {
            scalars.push(*entropy::scalar()?);
        }
        let mut rows = Zeroizing::new(Vec::with_capacity(prover.domain.size()));
        for _ in 0..prover.domain.size() {
            rows.push(entropy::scalar()?.into_bigint());
        }
        let digits = prover.wire_digits(&scalars);
        let ((b_g2, h), (a, l)) = rayon::join(
            || rayon::join(|| prover.b_g2.msm(&digits), || prover.h.msm(&prover.row_digits(&rows))),
            || rayon::join(|| prover.a.msm(&digits), || prover.l.msm(&digits)),
        );
        Ok(Self { scalars, rows, a, l, b_g2, h })
    }

    /// z + m.
    pub(super) fn add(&self, z: &[Fr]) -> Zeroizing<Vec<Fr>> {
        Zeroizing::new(z.iter().zip(&*self.scalars).map(|(z, m)| *z + m).collect())
    }

    /// Adds the rows' part to the quotient's values, which are below r.
    pub(super) fn add_to_rows(&self, quotient: &mut [BigInt<4>]) {
        for (x, m) in quotient.iter_mut().zip(&*self.rows) {
            // Below 2 r, which is below 2^255.
            x.add_with_carry(m);
            if *x >= Fr::MODULUS {
                x.sub_with_borrow(&Fr::MODULUS);
            }
        }
    }

    /// The digits of m.
    pub(super) fn digits(&self, prover: &Prover) -> Digits {
        prover.wire_digits(&self.scalars)
    }
}
