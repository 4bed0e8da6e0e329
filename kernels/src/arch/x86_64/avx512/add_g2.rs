//! Many affine additions on G2 with one inversion: as [`add_g1`](super::add_g1), over Fq2.

#![allow(unsafe_code)]

use ark_bn254::Fq2 as ArkFq2;

use super::field::{Carried, FqModulus, Lanes, Modulus, Raw, join, split};
use super::fq2::{self, Fq2};
use super::lines::{addresses, load, prefetch, store_pairs};
use super::points::{from_words, to_words};
use super::simd::{Avx512, kernel};
use crate::msm::arena::Additions;
use crate::msm::curve::Coordinate;

/// A coordinate as it is stored.
type Stored = Fq2<Carried, 9>;
/// A product.
type Product = Fq2<Carried, 17>;

/// Words of a point.
const POINT: usize = 16;
/// Vectors in a group of the third pass.
const GROUP: usize = 4;

/// What the passes hand on for a vector of additions.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Step {
    x1: Stored,
    x_sum: Fq2<Raw, 18>,
    dx: Fq2<Carried, 25>,
    /// The product before this step, then 1/dx.
    inverse: Product,
}

#[inline(always)]
fn product<const A: u32, const A2: u32>(t: Avx512, x: &Product, y: &Fq2<Carried, A>) -> Product {
    fq2::carry(t, &fq2::mul::<17, A, 34, A2, 17>(t, x, y))
}

kernel! {
    /// 1 / x in each lane, by one inversion; none when one of them is 0.
    fn invert(t, x: Product) -> Option<Product> {
        let rotate_4 = |x: &Product| [x[0].rotate::<4>(t), x[1].rotate::<4>(t)];
        let rotate_2 = |x: &Product| [x[0].rotate::<2>(t), x[1].rotate::<2>(t)];
        let rotate_1 = |x: &Product| [x[0].rotate::<1>(t), x[1].rotate::<1>(t)];
        let x_4 = rotate_4(&x);
        let pairs = product::<17, 34>(t, &x, &x_4);
        let pairs_2 = rotate_2(&pairs);
        let fours = product::<17, 34>(t, &pairs, &pairs_2);
        let fours_1 = rotate_1(&fours);
        let all = product::<17, 34>(t, &fours, &fours_1);
        let first = |x: Lanes<FqModulus, Carried, 17>| {
            let l = x.reduce(t).canonical(t).0;
            from_words(&join([t.first(l[0]), t.first(l[1]), t.first(l[2]), t.first(l[3]), t.first(l[4])]))
        };
        let all = ArkFq2::new(first(all[0]), first(all[1]));
        if ark_ff::Zero::is_zero(&all) {
            return None;
        }
        let inverse = all.fast_inverse();
        let lanes = |x: &ark_bn254::Fq| {
            let mut words = [0; 4];
            to_words(x, &mut words);
            Lanes::<FqModulus, Carried, 17>::constant(t, split(words))
        };
        let inverse = [lanes(&inverse.c0), lanes(&inverse.c1)];
        let others = product::<17, 34>(t, &product::<17, 34>(t, &x_4, &pairs_2), &fours_1);
        Some(product::<17, 34>(t, &inverse, &others))
    }
}

kernel! {
    /// Forward: differences, and before each the product of those that came before.
    fn pass_1(t, base: *mut u64, ops: Additions<'_>, steps: &mut [Step]) -> Product {
        let mut so_far: Product = [Lanes::constant(t, FqModulus::ONE), Lanes::constant(t, [0; 5])];
        for v in 0..ops.a.len() {
            if v + 1 < ops.a.len() {
                for items in [&ops.a[v + 1], &ops.b[v + 1]] {
                    for at in addresses(base, items, POINT, 0) {
                        prefetch(t, at);
                        prefetch(t, at.wrapping_add(8));
                    }
                }
            }
            let (a, b) = (&ops.a[v], &ops.b[v]);
            // SAFETY: indices are inside the memory at `base`.
            let (x1, x2): (Stored, Stored) = unsafe {
                (
                    [load(t, addresses(base, a, POINT, 0)), load(t, addresses(base, a, POINT, 4))],
                    [load(t, addresses(base, b, POINT, 0)), load(t, addresses(base, b, POINT, 4))],
                )
            };
            let step = &mut steps[v];
            step.x1 = x1;
            step.x_sum = fq2::add(t, &x1, &x2);
            step.dx = fq2::carry(t, &fq2::sub::<2, _, _, _, _, 25>(t, &x2, &x1));
            step.inverse = so_far;
            so_far = product::<25, 50>(t, &so_far, &step.dx);
        }
        so_far
    }
}

