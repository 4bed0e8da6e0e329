//! Many affine additions on G1 with one inversion.
//!
//! For each pair P = (x1, y1), Q = (x2, y2): lambda = (y2 - y1) / (x2 - x1), x3 = lambda^2 - x1 - x2,
//! y3 = lambda (x1 - x3) - y1; the inverses by Montgomery's trick over all pairs: 5 products, a square, and a share of
//! one inversion for each addition. Three passes, each of short loops, because what bounds them is the number of
//! instructions in flight:
//!
//! 1. forward: differences dx = x2 - x1, and before each the product of those that came before;
//! 2. backward: 1/dx of each from the inverse of the whole product;
//! 3. lambda, x3, y3, in groups that stay in the first cache.
//!
//! A product of all that is zero tells of a pair with one x: then
//! [`add_general`](crate::arch::portable::add_general) does the batch, with doublings, opposites and identities.

#![allow(unsafe_code)]

use super::field::{Carried, Factor, FqModulus, Lanes, Modulus, Raw, join, mul, split, square};
use super::lines::{addresses, load, prefetch, store_pairs};
use super::simd::{Avx512, kernel};
use crate::invert::Inverter;
use crate::msm::arena::Additions;

type Fq<S, const B: u32> = Lanes<FqModulus, S, B>;
/// A coordinate as it is stored: below 9/8 p.
type Coordinate = Fq<Carried, 9>;

/// Words of a point.
const POINT: usize = 8;
/// Vectors handled side by side.
const SIDE: usize = 2;
/// How far ahead points are asked for, in vectors.
const AHEAD: usize = 4;
/// Vectors in a group of the third pass.
const GROUP: usize = 8;

const INVERTER: Inverter = Inverter::new(FqModulus::WORDS);

/// What the passes hand on for a vector of additions.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Step {
    x1: Coordinate,
    x_sum: Fq<Raw, 18>,
    dx: Fq<Factor, 25>,
    /// The product before this step, then 1/dx.
    inverse: Fq<Factor, 9>,
}

kernel! {
/// 1 / x in each lane of both vectors, by one inversion; none when one of them is 0.
fn invert(t, x: [Fq<Factor, 9>; SIDE]) -> Option<[Fq<Factor, 9>; SIDE]> {
    let product = |x: &Fq<Factor, 9>, y: &Fq<Factor, 9>| mul::<_, _, _, 1, 9, 9, 9>(t, [x], [y])[0];
    // Products of ever more lanes, until each lane of `all` is the product of all sixteen.
    let both = product(&x[0], &x[1]).factor(t);
    let both_4 = both.rotate::<4>(t);
    let pairs = product(&both, &both_4).factor(t);
    let pairs_2 = pairs.rotate::<2>(t);
    let fours = product(&pairs, &pairs_2).factor(t);
    let fours_1 = fours.rotate::<1>(t);
    let all = product(&fours, &fours_1).carry(t).canonical(t).0;
    let all = join([t.first(all[0]), t.first(all[1]), t.first(all[2]), t.first(all[3]), t.first(all[4])]);
    if all == [0; 4] {
        return None;
    }
    let inverse = Fq::<Carried, 9>::constant(t, split(INVERTER.inverse(all)));
    let scale = Fq::<Carried, 9>::constant(t, FqModulus::TWO_780);
    let inverse = mul::<_, _, _, 1, 9, 9, 9>(t, [&inverse], [&scale])[0].factor(t);
    let others = product(&product(&both_4, &pairs_2).factor(t), &fours_1).factor(t);
    let inverse = product(&inverse, &others).factor(t);
    Some([product(&inverse, &x[1]).factor(t), product(&inverse, &x[0]).factor(t)])
}
}

kernel! {
    /// Forward: differences, and before each the product of those that came before; all products at the end.
    ///
    /// Only for [`add`], whose safety contract covers the memory at `base`.
    fn pass_1(t, base: *mut u64, ops: Additions<'_>, steps: &mut [Step]) -> [Fq<Factor, 9>; SIDE] {
        let one = Fq::<Carried, 9>::constant(t, FqModulus::ONE);
        let mut product = [Lanes::from_limbs(one.0); SIDE];
        let mut v = 0;
        while v < ops.a.len() {
            if v + AHEAD < ops.a.len() {
                for k in v + AHEAD..v + AHEAD + SIDE {
                    for items in [&ops.a[k], &ops.b[k]] {
                        for at in addresses(base, items, POINT, 0) {
                            prefetch(t, at);
                        }
                    }
                }
            }
            for k in 0..SIDE {
                // SAFETY: indices are inside the memory at `base`.
                let (x1, x2): (Coordinate, Coordinate) =
                    unsafe { (load(t, addresses(base, &ops.a[v + k], POINT, 0)), load(t, addresses(base, &ops.b[v + k], POINT, 0))) };
                let step = &mut steps[v + k];
                step.x1 = x1;
                step.x_sum = x1.add(t, x2);
                step.dx = x2.sub::<2, _, _, 25>(t, x1).factor(t);
                step.inverse = product[k];
            }
            let next = mul::<_, _, _, SIDE, 9, 25, 9>(t, [&product[0], &product[1]], [&steps[v].dx, &steps[v + 1].dx]);
            product = [next[0].factor(t), next[1].factor(t)];
            v += SIDE;
        }
        product
    }
}

