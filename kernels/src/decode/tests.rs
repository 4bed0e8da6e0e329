//! Each backend against arkworks.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use alloc::vec;
use alloc::vec::Vec;

use ark_bn254::{Fq2, Fr};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, BigInteger, Field};

use super::*;

/// The encoding of x with flags in its top bits.
fn encoded(x: BigInt<4>, flags: u8) -> [u8; 32] {
    let mut bytes: [u8; 32] = x.to_bytes_le().try_into().unwrap();
    bytes[31] |= flags;
    bytes
}

fn encoded2(x: [BigInt<4>; 2], flags: u8) -> [u8; 64] {
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(&encoded(x[0], 0));
    bytes[32..].copy_from_slice(&encoded(x[1], flags));
    bytes
}

fn integer(x: u64) -> BigInt<4> {
    BigInt::from(x)
}

/// q - k.
fn below_q(k: u64) -> BigInt<4> {
    let mut x = Fq::MODULUS;
    x.sub_with_borrow(&integer(k));
    x
}

/// q + k.
fn above_q(k: u64) -> BigInt<4> {
    let mut x = Fq::MODULUS;
    x.add_with_carry(&integer(k));
    x
}

fn g1_by_arkworks(x: BigInt<4>, larger: bool) -> Result<G1Affine, DecodeError> {
    let x = Fq::from_bigint(x).unwrap();
    G1Affine::get_point_from_x_unchecked(x, larger).ok_or(DecodeError::NotOnCurve)
}

fn g2_by_arkworks(x: [BigInt<4>; 2], larger: bool) -> Result<G2Affine, DecodeError> {
    let [x0, x1] = x.map(|x| Fq::from_bigint(x).unwrap());
    G2Affine::get_point_from_x_unchecked(Fq2::new(x0, x1), larger).ok_or(DecodeError::NotOnCurve)
}

#[test]
fn points_of_g1_are_those_of_arkworks_for_both_signs_and_x_without_a_root() {
    let multiples = (1..40u64).map(|k| (G1Affine::generator() * Fr::from(k * k)).into_affine().x.into_bigint());
    let xs: Vec<_> = (0..40).map(integer).chain((1..40).map(below_q)).chain(multiples).collect();
    let cases: Vec<_> = xs.iter().flat_map(|x| [(*x, false), (*x, true)]).collect();
    let expected: Vec<_> = cases.iter().map(|(x, larger)| g1_by_arkworks(*x, *larger)).collect();
    assert!(expected.iter().any(Result::is_err) && expected.iter().filter(|point| point.is_ok()).count() > 80);
    let encodings: Vec<_> = cases.iter().map(|(x, larger)| encoded(*x, u8::from(*larger) << 7)).collect();
    for backend in Backend::all() {
        std::eprintln!("{backend}: exercised");
        // Every length of a last vector.
        for n in (0..=34).chain([encodings.len()]) {
            assert_eq!(decode_g1(backend, &encodings[..n]), expected[..n], "{n}");
        }
    }
}

#[test]
fn points_of_the_twist_are_those_of_arkworks_for_both_signs_and_x_without_a_root() {
    let generator = G2Affine::generator();
    let multiples = (1..40u64).map(|k| (generator * Fr::from(k * k)).into_affine().x);
    let multiples = multiples.map(|x| [x.c0.into_bigint(), x.c1.into_bigint()]);
    let small = (0..7).flat_map(|a| (0..7).map(move |b| [integer(a), integer(b)]));
    let large = (1..7).flat_map(|a| (1..7).map(move |b| [below_q(a), below_q(b)]));
    let xs: Vec<_> = small.chain(large).chain(multiples).collect();
    let cases: Vec<_> = xs.iter().flat_map(|x| [(*x, false), (*x, true)]).collect();
    let expected: Vec<_> = cases.iter().map(|(x, larger)| g2_by_arkworks(*x, *larger)).collect();
    assert!(expected.iter().any(Result::is_err) && expected.iter().filter(|point| point.is_ok()).count() > 80);
    let encodings: Vec<_> = cases.iter().map(|(x, larger)| encoded2(*x, u8::from(*larger) << 7)).collect();
    for backend in Backend::all() {
        for n in (0..=34).chain([encodings.len()]) {
            assert_eq!(decode_twist(backend, &encodings[..n]), expected[..n], "{n}");
        }
    }
}

/// Roots whose square has no u, of squares and of the others, and roots without one half: the special cases of the
/// formula, which no x of the curve is known to reach.
#[test]
fn roots_in_fq2_of_elements_of_fq_are_right() {
    for k in 1..50u64 {
        for a in [Fq2::new(Fq::from(k), Fq::ZERO), Fq2::new(-Fq::from(k), Fq::ZERO), Fq2::new(Fq::ZERO, Fq::from(k))] {
            let root = portable::roots::root(&a);
            assert_eq!(root.square() == a, a.legendre().is_qr(), "{a}");
        }
        #[cfg(target_arch = "x86_64")]
        if let Backend::Avx512(token) = Backend::best() {
            let all: Vec<Fq2> = (k..k + 16)
                .map(|k| if k % 2 == 0 { Fq2::new(Fq::from(k), Fq::ZERO) } else { Fq2::new(-Fq::from(k), Fq::ZERO) })
                .collect();
            let roots = avx512::roots::roots(token, &all.clone().try_into().unwrap());
            for (a, root) in all.iter().zip(roots) {
                assert_eq!(root.square(), *a);
            }
        }
    }
}

#[test]
fn encodings_that_are_no_points_are_refused_in_their_places() {
    use DecodeError::{Identity, NotCanonical};
    let good = encoded(integer(1), 0);
    let cases = [
        (encoded(integer(0), 0x40), Identity),
        (encoded(integer(0), 0xc0), NotCanonical),
        (encoded(integer(1), 0x40), NotCanonical),
        (encoded(integer(1), 0xc0), NotCanonical),
        (encoded(Fq::MODULUS, 0), NotCanonical),
        (encoded(above_q(1), 0), NotCanonical),
        (encoded(above_q(1), 0x80), NotCanonical),
        ([0xff; 32], NotCanonical),
        ([0x3f; 32], NotCanonical),
    ];
    for backend in Backend::all() {
        let point = decode_g1(backend, &[good])[0];
        assert!(point.is_ok());
        for (bad, error) in &cases {
            assert_eq!(decode_g1(backend, &[good, *bad, good]), [point, Err(*error), point]);
        }
        let zero = integer(0);
        let good = encoded2([G2Affine::generator().x.c0.into_bigint(), G2Affine::generator().x.c1.into_bigint()], 0);
        let cases = [
            (encoded2([zero; 2], 0x40), Identity),
            (encoded2([zero; 2], 0xc0), NotCanonical),
            (encoded2([integer(1), zero], 0x40), NotCanonical),
            (encoded2([Fq::MODULUS, zero], 0), NotCanonical),
            (encoded2([zero, Fq::MODULUS], 0), NotCanonical),
            (encoded2([above_q(3), zero], 0x80), NotCanonical),
            // A flag in the first half is a bit of c0.
            (core::array::from_fn(|k| if k == 31 { 0x80 } else { 0 }), NotCanonical),
            ([0xff; 64], NotCanonical),
        ];
        let point = decode_twist(backend, &[good])[0];
        assert!(point.is_ok());
        for (bad, error) in &cases {
            assert_eq!(decode_twist(backend, &[good, *bad, good]), [point, Err(*error), point]);
        }
        assert_eq!(decode_g1(backend, &[]), vec![]);
    }
}
