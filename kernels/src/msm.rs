//! Multi-scalar multiplication: sums of s_i P_i on G1 and G2.

pub(crate) mod arena;
pub(crate) mod curve;
pub(crate) mod digits;
pub(crate) mod lists;
mod packed;
pub(crate) mod window;

use alloc::vec::Vec;
use core::ops::Range;
use core::sync::atomic::{AtomicBool, Ordering};

use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective, g1, g2};
use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::{Affine, Projective};

use self::arena::{Arena, FIRST_BASE};
pub(crate) use self::curve::Curve;
use self::curve::VARIANTS;
pub use self::digits::{Digits, Windows};
use self::lists::Adder;
pub use self::packed::PackedError;
use self::window::{Selection, WindowSum, combine, slot_points, sum_windows};
use crate::backend::Backend;

/// Windows that one task takes, so that small rounds of their reduction share inversions.
const TOGETHER: usize = 5;

/// Fixed bases on G1.
pub type G1Bases = Bases<g1::Config>;
/// Fixed bases on G2.
pub type G2Bases = Bases<g2::Config>;

/// Fixed bases of MSMs, laid out for a backend: each with its images under the endomorphism (192 bytes in G1, 384 in
/// G2), and room for tasks to work. Shared by any number of MSMs at once.
pub struct Bases<C> {
    backend: Backend,
    arena: Arena,
    /// Bases that are not the identity.
    count: u32,
    /// Their numbers among those given; none when all are kept.
    kept: Option<Vec<u32>>,
    windows: Windows,
    groups: Vec<Range<usize>>,
    slots: Vec<AtomicBool>,
    slot_points: usize,
    curve: core::marker::PhantomData<C>,
}

impl<C> core::fmt::Debug for Bases<C> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Bases").field("backend", &self.backend).field("count", &self.count).finish_non_exhaustive()
    }
}

/// A slot, until it is dropped.
struct Slot<'a> {
    taken: &'a AtomicBool,
    number: usize,
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.taken.store(false, Ordering::Release);
    }
}

impl<C: Curve> Bases<C> {
    /// Lays out `points` for digits of `windows`; as many `tasks` can work at once, more wait for each other.
    ///
    /// The points must be on the curve and of order r, as those of arkworks' checked constructors are.
    #[must_use]
    pub fn new(backend: Backend, points: &[Affine<C>], windows: Windows, tasks: usize) -> Self {
        let identities = points.iter().any(|point| point.is_zero());
        let kept: Option<Vec<u32>> =
            identities.then(|| (0..).zip(points).filter(|(_, point)| !point.is_zero()).map(|(i, _)| i).collect());
        let kept_points: Vec<Affine<C>>;
        let points = match &kept {
            Some(kept) => {
                kept_points = kept.iter().map(|i| points[*i as usize]).collect();
                &kept_points[..]
            }
            None => points,
        };
        let mut bases = Self::room(backend, points.len(), kept, windows, tasks);
        C::write_bases(backend, points, bases.words_mut());
        bases
    }

    /// Room for `count` bases, to be written.
    fn room(backend: Backend, count: usize, kept: Option<Vec<u32>>, windows: Windows, tasks: usize) -> Self {
        let groups: Vec<Range<usize>> =
            (0..windows.len()).step_by(TOGETHER).map(|j| j..(j + TOGETHER).min(windows.len())).collect();
        let slot_points = groups.iter().map(|g| slot_points(&windows, g.clone(), count) + 1).max().unwrap_or(0);
        let tasks = tasks.max(1);
        let total = FIRST_BASE as usize + VARIANTS * count + tasks * slot_points;
        let mut arena = Arena::new(total, C::POINT_WORDS);
        let padding = &mut arena.words_mut()[..FIRST_BASE as usize * C::POINT_WORDS];
        let generator = Affine::<C>::generator();
        for (point, words) in
            [generator, (generator + generator).into()].iter().zip(padding.chunks_exact_mut(C::POINT_WORDS))
        {
            C::write(backend, point, words);
        }
        Self {
            backend,
            arena,
            count: count as u32,
            kept,
            windows,
            groups,
            slots: (0..tasks).map(|_| AtomicBool::new(false)).collect(),
            slot_points,
            curve: core::marker::PhantomData,
        }
    }

