//! Fr and Fq in four 64-bit words without full reductions and without branches on values.
//!
//! Montgomery form with R = 2^256, as arkworks'; values in [0, 4p), or [0, 2p] where a function says so, which four
//! words hold: 2^256 > 5.29 p for both moduli. Arkworks keeps values below p by comparisons whose outcome nobody
//! predicts. A product is a sum of rows, each of two chains of carries: low halves on high halves, then row on row.

#[cfg(test)]
mod tests;

use ark_ff::MontConfig;

/// Little-endian.
pub(crate) type Words = [u64; 4];
/// A product before its reduction.
pub(crate) type Wide = [u64; 8];
/// Four words times one.
type Row = [u64; 5];

/// What the arithmetic is modulo: Fr's configuration or Fq's.
pub(crate) trait Modulus: MontConfig<4> {
    /// p.
    const P: Words = Self::MODULUS.0;
    /// 2p.
    const P2: Words = double(Self::MODULUS.0);
    /// 2^-64 mod p.
    const FOLD: Words = fold(Self::MODULUS.0, Self::INV);
}

impl<M: MontConfig<4>> Modulus for M {}

const fn double(x: Words) -> Words {
    [x[0] << 1, x[1] << 1 | x[0] >> 63, x[2] << 1 | x[1] >> 63, x[3] << 1 | x[2] >> 63]
}

/// (1 + m p) / 2^64, where m p is -1 mod 2^64.
const fn fold(p: Words, m: u64) -> Words {
    let mut out = [0; 4];
    let mut carry = 1;
    let mut k = 0;
    while k < 4 {
        let t = m as u128 * p[k] as u128 + carry as u128;
        if k > 0 {
            out[k - 1] = t as u64;
        }
        carry = (t >> 64) as u64;
        k += 1;
    }
    out[3] = carry;
    out
}

/// a b.
#[inline(always)]
fn row(a: &Words, b: u64) -> Row {
    let [(l0, h0), (l1, h1), (l2, h2), (l3, h3)] = a.map(|a| a.carrying_mul(b, 0));
    let (r1, carry) = h0.overflowing_add(l1);
    let (r2, carry) = h1.carrying_add(l2, carry);
    let (r3, carry) = h2.carrying_add(l3, carry);
    [l0, r1, r2, r3, h3.wrapping_add(u64::from(carry))]
}

/// a + b, which must fit.
#[inline(always)]
fn add_words<const N: usize>(a: &[u64; N], b: &[u64; N]) -> [u64; N] {
    let mut out = [0; N];
    let mut carry = false;
    for k in 0..N {
        (out[k], carry) = a[k].carrying_add(b[k], carry);
    }
    out
}

/// The upper four words, as five.
#[inline(always)]
const fn upper(x: &Row) -> Row {
    [x[1], x[2], x[3], x[4], 0]
}

/// (t + m p) / 2^64, exactly.
#[inline(always)]
fn reduce_row<M: Modulus>(t: &Row) -> Row {
    upper(&add_words(t, &row(&M::P, t[0].wrapping_mul(M::INV))))
}

/// The lower four words.
#[inline(always)]
const fn lower(x: &Row) -> Words {
    [x[0], x[1], x[2], x[3]]
}

/// a b / 2^256 mod p, below p + a b / 2^256: below 2p where both are at most 2p, or one of them is below p. a is below 4p, b any
/// four words.
///
/// What is carried from word to word of b stays below a + p < 5p, so no fifth word is kept.
#[inline(always)]
pub(crate) fn mul<M: Modulus>(a: &Words, b: &Words) -> Words {
    let mut t = reduce_row::<M>(&row(a, b[0]));
    for b in &b[1..] {
        t = reduce_row::<M>(&add_words(&t, &row(a, *b)));
    }
    lower(&t)
}

/// a b.
#[inline(always)]
pub(crate) fn product(a: &Words, b: &Words) -> Wide {
    let mut out = [0; 8];
    let mut t = row(a, b[0]);
    out[0] = t[0];
    for k in 1..4 {
        t = add_words(&upper(&t), &row(a, b[k]));
        out[k] = t[0];
    }
    out[4..].copy_from_slice(&t[1..]);
    out
}

