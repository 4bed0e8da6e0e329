//! Number-theoretic transforms over Fr.
//!
//! [`Domain`] holds the twiddles for one size. What Groth16 needs is [`Domain::quotient_on_odd_coset`]: three
//! polynomials known by their values on H, the powers of w, taken to the odd coset g H with g^2 = w, where x^n - 1 is -2
//! everywhere; what the multi-scalar product wants of the result is its integers. Plain transforms give exactly what
//! arkworks' `Radix2EvaluationDomain` of the same size gives, in natural order. See `docs/KERNELS.md`.

mod portable;
pub(crate) mod roots;
#[cfg(test)]
mod tests;

#[cfg(target_arch = "x86_64")]
use alloc::boxed::Box;
use alloc::{vec, vec::Vec};
use core::fmt;

use ark_bn254::Fr;
use ark_ff::{BigInt, FftField, Field};

use crate::Backend;
#[cfg(target_arch = "x86_64")]
use crate::arch::x86_64::avx512::ntt as avx512;

/// The domain H of n = 2^k points, with the twiddles to transform over it.
///
/// Tables: 48 n bytes on the portable backend, 85 n on AVX-512. Read-only: one may serve many threads.
#[derive(Debug)]
pub struct Domain {
    log_n: u32,
    odd: Fr,
    tables: Tables,
}

#[derive(Debug)]
enum Tables {
    Portable(portable::Tables),
    #[cfg(target_arch = "x86_64")]
    Avx512(Box<avx512::Tables>),
}

/// Room for transforms under way, kept between calls to save the pages: up to 120 n bytes on AVX-512. Holds what was
/// transformed, which may be secret, until it is [erased](Self::erase) or dropped, which erases it too.
#[derive(Default)]
pub struct Workspace {
    #[cfg(target_arch = "x86_64")]
    avx512: avx512::Room,
}

impl fmt::Debug for Workspace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workspace").finish_non_exhaustive()
    }
}

impl Workspace {
    /// Zeros in place of what was transformed; the room stays. 120 n bytes written at most.
    pub fn erase(&mut self) {
        #[cfg(target_arch = "x86_64")]
        self.avx512.erase();
    }
}

impl Domain {
    /// The largest k: 2^28 is the order of the largest group of roots of unity, which must hold the odd coset too.
    pub const MAX_LOG: u32 = Fr::TWO_ADICITY - 1;

    /// The domain of 2^log_n points, `None` above [`Self::MAX_LOG`]. Costs some n products.
    #[must_use]
    pub fn new(backend: Backend, log_n: u32) -> Option<Self> {
        if log_n > Self::MAX_LOG {
            return None;
        }
        let odd = roots::root(log_n + 1);
        let tables = match backend {
            #[cfg(target_arch = "x86_64")]
            Backend::Avx512(t) if log_n >= avx512::Tables::SMALLEST => {
                Tables::Avx512(Box::new(avx512::Tables::new(t, log_n, odd)))
            }
            _ => Tables::Portable(portable::Tables::new(log_n, odd)),
        };
        Some(Self { log_n, odd, tables })
    }

    /// The domain for at least `count` rows.
    #[must_use]
    pub fn for_rows(backend: Backend, count: usize) -> Option<Self> {
        Self::new(backend, count.checked_next_power_of_two()?.trailing_zeros())
    }

    /// n.
    #[must_use]
    pub fn size(&self) -> usize {
        1 << self.log_n
    }

    /// Bytes of the tables.
    #[must_use]
    pub fn table_bytes(&self) -> usize {
        match &self.tables {
            Tables::Portable(tables) => tables.size(),
            #[cfg(target_arch = "x86_64")]
            Tables::Avx512(tables) => tables.size(),
        }
    }

    /// w, which generates the domain.
    #[must_use]
    pub fn generator(&self) -> Fr {
        self.odd.square()
    }

