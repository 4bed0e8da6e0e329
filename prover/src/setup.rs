//! The dev setup (S2): Groth16's key generation on one machine, marked insecure.
//!
//! Standard generators, gamma = 1 as snarkjs has it, alpha, beta, delta and tau from the operating system. Ours are
//! erased after use, the copies that arkworks makes are not; and who made the key could have kept them anyway: a dev key
//! proves nothing to anybody else.

use ark_bn254::{Bn254, G1Projective, G2Projective};
use ark_ec::PrimeGroup;
use ark_ff::Field;
use ark_groth16::Groth16;
use ark_relations::gr1cs::{
    ConstraintSynthesizer, ConstraintSystemRef, LinearCombination, Matrix, SynthesisError, Variable,
};
use ark_std::rand::SeedableRng;
use ark_std::rand::rngs::StdRng;
use veilpay_circuits::CircuitMatrices;
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::Fr;
use veilpay_verifier::{KeyInfo, Setup};

use crate::entropy;
use crate::keys::{CircuitKey, KeyFileError};
use crate::r1cs::R1cs;
use crate::reduction::OddCoset;

/// Writes kept matrices into a constraint system again, so that arkworks makes the key for exactly these.
struct Replay<'a>(&'a R1cs);

impl ConstraintSynthesizer<Fr> for Replay<'_> {
    fn generate_constraints(self, cs: ConstraintSystemRef<Fr>) -> Result<(), SynthesisError> {
        let Self(r1cs) = self;
        let missing = || Err(SynthesisError::AssignmentMissing);
        let mut variables = vec![Variable::One];
        for _ in 1..r1cs.num_instance {
            variables.push(cs.new_input_variable(missing)?);
        }
        for _ in 0..r1cs.num_witness {
            variables.push(cs.new_witness_variable(missing)?);
        }
        let row = |matrix: &Matrix<Fr>, row: usize| {
            LinearCombination(
                matrix[row].iter().map(|(coefficient, column)| (*coefficient, variables[*column])).collect(),
            )
        };
        let [a, b, c] = &r1cs.matrices;
        for i in 0..r1cs.num_constraints() {
            cs.enforce_r1cs_constraint(|| row(a, i), || row(b, i), || row(c, i))?;
        }
        Ok(())
    }
}

/// Makes a key for `circuit`, marked [`Setup::Dev`]. Seconds of all threads of the current rayon pool.
///
/// # Errors
/// [`KeyFileError::Synthesis`] when the circuit cannot be written, [`KeyFileError::Entropy`] without randomness, and
/// any refusal of S1, which a fresh key meets with probability about 2^-250.
pub fn dev_key(circuit: CircuitId) -> Result<CircuitKey, KeyFileError> {
    dev_key_of(circuit, veilpay_circuits::matrices(circuit).map_err(|_| KeyFileError::Synthesis)?)
}

/// As [`dev_key`], for matrices at hand.
pub(crate) fn dev_key_of(circuit: CircuitId, matrices: CircuitMatrices) -> Result<CircuitKey, KeyFileError> {
    let info = KeyInfo { circuit, version: circuit.version(), setup: Setup::Dev, matrix_digest: matrices.digest() };
    let r1cs = R1cs::from(matrices);
    let (alpha, beta, delta) = (entropy::scalar()?, entropy::scalar()?, entropy::scalar()?);
    let mut tau = StdRng::from_seed(*entropy::bytes::<32>()?);
    let key = Groth16::<Bn254, OddCoset>::generate_parameters_with_qap(
        Replay(&r1cs),
        *alpha,
        *beta,
        Fr::ONE,
        *delta,
        G1Projective::generator(),
        G2Projective::generator(),
        &mut tau,
    )
    .map_err(|_| KeyFileError::Synthesis)?;
    CircuitKey::new(info, &key, &r1cs)
}