kernel! {
    /// Backward: from products to inverses.
    fn pass_2(t, steps: &mut [Step], inverse: Product) {
        let mut inverse = inverse;
        for step in steps.iter_mut().rev() {
            let own = product::<17, 34>(t, &inverse, &step.inverse);
            inverse = product::<25, 50>(t, &inverse, &step.dx);
            step.inverse = own;
        }
    }
}

kernel! {
    /// Slopes and sums.
    fn pass_3(t, base: *mut u64, ops: Additions<'_>, steps: &[Step]) {
        let zero = Lanes::<FqModulus, Carried, 9>::from_limbs([t.zero(); 5]);
        let mut y1: [Stored; GROUP] = [[zero; 2]; GROUP];
        let mut x3 = y1;
        let mut slope: [Product; GROUP] = [[zero.widen(); 2]; GROUP];
        let mut back: [Fq2<Carried, 25>; GROUP] = [[zero.widen(); 2]; GROUP];
        let mut v = 0;
        while v < ops.a.len() {
            let group = GROUP.min(ops.a.len() - v);
            for list in ops.next {
                for items in list.iter().skip(v).take(group) {
                    for at in addresses(base, items, POINT, 0) {
                        prefetch(t, at);
                        prefetch(t, at.wrapping_add(8));
                    }
                }
            }
            for k in 0..group {
                let (a, b) = (&ops.a[v + k], &ops.b[v + k]);
                // SAFETY: indices are inside the memory at `base`.
                let (own, y2): (Stored, Stored) = unsafe {
                    (
                        [load(t, addresses(base, a, POINT, 8)), load(t, addresses(base, a, POINT, 12))],
                        [load(t, addresses(base, b, POINT, 8)), load(t, addresses(base, b, POINT, 12))],
                    )
                };
                y1[k] = own;
                let minus = t.top_bits(b);
                let y2 = [y2[0].negate_where::<2, 16>(t, minus), y2[1].negate_where::<2, 16>(t, minus)];
                let dy = fq2::carry(t, &fq2::sub::<2, _, _, _, _, 32>(t, &y2, &own));
                slope[k] = fq2::carry(t, &fq2::mul::<32, 17, 64, 34, 17>(t, &dy, &steps[v + k].inverse));
            }
            for k in 0..group {
                let step = &steps[v + k];
                let square = fq2::square::<17, 34, 41, 11>(t, &slope[k]);
                x3[k] = fq2::reduce(t, &fq2::sub::<3, _, _, _, _, 35>(t, &square, &step.x_sum));
                back[k] = fq2::carry(t, &fq2::sub::<2, _, _, _, _, 25>(t, &step.x1, &x3[k]));
            }
            for k in 0..group {
                let r = fq2::mul::<17, 25, 34, 50, 17>(t, &slope[k], &back[k]);
                let y3 = fq2::reduce(t, &fq2::sub::<2, _, _, _, _, 33>(t, &r, &y1[k]));
                let to = &ops.to[v + k];
                let (x_at, y_at) = (addresses(base, to, POINT, 0), addresses(base, to, POINT, 8));
                // SAFETY: indices are inside the memory at `base`.
                unsafe {
                    store_pairs(t, x_at, x3[k][0], x3[k][1]);
                    store_pairs(t, y_at, y3[0], y3[1]);
                }
            }
            v += group;
        }
    }
}

/// Carries out additions of points of which none is the identity. False, with nothing written, when one of the pairs
/// has one x.
///
/// # Safety
/// As [`Additions`] says, with all indices in the memory at `base`.
pub(crate) unsafe fn add(t: Avx512, base: *mut u64, ops: Additions<'_>, work: &mut super::Work) -> bool {
    let steps = &mut work.g2;
    if steps.len() < ops.a.len() {
        let zero = [t.zero(); 5];
        let step = Step {
            x1: [Lanes::from_limbs(zero); 2],
            x_sum: [Lanes::from_limbs(zero); 2],
            dx: [Lanes::from_limbs(zero); 2],
            inverse: [Lanes::from_limbs(zero); 2],
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
