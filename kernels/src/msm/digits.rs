//! Scalars as digits in Z[ω].
//!
//! BN254 has the endomorphism φ(x, y) = (β x, y) of order 3, which multiplies by λ; 1 + λ + λ^2 = 0 mod r. So a scalar
//! is an Eisenstein integer t1 + t2 ω, of coordinates of half the length (Gallant, Lambert, Vanstone, 2001), that acts
//! by ω = φ; and the units of Z[ω], the six ±1, ±ω, ±ω^2, cost next to nothing. We write t1 + t2 ω with digits of base
//! N = 2^c taken from the hexagon of elements nearer to 0 than to any other multiple of N: N^2 of them, and up to a
//! unit only N^2 / 6. A digit is then a unit times an element a + b (1 + ω) with a > 0, b >= 0 of the sector of 60
//! degrees: (a, b) names a bucket, the unit the variant of the point that goes there. Windows of c bits of both
//! coordinates at once thus need N^2 / 6 buckets where signed digits of 2 c bits need N^2 / 2: 12 % fewer additions at
//! 2^16 points. `docs/KERNELS.md` has the derivation.

use alloc::vec;
use alloc::vec::Vec;

use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};

use super::curve::VARIANTS;
use super::lists::SIGN;
#[cfg(target_arch = "x86_64")]
use crate::arch::x86_64::avx512;
use crate::backend::Backend;

/// Bits of t1 and t2 in two's complement, which hold any scalar with a margin for the top digit.
pub(crate) const BITS: u32 = 128;
/// Scalars that are recoded together.
pub(crate) const BLOCK: usize = 1024;
/// Lanes of a block's loops.
const LANES: usize = 16;

/// A digit of a scalar: 0 for none, else the bucket plus one; the power of ω; the sign.
pub(crate) type Code = u32;
/// The bits of a code that say the bucket.
pub(crate) const BUCKET: u32 = (1 << 28) - 1;
/// Where a code has the power of ω.
pub(crate) const POWER: u32 = 28;

/// Base 2^c for each window, from the lowest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Windows {
    widths: Vec<u32>,
}

impl Windows {
    /// `count` windows, as even as can be, that make up 128 bits.
    ///
    /// # Panics
    /// For a count below 10 or above 42.
    #[must_use]
    pub fn new(count: u32) -> Self {
        assert!((BITS.div_ceil(13)..=BITS / 3).contains(&count), "windows of 3 to 13 bits");
        let (narrow, wide) = (BITS / count, BITS % count);
        Self { widths: (0..count).map(|j| narrow + u32::from(j < wide)).collect() }
    }

    /// The best number of windows for `n` scalars, most of which are of full size: additions into buckets, and two for
    /// each bucket to sum them up, less its first, with its way to memory and back.
    #[must_use]
    pub fn for_scalars(n: usize) -> Self {
        let cost = |count: &u32| {
            let windows = Self::new(*count);
            let buckets: usize = windows.widths.iter().map(|c| (1usize << (2 * c)) / 6 + 100).sum();
            n * *count as usize + 2 * buckets
        };
        Self::new((12..=42).min_by_key(cost).unwrap_or(20))
    }

    /// How many.
    #[allow(clippy::len_without_is_empty)]
    #[must_use]
    pub fn len(&self) -> usize {
        self.widths.len()
    }

    /// c of window j.
    pub(crate) fn width(&self, j: usize) -> u32 {
        self.widths[j]
    }

    /// Bits below window j.
    pub(crate) fn offset(&self, j: usize) -> u32 {
        self.widths[..j].iter().sum()
    }

    /// Places for buckets of window j: bucket (a, b) is at (a - 1) 2^(c - 1) + b, for a in 1..=2^(c - 1) and b in
    /// 0..2^(c - 1); a third of the places stay empty.
    pub(crate) fn places(&self, j: usize) -> usize {
        1 << (2 * self.widths[j] - 2)
    }
}

/// Coordinates of the generator π = A - B ω of the ideal of elements that act as 0: A^2 + A B + B^2 = r.
pub(crate) const A: u128 = 9_931_322_734_385_697_763;
pub(crate) const B: u128 = 147_946_756_881_789_319_000_765_030_803_803_410_728;

