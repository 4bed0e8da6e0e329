//! Inverses of many elements by one inversion (Montgomery's trick), eight at a time in two chains.

use super::field::{Carried, Factor, FqModulus, Lanes, Modulus, join, mul_fold, split};
use super::simd::{Avx512, kernel};
use crate::invert::Inverter;

type Fq<S, const B: u32> = Lanes<FqModulus, S, B>;

/// Chains, side by side.
pub(super) const SIDE: usize = 2;

const INVERTER: Inverter = Inverter::new(FqModulus::WORDS);

/// A vector of elements to invert.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Link {
    pub(super) element: Fq<Factor, 25>,
    /// The product of the elements before this one in its chain, then the inverse.
    pub(super) inverse: Fq<Factor, 17>,
}

impl Link {
    /// Not one yet.
    pub(super) fn new(t: Avx512) -> Self {
        Self { element: Lanes::from_limbs([t.zero(); 5]), inverse: Lanes::from_limbs([t.zero(); 5]) }
    }
}

/// The products of the chains, or their inverses.
pub(crate) type Products = [Fq<Factor, 17>; SIDE];

/// The chains' products before any element.
#[inline(always)]
pub(super) fn ones(t: Avx512) -> Products {
    [Fq::<Carried, 17>::constant(t, FqModulus::ONE).as_factor(); SIDE]
}

/// Hands on the products and takes the elements of both chains into them.
#[inline(always)]
pub(super) fn take(t: Avx512, product: &mut Products, links: &mut [Link]) {
    for k in 0..SIDE {
        links[k].inverse = product[k];
    }
    let next =
        mul_fold::<_, _, _, SIDE, 17, 25, 17>(t, [&product[0], &product[1]], [&links[0].element, &links[1].element]);
    *product = [next[0].factor(t), next[1].factor(t)];
}

kernel! {
/// 1 / x in each lane of both vectors, by one inversion; none when one of them is 0.
pub(super) fn invert(t, x: Products) -> Option<Products> {
    let product = |x: &Fq<Factor, 17>, y: &Fq<Factor, 17>| mul_fold::<_, _, _, 1, 17, 17, 17>(t, [x], [y])[0];
    // Products of ever more lanes, until each lane of `all` is the product of all sixteen.
    let both = product(&x[0], &x[1]).factor(t);
    let both_4 = both.rotate::<4>(t);
    let pairs = product(&both, &both_4).factor(t);
    let pairs_2 = pairs.rotate::<2>(t);
    let fours = product(&pairs, &pairs_2).factor(t);
    let fours_1 = fours.rotate::<1>(t);
    let all = product(&fours, &fours_1).reduce(t).canonical(t).0;
    let all = join([t.first(all[0]), t.first(all[1]), t.first(all[2]), t.first(all[3]), t.first(all[4])]);
    if all == [0; 4] {
        return None;
    }
    let inverse = Fq::<Carried, 17>::constant(t, split(INVERTER.inverse(all)));
    let scale = Fq::<Carried, 17>::constant(t, FqModulus::TWO_780);
    let inverse = mul_fold::<_, _, _, 1, 17, 17, 17>(t, [&inverse], [&scale])[0].factor(t);
    let others = product(&product(&both_4, &pairs_2).factor(t), &fours_1).factor(t);
    let inverse = product(&inverse, &others).factor(t);
    Some([product(&inverse, &x[1]).factor(t), product(&inverse, &x[0]).factor(t)])
}
}

kernel! {
    /// From products to inverses.
    pub(super) fn inverses(t, links: &mut [Link], inverse: Products) {
        let mut inverse = inverse;
        for links in links.chunks_exact_mut(SIDE).rev() {
            let before = [&links[0].inverse, &links[1].inverse];
            let elements = [&links[0].element, &links[1].element];
            let own = mul_fold::<_, _, _, SIDE, 17, 17, 17>(t, [&inverse[0], &inverse[1]], before);
            let next = mul_fold::<_, _, _, SIDE, 17, 25, 17>(t, [&inverse[0], &inverse[1]], elements);
            for k in 0..SIDE {
                links[k].inverse = own[k].factor(t);
                inverse[k] = next[k].factor(t);
            }
        }
    }
}
