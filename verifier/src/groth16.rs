//! When a proof holds: `e(A, B) = e(alpha, beta) + e(vk_x, gamma) + e(C, delta)`, with `vk_x = IC[0] + sum of x_i
//! IC[i]` (Groth16, section 3.2; written additively).
//!
//! Not constant-time: everything here is public.

use alloc::collections::BTreeMap;
use core::fmt;
use core::ops::Neg;

use ark_bn254::Bn254;
use ark_ec::CurveGroup;
use ark_ec::pairing::{Pairing, PairingOutput};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::Fr;
use veilpay_protocol::statement::Statement;

use crate::arithmetic::{Arithmetic, InputCombination, Loops, OUTSIDE, Points, finish};
use crate::key::{KeyError, KeyInfo, KeyPoints, VerifyingKey};
use crate::point::{G1, G2};
use crate::proof::{Proof, ProofError};

#[cfg(not(feature = "kernels"))]
type G2Prepared = <Bn254 as Pairing>::G2Prepared;

/// Why a proof was not accepted, a variant per rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError {
    /// The bytes are not a proof.
    Proof(ProofError),
    /// The statement is of another circuit than the key.
    Circuit,
    /// There is no key for the statement's circuit.
    NoKey,
    /// Not as many public inputs as the key has places for.
    InputCount {
        /// What the key has places for.
        expected: usize,
        /// What was given.
        given: usize,
    },
    /// The pairing equation does not hold: the proof does not prove this statement.
    Equation,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Proof(error) => error.fmt(f),
            Self::Circuit => f.write_str("the statement is of another circuit than the key"),
            Self::NoKey => f.write_str("there is no key for the circuit"),
            Self::InputCount { expected, given } => write!(f, "{given} public inputs where the key has {expected}"),
            Self::Equation => f.write_str("the proof does not prove the statement"),
        }
    }
}

impl core::error::Error for VerifyError {}

impl From<ProofError> for VerifyError {
    fn from(error: ProofError) -> Self {
        Self::Proof(error)
    }
}

/// The points of a key of whatever circuit that obeys S1, with what every verification under it shares.
#[derive(Clone)]
pub struct PreparedPoints {
    /// e(alpha, beta).
    alpha_beta: PairingOutput<Bn254>,
    #[cfg(not(feature = "kernels"))]
    gamma_neg: G2Prepared,
    #[cfg(not(feature = "kernels"))]
    delta_neg: G2Prepared,
    inputs: InputCombination,
    fixed: Fixed,
    arithmetic: Arithmetic,
}

/// The key's points that batches pair.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fixed {
    alpha: G1,
    pub(crate) beta_neg: G2,
    pub(crate) gamma_neg: G2,
    pub(crate) delta_neg: G2,
}

impl fmt::Debug for PreparedPoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedPoints").field("inputs", &self.inputs.len()).finish_non_exhaustive()
    }
}

impl PreparedPoints {
    /// Prepares points; one pairing.
    ///
    /// # Errors
    /// [`KeyError`] when they break a rule of S1.
    pub fn new(points: &KeyPoints) -> Result<Self, KeyError> {
        points.check()?;
        Ok(Self::of_checked(points))
    }

    /// The points have passed [`KeyPoints::check`].
    fn of_checked(points: &KeyPoints) -> Self {
        let arithmetic = Arithmetic::default();
        Self {
            alpha_beta: Bn254::pairing(points.alpha, points.beta),
            #[cfg(not(feature = "kernels"))]
            gamma_neg: points.gamma.neg().into(),
            #[cfg(not(feature = "kernels"))]
            delta_neg: points.delta.neg().into(),
            inputs: InputCombination::new(arithmetic, &points.ic),
            fixed: Fixed {
                alpha: points.alpha,
                beta_neg: points.beta.neg(),
                gamma_neg: points.gamma.neg(),
                delta_neg: points.delta.neg(),
            },
            arithmetic,
        }
    }

    /// The number of public inputs that the key has places for, without the constant one.
    #[must_use]
    pub fn num_inputs(&self) -> usize {
        self.inputs.len()
    }

    fn check_count(&self, inputs: &[Fr]) -> Result<(), VerifyError> {
        let (expected, given) = (self.inputs.len(), inputs.len());
        if given == expected { Ok(()) } else { Err(VerifyError::InputCount { expected, given }) }
    }