/// round(2^256 (A + B) / r) and round(2^256 B / r), in words.
const QUOTIENTS: [[u64; 3]; 2] =
    [[0x5398_fd03_00ff_6565, 0x4cce_f014_a773_d2d2, 2], [0x7a7b_d9d4_391e_b18e, 0x4cce_f014_a773_d2cf, 2]];

/// round(x g / 2^256), below 2^128 for x below r.
fn quotient(x: &[u64; 4], g: &[u64; 3]) -> u128 {
    let mut product = [0u64; 8];
    // A half, for rounding.
    product[3] = 1 << 63;
    for i in 0..3 {
        let mut carry = 0u64;
        for j in 0..4 {
            let t = u128::from(x[j]) * u128::from(g[i]) + u128::from(product[i + j]) + u128::from(carry);
            product[i + j] = t as u64;
            carry = (t >> 64) as u64;
        }
        let mut k = i + 4;
        while carry != 0 && k < 8 {
            let (sum, over) = product[k].overflowing_add(carry);
            product[k] = sum;
            carry = u64::from(over);
            k += 1;
        }
    }
    u128::from(product[4]) | u128::from(product[5]) << 64
}

/// (t1, t2) with x = t1 + t2 λ mod r, as two's complement of 128 bits; both below 2^126.9 in size.
pub(crate) fn decompose(x: &[u64; 4]) -> (u128, u128) {
    // x = q1 π + q2 ω π + (t1 + t2 ω), where π = (A, -B) and ω π = (B, A + B).
    let (q1, q2) = (quotient(x, &QUOTIENTS[0]), quotient(x, &QUOTIENTS[1]));
    let low = u128::from(x[0]) | u128::from(x[1]) << 64;
    let t1 = low.wrapping_sub(q1.wrapping_mul(A)).wrapping_sub(q2.wrapping_mul(B));
    let t2 = q1.wrapping_mul(B).wrapping_sub(q2.wrapping_mul(A + B));
    (t1, t2)
}

/// The digits of many scalars, block by block, in a block window by window.
#[derive(Debug)]
pub struct Digits {
    pub(crate) windows: Windows,
    n: usize,
    codes: Vec<Code>,
}

impl Digits {
    /// Digits of scalars; blocks in parallel where they can be.
    #[must_use]
    pub fn new(backend: Backend, scalars: &[Fr], windows: Windows) -> Self {
        Self::of(backend, scalars, windows, |scalars, halves| match backend {
            Backend::Portable => write_halves(scalars.iter().map(|x| x.into_bigint()), halves),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx512(token) => avx512::digits::halves_of_elements(token, scalars, halves),
        })
    }

    /// Digits of integers below r.
    ///
    /// # Panics
    /// When an integer is not below r.
    #[must_use]
    pub fn from_integers(backend: Backend, integers: &[BigInt<4>], windows: Windows) -> Self {
        Self::of(backend, integers, windows, |integers, halves| {
            assert!(integers.iter().all(|x| *x < Fr::MODULUS), "integers below r");
            match backend {
                Backend::Portable => write_halves(integers.iter().copied(), halves),
                #[cfg(target_arch = "x86_64")]
                Backend::Avx512(token) => avx512::digits::halves_of_integers(token, integers, halves),
            }
        })
    }

    fn of<S: Sync>(
        backend: Backend,
        scalars: &[S],
        windows: Windows,
        decompose: impl Fn(&[S], &mut Halves) + Sync,
    ) -> Self {
        let per_block = BLOCK * windows.len();
        let mut codes = vec![0; scalars.len().div_ceil(BLOCK) * per_block];
        let each = |room: &mut Room, (scalars, codes): (&[S], &mut [Code])| {
            decompose(scalars, &mut room.halves);
            recode(backend, scalars.len(), &windows, room, codes);
        };
        #[cfg(feature = "parallel")]
        {
            use rayon::prelude::*;
            let blocks = scalars.par_chunks(BLOCK).zip(codes.par_chunks_mut(per_block));
            blocks.for_each_init(Room::new, each);
        }
        #[cfg(not(feature = "parallel"))]
        {
            let mut room = Room::new();
            scalars.chunks(BLOCK).zip(codes.chunks_mut(per_block)).for_each(|block| each(&mut room, block));
        }
        Self { n: scalars.len(), windows, codes }
    }

