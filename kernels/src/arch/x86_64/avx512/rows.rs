//! Rows of eight points, and additions of many with one inversion, on either group.

use alloc::vec;
use alloc::vec::Vec;

use ark_ec::short_weierstrass::Affine;
use ark_ec::{AffineRepr, CurveConfig};
use ark_ff::{AdditiveGroup, Field};

use super::chain::{self, Link, Products};
use super::simd::Avx512;
use crate::msm::curve::{Coordinate, Curve};
use crate::msm::lists::{Addition, LANES, Row, Rows};
use crate::msm::slab::Line;

/// Eight points of a group, one a lane; of the identity, y is 0 in all limbs.
pub(crate) trait Eight: Copy {
    /// The group.
    type Curve: Curve;
    /// The difference of x, where that is not what is inverted.
    type Difference: Copy;
    /// Rows to work on.
    const COUNT: usize;

    /// Eight identities.
    fn identities(t: Avx512) -> Self;
    /// No difference yet.
    fn difference(t: Avx512) -> Self::Difference;
    /// The point in lane k.
    fn point(&self, t: Avx512, lane: usize) -> Affine<Self::Curve>;
    /// Puts a point into lane k.
    fn set(&mut self, t: Avx512, lane: usize, point: &Affine<Self::Curve>);
    /// The lanes where a or b is the identity, and those where both have one x.
    fn compare(t: Avx512, a: &Self, b: &Self) -> (u8, u8);
    /// As [`Rows::import`]; with `identities` there may be some.
    fn import(t: Avx512, rows: &mut [Self], to: &[Row], source: &[Line], items: &[[u32; LANES]], identities: bool);
    /// As [`Rows::export`].
    fn export(&self, t: Avx512, places: &[u32; LANES], out: &mut [Line]);
    /// Forward: what is to be inverted for the differences of x, 1 in the lanes to be kept, and before each the product
    /// of those that came before; the products of all at the end.
    fn pass_1(
        t: Avx512,
        rows: &[Self],
        additions: &[Addition],
        links: &mut [Link],
        differences: &mut [Self::Difference],
    ) -> Products;
    /// Slopes and sums.
    fn pass_3(
        t: Avx512,
        rows: &mut [Self],
        additions: &[Addition],
        links: &[Link],
        differences: &[Self::Difference],
        source: &[Line],
        next: &[[u32; LANES]],
    );
}

/// Rows, and what is handed on from pass to pass.
#[derive(Debug)]
pub(crate) struct Points<E: Eight> {
    token: Avx512,
    /// The last one is for additions that fill up a pair.
    rows: Vec<E>,
    links: Vec<Link>,
    differences: Vec<E::Difference>,
    additions: Vec<Addition>,
    /// Some sum is the identity: from then on each pair is looked at.
    identities: bool,
}

impl<E: Eight> From<Avx512> for Points<E> {
    fn from(token: Avx512) -> Self {
        let rows = vec![E::identities(token); E::COUNT + 1];
        Self { token, rows, links: Vec::new(), differences: Vec::new(), additions: Vec::new(), identities: false }
    }
}

/// A sum that is not made with the others: of the points in one lane of two rows.
struct Special<C: Curve> {
    row: Row,
    lane: usize,
    sum: Sum<C>,
}

/// P + Q, where one of them is the identity or both have one x.
#[derive(Clone, Copy)]
enum Sum<C: Curve> {
    Known(Affine<C>),
    /// 2 P, and the product of 2 y for those before it.
    Double(Affine<C>, C::BaseField),
}

impl<C: Curve> Sum<C> {
    /// The sum of P and Q; where it is 2 P, `product` is multiplied by 2 y.
    fn new(p: Affine<C>, q: Affine<C>, product: &mut C::BaseField) -> Self {
        if p.is_zero() {
            Self::Known(q)
        } else if q.is_zero() {
            Self::Known(p)
        } else if p.y != q.y {
            Self::Known(Affine::identity())
        } else {
            let before = *product;
            *product *= p.y.double();
            Self::Double(p, before)
        }
    }

