//! Eight rows of a sparse matrix at a time, one in each lane.
//!
//! Products are added up as ten columns and reduced once: 50 instructions a product of eight entries.

// Lanes and limbs are numbered as in the formulas.
#![allow(clippy::needless_range_loop)]

use ark_bn254::Fr;
use ark_ff::BigInt;

use super::field::{
    Carried, FrModulus, Lanes, Modulus, Multiplicand, Raw, mul, multiple, product_columns, reduce_columns,
};
use super::ntt::edges::{load_from, load_padded, store};
use super::simd::{Avx512, V, kernel};
use crate::sparse::{Group, UNITS};

type Value<const B: u32> = Lanes<FrModulus, Raw, B>;

/// Products added up before a reduction: columns stay below 2^63, and values below 64 p^2 / 2^260 + p < 2 p.
const STEPS: usize = 64;

kernel! {
    /// A group's rows times z, to their places in `out`.
    ///
    /// The columns' products are with R = 2^256 twice, so the reduction leaves 2^-4 times what is wanted; the last
    /// product has the 16.
    pub(crate) fn multiply(t, group: &Group<'_>, dictionary: &[Fr], z: &[Fr], out: &mut [Fr]) {
        let mut sum: Lanes<FrModulus, Carried, 9> = Lanes::from_limbs([t.zero(); 5]);
        let steps = group.columns.chunks(STEPS).zip(group.coefficients.chunks(STEPS));
        for (columns, coefficients) in steps {
            let mut total = [t.zero(); 10];
            for (columns, coefficients) in columns.iter().zip(coefficients) {
                let x = load_from(t, z, columns);
                let y = load_from(t, dictionary, coefficients);
                accumulate(t, &mut total, &x, &y);
            }
            let [p]: [Value<16>; 1] = reduce_columns(t, [total]);
            let next: Value<25> = p.carry(t).add(t, sum);
            sum = next.reduce(t);
        }
        // At most UNITS entries, each within p of 0: 24 p more makes no sum negative.
        const { assert!(UNITS <= 24) };
        let mut units = Lanes::<FrModulus, Carried, 193>::constant(t, const { multiple(FrModulus::P, 24) }).0;
        for (columns, signs) in group.unit_columns.iter().zip(group.unit_signs) {
            let x = load_from(t, z, columns).0;
            for j in 0..5 {
                units[j] = t.add_where(units[j], signs.plus, units[j], x[j]);
                units[j] = t.sub_where(units[j], signs.minus, units[j], x[j]);
            }
        }
        let units: Value<385> = Lanes::from_limbs(units);
        let sixteen = Lanes::<FrModulus, Carried, 8>::constant(t, FrModulus::FROM_ARK);
        let one = Lanes::<FrModulus, Carried, 8>::constant(t, FrModulus::ONE);
        let mut total = product_columns(t, &units.factor(t), &one);
        accumulate(t, &mut total, &sum, &sixteen);
        // (385 + 9) * 8 / 676 + 8 < 13.
        let [p]: [Value<13>; 1] = reduce_columns(t, [total]);
        let mut sums = [BigInt([0; 4]); 8];
        store(t, p.carry(t).canonical(t), &mut sums);
        for (row, value) in group.rows.iter().zip(sums) {
            if let Some(out) = out.get_mut(usize::from(*row)) {
                *out = Fr::new_unchecked(value);
            }
        }
    }
}

/// total + x y.
#[inline(always)]
fn accumulate<S: Multiplicand, const A: u32>(
    t: Avx512,
    total: &mut [V; 10],
    x: &Lanes<FrModulus, S, A>,
    y: &Lanes<FrModulus, Carried, 8>,
) {
    macro_rules! row {
        ($i:literal) => {
            for j in 0..5 {
                total[$i + j] = t.madd_lo(total[$i + j], x.0[$i], y.0[j]);
            }
            for j in 0..5 {
                total[$i + j + 1] = t.madd_hi(total[$i + j + 1], x.0[$i], y.0[j]);
            }
        };
    }
    row!(0);
    row!(1);
    row!(2);
    row!(3);
    row!(4);
}

kernel! {
    /// The first i with a_i b_i ≠ c_i.
    pub(crate) fn first_unsatisfied(t, a: &[Fr], b: &[Fr], c: &[Fr]) -> Option<usize> {
        let sixteen = Lanes::<FrModulus, Carried, 8>::constant(t, FrModulus::FROM_ARK);
        for start in (0..a.len()).step_by(8) {
            let (x, y, z) = (load_padded(t, a, start), load_padded(t, b, start), load_padded(t, c, start));
            let [p]: [Value<9>; 1] = mul(t, [&x], [&y]);
            let [p]: [Value<9>; 1] = mul(t, [&p.factor(t)], [&sixteen]);
            let p = p.carry(t).canonical(t);
            let mut same = 0xff;
            for j in 0..5 {
                same &= t.equal(p.0[j], z.0[j]);
            }
            if same != 0xff {
                return Some(start + same.trailing_ones() as usize);
            }
        }
        None
    }
}
