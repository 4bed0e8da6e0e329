//! The instructions, behind a token that proves the machine has them.
//!
//! A [`Avx512`] can only be had from [`Avx512::detect`]; holding one makes each method here sound. Methods are inlined
//! into functions that carry the target features ([`kernel!`](super::kernel)), where each becomes one instruction;
//! called from anywhere else they work too, slowly.

use core::arch::x86_64::*;

/// Eight 64-bit lanes.
pub(crate) type V = __m512i;

/// Proof that this machine has AVX-512 F, DQ, BW, VL, IFMA, VBMI2 and BMI2, ADX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Avx512(());

impl Avx512 {
    /// The token, where the machine has the instructions and the operating system keeps the registers.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn detect() -> Option<Self> {
        let all = std::is_x86_feature_detected!("avx512f")
            && std::is_x86_feature_detected!("avx512dq")
            && std::is_x86_feature_detected!("avx512bw")
            && std::is_x86_feature_detected!("avx512vl")
            && std::is_x86_feature_detected!("avx512ifma")
            && std::is_x86_feature_detected!("avx512vbmi2")
            && std::is_x86_feature_detected!("bmi2")
            && std::is_x86_feature_detected!("adx");
        all.then_some(Self(()))
    }
}

/// Methods that are one instruction each.
macro_rules! instructions {
    ($(
        $(#[$doc:meta])*
        fn $name:ident $(<const $k:ident: $kt:ty>)? ($($arg:ident: $t:ty),*) -> $ret:ty = $call:expr;
    )*) => {
        #[allow(unsafe_code)]
        impl Avx512 {
            $(
                $(#[$doc])*
                #[inline(always)]
                pub(crate) fn $name $(<const $k: $kt>)? (self, $($arg: $t),*) -> $ret {
                    // SAFETY: the token proves that the machine has the instruction, which touches registers only.
                    unsafe { $call }
                }
            )*
        }
    };
}

instructions! {
    /// 0 in each lane.
    fn zero() -> V = _mm512_setzero_si512();
    /// The same word in each lane.
    fn splat(x: u64) -> V = _mm512_set1_epi64(x.cast_signed());
    /// Eight words, the first in lane 0.
    fn lanes(x: [u64; 8]) -> V = core::mem::transmute::<[u64; 8], V>(x);
    /// a + b mod 2^64.
    fn add(a: V, b: V) -> V = _mm512_add_epi64(a, b);
    /// a - b mod 2^64.
    fn sub(a: V, b: V) -> V = _mm512_sub_epi64(a, b);
    /// a + b in the lanes of `mask`, `or` elsewhere.
    fn add_where(or: V, mask: u8, a: V, b: V) -> V = _mm512_mask_add_epi64(or, mask, a, b);
    /// a - b in the lanes of `mask`, `or` elsewhere.
    fn sub_where(or: V, mask: u8, a: V, b: V) -> V = _mm512_mask_sub_epi64(or, mask, a, b);
    /// `yes` in the lanes of `mask`, `no` elsewhere.
    fn select(mask: u8, yes: V, no: V) -> V = _mm512_mask_blend_epi64(mask, no, yes);
    /// acc + the low 52 bits of the 104-bit product of the low 52 bits of a and b.
    fn madd_lo(acc: V, a: V, b: V) -> V = _mm512_madd52lo_epu64(acc, a, b);
    /// acc + the high 52 bits of the 104-bit product of the low 52 bits of a and b.
    fn madd_hi(acc: V, a: V, b: V) -> V = _mm512_madd52hi_epu64(acc, a, b);
    /// The larger of a and b as signed words.
    fn max(a: V, b: V) -> V = _mm512_max_epi64(a, b);
    /// a & b.
    fn and(a: V, b: V) -> V = _mm512_and_si512(a, b);
    /// a | b.
    fn or(a: V, b: V) -> V = _mm512_or_si512(a, b);
    /// a >> K, zeros in.
    fn shr<const K: u32>(a: V) -> V = _mm512_srli_epi64::<K>(a);
    /// a >> K, signs in.
    fn sar<const K: u32>(a: V) -> V = _mm512_srai_epi64::<K>(a);
    /// a << K.
    fn shl<const K: u32>(a: V) -> V = _mm512_slli_epi64::<K>(a);
    /// The low 64 bits of (high:low) >> K.
    fn shr_double<const K: i32>(low: V, high: V) -> V = _mm512_shrdi_epi64::<K>(low, high);
    /// `table[index mod 8]` in each lane.
    fn lookup(index: V, table: V) -> V = _mm512_permutexvar_epi64(index, table);
    /// Lane i is lane `index[i] mod 16` of a (0 to 7) and b (8 to 15).
    fn pick(a: V, index: V, b: V) -> V = _mm512_permutex2var_epi64(a, index, b);
    /// Lanes turned by K: lane i is lane (i + K) mod 8.
    fn rotate<const K: i32>(a: V) -> V = _mm512_alignr_epi64::<K>(a, a);
    /// Even lanes of a and b, interleaved.
    fn unpack_lo(a: V, b: V) -> V = _mm512_unpacklo_epi64(a, b);
    /// Odd lanes of a and b, interleaved.
    fn unpack_hi(a: V, b: V) -> V = _mm512_unpackhi_epi64(a, b);
    /// Two pairs of lanes of a, then two of b, as K names them.
    fn shuffle_pairs<const K: i32>(a: V, b: V) -> V = _mm512_shuffle_i64x2::<K>(a, b);
    /// The lanes where a = b.
    fn equal(a: V, b: V) -> u8 = _mm512_cmpeq_epi64_mask(a, b);
    /// The lanes that are negative as signed words.
    fn is_negative(a: V) -> u8 = _mm512_movepi64_mask(a);
    /// Lane 0.
    fn first(a: V) -> u64 = _mm_cvtsi128_si64(_mm512_castsi512_si128(a)).cast_unsigned();
    /// The lanes of eight 32-bit words whose top bit is set.
    fn top_bits(a: &[u32; 8]) -> u8 = _mm256_movepi32_mask(_mm256_loadu_si256(a.as_ptr().cast()));
}

/// A function with the target features, not inlined; its first argument is the token.
macro_rules! kernel {
    (
        $(#[$meta:meta])*
        $vis:vis fn $name:ident($token:ident $(, $arg:ident: $t:ty)* $(,)?) $(-> $ret:ty)? $body:block
    ) => {
        $(#[$meta])*
        #[allow(unsafe_code)]
        $vis fn $name ($token: $crate::arch::x86_64::avx512::simd::Avx512 $(, $arg: $t)*) $(-> $ret)? {
            #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,avx512vbmi2,bmi2,adx")]
            #[inline(never)]
            fn inner($token: $crate::arch::x86_64::avx512::simd::Avx512 $(, $arg: $t)*) $(-> $ret)? $body
            // SAFETY: the token proves that the machine has the features.
            unsafe { inner($token $(, $arg)*) }
        }
    };
}
pub(crate) use kernel;
