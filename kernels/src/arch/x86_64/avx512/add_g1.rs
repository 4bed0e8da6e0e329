//! Additions on G1, eight at a time.
//!
//! For each pair P = (x1, y1), Q = (x2, y2): lambda = (y2 - y1) / (x2 - x1), x3 = lambda^2 - x1 - x2,
//! y3 = lambda (x1 - x3) - y1; the inverses by Montgomery's trick over all pairs: 5 products, a square, and a share of
//! one inversion for each addition.

use ark_bn254::g1;
use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::Affine;

use super::chain::{Link, Products, SIDE};
use super::field::{Carried, Factor, FqModulus, Lanes, Modulus, Raw, mul_fold, mul_fold_add, square};
use super::lines::{Ahead, load_lines, store_lines};
use super::points::{from_lane, to_lane};
use super::rows::{self, Eight};
use super::simd::{Avx512, kernel};
use crate::msm::lists::{Addition, LANES, Row};
use crate::msm::slab::Line;

type Fq<S, const B: u32> = Lanes<FqModulus, S, B>;

/// Rows that are asked for before they are read.
const AHEAD: usize = 4;
/// Vectors in a group of the third pass.
const GROUP: usize = 16;

/// Rows of points on G1.
pub(crate) type Points = rows::Points<EightG1>;

/// Eight points on G1.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct EightG1 {
    x: Fq<Carried, 9>,
    /// Raw: each sum on the way adds less than 2^57 to its limbs.
    y: Fq<Raw, 16>,
}

kernel! {
    fn import(t, rows: &mut [EightG1], to: &[Row], source: &[Line], items: &[[u32; LANES]], identities: bool) {
        let mut ahead = Ahead::new(source, 1, items);
        (0..AHEAD).for_each(|_| ahead.ask(t));
        for (to, own) in to.iter().zip(items) {
            ahead.ask(t);
            let [x, y] = load_lines(t, source, own, 1, 0);
            let mut minus = t.top_bits(own);
            if identities {
                minus &= !t.equal(t.or(t.or(y[0], y[1]), t.or(y[2], y[3])), t.zero());
            }
            let y: Fq<Carried, 9> = Lanes::unpack(t, y);
            rows[usize::from(*to)] = EightG1 { x: Lanes::unpack(t, x), y: y.negate_where::<2, 16>(t, minus) };
        }
    }
}

kernel! {
    fn export(t, eight: &EightG1, places: &[u32; LANES], out: &mut [Line]) {
        store_lines(t, [eight.x.pack(t), eight.y.reduce(t).pack(t)], out, places, 1, 0);
    }
}

kernel! {
    fn compare(t, a: &EightG1, b: &EightG1) -> (u8, u8) {
        let same = b.x.sub::<2, _, _, 25>(t, a.x).reduce(t).canonical(t).is_zero(t);
        (a.y.is_zero(t) | b.y.is_zero(t), same)
    }
}

kernel! {
    fn pass_1(t, rows: &[EightG1], additions: &[Addition], links: &mut [Link]) -> Products {
        let one = Fq::<Factor, 17>::from_limbs(Fq::<Carried, 17>::constant(t, FqModulus::ONE).0);
        let mut product = [one; SIDE];
        for (additions, links) in additions.chunks_exact(SIDE).zip(links.chunks_exact_mut(SIDE)) {
            for k in 0..SIDE {
                let addition = additions[k];
                let (a, b) = (&rows[usize::from(addition.a)], &rows[usize::from(addition.b)]);
                let mut dx = b.x.sub::<2, _, _, 25>(t, a.x).factor(t);
                if addition.keep != 0 {
                    dx = Lanes::select(t, addition.keep, one.widen(), dx);
                }
                links[k] = Link { element: dx, inverse: product[k] };
            }
            let elements = [&links[0].element, &links[1].element];
            let next = mul_fold::<_, _, _, SIDE, 17, 25, 17>(t, [&product[0], &product[1]], elements);
            product = [next[0].factor(t), next[1].factor(t)];
        }
        product
    }
}

