//! Digits of sixteen scalars at a time.

#![allow(unsafe_code)]

use core::arch::x86_64::*;

use ark_bn254::Fr;
use ark_ff::BigInt;

use super::field::{Carried, FrModulus, Lanes, mul, split};
use super::lines::load;
use super::simd::{Avx512, V, kernel};
use crate::msm::curve::VARIANTS;
use crate::msm::digits::{self, A, B, BLOCK, BUCKET, Code, Halves, POWER};
use crate::msm::lists::SIGN;

/// Codes in a vector.
const CODES: usize = 16;

kernel! {
    /// As [`digits::column`], whose loop is compiled for these registers.
    pub(crate) fn column(t, words: [&[u32]; 4], carries: [&mut [u32]; 2], out: &mut [Code], shift: u32, c: u32) {
        let _ = t;
        digits::column(words, carries, out, shift, c);
    }
}

kernel! {
    /// As [`digits::items`].
    pub(crate) fn items(t, codes: &[Code], first: u32, buckets: &mut [u32; BLOCK], items: &mut [u32; BLOCK]) -> usize {
        let _ = t;
        assert!(codes.len() <= BLOCK, "at most a block");
        let splat = |x: u32| _mm512_set1_epi32(x.cast_signed());
        let step = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        let mut point = _mm512_add_epi32(_mm512_mullo_epi32(step, splat(VARIANTS as u32)), splat(first));
        let mut count = 0;
        for codes in codes.chunks(CODES) {
            // SAFETY: lanes beyond the chunk are not read. What was counted before is no more than the codes before
            // this chunk, so a vector stored there ends within BLOCK, a multiple of CODES.
            unsafe {
                let own = _bzhi_u32(0xffff, codes.len() as u32) as u16;
                let code = _mm512_maskz_loadu_epi32(own, codes.as_ptr().cast());
                let some = _mm512_test_epi32_mask(code, code);
                let bucket = _mm512_sub_epi32(_mm512_and_si512(code, splat(BUCKET)), splat(1));
                let power = _mm512_and_si512(_mm512_srli_epi32::<POWER>(code), splat(3));
                // The sign of the code over that of the point.
                let item = _mm512_ternarylogic_epi32::<0xf8>(_mm512_add_epi32(point, power), code, splat(SIGN));
                let at = buckets.as_mut_ptr().add(count);
                _mm512_storeu_si512(at.cast(), _mm512_maskz_compress_epi32(some, bucket));
                let at = items.as_mut_ptr().add(count);
                _mm512_storeu_si512(at.cast(), _mm512_maskz_compress_epi32(some, item));
                count += some.count_ones() as usize;
            }
            point = _mm512_add_epi32(point, splat((CODES * VARIANTS) as u32));
        }
        count
    }
}

/// round(2^260 (A + B) / r) and round(2^260 B / r), in limbs.
const QUOTIENTS: [[u64; 3]; 2] =
    [[0xf_d030_0ff6_5651, 0x4_a773_d2d2_5398, 0x24cc_ef01], [0xd_9d43_91eb_18da, 0x4_a773_d2cf_7a7b, 0x24cc_ef01]];
/// Vectors of scalars side by side.
const SIDE: usize = 2;

/// 2^128 - x in limbs.
const fn minus(x: u128) -> [u64; 3] {
    limbs(x.wrapping_neg())
}

/// x in limbs.
const fn limbs(x: u128) -> [u64; 3] {
    let l = split([x as u64, (x >> 64) as u64, 0, 0]);
    [l[0], l[1], l[2]]
}

/// The low three limbs of sum + x c, not carried: right modulo 2^156, hence modulo 2^128.
#[inline(always)]
fn add_product(t: Avx512, sum: [V; 3], x: [V; 3], c: [u64; 3]) -> [V; 3] {
    let mut sum = sum;
    for i in 0..3 {
        for j in 0..3 - i {
            sum[i + j] = t.madd_lo(sum[i + j], x[i], t.splat(c[j]));
        }
        for j in 0..2usize.saturating_sub(i) {
            sum[i + j + 1] = t.madd_hi(sum[i + j + 1], x[i], t.splat(c[j]));
        }
    }
    sum
}

