//! Transforms over Fr, eight lanes at a time.
//!
//! A transform of n = 8 m elements is eight-point transforms across rows (`outer`), then an m-point transform in each
//! lane, all lanes with the same twiddles (`passes`). The m-point one goes down from natural to bit-reversed order
//! with one twiddle a block, and up again with one a place; what comes back up is evaluated on the odd coset. A block
//! goes down and up while it is in the cache, before its neighbour.

// Lanes, rows and limbs are numbered as in the formulas.
#![allow(clippy::needless_range_loop)]

pub(super) mod edges;
mod outer;
mod passes;
mod twiddle;

use alloc::vec::Vec;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, Field};

use self::outer::{Eighths, Finish, Source, Twist, combine, enter, finish, leave};
use self::passes::{Quarters, down_layer, down_pass, first_down_pass, innermost, quarters, up_layer, up_pass};
use self::twiddle::{Constants, Stored, Twiddle, constants};
use super::field::Lanes;
use super::simd::Avx512;
use crate::ntt::roots::{bit_reversed, powers};
use crate::parallel::{self, join, maybe_join};

/// Blocks of fewer vectors than this are not split between threads.
const GRAIN: usize = 256;
/// Places of each quarter that go through the outer five layers together, while they are in the cache.
const TILE: usize = 32;

/// Twiddles for one size: 80 n bytes of twists, some 15 n of others.
#[derive(Debug)]
pub(crate) struct Tables {
    t: Avx512,
    log_n: u32,
    /// w_m^-e, e bit-reversed: of block b, whatever its size.
    down: Vec<Twiddle>,
    /// Of place i in a block of 2 h places, at h + i: the root of order 4 h to the 2 i + 1.
    up: Vec<Twiddle>,
    twist_in: Vec<Twist>,
    twist_out: Vec<Twist>,
    eighths_in: Eighths,
    eighths_out: Eighths,
    one_over_n: Constants,
}

/// The vectors of a transform under way, kept between calls. Secret.
#[derive(Default)]
pub(crate) struct Room([Vec<Stored>; 3]);

impl Room {
    /// Zeros in place of what was transformed.
    pub(crate) fn erase(&mut self) {
        self.0.iter_mut().for_each(|vectors| erase(vectors));
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.erase();
    }
}

#[allow(unsafe_code)]
fn erase(vectors: &mut [Stored]) {
    // SAFETY: limbs of any bits are values of the type, zeros too; the slice is borrowed exclusively.
    unsafe { core::ptr::write_bytes(vectors.as_mut_ptr(), 0, vectors.len()) };
    core::hint::black_box(vectors);
}

/// Of each lane r of place v: root^(rho v) shift^rho, rho = r bit-reversed.
fn twists(t: Avx512, m: usize, root: Fr, shift: Fr) -> Vec<Twist> {
    const RHO: [u64; 8] = [0, 4, 2, 6, 1, 5, 3, 7];
    let steps: [Fr; 8] = core::array::from_fn(|r| root.pow([RHO[r]]));
    let mut now: [Fr; 8] = core::array::from_fn(|r| shift.pow([RHO[r]]));
    let mut all = Vec::with_capacity(m / 8);
    for _ in 0..m / 8 {
        let mut places = [[Fr::ZERO; 8]; 7];
        for v in 0..8 {
            for r in 1..8 {
                places[r - 1][v] = now[r];
                now[r] *= steps[r];
            }
        }
        all.push(places.map(|row| constants(t, &row)));
    }
    all
}

impl Tables {
    /// The smallest transform that fills the lanes.
    pub(crate) const SMALLEST: u32 = 8;

