//! The power that square roots modulo q are made of.
//!
//! q is 3 modulo 4, so e = a^((q-3)/4) gives all there is to know: a e is a root of a if there is one, of -a else, and
//! a e^2 is 1 or -1 accordingly.

use ark_bn254::FqConfig;
use ark_ff::MontConfig;

/// Bits of a window.
const WIDTH: u32 = 5;

/// Odd powers up to 2^WIDTH.
pub(crate) const ODD_POWERS: usize = 1 << (WIDTH - 1);

/// The windows of an exponent, from the top: so many squarings, then a product by odd power 2 k + 1, k the second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Windows {
    steps: [(u32, usize); 64],
    count: usize,
}

const fn bit(x: &[u64; 4], k: u32) -> u64 {
    x[(k / 64) as usize] >> (k % 64) & 1
}

impl Windows {
    /// Sliding windows over an odd exponent, so that the last one ends it.
    const fn new(exponent: [u64; 4]) -> Self {
        assert!(exponent[0] & 1 == 1);
        let mut windows = Self { steps: [(0, 0); 64], count: 0 };
        let (mut left, mut zeros) = (256, 0);
        while left > 0 {
            if bit(&exponent, left - 1) == 0 {
                zeros += 1;
                left -= 1;
                continue;
            }
            // The longest window down from here that ends with a 1.
            let mut low = left.saturating_sub(WIDTH);
            while bit(&exponent, low) == 0 {
                low += 1;
            }
            let (mut value, mut k) = (0, left);
            while k > low {
                k -= 1;
                value = value << 1 | bit(&exponent, k);
            }
            windows.steps[windows.count] = (zeros + left - low, (value / 2) as usize);
            windows.count += 1;
            zeros = 0;
            left = low;
        }
        windows
    }

    /// The first window's power, and the windows after it.
    pub(crate) fn split(&self) -> (usize, &[(u32, usize)]) {
        (self.steps[0].1, &self.steps[1..self.count])
    }
}

/// (q - 3) / 4: q shifted down, as its last two bits are ones.
pub(crate) const EXPONENT: Windows = {
    let q = <FqConfig as MontConfig<4>>::MODULUS.0;
    assert!(q[0] & 3 == 3);
    Windows::new([q[0] >> 2 | q[1] << 62, q[1] >> 2 | q[2] << 62, q[2] >> 2 | q[3] << 62, q[3] >> 2])
};
