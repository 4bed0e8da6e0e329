//! Eight field elements at once, five limbs of 52 bits, Montgomery form with R = 2^260.
//!
//! [`Lanes`] carries two facts in its type: the state of its limbs ([`Carried`], [`Factor`], [`Raw`]) and a bound on
//! its value, in eighths of the modulus p: `Lanes<M, S, B>` is in [0, B/8 p). Each operation asserts at compile time
//! that its operands are within what it takes and that its result is within what it promises, so a chain of additions
//! and products that could leave the container does not compile. `docs/KERNELS.md` derives the rules:
//!
//! - 2^260 / p > 84.6, so a product of values below A/8 p and B/8 p is below (1 + AB / (64 * 84.6)) p, and below that
//!   plus p where it is reduced by folding;
//! - IFMA reads the low 52 bits of a factor only, so a factor's carries must be in, its limbs need no masks;
//! - sums and differences of a few carried or raw values fit signed 64-bit limbs with room to spare; one carry pass
//!   makes a factor of them.

use core::marker::PhantomData;

pub(super) use modulus::multiple;
pub(crate) use modulus::{FqModulus, FrModulus, MASK52, Modulus, join, split};
pub(super) use products::{
    Columns, add_product_columns, fold_columns, product_columns, reduce_columns, square_columns, squares_columns,
};
pub(crate) use products::{mul, mul_fold, mul_fold_add, square};

use super::simd::{Avx512, V};

mod modulus;
mod products;
#[cfg(test)]
pub(super) mod tests;

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
