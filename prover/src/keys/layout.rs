//! The content of a key file's sections: points and matrices as the machine holds them.
//!
//! A coordinate is its Montgomery form, four words little-endian; a point of G1 is x, y (64 bytes), one of G2 is x.c0,
//! x.c1, y.c0, y.c1 (128 bytes); the identity is all zeros. Reading is a copy and a check that the point is on its
//! curve; points of G2 are not checked for the subgroup here, which takes a second
//! ([`CircuitKey::check`](super::CircuitKey::check)).

use std::collections::HashMap;

use ark_bn254::g1::G1Affine;
use ark_bn254::g2::G2Affine;
use ark_bn254::{Fq, Fq2};
use ark_ec::AffineRepr;
use ark_ff::{BigInt, Fp, FpConfig, PrimeField};
use ark_relations::gr1cs::Matrix;
use rayon::prelude::*;
use veilpay_protocol::field::Fr;

use super::error::{KeyFileError, Section};
use crate::r1cs::R1cs;

/// Points of one group in the file's layout.
pub(crate) trait Layout: AffineRepr {
    /// Bytes of a point.
    const BYTES: usize;

    /// Appends the point.
    fn write(&self, out: &mut Vec<u8>);

    /// Reads a point of [`Self::BYTES`] bytes; none when a coordinate is not canonical or the point off its curve.
    fn read(bytes: &[u8]) -> Option<Self>;
}

fn write_element<C: FpConfig<4>>(x: &Fp<C, 4>, out: &mut Vec<u8>) {
    out.extend(x.0.0.iter().flat_map(|word| word.to_le_bytes()));
}

/// Reads 32 bytes; none when they are not below the modulus.
fn read_element<C: FpConfig<4>>(bytes: &[u8]) -> Option<Fp<C, 4>>
where
    Fp<C, 4>: PrimeField<BigInt = BigInt<4>>,
{
    let (words, []) = bytes.as_chunks::<8>() else { return None };
    let words: [u64; 4] = <[[u8; 8]; 4]>::try_from(words).ok()?.map(u64::from_le_bytes);
    let montgomery = BigInt(words);
    (montgomery < <Fp<C, 4> as PrimeField>::MODULUS).then_some(Fp(montgomery, core::marker::PhantomData))
}

impl Layout for G1Affine {
    const BYTES: usize = 64;

    fn write(&self, out: &mut Vec<u8>) {
        write_element(&self.x, out);
        write_element(&self.y, out);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (x, y): (Fq, Fq) = (read_element(bytes.get(..32)?)?, read_element(bytes.get(32..)?)?);
        let point = Self::new_unchecked(x, y);
        point.is_on_curve().then_some(point)
    }
}

impl Layout for G2Affine {
    const BYTES: usize = 128;

    fn write(&self, out: &mut Vec<u8>) {
        for x in [&self.x.c0, &self.x.c1, &self.y.c0, &self.y.c1] {
            write_element(x, out);
        }
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let at = |i: usize| -> Option<Fq> { read_element(bytes.get(32 * i..32 * i + 32)?) };
        let point = Self::new_unchecked(Fq2::new(at(0)?, at(1)?), Fq2::new(at(2)?, at(3)?));
        point.is_on_curve().then_some(point)
    }
}

/// The points one after the other.
pub(crate) fn write_points<P: Layout>(points: &[P]) -> Vec<u8> {
    let mut out = Vec::with_capacity(points.len() * P::BYTES);
    points.iter().for_each(|p| p.write(&mut out));
    out
}

/// Reads all points of a section, in parallel.
pub(crate) fn read_points<P: Layout>(section: Section, bytes: &[u8]) -> Result<Vec<P>, KeyFileError> {
    if !bytes.len().is_multiple_of(P::BYTES) {
        return Err(KeyFileError::Section(section));
    }
    bytes
        .par_chunks_exact(P::BYTES)
        .enumerate()
        .with_min_len(1024)
        .map(|(index, bytes)| P::read(bytes).ok_or(KeyFileError::Point { section, index }))
        .collect()
}

/// The matrices: instance, witness, rows and distinct coefficients as four u32; the coefficients; then for each of A,
/// B, C the rows' lengths and the entries, each (coefficient, column), all u32.
pub(crate) fn write_r1cs(r1cs: &R1cs) -> Vec<u8> {
    let word = |n: usize| u32::try_from(n).expect("a circuit has fewer than 2^32 rows, columns and coefficients");
    let mut indices: HashMap<Fr, u32> = HashMap::new();
    let mut coefficients = Vec::new();
    let mut body = Vec::new();
    for matrix in &r1cs.matrices {
        matrix.iter().for_each(|row| body.extend(word(row.len()).to_le_bytes()));
        for (coefficient, column) in matrix.iter().flatten() {
            let next = word(indices.len());
            let index = *indices.entry(*coefficient).or_insert_with(|| {
                write_element(coefficient, &mut coefficients);
                next
            });
            body.extend(index.to_le_bytes());
            body.extend(word(*column).to_le_bytes());
        }
    }
    let counts = [r1cs.num_instance, r1cs.num_witness, r1cs.num_constraints(), indices.len()];
    let mut out: Vec<u8> = counts.into_iter().flat_map(|n| word(n).to_le_bytes()).collect();
    out.append(&mut coefficients);
    out.append(&mut body);
    out
}

/// What is left of a section.
struct Words<'a>(&'a [u8]);

impl<'a> Words<'a> {
    /// The next `n` items of `SIZE` bytes, if there are as many.
    fn take<const SIZE: usize>(&mut self, n: usize) -> Option<&'a [[u8; SIZE]]> {
        let (head, tail) = self.0.split_at_checked(n.checked_mul(SIZE)?)?;
        self.0 = tail;
        Some(head.as_chunks().0)
    }

    fn number(&mut self) -> Option<usize> {
        self.take::<4>(1).map(|word| u32::from_le_bytes(word[0]) as usize)
    }
}

fn read_matrix(words: &mut Words<'_>, rows: usize, columns: usize, coefficients: &[Fr]) -> Option<Matrix<Fr>> {
    let entry = |bytes: &[u8; 8]| {
        let ([index, column], []) = bytes.as_chunks::<4>() else { return None };
        let column = u32::from_le_bytes(*column) as usize;
        let coefficient = coefficients.get(u32::from_le_bytes(*index) as usize)?;
        (column < columns).then_some((*coefficient, column))
    };
    let lengths = words.take::<4>(rows)?;
    lengths
        .iter()
        .map(|length| words.take::<8>(u32::from_le_bytes(*length) as usize)?.iter().map(entry).collect())
        .collect()
}

/// Reads matrices; what is allocated is at most a constant times the section.
pub(crate) fn read_r1cs(bytes: &[u8]) -> Result<R1cs, KeyFileError> {
    let mut words = Words(bytes);
    let read = |words: &mut Words<'_>| {
        let (num_instance, num_witness) = (words.number()?, words.number()?);
        let (rows, distinct) = (words.number()?, words.number()?);
        let coefficients: Vec<Fr> =
            words.take::<32>(distinct)?.iter().map(|bytes| read_element(bytes)).collect::<Option<_>>()?;
        let mut next = || read_matrix(words, rows, num_instance + num_witness, &coefficients);
        let matrices = [next()?, next()?, next()?];
        (num_instance > 0 && words.0.is_empty()).then_some(R1cs { matrices, num_instance, num_witness })
    };
    read(&mut words).ok_or(KeyFileError::Section(Section::Matrices))
}
