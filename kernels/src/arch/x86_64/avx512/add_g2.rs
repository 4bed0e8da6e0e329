//! Additions on G2, eight at a time: as [`add_g1`](super::add_g1), over Fq2.
//!
//! What is inverted are norms, in Fq: 1 / (a + b u) = (a - b u) / (a^2 + b^2).

use ark_bn254::{Fq2 as Element, g2};
use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::Affine;

use super::chain::{Link, Products, SIDE};
use super::field::{Carried, Factor, FqModulus, Lanes, Modulus, Raw, fold_columns, mul_fold, squares_columns};
use super::fq2::{self, Fq2};
use super::lines::{Ahead, load_lines, store_lines};
use super::points::{from_lane, to_lane};
use super::rows::{self, Eight};
use super::simd::{Avx512, kernel};
use crate::msm::lists::{Addition, LANES, Row};
use crate::msm::slab::Line;

/// Lines of a point.
const LINES: usize = 2;
/// Rows that are asked for before they are read.
const AHEAD: usize = 4;
/// Vectors in a group of the third pass.
const GROUP: usize = 4;

/// Rows of points on G2.
pub(crate) type Points = rows::Points<EightG2>;

/// Eight points on G2.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct EightG2 {
    x: Fq2<Carried, 9>,
    /// Raw: each sum on the way adds less than 2^58 to its limbs.
    y: Fq2<Raw, 16>,
}

kernel! {
    fn import(t, rows: &mut [EightG2], to: &[Row], source: &[Line], items: &[[u32; LANES]], identities: bool) {
        let mut ahead = Ahead::new(source, LINES, items);
        (0..AHEAD).for_each(|_| ahead.ask(t));
        for (to, own) in to.iter().zip(items) {
            ahead.ask(t);
            let [x0, x1] = load_lines(t, source, own, LINES, 0);
            let [y0, y1] = load_lines(t, source, own, LINES, 1);
            let mut minus = t.top_bits(own);
            if identities {
                let any = |w: [super::simd::V; 4]| t.or(t.or(w[0], w[1]), t.or(w[2], w[3]));
                minus &= !t.equal(t.or(any(y0), any(y1)), t.zero());
            }
            let (y0, y1): (Lanes<_, Carried, 9>, Lanes<_, Carried, 9>) = (Lanes::unpack(t, y0), Lanes::unpack(t, y1));
            rows[usize::from(*to)] = EightG2 {
                x: [Lanes::unpack(t, x0), Lanes::unpack(t, x1)],
                y: [y0.negate_where::<2, 16>(t, minus), y1.negate_where::<2, 16>(t, minus)],
            };
        }
    }
}

kernel! {
    fn export(t, eight: &EightG2, places: &[u32; LANES], out: &mut [Line]) {
        let [x, y] = [eight.x, fq2::reduce(t, &eight.y)];
        store_lines(t, [x[0].pack(t), x[1].pack(t)], out, places, LINES, 0);
        store_lines(t, [y[0].pack(t), y[1].pack(t)], out, places, LINES, 1);
    }
}

kernel! {
    fn compare(t, a: &EightG2, b: &EightG2) -> (u8, u8) {
        let [d0, d1] = fq2::reduce(t, &fq2::sub::<2, _, _, _, _, 25>(t, &b.x, &a.x));
        let identity = (a.y[0].is_zero(t) & a.y[1].is_zero(t)) | (b.y[0].is_zero(t) & b.y[1].is_zero(t));
        (identity, d0.canonical(t).is_zero(t) & d1.canonical(t).is_zero(t))
    }
}

kernel! {
    fn pass_1(
        t,
        rows: &[EightG2],
        additions: &[Addition],
        links: &mut [Link],
        differences: &mut [Fq2<Factor, 25>],
    ) -> Products {
        let one = Lanes::<FqModulus, Carried, 17>::constant(t, FqModulus::ONE);
        let one = Lanes::<FqModulus, Factor, 17>::from_limbs(one.0);
        let mut product = [one; SIDE];
        let chunks = additions.chunks_exact(SIDE).zip(links.chunks_exact_mut(SIDE));
        for ((additions, links), differences) in chunks.zip(differences.chunks_exact_mut(SIDE)) {
            for k in 0..SIDE {
                let Addition { a, b, keep } = additions[k];
                let (a, b) = (&rows[usize::from(a)], &rows[usize::from(b)]);
                let dx = fq2::factor(t, &fq2::sub::<2, _, _, _, _, 25>(t, &b.x, &a.x));
                // (25^2 + 25^2) / 676 + 16 < 18.
                let [norm]: [Lanes<FqModulus, Raw, 18>; 1] = fold_columns(t, [squares_columns(t, [&dx[0], &dx[1]])]);
                let mut norm = norm.factor(t).widen();
                if keep != 0 {
                    norm = Lanes::select(t, keep, one.widen(), norm);
                }
                differences[k] = dx;
                links[k] = Link { element: norm, inverse: product[k] };
            }
            let next = mul_fold::<_, _, _, SIDE, 17, 25, 17>(
                t,
                [&product[0], &product[1]],
                [&links[0].element, &links[1].element],
            );
            product = [next[0].factor(t), next[1].factor(t)];
        }
        product
    }
}

