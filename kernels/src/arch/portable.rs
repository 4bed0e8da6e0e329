//! Any machine: plain Rust on words of 64 bits.
//!
//! | question | file |
//! |---|---|
//! | how are many points added? | `add.rs`; pairs that have one x or the identity, `general.rs` |
//! | how is a coordinate multiplied? | `fq.rs`, `fq2.rs`, on `words.rs` |
//! | how are points decoded, scaled, paired? | `roots.rs`, `scale.rs`, `miller.rs` on `accumulator.rs` |

mod accumulator;
pub(crate) mod add;
pub(crate) mod fq;
pub(crate) mod fq2;
mod general;
pub(crate) mod miller;
pub(crate) mod roots;
pub(crate) mod scale;
#[cfg(test)]
mod tests;

use alloc::vec;
use alloc::vec::Vec;

use ark_bn254::FqConfig;
use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::Affine;
use ark_ff::AdditiveGroup;

use self::add::{Element, Pair, Point, Room};
use self::general::add_general;
use crate::msm::curve::{Coordinate, Curve, VARIANTS};
use crate::msm::lists::{Addition, INDEX, LANES, NOWHERE, Row, Rows, SIGN};
use crate::msm::slab::{Line, words, words_mut};
use crate::words::{canonical, sign};

/// Words of the largest coordinate.
const LARGEST: usize = 8;

/// An element of arkworks' from words of at most 2p each number.
fn element<F: Coordinate>(words: &[u64]) -> F {
    let mut below_p = [0; LARGEST];
    for (out, word) in below_p.as_chunks_mut::<4>().0.iter_mut().zip(words.as_chunks::<4>().0) {
        *out = canonical::<FqConfig>(word);
    }
    F::from_words(&below_p[..F::WORDS])
}

/// The point that words stand for, coordinates at most 2p, in arkworks' Montgomery form.
pub(crate) fn read<C: Curve>(words: &[u64]) -> Affine<C> {
    let (x, y) = words.split_at(4 * C::LINES);
    let (x, y) = (element(x), element(&y[..4 * C::LINES]));
    if y == C::BaseField::ZERO { Affine::identity() } else { Affine::new_unchecked(x, y) }
}

/// The words of a point.
#[inline(always)]
pub(crate) fn write<C: Curve>(point: &Affine<C>, words: &mut [u64]) {
    if point.is_zero() {
        words.fill(0);
        return;
    }
    let (x, y) = words.split_at_mut(4 * C::LINES);
    point.x.to_words(x);
    point.y.to_words(y);
}

/// The variants of each base.
pub(crate) fn write_bases<C: Curve>(bases: &[Affine<C>], out: &mut [u64]) {
    for (base, out) in bases.iter().zip(out.chunks_exact_mut(VARIANTS * 8 * C::LINES)) {
        let mut point = *base;
        for words in out.chunks_exact_mut(8 * C::LINES) {
            write(&point, words);
            point.x = point.x.scale(&C::BETA);
        }
    }
}

/// A point as arkworks has it.
fn affine<C: Curve>(point: &Point<C::Words>) -> Affine<C> {
    let mut words = [0; 2 * LARGEST];
    let (x, y) = words.split_at_mut(C::Words::WORDS);
    point[0].store(x);
    point[1].store(&mut y[..C::Words::WORDS]);
    read(&words[..8 * C::LINES])
}

/// A point of arkworks'.
fn point<C: Curve>(affine: &Affine<C>) -> Point<C::Words> {
    let mut words = [0; 2 * LARGEST];
    write(affine, &mut words[..8 * C::LINES]);
    load::<C>(&words)
}

#[inline(always)]
fn load<C: Curve>(words: &[u64]) -> Point<C::Words> {
    [C::Words::load(words), C::Words::load(&words[C::Words::WORDS..])]
}

/// Rows of points: lane k of row i at 8 i + k.
#[derive(Debug)]
pub(crate) struct Points<C: Curve> {
    points: Vec<Point<C::Words>>,
    pairs: Vec<Pair>,
    room: Room<C::Words>,
    /// Some sum is the identity: from then on each pair is looked at.
    identities: bool,
}

impl<C: Curve> Points<C> {
    pub(crate) fn new() -> Self {
        let points = vec![[C::Words::default(); 2]; LANES * Self::COUNT];
        Self { points, pairs: Vec::new(), room: Room::default(), identities: false }
    }
}

impl<C: Curve> Rows for Points<C> {
    const COUNT: usize = 192;

    fn begin(&mut self) {
        self.identities = false;
    }

    fn import(&mut self, source: &[Line], rows: &[Row], items: &[[u32; LANES]]) {
        for (row, items) in rows.iter().zip(items) {
            let row = &mut self.points[usize::from(*row) * LANES..][..LANES];
            for (point, item) in row.iter_mut().zip(items) {
                let [x, y] = load::<C>(words(&source[(item & INDEX) as usize * C::LINES..][..C::LINES]));
                *point = [x, y.negated_if(sign(u64::from(item & SIGN) << 32))];
            }
        }
    }

    fn add(&mut self, additions: &[Addition], source: &[Line], next: &[[u32; LANES]]) {
        self.pairs.clear();
        for Addition { a, b, keep } in additions {
            let [a, b] = [a, b].map(|row| u32::from(*row) * LANES as u32);
            let lanes = (0..LANES as u32).filter(|lane| keep >> lane & 1 == 0);
            self.pairs.extend(lanes.map(|lane| [a + lane, b + lane]));
        }
        let mut next = next.iter();
        let ask = || next.by_ref().take(2).for_each(|items| prefetch(source, items, C::LINES));
        if self.identities || !add::add(&mut self.points, &self.pairs, &mut self.room, ask) {
            self.identities |= add_general::<C>(&mut self.points, &self.pairs);
        }
    }

    fn export(&self, row: Row, places: &[u32; LANES], out: &mut [Line]) {
        let row = &self.points[usize::from(row) * LANES..][..LANES];
        for ([x, y], place) in row.iter().zip(places) {
            if *place != NOWHERE {
                let words = words_mut(&mut out[*place as usize * C::LINES..][..C::LINES]);
                let (first, second) = words.split_at_mut(C::Words::WORDS);
                x.store(first);
                y.store(second);
            }
        }
    }
}

/// Asks for the memory of points of `lines` each, on machines where plain Rust can.
fn prefetch(source: &[Line], items: &[u32; LANES], lines: usize) {
    for item in items {
        for line in 0..lines {
            let at = source.as_ptr().wrapping_add((item & INDEX) as usize * lines + line);
            #[cfg(target_arch = "x86_64")]
            #[allow(unsafe_code)]
            // SAFETY: every x86-64 has the instruction; it reads nothing that the program sees, whatever the address.
            unsafe {
                core::arch::x86_64::_mm_prefetch::<{ core::arch::x86_64::_MM_HINT_T0 }>(at.cast());
            }
            #[cfg(not(target_arch = "x86_64"))]
            let _ = at;
        }
    }
}
