//! Sums of many lists of points, by rounds of pairwise additions.
//!
//! In each round the items of a list are added in pairs, so that a list of n shrinks to ceil(n / 2); an odd one waits,
//! by index. Pairs never depend on each other, so a round of all lists is one long run of additions that share
//! inversions. Lists are taken in chunks whose points stay in the second cache through all their rounds. Which points
//! the rounds add depends on the sizes only, so that one walk over the lists of a chunk lists the additions of all of
//! its [`Rounds`].

#![allow(unsafe_code)]

use alloc::vec;
use alloc::vec::Vec;
use core::marker::PhantomData;

use ark_ec::short_weierstrass::Affine;

use super::arena::{Additions, INDEX, PADDING, SIGN};
use super::curve::{Curve, Work};
use crate::arch::portable;
#[cfg(target_arch = "x86_64")]
use crate::arch::x86_64::avx512;
use crate::backend::Backend;

/// Items that a chunk of lists holds at most.
pub(crate) const CHUNK: usize = 8192;
/// Rounds until the longest list of a chunk is one item.
pub(crate) const ROUNDS: usize = CHUNK.ilog2() as usize;
/// Room for the additions of a round, with what is written beyond their end.
pub(crate) const STRIDE: usize = CHUNK / 2 + 32;
/// Vectors of additions that share an inversion.
const BATCH: usize = 128;
/// Additions are padded to whole multiples of this many.
const PAD: usize = 16;
/// No item: the sum of an empty list.
pub(crate) const NONE: u32 = INDEX;

/// The additions of a chunk, round by round.
pub(crate) struct Rounds {
    /// For each round what is added, to what, and where to: [`STRIDE`] words each.
    pub(crate) words: Vec<u32>,
    /// Additions in each round.
    pub(crate) lens: [usize; ROUNDS],
}

impl Rounds {
    fn new() -> Self {
        Self { words: vec![0; ROUNDS * 3 * STRIDE], lens: [0; ROUNDS] }
    }

    /// Adds item b to item a in round `round`; the item that the sum is.
    fn push(&mut self, round: usize, a: u32, b: u32, to: u32) -> u32 {
        let at = 3 * STRIDE * round + self.lens[round];
        self.lens[round] += 1;
        // a + b, where a has sign s, is s (|a| + s b).
        self.words[at] = a & INDEX;
        self.words[at + STRIDE] = b ^ (a & SIGN);
        self.words[at + 2 * STRIDE] = to;
        to | (a & SIGN)
    }

    /// Pads round `round`; point `to` takes what that makes.
    fn pad(&mut self, round: usize, to: u32) {
        while !self.lens[round].is_multiple_of(PAD) {
            self.push(round, PADDING[0], PADDING[1], to);
        }
    }

    /// Lists the additions that sum lists of `sizes`, together no more than `items` and [`CHUNK`], into none. The sum
    /// of list i, an item or [`NONE`], is written to `sums[i]`; where it has to be made, it is made at `place + i`,
    /// and what is made on the way from `scratch` on.
    fn list(&mut self, items: &[u32], sizes: &[u32], sums: &mut [u32], place: u32, scratch: u32) {
        let (mut rest, mut next) = (items, scratch);
        let mut own = Vec::new();
        for ((i, size), sum) in (place..).zip(sizes).zip(sums) {
            let (list, others) = rest.split_at(*size as usize);
            rest = others;
            own.clear();
            own.extend_from_slice(list);
            let mut round = 0;
            while own.len() > 1 {
                let (pairs, last) = (own.len() / 2, own.len() == 2);
                let to = if last { i } else { next };
                for k in 0..pairs {
                    own[k] = self.push(round, own[2 * k], own[2 * k + 1], to + k as u32);
                }
                if own.len() % 2 == 1 {
                    own[pairs] = own[2 * pairs];
                }
                own.truncate(own.len().div_ceil(2));
                next += if last { 0 } else { pairs as u32 };
                round += 1;
            }
            *sum = own.first().copied().unwrap_or(NONE);
        }
    }
}

/// Adds points of an arena.
pub(crate) struct Adder<C> {
    backend: Backend,
    base: *mut u64,
    points: usize,
    /// The point that takes what padding makes.
    padded: u32,
    work: Work,
    rounds: Rounds,
    /// Some point that this adder made is the identity: from then on each pair is looked at.
    identities: bool,
    curve: PhantomData<C>,
}

impl<C: Curve> Adder<C> {
    /// For the points of an arena.
    ///
    /// # Safety
    /// `base` holds `points` points, of which the first two are those for padding. While the adder lives, nobody
    /// writes the points that it reads, and nobody uses those that it writes, `padded` among them.
    pub(crate) unsafe fn new(backend: Backend, base: *mut u64, points: usize, padded: u32) -> Self {
        Self {
            backend,
            base,
            points,
            padded,
            work: Work::default(),
            rounds: Rounds::new(),
            identities: false,
            curve: PhantomData,
        }
    }

    /// What it adds with.
    pub(crate) const fn backend(&self) -> Backend {
        self.backend
    }

    /// The point that an item stands for.
    pub(crate) fn point(&self, item: u32) -> Affine<C> {
        let start = self.base.wrapping_add((item & INDEX) as usize * C::POINT_WORDS);
        // SAFETY: items are indices of the arena; nobody writes it now.
        let point = C::read(self.backend, unsafe { core::slice::from_raw_parts(start, C::POINT_WORDS) });
        if item & SIGN != 0 { -point } else { point }
    }

