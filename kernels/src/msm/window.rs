//! The windows of an MSM: points into buckets, buckets into a few sums for each window.

use alloc::vec::Vec;

use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::{Affine, Projective};
use ark_ff::AdditiveGroup;

use super::arena::FIRST_BASE;
use super::curve::{Coordinate, Curve, VARIANTS};
use super::digits::{self, BLOCK, Code, Digits, Windows};
use super::lists::{Adder, NONE, scratch_points};
use crate::backend::Backend;

/// Which scalar goes with a base.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Selection<'a> {
    /// Base i has scalar i.
    All,
    /// Base i has the scalar of this number.
    Some(&'a [u32]),
}

/// Sum of a window by bits: 2^j times the first of pair j, and (1 + ω) 2^j times the second, over all j.
#[derive(Clone, Debug)]
pub(crate) struct WindowSum<C: Curve> {
    pub(crate) offset: u32,
    pub(crate) bits: Vec<[Affine<C>; 2]>,
}

/// Sorts points by bucket, window after window in the same room.
struct Sorter {
    backend: Backend,
    /// Sizes of the lists, and where the next item of each goes.
    sizes: Vec<u32>,
    ends: Vec<u32>,
    items: Vec<u32>,
}

impl Sorter {
    /// The lists of window `j`, one for each place: items, one list after the other, and sizes.
    fn sort(&mut self, digits: &Digits, j: usize, bases: u32, selection: Selection<'_>) -> (&[u32], &[u32]) {
        let places = digits.windows.places(j);
        self.sizes.clear();
        self.sizes.resize(places, 0);
        let sizes = &mut self.sizes[..];
        blocks(self.backend, digits, j, bases, selection, |buckets, _| {
            buckets.iter().for_each(|bucket| sizes[*bucket as usize] += 1);
        });
        self.ends.clear();
        let mut sum = 0;
        self.ends.extend(sizes.iter().map(|size| {
            let start = sum;
            sum += size;
            start
        }));
        if self.items.len() < sum as usize {
            self.items.resize(sum as usize, 0);
        }
        let (ends, items) = (&mut self.ends[..], &mut self.items[..sum as usize]);
        blocks(self.backend, digits, j, bases, selection, |buckets, unsorted| {
            for (bucket, item) in buckets.iter().zip(unsorted) {
                let end = &mut ends[*bucket as usize];
                items[*end as usize] = *item;
                *end += 1;
            }
        });
        (items, sizes)
    }
}

/// Calls `each` with buckets and items of window `j`, of a block of bases at a time, those left out that have no digit.
#[inline(always)]
fn blocks(
    backend: Backend,
    digits: &Digits,
    j: usize,
    bases: u32,
    selection: Selection<'_>,
    mut each: impl FnMut(&[u32], &[u32]),
) {
    let (mut buckets, mut items) = ([0; BLOCK], [0; BLOCK]);
    let mut block = |base: u32, codes: &[Code]| {
        let count = digits::items(backend, codes, FIRST_BASE + VARIANTS as u32 * base, &mut buckets, &mut items);
        each(&buckets[..count], &items[..count]);
    };
    match selection {
        Selection::All => {
            for (base, codes) in (0..bases).step_by(BLOCK).zip(digits.window(j)) {
                block(base, &codes[..codes.len().min((bases - base) as usize)]);
            }
        }
        Selection::Some(scalars) => {
            let mut codes = [0; BLOCK];
            for (base, scalars) in (0..).step_by(BLOCK).zip(scalars.chunks(BLOCK)) {
                codes.iter_mut().zip(scalars).for_each(|(code, i)| *code = digits.code(j, *i as usize));
                block(base, &codes[..scalars.len()]);
            }
        }
    }
}

/// Lists under construction: items of lists 0, 1, ... one after the other.
#[derive(Default)]
struct Lists {
    items: Vec<u32>,
    sizes: Vec<u32>,
}

impl Lists {
    fn push(&mut self, list: impl Iterator<Item = u32>) {
        let before = self.items.len();
        self.items.extend(list.filter(|item| *item != NONE));
        self.sizes.push((self.items.len() - before) as u32);
    }

    /// Sums of the lists, which stay at `place` and on; the next free place is returned too.
    fn sum<C: Curve>(&self, adder: &mut Adder<C>, place: u32) -> (Vec<u32>, u32) {
        let scratch = place + self.sizes.len() as u32;
        (adder.sum_lists(&self.items, &self.sizes, place, scratch), scratch)
    }
}

