//! Multi-scalar multiplication: sums of s_i P_i on G1 and G2.

pub(crate) mod curve;
pub(crate) mod digits;
pub(crate) mod lists;
mod packed;
pub(crate) mod slab;
pub(crate) mod window;

use alloc::vec::Vec;
use core::ops::Range;

use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective, g1, g2};
use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::{Affine, Projective};

pub(crate) use self::curve::Curve;
use self::curve::VARIANTS;
pub use self::digits::{Digits, Windows};
use self::lists::INDEX;
pub use self::packed::PackedError;
use self::slab::Slab;
use self::window::{Selection, WindowSum, combine};
use crate::backend::Backend;
use crate::parallel;

/// Windows that one task takes at most; several, so that what is small in their reduction shares inversions.
const TOGETHER: usize = 2;

/// Windows for each task: as many tasks for each thread as for any other, of sizes as even as can be.
fn groups(windows: usize, threads: usize) -> Vec<Range<usize>> {
    let count = windows.div_ceil(TOGETHER).next_multiple_of(threads).min(windows).max(1);
    (0..count).map(|k| k * windows / count..(k + 1) * windows / count).collect()
}

/// Bases that are laid out together.
#[cfg(feature = "parallel")]
const BLOCK: usize = 1024;

/// Fixed bases on G1.
pub type G1Bases = Bases<g1::Config>;
/// Fixed bases on G2.
pub type G2Bases = Bases<g2::Config>;

/// Fixed bases of MSMs, laid out for a backend: each with its images under the endomorphism (192 bytes in G1, 384 in
/// G2). Shared by any number of MSMs at once.
pub struct Bases<C> {
    backend: Backend,
    points: Slab,
    /// Their numbers among those given, if some of these are the identity.
    kept: Option<Vec<u32>>,
    curve: core::marker::PhantomData<C>,
}

impl<C> core::fmt::Debug for Bases<C> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Bases").field("backend", &self.backend).field("points", &self.points).finish_non_exhaustive()
    }
}

#[allow(private_bounds, reason = "G1 and G2 are all the curves there are")]
impl<C: Curve> Bases<C> {
    /// Lays out `points`.
    ///
    /// The points must be on the curve and of order r, as those of arkworks' checked constructors are.
    #[must_use]
    pub fn new(backend: Backend, points: &[Affine<C>]) -> Self {
        Self::new_in(backend, points, Slab::new)
    }

    /// As [`Self::new`], in memory for so many lines.
    fn new_in(backend: Backend, points: &[Affine<C>], memory: impl FnOnce(usize) -> Slab) -> Self {
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
        let mut bases = Self::room(backend, points.len(), kept, memory);
        let lines = bases.points.lines_mut();
        #[cfg(feature = "parallel")]
        {
            use rayon::prelude::*;
            let blocks = points.par_chunks(BLOCK).zip(lines.par_chunks_mut(BLOCK * VARIANTS * C::LINES));
            blocks.for_each(|(points, lines)| C::write_bases(backend, points, lines));
        }
        #[cfg(not(feature = "parallel"))]
        C::write_bases(backend, points, lines);
        bases
    }

    /// Room for `count` bases, to be written.
    fn room(backend: Backend, count: usize, kept: Option<Vec<u32>>, memory: impl FnOnce(usize) -> Slab) -> Self {
        assert!(VARIANTS * count <= INDEX as usize, "an index has 31 bits");
        Self { backend, points: memory(VARIANTS * count * C::LINES), kept, curve: core::marker::PhantomData }
    }

    /// The sum of windows `group`.
    fn sum_group(&self, digits: &Digits, group: Range<usize>) -> Vec<WindowSum<C>> {
        let selection = self.kept.as_ref().map_or(Selection::All, |kept| Selection::Some(kept));
        C::with_room(self.backend, |room| room.sum_windows(self.points.lines(), digits, group, selection))
    }

    /// The sum of all bases, each times its scalar; scalars that have no base do not count, and bases that have none.
    ///
    /// # Panics
    /// When there are identities among the bases, and a base that is none has no scalar.
    pub fn msm(&self, digits: &Digits) -> Projective<C> {
        let last = self.kept.as_ref().and_then(|kept| kept.last());
        assert!(last.is_none_or(|last| (*last as usize) < digits.len()), "a scalar for each base");
        let groups = groups(digits.windows.len(), parallel::threads());
        #[cfg(feature = "parallel")]
        let sums: Vec<WindowSum<C>> = {
            use rayon::prelude::*;
            groups.into_par_iter().with_max_len(1).flat_map_iter(|group| self.sum_group(digits, group)).collect()
        };
        #[cfg(not(feature = "parallel"))]
        let sums: Vec<WindowSum<C>> = groups.into_iter().flat_map(|group| self.sum_group(digits, group)).collect();
        combine(sums)
    }
}

fn msm<C: Curve>(backend: Backend, points: &[Affine<C>], scalars: &[Fr]) -> Projective<C> {
    let n = points.len().min(scalars.len());
    let digits = Digits::new(backend, &scalars[..n], Windows::for_scalars(n));
    let bases = Bases::new_in(backend, &points[..n], Slab::again);
    let sum = bases.msm(&digits);
    bases.points.put_by();
    sum
}

/// The sum of `scalars[i]` times `points[i]` on G1; the longer slice is cut to the shorter one. The memory that the
/// points were laid out in, up to 32 MiB of it, is kept for the next such sum.
pub fn msm_g1(backend: Backend, points: &[G1Affine], scalars: &[Fr]) -> G1Projective {
    msm::<g1::Config>(backend, points, scalars)
}

/// The sum of `scalars[i]` times `points[i]` on G2, otherwise as [`msm_g1`].
pub fn msm_g2(backend: Backend, points: &[G2Affine], scalars: &[Fr]) -> G2Projective {
    msm::<g2::Config>(backend, points, scalars)
}

#[cfg(test)]
mod tests;
