//! Miller loops of many pairs, eight at a time: one accumulator for all, its lanes multiplied together at the end.
//!
//! Points stay affine: the denominators of one step of all pairs share one inversion, in Fq, of their norms. A line
//! through T and Q at P = (x, y), divided by y, is 1 - (λ x / y) w + ((λ x_T - y_T) / y) w^3.

#![allow(unsafe_code)]

use alloc::vec;
use alloc::vec::Vec;

use ark_bn254::{Config, Fq2 as Element2, Fq12 as Target, G1Affine, G2Affine};
use ark_ec::bn::BnConfig;

use super::chain::{self, Link, Products, SIDE, ones, take};
use super::field::{Carried, Factor, FqModulus, Lanes, Raw, fold_columns, mul_fold, squares_columns};
use super::fq2::{self, Fq2};
use super::fq12::{Fq12, Line};
use super::lines::import;
use super::points::{from_lane, limbs};
use super::simd::{Avx512, kernel};
use crate::pairing::{Loops, Step, run_steps};

type Fq<S, const B: u32> = Lanes<FqModulus, S, B>;

/// Lanes of a vector.
const LANES: usize = 8;

/// Eight pairs: T and Q on the twist, and of P what lines take.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Eight {
    x: Fq2<Carried, 9>,
    y: Fq2<Carried, 9>,
    qx: Fq2<Carried, 9>,
    qy: Fq2<Carried, 9>,
    /// -x / y of P.
    px: Fq<Carried, 9>,
    /// 1 / y of P.
    py: Fq<Carried, 9>,
}

/// Denominators of slopes.
type Differences = [Fq2<Factor, 25>];

/// An element of arkworks in all lanes.
fn splat2(t: Avx512, x: &Element2) -> Fq2<Carried, 8> {
    [Lanes::constant(t, limbs(&x.c0)), Lanes::constant(t, limbs(&x.c1))]
}

kernel! {
    /// Pairs in lanes; of P the coordinates themselves as yet.
    fn import_pairs(t, pairs: &[(G1Affine, G2Affine)], eights: &mut [Eight]) {
        for (pairs, eight) in pairs.chunks(LANES).zip(eights) {
            let mut at = [[&pairs[0].0.x; LANES]; 6];
            for lane in 0..LANES {
                // A tail is filled up with its last pair.
                let (p, q) = &pairs[lane.min(pairs.len() - 1)];
                at[0][lane] = &p.x;
                at[1][lane] = &p.y;
                at[2][lane] = &q.x.c0;
                at[3][lane] = &q.x.c1;
                at[4][lane] = &q.y.c0;
                at[5][lane] = &q.y.c1;
            }
            let (x, y) = ([import(t, at[2]), import(t, at[3])], [import(t, at[4]), import(t, at[5])]);
            *eight = Eight { x, y, qx: x, qy: y, px: import(t, at[0]), py: import(t, at[1]) };
        }
    }
}

kernel! {
    /// Forward over the y of P.
    fn forward_p(t, eights: &[Eight], links: &mut [Link]) -> Products {
        let mut product = ones(t);
        for (eights, links) in eights.chunks(SIDE).zip(links.chunks_exact_mut(SIDE)) {
            for k in 0..SIDE {
                links[k].element = match eights.get(k) {
                    Some(eight) => eight.py.as_factor().widen(),
                    None => ones(t)[0].widen(),
                };
            }
            take(t, &mut product, links);
        }
        product
    }
}

kernel! {
    /// -x / y and 1 / y of P; 0 and 0 in the lanes of the last vector that are not among `last`.
    fn finish_p(t, eights: &mut [Eight], links: &[Link], last: u8) {
        let count = eights.len();
        for (k, (eight, link)) in eights.iter_mut().zip(links).enumerate() {
            let [x]: [Fq<Raw, 17>; 1] = mul_fold(t, [&eight.px], [&link.inverse]);
            let (x, y) = (x.minus::<3, 24>(t).reduce(t), link.inverse.masked(t).reduce(t));
            let zero = Lanes::from_limbs([t.zero(); 5]);
            let kept = if k + 1 == count { last } else { u8::MAX };
            eight.px = Lanes::select(t, kept, x, zero);
            eight.py = Lanes::select(t, kept, y, zero);
        }
    }
}

kernel! {
    /// Forward over the norms of the denominators.
    fn forward(t, step: Step, eights: &[Eight], differences: &mut Differences, links: &mut [Link]) -> Products {
        let mut product = ones(t);
        let chunks = eights.chunks(SIDE).zip(differences.chunks_mut(SIDE)).zip(links.chunks_exact_mut(SIDE));
        for ((eights, differences), links) in chunks {
            for k in 0..SIDE {
                let Some(eight) = eights.get(k) else {
                    links[k].element = ones(t)[0].widen();
                    continue;
                };
                let d: Fq2<Raw, 25> = match step {
                    Step::Double => fq2::add(t, &eight.y, &eight.y),
                    _ => fq2::sub::<2, _, _, _, _, 25>(t, &eight.x, &eight.qx),
                };
                let d = fq2::factor(t, &d);
                // (25^2 + 25^2) / 676 + 16 < 18.
                let [norm]: [Fq<Raw, 18>; 1] = fold_columns(t, [squares_columns(t, [&d[0], &d[1]])]);
                differences[k] = d;
                links[k].element = norm.factor(t).widen();
            }
            take(t, &mut product, links);
        }
        product
    }
}