    /// The words of all bases and their images.
    fn words_mut(&mut self) -> &mut [u64] {
        let first = FIRST_BASE as usize * C::POINT_WORDS;
        &mut self.arena.words_mut()[first..first + VARIANTS * self.count as usize * C::POINT_WORDS]
    }

    fn slot(&self) -> Slot<'_> {
        loop {
            for (number, taken) in self.slots.iter().enumerate() {
                if !taken.swap(true, Ordering::Acquire) {
                    return Slot { taken, number };
                }
            }
            // All tasks that this was made for are at work: one of them ends soon.
            #[cfg(feature = "std")]
            std::thread::yield_now();
            #[cfg(not(feature = "std"))]
            core::hint::spin_loop();
        }
    }

    /// The sum of windows `group`.
    #[allow(unsafe_code)]
    fn sum_group(&self, digits: &Digits, group: Range<usize>) -> Vec<WindowSum<C>> {
        let slot = self.slot();
        let start = FIRST_BASE as usize + VARIANTS * self.count as usize + slot.number * self.slot_points;
        // SAFETY: bases are written by nobody while `self` is shared; the slot is this task's until it is dropped, its
        // first point the one for padding.
        let mut adder = unsafe { Adder::<C>::new(self.backend, self.arena.base(), self.arena.points(), start as u32) };
        let selection = self.kept.as_ref().map_or(Selection::All, |kept| Selection::Some(kept));
        sum_windows(&mut adder, digits, group, self.count, selection, start as u32 + 1)
    }

    /// The sum of all bases, each times its scalar; scalars that have no base do not count, and bases that have none.
    ///
    /// # Panics
    /// When the digits are not of the windows that the bases were laid out for, or when there are identities among the
    /// bases and fewer scalars than bases.
    pub fn msm(&self, digits: &Digits) -> Projective<C> {
        assert_eq!(digits.windows, self.windows, "digits of the windows that the bases were laid out for");
        #[cfg(feature = "parallel")]
        let sums: Vec<WindowSum<C>> = {
            use rayon::prelude::*;
            self.groups
                .par_iter()
                .with_max_len(1)
                .flat_map_iter(|group| self.sum_group(digits, group.clone()))
                .collect()
        };
        #[cfg(not(feature = "parallel"))]
        let sums: Vec<WindowSum<C>> =
            self.groups.iter().flat_map(|group| self.sum_group(digits, group.clone())).collect();
        combine(sums)
    }
}

fn tasks() -> usize {
    #[cfg(feature = "parallel")]
    {
        rayon::current_num_threads()
    }
    #[cfg(not(feature = "parallel"))]
    {
        1
    }
}

fn msm<C: Curve>(backend: Backend, points: &[Affine<C>], scalars: &[Fr]) -> Projective<C> {
    let n = points.len().min(scalars.len());
    let windows = Windows::for_scalars(n);
    let digits = Digits::new(backend, &scalars[..n], windows.clone());
    Bases::new(backend, &points[..n], windows, tasks()).msm(&digits)
}

/// The sum of `scalars[i]` times `points[i]` on G1; the longer slice is cut to the shorter one.
pub fn msm_g1(backend: Backend, points: &[G1Affine], scalars: &[Fr]) -> G1Projective {
    msm::<g1::Config>(backend, points, scalars)
}

/// The sum of `scalars[i]` times `points[i]` on G2; the longer slice is cut to the shorter one.
pub fn msm_g2(backend: Backend, points: &[G2Affine], scalars: &[Fr]) -> G2Projective {
    msm::<g2::Config>(backend, points, scalars)
}

#[cfg(test)]
mod tests;
