//! Fr in four 64-bit words without full reductions and without branches on values.
//!
//! Montgomery form with R = 2^256, as arkworks'; values in [0, 4r), which four words hold: 2^256 > 5.29 r. Arkworks
//! keeps values below r by comparisons whose outcome nobody predicts.

use ark_bn254::{Fr, FrConfig};
use ark_ff::{BigInt, MontConfig};

/// Little-endian.
pub(crate) type Words = [u64; 4];

const R: Words = FrConfig::MODULUS.0;
const R2: Words = double(R);

const fn double(x: Words) -> Words {
    [x[0] << 1, x[1] << 1 | x[0] >> 63, x[2] << 1 | x[1] >> 63, x[3] << 1 | x[2] >> 63]
}

/// The low word of acc + a b + carry, and the high one.
#[inline(always)]
const fn mac(acc: u64, a: u64, b: u64, carry: u64) -> (u64, u64) {
    let t = acc as u128 + a as u128 * b as u128 + carry as u128;
    (t as u64, (t >> 64) as u64)
}

/// a b / 2^256 mod r, below r + a b / 2^256: below 2r where one of them is below r. a is below 4r, b any four words.
///
/// What is carried from word to word of b stays below a + r < 5r, so no fifth word is kept.
#[inline(always)]
pub(crate) fn mul(a: &Words, b: &Words) -> Words {
    let mut t = [0; 4];
    for b in b {
        let (t0, c) = mac(t[0], a[0], *b, 0);
        let m = t0.wrapping_mul(FrConfig::INV);
        let (_, d) = mac(t0, m, R[0], 0);
        let (t1, c) = mac(t[1], a[1], *b, c);
        let (u0, d) = mac(t1, m, R[1], d);
        let (t2, c) = mac(t[2], a[2], *b, c);
        let (u1, d) = mac(t2, m, R[2], d);
        let (t3, c) = mac(t[3], a[3], *b, c);
        let (u2, d) = mac(t3, m, R[3], d);
        t = [u0, u1, u2, c.wrapping_add(d)];
    }
    t
}

/// a + b, below 2^256.
#[inline(always)]
pub(crate) fn add(a: &Words, b: &Words) -> Words {
    let mut out = [0; 4];
    let mut carry = false;
    for k in 0..4 {
        (out[k], carry) = a[k].carrying_add(b[k], carry);
    }
    out
}

/// a - b, and whether it was below 0.
#[inline(always)]
fn borrowing(a: &Words, b: &Words) -> (Words, bool) {
    let mut out = [0; 4];
    let mut borrow = false;
    for k in 0..4 {
        (out[k], borrow) = a[k].borrowing_sub(b[k], borrow);
    }
    (out, borrow)
}

/// a - b + 2r, for b at most 2r and a below 3r.
#[inline(always)]
pub(crate) fn sub(a: &Words, b: &Words) -> Words {
    borrowing(&add(a, &R2), b).0
}

/// x, or x - m if that is not negative.
#[inline(always)]
fn less(x: &Words, m: &Words) -> Words {
    let (difference, borrow) = borrowing(x, m);
    let keep = u64::from(borrow).wrapping_neg();
    let mut out = [0; 4];
    for k in 0..4 {
        out[k] = (x[k] & keep) | (difference[k] & !keep);
    }
    out
}

/// Below 2r, from below 4r.
#[inline(always)]
pub(crate) fn halve(x: &Words) -> Words {
    less(x, &R2)
}

/// Below r, from below 4r.
#[inline(always)]
pub(crate) fn canonical(x: &Words) -> Words {
    less(&halve(x), &R)
}

/// The element of which x is the Montgomery form, from below 4r.
#[inline(always)]
pub(crate) fn element(x: &Words) -> Fr {
    Fr::new_unchecked(BigInt(canonical(x)))
}