    /// Carries out the additions of a round, and forgets them.
    fn add_round(&mut self, round: usize) {
        self.rounds.pad(round, self.padded);
        let len = core::mem::take(&mut self.rounds.lens[round]);
        let [a, b, to] = [0, 1, 2].map(|k| self.rounds.words[(3 * round + k) * STRIDE..][..len].as_chunks::<8>().0);
        debug_assert!([a, b, to].iter().all(|l| l.as_flattened().iter().all(|i| ((i & INDEX) as usize) < self.points)));
        for start in (0..a.len()).step_by(BATCH) {
            let part = start..(start + BATCH).min(a.len());
            let after = part.end..(part.end + BATCH).min(a.len());
            let next = [&a[after.clone()], &b[after]];
            let ops = Additions { a: &a[part.clone()], b: &b[part.clone()], to: &to[part], next };
            // SAFETY: items are indices of the arena, written by nobody else; results go to places of their own.
            unsafe {
                if self.identities || !C::add(self.backend, self.base, ops, &mut self.work) {
                    self.identities |= portable::add_general::<C>(self.backend, self.base, ops);
                }
            }
        }
    }

    /// Sums each list: `items` has list 0, 1, ... of `sizes`, one after the other. Each sum is an item, [`NONE`] for
    /// that of an empty list; the sum of a list of two items or more is at point `place + i`. Points from `scratch` on
    /// are used, [`scratch_points`] of them.
    pub(crate) fn sum_lists(&mut self, items: &[u32], sizes: &[u32], place: u32, scratch: u32) -> Vec<u32> {
        let mut sums = vec![NONE; sizes.len()];
        let mut rest = items;
        let mut first = 0;
        while first < sizes.len() {
            let (mut end, mut count) = (first, 0);
            while end < sizes.len() && count + sizes[end] as usize <= CHUNK {
                count += sizes[end] as usize;
                end += 1;
            }
            let to = place + first as u32;
            if end == first {
                // A list that is longer than a chunk.
                let (list, others) = rest.split_at(sizes[first] as usize);
                rest = others;
                sums[first] = self.sum_long(list, to, scratch);
                first += 1;
                continue;
            }
            let (chunk, others) = rest.split_at(count);
            rest = others;
            self.sum_chunk(chunk, &sizes[first..end], &mut sums[first..end], to, scratch);
            first = end;
        }
        sums
    }

    /// The sum of one list, at `place` if it has two items or more.
    fn sum_long(&mut self, items: &[u32], place: u32, scratch: u32) -> u32 {
        let sizes: Vec<u32> = items.chunks(CHUNK).map(|part| part.len() as u32).collect();
        let parts = sizes.len() as u32;
        if parts == 1 {
            return self.sum_lists(items, &sizes, place, scratch)[0];
        }
        let sums = self.sum_lists(items, &sizes, scratch, scratch + parts);
        self.sum_long(&sums, place, scratch + parts)
    }

    /// [`Self::sum_lists`] of a chunk.
    fn sum_chunk(&mut self, items: &[u32], sizes: &[u32], sums: &mut [u32], place: u32, scratch: u32) {
        match self.backend {
            Backend::Portable => self.rounds.list(items, sizes, sums, place, scratch),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx512(token) => {
                avx512::lists::list(token, &mut self.rounds, items, sizes, sums, place, scratch);
            }
        }
        for round in 0..ROUNDS {
            if self.rounds.lens[round] == 0 {
                break;
            }
            self.add_round(round);
        }
    }
}

/// Points that [`Adder::sum_lists`] needs to sum lists of `items` items in all: what a chunk makes on its way, and the
/// sums of the parts of long lists.
pub(crate) const fn scratch_points(items: usize) -> usize {
    // Of m > 1 parts, all but one are whole chunks; their sums may have parts again.
    CHUNK + items / CHUNK + items / CHUNK / CHUNK + 64
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_listed_alike_by_every_backend() {
        let sizes: [&[u32]; 6] = [
            &[],
            &[0, 0, 1, 0],
            &[2, 1, 0, 3, 4, 5, 6, 7, 8, 9, 0, 10, 11, 12, 13, 14, 15, 16, 1],
            &[17, 18, 0, 31, 32, 33, 34, 1, 2, 63, 64, 65, 100, 255, 256, 257, 1000],
            &[8192],
            &[0, 4095, 4097],
        ];
        for sizes in sizes {
            let count: u32 = sizes.iter().sum();
            let items: Vec<u32> = (0..count).map(|i| (i + 3) ^ i.wrapping_mul(0x9e37_79b9) & SIGN).collect();
            let mut expected = Rounds::new();
            let mut expected_sums = vec![7; sizes.len()];
            expected.list(&items, sizes, &mut expected_sums, 20_000, 40_000);
            assert_eq!(expected.lens.iter().sum::<usize>(), sizes.iter().map(|n| n.saturating_sub(1) as usize).sum());
            for backend in Backend::all() {
                let Backend::Avx512(token) = backend else { continue };
                let mut rounds = Rounds::new();
                let mut sums = vec![7; sizes.len()];
                avx512::lists::list(token, &mut rounds, &items, sizes, &mut sums, 20_000, 40_000);
                assert_eq!((rounds.lens, &sums), (expected.lens, &expected_sums));
                for (k, words) in rounds.words.chunks(STRIDE).enumerate() {
                    let len = rounds.lens[k / 3];
                    assert_eq!(words[..len], expected.words[k * STRIDE..][..len], "round {}, part {}", k / 3, k % 3);
                }
            }
        }
    }
}