/// a^2: products of different words once.
#[inline(always)]
pub(crate) fn square_product(a: &Words) -> Wide {
    let by = |i: usize, j: usize| a[i].carrying_mul(a[j], 0);
    let ((l01, h01), (l02, h02), (l03, h03)) = (by(0, 1), by(0, 2), by(0, 3));
    let ((l12, h12), (l13, h13), (l23, h23)) = (by(1, 2), by(1, 3), by(2, 3));
    let (x2, carry) = h01.overflowing_add(l02);
    let (x3, carry) = h02.carrying_add(l03, carry);
    let (x4, carry) = h03.carrying_add(l13, carry);
    let (x5, carry) = h13.carrying_add(l23, carry);
    let x6 = h23.wrapping_add(u64::from(carry));
    let (x3, carry) = x3.overflowing_add(l12);
    let (x4, carry) = x4.carrying_add(h12, carry);
    let (x5, carry) = x5.carrying_add(0, carry);
    let x6 = x6.wrapping_add(u64::from(carry));
    let cross = [0, l01, x2, x3, x4, x5, x6, 0];
    let mut out = [0; 8];
    let mut carry = false;
    for k in 0..8 {
        let doubled = cross[k] << 1 | if k > 0 { cross[k - 1] >> 63 } else { 0 };
        let own = by(k / 2, k / 2);
        (out[k], carry) = doubled.carrying_add(if k % 2 == 0 { own.0 } else { own.1 }, carry);
    }
    out
}

/// t / 2^256 mod p, below p + 2^191 + t / 2^256, which must fit four words.
///
/// The two lowest words are taken away by 2^-64 mod p, a product less each than by a multiple of p. That leaves less
/// than 2^128 + (2^64 + 1) p of the lower half, and the other two steps leave a 2^128th of it and less than p.
#[inline(always)]
pub(crate) fn reduce<M: Modulus>(t: &Wide) -> Words {
    let mut low = [t[0], t[1], t[2], t[3], 0];
    for _ in 0..2 {
        low = add_words(&upper(&low), &row(&M::FOLD, low[0]));
    }
    for _ in 0..2 {
        low = reduce_row::<M>(&low);
    }
    add(&lower(&low), &[t[4], t[5], t[6], t[7]])
}

/// a^2 / 2^256 mod p, below p + 2^191 + a^2 / 2^256: below 2p if a is at most 2p. a is below 4p.
#[inline(always)]
pub(crate) fn square<M: Modulus>(a: &Words) -> Words {
    reduce::<M>(&square_product(a))
}

/// a + b, below 2^256.
#[inline(always)]
pub(crate) fn add(a: &Words, b: &Words) -> Words {
    add_words(a, b)
}

/// a + b, below 2^512.
#[inline(always)]
pub(crate) fn add_wide(a: &Wide, b: &Wide) -> Wide {
    add_words(a, b)
}

/// a - b, and whether it was below 0.
#[inline(always)]
pub(crate) fn borrowing<const N: usize>(a: &[u64; N], b: &[u64; N]) -> ([u64; N], bool) {
    let mut out = [0; N];
    let mut borrow = false;
    for k in 0..N {
        (out[k], borrow) = a[k].borrowing_sub(b[k], borrow);
    }
    (out, borrow)
}

/// a - b + 2p, for b at most 2p and a below 3p.
#[inline(always)]
pub(crate) fn sub<M: Modulus>(a: &Words, b: &Words) -> Words {
    borrowing(&add(a, &M::P2), b).0
}

/// The words of x where `mask` is all ones, 0 where it is 0.
#[inline(always)]
pub(crate) fn masked(x: &Words, mask: u64) -> Words {
    x.map(|word| word & mask)
}

/// All ones if a number whose top word is `top` is negative, else 0.
///
/// A mask made of the borrow itself has been seen to become a branch, which is taken as often as not.
#[inline(always)]
pub(crate) const fn sign(top: u64) -> u64 {
    (top.cast_signed() >> 63).cast_unsigned()
}

/// a - b, and m more if that is negative, which its top bit says: it must be within 2^255 of 0.
#[inline(always)]
fn difference_or(a: &Words, b: &Words, m: &Words) -> Words {
    let out = borrowing(a, b).0;
    add(&out, &masked(m, sign(out[3])))
}

/// a - b, and 2p more if that is negative: at most 2p where both are.
#[inline(always)]
pub(crate) fn difference<M: Modulus>(a: &Words, b: &Words) -> Words {
    difference_or(a, b, &M::P2)
}

/// 2p - x if `mask` is all ones, x if it is 0; x is at most 2p.
#[inline(always)]
pub(crate) fn negated_if<M: Modulus>(x: &Words, mask: u64) -> Words {
    // 2p - x is 2p + 1 and the complement of x; 2p is even.
    let mut base = masked(&M::P2, mask);
    base[0] |= mask & 1;
    add(&base, &x.map(|word| word ^ mask))
}

/// At most 2p, and below it from below 4p.
#[inline(always)]
pub(crate) fn halve<M: Modulus>(x: &Words) -> Words {
    difference_or(x, &M::P2, &M::P2)
}

/// Below p, from below 4p.
#[inline(always)]
pub(crate) fn canonical<M: Modulus>(x: &Words) -> Words {
    difference_or(&halve::<M>(x), &M::P, &M::P)
}
