//! The windows of an MSM: points into buckets, buckets into a few sums for each window.

use alloc::vec::Vec;

use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::{Affine, Projective};
use ark_ff::AdditiveGroup;

use super::curve::{Coordinate, Curve, Summer, VARIANTS};
use super::digits::{self, BLOCK, BUCKET, Code, Digits};
use super::lists::{Cursor, erase, put};
use super::slab::{Line, words};
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

/// Sorts points by bucket.
#[derive(Debug, Default)]
struct Sorter {
    /// Sizes of the lists, one for each place, and where the next item of each goes.
    sizes: Vec<u32>,
    cursors: Vec<Cursor>,
}

impl Sorter {
    /// Puts the points of window `j` into the lists of their buckets, whose sizes are returned.
    fn sort<C: Curve>(
        &mut self,
        summer: &mut Summer<C>,
        backend: Backend,
        digits: &Digits,
        j: usize,
        bases: u32,
        selection: Selection<'_>,
    ) -> &[u32] {
        // Place k is counted at k + 1, codes of no digit at 0.
        self.sizes.clear();
        self.sizes.resize(digits.windows.places(j) + 1, 0);
        let sizes = &mut self.sizes[..];
        each_code(digits, j, bases, selection, |_, codes| {
            codes.iter().for_each(|code| sizes[(code & BUCKET) as usize] += 1);
        });
        let items = summer.lay_out(&self.sizes[1..], &mut self.cursors);
        let (mut buckets, mut unsorted) = ([0; BLOCK], [0; BLOCK]);
        let cursors = &mut self.cursors[..];
        each_code(digits, j, bases, selection, |base, codes| {
            let count = digits::items(backend, codes, VARIANTS as u32 * base, &mut buckets, &mut unsorted);
            for (bucket, item) in buckets[..count].iter().zip(&unsorted) {
                put(items, &mut cursors[*bucket as usize], *item);
            }
        });
        buckets.fill(0);
        unsorted.fill(0);
        core::hint::black_box((&mut buckets, &mut unsorted));
        &self.sizes[1..]
    }
}

/// Calls `each` with the first base and the codes of a block of bases at a time in window `j`.
#[inline(always)]
fn each_code(digits: &Digits, j: usize, bases: u32, selection: Selection<'_>, mut each: impl FnMut(u32, &[Code])) {
    match selection {
        Selection::All => {
            for (base, codes) in (0..bases).step_by(BLOCK).zip(digits.window(j)) {
                each(base, &codes[..codes.len().min((bases - base) as usize)]);
            }
        }
        Selection::Some(scalars) => {
            let mut codes = [0; BLOCK];
            for (base, scalars) in (0..).step_by(BLOCK).zip(scalars.chunks(BLOCK)) {
                codes.iter_mut().zip(scalars).for_each(|(code, i)| *code = digits.code(j, *i as usize));
                each(base, &codes[..scalars.len()]);
            }
            codes.fill(0);
            core::hint::black_box(&mut codes);
        }
    }
}

/// Lists of points under construction, of some that there are: items of lists 0, 1, ... one after the other.
#[derive(Debug, Default)]
struct Plan {
    items: Vec<u32>,
    sizes: Vec<u32>,
}

impl Plan {
    fn clear(&mut self) {
        self.items.clear();
        self.sizes.clear();
    }

    fn push(&mut self, list: impl Iterator<Item = usize>, there: &[u32]) {
        let before = self.items.len();
        self.items.extend(list.filter(|i| there[*i] != 0).map(|i| i as u32));
        self.sizes.push((self.items.len() - before) as u32);
    }
}

/// What a task works in, used again and again.
pub(crate) struct Room<C: Curve> {
    backend: Backend,
    summer: Summer<C>,
    sorter: Sorter,
    plan: Plan,
    cursors: Vec<Cursor>,
    /// Sums of lists, and how many points are in each.
    sums: [Vec<Line>; 2],
    sizes: [Vec<u32>; 2],
}

/// Makes room for `count` points.
fn make_room<C: Curve>(points: &mut Vec<Line>, count: usize) {
    if points.len() < count * C::LINES {
        points.resize(count * C::LINES, Line::ZERO);
    }
}

impl<C: Curve> Room<C> {
    pub(crate) fn new(backend: Backend) -> Self {
        Self {
            summer: Summer::new(backend),
            backend,
            sorter: Sorter::default(),
            cursors: Vec::new(),
            plan: Plan::default(),
            sums: Default::default(),
            sizes: Default::default(),
        }
    }

    /// What it works with.
    #[cfg(feature = "std")]
    pub(crate) const fn backend(&self) -> Backend {
        self.backend
    }

    /// Overwrites what tells of the digits: the items of lists and how many each has. The sums stay.
    fn erase(&mut self) {
        self.summer.erase();
        erase(&mut self.sorter.sizes, 0);
        erase(&mut self.sorter.cursors, 0);
        erase(&mut self.plan.items, 0);
        erase(&mut self.plan.sizes, 0);
        erase(&mut self.cursors, 0);
        self.sizes.iter_mut().for_each(|sizes| erase(sizes, 0));
    }

