//! The bytes of a key file, format 3.
//!
//! | bytes | content |
//! |---|---|
//! | 8 | `veilpayk` |
//! | 2 | format, u16 little-endian: 3 |
//! | 1, 2, 1 | circuit, circuit version (u16 little-endian), setup: as in the verifying key |
//! | 2 | zero |
//! | 64 | digest of the matrices |
//! | 9 x (8 + 32) | section table: for each [`Section`] in order its length, u64 little-endian, and its digest |
//! | 32 | digest of all above: as it covers the sections' digests, it is the digest of the file |
//! | 40 | zero |
//! | ... | the sections, each filled up with zeros to a multiple of 64 bytes |
//!
//! Digests are the first 32 bytes of BLAKE2b under `FILE_DIGEST`, over a number (u64: 0 for the header, else the
//! section's) and the bytes. A section is read when it is needed, hashed as a whole before anything in it is, laid out
//! for the kernels and let go; the file stays open. B in G1, which a proof with fresh blinding does without, is
//! neither read nor hashed before it is needed. The record of a ceremony ([`Provenance`]) is the last section.
//!
//! The header's digest of the matrices must be the one pinned in `circuits/shape.csv`, and the digest of their section
//! the one pinned in `prover/matrices.csv`: the content of that section follows from the matrices, so its digest says
//! that they are those of the built-in circuit without their being written down and hashed again.
//!
//! A digest says that a file is what was written, not who wrote it: whoever wants to trust a ceremony's key compares
//! [`VerifyingKey::digest`](veilpay_verifier::VerifyingKey::digest) with the published one and runs
//! [`CircuitKey::check`].

use std::borrow::Cow;
use std::fs::File;
use std::ops::Range;

use ark_bn254::Bn254;
use ark_groth16::ProvingKey;
use rayon::prelude::*;
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::hash::Transcript;
use veilpay_protocol::tags::Personal;
use veilpay_verifier::{KeyInfo, Setup, VerifyingKey};

use super::CircuitKey;
use super::error::{KeyFileError, Section};
use super::layout::{write_points, write_r1cs};
use super::pins::Pins;
use super::provenance::Provenance;
use crate::r1cs::R1cs;
use crate::source::Source;

pub(super) const PREFIX: [u8; 10] = *b"veilpayk\x03\x00";
const ENTRY_BYTES: usize = 8 + DIGEST_BYTES;
const DIGEST_BYTES: usize = 32;
const TABLE_AT: usize = 80;
const DIGEST_AT: usize = TABLE_AT + Section::ALL.len() * ENTRY_BYTES;
const ALIGNMENT: usize = 64;

/// Bytes before the first section.
pub const HEADER_BYTES: usize = (DIGEST_AT + DIGEST_BYTES).next_multiple_of(ALIGNMENT);

type Digest = [u8; DIGEST_BYTES];

fn digest(number: u8, bytes: &[u8]) -> Digest {
    Transcript::new(Personal::FILE_DIGEST).number(u64::from(number)).fixed(bytes).digest32()
}

/// The digest of the section that holds these matrices.
#[cfg(test)]
pub(super) fn matrices_digest(r1cs: &R1cs) -> Digest {
    digest(Section::Matrices as u8, &write_r1cs(r1cs))
}

/// Writes a key from its values.
pub(super) fn write(
    verifying: &VerifyingKey,
    proving: &ProvingKey<Bn254>,
    r1cs: &R1cs,
    provenance: Option<&Provenance>,
) -> Vec<u8> {
    let content = |section| match section {
        Section::Verifying => verifying.to_bytes(),
        Section::Pair => write_points(&[proving.beta_g1, proving.delta_g1]),
        Section::A => write_points(&proving.a_query),
        Section::B1 => write_points(&proving.b_g1_query),
        Section::B2 => write_points(&proving.b_g2_query),
        Section::H => write_points(&proving.h_query),
        Section::L => write_points(&proving.l_query),
        Section::Matrices => write_r1cs(r1cs),
        Section::Provenance => provenance.map(Provenance::to_bytes).unwrap_or_default(),
    };
    let sections: Vec<(Vec<u8>, Digest)> = Section::ALL
        .into_par_iter()
        .map(|section| {
            let content = content(section);
            let digest = digest(section as u8, &content);
            (content, digest)
        })
        .collect();

    let info = verifying.info();
    let mut out =
        Vec::with_capacity(HEADER_BYTES + sections.iter().map(|(bytes, _)| bytes.len() + ALIGNMENT).sum::<usize>());
    out.extend(PREFIX);
    out.push(info.circuit as u8);
    out.extend(info.version.to_le_bytes());
    out.extend([info.setup as u8, 0, 0]);
    out.extend(info.matrix_digest);
    for (content, digest) in &sections {
        out.extend((content.len() as u64).to_le_bytes());
        out.extend(digest);
    }
    out.extend(digest(0, &out));
    for (content, _) in &sections {
        out.resize(out.len().next_multiple_of(ALIGNMENT), 0);
        out.extend(content);
    }
    out.resize(out.len().next_multiple_of(ALIGNMENT), 0);
    out
}

/// What a header says.
struct Header {
    info: KeyInfo,
    sections: [(u64, Digest); Section::ALL.len()],
    digest: Digest,
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[at..at + N]);
    out
}

