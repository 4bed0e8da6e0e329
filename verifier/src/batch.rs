//! Many proofs at once: one equation for all, by random coefficients.
//!
//! With coefficients `rho_i` the product of `e(A_i, B_i)^rho_i e(alpha, beta)^-rho_i e(vk_x_i, gamma)^-rho_i
//! e(C_i, delta)^-rho_i` is 1 if each proof holds. If one does not, it is 1 for at most one in 2^128 of the values of
//! that proof's coefficient: its factor is in a group of prime order and not 1. The terms of one key are gathered: as
//! many Miller loops as proofs, and three for each key; one final exponentiation.
//!
//! The coefficients are 128 bits each, drawn from a transcript (merlin) of all keys' digests, inputs and proofs in their
//! order, and of 32 bytes of fresh randomness: whoever makes proofs can neither know nor choose them.
//!
//! A batch with a wrong proof is halved until it is named. The coefficients stay: each half's product is 1 by chance
//! with the same small probability, and there are fewer than twice as many halves as proofs.

mod search;
mod sums;

use alloc::vec::Vec;
use core::fmt;

use rand_core::{CryptoRng, RngCore};
use veilpay_protocol::field::{Fr, fr_to_bytes};
use veilpay_protocol::statement::Statement;

use crate::arithmetic::{Arithmetic, Factor, OUTSIDE, Points};
use crate::groth16::{PreparedVerifyingKey, VerifyError};
use crate::proof::{Proof, ProofError};
use sums::{Member, Sums};

/// Bytes of a coefficient.
const FACTOR_BYTES: usize = 16;

/// A proof of a batch that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its number in the batch, from 0.
    pub index: usize,
    /// The rule that it breaks: what verifying it alone gives.
    pub error: VerifyError,
}

/// Why a batch was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BatchError {
    /// These are refused, ascending; all others hold.
    Refused(Vec<Refusal>),
    /// The operating system gave no randomness: nothing was verified.
    NoRandomness,
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusals) => {
                write!(f, "{} of the proofs refused", refusals.len())?;
                match refusals.first() {
                    Some(Refusal { index, error }) => write!(f, ", the first at {index}: {error}"),
                    None => Ok(()),
                }
            }
            Self::NoRandomness => f.write_str("the operating system gave no randomness"),
        }
    }
}

impl core::error::Error for BatchError {}

/// What is to be proved, and by which bytes.
#[derive(Clone, Debug)]
struct Entry<'k> {
    key: &'k PreparedVerifyingKey,
    inputs: Vec<Fr>,
    proof: Result<[u8; Proof::BYTES], VerifyError>,
    /// What is wrong with it besides the proof.
    fault: Option<VerifyError>,
}

/// Proofs to be verified together, of one or several keys.
///
/// ```
/// use rand_core::{CryptoRng, RngCore};
/// use veilpay_protocol::statement::Statement;
/// use veilpay_verifier::batch::{Batch, BatchError};
/// use veilpay_verifier::PreparedVerifyingKey;
///
/// /// Verifies all proofs of a block; an error names each that is wrong.
/// fn verify_block(
///     key: &PreparedVerifyingKey,
///     block: &[(Statement, [u8; 128])],
///     rng: &mut (impl RngCore + CryptoRng),
/// ) -> Result<(), BatchError> {
///     let mut batch = Batch::new();
///     for (statement, proof) in block {
///         batch.push(key, statement, proof);
///     }
///     batch.verify_with(rng)
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Batch<'k> {
    entries: Vec<Entry<'k>>,
}

impl<'k> Batch<'k> {
    /// Nothing to verify yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// How many proofs there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none: such a batch is accepted.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds a proof of `statement`. What is wrong with it shows when the batch is verified.
    pub fn push(&mut self, key: &'k PreparedVerifyingKey, statement: &Statement, proof: &[u8]) {
        if statement.circuit() == key.info().circuit {
            self.push_inputs(key, &statement.to_fields(), proof);
        } else {
            self.add(key, Vec::new(), proof, Some(VerifyError::Circuit));
        }
    }

    /// Adds a proof of public inputs, given without the constant one.
    pub fn push_inputs(&mut self, key: &'k PreparedVerifyingKey, inputs: &[Fr], proof: &[u8]) {
        let fault = key.check_count(inputs).err();
        let inputs = if fault.is_some() { Vec::new() } else { inputs.to_vec() };
        self.add(key, inputs, proof, fault);
    }

    fn add(&mut self, key: &'k PreparedVerifyingKey, inputs: Vec<Fr>, proof: &[u8], fault: Option<VerifyError>) {
        let proof = proof.try_into().map_err(|_| VerifyError::Proof(ProofError::Length));
        self.entries.push(Entry { key, inputs, proof, fault });
    }

