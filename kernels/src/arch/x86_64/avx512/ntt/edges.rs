//! Between slices of elements, four words each, and lanes; transposition of lanes.

#![allow(unsafe_code)]

use core::arch::x86_64::*;

use ark_bn254::Fr;
use ark_ff::BigInt;

use super::super::field::{Carried, FrModulus, Lanes};
use super::super::simd::{Avx512, V};

/// What is four 64-bit words, the lowest first, and nothing else.
///
/// # Safety
/// The type is 32 bytes, all of them one `[u64; 4]`, of which each value below r is a value of the type.
pub(crate) unsafe trait FourWords: Copy {}
// SAFETY: 32 bytes (below), so nothing beside the `[u64; 4]` that it wraps; the words are public.
unsafe impl FourWords for BigInt<4> {}
// SAFETY: the same: a BigInt and a marker without size. Values below r are its invariant.
unsafe impl FourWords for Fr {}
const _: () = assert!(size_of::<Fr>() == 32 && size_of::<BigInt<4>>() == 32);

/// Eight elements, the first in lane 0.
#[inline(always)]
fn load(t: Avx512, from: [&Fr; 8]) -> Lanes<FrModulus, Carried, 8> {
    let join = |low: usize, high: usize| {
        let (low, high) = (core::ptr::from_ref(from[low]), core::ptr::from_ref(from[high]));
        // SAFETY: each is an element of 32 bytes; the token proves the instructions, which ask for no alignment.
        unsafe {
            let low = _mm256_loadu_si256(low.cast());
            _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), _mm256_loadu_si256(high.cast()))
        }
    };
    let (z0, z1, z2, z3) = (join(0, 2), join(1, 3), join(4, 6), join(5, 7));
    let (a, b) = (t.unpack_lo(z0, z1), t.unpack_hi(z0, z1));
    let (c, d) = (t.unpack_lo(z2, z3), t.unpack_hi(z2, z3));
    Lanes::unpack(
        t,
        [
            t.shuffle_pairs::<0x88>(a, c),
            t.shuffle_pairs::<0x88>(b, d),
            t.shuffle_pairs::<0xdd>(a, c),
            t.shuffle_pairs::<0xdd>(b, d),
        ],
    )
}

/// The elements of these indices.
#[inline(always)]
pub(crate) fn load_from(t: Avx512, from: &[Fr], indices: &[u32; 8]) -> Lanes<FrModulus, Carried, 8> {
    let [a, b, c, d, e, f, g, h] = *indices;
    let at = |index: u32| &from[index as usize];
    load(t, [at(a), at(b), at(c), at(d), at(e), at(f), at(g), at(h)])
}

/// Eight elements from where they are, zeros beyond the end of the slice.
#[inline(always)]
pub(crate) fn load_padded(t: Avx512, from: &[Fr], start: usize) -> Lanes<FrModulus, Carried, 8> {
    let rest = from.get(start..).unwrap_or(&[]);
    if let Some(eight) = rest.first_chunk::<8>() {
        return load(t, eight.each_ref());
    }
    let mut eight = [Fr::new_unchecked(BigInt([0; 4])); 8];
    eight[..rest.len()].copy_from_slice(rest);
    load(t, eight.each_ref())
}

/// Eight elements of a slice that is read from its first element to its last and from there backwards.
#[inline(always)]
pub(crate) fn load_backwards(t: Avx512, from: &[Fr], start: usize) -> Lanes<FrModulus, Carried, 8> {
    let n = from.len();
    let last = &from[n - start - 7..];
    let first = if start == 0 { &from[0] } else { &last[7] };
    load(t, [first, &last[6], &last[5], &last[4], &last[3], &last[2], &last[1], &last[0]])
}

/// Writes eight values below r.
#[inline(always)]
pub(crate) fn store<T: FourWords>(t: Avx512, x: Lanes<FrModulus, Carried, 8>, to: &mut [T; 8]) {
    let w = x.pack(t);
    let (even, odd) = ([0, 1, 8, 9, 2, 3, 10, 11], [4, 5, 12, 13, 6, 7, 14, 15]);
    let (low, high) = (t.lanes(even), t.lanes(odd));
    let (a, b) = (t.unpack_lo(w[0], w[1]), t.unpack_lo(w[2], w[3]));
    let (c, d) = (t.unpack_hi(w[0], w[1]), t.unpack_hi(w[2], w[3]));
    let (e02, e46) = (t.pick(a, low, b), t.pick(a, high, b));
    let (e13, e57) = (t.pick(c, low, d), t.pick(c, high, d));
    let rows = [
        t.shuffle_pairs::<0x44>(e02, e13),
        t.shuffle_pairs::<0xee>(e02, e13),
        t.shuffle_pairs::<0x44>(e46, e57),
        t.shuffle_pairs::<0xee>(e46, e57),
    ];
    let at = to.as_mut_ptr().cast::<V>();
    for (k, row) in rows.into_iter().enumerate() {
        // SAFETY: eight elements of 32 bytes each are four vectors, of which any value below r may be written; the
        // token proves the instruction, which asks for no alignment.
        unsafe { _mm512_storeu_si512(at.add(k), row) };
    }
}

/// Asks for the cache lines of a value that is about to be overwritten.
#[inline(always)]
pub(super) fn prefetch<T>(value: &T) {
    ask::<T, _MM_HINT_ET0>(value);
}

/// Asks for the cache lines of a value that is about to be read.
#[inline(always)]
pub(super) fn prefetch_for_reading<T>(value: &T) {
    ask::<T, _MM_HINT_T0>(value);
}

#[inline(always)]
fn ask<T, const HINT: i32>(value: &T) {
    let at = core::ptr::from_ref(value).cast::<i8>();
    for line in 0..size_of::<T>().div_ceil(64) {
        // SAFETY: the address is within the value; a prefetch has no effect but on the caches, and x86-64 has it.
        unsafe { _mm_prefetch::<HINT>(at.add(64 * line)) };
    }
}