    /// g, of order 2 n: point i of the odd coset is g w^i = g^(2 i + 1).
    #[must_use]
    pub fn odd_generator(&self) -> Fr {
        self.odd
    }

    /// From coefficients to the values at 1, w, w^2, ...: n/2 log n products.
    ///
    /// # Panics
    /// If there are not n elements.
    pub fn fft_in_place(&self, workspace: &mut Workspace, x: &mut [Fr]) {
        match &self.tables {
            Tables::Portable(tables) => {
                // The transform by w^-1, read backwards.
                if let Some(rest) = x.get_mut(1..) {
                    rest.reverse();
                }
                tables.inverse(x, false);
            }
            #[cfg(target_arch = "x86_64")]
            Tables::Avx512(tables) => tables.forward(&mut workspace.avx512, x),
        }
    }

    /// From values at 1, w, w^2, ... to coefficients.
    ///
    /// # Panics
    /// If there are not n elements.
    pub fn ifft_in_place(&self, workspace: &mut Workspace, x: &mut [Fr]) {
        match &self.tables {
            Tables::Portable(tables) => tables.inverse(x, true),
            #[cfg(target_arch = "x86_64")]
            Tables::Avx512(tables) => tables.inverse(&mut workspace.avx512, x),
        }
    }

    /// From coefficients to the values at s, s w, s w^2, ...
    ///
    /// # Panics
    /// If there are not n elements.
    pub fn coset_fft_in_place(&self, workspace: &mut Workspace, shift: Fr, x: &mut [Fr]) {
        scale_by_powers(x, shift);
        self.fft_in_place(workspace, x);
    }

    /// From values at s, s w, s w^2, ... to coefficients; `None`, and nothing done, if s is 0.
    ///
    /// # Panics
    /// If there are not n elements.
    pub fn coset_ifft_in_place(&self, workspace: &mut Workspace, shift: Fr, x: &mut [Fr]) -> Option<()> {
        let inverse = shift.inverse()?;
        self.ifft_in_place(workspace, x);
        scale_by_powers(x, inverse);
        Some(())
    }

    /// `out[i]` = (a(x) b(x) - c(x)) at x = g w^i, as an integer below r, where a, b and c are the polynomials of degree
    /// below n with the given values on the domain, zeros after the last; without c, its values are the products of
    /// those of a and b. Where c = a b on the domain this is -2 times the quotient by x^n - 1.
    ///
    /// 3 n log n products and 3 n more at the end.
    ///
    /// # Panics
    /// If `out` has not n elements or one of the others has more.
    pub fn quotient_on_odd_coset(
        &self,
        workspace: &mut Workspace,
        a: &[Fr],
        b: &[Fr],
        c: Option<&[Fr]>,
        out: &mut [BigInt<4>],
    ) {
        self.quotient(workspace, (a, b, c), false, out);
    }

    /// [`Self::quotient_on_odd_coset`] as field elements.
    #[must_use]
    pub fn quotient_elements(&self, workspace: &mut Workspace, a: &[Fr], b: &[Fr], c: Option<&[Fr]>) -> Vec<Fr> {
        let mut out = vec![BigInt::default(); self.size()];
        self.quotient(workspace, (a, b, c), true, &mut out);
        out.into_iter().map(Fr::new_unchecked).collect()
    }

    fn quotient(
        &self,
        workspace: &mut Workspace,
        values: (&[Fr], &[Fr], Option<&[Fr]>),
        montgomery: bool,
        out: &mut [BigInt<4>],
    ) {
        match &self.tables {
            Tables::Portable(tables) => tables.quotient(values, montgomery, out),
            #[cfg(target_arch = "x86_64")]
            Tables::Avx512(tables) => tables.quotient(&mut workspace.avx512, values, montgomery, out),
        }
    }
}

/// x_i s^i in place of x_i.
fn scale_by_powers(x: &mut [Fr], s: Fr) {
    let mut power = Fr::ONE;
    for x in x {
        *x *= power;
        power *= s;
    }
}
