//! Points of G1 times factors of their own, eight points at a time.
//!
//! 64 doublings and 32 additions of a multiple of the point by a digit, in Jacobian coordinates. No addition meets the
//! same point twice, or its negative: the sum so far is a multiple of the point by a number of Z[ω] that 4 divides and
//! that is not 0, and the digit is another one, both far too small to be the same modulo r.

#![allow(unsafe_code)]

use alloc::vec;
use alloc::vec::Vec;

use ark_bn254::{Fq as Element, G1Affine, g1};
use ark_ec::scalar_mul::glv::GLVConfig;
use ark_ff::Field;

use super::chain::{self, Link, Products, SIDE, ones, take};
use super::field::{
    Carried, Columns, Factor as Multiplied, FqModulus, Lanes, Modulus, Raw, add_product_columns, fold_columns,
    mul_fold, mul_fold_add, split, square,
};
use super::lines::{elements, import};
use super::points::limbs;
use super::simd::{Avx512, kernel};
use crate::invert::power_of_two;

use crate::scale::{DIGITS, Digit, Factor};

type Fq<S, const B: u32> = Lanes<FqModulus, S, B>;

const LANES: usize = 8;
/// Multiplying by it takes R = 2^260 to arkworks' 2^256.
const TO_ARK: [u64; 5] = split(power_of_two(FqModulus::WORDS, 256));

/// Eight points, affine, then their multiples.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Eight {
    x: Fq<Carried, 9>,
    y: Fq<Carried, 24>,
    z: Fq<Multiplied, 18>,
}

/// x y / 2^260, below 17/8 p.
#[inline(always)]
fn mul<S: super::field::Multiplicand, T: super::field::Multiplicand, const A: u32, const B: u32, const OUT: u32>(
    t: Avx512,
    x: &Fq<S, A>,
    y: &Fq<T, B>,
) -> Fq<Raw, OUT> {
    let [r] = mul_fold(t, [x], [y]);
    r
}

#[inline(always)]
fn squared<S: super::field::Multiplicand, const A: u32, const OUT: u32>(t: Avx512, x: &Fq<S, A>) -> Fq<Raw, OUT> {
    let [r] = square(t, [x]);
    r
}

/// (x y + v w) / 2^260, below 23/8 p.
#[inline(always)]
fn sum_of_products<const A: u32, const B: u32, const C: u32, const D: u32>(
    t: Avx512,
    (x, y): (&Fq<Multiplied, A>, &Fq<Multiplied, B>),
    (v, w): (&Fq<Multiplied, C>, &Fq<Multiplied, D>),
) -> Fq<Carried, 24> {
    const { assert!(16 + (A * B + C * D).div_ceil(676) <= 24) };
    let c: Columns = add_product_columns(t, add_product_columns(t, [t.zero(); 10], x, y), v, w);
    let [r]: [Fq<Raw, 24>; 1] = fold_columns(t, [c]);
    r.carry(t)
}

impl Eight {
    /// Twice the points: a = 0, dbl-2009-l.
    #[inline(always)]
    fn double(&mut self, t: Avx512) {
        let a: Fq<Raw, 17> = squared(t, &self.x);
        let b: Fq<Raw, 17> = squared(t, &self.y);
        let b4 = b.twice::<34>(t).twice::<68>(t).factor(t);
        let d: Fq<Raw, 17> = mul(t, &self.x, &b4);
        let e = a.thrice::<51>(t).factor(t);
        let f: Fq<Raw, 20> = squared(t, &e);
        let x3 = f.sub::<5, _, _, 60>(t, d.twice::<34>(t)).reduce(t);
        let back = d.sub::<2, _, _, 33>(t, x3).factor(t);
        // 8 y^4 = 2 y^2 * 4 y^2.
        let minus_b2 = b.twice::<34>(t).minus::<5, 40>(t).factor(t);
        let y2 = self.y.twice::<48>(t).factor(t);
        self.z = mul::<_, _, 48, 18, 18>(t, &y2, &self.z).factor(t);
        self.y = sum_of_products(t, (&e, &back), (&b4, &minus_b2));
        self.x = x3;
    }

