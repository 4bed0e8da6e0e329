//! Coordinates between memory, where an element is 32 packed bytes, and lanes.
//!
//! Eight elements at eight addresses become four vectors of words: rows 0|2, 1|3, 4|6, 5|7 are joined while loading,
//! so that two rounds of shuffles give words in lane order; 8 shuffles and 4 inserts an element vector.

#![allow(unsafe_code)]

use core::arch::x86_64::*;

use super::field::{Carried, Lanes, Modulus};
use super::simd::{Avx512, V};
use crate::msm::arena::INDEX;

/// Four words of each of eight elements at the given addresses.
///
/// # Safety
/// 32 bytes can be read at each address.
#[inline(always)]
pub(super) unsafe fn load_words(t: Avx512, at: [*mut u64; 8]) -> [V; 4] {
    // SAFETY: the caller vouches for the addresses, the token for the instructions.
    let join = |low: usize, high: usize| unsafe {
        let low = _mm256_loadu_si256(at[low].cast());
        let high = _mm256_loadu_si256(at[high].cast());
        _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high)
    };
    let (z0, z1, z2, z3) = (join(0, 2), join(1, 3), join(4, 6), join(5, 7));
    let (a0, a1) = (t.unpack_lo(z0, z1), t.unpack_hi(z0, z1));
    let (b0, b1) = (t.unpack_lo(z2, z3), t.unpack_hi(z2, z3));
    [
        t.shuffle_pairs::<0x88>(a0, b0),
        t.shuffle_pairs::<0x88>(a1, b1),
        t.shuffle_pairs::<0xdd>(a0, b0),
        t.shuffle_pairs::<0xdd>(a1, b1),
    ]
}

/// Eight elements at the given addresses; each is below B/8 p.
///
/// # Safety
/// As [`load_words`].
#[inline(always)]
pub(super) unsafe fn load<M: Modulus, const B: u32>(t: Avx512, at: [*mut u64; 8]) -> Lanes<M, Carried, B> {
    // SAFETY: the caller's.
    Lanes::unpack(t, unsafe { load_words(t, at) })
}

/// Writes x and y of eight points, 64 bytes each, to the given addresses.
///
/// # Safety
/// 64 bytes can be written at each address.
#[inline(always)]
pub(super) unsafe fn store_pairs<M: Modulus, const A: u32, const B: u32>(
    t: Avx512,
    to: [*mut u64; 8],
    x: Lanes<M, Carried, A>,
    y: Lanes<M, Carried, B>,
) {
    let rows = transpose(t, x.pack(t), y.pack(t));
    for k in 0..8 {
        // SAFETY: the caller vouches for the addresses, the token for the instruction.
        unsafe { _mm512_storeu_si512(to[k].cast(), rows[k]) };
    }
}

/// Row k is words 0 to 3 of lane k of x, then of y.
#[inline(always)]
pub(super) fn transpose(t: Avx512, x: [V; 4], y: [V; 4]) -> [V; 8] {
    let (x01, x01h) = (t.unpack_lo(x[0], x[1]), t.unpack_hi(x[0], x[1]));
    let (x23, x23h) = (t.unpack_lo(x[2], x[3]), t.unpack_hi(x[2], x[3]));
    let (y01, y01h) = (t.unpack_lo(y[0], y[1]), t.unpack_hi(y[0], y[1]));
    let (y23, y23h) = (t.unpack_lo(y[2], y[3]), t.unpack_hi(y[2], y[3]));
    // Each of these has the pairs of lanes 0, 2, 4, 6 (or 1, 3, 5, 7); gather a lane's four pairs.
    let rows = |p: V, q: V, r: V, s: V| {
        let (pq_low, pq_high) = (t.shuffle_pairs::<0x44>(p, q), t.shuffle_pairs::<0xee>(p, q));
        let (rs_low, rs_high) = (t.shuffle_pairs::<0x44>(r, s), t.shuffle_pairs::<0xee>(r, s));
        [
            t.shuffle_pairs::<0x88>(pq_low, rs_low),
            t.shuffle_pairs::<0xdd>(pq_low, rs_low),
            t.shuffle_pairs::<0x88>(pq_high, rs_high),
            t.shuffle_pairs::<0xdd>(pq_high, rs_high),
        ]
    };
    let even = rows(x01, x23, y01, y23);
    let odd = rows(x01h, x23h, y01h, y23h);
    [even[0], odd[0], even[1], odd[1], even[2], odd[2], even[3], odd[3]]
}

/// Addresses of word `word` of eight points of `point` words.
///
/// Indices are read one by one, as volatile: else the compiler computes addresses in a vector register and moves each
/// of them out of it, on the ports that the arithmetic needs.
#[inline(always)]
pub(super) fn addresses(base: *mut u64, items: &[u32; 8], point: usize, word: usize) -> [*mut u64; 8] {
    let mut at = [base; 8];
    for k in 0..8 {
        // SAFETY: a reference can be read.
        let item = unsafe { core::ptr::read_volatile(&raw const items[k]) };
        at[k] = base.wrapping_add((item & INDEX) as usize * point + word);
    }
    at
}

/// Asks for the line at an address.
#[inline(always)]
pub(super) fn prefetch(_: Avx512, at: *mut u64) {
    // SAFETY: a prefetch never faults.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) };
}
