//! Proving keys: what they hold, which are refused (S1), their [files](mod@file) and the [folder](store) that keeps
//! them.

mod consistency;
pub mod error;
pub mod file;
pub mod import;
mod layout;
mod pins;
pub mod provenance;
mod sections;
pub mod store;

use std::fmt;
use std::sync::OnceLock;

use ark_bn254::{Bn254, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::VariableBaseMSM;
use ark_ec::pairing::Pairing;
use ark_ec::{AffineRepr, CurveGroup};
use ark_groth16::ProvingKey;
use rayon::prelude::*;
use veilpay_kernels::Backend;
use veilpay_protocol::field::Fr;
use veilpay_verifier::{KeyInfo, KeyPoints, PreparedVerifyingKey, Setup, VerifyingKey};

pub use error::{KeyFileError, Section, TauPart};
pub use import::{ImportError, import};
pub use provenance::{Beacon, Contribution, Provenance};
pub use store::KeyStore;

use self::file::KeyFile;
use self::layout::read_points;
use self::sections::{check_lengths, proving_key, r1cs};
use crate::entropy;
use crate::groth16::parts::Parts;
use crate::groth16::{Blinding, Fixed, Points, Prover, Timing};
use crate::r1cs::{R1cs, Shape};
use crate::rows::{Matrices, Rows};

/// All that proving and verifying a circuit takes: the verifying key, the matrices and the proving key's queries, laid
/// out for the kernels; and the file that they come from, for what is needed rarely.
pub struct CircuitKey {
    verifying: VerifyingKey,
    prepared: PreparedVerifyingKey,
    provenance: Option<Provenance>,
    file: KeyFile,
    fixed: Fixed,
    matrices: Matrices,
    prover: Prover,
    /// For when a proof does not verify.
    portable: OnceLock<Prover>,
}

impl fmt::Debug for CircuitKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitKey").field("info", self.info()).field("shape", self.shape()).finish_non_exhaustive()
    }
}

/// Keys are equal when their files are.
impl PartialEq for CircuitKey {
    fn eq(&self, other: &Self) -> bool {
        self.file.digest() == other.file.digest()
    }
}

impl CircuitKey {
    /// Puts a key of a dev setup together.
    ///
    /// # Errors
    /// [`KeyFileError::Provenance`] when `info` calls it a ceremony's, and as [`Self::with_provenance`].
    pub fn new(info: KeyInfo, proving: &ProvingKey<Bn254>, r1cs: &R1cs) -> Result<Self, KeyFileError> {
        Self::with_provenance(info, proving, r1cs, None)
    }

    /// Puts a key together, with the record of the ceremony that made it.
    ///
    /// # Errors
    /// [`KeyFileError::Provenance`] unless there is a record exactly when `info` calls the key a ceremony's;
    /// [`KeyFileError::Matrices`] when `info` has another digest than the matrices given, [`KeyFileError::Lengths`] when
    /// the queries do not fit them, [`KeyFileError::Verifying`] for a refusal of S1, [`KeyFileError::Unpaired`] when
    /// delta or beta differ between G1 and G2, and [`KeyFileError::Point`] for a point off its curve, but for those of B
    /// in G1, which are looked at when they are needed.
    pub fn with_provenance(
        info: KeyInfo,
        proving: &ProvingKey<Bn254>,
        r1cs: &R1cs,
        provenance: Option<&Provenance>,
    ) -> Result<Self, KeyFileError> {
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
        let bytes = file::write(&VerifyingKey::new(info, points), proving, r1cs, provenance);
        Self::of(KeyFile::open(bytes.into())?)
    }