    /// For n = 2^log_n; `odd` has order 2 n, and its square generates the domain.
    pub(crate) fn new(t: Avx512, log_n: u32, odd: Fr) -> Self {
        assert!(log_n >= Self::SMALLEST);
        let (n, m) = (1usize << log_n, 1usize << (log_n - 3));
        let inverse = |x: Fr| x.inverse().unwrap_or_default();
        let w = odd.square();
        let w_inverse = inverse(w);
        let mut down = powers(w_inverse.pow([8]), m / 2);
        bit_reversed(&mut down);
        let mut up = Vec::with_capacity(m);
        up.push(Fr::ONE);
        let mut half = 1;
        while half < m {
            let root = odd.pow([(n / (2 * half)) as u64]);
            up.extend(powers(root.square(), half).into_iter().map(|x| x * root));
            half *= 2;
        }
        let eighth = w.pow([m as u64]);
        let eighths = |x: Fr| [x, x.square(), x.square() * x].map(Twiddle::new);
        Self {
            t,
            log_n,
            down: Twiddle::all(&down),
            up: Twiddle::all(&up),
            twist_in: twists(t, m, w_inverse, Fr::ONE),
            twist_out: twists(t, m, w, odd),
            eighths_in: eighths(inverse(eighth)),
            eighths_out: eighths(eighth),
            one_over_n: constants(t, &[inverse(Fr::from(n as u64)); 8]),
        }
    }

    fn m(&self) -> usize {
        1 << (self.log_n - 3)
    }

    /// Bytes of the tables.
    pub(crate) fn size(&self) -> usize {
        (self.down.len() + self.up.len()) * size_of::<Twiddle>()
            + (self.twist_in.len() + self.twist_out.len()) * size_of::<Twist>()
    }

    /// The first three layers and the lanes' transforms; with UP, back up again but for the last two layers.
    fn inner<const UP: bool>(&self, source: Source<'_>, x: &mut Vec<Stored>) {
        if x.len() != self.m() {
            // A vector that grows leaves its content behind.
            erase(x);
            x.clear();
            x.resize(self.m(), Lanes::from_limbs([self.t.zero(); 5]));
        }
        self.enter(source, 0, quarters(x));
        let [a, b, c, d] = quarters(x);
        let split = self.m() >= 2 * GRAIN && parallel::threads() > 1;
        maybe_join(split, || self.blocks::<UP>([a, b], 0), || self.blocks::<UP>([c, d], 2));
    }

    /// The first five layers at the places from `first` on in each quarter.
    fn enter(&self, source: Source<'_>, first: usize, x: Quarters<'_>) {
        if x[0].len() > GRAIN && parallel::threads() > 1 {
            let middle = first + x[0].len() / 2;
            let [low, high] = halves(x);
            join(|| self.enter(source, first, low), || self.enter(source, middle, high));
            return;
        }
        let (places, mut x) = (x[0].len(), x);
        for start in (0..places).step_by(TILE) {
            let mut tile = x.each_mut().map(|quarter| &mut quarter[start..places.min(start + TILE)]);
            for (q, x) in tile.iter_mut().enumerate() {
                let first = q * self.m() / 4 + first + start;
                enter(self.t, source, self.m(), first, x, &self.twist_in[first / 8..], &self.eighths_in);
            }
            first_down_pass(self.t, tile, &self.down[1]);
        }
    }

    /// Two blocks, the first the `index`th of its size.
    fn blocks<const UP: bool>(&self, [a, b]: [&mut [Stored]; 2], index: usize) {
        let split = a.len() >= GRAIN && parallel::threads() > 1;
        maybe_join(split, || self.block::<UP>(a, index), || self.block::<UP>(b, index + 1));
    }

    /// Down, and with UP up again, a block of vectors, the `index`th of its size.
    fn block<const UP: bool>(&self, x: &mut [Stored], index: usize) {
        let (t, half) = (self.t, x.len() / 2);
        let up_twiddles = UP.then_some([&self.up[1], &self.up[2], &self.up[3]]);
        if x.len() == 8 {
            down_layer(t, x, &self.down[index]);
            innermost(t, x, 2 * index, &self.down, up_twiddles);
            if UP {
                up_layer(t, x, &self.up[half..2 * half]);
            }
            return;
        }
        let split = x.len() >= 4 * GRAIN && parallel::threads() > 1;
        let w = [&self.down[index], &self.down[2 * index], &self.down[2 * index + 1]];
        self.down(quarters(x), index == 0, w, split);
        if x.len() == 16 {
            innermost(t, x, 4 * index, &self.down, up_twiddles);
        } else {
            let [a, b, c, d] = quarters(x);
            maybe_join(split, || self.blocks::<UP>([a, b], 4 * index), || self.blocks::<UP>([c, d], 4 * index + 2));
        }
        if UP {
            let (near, far) = self.up[half / 2..2 * half].split_at(half / 2);
            self.up(quarters(x), near, far.split_at(half / 2), split);
        }
    }

