//! The two moduli and the constants that are made of them, in limbs of 52 bits.

use crate::invert::power_of_two;

/// Low 52 bits.
pub(crate) const MASK52: u64 = (1 << 52) - 1;

/// 256 bits from words of 64 to limbs of 52.
pub(crate) const fn split(w: [u64; 4]) -> [u64; 5] {
    [
        w[0] & MASK52,
        (w[0] >> 52 | w[1] << 12) & MASK52,
        (w[1] >> 40 | w[2] << 24) & MASK52,
        (w[2] >> 28 | w[3] << 36) & MASK52,
        w[3] >> 16,
    ]
}

/// 256 bits from limbs of 52, each below 2^52, to words of 64.
pub(crate) const fn join(l: [u64; 5]) -> [u64; 4] {
    [l[0] | l[1] << 52, l[1] >> 12 | l[2] << 40, l[2] >> 24 | l[3] << 28, l[3] >> 36 | l[4] << 16]
}

/// A 254-bit odd prime.
pub(crate) trait Modulus: Copy {
    /// p, little-endian.
    const WORDS: [u64; 4];
    /// The Montgomery form of 1.
    const ONE: [u64; 5] = split(power_of_two(Self::WORDS, 260));
    /// Multiplying by it takes R = 2^256 to R = 2^260.
    const FROM_ARK: [u64; 5] = split(power_of_two(Self::WORDS, 264));
    /// Multiplying by it makes the Montgomery form of 1/x of the inverse of the Montgomery form of x.
    const TWO_780: [u64; 5] = split(power_of_two(Self::WORDS, 780));
    /// p in limbs.
    const P: [u64; 5] = split(Self::WORDS);
    /// A multiple of 2^-52 that is 1 modulo p, times 2^52: (k p + 1) / 2^52 with k = -1 / p mod 2^52; below p + 1.
    const FOLD: [u64; 5] = fold(Self::P, Self::MINUS_P_INVERSE);
    /// -1 / p mod 2^52.
    const MINUS_P_INVERSE: u64 = minus_inverse(Self::WORDS[0]) & MASK52;
    /// 0, p, ..., 7p: limb j of k p at `[j][k]`.
    const MULTIPLES: [[u64; 8]; 5] = multiples(Self::P, 0);
    /// 8p, ..., 15p.
    const HIGH_MULTIPLES: [[u64; 8]; 5] = multiples(Self::P, 8);
    /// floor(2^52 / (p >> 208 + 1024)): estimates a quotient by p from the top limb, never too high.
    const QUOTIENT: u64 = (1 << 52) / (Self::P[4] + 1024);
}

/// Limb j of (first + k) p at `[j][k]`.
const fn multiples(p: [u64; 5], first: u64) -> [[u64; 8]; 5] {
    let mut table = [[0; 8]; 5];
    let mut k = 0;
    while k < 8 {
        let limbs = multiple(p, first + k as u64);
        let mut j = 0;
        while j < 5 {
            table[j][k] = limbs[j];
            j += 1;
        }
        k += 1;
    }
    table
}

/// k p in limbs; k below 2^10.
pub(crate) const fn multiple(p: [u64; 5], k: u64) -> [u64; 5] {
    let mut out = [0; 5];
    let mut carry = 0;
    let mut j = 0;
    while j < 5 {
        let t = p[j] * k + carry;
        if j < 4 {
            out[j] = t & MASK52;
            carry = t >> 52;
        } else {
            out[j] = t;
        }
        j += 1;
    }
    out
}

/// (k p + 1) / 2^52, where k p is -1 modulo 2^52.
const fn fold(p: [u64; 5], k: u64) -> [u64; 5] {
    let mut limbs = [0; 6];
    let mut carry = 1;
    let mut j = 0;
    while j < 5 {
        carry += p[j] as u128 * k as u128;
        limbs[j] = carry as u64 & MASK52;
        carry >>= 52;
        j += 1;
    }
    limbs[5] = carry as u64;
    assert!(limbs[0] == 0);
    [limbs[1], limbs[2], limbs[3], limbs[4], limbs[5]]
}

/// -1 / p mod 2^64, by Newton's iteration.
const fn minus_inverse(p0: u64) -> u64 {
    let mut inverse = 1u64;
    let mut i = 0;
    while i < 6 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(p0.wrapping_mul(inverse)));
        i += 1;
    }
    inverse.wrapping_neg()
}

/// The base field of G1: p = 36 x^4 + 36 x^3 + 24 x^2 + 6 x + 1 for x = 4965661367192848881.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FqModulus;

impl Modulus for FqModulus {
    const WORDS: [u64; 4] = <ark_bn254::FqConfig as ark_ff::MontConfig<4>>::MODULUS.0;
}

/// The scalar field: the order of G1 and G2.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FrModulus;

impl Modulus for FrModulus {
    const WORDS: [u64; 4] = <ark_bn254::FrConfig as ark_ff::MontConfig<4>>::MODULUS.0;
}
