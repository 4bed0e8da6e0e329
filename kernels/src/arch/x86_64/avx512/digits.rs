//! Digits of sixteen scalars at a time.

#![allow(unsafe_code)]

use core::arch::x86_64::*;

use super::simd::kernel;
use crate::msm::arena::SIGN;
use crate::msm::curve::VARIANTS;
use crate::msm::digits::{self, BLOCK, BUCKET, Code, POWER};

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
