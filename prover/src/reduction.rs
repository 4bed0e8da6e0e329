//! The quotient on the odd coset: how our keys and those of snarkjs carry the H query.
//!
//! With n rows, w a primitive n-th root of unity and g^2 = w, the polynomial A B - C has degree below 2 n and is zero
//! on the powers of w, so it is known by its values at the n points g w^i. The H query holds the Lagrange polynomials of
//! the 2 n points at these, L_{2i+1}(tau) / delta, and the proof takes the values as they are: one transform less than
//! with coefficients of the quotient, and the group element is the same. As arkworks' trait it makes keys
//! ([`setup`](crate::setup)) and lets ark-groth16 prove with them, which tests and benches compare with.

use ark_ff::{PrimeField, Zero};
use ark_groth16::r1cs_to_qap::{LibsnarkReduction, R1CSToQAP};
use ark_poly::EvaluationDomain;
use ark_relations::gr1cs::{ConstraintSystemRef, Matrix, SynthesisError};
use rayon::prelude::*;

/// Groth16's reduction with the quotient on the odd coset.
#[derive(Clone, Copy, Debug)]
pub struct OddCoset;

/// The values at g w^i of the polynomial with `values` at the powers of w.
fn on_odd_coset<F: PrimeField, D: EvaluationDomain<F>>(
    domain: &D,
    mut values: Vec<F>,
) -> Result<Vec<F>, SynthesisError> {
    let double = D::new(2 * domain.size()).ok_or(SynthesisError::PolynomialDegreeTooLarge)?;
    let coset = domain.get_coset(double.group_gen()).ok_or(SynthesisError::DivisionByZero)?;
    domain.ifft_in_place(&mut values);
    coset.fft_in_place(&mut values);
    Ok(values)
}

impl R1CSToQAP for OddCoset {
    fn instance_map_with_evaluation<F: PrimeField, D: EvaluationDomain<F>>(
        cs: ConstraintSystemRef<F>,
        t: &F,
    ) -> Result<(Vec<F>, Vec<F>, Vec<F>, F, usize, usize), SynthesisError> {
        LibsnarkReduction::instance_map_with_evaluation::<F, D>(cs, t)
    }

    fn witness_map_from_matrices<F: PrimeField, D: EvaluationDomain<F>>(
        matrices: &[Matrix<F>],
        num_inputs: usize,
        num_constraints: usize,
        full_assignment: &[F],
    ) -> Result<Vec<F>, SynthesisError> {
        let domain = D::new(num_constraints + num_inputs).ok_or(SynthesisError::PolynomialDegreeTooLarge)?;
        let mut a = vec![F::zero(); domain.size()];
        let mut b = vec![F::zero(); domain.size()];
        let product = |row: &[(F, usize)]| row.iter().map(|(value, column)| *value * full_assignment[*column]).sum();
        a.par_iter_mut().zip(&matrices[0]).for_each(|(a, row)| *a = product(row));
        b.par_iter_mut().zip(&matrices[1]).for_each(|(b, row)| *b = product(row));
        a[num_constraints..num_constraints + num_inputs].copy_from_slice(&full_assignment[..num_inputs]);
        let c: Vec<F> = a.iter().zip(&b).map(|(a, b)| *a * b).collect();
        let (a, b, c) = (on_odd_coset(&domain, a)?, on_odd_coset(&domain, b)?, on_odd_coset(&domain, c)?);
        Ok(a.into_par_iter().zip(b).zip(c).map(|((a, b), c)| a * b - c).collect())
    }

    fn h_query_scalars<F: PrimeField, D: EvaluationDomain<F>>(
        max_power: usize,
        t: F,
        _: F,
        delta_inverse: F,
    ) -> Result<Vec<F>, SynthesisError> {
        let double = D::new(2 * (max_power + 1)).ok_or(SynthesisError::PolynomialDegreeTooLarge)?;
        let lagrange = double.evaluate_all_lagrange_coefficients(t);
        let scalars: Vec<F> = lagrange.into_iter().skip(1).step_by(2).map(|at| at * delta_inverse).collect();
        // A tau that is a root of unity makes a key that anybody can forge with.
        if scalars.iter().any(Zero::is_zero) { Err(SynthesisError::DivisionByZero) } else { Ok(scalars) }
    }
}