    /// How many scalars there are.
    pub(crate) const fn len(&self) -> usize {
        self.n
    }

    /// The digit of scalar `i` in window `j`.
    #[inline(always)]
    pub(crate) fn code(&self, j: usize, i: usize) -> Code {
        self.codes[((i / BLOCK) * self.windows.len() + j) * BLOCK + i % BLOCK]
    }

    /// The digits of window `j`, block by block.
    pub(crate) fn window(&self, j: usize) -> impl Iterator<Item = &[Code]> {
        let (step, count) = (BLOCK * self.windows.len(), self.n.div_ceil(BLOCK));
        (0..count).map(move |k| {
            let start = k * step + j * BLOCK;
            &self.codes[start..start + BLOCK.min(self.n - k * BLOCK)]
        })
    }
}

impl Drop for Digits {
    fn drop(&mut self) {
        // Digits are secrets.
        for code in &mut self.codes {
            *code = 0;
        }
        core::hint::black_box(&self.codes);
    }
}

/// The halves of a block of scalars: word k of coordinate h of scalar i at `[h][k][i]`. Words 4 stay 0.
pub(crate) type Halves = [[[u32; BLOCK]; 5]; 2];

fn write_halves(integers: impl Iterator<Item = BigInt<4>>, halves: &mut Halves) {
    for (i, x) in integers.enumerate() {
        let (t1, t2) = decompose(&x.0);
        for (half, t) in halves.iter_mut().zip([t1, t2]) {
            for (k, row) in half[..4].iter_mut().enumerate() {
                row[i] = (t >> (32 * k)) as u32;
            }
        }
    }
}

/// Room to recode block after block.
struct Room {
    halves: Halves,
    carries: [[u32; BLOCK]; 2],
}

impl Room {
    const fn new() -> Self {
        Self { halves: [[[0; BLOCK]; 5]; 2], carries: [[0; BLOCK]; 2] }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        // Secrets: the halves of the scalars and what was carried.
        self.halves = [[[0; BLOCK]; 5]; 2];
        self.carries = [[0; BLOCK]; 2];
        core::hint::black_box(&mut *self);
    }
}

/// Codes of the scalars, at most a block, whose halves are in `room`: `codes[j BLOCK + i]` for window j of scalar i.
fn recode(backend: Backend, scalars: usize, windows: &Windows, room: &mut Room, codes: &mut [Code]) {
    let Room { halves: words, carries } = room;
    *carries = [[0; BLOCK]; 2];
    let used = scalars.next_multiple_of(LANES);
    let mut offset = 0;
    for j in 0..windows.len() {
        let c = windows.width(j);
        let (word, shift) = ((offset / 32) as usize, offset % 32);
        let out = &mut codes[j * BLOCK..(j + 1) * BLOCK];
        let (first, second) = carries.split_at_mut(1);
        let columns = [
            &words[0][word][..used],
            &words[0][word + 1][..used],
            &words[1][word][..used],
            &words[1][word + 1][..used],
        ];
        let carries = [&mut first[0][..used], &mut second[0][..used]];
        match backend {
            Backend::Portable => column(columns, carries, &mut out[..used], shift, c),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx512(token) => avx512::digits::column(token, columns, carries, &mut out[..used], shift, c),
        }
        offset += c;
    }
}

/// Buckets and items of codes, at most a block, those that are 0 left out; their number. Code i is that of a base whose
/// first variant is point `first + VARIANTS i`.
pub(crate) fn items(
    backend: Backend,
    codes: &[Code],
    first: u32,
    buckets: &mut [u32; BLOCK],
    items: &mut [u32; BLOCK],
) -> usize {
    match backend {
        Backend::Portable => {
            let mut count = 0;
            for (point, code) in (first..).step_by(VARIANTS).zip(codes) {
                if *code != 0 {
                    buckets[count] = (code & BUCKET) - 1;
                    items[count] = (point + (code >> POWER & 3)) | (code & SIGN);
                    count += 1;
                }
            }
            count
        }
        #[cfg(target_arch = "x86_64")]
        Backend::Avx512(token) => avx512::digits::items(token, codes, first, buckets, items),
    }
}

