//! Between lines of memory, where a coordinate is 32 packed bytes, and lanes.

#![allow(unsafe_code)]

use core::arch::x86_64::*;

use ark_bn254::Fq as Element;
use ark_ff::BigInt;

use super::field::{Carried, FqModulus, Lanes, Modulus, Raw, mul_fold};
use super::simd::{Avx512, V};
use crate::msm::lists::{INDEX, LANES, NOWHERE};
use crate::msm::slab::Line;

/// Four words of each of eight elements at the given addresses: rows 0|2, 1|3, 4|6, 5|7 are joined while loading, so
/// that two rounds of shuffles give words in lane order.
///
/// # Safety
/// 32 bytes can be read at each address.
#[inline(always)]
pub(super) unsafe fn load_words(t: Avx512, at: [*const u64; 8]) -> [V; 4] {
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
pub(super) unsafe fn load<M: Modulus, const B: u32>(t: Avx512, at: [*const u64; 8]) -> Lanes<M, Carried, B> {
    // SAFETY: the caller's.
    Lanes::unpack(t, unsafe { load_words(t, at) })
}

/// Eight elements of arkworks.
#[inline(always)]
pub(super) fn import(t: Avx512, elements: [&Element; 8]) -> Lanes<FqModulus, Carried, 9> {
    // SAFETY: addresses of elements, which are four words.
    let x: Lanes<FqModulus, Carried, 8> = unsafe { load(t, elements.map(|element| element.0.0.as_ptr())) };
    let [x]: [Lanes<FqModulus, Raw, 17>; 1] =
        mul_fold(t, [&x], [&Lanes::<FqModulus, Carried, 8>::constant(t, FqModulus::FROM_ARK)]);
    x.reduce(t)
}

/// Words in lane order as elements of arkworks, of whose form they are.
#[inline(always)]
pub(super) fn elements(words: [V; 4]) -> [Element; 8] {
    // SAFETY: both are 256 bytes without padding.
    let words: [[u64; 8]; 4] = unsafe { core::mem::transmute(words) };
    let mut out = [Element::new_unchecked(BigInt([0; 4])); 8];
    for (lane, out) in out.iter_mut().enumerate() {
        *out = Element::new_unchecked(BigInt([words[0][lane], words[1][lane], words[2][lane], words[3][lane]]));
    }
    out
}

/// Line `line` of eight points of `lines` each, as words: those of the first and of the second half in lane order.
#[inline(always)]
pub(super) fn load_lines(t: Avx512, source: &[Line], items: &[u32; LANES], lines: usize, line: usize) -> [[V; 4]; 2] {
    let mut rows = [t.zero(); LANES];
    for k in 0..LANES {
        let from = &source[(items[k] & INDEX) as usize * lines + line];
        // SAFETY: a line is 64 bytes; the token proves the instruction.
        rows[k] = unsafe { _mm512_load_si512(core::ptr::from_ref(from).cast()) };
    }
    let w = transpose(t, rows);
    [[w[0], w[1], w[2], w[3]], [w[4], w[5], w[6], w[7]]]
}

/// Writes x and y, lane k to line `line` of point `places[k]`, unless that is [`NOWHERE`].
#[inline(always)]
pub(super) fn store_lines(
    t: Avx512,
    [x, y]: [[V; 4]; 2],
    out: &mut [Line],
    places: &[u32; LANES],
    lines: usize,
    line: usize,
) {
    let rows = transpose(t, [x[0], x[1], x[2], x[3], y[0], y[1], y[2], y[3]]);
    for (row, place) in rows.into_iter().zip(places) {
        if *place != NOWHERE {
            let to = &mut out[*place as usize * lines + line];
            // SAFETY: a line is 64 bytes; the token proves the instruction.
            unsafe { _mm512_store_si512(core::ptr::from_mut(to).cast(), row) };
        }
    }
}

/// Points that are asked for while something else is computed, eight at a time.
pub(super) struct Ahead<'a> {
    source: &'a [Line],
    /// Lines of a point.
    lines: usize,
    items: core::slice::Iter<'a, [u32; LANES]>,
}

impl<'a> Ahead<'a> {
    pub(super) fn new(source: &'a [Line], lines: usize, items: &'a [[u32; LANES]]) -> Self {
        Self { source, lines, items: items.iter() }
    }

    /// Asks for the next eight, if there are some.
    #[inline(always)]
    pub(super) fn ask(&mut self, _: Avx512) {
        let Some(items) = self.items.next() else { return };
        for item in items {
            let at = self.source.as_ptr().wrapping_add((item & INDEX) as usize * self.lines);
            for line in 0..self.lines {
                // SAFETY: a prefetch never faults; x86-64 has it.
                unsafe { _mm_prefetch::<_MM_HINT_T0>(at.wrapping_add(line).cast()) };
            }
        }
    }
}

/// Lane j of vector i becomes lane i of vector j.
#[inline(always)]
pub(super) fn transpose(t: Avx512, x: [V; 8]) -> [V; 8] {
    let mut a = x;
    for k in 0..4 {
        a[2 * k] = t.unpack_lo(x[2 * k], x[2 * k + 1]);
        a[2 * k + 1] = t.unpack_hi(x[2 * k], x[2 * k + 1]);
    }
    // a[2k + h] holds lanes h, h + 2, h + 4, h + 6 of vectors 2k and 2k + 1, in pairs.
    let mut out = x;
    for h in 0..2 {
        let (p, q) = (t.shuffle_pairs::<0x88>(a[h], a[2 + h]), t.shuffle_pairs::<0xdd>(a[h], a[2 + h]));
        let (r, s) = (t.shuffle_pairs::<0x88>(a[4 + h], a[6 + h]), t.shuffle_pairs::<0xdd>(a[4 + h], a[6 + h]));
        out[h] = t.shuffle_pairs::<0x88>(p, r);
        out[h + 4] = t.shuffle_pairs::<0xdd>(p, r);
        out[h + 2] = t.shuffle_pairs::<0x88>(q, s);
        out[h + 6] = t.shuffle_pairs::<0xdd>(q, s);
    }
    out
}
