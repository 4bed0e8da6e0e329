//! G1 and G2 as an MSM sees them: points as words in an arena, many additions at once.

use ark_bn254::{Fq, Fq2, g1, g2};
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};
use ark_ff::{BigInt, Field};

use super::arena::Additions;
use crate::arch::portable;
#[cfg(target_arch = "x86_64")]
use crate::arch::x86_64::avx512;
use crate::backend::Backend;
use crate::invert::Inverter;

/// Variants of a base: P, φ(P), φ^2(P).
pub(crate) const VARIANTS: usize = 3;

/// Elements of a coordinate's field as words of arkworks' Montgomery form.
pub trait Coordinate: Field {
    /// Words of an element.
    const WORDS: usize;
    /// An element from words below p, in Montgomery form.
    fn from_words(words: &[u64]) -> Self;
    /// The words of an element.
    fn to_words(&self, words: &mut [u64]);
    /// 1 / x of an x that is not 0.
    fn fast_inverse(&self) -> Self;
    /// c x.
    fn scale(&self, c: &Fq) -> Self;
}

const INVERTER: Inverter = Inverter::new(<ark_bn254::FqConfig as ark_ff::MontConfig<4>>::MODULUS.0);
/// 2^768 mod p as a plain integer: a Montgomery form of 2^512.
const INVERSE_SCALE: Fq = Fq::new_unchecked(BigInt(power_768()));

const fn power_768() -> [u64; 4] {
    crate::invert::power_of_two(<ark_bn254::FqConfig as ark_ff::MontConfig<4>>::MODULUS.0, 768)
}

impl Coordinate for Fq {
    const WORDS: usize = 4;

    #[inline(always)]
    fn from_words(words: &[u64]) -> Self {
        Self::new_unchecked(BigInt([words[0], words[1], words[2], words[3]]))
    }

    #[inline(always)]
    fn to_words(&self, words: &mut [u64]) {
        words.copy_from_slice(&self.0.0);
    }

    fn fast_inverse(&self) -> Self {
        // From x R: 1 / (x R), and times R^3 in Montgomery's product: R / x.
        Self::new_unchecked(BigInt(INVERTER.inverse(self.0.0))) * INVERSE_SCALE
    }

    #[inline(always)]
    fn scale(&self, c: &Fq) -> Self {
        *self * c
    }
}

impl Coordinate for Fq2 {
    const WORDS: usize = 8;

    #[inline(always)]
    fn from_words(words: &[u64]) -> Self {
        Self::new(Fq::from_words(&words[..4]), Fq::from_words(&words[4..]))
    }

    #[inline(always)]
    fn to_words(&self, words: &mut [u64]) {
        self.c0.to_words(&mut words[..4]);
        self.c1.to_words(&mut words[4..]);
    }

    fn fast_inverse(&self) -> Self {
        // (c0 - c1 u) / (c0^2 + c1^2), as u^2 = -1.
        let scale = (self.c0.square() + self.c1.square()).fast_inverse();
        Self::new(self.c0 * scale, -(self.c1 * scale))
    }

    #[inline(always)]
    fn scale(&self, c: &Fq) -> Self {
        Self::new(self.c0 * c, self.c1 * c)
    }
}

/// A group that an MSM runs on.
pub trait Curve: SWCurveConfig<BaseField: Coordinate, ScalarField = ark_bn254::Fr> {
    /// Words of a point.
    const POINT_WORDS: usize = 2 * <Self::BaseField as Coordinate>::WORDS;
    /// β: (β x, y) is λ (x, y).
    const BETA: Fq;

    /// Writes [`VARIANTS`] points for each base, none of which is the identity.
    fn write_bases(backend: Backend, bases: &[Affine<Self>], out: &mut [u64]);

    /// Reads a point back.
    fn read(backend: Backend, words: &[u64]) -> Affine<Self>;

    /// Writes a point.
    fn write(backend: Backend, point: &Affine<Self>, words: &mut [u64]);

    /// Carries out all additions; false when some pair needs [`portable::add_general`]: one x, or, which nothing here
    /// looks for, the identity.
    ///
    /// # Safety
    /// As [`Additions`] says, with all indices in the memory at `base`.
    #[allow(unsafe_code)]
    unsafe fn add(backend: Backend, base: *mut u64, ops: Additions<'_>, work: &mut Work) -> bool;
}

/// Room for a batch, of any backend.
#[derive(Default)]
pub struct Work {
    portable: portable::add::Work,
    #[cfg(target_arch = "x86_64")]
    pub(crate) avx512: avx512::Work,
}

/// β for G1 (x coordinate), λ = 0xb3c4d79d41a917585bfc41088d8daaa78b17ea66b99c90dd on the group.
const BETA_G1: Fq = ark_ff::MontFp!("2203960485148121921418603742825762020974279258880205651966");
/// β for G2: the other one.
const BETA_G2: Fq = ark_ff::MontFp!("21888242871839275220042445260109153167277707414472061641714758635765020556616");

/// What both groups do alike in the portable backend, and in another when it must.
macro_rules! curve {
    ($config:ty, $beta:expr, $element:ty, $add:path, $write_bases:path, $read:path, $write:path) => {
        impl Curve for $config {
            const BETA: Fq = $beta;

            fn write_bases(backend: Backend, bases: &[Affine<Self>], out: &mut [u64]) {
                match backend {
                    Backend::Portable => portable::write_bases(bases, out),
                    #[cfg(target_arch = "x86_64")]
                    Backend::Avx512(token) => $write_bases(token, bases, out),
                }
            }

            fn read(backend: Backend, words: &[u64]) -> Affine<Self> {
                match backend {
                    Backend::Portable => portable::read(words),
                    #[cfg(target_arch = "x86_64")]
                    Backend::Avx512(token) => $read(token, words),
                }
            }

            fn write(backend: Backend, point: &Affine<Self>, words: &mut [u64]) {
                match backend {
                    Backend::Portable => portable::write(point, words),
                    #[cfg(target_arch = "x86_64")]
                    Backend::Avx512(token) => $write(token, point, words),
                }
            }

            #[allow(unsafe_code)]
            unsafe fn add(backend: Backend, base: *mut u64, ops: Additions<'_>, work: &mut Work) -> bool {
                match backend {
                    // SAFETY: the caller's.
                    Backend::Portable => unsafe { portable::add::add::<$element>(base, ops, &mut work.portable) },
                    #[cfg(target_arch = "x86_64")]
                    // SAFETY: the caller's.
                    Backend::Avx512(token) => unsafe { $add(token, base, ops, &mut work.avx512) },
                }
            }
        }
    };
}

curve!(
    g1::Config,
    BETA_G1,
    portable::fq::Fq,
    avx512::add_g1::add,
    avx512::points::write_bases_g1,
    avx512::points::read_g1,
    avx512::points::write_g1
);
curve!(
    g2::Config,
    BETA_G2,
    portable::fq2::Fq2,
    avx512::add_g2::add,
    avx512::points::write_bases_g2,
    avx512::points::read_g2,
    avx512::points::write_g2
);