    fn down(&self, x: Quarters<'_>, trivial: bool, w: [&Twiddle; 3], split: bool) {
        if split && x[0].len() >= GRAIN {
            let [low, high] = halves(x);
            join(|| self.down(low, trivial, w, split), || self.down(high, trivial, w, split));
        } else if trivial {
            first_down_pass(self.t, x, w[2]);
        } else {
            down_pass(self.t, x, w);
        }
    }

    fn up(&self, x: Quarters<'_>, near: &[Twiddle], far: (&[Twiddle], &[Twiddle]), split: bool) {
        if split && x[0].len() >= GRAIN {
            let middle = near.len() / 2;
            let ((n0, n1), (a0, a1), (b0, b1)) =
                (near.split_at(middle), far.0.split_at(middle), far.1.split_at(middle));
            let [low, high] = halves(x);
            join(|| self.up(low, n0, (a0, b0), split), || self.up(high, n1, (a1, b1), split));
        } else {
            up_pass(self.t, x, near, [far.0, far.1]);
        }
    }

    /// a(x) b(x) - c(x) at the places of the odd coset, as alpha A B + gamma C of what the transforms leave.
    /// Without c, the values of c are those of a times those of b.
    pub(crate) fn quotient(
        &self,
        room: &mut Room,
        (a, b, c): (&[Fr], &[Fr], Option<&[Fr]>),
        montgomery: bool,
        out: &mut [BigInt<4>],
    ) {
        let n = 1usize << self.log_n;
        assert!(out.len() == n && a.len() <= n && b.len() <= n && c.is_none_or(|c| c.len() <= n));
        let [x, y, z] = &mut room.0;
        let third = c.map_or(Source::Product(a, b), Source::One);
        join(
            || self.inner::<true>(Source::One(a), x),
            || join(|| self.inner::<true>(Source::One(b), y), || self.inner::<true>(third, z)),
        );
        // With rho = 2^256: the transforms leave n rho A, n rho B and n rho C (n rho 2^-4 C of a product), the product
        // of the first two is n^2 rho^2 2^-260 A B, and a Montgomery product by k 2^260 multiplies by k.
        let power = |e: u64| Fr::from(2u64).pow([e]);
        let inverse = |x: Fr| x.inverse().unwrap_or_default();
        let target = if montgomery { power(256) } else { Fr::ONE };
        let each = inverse(Fr::from(n as u64) * power(256));
        let alpha = each.square() * power(260) * target;
        let gamma = -each * if c.is_none() { power(4) } else { Fr::ONE } * target;
        let (alpha, gamma) = (constants(self.t, &[alpha; 8]), constants(self.t, &[gamma; 8]));
        let pieces = out.chunks_exact_mut(self.m() / 4).collect();
        self.leave([quarters(x), quarters(y), quarters(z)], 0, [&alpha, &gamma], pieces);
    }

