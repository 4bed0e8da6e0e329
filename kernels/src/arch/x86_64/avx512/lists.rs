//! Which points the rounds of a chunk add: sixteen items of a list at a time.

#![allow(unsafe_code)]

use core::arch::x86_64::*;

use super::simd::{Avx512, kernel};
use crate::msm::arena::{INDEX, SIGN};
use crate::msm::lists::{CHUNK, NONE, ROUNDS, Rounds, STRIDE};

/// Items in a vector.
const ITEMS: usize = 16;
/// Rounds until sixteen items are one.
const LAST_ROUNDS: usize = 4;

/// Vectors that do not change, and where the additions of the rounds go.
struct Walk<'a> {
    /// Even items, then odd items.
    halves: __m512i,
    /// 0 to 7.
    numbers: __m256i,
    index: __m256i,
    sign: __m256i,
    words: *mut u32,
    lens: &'a mut [usize; ROUNDS],
}

impl Walk<'_> {
    /// At most `count` items at `at`; [`NONE`] in the lanes beyond.
    ///
    /// # Safety
    /// `count` items can be read there, or sixteen.
    #[inline(always)]
    unsafe fn load(_: Avx512, at: *const u32, count: usize) -> __m512i {
        // SAFETY: the token proves that the machine has the instructions; lanes that are masked off are not read.
        unsafe {
            let mask = _bzhi_u32(0xffff, count as u32) as u16;
            _mm512_mask_loadu_epi32(_mm512_set1_epi32(NONE.cast_signed()), mask, at.cast())
        }
    }

    /// Lists `pairs` additions, at most eight, of items 2 k and 2 k + 1 of `items` to `to + k`; the items of the next
    /// round, of which there are no more than eight: the sums, and the items 2 k from there on.
    ///
    /// # Safety
    /// Round `round` has room for eight additions more.
    #[inline(always)]
    unsafe fn pair(&mut self, _: Avx512, round: usize, items: __m512i, pairs: usize, to: u32) -> __m256i {
        let at = 3 * STRIDE * round + self.lens[round];
        self.lens[round] += pairs;
        // SAFETY: the token proves that the machine has the instructions; the caller vouches for the room.
        unsafe {
            let items = _mm512_permutexvar_epi32(self.halves, items);
            let even = _mm512_castsi512_si256(items);
            let odd = _mm512_extracti64x4_epi64::<1>(items);
            let to = _mm256_add_epi32(_mm256_set1_epi32(to.cast_signed()), self.numbers);
            let a = _mm256_and_si256(even, self.index);
            // odd ^ (even & sign).
            let b = _mm256_ternarylogic_epi32::<0x78>(odd, even, self.sign);
            let at = self.words.add(at);
            _mm256_storeu_si256(at.cast(), a);
            _mm256_storeu_si256(at.add(STRIDE).cast(), b);
            _mm256_storeu_si256(at.add(2 * STRIDE).cast(), to);
            // to | (even & sign).
            let sum = _mm256_ternarylogic_epi32::<0xf8>(to, even, self.sign);
            _mm256_mask_blend_epi32(_bzhi_u32(0xff, pairs as u32) as u8, even, sum)
        }
    }
}

kernel! {
    /// As [`Rounds::list`]: `sizes` together are at most [`CHUNK`] and not more than `items`, and no round holds
    /// additions yet.
    pub(crate) fn list(t, rounds: &mut Rounds, items: &[u32], sizes: &[u32], sums: &mut [u32], place: u32, scratch: u32) {
        let total: u64 = sizes.iter().map(|size| u64::from(*size)).sum();
        assert!(total <= CHUNK as u64 && total <= items.len() as u64, "a chunk of lists");
        assert!(sums.len() == sizes.len() && rounds.lens == [0; ROUNDS] && rounds.words.len() == 3 * STRIDE * ROUNDS);
        // The items of a round of a list that is too long for a vector.
        let mut left = [0u32; CHUNK / 2 + ITEMS];
        let mut walk = Walk {
            halves: _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15),
            numbers: _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7),
            index: _mm256_set1_epi32(INDEX.cast_signed()),
            sign: _mm256_set1_epi32(SIGN.cast_signed()),
            words: rounds.words.as_mut_ptr(),
            lens: &mut rounds.lens,
        };
        let mut at = items.as_ptr();
        let mut next = scratch;
        for ((to, size), sum) in (place..).zip(sizes).zip(sums) {
            let mut count = *size as usize;
            let mut round = 0;
            // SAFETY: all lists together are within `items`, so `at` and `count` are. Lists of together at most CHUNK
            // items have at most CHUNK / 2 pairs in a round, and STRIDE has room for what is stored beyond; a list of
            // at most CHUNK items has at most sixteen, for which there are LAST_ROUNDS rounds, after the first
            // ROUNDS - LAST_ROUNDS. `left` has room for CHUNK / 2 items and for a vector beyond; it is read at or
            // above where it is written.
            let last = unsafe {
                let mut from = at;
                at = at.add(count);
                while count > ITEMS {
                    let pairs = count / 2;
                    let mut k = 0;
                    while k < count.div_ceil(2) {
                        let items = Walk::load(t, from.add(2 * k), (count - 2 * k).min(ITEMS));
                        let own = (pairs - k).min(ITEMS / 2);
                        let items = walk.pair(t, round, items, own, next + k as u32);
                        _mm256_storeu_si256(left.as_mut_ptr().add(k).cast(), items);
                        k += ITEMS / 2;
                    }
                    next += pairs as u32;
                    count -= pairs;
                    from = left.as_ptr();
                    round += 1;
                }
                let mut items = Walk::load(t, from, count);
                for k in 0..LAST_ROUNDS {
                    let pairs = count / 2;
                    let half = walk.pair(t, round + k, items, pairs, if count == 2 { to } else { next });
                    next += if count == 2 { 0 } else { pairs as u32 };
                    count -= pairs;
                    items = _mm512_zextsi256_si512(half);
                }
                _mm_cvtsi128_si32(_mm512_castsi512_si128(items)).cast_unsigned()
            };
            *sum = last;
        }
    }
}
