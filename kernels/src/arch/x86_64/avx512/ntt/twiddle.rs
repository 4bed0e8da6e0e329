//! Products by constants known beforehand, after Shoup: 75 instructions where Montgomery's product takes 100, and no
//! change of representation: the product of x and w is x w, in whatever form x is.
//!
//! With q' = floor(w 2^260 / p), the quotient of x w by p is about x q' / 2^260. Only columns 5 to 9 of x q' are
//! computed, which makes it low by less than 10, so x w - q p is in [0, 10.01 p) and its low 260 bits are all of it.

use alloc::vec::Vec;

use ark_bn254::Fr;
use ark_ff::{MontConfig, PrimeField};

use super::super::field::{Carried, Factor, FrModulus, Lanes, MASK52, Modulus, Raw, Summand, multiple, split};
use super::super::simd::{Avx512, V};

/// What a product by a [`Twiddle`] is below: x q' / 2^260 < 1, and less than 9.01 for the columns left out.
pub(super) const PRODUCT: u32 = 81;
/// What the vectors of a transform are below between its passes: 48 p, of the 84 that fit.
pub(super) const STORED: u32 = 384;
/// What [`fold`] gives.
pub(super) const FOLDED: u32 = 94;

/// Eight elements in the course of a transform.
pub(super) type Stored = Lanes<FrModulus, Raw, STORED>;
/// Eight constants in Montgomery form.
pub(super) type Constants = Lanes<FrModulus, Carried, 8>;

/// A constant w below p, with floor(w 2^260 / p).
#[derive(Clone, Copy, Debug)]
pub(super) struct Twiddle {
    value: [u64; 5],
    quotient: [u64; 5],
}

/// 2^260 - p: adding q times it subtracts q p modulo 2^260.
const MINUS_P: [u64; 5] = {
    let p = FrModulus::P;
    [MASK52 + 1 - p[0], MASK52 - p[1], MASK52 - p[2], MASK52 - p[3], MASK52 - p[4]]
};

/// -1 / p modulo 2^320.
const MINUS_P_INVERSE: [u64; 5] = {
    // Newton's iteration, doubling the bits that are right from 64: x (2 + p x) for x = -1/p.
    let [a, b, c, d] = FrModulus::WORDS;
    let p = [a, b, c, d, 0];
    let mut x = [<ark_bn254::FrConfig as MontConfig<4>>::INV, 0, 0, 0, 0];
    let mut i = 0;
    while i < 3 {
        let mut y = low_product(p, x);
        let (low, carry) = y[0].overflowing_add(2);
        y[0] = low;
        let mut j = 1;
        let mut carry = carry;
        while j < 5 {
            let (word, next) = y[j].overflowing_add(carry as u64);
            y[j] = word;
            carry = next;
            j += 1;
        }
        x = low_product(x, y);
        i += 1;
    }
    x
};

/// a b modulo 2^320.
const fn low_product(a: [u64; 5], b: [u64; 5]) -> [u64; 5] {
    let mut out = [0u64; 5];
    let mut i = 0;
    while i < 5 {
        let mut carry = 0u64;
        let mut j = 0;
        while i + j < 5 {
            let t = a[i] as u128 * b[j] as u128 + out[i + j] as u128 + carry as u128;
            out[i + j] = t as u64;
            carry = (t >> 64) as u64;
            j += 1;
        }
        i += 1;
    }
    out
}

impl Twiddle {
    /// For one constant.
    pub(super) fn new(w: Fr) -> Self {
        // w 2^260 = q' p + r with r = w 2^260 mod p, so q' = -r / p modulo 2^260. ark's form of 16 w is w 2^260 mod p.
        let [a, b, c, d] = (w * Fr::from(16u64)).0.0;
        let q = low_product([a, b, c, d, 0], MINUS_P_INVERSE);
        let [low @ .., top] = split([q[0], q[1], q[2], q[3]]);
        let top = (top | q[4] << 48) & MASK52;
        Self { value: split(w.into_bigint().0), quotient: [low[0], low[1], low[2], low[3], top] }
    }

    /// For many.
    pub(super) fn all(w: &[Fr]) -> Vec<Self> {
        w.iter().map(|w| Self::new(*w)).collect()
    }
}

/// Montgomery form of one constant in each lane.
pub(super) fn constants(t: Avx512, w: &[Fr; 8]) -> Constants {
    let mut limbs = [[0u64; 8]; 5];
    for (lane, w) in w.iter().enumerate() {
        // ark's form of 16 w is the form of w with R = 2^260.
        for (limb, word) in limbs.iter_mut().zip(split((*w * Fr::from(16u64)).0.0)) {
            limb[lane] = word;
        }
    }
    Lanes::from_limbs(limbs.map(|limb| t.lanes(limb)))
}

