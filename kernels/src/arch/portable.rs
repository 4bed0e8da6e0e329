//! Any machine: arkworks' field arithmetic.

use alloc::vec;
use alloc::vec::Vec;

use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::Affine;
use ark_ff::{AdditiveGroup, Field};

use crate::msm::curve::{Coordinate, Curve, VARIANTS};
use crate::msm::lists::{Addition, INDEX, LANES, NOWHERE, Row, Rows, SIGN};
use crate::msm::slab::{Line, words, words_mut};

/// The point that words stand for, in arkworks' Montgomery form.
#[inline(always)]
pub(crate) fn read<C: Curve>(words: &[u64]) -> Affine<C> {
    let (x, y) = words.split_at(4 * C::LINES);
    let (x, y) = (C::BaseField::from_words(x), C::BaseField::from_words(&y[..4 * C::LINES]));
    if y == C::BaseField::ZERO { Affine::identity() } else { Affine::new_unchecked(x, y) }
}

/// The words of a point.
#[inline(always)]
pub(crate) fn write<C: Curve>(point: &Affine<C>, words: &mut [u64]) {
    if point.is_zero() {
        words.fill(0);
        return;
    }
    let (x, y) = words.split_at_mut(4 * C::LINES);
    point.x.to_words(x);
    point.y.to_words(y);
}

/// The variants of each base.
pub(crate) fn write_bases<C: Curve>(bases: &[Affine<C>], out: &mut [u64]) {
    for (base, out) in bases.iter().zip(out.chunks_exact_mut(VARIANTS * 8 * C::LINES)) {
        let mut point = *base;
        for words in out.chunks_exact_mut(8 * C::LINES) {
            write(&point, words);
            point.x = point.x.scale(&C::BETA);
        }
    }
}

/// What an addition comes down to.
enum Case<F> {
    /// Slope: numerator over denominator.
    Slope { numerator: F, denominator: F },
    /// One of the points is the identity or the other's opposite: the result.
    Known(bool),
}

/// Points of rows.
pub(crate) struct Points<C: Curve> {
    rows: Vec<[Affine<C>; LANES]>,
}

impl<C: Curve> Points<C> {
    pub(crate) fn new() -> Self {
        Self { rows: vec![[Affine::identity(); LANES]; Self::COUNT] }
    }
}

impl<C: Curve> Rows for Points<C> {
    const COUNT: usize = 256;

    fn begin(&mut self) {}

    fn import(&mut self, source: &[Line], rows: &[Row], items: &[[u32; LANES]]) {
        for (row, items) in rows.iter().zip(items) {
            for (point, item) in self.rows[usize::from(*row)].iter_mut().zip(items) {
                let own = read::<C>(words(&source[(item & INDEX) as usize * C::LINES..][..C::LINES]));
                *point = if item & SIGN != 0 { -own } else { own };
            }
        }
    }

    fn add(&mut self, additions: &mut Vec<Addition>, _: &[Line], _: &[[u32; LANES]]) {
        let mut cases = Vec::with_capacity(LANES * additions.len());
        let mut product = C::BaseField::ONE;
        for Addition { a, b, keep } in &*additions {
            for lane in (0..LANES).filter(|lane| keep >> lane & 1 == 0) {
                let (p, q) = (self.rows[usize::from(*a)][lane], self.rows[usize::from(*b)][lane]);
                let case = if p.is_zero() || q.is_zero() {
                    Case::Known(false)
                } else if p.x != q.x {
                    Case::Slope { numerator: q.y - p.y, denominator: q.x - p.x }
                } else if p.y == q.y {
                    let square = p.x.square();
                    Case::Slope { numerator: square.double() + square, denominator: p.y.double() }
                } else {
                    Case::Known(true)
                };
                let before = product;
                if let Case::Slope { denominator, .. } = &case {
                    product *= denominator;
                }
                cases.push((*a, lane, q, case, before));
            }
        }
        let mut inverse = product.fast_inverse();
        for (a, lane, q, case, before) in cases.into_iter().rev() {
            let own = &mut self.rows[usize::from(a)][lane];
            let p = *own;
            *own = match case {
                Case::Known(true) => Affine::identity(),
                Case::Known(false) if p.is_zero() => q,
                Case::Known(false) => p,
                Case::Slope { numerator, denominator } => {
                    let slope = numerator * inverse * before;
                    inverse *= denominator;
                    let x = slope.square() - p.x - q.x;
                    Affine::new_unchecked(x, slope * (p.x - x) - p.y)
                }
            };
        }
    }

    fn export(&self, row: Row, places: &[u32; LANES], out: &mut [Line]) {
        for (point, place) in self.rows[usize::from(row)].iter().zip(places) {
            if *place != NOWHERE {
                write(point, words_mut(&mut out[*place as usize * C::LINES..][..C::LINES]));
            }
        }
    }
}
