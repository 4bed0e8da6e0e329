//! Transforms in words: depth first, four places at a time, no bit reversal on the way to the odd coset.
//!
//! Down from natural to bit-reversed order by one twiddle a block (for w^-1), up again by one a place (for the odd
//! coset). A block goes down and up while it is in the cache, before its neighbour. Values are below 4r between
//! layers: of a + w b and a - w b, w b is below 2r and a is brought below 2r.

use alloc::vec::Vec;

use ark_bn254::{Fr, FrConfig};
use ark_ff::{BigInt, Field, PrimeField};

use super::roots::{bit_reversed, powers};
use crate::parallel::{self, join, maybe_join};
use crate::words::{self, Words, add};

#[inline(always)]
fn mul(a: &Words, b: &Words) -> Words {
    words::mul::<FrConfig>(a, b)
}

#[inline(always)]
fn sub(a: &Words, b: &Words) -> Words {
    words::sub::<FrConfig>(a, b)
}

#[inline(always)]
fn halve(x: &Words) -> Words {
    words::halve::<FrConfig>(x)
}

#[inline(always)]
fn canonical(x: &Words) -> Words {
    words::canonical::<FrConfig>(x)
}

/// Blocks of fewer elements than this are not split between threads.
const GRAIN: usize = 1024;

/// What is transformed, which may be secret: zeros when dropped.
struct Erased(Vec<Words>);

impl Drop for Erased {
    fn drop(&mut self) {
        self.0.fill([0; 4]);
        core::hint::black_box(&self.0);
    }
}

/// Twiddles for one size: 48 n bytes.
#[derive(Debug)]
pub(crate) struct Tables {
    n: usize,
    /// w^-e, e bit-reversed: of block b, whatever its size.
    down: Vec<Words>,
    /// Of place i in a block of 2 h places, at h + i: the root of order 4 h to the 2 i + 1.
    up: Vec<Words>,
    one_over_n: Fr,
}

impl Tables {
    /// For n = 2^log_n; `odd` has order 2 n, and its square generates the domain.
    pub(crate) fn new(log_n: u32, odd: Fr) -> Self {
        let n = 1usize << log_n;
        let inverse = |x: Fr| x.inverse().unwrap_or_default();
        let mut down = powers(inverse(odd.square()), (n / 2).max(1));
        bit_reversed(&mut down);
        let mut up = Vec::with_capacity(n);
        up.push(Fr::ONE);
        let mut half = 1;
        while half < n {
            let root = odd.pow([(n / (2 * half)) as u64]);
            up.extend(powers(root.square(), half).into_iter().map(|x| x * root));
            half *= 2;
        }
        let words = |x: Vec<Fr>| x.into_iter().map(|x| x.0.0).collect();
        Self { n, down: words(down), up: words(up), one_over_n: inverse(Fr::from(n as u64)) }
    }

    /// Bytes of the tables.
    pub(crate) fn size(&self) -> usize {
        (self.down.len() + self.up.len()) * size_of::<Words>()
    }

    /// Down, and with UP up again, the `index`th block of its size.
    fn block<const UP: bool>(&self, x: &mut [Words], index: usize) {
        match x {
            [] | [_] => {}
            [a, b] => {
                cross(a, b, &self.down[index]);
                if UP {
                    cross(a, b, &self.up[1]);
                }
            }
            _ => {
                let (half, quarter) = (x.len() / 2, x.len() / 4);
                let split = x.len() >= GRAIN && parallel::threads() > 1;
                let w = [&self.down[index], &self.down[2 * index], &self.down[2 * index + 1]];
                down(quarters(x), index == 0, w, split);
                if quarter > 1 {
                    let [a, b, c, d] = quarters(x);
                    let both = |a, b, index| {
                        maybe_join(split, || self.block::<UP>(a, index), || self.block::<UP>(b, index + 1));
                    };
                    maybe_join(split, || both(a, b, 4 * index), || both(c, d, 4 * index + 2));
                }
                if UP {
                    let outer = &self.up[half..2 * half];
                    up(quarters(x), &self.up[quarter..half], [&outer[..quarter], &outer[quarter..]], split);
                }
            }
        }
    }

    /// The values on the odd coset, times n and below 4r, of what has the values x on the domain.
    fn to_odd_coset(&self, x: impl Iterator<Item = Fr>) -> Erased {
        let mut out = Erased(Vec::with_capacity(self.n));
        out.0.extend(x.map(|x| x.0.0));
        out.0.resize(self.n, [0; 4]);
        self.block::<true>(&mut out.0, 0);
        out
    }

    /// a(x) b(x) - c(x) at the places of the odd coset. Without c, its values are those of a times those of b.
    pub(crate) fn quotient(&self, (a, b, c): (&[Fr], &[Fr], Option<&[Fr]>), montgomery: bool, out: &mut [BigInt<4>]) {
        assert!(out.len() == self.n && a.len() <= self.n && b.len() <= self.n && c.is_none_or(|c| c.len() <= self.n));
        let third = || match c {
            Some(c) => self.to_odd_coset(c.iter().copied()),
            None => self.to_odd_coset(a.iter().zip(b).map(|(a, b)| *a * b)),
        };
        let (x, (y, z)) =
            join(|| self.to_odd_coset(a.iter().copied()), || join(|| self.to_odd_coset(b.iter().copied()), third));
        // The transforms leave n A, n B and n C. A product by an integer takes a Montgomery form to an integer.
        let once = self.one_over_n.0.0;
        let last = if montgomery { once } else { self.one_over_n.into_bigint().0 };
        self.combine(out, [&x.0, &y.0, &z.0], &once, &last);
    }

