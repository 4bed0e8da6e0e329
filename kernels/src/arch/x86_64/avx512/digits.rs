//! Digits of sixteen scalars at a time: the loop of the portable path, compiled for these registers.

use super::simd::kernel;
use crate::msm::digits::{self, Code};

kernel! {
    /// As [`digits::column`].
    pub(crate) fn column(t, words: [&[u32]; 4], carries: [&mut [u32]; 2], out: &mut [Code], shift: u32, c: u32) {
        let _ = t;
        digits::column(words, carries, out, shift, c);
    }
}