/// One window of many scalars: c bits of both coordinates plus what the window below carried, brought into the hexagon
/// and the sector. One loop without branches, for the compiler to vectorise with what its caller may use.
#[inline(always)]
pub(crate) fn column(words: [&[u32]; 4], carries: [&mut [u32]; 2], out: &mut [Code], shift: u32, c: u32) {
    let n = 1i32 << c;
    let half = c - 1;
    let [low1, high1, low2, high2] = words;
    let [carry1, carry2] = carries;
    let len = out.len();
    assert!([low1.len(), high1.len(), low2.len(), high2.len(), carry1.len(), carry2.len()] == [len; 6]);
    for i in 0..len {
        let window = |low: u32, high: u32| ((low >> shift | ((high << 1) << (31 - shift))) as i32) & (n - 1);
        let x = window(low1[i], high1[i]) + carry1[i] as i32;
        let y = window(low2[i], high2[i]) + carry2[i] as i32;
        // Conditions are masks, 0 or -1: a sign shifted down, or a comparison.
        let negative = |x: i32| x >> 31;
        // The nearest of the four corners of the cell that (x, y) is in, for the norm x^2 - x y + y^2.
        let far = negative(n - x - y);
        let up1 = negative(n - 2 * x + y) | (far & !negative(2 * x - y));
        let up2 = negative(n - 2 * y + x) | (far & !negative(2 * y - x));
        carry1[i] = (up1 & 1) as u32;
        carry2[i] = (up2 & 1) as u32;
        let (x, y) = (x - (n & up1), y - (n & up2));
        // A sign brings it to the upper half plane, a power of ω into the sector.
        let minus = negative(y) | (negative(y - 1) & negative(x));
        let (x, y) = ((x ^ minus) - minus, (y ^ minus) - minus);
        // At most one of these: x > y >= 0, or x <= 0.
        let (first, third) = (negative(y - x), negative(x - 1));
        let second = !(first | third);
        let a = (x & !third) + (y & third) - (y & first);
        let b = (y & !third) - (x & !first);
        let power = (third & 1) | (second & 2);
        let bucket = (((a - 1) << half) | b) + 1;
        let code = bucket | power << POWER | (minus ^ second) << 31;
        out[i] = (code & negative(-a)) as u32;
    }
}

#[cfg(test)]
mod tests {
    use ark_ff::{AdditiveGroup, BigInteger, Field, One, Zero};

    use super::*;

    fn lambda() -> Fr {
        Fr::from_le_bytes_mod_order(
            &ark_ff::BigInt::<4>::new([0x8b17_ea66_b99c_90dd, 0x5bfc_4108_8d8d_aaa7, 0xb3c4_d79d_41a9_1758, 0])
                .to_bytes_le(),
        )
    }

    fn signed(x: u128) -> Fr {
        let x = x.cast_signed();
        if x < 0 { -Fr::from(x.unsigned_abs()) } else { Fr::from(x.unsigned_abs()) }
    }

    fn scalars() -> Vec<Fr> {
        let mut x = Fr::from(7u64);
        let mut all = vec![
            Fr::zero(),
            Fr::one(),
            -Fr::one(),
            Fr::from(2u64),
            -Fr::from(2u64),
            lambda(),
            -lambda(),
            lambda().square(),
        ];
        all.extend((0..254).map(|k| Fr::from(2u64).pow([k])));
        all.extend((0..254).map(|k| Fr::from(2u64).pow([k]) - Fr::one()));
        all.extend((0..254).map(|k| -Fr::from(2u64).pow([k])));
        all.extend((0..2000).map(|_| {
            x = x.square() + Fr::from(5u64);
            x
        }));
        all
    }

