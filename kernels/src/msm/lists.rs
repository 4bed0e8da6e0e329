//! Sums of many lists of points, by rounds of pairwise additions.
//!
//! In each round the items of a list are added in pairs, so that a list of n shrinks to ceil(n / 2); an odd one waits,
//! by index. Pairs never depend on each other, so a round of all lists is one long run of additions that share
//! inversions. Lists are taken in chunks whose points stay in the second cache through all their rounds.

#![allow(unsafe_code)]

use alloc::vec::Vec;
use core::marker::PhantomData;

use ark_ec::short_weierstrass::Affine;

use super::arena::{Additions, INDEX, PADDING, SIGN};
use super::curve::{Curve, Work};
use crate::arch::portable;
use crate::backend::Backend;

/// Items that a chunk of lists holds, more or less.
pub(crate) const CHUNK: usize = 8192;
/// Vectors of additions that share an inversion.
const BATCH: usize = 128;
/// Additions are padded to whole multiples of this many.
const PAD: usize = 16;

/// Adds points of an arena.
pub(crate) struct Adder<C> {
    backend: Backend,
    base: *mut u64,
    points: usize,
    work: Work,
    a: Vec<u32>,
    b: Vec<u32>,
    to: Vec<u32>,
    /// Some point that this adder made is the identity: from then on each pair is looked at.
    identities: bool,
    curve: PhantomData<C>,
}

impl<C: Curve> Adder<C> {
    /// For the points of an arena.
    ///
    /// # Safety
    /// `base` holds `points` points, of which the first three are those for padding. While the adder lives, nobody
    /// writes the points that it reads, and nobody uses those that it writes, but for the third.
    pub(crate) unsafe fn new(backend: Backend, base: *mut u64, points: usize) -> Self {
        Self {
            backend,
            base,
            points,
            work: Work::default(),
            a: Vec::new(),
            b: Vec::new(),
            to: Vec::new(),
            identities: false,
            curve: PhantomData,
        }
    }

    /// The point that an item stands for.
    pub(crate) fn point(&self, item: u32) -> Affine<C> {
        let start = self.base.wrapping_add((item & INDEX) as usize * C::POINT_WORDS);
        // SAFETY: items are indices of the arena; nobody writes it now.
        let point = C::read(self.backend, unsafe { core::slice::from_raw_parts(start, C::POINT_WORDS) });
        if item & SIGN != 0 { -point } else { point }
    }

    /// Carries out the additions that have been listed, and forgets them.
    fn add_listed(&mut self) {
        while !self.a.len().is_multiple_of(PAD) {
            self.a.push(PADDING[0]);
            self.b.push(PADDING[1]);
            self.to.push(PADDING[2]);
        }
        let [a, b, to] = [&self.a, &self.b, &self.to].map(|list| list.as_chunks::<8>().0);
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
        self.a.clear();
        self.b.clear();
        self.to.clear();
    }

    /// Sums each list. On return `sizes[i]` is 1 if list i has a sum and 0 if it is empty, and `items` holds the sums
    /// in order; the sum of a list of two items or more is at point `place + i`. Points from `scratch` on are used.
    pub(crate) fn sum_lists(&mut self, items: &mut Vec<u32>, sizes: &mut [u32], place: u32, scratch: u32) {
        let (mut read, mut write) = (0, 0);
        let mut first = 0;
        while first < sizes.len() {
            let (mut end, mut count) = (first, 0);
            while end < sizes.len() && count < CHUNK {
                count += sizes[end] as usize;
                end += 1;
            }
            let chunk = &mut sizes[first..end];
            let sums = self.sum_chunk(&mut items[read..read + count], chunk, place + first as u32, scratch);
            items.copy_within(read..read + sums, write);
            read += count;
            write += sums;
            first = end;
        }
        items.truncate(write);
    }

    /// [`Self::sum_lists`] of a chunk; the sums come first in `items`, and are counted.
    fn sum_chunk(&mut self, items: &mut [u32], sizes: &mut [u32], place: u32, scratch: u32) -> usize {
        let mut next = scratch;
        loop {
            let (mut read, mut write) = (0, 0);
            let mut more = false;
            for (i, size) in sizes.iter_mut().enumerate() {
                let n = *size as usize;
                let pairs = n / 2;
                let to = if n == 2 { place + i as u32 } else { next };
                for k in 0..pairs {
                    let (a, b) = (items[read + 2 * k], items[read + 2 * k + 1]);
                    // a + b, where a has sign s, is s (|a| + s b).
                    self.a.push(a & INDEX);
                    self.b.push(b ^ (a & SIGN));
                    self.to.push(to + k as u32);
                    items[write + k] = (to + k as u32) | (a & SIGN);
                }
                if n % 2 == 1 {
                    items[write + pairs] = items[read + n - 1];
                }
                if n > 2 {
                    next += pairs as u32;
                    more = true;
                }
                read += n;
                write += n - pairs;
                *size = (n - pairs) as u32;
            }
            self.add_listed();
            if !more {
                return write;
            }
        }
    }
}
