//! The first and the last three layers, across eight rows of the transform: from and to slices of elements.
//!
//! Index i = r m + v of n = 8 m: row r, place v. Going in, eight places of eight rows are eight vectors; after the
//! 8-point transforms across rows and the twist by w^(-rho v), rho = r bit-reversed, lanes are transposed so that lane
//! r of vector v is what the m-point transforms want. Going out, the reverse.

use ark_bn254::Fr;
use ark_ff::BigInt;

use super::super::field::{
    Carried, FrModulus, Lanes, add_product_columns, fold_columns, mul, mul_fold, product_columns,
};
use super::super::lines::transpose;
use super::super::simd::{Avx512, kernel};
use super::edges::{load_backwards, load_padded, prefetch, prefetch_for_reading, store};
use super::passes::Value;
use super::twiddle::{Constants, FOLDED, PRODUCT, Stored, Twiddle, fold, times};

/// The twists of rows 1 to 7 at eight places.
pub(super) type Twist = [Constants; 7];

/// w, w^2 and w^3 for an eighth root of unity w.
pub(super) type Eighths = [Twiddle; 3];

/// What enters an outer pass: rows of elements, zero beyond their end; two of them multiplied in the second form.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// x.
    One(&'a [Fr]),
    /// x_0, then the others from the last to the first.
    Backwards(&'a [Fr]),
    /// x y 2^-4: Montgomery's product with R = 2^260 of elements with R = 2^256.
    Product(&'a [Fr], &'a [Fr]),
}

#[inline(always)]
fn times_one<const A: u32>(t: Avx512, x: Value<A>, w: &Twiddle) -> Value<PRODUCT> {
    times(t, [x.factor(t)], [w])[0]
}

/// Eight-point transform from natural to bit-reversed order, w0, w1, w2 = w, w^2, w^3.
#[inline(always)]
fn eight_down(t: Avx512, x: [Lanes<FrModulus, Carried, 13>; 8], w: &Eighths) -> [Stored; 8] {
    let mut a: [Value<29>; 8] = [x[0].add(t, x[4]); 8];
    for k in 0..4 {
        a[k] = x[k].add(t, x[k + 4]);
        a[k + 4] = x[k].sub::<2, _, _, _>(t, x[k + 4]);
    }
    let [p6, p7] = times(t, [a[6].factor(t), a[7].factor(t)], [&w[1], &w[1]]);
    let mut b: [Value<117>; 8] = [a[0].widen(); 8];
    for k in 0..2 {
        b[k] = a[k].add(t, a[k + 2]);
        b[k + 2] = a[k].sub::<4, _, _, _>(t, a[k + 2]);
    }
    b[4] = a[4].add(t, p6);
    b[6] = a[4].sub::<11, _, _, _>(t, p6);
    b[5] = a[5].add(t, p7);
    b[7] = a[5].sub::<11, _, _, _>(t, p7);
    let [p3, p5] = times(t, [b[3].factor(t), b[5].factor(t)], [&w[1], &w[0]]);
    let [p7] = times(t, [b[7].factor(t)], [&w[2]]);
    [
        b[0].add(t, b[1]),
        b[0].sub::<15, _, _, _>(t, b[1]),
        b[2].add(t, p3),
        b[2].sub::<11, _, _, _>(t, p3),
        b[4].add(t, p5),
        b[4].sub::<11, _, _, _>(t, p5),
        b[6].add(t, p7),
        b[6].sub::<11, _, _, _>(t, p7),
    ]
}

kernel! {
    /// Places `first` and on of all rows, into vectors of places.
    pub(super) fn enter(
        t,
        source: Source<'_>,
        rows: usize,
        first: usize,
        to: &mut [Stored],
        twists: &[Twist],
        w: &Eighths,
    ) {
        let (groups, _) = to.as_chunks_mut::<8>();
        for (u, twist) in twists[..groups.len()].iter().enumerate() {
            if let Some(next) = groups.get(u + 1) {
                prefetch(next);
            }
            let group = &mut groups[u];
            let mut x = [Lanes::from_limbs([t.zero(); 5]); 8];
            for r in 0..8 {
                let start = r * rows + first + 8 * u;
                x[r] = match source {
                    Source::One(a) => load_padded(t, a, start).widen(),
                    Source::Backwards(a) => load_backwards(t, a, start).widen(),
                    Source::Product(a, b) => {
                        let (a, b) = (load_padded(t, a, start), load_padded(t, b, start));
                        let [p]: [Value<13>; 1] = mul(t, [&a], [&b]);
                        p.carry(t)
                    }
                };
            }
            let mut y = eight_down(t, x, w);
            twisted(t, &mut y, twist);
            turn(t, &y, group);
        }
    }
}

/// What a product by a twist is below: 384 * 8 / 676 + 16.
const TWISTED: u32 = 21;

/// Rows 1 to 7 times their twists.
#[inline(always)]
fn twisted(t: Avx512, y: &mut [Stored; 8], twist: &Twist) {
    for k in [1, 3, 5] {
        let [p, q]: [Value<TWISTED>; 2] =
            mul_fold(t, [&y[k].factor(t), &y[k + 1].factor(t)], [&twist[k - 1], &twist[k]]);
        (y[k], y[k + 1]) = (p.widen(), q.widen());
    }
    let [p]: [Value<TWISTED>; 1] = mul_fold(t, [&y[7].factor(t)], [&twist[6]]);
    y[7] = p.widen();
}

/// Lane j of vector i becomes lane i of vector j.
#[inline(always)]
fn turn(t: Avx512, x: &[Stored; 8], to: &mut [Stored; 8]) {
    for j in 0..5 {
        let mut limb = [t.zero(); 8];
        for k in 0..8 {
            limb[k] = x[k].0[j];
        }
        let limb = transpose(t, limb);
        for k in 0..8 {
            to[k].0[j] = limb[k];
        }
    }
}

/// What leaves the last layer of a transform is below 37 p.
pub(super) const LEFT: u32 = 296;

kernel! {
    /// The last three layers at eight places: row r of the result is vector r.
    pub(super) fn leave(t, x: &[Stored; 8], to: &mut [Value<LEFT>; 8], twist: &Twist, w: &Eighths) {
        let mut y = *x;
        turn(t, x, &mut y);
        let first: Value<FOLDED> = fold(t, y[0]);
        twisted(t, &mut y, twist);
        let mut z: [Value<TWISTED>; 8] = [Lanes::from_limbs(first.0); 8];
        for r in 1..8 {
            z[r] = Lanes::from_limbs(y[r].0);
        }
        let mut a: [Value<45>; 8] = [z[1].widen(); 8];
        let (a0, a1): (Value<115>, Value<118>) = (first.add(t, z[1]), first.sub::<3, _, _, _>(t, z[1]));
        for k in 1..4 {
            a[2 * k] = z[2 * k].add(t, z[2 * k + 1]);
            a[2 * k + 1] = z[2 * k].sub::<3, _, _, _>(t, z[2 * k + 1]);
        }
        let [p3, p7] = times(t, [a[3].factor(t), a[7].factor(t)], [&w[1], &w[1]]);
        let (b0, b2): (Value<163>, Value<163>) = (a0.add(t, a[2]), a0.sub::<6, _, _, _>(t, a[2]));
        let (b1, b3): (Value<206>, Value<206>) = (a1.add(t, p3), a1.sub::<11, _, _, _>(t, p3));
        let (b4, b6): (Value<93>, Value<93>) = (a[4].add(t, a[6]), a[4].sub::<6, _, _, _>(t, a[6]));
        let (b5, b7): (Value<133>, Value<133>) = (a[5].add(t, p7), a[5].sub::<11, _, _, _>(t, p7));
        let (p5, p6, p7) = (times_one(t, b5, &w[0]), times_one(t, b6, &w[1]), times_one(t, b7, &w[2]));
        to[0] = b0.add(t, b4);
        to[4] = b0.sub::<12, _, _, _>(t, b4);
        to[1] = b1.add(t, p5);
        to[5] = b1.sub::<11, _, _, _>(t, p5);
        to[2] = b2.add(t, p6);
        to[6] = b2.sub::<11, _, _, _>(t, p6);
        to[3] = b3.add(t, p7);
        to[7] = b3.sub::<11, _, _, _>(t, p7);
    }
}

kernel! {
    /// alpha a b + gamma c, below r, for eight elements of eight rows: row r at `place` of `out[4 r]`.
    pub(super) fn combine(
        t,
        values: &[[Value<LEFT>; 8]; 3],
        by: [&Constants; 2],
        out: &mut [&mut [BigInt<4>]],
        place: usize,
    ) {
        for (r, out) in out.iter_mut().step_by(4).enumerate() {
            let [a, b, c] = [values[0][r].factor(t), values[1][r].factor(t), values[2][r].factor(t)];
            let [p]: [Value<146>; 1] = mul_fold(t, [&a], [&b]);
            let columns = add_product_columns(t, product_columns(t, &p.factor(t), by[0]), &c, by[1]);
            // (146 + 296) * 8 / 676 + 16 < 22.
            let [h]: [Value<22>; 1] = fold_columns(t, [columns]);
            if let Some(out) = out[place..].first_chunk_mut() {
                store(t, h.reduce(t).canonical(t), out);
            }
        }
    }
}

/// How the last step of a plain transform ends.
#[derive(Clone, Copy)]
pub(super) enum Finish<'a> {
    /// As it is.
    Plain,
    /// Times a constant.
    Times(&'a Constants),
}

kernel! {
    /// Of vectors of eight consecutive elements in bit-reversed lanes, whose numbers have `bits` reversed bits, those
    /// from the `first` on, below r.
    pub(super) fn finish(t, x: &[Stored], bits: u32, how: Finish<'_>, first: usize, to: &mut [[Fr; 8]]) {
        let lanes = t.lanes([0, 4, 2, 6, 1, 5, 3, 7]);
        let number = |j: usize| j.reverse_bits() >> (usize::BITS - bits);
        for (j, to) in (first..).zip(to) {
            if let Some(later) = x.get(number(j + 8)) {
                prefetch_for_reading(later);
            }
            let reduced = match how {
                Finish::Plain => fold(t, x[number(j)]).reduce_wide(t),
                Finish::Times(by) => {
                    let [p]: [Value<TWISTED>; 1] = mul_fold(t, [&x[number(j)].factor(t)], [by]);
                    p.reduce(t)
                }
            };
            let mut y = reduced.canonical(t);
            for limb in &mut y.0 {
                *limb = t.lookup(lanes, *limb);
            }
            store(t, y, to);
        }
    }
}
