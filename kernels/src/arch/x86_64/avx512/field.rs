//! Eight field elements at once, five limbs of 52 bits, Montgomery form with R = 2^260.
//!
//! [`Lanes`] carries two facts in its type: the state of its limbs ([`Carried`], [`Factor`], [`Raw`]) and a bound on
//! its value, in eighths of the modulus p: `Lanes<M, S, B>` is in [0, B/8 p). Each operation asserts at compile time
//! that its operands are within what it takes and that its result is within what it promises, so a chain of additions
//! and products that could leave the container does not compile. `docs/KERNELS.md` derives the rules:
//!
//! - 2^260 / p > 84.6, so a product of values below A/8 p and B/8 p is below (1 + AB / (64 * 84.6)) p;
//! - IFMA reads the low 52 bits of a factor only, so a factor's carries must be in, its limbs need no masks;
//! - sums and differences of a few carried or raw values fit signed 64-bit limbs with room to spare; one carry pass
//!   makes a factor of them.

use core::marker::PhantomData;

use super::simd::{Avx512, V};
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
pub(super) const fn multiple(p: [u64; 5], k: u64) -> [u64; 5] {
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

/// Limbs 0 to 3 below 2^52, limb 4 not negative: can be packed, added, multiplied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Carried;
/// The low 52 bits of each limb are right, what stands above them in limbs 0 to 3 is not: can be multiplied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Factor;
/// Signed limbs whose weighted sum is the value: can be added and carried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw;

/// States that can be summed.
pub(crate) trait Summand: Copy {}
impl Summand for Carried {}
impl Summand for Raw {}

/// States that can be multiplied.
pub(crate) trait Multiplicand: Copy {}
impl Multiplicand for Carried {}
impl Multiplicand for Factor {}

/// Eight elements of the field of `M` in state `S`, each in [0, B/8 p).
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Lanes<M, S, const B: u32>(pub(super) [V; 5], PhantomData<(M, S)>);

impl<M, S, const B: u32> Clone for Lanes<M, S, B> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<M, S, const B: u32> Copy for Lanes<M, S, B> {}

/// Ten columns of a product, un-carried.
pub(super) type Columns = [V; 10];

impl<M: Modulus, S: Copy, const B: u32> Lanes<M, S, B> {
    #[inline(always)]
    pub(super) const fn from_limbs(limbs: [V; 5]) -> Self {
        Self(limbs, PhantomData)
    }

    /// `yes` in the lanes of `mask`, `no` elsewhere.
    #[inline(always)]
    pub(crate) fn select(t: Avx512, mask: u8, yes: Self, no: Self) -> Self {
        let mut r = no.0;
        for j in 0..5 {
            r[j] = t.select(mask, yes.0[j], no.0[j]);
        }
        Self::from_limbs(r)
    }

    /// The lanes whose limbs are all 0.
    #[inline(always)]
    pub(crate) fn is_zero(self, t: Avx512) -> u8 {
        let l = self.0;
        t.equal(t.or(t.or(l[0], l[1]), t.or(t.or(l[2], l[3]), l[4])), t.zero())
    }

    /// The same value under a weaker bound.
    #[inline(always)]
    pub(crate) fn widen<const OUT: u32>(self) -> Lanes<M, S, OUT> {
        const { assert!(OUT >= B) };
        Lanes::from_limbs(self.0)
    }

    /// Lanes turned by K.
    #[inline(always)]
    pub(crate) fn rotate<const K: i32>(self, t: Avx512) -> Self {
        let mut r = self.0;
        for limb in &mut r {
            *limb = t.rotate::<K>(*limb);
        }
        Self::from_limbs(r)
    }
}

impl<M: Modulus, const B: u32> Lanes<M, Carried, B> {
    /// The same carried constant in every lane; it must be below B/8 p.
    #[inline(always)]
    pub(crate) fn constant(t: Avx512, limbs: [u64; 5]) -> Self {
        let mut r = [t.zero(); 5];
        for j in 0..5 {
            r[j] = t.splat(limbs[j]);
        }
        Self::from_limbs(r)
    }

    /// A carried value is a factor too.
    #[inline(always)]
    pub(crate) fn as_factor(self) -> Lanes<M, Factor, B> {
        Lanes::from_limbs(self.0)
    }

    /// From four vectors of 64-bit words, lane by lane below B/8 p and 2^256.
    #[inline(always)]
    pub(crate) fn unpack(t: Avx512, w: [V; 4]) -> Self {
        let mask = t.splat(MASK52);
        Self::from_limbs([
            t.and(w[0], mask),
            t.and(t.shr_double::<52>(w[0], w[1]), mask),
            t.and(t.shr_double::<40>(w[1], w[2]), mask),
            t.and(t.shr_double::<28>(w[2], w[3]), mask),
            t.shr::<16>(w[3]),
        ])
    }

    /// Four vectors of 64-bit words. Values must be below 2^256: B at most 42.
    #[inline(always)]
    pub(crate) fn pack(self, t: Avx512) -> [V; 4] {
        const { assert!(B <= 42) };
        let l = self.0;
        [
            t.or(l[0], t.shl::<52>(l[1])),
            t.or(t.shr::<12>(l[1]), t.shl::<40>(l[2])),
            t.or(t.shr::<24>(l[2]), t.shl::<28>(l[3])),
            t.or(t.shr::<36>(l[3]), t.shl::<16>(l[4])),
        ]
    }

    /// The value below p, from one below 2p.
    #[inline(always)]
    pub(crate) fn canonical(self, t: Avx512) -> Lanes<M, Carried, 8> {
        const { assert!(B <= 16) };
        let mut d = self.0;
        for j in 0..5 {
            d[j] = t.sub(d[j], t.splat(M::P[j]));
        }
        let difference = carry(t, d);
        let negative = t.is_negative(difference[4]);
        let mask = t.splat(MASK52);
        let mut r = self.0;
        for j in 0..5 {
            let masked = if j < 4 { t.and(difference[j], mask) } else { difference[j] };
            r[j] = t.select(negative, r[j], masked);
        }
        Lanes::from_limbs(r)
    }

    /// The value K p - self in the lanes of `mask`, self elsewhere.
    #[inline(always)]
    pub(crate) fn negate_where<const K: u64, const OUT: u32>(self, t: Avx512, mask: u8) -> Lanes<M, Raw, OUT> {
        const { assert!(8 * K >= B as u64 && OUT as u64 >= 8 * K) };
        let kp = const { multiple(M::P, K) };
        let mut r = self.0;
        for j in 0..5 {
            r[j] = t.sub_where(r[j], mask, t.splat(kp[j]), r[j]);
        }
        Lanes::from_limbs(r)
    }
}

impl<M: Modulus, const B: u32> Lanes<M, Factor, B> {
    /// What stands above the low 52 bits of limbs 0 to 3 has been carried already: it is masked off.
    #[inline(always)]
    pub(crate) fn masked(self, t: Avx512) -> Lanes<M, Carried, B> {
        let mut r = self.0;
        let mask = t.splat(MASK52);
        for limb in &mut r[..4] {
            *limb = t.and(*limb, mask);
        }
        Lanes::from_limbs(r)
    }
}

/// Carries into limbs 1 to 4; bits above 52 stay in limbs 0 to 3.
#[inline(always)]
fn carry(t: Avx512, l: [V; 5]) -> [V; 5] {
    let s1 = t.add(l[1], t.sar::<52>(l[0]));
    let s2 = t.add(l[2], t.sar::<52>(s1));
    let s3 = t.add(l[3], t.sar::<52>(s2));
    let s4 = t.add(l[4], t.sar::<52>(s3));
    [l[0], s1, s2, s3, s4]
}

impl<M: Modulus, S: Summand, const B: u32> Lanes<M, S, B> {
    /// The sum.
    #[inline(always)]
    pub(crate) fn add<T: Summand, const A: u32, const OUT: u32>(
        self,
        t: Avx512,
        other: Lanes<M, T, A>,
    ) -> Lanes<M, Raw, OUT> {
        const { assert!(OUT >= A + B) };
        let mut r = self.0;
        for j in 0..5 {
            r[j] = t.add(r[j], other.0[j]);
        }
        Lanes::from_limbs(r)
    }

    /// K p - self.
    #[inline(always)]
    pub(crate) fn minus<const K: u64, const OUT: u32>(self, t: Avx512) -> Lanes<M, Raw, OUT> {
        const { assert!(8 * K >= B as u64 && OUT as u64 >= 8 * K) };
        let kp = const { multiple(M::P, K) };
        let mut r = self.0;
        for j in 0..5 {
            r[j] = t.sub(t.splat(kp[j]), r[j]);
        }
        Lanes::from_limbs(r)
    }

    /// The sum with itself; its bound is twice as large, and the caller answers for it.
    #[inline(always)]
    pub(super) fn doubled(self, t: Avx512) -> Lanes<M, Raw, B> {
        let mut r = self.0;
        for limb in &mut r {
            *limb = t.add(*limb, *limb);
        }
        Lanes::from_limbs(r)
    }

    /// 2 self.
    #[inline(always)]
    pub(crate) fn twice<const OUT: u32>(self, t: Avx512) -> Lanes<M, Raw, OUT> {
        const { assert!(OUT >= 2 * B) };
        Lanes::from_limbs(self.doubled(t).0)
    }

    /// 3 self.
    #[inline(always)]
    pub(crate) fn thrice<const OUT: u32>(self, t: Avx512) -> Lanes<M, Raw, OUT> {
        const { assert!(OUT >= 3 * B) };
        let mut r = self.doubled(t).0;
        for j in 0..5 {
            r[j] = t.add(r[j], self.0[j]);
        }
        Lanes::from_limbs(r)
    }

    /// self - other, where the caller knows that it is not negative.
    #[inline(always)]
    pub(super) fn minus_below<T: Summand, const A: u32>(self, t: Avx512, other: Lanes<M, T, A>) -> Lanes<M, Raw, B> {
        let mut r = self.0;
        for j in 0..5 {
            r[j] = t.sub(r[j], other.0[j]);
        }
        Lanes::from_limbs(r)
    }

    /// self - other + K p, which is not negative as `other` is at most K p.
    #[inline(always)]
    pub(crate) fn sub<const K: u64, T: Summand, const A: u32, const OUT: u32>(
        self,
        t: Avx512,
        other: Lanes<M, T, A>,
    ) -> Lanes<M, Raw, OUT> {
        const { assert!(8 * K >= A as u64 && OUT as u64 >= B as u64 + 8 * K) };
        let kp = const { multiple(M::P, K) };
        let mut r = self.0;
        for j in 0..5 {
            r[j] = t.add(t.sub(r[j], other.0[j]), t.splat(kp[j]));
        }
        Lanes::from_limbs(r)
    }

    /// Carried and masked: what can be stored or summed on.
    #[inline(always)]
    pub(crate) fn carry(self, t: Avx512) -> Lanes<M, Carried, B> {
        let mut r = carry(t, self.0);
        let mask = t.splat(MASK52);
        for limb in &mut r[..4] {
            *limb = t.and(*limb, mask);
        }
        Lanes::from_limbs(r)
    }

    /// Carried, not masked: what can be multiplied.
    #[inline(always)]
    pub(crate) fn factor(self, t: Avx512) -> Lanes<M, Factor, B> {
        Lanes::from_limbs(carry(t, self.0))
    }

    /// Below 9/8 p, from a value below 8p; the carries into its top limb must be within 2^10 of 0.
    #[inline(always)]
    pub(crate) fn reduce(self, t: Avx512) -> Lanes<M, Carried, 9> {
        self.lower(t).carry(t)
    }

    /// As [`Self::reduce`], from a value below 16p.
    #[inline(always)]
    pub(crate) fn reduce_wide(self, t: Avx512) -> Lanes<M, Carried, 9> {
        const { assert!(B <= 128) };
        let q = t.madd_hi(t.zero(), t.max(self.0[4], t.zero()), t.splat(M::QUOTIENT));
        let mut r = self.0;
        for j in 0..5 {
            r[j] = t.sub(r[j], t.pick(t.lanes(M::MULTIPLES[j]), q, t.lanes(M::HIGH_MULTIPLES[j])));
        }
        Lanes::<M, Raw, 9>::from_limbs(r).carry(t)
    }

    /// As [`Self::reduce`], not carried: each limb moves by less than 2^52.
    #[inline(always)]
    pub(crate) fn lower(self, t: Avx512) -> Lanes<M, Raw, 9> {
        const { assert!(B <= 64) };
        // Of a value close to 0 the top limb may be negative until the carries are in: the quotient is 0 then.
        let q = t.madd_hi(t.zero(), t.max(self.0[4], t.zero()), t.splat(M::QUOTIENT));
        let mut r = self.0;
        for j in 0..5 {
            r[j] = t.sub(r[j], t.lookup(q, t.lanes(M::MULTIPLES[j])));
        }
        Lanes::from_limbs(r)
    }
}

/// N Montgomery products, interleaved: x_k y_k / 2^260.
#[inline(always)]
pub(crate) fn mul<M, S, T, const N: usize, const A: u32, const B: u32, const OUT: u32>(
    t: Avx512,
    x: [&Lanes<M, S, A>; N],
    y: [&Lanes<M, T, B>; N],
) -> [Lanes<M, Raw, OUT>; N]
where
    M: Modulus,
    S: Multiplicand,
    T: Multiplicand,
{
    const { assert!(OUT >= 8 && A * B <= (OUT - 8) * 676) };
    let mut acc = [[t.zero(); 5]; N];
    let (mask, minus_p_inverse) = (t.splat(MASK52), t.splat(M::MINUS_P_INVERSE));
    macro_rules! row {
        ($i:literal) => {
            for k in 0..N {
                for j in 0..5 {
                    acc[k][j] = t.madd_lo(acc[k][j], x[k].0[j], y[k].0[$i]);
                }
            }
            let mut m = [t.zero(); N];
            for k in 0..N {
                m[k] = t.madd_lo(t.zero(), acc[k][0], minus_p_inverse);
            }
            for k in 0..N {
                // The low limb of acc + m p is a multiple of 2^52; what it carries is 1 unless it is 0.
                let carried = t.shr::<52>(t.add(acc[k][0], mask));
                acc[k] = [t.add(acc[k][1], carried), acc[k][2], acc[k][3], acc[k][4], t.zero()];
                for j in 0..5 {
                    acc[k][j] = t.madd_hi(acc[k][j], x[k].0[j], y[k].0[$i]);
                }
            }
            for k in 0..N {
                for j in 0..4 {
                    acc[k][j] = t.madd_lo(acc[k][j], m[k], t.splat(M::P[j + 1]));
                }
                for j in 0..5 {
                    acc[k][j] = t.madd_hi(acc[k][j], m[k], t.splat(M::P[j]));
                }
            }
        };
    }
    row!(0);
    row!(1);
    row!(2);
    row!(3);
    row!(4);
    let mut out = [Lanes::from_limbs([t.zero(); 5]); N];
    for k in 0..N {
        out[k] = Lanes::from_limbs(acc[k]);
    }
    out
}

/// The columns of x y.
#[inline(always)]
pub(super) fn product_columns<M: Modulus, S: Multiplicand, T: Multiplicand, const A: u32, const B: u32>(
    t: Avx512,
    x: &Lanes<M, S, A>,
    y: &Lanes<M, T, B>,
) -> Columns {
    add_product_columns(t, [t.zero(); 10], x, y)
}

/// The columns of x y, added to others.
#[inline(always)]
pub(super) fn add_product_columns<M: Modulus, S: Multiplicand, T: Multiplicand, const A: u32, const B: u32>(
    t: Avx512,
    mut c: Columns,
    x: &Lanes<M, S, A>,
    y: &Lanes<M, T, B>,
) -> Columns {
    for i in 0..5 {
        for j in 0..5 {
            c[i + j] = t.madd_lo(c[i + j], x.0[i], y.0[j]);
            c[i + j + 1] = t.madd_hi(c[i + j + 1], x.0[i], y.0[j]);
        }
    }
    c
}

/// The columns of x^2: cross products once, doubled as columns, since a doubled limb would not fit a factor.
#[inline(always)]
pub(super) fn square_columns<M: Modulus, S: Multiplicand, const A: u32>(t: Avx512, x: &Lanes<M, S, A>) -> Columns {
    squares_columns(t, [x])
}

/// The columns of the sum of the squares of N elements.
#[inline(always)]
pub(super) fn squares_columns<M: Modulus, S: Multiplicand, const N: usize, const A: u32>(
    t: Avx512,
    x: [&Lanes<M, S, A>; N],
) -> Columns {
    let mut c = [t.zero(); 10];
    for x in x {
        for i in 0..5 {
            for j in i + 1..5 {
                c[i + j] = t.madd_lo(c[i + j], x.0[i], x.0[j]);
                c[i + j + 1] = t.madd_hi(c[i + j + 1], x.0[i], x.0[j]);
            }
        }
    }
    for column in &mut c[1..9] {
        *column = t.add(*column, *column);
    }
    for x in x {
        for i in 0..5 {
            c[2 * i] = t.madd_lo(c[2 * i], x.0[i], x.0[i]);
            c[2 * i + 1] = t.madd_hi(c[2 * i + 1], x.0[i], x.0[i]);
        }
    }
    c
}

/// Montgomery reduction of signed columns whose sum is not negative: the caller answers for the bound.
#[inline(always)]
pub(super) fn reduce_columns<M: Modulus, const N: usize, const OUT: u32>(
    t: Avx512,
    mut c: [Columns; N],
) -> [Lanes<M, Raw, OUT>; N] {
    let (mask, minus_p_inverse) = (t.splat(MASK52), t.splat(M::MINUS_P_INVERSE));
    macro_rules! row {
        ($i:literal) => {
            let mut m = [t.zero(); N];
            for k in 0..N {
                m[k] = t.madd_lo(t.zero(), c[k][$i], minus_p_inverse);
            }
            for k in 0..N {
                c[k][$i + 1] = t.add(c[k][$i + 1], t.sar::<52>(t.add(c[k][$i], mask)));
                for j in 1..5 {
                    c[k][$i + j] = t.madd_lo(c[k][$i + j], m[k], t.splat(M::P[j]));
                }
                for j in 0..5 {
                    c[k][$i + j + 1] = t.madd_hi(c[k][$i + j + 1], m[k], t.splat(M::P[j]));
                }
            }
        };
    }
    row!(0);
    row!(1);
    row!(2);
    row!(3);
    row!(4);
    let mut out = [Lanes::from_limbs([t.zero(); 5]); N];
    for k in 0..N {
        out[k] = Lanes::from_limbs([c[k][5], c[k][6], c[k][7], c[k][8], c[k][9]]);
    }
    out
}

/// Montgomery reduction as [`reduce_columns`], of a result that may be p larger, in a fifth less time: the lowest column
/// times 2^52 / 2^52 is that column times [`Modulus::FOLD`], five times less a factor to wait for. The last row is
/// that of [`reduce_columns`], as the sum of all would be too large.
#[inline(always)]
pub(super) fn fold_columns<M: Modulus, const N: usize, const OUT: u32>(
    t: Avx512,
    mut c: [Columns; N],
) -> [Lanes<M, Raw, OUT>; N] {
    let (mask, minus_p_inverse) = (t.splat(MASK52), t.splat(M::MINUS_P_INVERSE));
    macro_rules! row {
        ($i:literal) => {
            for k in 0..N {
                c[k][$i + 1] = t.add(c[k][$i + 1], t.sar::<52>(c[k][$i]));
                for j in 0..5 {
                    c[k][$i + j + 1] = t.madd_lo(c[k][$i + j + 1], c[k][$i], t.splat(M::FOLD[j]));
                }
                for j in 0..5 {
                    c[k][$i + j + 2] = t.madd_hi(c[k][$i + j + 2], c[k][$i], t.splat(M::FOLD[j]));
                }
            }
        };
    }
    row!(0);
    row!(1);
    row!(2);
    row!(3);
    let mut m = [t.zero(); N];
    for k in 0..N {
        m[k] = t.madd_lo(t.zero(), c[k][4], minus_p_inverse);
    }
    let mut out = [Lanes::from_limbs([t.zero(); 5]); N];
    for k in 0..N {
        let mut r = [c[k][5], c[k][6], c[k][7], c[k][8], c[k][9]];
        r[0] = t.add(r[0], t.sar::<52>(t.add(c[k][4], mask)));
        for j in 0..4 {
            r[j] = t.madd_lo(r[j], m[k], t.splat(M::P[j + 1]));
        }
        for j in 0..5 {
            r[j] = t.madd_hi(r[j], m[k], t.splat(M::P[j]));
        }
        out[k] = Lanes::from_limbs(r);
    }
    out
}

/// N Montgomery products, interleaved, by [`fold_columns`]: x_k y_k / 2^260.
#[inline(always)]
pub(crate) fn mul_fold<M, S, T, const N: usize, const A: u32, const B: u32, const OUT: u32>(
    t: Avx512,
    x: [&Lanes<M, S, A>; N],
    y: [&Lanes<M, T, B>; N],
) -> [Lanes<M, Raw, OUT>; N]
where
    M: Modulus,
    S: Multiplicand,
    T: Multiplicand,
{
    const { assert!(OUT >= 16 && A * B <= (OUT - 16) * 676) };
    let mut c = [[t.zero(); 10]; N];
    for k in 0..N {
        c[k] = product_columns(t, x[k], y[k]);
    }
    fold_columns(t, c)
}

/// As [`mul_fold`], plus z_k.
#[inline(always)]
pub(crate) fn mul_fold_add<M, S, T, U, const N: usize, const A: u32, const B: u32, const C: u32, const OUT: u32>(
    t: Avx512,
    x: [&Lanes<M, S, A>; N],
    y: [&Lanes<M, T, B>; N],
    z: [Lanes<M, U, C>; N],
) -> [Lanes<M, Raw, OUT>; N]
where
    M: Modulus,
    S: Multiplicand,
    T: Multiplicand,
    U: Summand,
{
    const { assert!(OUT >= C + 16 && A * B <= (OUT - C - 16) * 676) };
    let mut c = [[t.zero(); 10]; N];
    for k in 0..N {
        let [z0, z1, z2, z3, z4] = z[k].0;
        let high = [t.zero(), t.zero(), t.zero(), t.zero(), t.zero(), z0, z1, z2, z3, z4];
        c[k] = add_product_columns(t, high, x[k], y[k]);
    }
    fold_columns(t, c)
}

/// N Montgomery squares, interleaved, by [`fold_columns`]: x_k^2 / 2^260.
#[inline(always)]
pub(crate) fn square<M: Modulus, S: Multiplicand, const N: usize, const A: u32, const OUT: u32>(
    t: Avx512,
    x: [&Lanes<M, S, A>; N],
) -> [Lanes<M, Raw, OUT>; N] {
    const { assert!(OUT >= 16 && A * A <= (OUT - 16) * 676) };
    let mut c = [[t.zero(); 10]; N];
    for k in 0..N {
        c[k] = square_columns(t, x[k]);
    }
    fold_columns(t, c)
}

#[cfg(test)]
pub(super) mod tests;