    /// The key in a file, whose matrices are those that its header says.
    fn of(file: KeyFile) -> Result<Self, KeyFileError> {
        let verifying =
            VerifyingKey::from_bytes(&file.section(Section::Verifying)?).map_err(KeyFileError::Verifying)?;
        if verifying.info() != file.info() {
            return Err(KeyFileError::Contradiction);
        }
        let provenance = read_provenance(&file)?;
        let pair: Vec<G1Affine> = read_points(Section::Pair, &file.section(Section::Pair)?)?;
        let [beta, delta] = <[_; 2]>::try_from(pair).map_err(|_| KeyFileError::Section(Section::Pair))?;
        let points = verifying.points();
        let fixed = Fixed { alpha: points.alpha, beta: (beta, points.beta), delta: (delta, points.delta) };
        let matrices = {
            let section = file.section(Section::Matrices)?;
            let matrices = layout::Matrices::read(&section)?;
            check_lengths(&file, &matrices.shape, points.ic.len())?;
            Matrices::new(matrices.shape, matrices.compressed()?)
        };
        let backend = Backend::detect().map_err(KeyFileError::Backend)?;
        let (prepared, prover) =
            rayon::join(|| prepare(&verifying, &fixed), || Prover::new(backend, fixed, &matrices.shape, &file));
        let prepared = prepared?;
        Ok(Self { prepared, verifying, provenance, fixed, matrices, prover: prover?, file, portable: OnceLock::new() })
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

    /// The record of the ceremony that made the key; nothing for a dev key. It is what the key's file says: the digest of
    /// the verifying key does not cover it.
    #[must_use]
    pub const fn provenance(&self) -> Option<&Provenance> {
        self.provenance.as_ref()
    }

    /// How large the circuit is.
    #[must_use]
    pub const fn shape(&self) -> &Shape {
        &self.matrices.shape
    }

    /// The proving key as arkworks has it, for other provers: read now, and not kept.
    ///
    /// # Errors
    /// [`KeyFileError::Io`] or [`KeyFileError::SectionDigest`] when the file can no longer be read or has been changed,
    /// [`KeyFileError::Point`] for a point off its curve.
    pub fn proving_key(&self) -> Result<ProvingKey<Bn254>, KeyFileError> {
        proving_key(&self.file)
    }

    /// The matrices as lists of rows: read now, and not kept.
    ///
    /// # Errors
    /// As [`Self::proving_key`].
    pub fn r1cs(&self) -> Result<R1cs, KeyFileError> {
        r1cs(&self.file)
    }

    pub(crate) const fn file(&self) -> &KeyFile {
        &self.file
    }

    /// The rows of the matrices times `assignment`; `portable` computes them with arkworks' arithmetic.
    ///
    /// # Errors
    /// The first constraint that it does not satisfy.
    pub(crate) fn rows(&self, assignment: &[Fr], portable: bool) -> Result<Rows, usize> {
        self.matrices.rows(if portable { Backend::Portable } else { self.backend() }, assignment)
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
        let prover = if portable { self.portable()? } else { &self.prover };
        prover.prove(assignment, (&rows.a, &rows.b), blinding, timing, &self.file)
    }

    /// The key laid out for the portable backend.
    fn portable(&self) -> Result<&Prover, KeyFileError> {
        if self.backend() == Backend::Portable {
            return Ok(&self.prover);
        }
        if let Some(prover) = self.portable.get() {
            return Ok(prover);
        }
        let prover = Prover::new(Backend::Portable, self.fixed, self.shape(), &self.file)?;
        Ok(self.portable.get_or_init(|| prover))
    }

    /// The points of a proof, one part after the other.
    pub(crate) fn prove_by_parts(
        &self,
        assignment: &[Fr],
        rows: &Rows,
        blinding: &Blinding,
        parts: &mut Parts,
    ) -> Result<Points, KeyFileError> {
        self.prover.prove_by_parts(assignment, (&rows.a, &rows.b), blinding, &self.file, parts)
    }

    /// What computes.
    pub(crate) const fn backend(&self) -> Backend {
        self.prover.backend()
    }

    /// The thorough check of a key that somebody else made; seconds, in parallel.
    ///
    /// Beyond what loading checks: the points of B in G1 are on their curve, each of those of B in G2 is in the subgroup,
    /// the queries of B in G1 and in G2 have the same exponents (by a random combination), the matrices have the digest
    /// that the key names, and, where gamma is the generator, so have delta and beta, which loading compares up to one
    /// common factor.
    ///
    /// It does not see whether A, L and H belong to the circuit: that takes the powers of tau ([`Self::check_taus`]). A
    /// key in which one of their points was moved gives proofs that verify for some witnesses and not for others, and so
    /// tells of the witness to whoever moved it: take keys from whom you trust, or check them with the powers.
    ///
    /// # Errors
    /// [`KeyFileError::Point`], [`KeyFileError::Subgroup`], [`KeyFileError::Matrices`] and [`KeyFileError::Unpaired`].
    pub fn check(&self) -> Result<(), KeyFileError> {
        if self.r1cs()?.digest() != self.info().matrix_digest {
            return Err(KeyFileError::Matrices);
        }
        let b1: Vec<G1Affine> = read_points(Section::B1, &self.file.section(Section::B1)?)?;
        let b2: Vec<G2Affine> = read_points(Section::B2, &self.file.section(Section::B2)?)?;
        // Not of a combination: the twist's order has small factors, so that one point in 10,069 would pass.
        if let Some(index) = b2.par_iter().position_first(|point| !point.is_in_correct_subgroup_assuming_on_curve()) {
            return Err(KeyFileError::Subgroup { index });
        }
        let weights = (0..b1.len()).map(|_| entropy::scalar().map(|weight| *weight)).collect::<Result<Vec<_>, _>>()?;
        let b1 = G1Projective::msm_unchecked(&b1, &weights).into_affine();
        let b2 = G2Projective::msm_unchecked(&b2, &weights).into_affine();
        let Fixed { beta, delta, .. } = self.fixed;
        paired((b1, delta.1), (delta.0, b2))?;
        if self.verifying.points().gamma == G2Affine::generator() {
            let one = (G1Affine::generator(), G2Affine::generator());
            paired((delta.0, one.1), (one.0, delta.1))?;
            paired((beta.0, one.1), (one.0, beta.1))?;
        }
        Ok(())
    }
}

/// S3: a record of a ceremony in a ceremony's key, and in no other.
fn read_provenance(file: &KeyFile) -> Result<Option<Provenance>, KeyFileError> {
    let section = file.section(Section::Provenance)?;
    match file.info().setup {
        Setup::Dev if section.is_empty() => Ok(None),
        Setup::Ceremony if !section.is_empty() => {
            Provenance::from_bytes(&section).map(Some).ok_or(KeyFileError::Section(Section::Provenance))
        }
        Setup::Dev | Setup::Ceremony => Err(KeyFileError::Provenance),
    }
}

/// `e(p) == e(q)`.
fn paired(p: (G1Affine, G2Affine), q: (G1Affine, G2Affine)) -> Result<(), KeyFileError> {
    if Bn254::pairing(p.0, p.1) == Bn254::pairing(q.0, q.1) { Ok(()) } else { Err(KeyFileError::Unpaired) }
}

/// The verifying key, prepared, when S1 has nothing against it and beta and delta are the same in G1 and G2.
fn prepare(verifying: &VerifyingKey, fixed: &Fixed) -> Result<PreparedVerifyingKey, KeyFileError> {
    let prepared = PreparedVerifyingKey::new(verifying).map_err(KeyFileError::Verifying)?;
    let Fixed { beta, delta, .. } = fixed;
    paired((delta.0, beta.1), (beta.0, delta.1))?;
    Ok(prepared)
}
