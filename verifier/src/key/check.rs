//! The rules of S1 for the points of a verifying key.
//!
//! The equation is `e(A, B) = e(alpha, beta) + e(vk_x, gamma) + e(C, delta)` with `vk_x` the public inputs' combination
//! of IC (written additively). Each of these makes a proof of anything:
//!
//! - `delta = gamma`: A = alpha, B = beta, C = -vk_x (two pools were drained in 2026 through it); with `-gamma`,
//!   C = vk_x;
//! - `beta = delta`: A = vk_x, B = gamma, C = -alpha;
//! - `beta = gamma`: A = alpha + vk_x, B = gamma, and C the identity, which a re-randomisation hides.
//!
//! What holds of an equality holds of every known multiple, `delta = k gamma`, which nobody sees in the points. So a key
//! marked a ceremony's must have the generator for gamma, as no ceremony draws it: then delta is a multiple that its
//! participants alone could know.
//!
//! A generator in the place of beta, delta or alpha says that the party who had to choose the secret did not.

use core::ops::Neg;

use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};

use super::{KeyElement, KeyError, KeyPoints};
use crate::point::{self, G1, G2};

fn same_up_to_sign<C: SWCurveConfig>(p: &Affine<C>, q: &Affine<C>) -> bool {
    p == q || *p == q.neg()
}

impl KeyPoints {
    /// Whether the points obey S1, whatever the circuit; IC must have a point at least.
    ///
    /// Time: a subgroup check for beta, gamma and delta, and a comparison for each pair of IC.
    ///
    /// # Errors
    /// [`KeyError`] naming the first rule that is broken.
    pub fn check(&self) -> Result<(), KeyError> {
        self.check_points()?;
        let (g1, g2) = (G1::generator(), G2::generator());
        let rules = [
            (same_up_to_sign(&self.delta, &self.gamma), KeyError::DeltaIsGamma),
            (same_up_to_sign(&self.delta, &g2), KeyError::DeltaIsGenerator),
            (same_up_to_sign(&self.beta, &g2), KeyError::BetaIsGenerator),
            (same_up_to_sign(&self.beta, &self.gamma), KeyError::BetaIsGamma),
            (same_up_to_sign(&self.beta, &self.delta), KeyError::BetaIsDelta),
            (same_up_to_sign(&self.alpha, &g1), KeyError::AlphaIsGenerator),
            (self.ic.is_empty(), KeyError::IcLength),
        ];
        if let Some((_, error)) = rules.into_iter().find(|(broken, _)| *broken) {
            return Err(error);
        }
        let repeats = |index: &usize| self.ic[..*index].iter().any(|p| same_up_to_sign(p, &self.ic[*index]));
        match (1..self.ic.len()).find(repeats) {
            Some(index) => Err(KeyError::IcDuplicate { index }),
            None => Ok(()),
        }
    }

    fn check_points(&self) -> Result<(), KeyError> {
        let at = |element| move |error| KeyError::Point { element, error };
        point::check(&self.alpha).map_err(at(KeyElement::Alpha))?;
        point::check(&self.beta).map_err(at(KeyElement::Beta))?;
        point::check(&self.gamma).map_err(at(KeyElement::Gamma))?;
        point::check(&self.delta).map_err(at(KeyElement::Delta))?;
        for (index, p) in self.ic.iter().enumerate() {
            point::check(p).map_err(at(KeyElement::Ic(index)))?;
        }
        Ok(())
    }
}