    /// Whether all proofs hold, with coefficients from the operating system's randomness.
    ///
    /// # Errors
    /// As [`Self::verify_with`], and [`BatchError::NoRandomness`].
    #[cfg(feature = "std")]
    pub fn verify(&self) -> Result<(), BatchError> {
        let mut seed = [0; 32];
        rand_core::OsRng.try_fill_bytes(&mut seed).map_err(|_| BatchError::NoRandomness)?;
        self.verify_seeded(&seed)
    }

    /// Whether all proofs hold, with coefficients from 32 bytes of `rng`, which nobody who makes proofs may foresee.
    ///
    /// # Errors
    /// [`BatchError::Refused`] names each proof that does not hold, with the error that verifying it alone gives.
    pub fn verify_with(&self, rng: &mut (impl RngCore + CryptoRng)) -> Result<(), BatchError> {
        let mut seed = [0; 32];
        rng.fill_bytes(&mut seed);
        self.verify_seeded(&seed)
    }

    fn verify_seeded(&self, seed: &[u8; 32]) -> Result<(), BatchError> {
        let Some(first) = self.entries.first() else { return Ok(()) };
        let arithmetic = first.key.arithmetic();
        let (decoded, mut refusals) = self.decode(arithmetic);
        let factors = self.factors(seed);
        let member = |(index, points): &(usize, Points)| Member {
            index: *index,
            key: self.entries[*index].key,
            inputs: &self.entries[*index].inputs,
            points: *points,
            factor: factors[*index],
        };
        let mut members: Vec<Member<'_>> = decoded.iter().map(member).collect();
        let sums = loop {
            match Sums::new(arithmetic, &members) {
                Ok(sums) => break sums,
                Err(outside) => {
                    let refused = |k: &usize| Refusal { index: members[*k].index, error: OUTSIDE.into() };
                    refusals.extend(outside.iter().map(refused));
                    let mut numbers = 0..;
                    members.retain(|_| numbers.next().is_none_or(|k| outside.binary_search(&k).is_err()));
                }
            }
        };
        let wrong = search::wrong(&sums, &members);
        refusals.extend(wrong.into_iter().map(|k| Refusal { index: members[k].index, error: VerifyError::Equation }));
        if refusals.is_empty() {
            return Ok(());
        }
        refusals.sort_unstable_by_key(|refusal| refusal.index);
        Err(BatchError::Refused(refusals))
    }

    /// The proofs that are well-formed, of the right number of inputs, and the refusals of the others. Of B it is known
    /// only that it is on the twist.
    fn decode(&self, arithmetic: Arithmetic) -> (Vec<(usize, Points)>, Vec<Refusal>) {
        let whole: Vec<&[u8; Proof::BYTES]> =
            self.entries.iter().filter_map(|entry| entry.proof.as_ref().ok()).collect();
        let mut points = arithmetic.decode(&whole).into_iter();
        let (mut decoded, mut refusals) = (Vec::with_capacity(whole.len()), Vec::new());
        for (index, entry) in self.entries.iter().enumerate() {
            let points = match entry.proof {
                Err(error) => Err(error),
                Ok(_) => points.next().unwrap_or(Err(ProofError::Length)).map_err(VerifyError::Proof),
            };
            // Of a proof that has another fault, the subgroup is what a single verification looks at first.
            let points = points.and_then(|points| match entry.fault {
                None => Ok(points),
                Some(fault) if arithmetic.is_in_subgroup(&points.b) => Err(fault),
                Some(_) => Err(OUTSIDE.into()),
            });
            match points {
                Ok(points) => decoded.push((index, points)),
                Err(error) => refusals.push(Refusal { index, error }),
            }
        }
        (decoded, refusals)
    }

    /// A coefficient for each entry, well-formed or not.
    fn factors(&self, seed: &[u8; 32]) -> Vec<Factor> {
        let mut transcript = merlin::Transcript::new(b"veilpay/groth16/batch/1");
        transcript.append_u64(b"proofs", self.entries.len() as u64);
        let mut message = Vec::new();
        for entry in &self.entries {
            message.clear();
            message.extend_from_slice(entry.key.digest());
            message.extend_from_slice(entry.proof.as_ref().map_or(&[][..], |proof| &proof[..]));
            entry.inputs.iter().for_each(|input| message.extend_from_slice(&fr_to_bytes(input)));
            transcript.append_message(b"proof", &message);
        }
        let mut bytes = alloc::vec![0; FACTOR_BYTES * self.entries.len()];
        transcript.append_message(b"randomness", seed);
        transcript.challenge_bytes(b"coefficients", &mut bytes);
        bytes.as_chunks::<FACTOR_BYTES>().0.iter().map(|bytes| Factor::new(*bytes)).collect()
    }
}
