//! A malicious prover for gadgets: replaces hints and asks whether the constraints notice.

use ark_ff::{AdditiveGroup, Field, PrimeField, Zero};
use veilpay_protocol::field::{Fr, power_of_two};

use crate::hint::registry::{HintId, HintRecord, Recording, record, with_overrides};
use crate::matrices::{CircuitMatrices, assignment_of, matrices_of};
use crate::var::{Cs, FrVar, Synthesis};

/// Values that have broken circuits, for a hint whose honest value is `honest`: 0, +-1, 2, neighbours, the negative,
/// the flipped bit, halves of r, and what 2^64, 2^128 or 2^251 away would alias.
#[must_use]
pub fn hostile_values(honest: Fr) -> Vec<Fr> {
    let half = Fr::from_bigint(Fr::MODULUS_MINUS_ONE_DIV_TWO).expect("below r");
    let mut values = vec![
        Fr::ZERO,
        Fr::ONE,
        Fr::ONE.double(),
        -Fr::ONE,
        honest + Fr::ONE,
        honest - Fr::ONE,
        -honest,
        Fr::ONE - honest,
        honest.double(),
        half,
        half + Fr::ONE,
        honest + power_of_two(64),
        honest + power_of_two(128),
        honest - power_of_two(251),
        honest.inverse().unwrap_or(Fr::from(7u64)),
    ];
    values.retain(|value| *value != honest);
    values
}

/// A gadget together with its matrices and its honest run.
pub struct Subject<B> {
    build: B,
    /// Its matrices.
    pub matrices: CircuitMatrices,
    /// What it allocated honestly.
    pub recording: Recording,
    /// The values of its outputs in the honest run.
    pub outputs: Vec<Fr>,
}

impl<B: Fn(&Cs) -> Synthesis<Vec<FrVar>>> Subject<B> {
    /// Runs `build`, which takes its inputs as public ones and returns its outputs.
    ///
    /// # Panics
    /// When the honest run does not satisfy the constraints, or allocates a wire past the hint registry.
    pub fn new(build: B) -> Self {
        let matrices = matrices_of(|cs| build(cs).map(|_| ())).expect("a system");
        let mut outputs = Vec::new();
        let (assignment, recording) = record(|| run(&build, &mut outputs));
        assert_eq!(matrices.first_unsatisfied(&assignment), None, "the honest run satisfies the constraints");
        assert_eq!(recording.hints.len() + recording.products, matrices.num_witness, "a wire past the registry");
        Self { build, matrices, recording, outputs }
    }

    /// The outputs under `overrides`, if the constraints are satisfied.
    pub fn accepts(&self, overrides: &[(HintId, Fr)]) -> Option<Vec<Fr>> {
        let mut outputs = Vec::new();
        let assignment = with_overrides(overrides.iter().copied(), || run(&self.build, &mut outputs));
        self.matrices.first_unsatisfied(&assignment).is_none().then_some(outputs)
    }

    /// Replaces each hint, one at a time, by each hostile value: refused, or the outputs stay what they were.
    ///
    /// # Panics
    /// When an accepted hint changes an output.
    pub fn no_hint_moves_an_output(&self) {
        for HintRecord { id, honest, .. } in &self.recording.hints {
            for value in hostile_values(*honest) {
                if let Some(outputs) = self.accepts(&[(*id, value)]) {
                    assert_eq!(outputs, self.outputs, "hint {id:?} moved the output, {honest} to {value}");
                }
            }
        }
    }

    /// Replaces each hint by each hostile value: refused, always.
    ///
    /// # Panics
    /// When one is accepted.
    pub fn every_hint_is_determined(&self) {
        for HintRecord { id, honest, .. } in &self.recording.hints {
            for value in hostile_values(*honest) {
                assert!(self.accepts(&[(*id, value)]).is_none(), "hint {id:?} may be {value} instead of {honest}");
            }
        }
    }
}

fn run(build: &impl Fn(&Cs) -> Synthesis<Vec<FrVar>>, outputs: &mut Vec<Fr>) -> Vec<Fr> {
    assignment_of(|cs| {
        *outputs = build(cs)?.iter().map(FrVar::value).collect();
        Ok(())
    })
    .expect("a system")
}

/// Field elements at the edges: 0, 1, 2^64 +- 1, (r +- 1)/2, -1.
#[must_use]
pub fn edge_elements() -> Vec<Fr> {
    let half = Fr::from_bigint(Fr::MODULUS_MINUS_ONE_DIV_TWO).expect("below r");
    vec![Fr::zero(), Fr::ONE, power_of_two(64), power_of_two(64) - Fr::ONE, half, half + Fr::ONE, -Fr::ONE]
}