/// round(x g / 2^260), but for less than 2^-48: limbs above 2^52 are not masked.
///
/// The columns below 2^208 are left out: three low halves below 2^208, three high halves below 2^208, and less than
/// 2^160 below them, together less than 2^211 of 2^260.
#[inline(always)]
fn quotient(t: Avx512, x: [V; 5], g: [u64; 3]) -> [V; 3] {
    // A half, for rounding.
    let mut columns = [t.splat(1 << 51), t.zero(), t.zero(), t.zero()];
    for i in 0..5 {
        for j in 0..3 {
            if i + j >= 4 {
                columns[i + j - 4] = t.madd_lo(columns[i + j - 4], x[i], t.splat(g[j]));
            }
            if i + j >= 3 {
                columns[i + j - 3] = t.madd_hi(columns[i + j - 3], x[i], t.splat(g[j]));
            }
        }
    }
    let q0 = t.add(columns[1], t.shr::<52>(columns[0]));
    let q1 = t.add(columns[2], t.shr::<52>(q0));
    let q2 = t.add(columns[3], t.shr::<52>(q1));
    [q0, q1, q2]
}

/// The halves of scalars i to i + 7, as [`digits::decompose`] finds them but for other roundings of the quotients.
///
/// The quotients x (A + B) / r and x B / r are rounded with an error below 1/2 + 2^-7 + 2^-48: their constants are
/// right within 1/2 of 2^260, and x is below 2^254. With e1 and e2 these errors, t1 = e1 A + e2 B and
/// t2 = -e1 B + e2 (A + B), which is below (A + 2 B) (1/2 + 2^-7 + 2^-48) < 1.503 * 10^38 < 2^126.9.
#[inline(always)]
fn decompose(t: Avx512, x: Lanes<FrModulus, Carried, 8>, halves: &mut Halves, i: usize) {
    let x = x.0;
    let (q1, q2) = (quotient(t, x, QUOTIENTS[0]), quotient(t, x, QUOTIENTS[1]));
    let low = [x[0], x[1], x[2]];
    let t1 = add_product(t, add_product(t, low, q1, const { minus(A) }), q2, const { minus(B) });
    let t2 = add_product(t, [t.zero(); 3], q1, const { limbs(B) });
    let t2 = add_product(t, t2, q2, const { minus(A + B) });
    for (half, sum) in halves.iter_mut().zip([t1, t2]) {
        let mask = t.splat((1 << 52) - 1);
        let l1 = t.add(sum[1], t.shr::<52>(sum[0]));
        let l2 = t.add(sum[2], t.shr::<52>(l1));
        let (l0, l1) = (t.and(sum[0], mask), t.and(l1, mask));
        let words = [t.or(l0, t.shl::<52>(l1)), t.or(t.shr::<12>(l1), t.shl::<40>(l2))];
        for k in 0..2 {
            for (row, words) in [(2 * k, words[k]), (2 * k + 1, t.shr::<32>(words[k]))] {
                let out = &mut half[row][i..i + 8];
                // SAFETY: eight words of `out`; the token proves that the machine has the instructions.
                unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), _mm512_cvtepi64_epi32(words)) };
            }
        }
    }
}

/// Scalars i to i + 7, of `count` at the addresses that `at` gives; the last one again where there are no more.
#[inline(always)]
fn vector(t: Avx512, i: usize, count: usize, at: impl Fn(usize) -> *const u64) -> Lanes<FrModulus, Carried, 8> {
    let mut from = [core::ptr::null(); 8];
    for (k, from) in from.iter_mut().enumerate() {
        *from = at((i + k).min(count - 1));
    }
    // SAFETY: addresses of four words each.
    unsafe { load(t, from) }
}

kernel! {
    /// The halves of at most a block of elements; what is beyond them, up to a multiple of 16, may be anything.
    pub(crate) fn halves_of_elements(t, scalars: &[Fr], halves: &mut Halves) {
        // From x 2^256 to x.
        let scale = Lanes::<FrModulus, Carried, 8>::constant(t, [16, 0, 0, 0, 0]);
        for i in (0..scalars.len()).step_by(8 * SIDE) {
            let first = vector(t, i, scalars.len(), |i| scalars[i].0.0.as_ptr());
            let second = vector(t, i + 8, scalars.len(), |i| scalars[i].0.0.as_ptr());
            let x = mul::<_, _, _, SIDE, 8, 8, 9>(t, [&first, &second], [&scale, &scale]);
            for (k, x) in x.iter().enumerate() {
                decompose(t, x.carry(t).canonical(t), halves, i + 8 * k);
            }
        }
    }
}

kernel! {
    /// The halves of at most a block of integers below r; what is beyond them, up to a multiple of 16, may be anything.
    pub(crate) fn halves_of_integers(t, integers: &[BigInt<4>], halves: &mut Halves) {
        for i in (0..integers.len()).step_by(8) {
            decompose(t, vector(t, i, integers.len(), |i| integers[i].0.as_ptr()), halves, i);
        }
    }
}