fn read_header(source: &Source) -> Result<Header, KeyFileError> {
    let header = source.read(0..source.length().min(HEADER_BYTES as u64))?;
    if !header.starts_with(&PREFIX) {
        return Err(KeyFileError::Format);
    }
    if header.len() < HEADER_BYTES {
        return Err(KeyFileError::Length);
    }
    let found = digest(0, &header[..DIGEST_AT]);
    if found != array(&header, DIGEST_AT) {
        return Err(KeyFileError::HeaderDigest);
    }
    let zeros = [&header[14..16], &header[DIGEST_AT + DIGEST_BYTES..]];
    if zeros.into_iter().flatten().any(|byte| *byte != 0) {
        return Err(KeyFileError::Format);
    }
    let info = KeyInfo {
        circuit: CircuitId::from_code(header[10]).ok_or(KeyFileError::Circuit)?,
        version: u16::from_le_bytes(array(&header, 11)),
        setup: Setup::from_code(header[13]).ok_or(KeyFileError::Format)?,
        matrix_digest: array(&header, 16),
    };
    let mut sections = [(0, [0; DIGEST_BYTES]); Section::ALL.len()];
    for (i, (length, digest)) in sections.iter_mut().enumerate() {
        let at = TABLE_AT + i * ENTRY_BYTES;
        *length = u64::from_le_bytes(array(&header, at));
        *digest = array(&header, at + 8);
    }
    Ok(Header { info, sections, digest: found })
}

/// A key file: its header read and its length as that says, its sections where they are.
pub(crate) struct KeyFile {
    source: Source,
    header: Header,
    /// Each with what fills it up.
    ranges: [Range<u64>; Section::ALL.len()],
}

impl KeyFile {
    /// Reads the header.
    ///
    /// # Errors
    /// [`KeyFileError`] for a file of another format or length, or with a header that was not written so.
    pub(crate) fn open(source: Source) -> Result<Self, KeyFileError> {
        let header = read_header(&source)?;
        let mut at = HEADER_BYTES as u64;
        let mut ranges = [const { 0..0 }; Section::ALL.len()];
        for (range, (length, _)) in ranges.iter_mut().zip(&header.sections) {
            let filled = length.checked_next_multiple_of(ALIGNMENT as u64).ok_or(KeyFileError::Length)?;
            let end = at.checked_add(filled).ok_or(KeyFileError::Length)?;
            *range = at..end;
            at = end;
        }
        if at == source.length() { Ok(Self { source, header, ranges }) } else { Err(KeyFileError::Length) }
    }

    /// What the header says of the key.
    pub(crate) const fn info(&self) -> &KeyInfo {
        &self.header.info
    }

    /// Of the whole file, by way of the sections' digests.
    pub(crate) const fn digest(&self) -> &Digest {
        &self.header.digest
    }

    /// The length of a section.
    pub(crate) const fn length(&self, section: Section) -> u64 {
        self.header.sections[section as usize - 1].0
    }

    /// Whether the file is for the circuit and matrices of `pins`, as the header says. That its sections are as the
    /// header says is seen when they are read.
    pub(crate) fn check(&self, circuit: CircuitId, pins: &Pins) -> Result<(), KeyFileError> {
        if self.info().circuit != circuit {
            return Err(KeyFileError::Circuit);
        }
        let (_, section) = self.header.sections[Section::Matrices as usize - 1];
        let same = self.info().matrix_digest == pins.matrices && section == pins.section;
        if same { Ok(()) } else { Err(KeyFileError::Matrices) }
    }

    /// A section as it was written.
    ///
    /// # Errors
    /// [`KeyFileError::SectionDigest`] if it is not, [`KeyFileError::Io`], and [`KeyFileError::Format`] for a fill that is not zeros.
    pub(crate) fn section(&self, section: Section) -> Result<Cow<'_, [u8]>, KeyFileError> {
        let number = section as usize - 1;
        let mut bytes = self.source.read(self.ranges[number].clone())?;
        let (length, given) = &self.header.sections[number];
        let length = usize::try_from(*length).map_err(|_| KeyFileError::Length)?;
        if bytes[length..].iter().any(|byte| *byte != 0) {
            return Err(KeyFileError::Format);
        }
        match &mut bytes {
            Cow::Borrowed(bytes) => *bytes = &bytes[..length],
            Cow::Owned(bytes) => bytes.truncate(length),
        }
        if digest(section as u8, &bytes) == *given { Ok(bytes) } else { Err(KeyFileError::SectionDigest(section)) }
    }

    /// The whole file, every section as it was written.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, KeyFileError> {
        Section::ALL.into_par_iter().try_for_each(|section| self.section(section).map(drop))?;
        Ok(self.source.read(0..self.source.length())?.into_owned())
    }
}

/// The bytes of a key's file.
///
/// # Errors
/// [`KeyFileError::Io`] or [`KeyFileError::SectionDigest`] when the key came from a file that can no longer be read or
/// has been changed.
pub fn encode(key: &CircuitKey) -> Result<Vec<u8>, KeyFileError> {
    key.file().to_bytes()
}

/// The key of a built-in circuit from the bytes of its file. B in G1 is looked at when it is needed, all else now.
///
/// # Errors
/// [`KeyFileError`] naming the first rule that the file breaks; nothing panics, and what is allocated is at most a
/// constant times the length of `bytes`.
pub fn decode(circuit: CircuitId, bytes: Vec<u8>) -> Result<CircuitKey, KeyFileError> {
    load(circuit, bytes.into())
}

/// As [`decode`], from a file that stays open as long as the key.
///
/// # Errors
/// As [`decode`], and [`KeyFileError::Io`].
pub fn open(circuit: CircuitId, file: File) -> Result<CircuitKey, KeyFileError> {
    load(circuit, Source::open(file, &PREFIX)?)
}

fn load(circuit: CircuitId, source: Source) -> Result<CircuitKey, KeyFileError> {
    let file = KeyFile::open(source)?;
    file.check(circuit, &Pins::of(circuit))?;
    CircuitKey::of(file)
}