    /// The last five layers and the combination at the places from `first` on in each quarter. Quarter q of row r of
    /// the result is `out[4 r + q]`.
    fn leave(&self, x: [Quarters<'_>; 3], first: usize, by: [&Constants; 2], out: Vec<&mut [BigInt<4>]>) {
        let (m, places) = (self.m(), out[0].len());
        if places > GRAIN && parallel::threads() > 1 {
            let (low, high) = out.into_iter().map(|piece| piece.split_at_mut(places / 2)).unzip();
            let [[x0, x1], [y0, y1], [z0, z1]] = x.map(halves);
            let middle = first + places / 2;
            join(|| self.leave([x0, y0, z0], first, by, low), || self.leave([x1, y1, z1], middle, by, high));
            return;
        }
        let (mut x, mut out) = (x, out);
        let (near, far) = self.up[m / 4..m].split_at(m / 4);
        let (far0, far1) = far.split_at(m / 4);
        let mut values = [[Lanes::from_limbs([self.t.zero(); 5]); 8]; 3];
        for start in (0..places).step_by(TILE) {
            let end = places.min(start + TILE);
            for x in &mut x {
                let tile = x.each_mut().map(|quarter| &mut quarter[start..end]);
                let at = first + start;
                up_pass(self.t, tile, &near[at..], [&far0[at..], &far1[at..]]);
            }
            for (q, place) in (0..4).flat_map(|q| (start..end).step_by(8).map(move |place| (q, place))) {
                let twist = &self.twist_out[(q * m / 4 + first + place) / 8];
                for (values, x) in values.iter_mut().zip(&x) {
                    if let Some(x) = x[q][place..].first_chunk() {
                        leave(self.t, x, values, twist, &self.eighths_out);
                    }
                }
                combine(self.t, &values, by, &mut out[q..], place);
            }
        }
    }

    /// The transform by w, natural order to natural order.
    pub(crate) fn forward(&self, room: &mut Room, x: &mut [Fr]) {
        // The one by w^-1, read backwards.
        self.transform(room, x, true, Finish::Plain);
    }

    /// The inverse transform, natural order to natural order.
    pub(crate) fn inverse(&self, room: &mut Room, x: &mut [Fr]) {
        self.transform(room, x, false, Finish::Times(&self.one_over_n));
    }

    fn transform(&self, room: &mut Room, x: &mut [Fr], backwards: bool, how: Finish<'_>) {
        assert!(x.len() == 1 << self.log_n);
        let buffer = &mut room.0[0];
        self.inner::<false>(if backwards { Source::Backwards(x) } else { Source::One(x) }, buffer);
        self.finish(buffer, how, 0, x.as_chunks_mut().0);
    }

    /// Vectors from `first` on in natural order.
    fn finish(&self, x: &[Stored], how: Finish<'_>, first: usize, to: &mut [[Fr; 8]]) {
        if to.len() > GRAIN && parallel::threads() > 1 {
            let (low, high) = to.split_at_mut(to.len() / 2);
            let middle = first + low.len();
            join(|| self.finish(x, how, first, low), || self.finish(x, how, middle, high));
            return;
        }
        finish(self.t, x, self.log_n - 3, how, first, to);
    }
}

fn halves(x: Quarters<'_>) -> [Quarters<'_>; 2] {
    let [(a0, a1), (b0, b1), (c0, c1), (d0, d1)] = x.map(|quarter| quarter.split_at_mut(quarter.len() / 2));
    [[a0, b0, c0, d0], [a1, b1, c1, d1]]
}

#[cfg(test)]
mod tests {
    use super::super::field::tests::{limbs, token};
    use super::*;

    #[test]
    fn what_was_transformed_is_erased() {
        let Some(t) = token() else { return };
        let n = 1 << Tables::SMALLEST;
        let tables = Tables::new(t, Tables::SMALLEST, crate::ntt::roots::root(Tables::SMALLEST + 1));
        let (a, mut room) = (alloc::vec![-Fr::ONE; n], Room::default());
        tables.quotient(&mut room, (&a, &a, None), false, &mut alloc::vec![BigInt::default(); n]);
        let zeros = |room: &Room| room.0.iter().flatten().all(|vector| limbs(t, *vector) == [[0; 5]; 8]);
        assert!(room.0.iter().all(|vectors| vectors.len() == n / 8) && !zeros(&room));
        room.erase();
        assert!(room.0.iter().all(|vectors| vectors.len() == n / 8) && zeros(&room));
    }
}
