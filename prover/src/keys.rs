//! Proving keys: what they hold, which are refused (S1), their [files](mod@file) and the [folder](store) that keeps
//! them.

pub mod error;
pub mod file;
mod layout;
pub mod store;

use std::fmt;
use std::sync::OnceLock;

use ark_bn254::{Bn254, G1Projective, G2Affine, G2Projective};
use ark_ec::VariableBaseMSM;
use ark_ec::pairing::Pairing;
use ark_ec::{AffineRepr, CurveGroup};
use ark_groth16::ProvingKey;
use rayon::prelude::*;
use veilpay_kernels::Backend;
use veilpay_protocol::field::Fr;
use veilpay_verifier::{KeyInfo, KeyPoints, PreparedVerifyingKey, VerifyingKey};

pub use error::{KeyFileError, Section};
pub use store::KeyStore;

use crate::entropy;
use crate::groth16::parts::Parts;
use crate::groth16::{Blinding, Points, Prover, Queries, Timing};
use crate::r1cs::R1cs;
use crate::rows::{Matrices, Rows};

/// All that proving and verifying a circuit takes: the proving key, the verifying key, and the matrices both are for.
pub struct CircuitKey {
    verifying: VerifyingKey,
    prepared: PreparedVerifyingKey,
    proving: ProvingKey<Bn254>,
    r1cs: R1cs,
    matrices: Matrices,
    prover: Prover,
    /// For when a proof does not verify.
    portable: OnceLock<Prover>,
}

impl fmt::Debug for CircuitKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitKey").field("info", self.info()).field("r1cs", &self.r1cs).finish_non_exhaustive()
    }
}

impl PartialEq for CircuitKey {
    fn eq(&self, other: &Self) -> bool {
        self.verifying == other.verifying && self.proving == other.proving && self.r1cs == other.r1cs
    }
}

impl CircuitKey {
    /// Puts a key together.
    ///
    /// # Errors
    /// [`KeyFileError::Matrices`] when `info` has another digest than the matrices given, [`KeyFileError::Lengths`] when
    /// the queries do not fit them, [`KeyFileError::Verifying`] for a refusal of S1 and [`KeyFileError::Unpaired`] when
    /// delta or beta differ between G1 and G2.
    pub fn new(info: KeyInfo, proving: ProvingKey<Bn254>, r1cs: R1cs) -> Result<Self, KeyFileError> {
        let variables = r1cs.num_variables();
        let given = [
            proving.a_query.len(),
            proving.b_g1_query.len(),
            proving.b_g2_query.len(),
            proving.h_query.len(),
            proving.l_query.len(),
            proving.vk.gamma_abc_g1.len(),
        ];
        if given != [variables, variables, variables, r1cs.domain_size(), r1cs.num_witness, r1cs.num_instance] {
            return Err(KeyFileError::Lengths);
        }
        if r1cs.digest() != info.matrix_digest {
            return Err(KeyFileError::Matrices);
        }
        let vk = &proving.vk;
        let points = KeyPoints {
            alpha: vk.alpha_g1,
            beta: vk.beta_g2,
            gamma: vk.gamma_g2,
            delta: vk.delta_g2,
            ic: vk.gamma_abc_g1.clone(),
        };
        let verifying = VerifyingKey::new(info, points);
        let prepared = PreparedVerifyingKey::new(&verifying).map_err(KeyFileError::Verifying)?;
        if Bn254::pairing(proving.delta_g1, vk.beta_g2) != Bn254::pairing(proving.beta_g1, vk.delta_g2) {
            return Err(KeyFileError::Unpaired);
        }
        let matrices = Matrices::new(&r1cs).map_err(|_| KeyFileError::Section(Section::Matrices))?;
        let prover = prover(Backend::detect().map_err(KeyFileError::Backend)?, &proving)?;
        Ok(Self { verifying, prepared, proving, r1cs, matrices, prover, portable: OnceLock::new() })
    }

    /// What the key is for and how it was made.
    #[must_use]
    pub const fn info(&self) -> &KeyInfo {
        self.verifying.info()
    }

    /// The verifying key.
    #[must_use]
    pub const fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    /// The verifying key, prepared.
    #[must_use]
    pub const fn prepared(&self) -> &PreparedVerifyingKey {
        &self.prepared
    }

    /// The proving key as arkworks has it.
    #[must_use]
    pub const fn proving_key(&self) -> &ProvingKey<Bn254> {
        &self.proving
    }

    /// The matrices.
    #[must_use]
    pub const fn r1cs(&self) -> &R1cs {
        &self.r1cs
    }