kernel! {
    /// From products to inverses.
    fn pass_2(t, steps: &mut [Step], inverse: [Fq<Factor, 9>; SIDE]) {
        let mut inverse = inverse;
        let mut v = steps.len();
        while v > 0 {
            v -= SIDE;
            let own = mul::<_, _, _, SIDE, 9, 9, 9>(t, [&inverse[0], &inverse[1]], [&steps[v].inverse, &steps[v + 1].inverse]);
            let next = mul::<_, _, _, SIDE, 9, 25, 9>(t, [&inverse[0], &inverse[1]], [&steps[v].dx, &steps[v + 1].dx]);
            for k in 0..SIDE {
                steps[v + k].inverse = own[k].factor(t);
                inverse[k] = next[k].factor(t);
            }
        }
    }
}

kernel! {
    /// Slopes and sums.
    fn pass_3(t, base: *mut u64, ops: Additions<'_>, steps: &[Step]) {
        let zero = t.zero();
        let mut y1 = [Coordinate::from_limbs([zero; 5]); GROUP];
        let mut dy = [Fq::<Factor, 32>::from_limbs([zero; 5]); GROUP];
        let mut slope = [Fq::<Factor, 9>::from_limbs([zero; 5]); GROUP];
        let mut x3 = y1;
        let mut back = [Fq::<Factor, 25>::from_limbs([zero; 5]); GROUP];
        let mut v = 0;
        while v < ops.a.len() {
            let group = GROUP.min(ops.a.len() - v);
            for list in ops.next {
                for items in list.iter().skip(v).take(group) {
                    for at in addresses(base, items, POINT, 0) {
                        prefetch(t, at);
                    }
                }
            }
            for k in 0..group {
                let (a, b) = (&ops.a[v + k], &ops.b[v + k]);
                // SAFETY: indices are inside the memory at `base`.
                let (own, y2): (Coordinate, Coordinate) =
                    unsafe { (load(t, addresses(base, a, POINT, 4)), load(t, addresses(base, b, POINT, 4))) };
                y1[k] = own;
                dy[k] = y2.negate_where::<2, 16>(t, t.top_bits(b)).sub::<2, _, _, 32>(t, own).factor(t);
            }
            let mut k = 0;
            while k < group {
                let r = mul::<_, _, _, SIDE, 32, 9, 9>(t, [&dy[k], &dy[k + 1]], [&steps[v + k].inverse, &steps[v + k + 1].inverse]);
                for j in 0..SIDE {
                    slope[k + j] = r[j].factor(t);
                }
                k += SIDE;
            }
            let mut k = 0;
            while k < group {
                let r = square::<_, _, SIDE, 9, 9>(t, [&slope[k], &slope[k + 1]]);
                for j in 0..SIDE {
                    let step = &steps[v + k + j];
                    x3[k + j] = r[j].sub::<3, _, _, 33>(t, step.x_sum).reduce(t);
                    back[k + j] = step.x1.sub::<2, _, _, 25>(t, x3[k + j]).factor(t);
                }
                k += SIDE;
            }
            let mut k = 0;
            while k < group {
                let r = mul::<_, _, _, SIDE, 9, 25, 9>(t, [&slope[k], &slope[k + 1]], [&back[k], &back[k + 1]]);
                for j in 0..SIDE {
                    let y3 = r[j].sub::<2, _, _, 25>(t, y1[k + j]).reduce(t);
                    let to = &ops.to[v + k + j];
                    let at = addresses(base, to, POINT, 0);
                    // SAFETY: indices are inside the memory at `base`.
                    unsafe { store_pairs(t, at, x3[k + j], y3) };
                }
                k += SIDE;
            }
            v += group;
        }
    }
}

/// Carries out additions of points of which none is the identity, a whole number of pairs of vectors. False, with
/// nothing written, when one of the pairs has one x.
///
/// # Safety
/// As [`Additions`] says, with all indices in the memory at `base`.
pub(crate) unsafe fn add(t: Avx512, base: *mut u64, ops: Additions<'_>, work: &mut super::Work) -> bool {
    let steps = &mut work.g1;
    if steps.len() < ops.a.len() {
        let zero = [t.zero(); 5];
        let step = Step {
            x1: Lanes::from_limbs(zero),
            x_sum: Lanes::from_limbs(zero),
            dx: Lanes::from_limbs(zero),
            inverse: Lanes::from_limbs(zero),
        };
        steps.resize(ops.a.len(), step);
    }
    let steps = &mut steps[..ops.a.len()];
    let product = pass_1(t, base, ops, steps);
    let Some(inverse) = invert(t, product) else { return false };
    pass_2(t, steps, inverse);
    pass_3(t, base, ops, steps);
    true
}
