//! The content of a key file's sections: points and matrices as the machine holds them.
//!
//! A coordinate is its Montgomery form, four words little-endian; a point of G1 is x, y (64 bytes), one of G2 is x.c0,
//! x.c1, y.c0, y.c1 (128 bytes); the identity is all zeros. The kernels lay points out as they are; reading them for
//! arkworks is a copy and a check that each is on its curve; points of G2 are not checked for the subgroup here, which
//! takes a second ([`CircuitKey::check`](super::CircuitKey::check)). Matrices are read where they lie.

use std::collections::HashMap;

use ark_bn254::g1::G1Affine;
use ark_bn254::g2::G2Affine;
use ark_bn254::{Fq, Fq2};
use ark_ec::AffineRepr;
use ark_ff::{BigInt, Fp, FpConfig, PrimeField};
use rayon::prelude::*;
use veilpay_kernels::{Domain, SparseMatrix};
use veilpay_protocol::field::Fr;

use super::error::{KeyFileError, Section};
use crate::r1cs::{R1cs, Shape};

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

/// A matrix where it lies: the rows' lengths, and (coefficient, column) of each entry.
#[derive(Clone, Copy)]
struct Matrix<'a> {
    lengths: &'a [[u8; 4]],
    entries: &'a [[u8; 8]],
}

fn entry(bytes: [u8; 8]) -> (u32, u32) {
    let [a, b, c, d, e, f, g, h] = bytes;
    (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]))
}

impl<'a> Matrix<'a> {
    fn read(words: &mut Words<'a>, rows: usize, columns: usize, coefficients: usize) -> Option<Self> {
        let lengths = words.take::<4>(rows)?;
        let total = lengths.iter().map(|length| u64::from(u32::from_le_bytes(*length))).sum::<u64>();
        let entries = words.take::<8>(usize::try_from(total).ok()?)?;
        let fits = |bytes: &[u8; 8]| {
            let (coefficient, column) = entry(*bytes);
            (coefficient as usize) < coefficients && (column as usize) < columns
        };
        entries.iter().all(fits).then_some(Self { lengths, entries })
    }

    fn rows(self) -> impl Iterator<Item = &'a [[u8; 8]]> {
        let mut rest = self.entries;
        self.lengths.iter().map(move |length| {
            let (row, tail) = rest.split_at(u32::from_le_bytes(*length) as usize);
            rest = tail;
            row
        })
    }
}

/// The matrices of a section where they lie; indices are within their bounds.
pub(crate) struct Matrices<'a> {
    pub(crate) shape: Shape,
    coefficients: Vec<Fr>,
    matrices: [Matrix<'a>; 3],
}

impl<'a> Matrices<'a> {
    /// Reads a section. What is allocated is at most the section's length.
    pub(crate) fn read(section: &'a [u8]) -> Result<Self, KeyFileError> {
        Self::parse(&mut Words(section)).ok_or(KeyFileError::Section(Section::Matrices))
    }

    fn parse(words: &mut Words<'a>) -> Option<Self> {
        let (num_instance, num_witness) = (words.number()?, words.number()?);
        let (rows, distinct) = (words.number()?, words.number()?);
        let shape = Shape::new(rows, num_instance, num_witness)?;
        let coefficients: Vec<Fr> =
            words.take::<32>(distinct)?.iter().map(|bytes| read_element(bytes)).collect::<Option<_>>()?;
        let mut next = || Matrix::read(words, rows, shape.num_variables(), distinct);
        let matrices = [next()?, next()?, next()?];
        let domain = shape.domain_size.trailing_zeros() <= Domain::MAX_LOG;
        (num_instance > 0 && domain && words.0.is_empty()).then_some(Self { shape, coefficients, matrices })
    }

