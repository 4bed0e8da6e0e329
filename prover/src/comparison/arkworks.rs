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
use crate::circom::ZkeyFile;
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

impl Arkworks {
    fn new(key: ProvingKey<Bn254>, r1cs: R1cs) -> Self {
        let inputs = r1cs.num_instance();
        Self { key, matrices: r1cs.matrices.into(), inputs }
    }

    /// With the key of a built-in circuit.
    ///
    /// # Errors
    /// [`ComparisonError::Prove`] when its file can no longer be read.
    pub fn of_circuit(key: &CircuitKey) -> Result<Self, ComparisonError> {
        let values = key.proving_key().and_then(|proving| Ok(Self::new(proving, key.r1cs()?)));
        Ok(values.map_err(ProveError::Key)?)
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
    pub fn of_zkey(zkey: &ZkeyFile) -> Result<Self, ComparisonError> {
        let refused = |error| ComparisonError::Prove(ProveError::Circom(error));
        let (inputs, entries) = (zkey.num_public() + 1, zkey.entries().map_err(refused)?);
        let value = |(coefficient, column): (u32, u32)| (entries.coefficients[coefficient as usize], column as usize);
        let lists = |matrix| -> Matrix<Fr> { entries.rows(matrix).map(|row| row.map(value).collect()).collect() };
        let (mut a, mut b) = (lists(0), lists(1));
        let last = a.iter().rposition(|row| !row.is_empty()).ok_or(ComparisonError::Rows)?;
        let rows = (last + 1).checked_sub(inputs).ok_or(ComparisonError::Rows)?;
        // Row by row at the end: the one and each public input, once.
        let binds = a[rows..=last].iter().enumerate().all(|(i, row)| matches!(row[..], [(_, column)] if column == i));
        let no_more = b[rows..].iter().all(Vec::is_empty);
        if !binds || !no_more || (last + 1).next_power_of_two() != zkey.domain_size() {
            return Err(ComparisonError::Rows);
        }
        a.truncate(rows);
        b.truncate(rows);
        Ok(Self { key: zkey.proving_key().map_err(refused)?, matrices: vec![a, b], inputs })
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
