//! The steps of the loops, whatever computes them.

use alloc::vec::Vec;

use ark_bn254::Config;
use ark_ec::bn::BnConfig;

/// What a step adds to T.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// T itself.
    Double,
    /// Q.
    Plus,
    /// -Q.
    Minus,
}

/// Loops of many pairs, T = Q and an accumulator of 1 at first.
pub(crate) trait Loops {
    /// Squares the accumulator.
    fn square(&mut self);
    /// All T go on by a step, and the accumulator takes the lines.
    ///
    /// Where the points that are added have one x, what T becomes is of no account, and the pair is marked as outside
    /// the subgroup: inside it that does not happen.
    fn step(&mut self, step: Step);
    /// Each Q becomes ψ(Q).
    fn frobenius(&mut self);
    /// Marks the pairs whose T is not -Q.
    fn compare(&mut self);
    /// The pairs that were marked.
    fn outside(&self) -> Vec<usize>;
}

/// All steps: T = (6 x + 2) Q, then + ψ(Q) and - ψ^2(Q), which is -ψ^3(Q) in the subgroup alone.
pub(crate) fn run(loops: &mut impl Loops) {
    for (k, digit) in Config::ATE_LOOP_COUNT.iter().rev().skip(1).enumerate() {
        if k > 0 {
            loops.square();
        }
        loops.step(Step::Double);
        match digit {
            1 => loops.step(Step::Plus),
            -1 => loops.step(Step::Minus),
            _ => {}
        }
    }
    loops.frobenius();
    loops.step(Step::Plus);
    loops.frobenius();
    loops.step(Step::Minus);
    loops.frobenius();
    loops.compare();
}