/// N products x_k w_k, interleaved.
#[inline(always)]
#[allow(clippy::reversed_empty_ranges)]
pub(super) fn times<const N: usize, const A: u32>(
    t: Avx512,
    x: [Lanes<FrModulus, Factor, A>; N],
    w: [&Twiddle; N],
) -> [Lanes<FrModulus, Raw, PRODUCT>; N] {
    // x below 2^260 > 676/8 p.
    const { assert!(A <= 676) };
    // Columns 5 to 9 of x q', row by row: the high halves that reach them, then the low ones.
    let mut q = [[t.zero(); 5]; N];
    macro_rules! high_row {
        ($j:literal, $high:expr, $low:expr) => {
            for k in 0..N {
                let y = t.splat(w[k].quotient[$j]);
                for i in $high {
                    q[k][i + $j - 4] = t.madd_hi(q[k][i + $j - 4], x[k].0[i], y);
                }
                for i in $low {
                    q[k][i + $j - 5] = t.madd_lo(q[k][i + $j - 5], x[k].0[i], y);
                }
            }
        };
    }
    high_row!(0, 4..5, 5..5);
    high_row!(1, 3..5, 4..5);
    high_row!(2, 2..5, 3..5);
    high_row!(3, 1..5, 2..5);
    high_row!(4, 0..5, 1..5);
    // Columns 0 to 4 of x w - q p.
    let mut r = [[t.zero(); 5]; N];
    macro_rules! low_row {
        ($factor:expr, $constant:expr, $j:literal, $low:expr, $high:expr) => {
            for k in 0..N {
                let (f, y) = ($factor(k), t.splat($constant(k)[$j]));
                for i in $low {
                    r[k][i + $j] = t.madd_lo(r[k][i + $j], f[i], y);
                }
                for i in $high {
                    r[k][i + $j + 1] = t.madd_hi(r[k][i + $j + 1], f[i], y);
                }
            }
        };
    }
    macro_rules! low_columns {
        ($factor:expr, $constant:expr) => {
            low_row!($factor, $constant, 0, 0..5, 0..4);
            low_row!($factor, $constant, 1, 0..4, 0..3);
            low_row!($factor, $constant, 2, 0..3, 0..2);
            low_row!($factor, $constant, 3, 0..2, 0..1);
            low_row!($factor, $constant, 4, 0..1, 0..0);
        };
    }
    low_columns!(|k: usize| x[k].0, |k: usize| w[k].value);
    for k in 0..N {
        for j in 1..5 {
            q[k][j] = t.add(q[k][j], t.shr::<52>(q[k][j - 1]));
        }
    }
    low_columns!(|k: usize| q[k], |_| MINUS_P);
    let mut out = [Lanes::from_limbs([t.zero(); 5]); N];
    for k in 0..N {
        // Modulo 2^260: the top limb is within 2^6 of the product's, which is below 2^50, so its sign is bit 51.
        r[k][4] = t.sar::<12>(t.shl::<12>(r[k][4]));
        out[k] = Lanes::from_limbs(r[k]);
    }
    out
}

/// The multiple of p to take from a value whose top three bits of 260 are k, up to 2^221 off: limb j at `[j][k]`.
const FOLDS: [[u64; 8]; 5] = {
    let mut table = [[0; 8]; 5];
    let mut k = 1u64;
    while k < 8 {
        let mut times = 84;
        while multiple(FrModulus::P, times)[4] >= (k << 49) - (1 << 13) {
            times -= 1;
        }
        let limbs = multiple(FrModulus::P, times);
        let mut j = 0;
        while j < 5 {
            table[j][k as usize] = limbs[j];
            j += 1;
        }
        k += 1;
    }
    table
};

/// Below 2^257 + 2^222 + p < 94/8 p, from a value below 676/8 p, whose top limb is below 2^52 - 2^12; limbs of up to
/// 2^62 in all.
#[inline(always)]
pub(super) fn fold<S: Summand, const A: u32>(t: Avx512, x: Lanes<FrModulus, S, A>) -> Lanes<FrModulus, Raw, FOLDED> {
    const { assert!(A <= 676) };
    // The carries still to come into the top limb are within 2^12.
    let k: V = t.shr::<49>(t.add(x.0[4], t.splat(1 << 12)));
    let mut r = x.0;
    for j in 0..5 {
        r[j] = t.sub(r[j], t.lookup(k, t.lanes(FOLDS[j])));
    }
    Lanes::from_limbs(r)
}

#[cfg(test)]
mod tests;