    /// As [`Self::verify`], for a proof of 128 bytes from outside.
    ///
    /// # Errors
    /// [`VerifyError::Proof`] when the bytes are not a proof, else as [`Self::verify`].
    pub fn verify_bytes(&self, inputs: &[Fr], proof: &[u8]) -> Result<(), VerifyError> {
        let bytes: &[u8; Proof::BYTES] = proof.try_into().map_err(|_| ProofError::Length)?;
        let points = self.arithmetic.decode(&[bytes]).pop().unwrap_or(Err(ProofError::Length))?;
        match self.check_count(inputs) {
            Ok(()) => self.holds(&points, inputs, false),
            Err(fault) if self.arithmetic.is_in_subgroup(&points.b) => Err(fault),
            Err(_) => Err(OUTSIDE.into()),
        }
    }

    /// Whether `proof` proves the public inputs, given without the constant one.
    ///
    /// Three Miller loops, one final exponentiation and the combination of IC.
    ///
    /// # Errors
    /// [`VerifyError::InputCount`] unless there are exactly as many as the key has places for;
    /// [`VerifyError::Equation`] when the equation does not hold.
    pub fn verify(&self, inputs: &[Fr], proof: &Proof) -> Result<(), VerifyError> {
        self.check_count(inputs)?;
        self.holds(&Points { a: *proof.a(), b: *proof.b(), c: *proof.c() }, inputs, true)
    }

    /// The equation, and the subgroup of B unless it is known to be right. On the kernels that is part of B's loop.
    #[cfg(feature = "kernels")]
    fn holds(&self, points: &Points, inputs: &[Fr], _: bool) -> Result<(), VerifyError> {
        let Fixed { gamma_neg, delta_neg, .. } = self.fixed;
        let pairs = [(points.a, points.b), (self.inputs.at(inputs), gamma_neg), (points.c, delta_neg)];
        self.compare(self.arithmetic.loops(&pairs).map_err(|_| OUTSIDE)?)
    }

    /// The equation, and the subgroup of B unless it is known to be right.
    #[cfg(not(feature = "kernels"))]
    fn holds(&self, points: &Points, inputs: &[Fr], known: bool) -> Result<(), VerifyError> {
        if !known && !self.arithmetic.is_in_subgroup(&points.b) {
            return Err(OUTSIDE.into());
        }
        let left = [points.a, self.inputs.at(inputs), points.c];
        let right = [points.b.into(), self.gamma_neg.clone(), self.delta_neg.clone()];
        self.compare(Bn254::multi_miller_loop(left, right))
    }

    fn compare(&self, loops: Loops) -> Result<(), VerifyError> {
        if finish(loops) == self.alpha_beta { Ok(()) } else { Err(VerifyError::Equation) }
    }
}

/// A verifying key of a built-in circuit that obeys S1, with what every verification under it shares.
#[derive(Clone)]
pub struct PreparedVerifyingKey {
    info: KeyInfo,
    digest: [u8; 32],
    points: PreparedPoints,
}

impl fmt::Debug for PreparedVerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedVerifyingKey").field("info", &self.info).field("digest", &self.digest).finish()
    }
}

impl PreparedVerifyingKey {
    /// Prepares a key; one pairing.
    ///
    /// # Errors
    /// [`KeyError`] when the key breaks a rule of S1.
    pub fn new(key: &VerifyingKey) -> Result<Self, KeyError> {
        key.check()?;
        Self::of_any_version(key)
    }

    /// As [`Self::new`], for a key of whatever version of its circuit: of one that a ledger knows and this code does not.
    ///
    /// # Errors
    /// [`KeyError`] when the key breaks a rule of S1 ([`VerifyingKey::check_any_version`]).
    pub fn of_any_version(key: &VerifyingKey) -> Result<Self, KeyError> {
        key.check_any_version()?;
        Ok(Self { info: *key.info(), digest: key.digest(), points: PreparedPoints::of_checked(key.points()) })
    }

    /// The same key on instructions of one's own choice; otherwise those that `VEILPAY_BACKEND` names are taken, or the
    /// best of the machine. Results are the same on all.
    #[cfg(feature = "kernels")]
    #[must_use]
    pub fn on(mut self, backend: veilpay_kernels::Backend) -> Self {
        self.points.arithmetic = Arithmetic::on(backend);
        self.points.inputs = self.points.inputs.on(backend);
        self
    }

    pub(crate) const fn arithmetic(&self) -> Arithmetic {
        self.points.arithmetic
    }

    pub(crate) const fn fixed(&self) -> &Fixed {
        &self.points.fixed
    }