kernel! {
    /// Puts 1 in the place of each element that is 0, whose lanes are added to `zeros`, and goes forward again.
    fn repair(t, links: &mut [Link], zeros: &mut [u8]) -> Products {
        let mut product = ones(t);
        for (vector, links) in links.chunks_exact_mut(SIDE).enumerate() {
            for k in 0..SIDE {
                let element = links[k].element;
                let [value]: [Fq<Raw, 17>; 1] = mul_fold(t, [&element], [&ones(t)[0]]);
                let zero = value.reduce(t).canonical(t).is_zero(t);
                links[k].element = Lanes::select(t, zero, ones(t)[0].widen(), element);
                if let Some(zeros) = zeros.get_mut(SIDE * vector + k) {
                    *zeros |= zero;
                }
            }
            take(t, &mut product, links);
        }
        product
    }
}

/// The slope of a step, from the inverse of the norm of its denominator.
#[inline(always)]
fn slope(t: Avx512, step: Step, eight: &Eight, d: &Fq2<Factor, 25>, inverse: &Fq<Factor, 17>) -> Fq2<Factor, 27> {
    let w = fq2::factor(t, &fq2::scale::<_, _, _, _, 17>(t, d, inverse));
    let numerator: Fq2<Raw, 102> = match step {
        Step::Double => {
            let square: Fq2<Raw, 34> = fq2::squared(t, &eight.x);
            [square[0].thrice(t), square[1].thrice(t)]
        }
        Step::Plus => fq2::sub::<2, _, _, _, _, 102>(t, &eight.y, &eight.qy),
        Step::Minus => fq2::add(t, &eight.y, &eight.qy),
    };
    fq2::factor(t, &fq2::mul_conjugate::<_, _, _, _, 27>(t, &fq2::factor(t, &numerator), &w))
}

/// The line of a step of this slope.
#[inline(always)]
fn line(t: Avx512, eight: &Eight, slope: &Fq2<Factor, 27>) -> Line {
    let constant: Fq2<Raw, 41> = fq2::mul_sub::<2, _, _, _, _, _, _, _>(t, slope, &eight.x, &eight.y);
    let a = fq2::scale::<_, _, _, _, 17>(t, slope, &eight.px);
    let b = fq2::scale::<_, _, _, _, 17>(t, &fq2::factor(t, &constant), &eight.py);
    Line::new(t, &a, &b)
}

/// T goes on by a step of this slope.
#[inline(always)]
fn go_on(t: Avx512, step: Step, eight: &mut Eight, slope: &Fq2<Factor, 27>) {
    let (x, y) = (eight.x, eight.y);
    let other = if step == Step::Double { &eight.x } else { &eight.qx };
    let sum: Fq2<Raw, 18> = fq2::add(t, &x, other);
    let square: Fq2<Raw, 36> = fq2::squared(t, slope);
    let x3 = fq2::reduce(t, &fq2::sub::<3, _, _, _, _, 60>(t, &square, &sum));
    let back = fq2::factor(t, &fq2::sub::<2, _, _, _, _, 25>(t, &x, &x3));
    let y3: Fq2<Raw, 41> = fq2::mul_sub::<2, _, _, _, _, _, _, _>(t, slope, &back, &y);
    eight.x = x3;
    eight.y = fq2::reduce(t, &y3);
}

kernel! {
    /// All pairs go on by a step, and the accumulator takes their lines.
    fn finish(t, step: Step, eights: &mut [Eight], differences: &Differences, links: &[Link], f: &mut Fq12) {
        for ((eight, d), link) in eights.iter_mut().zip(differences).zip(links) {
            let slope = slope(t, step, eight, d, &link.inverse);
            let line = line(t, eight, &slope);
            go_on(t, step, eight, &slope);
            f.times_line(t, &line);
        }
    }
}

kernel! {
    /// As [`finish`], of the points alone.
    fn finish_points(t, step: Step, eights: &mut [Eight], differences: &Differences, links: &[Link]) {
        for ((eight, d), link) in eights.iter_mut().zip(differences).zip(links) {
            let slope = slope(t, step, eight, d, &link.inverse);
            go_on(t, step, eight, &slope);
        }
    }
}

kernel! {
    fn square(t, f: &mut Fq12) {
        f.square(t);
    }
}

