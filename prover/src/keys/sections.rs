//! The sections of a key file as those who use them want them: queries for the kernels, values for arkworks.

use std::borrow::Cow;

use ark_bn254::{Bn254, G1Affine};
use ark_groth16::ProvingKey;
use veilpay_kernels::{G1Bases, G2Bases, PackedError};
use veilpay_verifier::VerifyingKey;

use super::error::{KeyFileError, Section};
use super::file::KeyFile;
use super::layout::{Matrices, read_points};
use crate::groth16::{Queries, Query};
use crate::r1cs::{R1cs, Shape};

/// Whether the sections are as long as a system of `shape` has it.
pub(super) fn check_lengths(file: &KeyFile, shape: &Shape, ic: usize) -> Result<(), KeyFileError> {
    let wires = shape.num_variables();
    let expected = [
        (Section::A, wires, G1Bases::PACKED_BYTES),
        (Section::B1, wires, G1Bases::PACKED_BYTES),
        (Section::B2, wires, G2Bases::PACKED_BYTES),
        (Section::H, shape.domain_size, G1Bases::PACKED_BYTES),
        (Section::L, shape.num_witness, G1Bases::PACKED_BYTES),
    ];
    let fits = |(section, points, size): (Section, usize, usize)| {
        points.checked_mul(size).is_some_and(|bytes| file.length(section) == bytes as u64)
    };
    if ic == shape.num_instance && expected.into_iter().all(fits) { Ok(()) } else { Err(KeyFileError::Lengths) }
}

/// The proving key of a file as arkworks has it; not checked as loading does.
pub(super) fn proving_key(file: &KeyFile) -> Result<ProvingKey<Bn254>, KeyFileError> {
    let verifying = VerifyingKey::from_bytes(&file.section(Section::Verifying)?).map_err(KeyFileError::Verifying)?;
    let points = verifying.points();
    let g1 = |section| read_points::<G1Affine>(section, &file.section(section)?);
    let [beta_g1, delta_g1] =
        <[_; 2]>::try_from(g1(Section::Pair)?).map_err(|_| KeyFileError::Section(Section::Pair))?;
    Ok(ProvingKey {
        vk: ark_groth16::VerifyingKey {
            alpha_g1: points.alpha,
            beta_g2: points.beta,
            gamma_g2: points.gamma,
            delta_g2: points.delta,
            gamma_abc_g1: points.ic.clone(),
        },
        beta_g1,
        delta_g1,
        a_query: g1(Section::A)?,
        b_g1_query: g1(Section::B1)?,
        b_g2_query: read_points(Section::B2, &file.section(Section::B2)?)?,
        h_query: g1(Section::H)?,
        l_query: g1(Section::L)?,
    })
}

/// The matrices of a file as lists of rows.
pub(super) fn r1cs(file: &KeyFile) -> Result<R1cs, KeyFileError> {
    Ok(Matrices::read(&file.section(Section::Matrices)?)?.r1cs())
}

const fn section(query: Query) -> Section {
    match query {
        Query::A => Section::A,
        Query::B1 => Section::B1,
        Query::B2 => Section::B2,
        Query::L => Section::L,
        Query::H => Section::H,
    }
}

impl Queries for KeyFile {
    type Error = KeyFileError;

    fn packed(&self, query: Query) -> Result<Cow<'_, [u8]>, KeyFileError> {
        self.section(section(query))
    }

    fn refused(&self, query: Query, error: PackedError) -> KeyFileError {
        KeyFileError::Point { section: section(query), index: error.index() }
    }
}