/// Points that a slot needs for the windows `range` of at most `bases` bases.
pub(crate) fn slot_points(windows: &Windows, range: core::ops::Range<usize>, bases: usize) -> usize {
    let places: usize = range.clone().map(|j| windows.places(j)).sum();
    // Lists of the reduction: 2^c, then at most 2 (2^(c / 2) + 2^(c - 1 - c / 2)), then 2 c.
    let lists: usize = range.map(|j| (2 << windows.width(j)) + 64).sum();
    // The places of buckets and of the sums after them, and what is made on the way; a base is in one list.
    places + lists + scratch_points(bases.max(places))
}

/// Sums windows `range`, with a slot of points from `slot` on.
pub(crate) fn sum_windows<C: Curve>(
    adder: &mut Adder<C>,
    digits: &Digits,
    range: core::ops::Range<usize>,
    bases: u32,
    selection: Selection<'_>,
    slot: u32,
) -> Vec<WindowSum<C>> {
    // Buckets.
    let places: u32 = range.clone().map(|j| digits.windows.places(j) as u32).sum();
    let mut place = slot;
    let mut buckets = Vec::new();
    let mut sorter = Sorter { backend: adder.backend(), sizes: Vec::new(), ends: Vec::new(), items: Vec::new() };
    for j in range.clone() {
        let (items, sizes) = sorter.sort(digits, j, bases, selection);
        buckets.push(adder.sum_lists(items, sizes, place, slot + places));
        place += sizes.len() as u32;
    }
    // Bucket (a, b) counts a + b (1 + ω) times: sums over b for each a, and over a for each b.
    let mut lists = Lists::default();
    for (j, buckets) in range.clone().zip(&buckets) {
        let half = 1usize << (digits.windows.width(j) - 1);
        (0..half).for_each(|a| lists.push(buckets[a * half..(a + 1) * half].iter().copied()));
        (1..half).for_each(|b| lists.push(buckets[b..].iter().step_by(half).copied()));
    }
    let (sums, place) = lists.sum(adder, place);
    // Weights 1..=half of the a, 1..half of the b: first the low and the high half of their bits...
    let mut lists = Lists::default();
    let mut rest = &sums[..];
    for j in range.clone() {
        let half = 1usize << (digits.windows.width(j) - 1);
        for count in [half, half - 1] {
            let (own, others) = rest.split_at(count);
            rest = others;
            let bits = digits.windows.width(j);
            let low = 1usize << (bits / 2);
            (1..low).for_each(|value| lists.push(own.iter().skip(value - 1).step_by(low).copied()));
            (1..=half / low).for_each(|value| {
                lists.push(own.iter().skip(value * low - 1).take(low).copied());
            });
        }
    }
    let (sums, place) = lists.sum(adder, place);
    // ... then bit by bit.
    let mut lists = Lists::default();
    let mut rest = &sums[..];
    for j in range.clone() {
        let bits = digits.windows.width(j);
        let (half, low) = (1usize << (bits - 1), 1usize << (bits / 2));
        for _ in 0..2 {
            let (own_low, others) = rest.split_at(low - 1);
            let (own_high, others) = others.split_at(half / low);
            rest = others;
            let with_bit = |own: &'_ [u32], bit: u32| {
                own.iter()
                    .enumerate()
                    .filter(move |(i, _)| (i + 1) >> bit & 1 == 1)
                    .map(|(_, s)| *s)
                    .collect::<Vec<_>>()
            };
            (0..bits / 2).for_each(|bit| lists.push(with_bit(own_low, bit).into_iter()));
            (0..bits - bits / 2).for_each(|bit| lists.push(with_bit(own_high, bit).into_iter()));
        }
    }
    let (sums, _) = lists.sum(adder, place);
    let mut sums = sums.into_iter().map(|item| if item == NONE { Affine::identity() } else { adder.point(item) });
    let mut next = |count: u32| -> Vec<Affine<C>> { sums.by_ref().take(count as usize).collect() };
    range
        .map(|j| {
            let width = digits.windows.width(j);
            let (of_a, of_b) = (next(width), next(width));
            let bits = of_a.into_iter().zip(of_b).map(|(a, b)| [a, b]).collect();
            WindowSum { offset: digits.windows.offset(j), bits }
        })
        .collect()
}

/// The sum of all windows: Horner's rule over the bits.
pub(crate) fn combine<C: Curve>(mut windows: Vec<WindowSum<C>>) -> Projective<C> {
    windows.sort_by_key(|window| core::cmp::Reverse(window.offset));
    let mut total = Projective::<C>::ZERO;
    for window in windows {
        for [a, b] in window.bits.iter().rev() {
            // A window has one pair for each of its bits, so the next bit below is half as much.
            total.double_in_place();
            total += a;
            if !b.is_zero() {
                // (1 + ω) b = -ω^2 b, and ω (x, y) = (β x, y).
                let x = b.x.scale(&C::BETA).scale(&C::BETA);
                total += Affine::new_unchecked(x, -b.y);
            }
        }
    }
    total
}
