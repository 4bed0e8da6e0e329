//! Transforms in arkworks' arithmetic: depth first, four places at a time, no bit reversal on the way to the odd coset.
//!
//! Down from natural to bit-reversed order by one twiddle a block (for w^-1), up again by one a place (for the odd
//! coset). A block goes down and up while it is in the cache, before its neighbour.

use alloc::vec::Vec;

use ark_bn254::Fr;
use ark_ff::{BigInt, Field, PrimeField};

use super::parallel::{self, join, maybe_join};
use super::roots::{bit_reversed, powers};

/// Blocks of fewer elements than this are not split between threads.
const GRAIN: usize = 1024;

/// Twiddles for one size: 48 n bytes.
#[derive(Debug)]
pub(crate) struct Tables {
    n: usize,
    /// w^-e, e bit-reversed: of block b, whatever its size.
    down: Vec<Fr>,
    /// Of place i in a block of 2 h places, at h + i: the root of order 4 h to the 2 i + 1.
    up: Vec<Fr>,
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
        Self { n, down, up, one_over_n: inverse(Fr::from(n as u64)) }
    }

    /// Bytes of the tables.
    pub(crate) fn size(&self) -> usize {
        (self.down.len() + self.up.len()) * size_of::<Fr>()
    }

    /// Down, and with UP up again, the `index`th block of its size.
    fn block<const UP: bool>(&self, x: &mut [Fr], index: usize) {
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

    /// The values on the odd coset, times n, of what has the values x on the domain.
    fn to_odd_coset(&self, x: &[Fr]) -> Vec<Fr> {
        let mut out = Vec::with_capacity(self.n);
        out.extend_from_slice(x);
        out.resize(self.n, Fr::from(0u64));
        self.block::<true>(&mut out, 0);
        out
    }

    /// a(x) b(x) - c(x) at the places of the odd coset. Without c, its values are those of a times those of b.
    pub(crate) fn quotient(&self, (a, b, c): (&[Fr], &[Fr], Option<&[Fr]>), montgomery: bool, out: &mut [BigInt<4>]) {
        assert!(out.len() == self.n && a.len() <= self.n && b.len() <= self.n && c.is_none_or(|c| c.len() <= self.n));
        let third = || match c {
            Some(c) => self.to_odd_coset(c),
            None => self.to_odd_coset(&a.iter().zip(b).map(|(a, b)| *a * b).collect::<Vec<_>>()),
        };
        let (x, (y, z)) = join(|| self.to_odd_coset(a), || join(|| self.to_odd_coset(b), third));
        // The transforms leave n A, n B and n C.
        let by = self.one_over_n;
        for (((out, x), y), z) in out.iter_mut().zip(x).zip(y).zip(z) {
            let h = (x * y * by - z) * by;
            *out = if montgomery { h.0 } else { h.into_bigint() };
        }
    }

    /// The inverse transform, natural order to natural order, with or without the division by n.
    pub(crate) fn inverse(&self, x: &mut [Fr], divide: bool) {
        assert!(x.len() == self.n);
        self.block::<false>(x, 0);
        bit_reversed(x);
        if divide {
            for x in x {
                *x *= self.one_over_n;
            }
        }
    }
}

/// (a + w b, a - w b).
#[inline(always)]
fn cross(a: &mut Fr, b: &mut Fr, w: &Fr) {
    let product = *b * w;
    *b = *a - product;
    *a += product;
}

type Quarters<'a> = [&'a mut [Fr]; 4];

fn quarters(x: &mut [Fr]) -> Quarters<'_> {
    let (low, high) = x.split_at_mut(x.len() / 2);
    let ((a, b), (c, d)) = (low.split_at_mut(low.len() / 2), high.split_at_mut(high.len() / 2));
    [a, b, c, d]
}

fn halves(x: Quarters<'_>) -> [Quarters<'_>; 2] {
    let [(a0, a1), (b0, b1), (c0, c1), (d0, d1)] = x.map(|quarter| quarter.split_at_mut(quarter.len() / 2));
    [[a0, b0, c0, d0], [a1, b1, c1, d1]]
}

/// Two layers down: the block's twiddle, then those of its halves. In the first block these are 1, 1 and i.
fn down(x: Quarters<'_>, trivial: bool, w: [&Fr; 3], split: bool) {
    if split && x[0].len() >= GRAIN {
        let [low, high] = halves(x);
        join(|| down(low, trivial, w, split), || down(high, trivial, w, split));
        return;
    }
    let [x0, x1, x2, x3] = x;
    for (((a, b), c), d) in x0.iter_mut().zip(x1).zip(x2).zip(x3) {
        if trivial {
            let (s, t) = (*a - *c, (*b - *d) * w[2]);
            *a += *c;
            *b += *d;
            (*a, *b) = (*a + *b, *a - *b);
            (*c, *d) = (s + t, s - t);
        } else {
            cross(a, c, w[0]);
            cross(b, d, w[0]);
            cross(a, b, w[1]);
            cross(c, d, w[2]);
        }
    }
}

/// Two layers up: one twiddle for both halves, then those of places i and h + i.
fn up(x: Quarters<'_>, inner: &[Fr], outer: [&[Fr]; 2], split: bool) {
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