    /// Sums the lists of the plan, of points that are `sums[0]`; they are then in its place.
    fn sum_plan(&mut self) {
        let [source, out] = &mut self.sums;
        make_room::<C>(out, self.plan.sizes.len());
        let places = self.summer.lay_out(&self.plan.sizes, &mut self.cursors);
        let mut items = self.plan.items.iter();
        for (cursor, size) in self.cursors.iter_mut().zip(&self.plan.sizes) {
            items.by_ref().take(*size as usize).for_each(|item| put(places, cursor, *item));
        }
        self.summer.sum(source, out);
        self.sums.swap(0, 1);
        core::mem::swap(&mut self.sizes[0], &mut self.plan.sizes);
        self.plan.clear();
    }

    /// The sum of the points that `items` name among `points`, none of which is the identity.
    pub(crate) fn sum_of(&mut self, points: &[Line], items: &[u32]) -> Affine<C> {
        if items.is_empty() {
            return Affine::identity();
        }
        self.summer.begin();
        make_room::<C>(&mut self.sums[0], 1);
        let places = self.summer.lay_out(&[items.len() as u32], &mut self.cursors);
        items.iter().for_each(|item| put(places, &mut self.cursors[0], *item));
        self.summer.sum(points, &mut self.sums[0]);
        C::read(self.backend, words(&self.sums[0][..C::LINES]))
    }

    /// The sums of windows `range` of `bases`. What is left behind tells nothing of the digits but by the sums of points.
    pub(crate) fn sum_windows(
        &mut self,
        bases: &[Line],
        digits: &Digits,
        range: core::ops::Range<usize>,
        selection: Selection<'_>,
    ) -> Vec<WindowSum<C>> {
        let sums = self.windows(bases, digits, range, selection);
        self.erase();
        sums
    }

    fn windows(
        &mut self,
        bases: &[Line],
        digits: &Digits,
        range: core::ops::Range<usize>,
        selection: Selection<'_>,
    ) -> Vec<WindowSum<C>> {
        self.summer.begin();
        // Buckets.
        let places: usize = range.clone().map(|j| digits.windows.places(j)).sum();
        make_room::<C>(&mut self.sums[0], places);
        self.sizes[0].clear();
        let mut place = 0;
        let count = (bases.len() / (VARIANTS * C::LINES)) as u32;
        for j in range.clone() {
            let sizes = self.sorter.sort(&mut self.summer, self.backend, digits, j, count, selection);
            self.summer.sum(bases, &mut self.sums[0][place * C::LINES..]);
            self.sizes[0].extend_from_slice(sizes);
            place += sizes.len();
        }
        // Bucket (a, b) counts a + b (1 + ω) times: sums over b for each a, and over a for each b.
        let mut start = 0;
        for j in range.clone() {
            let half = 1usize << (digits.windows.width(j) - 1);
            let end = start + half * half;
            (start..end).step_by(half).for_each(|row| self.plan.push(row..row + half, &self.sizes[0]));
            (start + 1..start + half).for_each(|first| self.plan.push((first..end).step_by(half), &self.sizes[0]));
            start = end;
        }
        self.sum_plan();
        // Weights 1..=half of the a, 1..half of the b: first the low and the high half of their bits...
        let mut start = 0;
        for j in range.clone() {
            let half = 1usize << (digits.windows.width(j) - 1);
            let low = 1usize << (digits.windows.width(j) / 2);
            for count in [half, half - 1] {
                // The point of weight w is at `start + w - 1`.
                let end = start + count;
                (start..start + low - 1).for_each(|first| self.plan.push((first..end).step_by(low), &self.sizes[0]));
                (1..=half / low).for_each(|value| {
                    let first = start + value * low - 1;
                    self.plan.push(first..end.min(first + low), &self.sizes[0]);
                });
                start = end;
            }
        }
        self.sum_plan();
        // ... then bit by bit.
        let mut start = 0;
        for j in range.clone() {
            let bits = digits.windows.width(j);
            let (half, low) = (1usize << (bits - 1), 1usize << (bits / 2));
            for _ in 0..2 {
                for (count, bits) in [(low - 1, bits / 2), (half / low, bits - bits / 2)] {
                    let own = start..start + count;
                    (0..bits).for_each(|bit| {
                        let with_bit = own.clone().filter(|i| (i - start + 1) >> bit & 1 == 1);
                        self.plan.push(with_bit, &self.sizes[0]);
                    });
                    start += count;
                }
            }
        }
        self.sum_plan();
        let points = self.sums[0].chunks_exact(C::LINES).zip(&self.sizes[0]);
        let mut points = points.map(|(lines, size)| match size {
            0 => Affine::identity(),
            _ => C::read(self.backend, words(lines)),
        });
        let mut next = |count: u32| -> Vec<Affine<C>> { points.by_ref().take(count as usize).collect() };
        range
            .map(|j| {
                let width = digits.windows.width(j);
                let (of_a, of_b) = (next(width), next(width));
                let bits = of_a.into_iter().zip(of_b).map(|(a, b)| [a, b]).collect();
                WindowSum { offset: digits.windows.offset(j), bits }
            })
            .collect()
    }
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