    /// The point; `inverse` is that of the product up to this sum, and then of that before it.
    fn point(self, inverse: &mut C::BaseField) -> Affine<C> {
        match self {
            Self::Known(point) => point,
            Self::Double(p, before) => {
                let square = p.x.square();
                let slope = (square.double() + square) * *inverse * before;
                *inverse *= p.y.double();
                let x = slope.square() - p.x.double();
                Affine::new_unchecked(x, slope * (p.x - x) - p.y)
            }
        }
    }
}

impl<E: Eight> Points<E> {
    /// The inverses of the products of all differences, unless one of these is 0.
    fn forward(&mut self, additions: &[Addition]) -> Option<Products> {
        let (links, differences) = (&mut self.links[..additions.len()], &mut self.differences[..additions.len()]);
        chain::invert(self.token, E::pass_1(self.token, &self.rows, additions, links, differences))
    }

    /// Takes the lanes out of `additions` that the formulas do not fit, and does them; those with one x only if
    /// `same_x`.
    fn take_specials(
        &self,
        additions: &mut [Addition],
        same_x: bool,
        out: &mut Vec<Special<E::Curve>>,
        product: &mut <E::Curve as CurveConfig>::BaseField,
    ) {
        let t = self.token;
        for addition in additions {
            let (a, b) = (&self.rows[usize::from(addition.a)], &self.rows[usize::from(addition.b)]);
            let (identities, same) = E::compare(t, a, b);
            let lanes = (identities | if same_x { same } else { 0 }) & !addition.keep;
            addition.keep |= lanes;
            for lane in (0..LANES).filter(|lane| lanes >> lane & 1 == 1) {
                let sum = Sum::new(a.point(t, lane), b.point(t, lane), product);
                out.push(Special { row: addition.a, lane, sum });
            }
        }
    }

    /// Carries out an even number of additions.
    fn add_pairs(&mut self, additions: &mut [Addition], source: &[Line], next: &[[u32; LANES]]) {
        let (t, count) = (self.token, additions.len());
        if self.links.len() < count {
            self.links.resize(count, Link::new(t));
            self.differences.resize(count, E::difference(t));
        }
        let (mut specials, mut product) = (Vec::new(), <E::Curve as CurveConfig>::BaseField::ONE);
        if self.identities {
            self.take_specials(additions, false, &mut specials, &mut product);
        }
        let inverse = self.forward(additions).unwrap_or_else(|| {
            self.take_specials(additions, true, &mut specials, &mut product);
            self.forward(additions).expect("no difference is 0 any more")
        });
        chain::inverses(t, &mut self.links[..count], inverse);
        E::pass_3(t, &mut self.rows, additions, &self.links[..count], &self.differences[..count], source, next);
        if specials.is_empty() {
            return;
        }
        let mut inverse = product.fast_inverse();
        for Special { row, lane, sum } in specials.into_iter().rev() {
            let sum = sum.point(&mut inverse);
            self.identities |= sum.is_zero();
            self.rows[usize::from(row)].set(t, lane, &sum);
        }
    }
}

impl<E: Eight> Rows for Points<E> {
    const COUNT: usize = E::COUNT;

    fn begin(&mut self) {
        self.identities = false;
    }

    fn import(&mut self, source: &[Line], rows: &[Row], items: &[[u32; LANES]]) {
        E::import(self.token, &mut self.rows, rows, source, items, self.identities);
    }

    fn add(&mut self, additions: &[Addition], source: &[Line], next: &[[u32; LANES]]) {
        if additions.is_empty() {
            return;
        }
        let mut own = core::mem::take(&mut self.additions);
        own.clear();
        own.extend_from_slice(additions);
        if own.len() % 2 == 1 {
            own.push(Addition { a: E::COUNT as Row, b: E::COUNT as Row, keep: u8::MAX });
        }
        self.add_pairs(&mut own, source, next);
        self.additions = own;
    }

    fn export(&self, row: Row, places: &[u32; LANES], out: &mut [Line]) {
        self.rows[usize::from(row)].export(self.token, places, out);
    }
}