kernel! {
    /// Q becomes ψ(Q): conjugates times constants.
    fn frobenius(t, eights: &mut [Eight], by: &[Fq2<Carried, 8>; 2]) {
        for eight in eights {
            eight.qx = fq2::reduce(t, &fq2::mul_conjugate::<_, _, _, _, 25>(t, &by[0], &eight.qx));
            eight.qy = fq2::reduce(t, &fq2::mul_conjugate::<_, _, _, _, 25>(t, &by[1], &eight.qy));
        }
    }
}

kernel! {
    /// The lanes where T is not -Q.
    fn differ(t, eight: &Eight) -> u8 {
        let dx: Fq2<Raw, 25> = fq2::sub::<2, _, _, _, _, 25>(t, &eight.x, &eight.qx);
        let sum: Fq2<Raw, 18> = fq2::add(t, &eight.y, &eight.qy);
        let mut same = u8::MAX;
        for k in 0..2 {
            same &= dx[k].reduce(t).canonical(t).is_zero(t) & sum[k].reduce(t).canonical(t).is_zero(t);
        }
        !same
    }
}

/// What the loops of a batch work on.
struct Vectors {
    token: Avx512,
    eights: Vec<Eight>,
    differences: Vec<Fq2<Factor, 25>>,
    links: Vec<Link>,
    /// The lanes of each vector whose Q is known to be outside the subgroup.
    outside: Vec<u8>,
    f: Fq12,
    lines: bool,
    pairs: usize,
}

impl Vectors {
    fn new(t: Avx512, pairs: &[(G1Affine, G2Affine)], lines: bool) -> Self {
        let count = pairs.len().div_ceil(LANES);
        let zero = Lanes::from_limbs([t.zero(); 5]);
        let empty = Eight { x: [zero; 2], y: [zero; 2], qx: [zero; 2], qy: [zero; 2], px: zero, py: zero };
        let mut loops = Self {
            token: t,
            eights: vec![empty; count],
            differences: vec![[Lanes::from_limbs([t.zero(); 5]); 2]; count],
            links: vec![Link::new(t); count.next_multiple_of(SIDE)],
            outside: vec![0; count],
            f: Fq12::one(t),
            lines,
            pairs: pairs.len(),
        };
        import_pairs(t, pairs, &mut loops.eights);
        let products = forward_p(t, &loops.eights, &mut loops.links);
        let inverse = chain::invert(t, products).expect("no point of G1 has y = 0, as its order is odd");
        chain::inverses(t, &mut loops.links, inverse);
        let last = u8::MAX >> (count * LANES - pairs.len());
        finish_p(t, &mut loops.eights, &loops.links, last);
        loops
    }

    /// The product over the lanes.
    fn product(&self) -> Target {
        let t = self.token;
        let element = |k: usize, lane: usize| {
            Element2::new(from_lane(t, self.f.0[k][0], lane), from_lane(t, self.f.0[k][1], lane))
        };
        let lane = |lane: usize| {
            let [f0, f1, f2, f3, f4, f5] = [0, 1, 2, 3, 4, 5].map(|k| element(k, lane));
            Target::new(ark_bn254::Fq6::new(f0, f2, f4), ark_bn254::Fq6::new(f1, f3, f5))
        };
        (1..LANES).fold(lane(0), |product, k| product * lane(k))
    }
}

impl Loops for Vectors {
    fn square(&mut self) {
        if self.lines {
            square(self.token, &mut self.f);
        }
    }

    fn step(&mut self, step: Step) {
        let t = self.token;
        let products = forward(t, step, &self.eights, &mut self.differences, &mut self.links);
        let inverse = match chain::invert(t, products) {
            Some(inverse) => inverse,
            None => {
                let products = repair(t, &mut self.links, &mut self.outside);
                chain::invert(t, products).expect("no element is 0 any more")
            }
        };
        chain::inverses(t, &mut self.links, inverse);
        if self.lines {
            finish(t, step, &mut self.eights, &self.differences, &self.links, &mut self.f);
        } else {
            finish_points(t, step, &mut self.eights, &self.differences, &self.links);
        }
    }

    fn frobenius(&mut self) {
        let t = self.token;
        let by = [splat2(t, &Config::TWIST_MUL_BY_Q_X), splat2(t, &Config::TWIST_MUL_BY_Q_Y)];
        frobenius(t, &mut self.eights, &by);
    }

    fn compare(&mut self) {
        for (eight, outside) in self.eights.iter().zip(&mut self.outside) {
            *outside |= differ(self.token, eight);
        }
    }

    fn outside(&self) -> Vec<usize> {
        (0..self.pairs).filter(|k| self.outside[k / LANES] >> (k % LANES) & 1 == 1).collect()
    }
}

/// As [`miller_loops`](crate::miller_loops), for pairs without an identity; without `lines` the product is 1.
pub(crate) fn run(t: Avx512, pairs: &[(G1Affine, G2Affine)], lines: bool) -> (Target, Vec<usize>) {
    let mut loops = Vectors::new(t, pairs, lines);
    run_steps(&mut loops);
    (loops.product(), loops.outside())
}