kernel! {
    fn pass_3(
        t,
        rows: &mut [EightG1],
        additions: &[Addition],
        links: &[Link],
        source: &[Line],
        next: &[[u32; LANES]],
    ) {
        let zero = t.zero();
        let mut slope = [Fq::<Factor, 17>::from_limbs([zero; 5]); GROUP];
        let mut x3 = [Fq::<Carried, 9>::from_limbs([zero; 5]); GROUP];
        let mut back = [Fq::<Factor, 25>::from_limbs([zero; 5]); GROUP];
        let mut ahead = Ahead::new(source, 1, next);
        for (additions, links) in additions.chunks(GROUP).zip(links.chunks(GROUP)) {
            let group = additions.len();
            let mut k = 0;
            while k < group {
                ahead.ask(t);
                let dy = |k: usize| {
                    let Addition { a, b, .. } = additions[k];
                    rows[usize::from(b)].y.sub::<2, _, _, 32>(t, rows[usize::from(a)].y).factor(t)
                };
                let inverses = [&links[k].inverse, &links[k + 1].inverse];
                let r = mul_fold::<_, _, _, SIDE, 32, 17, 17>(t, [&dy(k), &dy(k + 1)], inverses);
                for j in 0..SIDE {
                    slope[k + j] = r[j].factor(t);
                }
                k += SIDE;
            }
            let mut k = 0;
            while k < group {
                ahead.ask(t);
                let r = square::<_, _, SIDE, 17, 17>(t, [&slope[k], &slope[k + 1]]);
                for j in 0..SIDE {
                    let Addition { a, b, .. } = additions[k + j];
                    let (x1, x2) = (rows[usize::from(a)].x, rows[usize::from(b)].x);
                    x3[k + j] = r[j].sub::<3, _, _, 41>(t, x1.add::<_, _, 18>(t, x2)).reduce(t);
                    back[k + j] = x1.sub::<2, _, _, 25>(t, x3[k + j]).factor(t);
                }
                k += SIDE;
            }
            let mut k = 0;
            while k < group {
                ahead.ask(t);
                let minus_y1 = |k: usize| rows[usize::from(additions[k].a)].y.minus::<2, 16>(t);
                let r = mul_fold_add::<_, _, _, _, SIDE, 17, 25, 16, 33>(
                    t,
                    [&slope[k], &slope[k + 1]],
                    [&back[k], &back[k + 1]],
                    [minus_y1(k), minus_y1(k + 1)],
                );
                for j in 0..SIDE {
                    let Addition { a, keep, .. } = additions[k + j];
                    let own = &mut rows[usize::from(a)];
                    let (mut x3, mut y3) = (x3[k + j], r[j].lower(t).widen());
                    if keep != 0 {
                        x3 = Lanes::select(t, keep, own.x, x3);
                        y3 = Lanes::select(t, keep, own.y, y3);
                    }
                    *own = EightG1 { x: x3, y: y3 };
                }
                k += SIDE;
            }
        }
    }
}

impl Eight for EightG1 {
    type Curve = g1::Config;
    type Difference = ();
    const COUNT: usize = 768;

    fn identities(t: Avx512) -> Self {
        Self { x: Lanes::from_limbs([t.zero(); 5]), y: Lanes::from_limbs([t.zero(); 5]) }
    }

    fn difference(_: Avx512) {}

    fn point(&self, t: Avx512, lane: usize) -> Affine<g1::Config> {
        if self.y.is_zero(t) >> lane & 1 == 1 {
            return Affine::identity();
        }
        Affine::new_unchecked(from_lane(t, self.x, lane), from_lane(t, self.y.reduce(t), lane))
    }

    fn set(&mut self, t: Avx512, lane: usize, point: &Affine<g1::Config>) {
        let (x, y) = point.xy().unwrap_or_default();
        to_lane(t, &mut self.x, lane, &x);
        to_lane(t, &mut self.y, lane, &y);
    }

    fn compare(t: Avx512, a: &Self, b: &Self) -> (u8, u8) {
        compare(t, a, b)
    }

    fn import(t: Avx512, rows: &mut [Self], to: &[Row], source: &[Line], items: &[[u32; LANES]], identities: bool) {
        import(t, rows, to, source, items, identities);
    }

    fn export(&self, t: Avx512, places: &[u32; LANES], out: &mut [Line]) {
        export(t, self, places, out);
    }

    fn pass_1(t: Avx512, rows: &[Self], additions: &[Addition], links: &mut [Link], _: &mut [()]) -> Products {
        pass_1(t, rows, additions, links)
    }

    fn pass_3(
        t: Avx512,
        rows: &mut [Self],
        additions: &[Addition],
        links: &[Link],
        _: &[()],
        source: &[Line],
        next: &[[u32; LANES]],
    ) {
        pass_3(t, rows, additions, links, source, next);
    }
}
