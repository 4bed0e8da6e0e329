//! The one door through which a prover's choice enters a circuit.
//!
//! Every wire that is not the product of two others (a witness input, a bit of a decomposition, a quotient, an inverse,
//! the children of a tree node, P/8) is allocated by [`hint`] under a name. Tests replace what honest code would have
//! chosen, by name and occurrence, and see that the constraints refuse it; honest code downstream goes on from the
//! hostile value. Wires through `hint` plus products are all the wires there are, which a test counts.

use ark_ff::Field;
use veilpay_protocol::field::Fr;

use crate::var::{Cs, FrVar, Synthesis};

/// Allocates a wire with the value that `honest` chooses; no constraint.
///
/// # Errors
/// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
pub fn hint(cs: &Cs, name: &'static str, honest: impl FnOnce() -> Fr) -> Synthesis<FrVar> {
    let value = honest();
    #[cfg(any(test, feature = "testing"))]
    let value = registry::pass(name, value);
    #[cfg(not(any(test, feature = "testing")))]
    let _ = name;
    FrVar::wire(cs, value)
}

/// Allocates `numerator / denominator`, 0 where the denominator is 0; the caller enforces the product.
pub(crate) fn quotient(cs: &Cs, name: &'static str, numerator: &FrVar, denominator: &FrVar) -> Synthesis<FrVar> {
    hint(cs, name, || denominator.value().inverse().map_or_else(Fr::default, |inverse| numerator.value() * inverse))
}

/// Counts a wire that is a product.
#[inline]
pub(crate) fn note_product() {
    #[cfg(any(test, feature = "testing"))]
    registry::count_product();
}

/// What tests do to hints: record them and override them, per thread.
#[cfg(any(test, feature = "testing"))]
pub mod registry {
    use std::cell::RefCell;
    use std::collections::BTreeMap;

    use super::Fr;

    /// A hint by its name and how often that name came before it, from 0.
    pub type HintId = (&'static str, usize);

    /// A hint as a recorded synthesis allocated it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct HintRecord {
        /// Its name and occurrence.
        pub id: HintId,
        /// Its honest value.
        pub honest: Fr,
        /// Its place among the private wires, from 0.
        pub wire: usize,
    }

    /// What a recorded synthesis allocated.
    #[derive(Clone, Debug, Default)]
    pub struct Recording {
        /// The hints in order.
        pub hints: Vec<HintRecord>,
        /// Wires that are products.
        pub products: usize,
    }

    #[derive(Default)]
    struct State {
        seen: BTreeMap<&'static str, usize>,
        overrides: BTreeMap<HintId, Fr>,
        recording: Option<Recording>,
    }

    thread_local! {
        static STATE: RefCell<State> = RefCell::default();
    }

    pub(super) fn pass(name: &'static str, honest: Fr) -> Fr {
        STATE.with_borrow_mut(|state| {
            if state.overrides.is_empty() && state.recording.is_none() {
                return honest;
            }
            let seen = state.seen.entry(name).or_default();
            let id = (name, *seen);
            *seen += 1;
            if let Some(recording) = &mut state.recording {
                let wire = recording.hints.len() + recording.products;
                recording.hints.push(HintRecord { id, honest, wire });
            }
            state.overrides.get(&id).copied().unwrap_or(honest)
        })
    }

    pub(super) fn count_product() {
        STATE.with_borrow_mut(|state| {
            if let Some(recording) = &mut state.recording {
                recording.products += 1;
            }
        });
    }

    /// Runs a synthesis in which the named hints have the given values instead of the honest ones.
    pub fn with_overrides<T>(overrides: impl IntoIterator<Item = (HintId, Fr)>, run: impl FnOnce() -> T) -> T {
        STATE.with_borrow_mut(|state| {
            *state = State { overrides: overrides.into_iter().collect(), ..State::default() };
        });
        let result = run();
        STATE.with_borrow_mut(|state| *state = State::default());
        result
    }

    /// Runs a synthesis and tells what it allocated.
    pub fn record<T>(run: impl FnOnce() -> T) -> (T, Recording) {
        STATE.with_borrow_mut(|state| {
            *state = State { recording: Some(Recording::default()), ..State::default() };
        });
        let result = run();
        let state = STATE.with_borrow_mut(core::mem::take);
        (result, state.recording.expect("it was set above"))
    }
}