    fn combine(&self, out: &mut [BigInt<4>], [x, y, z]: [&[Words]; 3], once: &Words, last: &Words) {
        if out.len() >= GRAIN && parallel::threads() > 1 {
            let middle = out.len() / 2;
            let (low, high) = out.split_at_mut(middle);
            join(
                || self.combine(low, [&x[..middle], &y[..middle], &z[..middle]], once, last),
                || self.combine(high, [&x[middle..], &y[middle..], &z[middle..]], once, last),
            );
            return;
        }
        for (((out, x), y), z) in out.iter_mut().zip(x).zip(y).zip(z) {
            let product = mul(once, &mul(x, y));
            out.0 = canonical(&mul(&sub(&product, &halve(z)), last));
        }
    }

    /// The inverse transform, natural order to natural order, with or without the division by n.
    pub(crate) fn inverse(&self, x: &mut [Fr], divide: bool) {
        assert!(x.len() == self.n);
        let mut erased = Erased(x.iter().map(|x| x.0.0).collect());
        let words = &mut erased.0;
        self.block::<false>(words, 0);
        let bits = self.n.trailing_zeros();
        let by = self.one_over_n.0.0;
        for (i, x) in x.iter_mut().enumerate() {
            // For n = 1 the shift is by the whole width: that is 0 too.
            let word = &words[i.reverse_bits().checked_shr(usize::BITS - bits).unwrap_or(0)];
            *x = Fr::new_unchecked(BigInt(canonical(&if divide { mul(word, &by) } else { *word })));
        }
    }
}

/// (a + w b, a - w b), w below r.
#[inline(always)]
fn cross(a: &mut Words, b: &mut Words, w: &Words) {
    let (product, kept) = (mul(b, w), halve(a));
    (*a, *b) = (add(&kept, &product), sub(&kept, &product));
}

type Quarters<'a> = [&'a mut [Words]; 4];

fn quarters(x: &mut [Words]) -> Quarters<'_> {
    let (low, high) = x.split_at_mut(x.len() / 2);
    let ((a, b), (c, d)) = (low.split_at_mut(low.len() / 2), high.split_at_mut(high.len() / 2));
    [a, b, c, d]
}

fn halves(x: Quarters<'_>) -> [Quarters<'_>; 2] {
    let [(a0, a1), (b0, b1), (c0, c1), (d0, d1)] = x.map(|quarter| quarter.split_at_mut(quarter.len() / 2));
    [[a0, b0, c0, d0], [a1, b1, c1, d1]]
}

/// Two layers down: the block's twiddle, then those of its halves. In the first block these are 1, 1 and i.
fn down(x: Quarters<'_>, trivial: bool, w: [&Words; 3], split: bool) {
    if split && x[0].len() >= GRAIN {
        let [low, high] = halves(x);
        join(|| down(low, trivial, w, split), || down(high, trivial, w, split));
        return;
    }
    let [x0, x1, x2, x3] = x;
    for (((a, b), c), d) in x0.iter_mut().zip(x1).zip(x2).zip(x3) {
        if trivial {
            let [x0, x1, x2, x3] = [&*a, &*b, &*c, &*d].map(halve);
            let (s02, d02, s13) = (halve(&add(&x0, &x2)), halve(&sub(&x0, &x2)), halve(&add(&x1, &x3)));
            let product = mul(&sub(&x1, &x3), w[2]);
            (*a, *b) = (add(&s02, &s13), sub(&s02, &s13));
            (*c, *d) = (add(&d02, &product), sub(&d02, &product));
        } else {
            cross(a, c, w[0]);
            cross(b, d, w[0]);
            cross(a, b, w[1]);
            cross(c, d, w[2]);
        }
    }
}

/// Two layers up: one twiddle for both halves, then those of places i and h + i.
fn up(x: Quarters<'_>, inner: &[Words], outer: [&[Words]; 2], split: bool) {
    if split && x[0].len() >= GRAIN {
        let middle = inner.len() / 2;
        let ((i0, i1), (a0, a1), (b0, b1)) =
            (inner.split_at(middle), outer[0].split_at(middle), outer[1].split_at(middle));
        let [low, high] = halves(x);
        join(|| up(low, i0, [a0, b0], split), || up(high, i1, [a1, b1], split));
        return;
    }
    let [x0, x1, x2, x3] = x;
    let w = inner.iter().zip(outer[0]).zip(outer[1]);
    for ((((a, b), c), d), ((w0, w1), w2)) in x0.iter_mut().zip(x1).zip(x2).zip(x3).zip(w) {
        cross(a, b, w0);
        cross(c, d, w0);
        cross(a, c, w1);
        cross(b, d, w2);
    }
}
