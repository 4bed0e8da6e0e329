//! Our verification beside ark-groth16's: the same key, statements and proofs, from bytes, runs in turn.
//!
//! arkworks' side is what its interface offers: the proof decoded with all checks
//! (`CanonicalDeserialize::deserialize_compressed`), then `Groth16::verify_proof` with a prepared verifying key. Ours is one
//! verification from bytes, and [`Batch`] for several sizes. Proofs are all different: some are made, the others are
//! those re-randomised, `(A / r, r B + r s delta, C + s A)`, each with the inputs that it proves.
//!
//! There are no figures without a check: every verification that is timed must accept; proofs with a changed input are
//! refused by both, and a batch with one such proof names it.

use std::num::NonZeroUsize;
use std::sync::Arc;

use ark_bn254::Bn254;
use ark_ec::CurveGroup;
use ark_ff::Field;
use ark_groth16::{Groth16, prepare_verifying_key};
use ark_serialize::CanonicalDeserialize;
use veilpay_kernels::Backend;
use veilpay_protocol::field::Fr;
use veilpay_verifier::{Batch, BatchError, PreparedVerifyingKey, Proof, Refusal, VerifyError};

use super::{Arkworks, ComparisonError, Ours, Times, timed};
use crate::engine::ProveError;
use crate::entropy;
use crate::keys::CircuitKey;

/// Sizes of batches.
pub const SIZES: [usize; 5] = [1, 8, 64, 256, 1024];
/// Proofs of a turn that are verified one by one.
const SINGLES: usize = 8;

/// A proof from bytes and what it proves.
struct Proved {
    inputs: Vec<Fr>,
    bytes: [u8; Proof::BYTES],
}

/// A batch's times, for all of it.
#[derive(Clone, Debug)]
pub struct BatchTimes {
    /// Its proofs.
    pub size: usize,
    /// How long they took.
    pub times: Times,
}

/// What was measured.
#[derive(Clone, Debug)]
pub struct VerificationComparison {
    /// What computed ours.
    pub backend: Backend,
    /// The threads of the pool.
    pub threads: usize,
    /// Public inputs, the one not included.
    pub public_inputs: usize,
    /// One of our verifications from bytes.
    pub ours: Times,
    /// One of arkworks'.
    pub arkworks: Times,
    /// Our batches, by size.
    pub batches: Vec<BatchTimes>,
}

/// A proof of the same statement that looks like any other.
fn rerandomised(arkworks: &Arkworks, proof: &Proof) -> Result<Proof, ComparisonError> {
    let fresh = || entropy::scalar().map_err(ProveError::from);
    let (r, s) = (fresh()?, fresh()?);
    let inverse = r.inverse().ok_or(ComparisonError::NoRun)?;
    let a = (*proof.a() * inverse).into_affine();
    let b = (*proof.b() * *r + arkworks.key.vk.delta_g2 * (*r * *s)).into_affine();
    let c = (*proof.a() * *s + *proof.c()).into_affine();
    Proof::new(a, b, c).map_err(|_| ComparisonError::Arkworks)
}

/// arkworks' verdict on a proof from bytes.
fn theirs(key: &ark_groth16::PreparedVerifyingKey<Bn254>, inputs: &[Fr], bytes: &[u8]) -> bool {
    ark_groth16::Proof::<Bn254>::deserialize_compressed(bytes)
        .is_ok_and(|proof| matches!(Groth16::<Bn254>::verify_proof(key, &proof, inputs), Ok(true)))
}

fn batch<'k>(key: &'k PreparedVerifyingKey, proved: &[Proved]) -> Batch<'k> {
    let mut batch = Batch::new();
    proved.iter().for_each(|one| batch.push_inputs(key, &one.inputs, &one.bytes));
    batch
}

/// Refuses what is not as it should be.
fn require(fits: bool) -> Result<(), ComparisonError> {
    if fits { Ok(()) } else { Err(ComparisonError::Verdict) }
}