    #[test]
    fn a_scalar_is_its_two_halves_which_are_short() {
        for x in scalars() {
            let (t1, t2) = decompose(&x.into_bigint().0);
            assert_eq!(signed(t1) + signed(t2) * lambda(), x);
            for t in [t1, t2] {
                assert!(t.cast_signed().unsigned_abs() < 158_000_000_000_000_000_000_000_000_000_000_000_000, "{t:x}");
            }
        }
    }

    #[test]
    fn every_backend_finds_short_halves_of_elements_and_of_integers() {
        let scalars = scalars();
        let check = |backend: Backend, scalars: &[Fr], halves: &Halves| {
            // In tenths of 10^36: the vectors' quotients have a finer constant.
            let tenths: u128 = if backend == Backend::Portable { 1580 } else { 1503 };
            let limit = tenths * 10u128.pow(35);
            for (i, x) in scalars.iter().enumerate() {
                let [t1, t2] = [0, 1].map(|h| (0..4).fold(0, |t, k| t | u128::from(halves[h][k][i]) << (32 * k)));
                assert_eq!(signed(t1) + signed(t2) * lambda(), *x, "{backend}, scalar {i}");
                for t in [t1, t2] {
                    assert!(t.cast_signed().unsigned_abs() < limit);
                }
            }
            assert_eq!([halves[0][4], halves[1][4]], [[0; BLOCK]; 2]);
        };
        for scalars in scalars.chunks(BLOCK).chain([&scalars[..1], &scalars[5..28]]) {
            let integers: Vec<BigInt<4>> = scalars.iter().map(|x| x.into_bigint()).collect();
            for backend in Backend::all() {
                let mut rooms = [Room::new(), Room::new()];
                let [elements, others] = &mut rooms;
                match backend {
                    Backend::Portable => {
                        write_halves(integers.iter().copied(), &mut elements.halves);
                        write_halves(integers.iter().copied(), &mut others.halves);
                    }
                    #[cfg(target_arch = "x86_64")]
                    Backend::Avx512(token) => {
                        avx512::digits::halves_of_elements(token, scalars, &mut elements.halves);
                        avx512::digits::halves_of_integers(token, &integers, &mut others.halves);
                    }
                }
                check(backend, scalars, &elements.halves);
                check(backend, scalars, &others.halves);
            }
        }
    }

    #[test]
    fn digits_of_integers_are_those_of_elements() {
        let scalars = scalars();
        let integers: Vec<BigInt<4>> = scalars.iter().map(|x| x.into_bigint()).collect();
        for backend in Backend::all() {
            let of_elements = Digits::new(backend, &scalars, Windows::new(18));
            let of_integers = Digits::from_integers(backend, &integers, Windows::new(18));
            for j in 0..18 {
                assert!(of_elements.window(j).eq(of_integers.window(j)), "{backend}, window {j}");
            }
        }
    }

    #[test]
    fn digits_of_any_windows_make_up_the_scalar() {
        let scalars = scalars();
        for count in [11, 14, 16, 17, 19, 20, 25, 32, 42] {
            let windows = Windows::new(count);
            for backend in Backend::all() {
                let digits = Digits::new(backend, &scalars, windows.clone());
                for (i, x) in scalars.iter().enumerate() {
                    let mut sum = Fr::ZERO;
                    for j in 0..windows.len() {
                        let code = digits.code(j, i);
                        if code == 0 {
                            continue;
                        }
                        let (place, c) = ((code & BUCKET) - 1, windows.width(j));
                        let (a, b) = ((place >> (c - 1)) + 1, place & ((1 << (c - 1)) - 1));
                        assert!(2 * a + b <= 1 << c && a + 2 * b <= 1 << c, "outside the hexagon");
                        assert!((place as usize) < windows.places(j));
                        let unit = lambda().pow([u64::from(code >> POWER & 3)]);
                        let digit = (Fr::from(a) + Fr::from(b) * (Fr::one() + lambda())) * unit;
                        let digit = if code >> 31 == 1 { -digit } else { digit };
                        sum += digit * Fr::from(2u64).pow([u64::from(windows.offset(j))]);
                    }
                    assert_eq!(sum, *x, "scalar {i}, {count} windows");
                }
            }
        }
    }
}
