//! Miller loops of many pairs side by side: points in arkworks' arithmetic, the accumulator in words.
//!
//! As the vectors' loops: points stay affine, the denominators of a step share an inversion, a line through T and Q at
//! P = (x, y), divided by y, is 1 - (λ x / y) w + ((λ x_T - y_T) / y) w^3.

use alloc::vec;
use alloc::vec::Vec;

use ark_bn254::{Config, Fq, Fq2, Fq12, G1Affine, G2Affine};
use ark_ec::bn::BnConfig;
use ark_ff::{AdditiveGroup, Field};

use super::accumulator::Accumulator;
use crate::msm::curve::Coordinate;
use crate::pairing::{Loops, Step, run_steps};

/// A pair: T and Q on the twist, and of P what lines take.
#[derive(Clone, Debug)]
struct Pair {
    x: Fq2,
    y: Fq2,
    qx: Fq2,
    qy: Fq2,
    /// -x / y of P.
    px: Fq,
    /// 1 / y of P.
    py: Fq,
    /// Q is known to be outside the subgroup.
    outside: bool,
}

/// The inverses of all, none of which is 0.
fn invert<F: Coordinate>(elements: &mut [F], room: &mut Vec<F>) {
    room.clear();
    let mut product = F::ONE;
    for x in elements.iter() {
        room.push(product);
        product *= x;
    }
    let mut inverse = product.fast_inverse();
    for (x, before) in elements.iter_mut().zip(room).rev() {
        let own = inverse * *before;
        inverse *= *x;
        *x = own;
    }
}

struct Portable {
    pairs: Vec<Pair>,
    differences: Vec<Fq2>,
    room: Vec<Fq>,
    norms: Vec<Fq>,
    f: Accumulator,
    lines: bool,
}

impl Loops for Portable {
    fn square(&mut self) {
        if self.lines {
            self.f.square();
        }
    }

    fn step(&mut self, step: Step) {
        for (k, pair) in self.pairs.iter_mut().enumerate() {
            let mut difference = if step == Step::Double { pair.y.double() } else { pair.x - pair.qx };
            if difference == Fq2::ZERO {
                pair.outside = true;
                difference = Fq2::ONE;
            }
            self.differences[k] = difference;
            self.norms[k] = difference.c0.square() + difference.c1.square();
        }
        invert(&mut self.norms, &mut self.room);
        for ((pair, difference), inverse) in self.pairs.iter_mut().zip(&self.differences).zip(&self.norms) {
            let numerator = match step {
                Step::Double => {
                    let square = pair.x.square();
                    square.double() + square
                }
                Step::Plus => pair.y - pair.qy,
                Step::Minus => pair.y + pair.qy,
            };
            let conjugate = Fq2::new(difference.c0, -difference.c1);
            let slope = (numerator * conjugate).scale(inverse);
            let other = if step == Step::Double { pair.x } else { pair.qx };
            let x = slope.square() - pair.x - other;
            let constant = slope * pair.x - pair.y;
            (pair.x, pair.y) = (x, constant - slope * x);
            if self.lines {
                self.f.times_line(&slope.scale(&pair.px), &constant.scale(&pair.py));
            }
        }
    }

    fn frobenius(&mut self) {
        for pair in &mut self.pairs {
            pair.qx = pair.qx.frobenius_map(1) * Config::TWIST_MUL_BY_Q_X;
            pair.qy = pair.qy.frobenius_map(1) * Config::TWIST_MUL_BY_Q_Y;
        }
    }

    fn compare(&mut self) {
        for pair in &mut self.pairs {
            pair.outside |= pair.x != pair.qx || pair.y != -pair.qy;
        }
    }

    fn outside(&self) -> Vec<usize> {
        (0..self.pairs.len()).filter(|k| self.pairs[*k].outside).collect()
    }
}

/// As [`miller_loops`](crate::miller_loops), for pairs without an identity; without `lines` the product is 1.
pub(crate) fn run(pairs: &[(G1Affine, G2Affine)], lines: bool) -> (Fq12, Vec<usize>) {
    let mut room = Vec::with_capacity(pairs.len());
    let mut inverses: Vec<Fq> = pairs.iter().map(|(p, _)| p.y).collect();
    // No point of G1 has y = 0, as its order is odd.
    invert(&mut inverses, &mut room);
    let pair = |((p, q), inverse): (&(G1Affine, G2Affine), &Fq)| Pair {
        x: q.x,
        y: q.y,
        qx: q.x,
        qy: q.y,
        px: -p.x * inverse,
        py: *inverse,
        outside: false,
    };
    let pairs: Vec<Pair> = pairs.iter().zip(&inverses).map(pair).collect();
    let differences = vec![Fq2::ZERO; pairs.len()];
    let mut loops = Portable { pairs, differences, norms: inverses, room, f: Accumulator::one(), lines };
    run_steps(&mut loops);
    let outside = loops.outside();
    (loops.f.value(), outside)
}