/// One input of a proof is changed: nothing may accept it.
fn check_refusals(
    key: &PreparedVerifyingKey,
    ark_key: &ark_groth16::PreparedVerifyingKey<Bn254>,
    proved: &mut [Proved],
) -> Result<(), ComparisonError> {
    for size in SIZES {
        let index = size / 2;
        let input = index % proved[index].inputs.len();
        proved[index].inputs[input] += Fr::from(1u64);
        let one = &proved[index];
        require(!theirs(ark_key, &one.inputs, &one.bytes))?;
        require(key.verify_inputs_bytes(&one.inputs, &one.bytes) == Err(VerifyError::Equation))?;
        let refusal = Refusal { index, error: VerifyError::Equation };
        require(batch(key, &proved[..size]).verify() == Err(BatchError::Refused(vec![refusal])))?;
        proved[index].inputs[input] -= Fr::from(1u64);
    }
    Ok(())
}

/// Proves the assignments, re-randomises up to the largest size, checks, and measures `runs` turns after one that does not
/// count; in the current rayon pool.
///
/// # Errors
/// [`ComparisonError::Prove`] when there is no proof, [`ComparisonError::Verdict`] when a proof is refused that holds or a
/// wrong one is accepted, by either: then there are no figures.
pub fn compare_verification(
    key: &Arc<CircuitKey>,
    arkworks: &Arkworks,
    assignments: &[impl AsRef<[Fr]>],
    runs: NonZeroUsize,
) -> Result<VerificationComparison, ComparisonError> {
    let (ours, prepared) = (Ours::of_circuit(Arc::clone(key)), key.prepared());
    let made = |assignment: &[Fr]| Ok((assignment[1..arkworks.inputs].to_vec(), ours.prove(assignment)?));
    let made: Vec<(Vec<Fr>, Proof)> =
        assignments.iter().map(|own| made(own.as_ref())).collect::<Result<_, ComparisonError>>()?;
    let largest = SIZES[SIZES.len() - 1];
    let other = |(inputs, proof): &(Vec<Fr>, Proof)| {
        let bytes = rerandomised(arkworks, proof)?.to_bytes();
        Ok(Proved { inputs: inputs.clone(), bytes })
    };
    let mut proved: Vec<Proved> =
        made.iter().cycle().take(largest).map(other).collect::<Result<_, ComparisonError>>()?;
    require(proved.len() == largest)?;
    let ark_key = prepare_verifying_key(&arkworks.key.vk);
    check_refusals(prepared, &ark_key, &mut proved)?;

    let (mut ours, mut arkworks_times, mut batches) = (Vec::new(), Vec::new(), vec![Vec::new(); SIZES.len()]);
    for run in 0..=runs.get() {
        for one in proved.iter().cycle().skip(SINGLES * run).take(SINGLES) {
            let (time, holds) = timed(|| theirs(&ark_key, &one.inputs, &one.bytes));
            require(holds)?;
            arkworks_times.push(time);
            let (time, verdict) = timed(|| prepared.verify_inputs_bytes(&one.inputs, &one.bytes));
            require(verdict == Ok(()))?;
            ours.push(time);
        }
        for (size, times) in SIZES.into_iter().zip(&mut batches) {
            let (time, verdict) = timed(|| batch(prepared, &proved[..size]).verify());
            require(verdict == Ok(()))?;
            times.push(time);
        }
        if run == 0 {
            ours.clear();
            arkworks_times.clear();
            batches.iter_mut().for_each(Vec::clear);
        }
    }
    let times = |durations| Times::new(durations).ok_or(ComparisonError::NoRun);
    let batches = SIZES.into_iter().zip(batches).map(|(size, all)| Ok(BatchTimes { size, times: times(all)? }));
    Ok(VerificationComparison {
        backend: Backend::detect().unwrap_or(Backend::Portable),
        threads: rayon::current_num_threads(),
        public_inputs: arkworks.public_inputs(),
        ours: times(ours)?,
        arkworks: times(arkworks_times)?,
        batches: batches.collect::<Result<_, ComparisonError>>()?,
    })
}