    /// The sums with affine points in the lanes of `mask`.
    #[inline(always)]
    fn add(&mut self, t: Avx512, mask: u8, x2: &Fq<Carried, 9>, y2: &Fq<Multiplied, 16>) {
        let zz = squared::<_, 18, 17>(t, &self.z).factor(t);
        let [h] = mul_fold_add::<_, _, _, _, 1, 9, 17, 16, 33>(t, [x2], [&zz], [self.x.minus::<2, 16>(t)]);
        let h = h.factor(t);
        let zzz = mul::<_, _, 18, 17, 17>(t, &self.z, &zz).factor(t);
        let [r] = mul_fold_add::<_, _, _, _, 1, 16, 17, 24, 41>(t, [y2], [&zzz], [self.y.minus::<3, 24>(t)]);
        let r = r.factor(t);
        let hh = squared::<_, 33, 18>(t, &h).factor(t);
        let hhh: Fq<Raw, 17> = mul(t, &h, &hh);
        let v = mul::<_, _, 9, 18, 17>(t, &self.x, &hh).lower(t);
        let subtracted = hhh.add::<_, _, 35>(t, v.twice::<18>(t));
        let x3 = squared::<_, 41, 19>(t, &r).sub::<5, _, _, 59>(t, subtracted).reduce(t);
        let back = v.sub::<2, _, _, 25>(t, x3).factor(t);
        let minus_y = self.y.minus::<3, 24>(t).factor(t);
        let y3 = sum_of_products(t, (&r, &back), (&hhh.factor(t), &minus_y));
        let z3 = mul::<_, _, 18, 33, 18>(t, &self.z, &h).factor(t);
        self.x = Lanes::select(t, mask, x3, self.x);
        self.y = Lanes::select(t, mask, y3, self.y);
        self.z = Lanes::select(t, mask, z3, self.z);
    }
}

/// The multiples of eight points that digits name: by class and power of ω.
struct Table {
    x: [[Fq<Carried, 9>; 3]; 3],
    y: [Fq<Carried, 9>; 3],
}

/// x, β x and β^2 x.
#[inline(always)]
fn images(t: Avx512, x: Fq<Carried, 9>, beta: &Fq<Carried, 8>) -> [Fq<Carried, 9>; 3] {
    let second = mul::<_, _, 9, 8, 17>(t, &x, beta).reduce(t);
    [x, second, x.add::<_, _, 18>(t, second).minus::<3, 24>(t).reduce(t)]
}

/// The third point of a line of this slope through (x1, y1) and a point with x2.
#[inline(always)]
fn third(
    t: Avx512,
    slope: &Fq<Multiplied, 17>,
    x1: &Fq<Carried, 9>,
    y1: &Fq<Carried, 9>,
    x2: &Fq<Carried, 9>,
) -> (Fq<Carried, 9>, Fq<Carried, 9>) {
    let x3 = squared::<_, 17, 17>(t, slope).sub::<3, _, _, 41>(t, x1.add::<_, _, 18>(t, *x2)).reduce(t);
    let back = x1.sub::<2, _, _, 25>(t, x3).factor(t);
    let [y3] = mul_fold_add::<_, _, _, _, 1, 17, 25, 16, 33>(t, [slope], [&back], [y1.minus::<2, 16>(t)]);
    (x3, y3.reduce(t))
}