    /// The rows of the matrices times `assignment`.
    ///
    /// # Errors
    /// The first constraint that it does not satisfy.
    pub(crate) fn rows(&self, assignment: &[Fr]) -> Result<Rows, usize> {
        self.matrices.rows(self.prover.backend(), assignment)
    }

    /// The points of a proof of `assignment`, whose products with the rows of A and B are `rows`; `portable` computes
    /// them with arkworks' arithmetic, whatever the machine has.
    pub(crate) fn prove(
        &self,
        assignment: &[Fr],
        rows: &Rows,
        blinding: &Blinding,
        timing: Timing,
        portable: bool,
    ) -> Result<Points, KeyFileError> {
        let prover = match (portable, self.portable.get()) {
            (false, _) => &self.prover,
            (true, Some(prover)) => prover,
            (true, None) => {
                let prover = prover(Backend::Portable, &self.proving)?;
                self.portable.get_or_init(|| prover)
            }
        };
        Ok(prover.prove(assignment, (&rows.a, &rows.b), blinding, timing, &self.proving.b_g1_query)?)
    }

    /// The points of a proof, one part after the other.
    pub(crate) fn prove_by_parts(
        &self,
        assignment: &[Fr],
        rows: &Rows,
        blinding: &Blinding,
        parts: &mut Parts,
    ) -> Points {
        let b_g1 = &self.proving.b_g1_query;
        self.prover.prove_by_parts(assignment, (&rows.a, &rows.b), blinding, b_g1, parts)
    }

    /// What computes.
    pub(crate) const fn backend(&self) -> Backend {
        self.prover.backend()
    }

    /// The thorough check of a key that somebody else made; seconds, in parallel.
    ///
    /// Beyond what [`Self::new`] checks: every point of the queries is on its curve, those of G2 are in the subgroup
    /// (by a random combination), the queries of B in G1 and in G2 have the same exponents (by the same), and, where
    /// gamma is the generator, so have delta and beta, which [`Self::new`] compares up to one common factor.
    ///
    /// # Errors
    /// [`KeyFileError::Point`] and [`KeyFileError::Unpaired`].
    pub fn check(&self) -> Result<(), KeyFileError> {
        let key = &self.proving;
        let g1 = [
            (Section::A, &key.a_query),
            (Section::B1, &key.b_g1_query),
            (Section::H, &key.h_query),
            (Section::L, &key.l_query),
        ];
        for (section, query) in g1 {
            if let Some(index) = query.par_iter().position_first(|p| !p.is_on_curve()) {
                return Err(KeyFileError::Point { section, index });
            }
        }
        if let Some(index) = key.b_g2_query.par_iter().position_first(|p| !p.is_on_curve()) {
            return Err(KeyFileError::Point { section: Section::B2, index });
        }
        let paired = |p1, q2, q1, p2| match Bn254::pairing(p1, q2) == Bn254::pairing(q1, p2) {
            true => Ok(()),
            false => Err(KeyFileError::Unpaired),
        };
        let weights = (0..key.b_g1_query.len())
            .map(|_| entropy::scalar().map(|weight| *weight))
            .collect::<Result<Vec<_>, _>>()?;
        let b1 = G1Projective::msm_unchecked(&key.b_g1_query, &weights).into_affine();
        let b2 = G2Projective::msm_unchecked(&key.b_g2_query, &weights).into_affine();
        if !b2.is_in_correct_subgroup_assuming_on_curve() {
            return Err(KeyFileError::Unpaired);
        }
        paired(b1, key.vk.delta_g2, key.delta_g1, b2)?;
        if key.vk.gamma_g2 == G2Affine::generator() {
            let (one1, one2) = (ark_bn254::G1Affine::generator(), G2Affine::generator());
            paired(key.delta_g1, one2, one1, key.vk.delta_g2)?;
            paired(key.beta_g1, one2, one1, key.vk.beta_g2)?;
        }
        Ok(())
    }
}

/// The key laid out for a backend.
fn prover(backend: Backend, proving: &ProvingKey<Bn254>) -> Result<Prover, KeyFileError> {
    let queries = Queries {
        alpha: proving.vk.alpha_g1,
        beta: (proving.beta_g1, proving.vk.beta_g2),
        delta: (proving.delta_g1, proving.vk.delta_g2),
        a: &proving.a_query,
        b_g2: &proving.b_g2_query,
        l: &proving.l_query,
        h: &proving.h_query,
    };
    Prover::new(backend, &queries).ok_or(KeyFileError::Lengths)
}
