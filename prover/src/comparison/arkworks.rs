//! arkworks' prover, with a key of a built-in circuit or of snarkjs.

use std::fmt;
use std::hint::black_box;

use ark_bn254::{Bn254, G1Projective, G2Projective};
use ark_ec::VariableBaseMSM;
use ark_ff::PrimeField;
use ark_groth16::r1cs_to_qap::R1CSToQAP;
use ark_groth16::{Groth16, ProvingKey};
use ark_poly::GeneralEvaluationDomain;
use ark_relations::gr1cs::Matrix;
use rayon::prelude::*;
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::Fr;
use veilpay_verifier::Proof;

use super::{ComparisonError, given};
use crate::circom::{Coefficient, Zkey};
use crate::engine::ProveError;
use crate::groth16::Points;
use crate::groth16::parts::{Part, Parts};
use crate::keys::{CircuitKey, KeyStore};
use crate::r1cs::R1cs;
use crate::reduction::OddCoset;

/// ark-groth16 with a key.
pub struct Arkworks {
    pub(super) key: ProvingKey<Bn254>,
    /// A and B, and C where there is one, which the reduction does without.
    pub(super) matrices: Vec<Matrix<Fr>>,
    /// The one and the public inputs.
    pub(super) inputs: usize,
}

impl fmt::Debug for Arkworks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arkworks").field("constraints", &self.constraints()).finish_non_exhaustive()
    }
}

fn matrix(entries: &[Coefficient], rows: usize) -> Matrix<Fr> {
    let mut matrix = vec![Vec::new(); rows];
    for Coefficient { row, column, value } in entries {
        if let Some(row) = matrix.get_mut(*row as usize) {
            row.push((*value, *column as usize));
        }
    }
    matrix
}

impl Arkworks {
    fn new(key: ProvingKey<Bn254>, r1cs: R1cs) -> Self {
        let inputs = r1cs.num_instance();
        Self { key, matrices: r1cs.matrices.into(), inputs }
    }

    /// With a copy of the key of a built-in circuit.
    #[must_use]
    pub fn of_circuit(key: &CircuitKey) -> Self {
        Self::new(key.proving_key().clone(), key.r1cs().clone())
    }

    /// With the key file of a built-in circuit, which must be there; nothing is laid out for our prover.
    ///
    /// # Errors
    /// [`ComparisonError::Prove`] when the file is refused.
    pub fn of_file(store: &KeyStore, circuit: CircuitId) -> Result<Self, ComparisonError> {
        let (key, r1cs) = store.values(circuit).map_err(ProveError::Key)?;
        Ok(Self::new(key, r1cs))
    }

    /// With a key of snarkjs.
    ///
    /// # Errors
    /// [`ComparisonError::Rows`] when its rows are not as arkworks has them.
    pub fn of_zkey(zkey: Zkey) -> Result<Self, ComparisonError> {
        let inputs = zkey.num_public() + 1;
        let last = zkey.a_coefficients().last().ok_or(ComparisonError::Rows)?.row as usize;
        let rows = (last + 1).checked_sub(inputs).ok_or(ComparisonError::Rows)?;
        let (key, [a, b]) = zkey.into_arkworks();
        // Row by row from the end: the one and each public input, once.
        let binds = a[a.len().saturating_sub(inputs)..]
            .iter()
            .enumerate()
            .all(|(i, entry)| (entry.row as usize, entry.column as usize) == (rows + i, i));
        let no_more = b.last().is_none_or(|entry| (entry.row as usize) < rows);
        if !binds || !no_more || (last + 1).next_power_of_two() != key.h_query.len() {
            return Err(ComparisonError::Rows);
        }
        let matrices = vec![matrix(&a, rows), matrix(&b, rows)];
        Ok(Self { key, matrices, inputs })
    }

    /// Rows of the matrices.
    #[must_use]
    pub fn constraints(&self) -> usize {
        self.matrices[0].len()
    }

    /// Public inputs, the one not included.
    #[must_use]
    pub const fn public_inputs(&self) -> usize {
        self.inputs - 1
    }

    /// The length of an assignment.
    #[must_use]
    pub const fn wires(&self) -> usize {
        self.key.a_query.len()
    }

    /// Rows of the quotient's domain, a power of two.
    #[must_use]
    pub const fn domain_size(&self) -> usize {
        self.key.h_query.len()
    }

    /// A proof with fixed blinding, not verified; in the current rayon pool.
    ///
    /// # Errors
    /// [`ComparisonError::Arkworks`] when there is none.
    pub fn prove(&self, assignment: &[Fr]) -> Result<Proof, ComparisonError> {
        let Points { a, b, c } = self.points(assignment, given())?;
        Proof::new(a, b, c).map_err(|_| ComparisonError::Arkworks)
    }

    fn check(&self, assignment: &[Fr]) -> Result<(), ComparisonError> {
        if assignment.len() == self.wires() { Ok(()) } else { Err(ComparisonError::Arkworks) }
    }

    pub(super) fn points(&self, assignment: &[Fr], (r, s): (Fr, Fr)) -> Result<Points, ComparisonError> {
        self.check(assignment)?;
        let proof = Groth16::<Bn254, OddCoset>::create_proof_with_reduction_and_matrices(
            &self.key,
            r,
            s,
            &self.matrices,
            self.inputs,
            self.constraints(),
            assignment,
        );
        proof.map(|proof| Points { a: proof.a, b: proof.b, c: proof.c }).map_err(|_| ComparisonError::Arkworks)
    }

    /// What [`Self::points`] spends its time with, one part after the other, as it does itself.
    pub(super) fn parts(&self, assignment: &[Fr]) -> Result<Parts, ComparisonError> {
        self.check(assignment)?;
        let mut parts = Parts::default();
        let (constraints, key) = (self.constraints(), &self.key);
        let quotient = parts.time(Part::Quotient, || {
            type Domain = GeneralEvaluationDomain<Fr>;
            OddCoset::witness_map_from_matrices::<Fr, Domain>(&self.matrices, self.inputs, constraints, assignment)
        });
        let quotient = quotient.map_err(|_| ComparisonError::Arkworks)?;
        let integers = |scalars: &[Fr]| scalars.par_iter().map(|scalar| scalar.into_bigint()).collect::<Vec<_>>();
        let (rows, wires) = parts.time(Part::Digits, || (integers(&quotient), integers(assignment)));
        let g1 = |query: &[_], scalars: &[_]| {
            let _ = black_box(G1Projective::msm_bigint(query, scalars));
        };
        let g2 = |query: &[_], scalars: &[_]| {
            let _ = black_box(G2Projective::msm_bigint(query, scalars));
        };
        parts.time(Part::A, || g1(&key.a_query, &wires));
        parts.time(Part::B1, || g1(&key.b_g1_query, &wires));
        parts.time(Part::B2, || g2(&key.b_g2_query, &wires));
        parts.time(Part::L, || g1(&key.l_query, &wires[self.inputs..]));
        parts.time(Part::H, || g1(&key.h_query, &rows));
        Ok(parts)
    }
}