kernel! {
    fn pass_3(
        t,
        rows: &mut [EightG2],
        additions: &[Addition],
        links: &[Link],
        differences: &[Fq2<Factor, 25>],
        source: &[Line],
        next: &[[u32; LANES]],
    ) {
        let zero = t.zero();
        let mut slope: [fq2::Slope; GROUP] = [(Lanes::from_limbs([zero; 5]), Lanes::from_limbs([zero; 5])); GROUP];
        let mut x3 = [[Lanes::<FqModulus, Carried, 9>::from_limbs([zero; 5]); 2]; GROUP];
        let mut back = [[Lanes::<FqModulus, Factor, 25>::from_limbs([zero; 5]); 2]; GROUP];
        let mut ahead = Ahead::new(source, LINES, next);
        let groups = additions.chunks(GROUP).zip(links.chunks(GROUP)).zip(differences.chunks(GROUP));
        for ((additions, links), differences) in groups {
            for (k, Addition { a, b, .. }) in additions.iter().enumerate() {
                ahead.ask(t);
                let (dx, inverse) = (&differences[k], &links[k].inverse);
                // (w0 - w1 u) dx = 1.
                let w = mul_fold::<_, _, _, 2, 25, 17, 17>(t, [&dx[0], &dx[1]], [inverse, inverse]);
                let w = [w[0].factor(t), w[1].factor(t)];
                let dy = fq2::sub::<2, _, _, _, _, 32>(t, &rows[usize::from(*b)].y, &rows[usize::from(*a)].y);
                slope[k] = fq2::times_conjugate(t, &fq2::factor(t, &dy), &w);
            }
            for (k, Addition { a, b, .. }) in additions.iter().enumerate() {
                ahead.ask(t);
                let (x1, x2) = (&rows[usize::from(*a)].x, &rows[usize::from(*b)].x);
                let x_sum: Fq2<Raw, 18> = fq2::add(t, x1, x2);
                let square = fq2::square(t, &slope[k]);
                x3[k] = [
                    square.0.sub::<3, _, _, 49>(t, x_sum[0]).reduce(t),
                    square.1.sub::<3, _, _, 58>(t, x_sum[1]).reduce(t),
                ];
                back[k] = fq2::factor(t, &fq2::sub::<2, _, _, _, _, 25>(t, x1, &x3[k]));
            }
            for (k, Addition { a, keep, .. }) in additions.iter().enumerate() {
                ahead.ask(t);
                let own = &mut rows[usize::from(*a)];
                let mut x3 = x3[k];
                let mut y3 = fq2::times_minus(t, &slope[k], &back[k], &own.y);
                if *keep != 0 {
                    x3 = fq2::select(t, *keep, &own.x, &x3);
                    y3 = fq2::select(t, *keep, &own.y, &y3);
                }
                *own = EightG2 { x: x3, y: y3 };
            }
        }
    }
}

impl Eight for EightG2 {
    type Curve = g2::Config;
    type Difference = Fq2<Factor, 25>;
    const COUNT: usize = 384;

    fn identities(t: Avx512) -> Self {
        let zero = [t.zero(); 5];
        Self { x: [Lanes::from_limbs(zero); 2], y: [Lanes::from_limbs(zero); 2] }
    }

    fn difference(t: Avx512) -> Fq2<Factor, 25> {
        [Lanes::from_limbs([t.zero(); 5]); 2]
    }

    fn point(&self, t: Avx512, lane: usize) -> Affine<g2::Config> {
        if (self.y[0].is_zero(t) & self.y[1].is_zero(t)) >> lane & 1 == 1 {
            return Affine::identity();
        }
        let element = |x: &Fq2<Carried, 9>| Element::new(from_lane(t, x[0], lane), from_lane(t, x[1], lane));
        Affine::new_unchecked(element(&self.x), element(&fq2::reduce(t, &self.y)))
    }

    fn set(&mut self, t: Avx512, lane: usize, point: &Affine<g2::Config>) {
        let (x, y) = point.xy().unwrap_or_default();
        for (own, element) in self.x.iter_mut().zip([x.c0, x.c1]) {
            to_lane(t, own, lane, &element);
        }
        for (own, element) in self.y.iter_mut().zip([y.c0, y.c1]) {
            to_lane(t, own, lane, &element);
        }
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

    fn pass_1(
        t: Avx512,
        rows: &[Self],
        additions: &[Addition],
        links: &mut [Link],
        differences: &mut [Self::Difference],
    ) -> Products {
        pass_1(t, rows, additions, links, differences)
    }

    fn pass_3(
        t: Avx512,
        rows: &mut [Self],
        additions: &[Addition],
        links: &[Link],
        differences: &[Self::Difference],
        source: &[Line],
        next: &[[u32; LANES]],
    ) {
        pass_3(t, rows, additions, links, differences, source, next);
    }
}
