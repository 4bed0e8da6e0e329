//! G1 and G2 as an MSM sees them: points as lines of words, and what sums lists of them on each backend.

use alloc::vec::Vec;

use ark_bn254::{Fq, Fq2, g1, g2};
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};
use ark_ff::{BigInt, Field};

use super::lists::{Cursor, Lists, Rows};
use super::slab::{Line, words_mut};
use super::window::Room;
use crate::arch::portable::{self, add::Element};
#[cfg(target_arch = "x86_64")]
use crate::arch::x86_64::avx512;
use crate::backend::Backend;
use crate::invert::Inverter;

/// Variants of a base: P, φ(P), φ^2(P).
pub(crate) const VARIANTS: usize = 3;

/// Elements of a coordinate's field as words of arkworks' Montgomery form.
pub(crate) trait Coordinate: Field {
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
pub(crate) trait Curve: SWCurveConfig<BaseField: Coordinate, ScalarField = ark_bn254::Fr> {
    /// Lines of a point.
    const LINES: usize = <Self::BaseField as Coordinate>::WORDS / 4;
    /// β: (β x, y) is λ (x, y).
    const BETA: Fq;

    /// A coordinate on the portable backend.
    type Words: Element + core::fmt::Debug;

    /// What adds eight points at a time.
    #[cfg(target_arch = "x86_64")]
    type Avx512: Rows + From<avx512::simd::Avx512>;

    /// Writes [`VARIANTS`] points for each base, none of which is the identity.
    fn write_bases(backend: Backend, bases: &[Affine<Self>], out: &mut [Line]);

    /// Reads a point back.
    fn read(backend: Backend, words: &[u64]) -> Affine<Self>;

    /// Calls `f` with room to work in; where there are threads, with that of this one.
    fn with_room<T>(backend: Backend, f: impl FnOnce(&mut Room<Self>) -> T) -> T;
}

/// What sums lists on a backend.
pub(crate) enum Summer<C: Curve> {
    Portable(Lists<portable::Points<C>>),
    #[cfg(target_arch = "x86_64")]
    Avx512(Lists<C::Avx512>),
}

impl<C: Curve> Summer<C> {
    pub(crate) fn new(backend: Backend) -> Self {
        match backend {
            Backend::Portable => Self::Portable(Lists::new(portable::Points::new())),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx512(token) => Self::Avx512(Lists::new(token.into())),
        }
    }

    /// Says that there is no identity among the points to come, until some sum is one.
    pub(crate) fn begin(&mut self) {
        match self {
            Self::Portable(lists) => lists.rows.begin(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(lists) => lists.rows.begin(),
        }
    }

    /// As [`Lists::lay_out`]; where the items go.
    pub(crate) fn lay_out(&mut self, sizes: &[u32], cursors: &mut Vec<Cursor>) -> &mut [u32] {
        match self {
            Self::Portable(lists) => lists.lay_out(sizes, cursors),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(lists) => lists.lay_out(sizes, cursors),
        }
    }

    /// As [`Lists::erase`].
    pub(crate) fn erase(&mut self) {
        match self {
            Self::Portable(lists) => lists.erase(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(lists) => lists.erase(),
        }
    }

    /// As [`Lists::sum`].
    pub(crate) fn sum(&mut self, source: &[Line], out: &mut [Line]) {
        match self {
            Self::Portable(lists) => lists.sum::<C>(source, out),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(lists) => lists.sum::<C>(source, out),
        }
    }
}

/// β for G1 (x coordinate), λ = 0xb3c4d79d41a917585bfc41088d8daaa78b17ea66b99c90dd on the group.
const BETA_G1: Fq = ark_ff::MontFp!("2203960485148121921418603742825762020974279258880205651966");
/// β for G2: the other one.
const BETA_G2: Fq = ark_ff::MontFp!("21888242871839275220042445260109153167277707414472061641714758635765020556616");

/// What both groups do alike.
macro_rules! curve {
    ($config:ty, $beta:expr, $element:ty, $rows:ty, $write_bases:path, $read:path) => {
        impl Curve for $config {
            const BETA: Fq = $beta;

            type Words = $element;

            #[cfg(target_arch = "x86_64")]
            type Avx512 = $rows;

            fn write_bases(backend: Backend, bases: &[Affine<Self>], out: &mut [Line]) {
                match backend {
                    Backend::Portable => portable::write_bases(bases, words_mut(out)),
                    #[cfg(target_arch = "x86_64")]
                    Backend::Avx512(token) => $write_bases(token, bases, words_mut(out)),
                }
            }

            fn read(backend: Backend, words: &[u64]) -> Affine<Self> {
                match backend {
                    Backend::Portable => portable::read(words),
                    #[cfg(target_arch = "x86_64")]
                    Backend::Avx512(token) => $read(token, words),
                }
            }

            fn with_room<T>(backend: Backend, f: impl FnOnce(&mut Room<Self>) -> T) -> T {
                #[cfg(feature = "std")]
                {
                    use core::cell::Cell;
                    std::thread_local! {
                        static ROOM: Cell<Option<Room<$config>>> = const { Cell::new(None) };
                    }
                    let own = ROOM.take().filter(|room| room.backend() == backend);
                    let mut room = own.unwrap_or_else(|| Room::new(backend));
                    let result = f(&mut room);
                    ROOM.set(Some(room));
                    result
                }
                #[cfg(not(feature = "std"))]
                f(&mut Room::new(backend))
            }
        }
    };
}

curve!(
    g1::Config,
    BETA_G1,
    portable::fq::Fq,
    avx512::add_g1::Points,
    avx512::points::write_bases_g1,
    avx512::points::read_g1
);
curve!(
    g2::Config,
    BETA_G2,
    portable::fq2::Fq2,
    avx512::add_g2::Points,
    avx512::points::write_bases_g2,
    avx512::points::read_g2
);