    /// The number of public inputs, the constant one not counted.
    pub(crate) fn input_count(&self) -> usize {
        self.points.num_inputs()
    }

    /// `s_0 alpha` and `s_0 IC[0] + sum of s_i IC[i]`.
    pub(crate) fn weighted(&self, scalars: &[Fr]) -> (G1, G1) {
        ((self.points.fixed.alpha * scalars[0]).into_affine(), self.points.inputs.weighted(scalars))
    }

    pub(crate) fn check_count(&self, inputs: &[Fr]) -> Result<(), VerifyError> {
        self.points.check_count(inputs)
    }

    /// What the key is for.
    #[must_use]
    pub const fn info(&self) -> &KeyInfo {
        &self.info
    }

    /// The digest of the key, [`VerifyingKey::digest`].
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// Whether `proof` proves `statement`.
    ///
    /// # Errors
    /// [`VerifyError::Circuit`] for a statement of another circuit, else as [`Self::verify_inputs`].
    pub fn verify(&self, statement: &Statement, proof: &Proof) -> Result<(), VerifyError> {
        if statement.circuit() != self.info.circuit {
            return Err(VerifyError::Circuit);
        }
        self.verify_inputs(&statement.to_fields(), proof)
    }

    /// As [`Self::verify`], for a proof of 128 bytes from outside.
    ///
    /// # Errors
    /// [`VerifyError::Proof`] when the bytes are not a proof, else as [`Self::verify`].
    pub fn verify_bytes(&self, statement: &Statement, proof: &[u8]) -> Result<(), VerifyError> {
        if statement.circuit() == self.info.circuit {
            return self.verify_inputs_bytes(&statement.to_fields(), proof);
        }
        Proof::from_bytes(proof)?;
        Err(VerifyError::Circuit)
    }

    /// As [`Self::verify_inputs`], for a proof of 128 bytes from outside.
    ///
    /// # Errors
    /// As [`PreparedPoints::verify_bytes`].
    pub fn verify_inputs_bytes(&self, inputs: &[Fr], proof: &[u8]) -> Result<(), VerifyError> {
        self.points.verify_bytes(inputs, proof)
    }

    /// Whether `proof` proves the public inputs, given without the constant one.
    ///
    /// # Errors
    /// As [`PreparedPoints::verify`].
    pub fn verify_inputs(&self, inputs: &[Fr], proof: &Proof) -> Result<(), VerifyError> {
        self.points.verify(inputs, proof)
    }
}

/// The keys that a ledger node verifies with, one per circuit.
#[derive(Clone, Debug, Default)]
pub struct Verifier {
    keys: BTreeMap<CircuitId, PreparedVerifyingKey>,
}

impl Verifier {
    /// Takes at most one key per circuit.
    ///
    /// # Errors
    /// [`KeyError::TwoKeys`] for a second key of a circuit.
    pub fn new(keys: impl IntoIterator<Item = PreparedVerifyingKey>) -> Result<Self, KeyError> {
        let mut out = Self::default();
        for key in keys {
            if out.keys.insert(key.info.circuit, key).is_some() {
                return Err(KeyError::TwoKeys);
            }
        }
        Ok(out)
    }

    /// The key for a circuit.
    #[must_use]
    pub fn key(&self, circuit: CircuitId) -> Option<&PreparedVerifyingKey> {
        self.keys.get(&circuit)
    }

    /// The keys, by circuit.
    pub fn keys(&self) -> impl Iterator<Item = &PreparedVerifyingKey> {
        self.keys.values()
    }

    /// Whether `proof` proves `statement` under the key of its circuit.
    ///
    /// # Errors
    /// [`VerifyError::NoKey`] without a key for the circuit, else as [`PreparedVerifyingKey::verify`].
    pub fn verify(&self, statement: &Statement, proof: &Proof) -> Result<(), VerifyError> {
        self.key(statement.circuit()).ok_or(VerifyError::NoKey)?.verify(statement, proof)
    }

    /// As [`Self::verify`], for a proof of 128 bytes from outside.
    ///
    /// # Errors
    /// [`VerifyError::Proof`] when the bytes are not a proof, else as [`Self::verify`].
    pub fn verify_bytes(&self, statement: &Statement, proof: &[u8]) -> Result<(), VerifyError> {
        match self.key(statement.circuit()) {
            Some(key) => key.verify_bytes(statement, proof),
            None => Proof::from_bytes(proof).map_err(VerifyError::Proof).and(Err(VerifyError::NoKey)),
        }
    }
}
