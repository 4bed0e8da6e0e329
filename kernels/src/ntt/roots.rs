//! Roots of unity, their powers, bit-reversed order.

use alloc::vec::Vec;

use ark_bn254::Fr;
use ark_ff::{FftField, Field};

/// arkworks' root of unity of order 2^log.
pub(crate) fn root(log: u32) -> Fr {
    let mut root = Fr::TWO_ADIC_ROOT_OF_UNITY;
    for _ in log..Fr::TWO_ADICITY {
        root = root.square();
    }
    root
}

/// 1, x, ..., x^(count - 1).
pub(crate) fn powers(x: Fr, count: usize) -> Vec<Fr> {
    core::iter::successors(Some(Fr::ONE), |power| Some(*power * x)).take(count).collect()
}

/// Exchanges elements so that the one at i goes to i's bits reversed; the length is a power of two.
pub(crate) fn bit_reversed<T>(x: &mut [T]) {
    let bits = x.len().trailing_zeros();
    if bits == 0 {
        return;
    }
    for i in 0..x.len() {
        let j = i.reverse_bits() >> (usize::BITS - bits);
        if i < j {
            x.swap(i, j);
        }
    }
}