impl Table {
    /// From x, y and 1 / (x y).
    #[inline(always)]
    fn new(
        t: Avx512,
        x: Fq<Carried, 9>,
        y: Fq<Carried, 9>,
        inverse: &Fq<Multiplied, 17>,
        constants: &Constants,
    ) -> Self {
        let of_x = mul::<_, _, 9, 17, 17>(t, &y, inverse).factor(t);
        let of_y = mul::<_, _, 9, 17, 17>(t, &x, inverse).factor(t);
        let one = images(t, x, &constants.beta);
        // P - (β x, y) has the slope -2 y / ((β - 1) x).
        let slope = mul::<_, _, 9, 17, 17>(t, &y, &of_x).factor(t);
        let slope = mul::<_, _, 17, 8, 17>(t, &slope, &constants.chord).factor(t);
        let (x_chord, y_chord) = third(t, &slope, &x, &y, &one[1]);
        // 2 P has the slope 3 x^2 / (2 y).
        let square = squared::<_, 9, 17>(t, &x).factor(t);
        let slope = mul::<_, _, 17, 17, 17>(t, &square, &of_y).factor(t);
        let slope = mul::<_, _, 17, 8, 17>(t, &slope, &constants.tangent).factor(t);
        let (x_tangent, y_tangent) = third(t, &slope, &x, &y, &x);
        Self {
            x: [one, images(t, x_chord, &constants.beta), images(t, x_tangent, &constants.beta)],
            y: [y, y_chord, y_tangent],
        }
    }
}

/// What tables take.
struct Constants {
    beta: Fq<Carried, 8>,
    /// -2 / (β - 1).
    chord: Fq<Carried, 8>,
    /// 3 / 2.
    tangent: Fq<Carried, 8>,
}

/// The lanes in which a digit is of a class, has as many turns, or is negative.
#[derive(Clone, Copy, Debug, Default)]
struct Masks {
    class: [u8; 3],
    turns: [u8; 3],
    negative: u8,
}

/// For each code.
const CODES: [Digit; 16] = {
    let mut codes = [Digit::new(0); 16];
    let mut code = 0;
    while code < 16 {
        codes[code] = Digit::new(code as u8);
        code += 1;
    }
    codes
};

#[inline(always)]
fn masks(factors: &[Factor; LANES], j: usize) -> Masks {
    let mut masks = Masks::default();
    for lane in 0..LANES {
        let digit = CODES[usize::from(factors[lane].code(j))];
        let bit = 1 << lane;
        if let Some(class) = digit.class {
            masks.class[class] |= bit;
        }
        masks.turns[digit.turns] |= bit;
        masks.negative |= u8::from(digit.negative) << lane;
    }
    masks
}

#[inline(always)]
fn export<S: super::field::Multiplicand, const B: u32>(t: Avx512, x: &Fq<S, B>) -> [Element; 8] {
    let x = mul::<_, _, B, 8, 17>(t, x, &Fq::<Carried, 8>::constant(t, TO_ARK));
    elements(x.reduce(t).canonical(t).pack(t))
}

kernel! {
    fn start(t, points: &[G1Affine], eights: &mut [Eight], links: &mut [Link]) -> Products {
        let mut product = ones(t);
        for (k, links) in links.chunks_exact_mut(SIDE).enumerate() {
            for side in 0..SIDE {
                let k = SIDE * k + side;
                links[side].element = ones(t)[0].widen();
                let Some(eight) = eights.get_mut(k) else { continue };
                let points = &points[LANES * k..];
                let mut at = [[&points[0].x; LANES]; 2];
                for lane in 0..LANES {
                    let point = &points[lane.min(points.len() - 1)];
                    at[0][lane] = &point.x;
                    at[1][lane] = &point.y;
                }
                let (x, y) = (import(t, at[0]), import(t, at[1]));
                *eight = Eight { x, y: y.widen(), z: ones(t)[0].widen() };
                links[side].element = mul::<_, _, 9, 9, 17>(t, &x, &y).factor(t).widen();
            }
            take(t, &mut product, links);
        }
        product
    }
}