    /// As lists of rows.
    pub(crate) fn r1cs(&self) -> R1cs {
        let row = |row: &[[u8; 8]]| {
            let value = |bytes: &[u8; 8]| {
                let (coefficient, column) = entry(*bytes);
                (self.coefficients[coefficient as usize], column as usize)
            };
            row.iter().map(value).collect()
        };
        let Shape { num_instance, num_witness, .. } = self.shape;
        let matrices = self.matrices.each_ref().map(|matrix| matrix.rows().map(row).collect());
        R1cs { matrices, num_instance, num_witness }
    }

    /// Compressed for the kernels.
    pub(crate) fn compressed(&self) -> Result<[SparseMatrix; 3], KeyFileError> {
        let of = |i: usize| {
            let rows = self.matrices[i].rows().map(|row| row.iter().map(|bytes| entry(*bytes)));
            SparseMatrix::from_indexed(&self.coefficients, rows).map_err(|_| KeyFileError::Section(Section::Matrices))
        };
        let (a, (b, c)) = rayon::join(|| of(0), || rayon::join(|| of(1), || of(2)));
        Ok([a?, b?, c?])
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use veilpay_protocol::circuit::CircuitId;

    use super::*;

    fn section() -> Vec<u8> {
        write_r1cs(&R1cs::from(veilpay_circuits::matrices(CircuitId::Enrol).unwrap()))
    }

    #[test]
    fn matrices_read_back_as_lists_and_compressed() {
        let r1cs = R1cs::from(veilpay_circuits::matrices(CircuitId::Enrol).unwrap());
        let section = section();
        let matrices = Matrices::read(&section).unwrap();
        assert_eq!(matrices.shape, r1cs.shape());
        assert!(matrices.r1cs() == r1cs);
        for (compressed, rows) in matrices.compressed().unwrap().iter().zip(r1cs.matrices()) {
            assert_eq!(compressed.rows(), rows.len());
            assert_eq!(compressed.entries(), rows.iter().map(Vec::len).sum::<usize>());
        }
    }

    #[test]
    fn a_section_that_does_not_have_its_form_is_refused() {
        let honest = section();
        let refused = |bytes: &[u8]| {
            assert_eq!(Matrices::read(bytes).err(), Some(KeyFileError::Section(Section::Matrices)));
        };
        for length in (0..100).chain((0..honest.len()).step_by(997)).chain([honest.len() - 1]) {
            refused(&honest[..length]);
        }
        refused(&[&honest[..], &[0]].concat());
        let with = |at: usize, content: &[u8]| {
            let mut bytes = honest.clone();
            bytes[at..at + content.len()].copy_from_slice(content);
            refused(&bytes);
        };
        // The counts, a coefficient that is not canonical, a row that is too long, indices beyond their bounds.
        for count in [0, 8, 12] {
            with(count, &u32::MAX.to_le_bytes());
        }
        with(0, &0_u32.to_le_bytes());
        with(4, &0_u32.to_le_bytes());
        with(16, &[0xff; 32]);
        let distinct = u32::from_le_bytes(honest[12..16].try_into().unwrap()) as usize;
        let lengths = 16 + 32 * distinct;
        with(lengths, &u32::MAX.to_le_bytes());
        let rows = u32::from_le_bytes(honest[8..12].try_into().unwrap()) as usize;
        let first = lengths + 4 * rows;
        with(first, &(distinct as u32).to_le_bytes());
        with(first + 4, &u32::MAX.to_le_bytes());
    }

    #[test]
    fn no_garbage_makes_the_reader_panic() {
        let honest = section();
        let mut rng = veilpay_circuits::testing::TestRng::new(3);
        for _ in 0..2000 {
            let mut bytes = honest.clone();
            for _ in 0..=rng.below(3) {
                let end = if rng.below(2) == 0 { 16 } else { bytes.len() as u64 };
                let at = rng.below(end);
                bytes[at as usize] = rng.below(256) as u8;
            }
            let _ = Matrices::read(&bytes).map(|matrices| matrices.compressed());
        }
    }
}