kernel! {
    fn run(t, eights: &mut [Eight], links: &mut [Link], factors: &[Factor], constants: &Constants) {
        for ((eight, link), factors) in eights.iter_mut().zip(links).zip(factors.chunks(LANES)) {
            let mut own = [factors[0]; LANES];
            own[..factors.len()].copy_from_slice(factors);
            let y = Fq::<Carried, 9>::from_limbs(eight.y.0);
            let table = Table::new(t, eight.x, y, &link.inverse, constants);
            let mut sum = *eight;
            for j in (0..DIGITS).rev() {
                sum.double(t);
                sum.double(t);
                let masks = masks(&own, j);
                let mut x = [table.x[0][0]; 3];
                for k in 0..3 {
                    x[k] = Lanes::select(t, masks.turns[1], table.x[k][1], table.x[k][0]);
                    x[k] = Lanes::select(t, masks.turns[2], table.x[k][2], x[k]);
                }
                let mut y = table.y[0];
                for k in 1..3 {
                    x[0] = Lanes::select(t, masks.class[k], x[k], x[0]);
                    y = Lanes::select(t, masks.class[k], table.y[k], y);
                }
                let y = y.negate_where::<2, 16>(t, masks.negative).factor(t);
                sum.add(t, masks.class[0] | masks.class[1] | masks.class[2], &x[0], &y);
            }
            *eight = sum;
        }
    }
}

kernel! {
    fn forward(t, eights: &[Eight], links: &mut [Link]) -> Products {
        let mut product = ones(t);
        for (eights, links) in eights.chunks(SIDE).zip(links.chunks_exact_mut(SIDE)) {
            for k in 0..SIDE {
                links[k].element = match eights.get(k) {
                    Some(eight) => eight.z.widen(),
                    None => ones(t)[0].widen(),
                };
            }
            take(t, &mut product, links);
        }
        product
    }
}

kernel! {
    fn finish(t, eights: &[Eight], links: &[Link], out: &mut [G1Affine]) {
        for ((eight, link), out) in eights.iter().zip(links).zip(out.chunks_mut(LANES)) {
            let square = squared::<_, 17, 17>(t, &link.inverse).factor(t);
            let cube = mul::<_, _, 17, 17, 17>(t, &link.inverse, &square).factor(t);
            let x = export(t, &mul::<_, _, 9, 17, 17>(t, &eight.x, &square).factor(t));
            let y = export(t, &mul::<_, _, 24, 17, 17>(t, &eight.y, &cube).factor(t));
            for (lane, out) in out.iter_mut().enumerate() {
                *out = G1Affine::new_unchecked(x[lane], y[lane]);
            }
        }
    }
}

/// Each point times its factor; none is the identity, all are on the curve, and there are as many factors.
pub(crate) fn scale(t: Avx512, points: &[G1Affine], factors: &[Factor]) -> Vec<G1Affine> {
    let count = points.len().div_ceil(LANES);
    let zero = [t.zero(); 5];
    let empty = Eight { x: Lanes::from_limbs(zero), y: Lanes::from_limbs(zero), z: Lanes::from_limbs(zero) };
    let mut eights = vec![empty; count];
    let mut links = vec![Link::new(t); count.next_multiple_of(SIDE)];
    let products = start(t, points, &mut eights, &mut links);
    let inverse = chain::invert(t, products).expect("no point of G1 has x = 0 or y = 0: its order is a large prime");
    chain::inverses(t, &mut links, inverse);
    let beta = <g1::Config as GLVConfig>::ENDO_COEFFS[0];
    let chord = (beta - Element::ONE).inverse().expect("β is not 1") * Element::from(-2i64);
    let tangent = Element::from(2u64).inverse().expect("q is odd") * Element::from(3u64);
    let [beta, chord, tangent] = [beta, chord, tangent].map(|c| Lanes::constant(t, limbs(&c)));
    run(t, &mut eights, &mut links, factors, &Constants { beta, chord, tangent });
    let products = forward(t, &eights, &mut links);
    let inverse = chain::invert(t, products).expect("no multiple is the identity");
    chain::inverses(t, &mut links, inverse);
    let mut out = vec![G1Affine::identity(); points.len()];
    finish(t, &eights, &links, &mut out);
    out
}
