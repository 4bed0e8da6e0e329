//! The bytes of a key file, format 2.
//!
//! | bytes | content |
//! |---|---|
//! | 8 | `veilpayk` |
//! | 2 | format, u16 little-endian: 2 |
//! | 1, 2, 1 | circuit, circuit version (u16 little-endian), setup: as in the verifying key |
//! | 2 | zero |
//! | 64 | digest of the matrices |
//! | 8 x (8 + 32) | section table: for each [`Section`] in order its length, u64 little-endian, and its digest |
//! | 32 | digest of all above: as it covers the sections' digests, it is the digest of the file |
//! | 16 | zero |
//! | ... | the sections, each filled up with zeros to a multiple of 64 bytes |
//!
//! Digests are the first 32 bytes of BLAKE2b under `FILE_DIGEST`, over a number (u64: 0 for the header, else the
//! section's) and the bytes. Sections are hashed in parallel and before anything in them is read. They hold points and
//! matrices as the machine holds them, so that loading is copying, and a mapped file can be used in place.
//!
//! The header's digest of the matrices is compared with the circuit's, and with the digest of the matrices as read.
//!
//! A digest says that a file is what was written, not who wrote it: whoever wants to trust a ceremony's key compares
//! [`VerifyingKey::digest`](veilpay_verifier::VerifyingKey::digest) with the published one and runs
//! [`CircuitKey::check`].

use ark_bn254::Bn254;
use ark_groth16::ProvingKey;
use rayon::prelude::*;
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::hash::Transcript;
use veilpay_protocol::tags::Personal;
use veilpay_verifier::{KeyInfo, Setup, VerifyingKey};

use super::CircuitKey;
use super::error::{KeyFileError, Section};
use super::layout::{read_points, read_r1cs, write_points, write_r1cs};
use crate::r1cs::R1cs;

const PREFIX: [u8; 10] = *b"veilpayk\x02\x00";
const ENTRY_BYTES: usize = 8 + DIGEST_BYTES;
const DIGEST_BYTES: usize = 32;
const TABLE_AT: usize = 80;
const DIGEST_AT: usize = TABLE_AT + Section::ALL.len() * ENTRY_BYTES;
const ALIGNMENT: usize = 64;

/// Bytes before the first section.
pub const HEADER_BYTES: usize = (DIGEST_AT + DIGEST_BYTES).next_multiple_of(ALIGNMENT);

fn digest(number: u8, bytes: &[u8]) -> [u8; DIGEST_BYTES] {
    Transcript::new(Personal::FILE_DIGEST).number(u64::from(number)).fixed(bytes).digest32()
}

/// Writes a key.
#[must_use]
pub fn encode(key: &CircuitKey) -> Vec<u8> {
    let proving = key.proving_key();
    let content = |section| match section {
        Section::Verifying => key.verifying_key().to_bytes(),
        Section::Pair => write_points(&[proving.beta_g1, proving.delta_g1]),
        Section::A => write_points(&proving.a_query),
        Section::B1 => write_points(&proving.b_g1_query),
        Section::B2 => write_points(&proving.b_g2_query),
        Section::H => write_points(&proving.h_query),
        Section::L => write_points(&proving.l_query),
        Section::Matrices => write_r1cs(key.r1cs()),
    };
    let sections: Vec<(Vec<u8>, [u8; DIGEST_BYTES])> = Section::ALL
        .into_par_iter()
        .map(|section| {
            let content = content(section);
            let digest = digest(section as u8, &content);
            (content, digest)
        })
        .collect();

    let info = key.info();
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
    sections: [(usize, [u8; DIGEST_BYTES]); Section::ALL.len()],
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[at..at + N]);
    out
}

fn read_header(bytes: &[u8]) -> Result<Header, KeyFileError> {
    if !bytes.starts_with(&PREFIX) {
        return Err(KeyFileError::Format);
    }
    let header = bytes.get(..HEADER_BYTES).ok_or(KeyFileError::Length)?;
    if digest(0, &header[..DIGEST_AT]) != array(header, DIGEST_AT) {
        return Err(KeyFileError::HeaderDigest);
    }
    let zeros = [&header[14..16], &header[DIGEST_AT + DIGEST_BYTES..]];
    if zeros.into_iter().flatten().any(|byte| *byte != 0) {
        return Err(KeyFileError::Format);
    }
    let info = KeyInfo {
        circuit: CircuitId::from_code(header[10]).ok_or(KeyFileError::Circuit)?,
        version: u16::from_le_bytes(array(header, 11)),
        setup: Setup::from_code(header[13]).ok_or(KeyFileError::Format)?,
        matrix_digest: array(header, 16),
    };
    let mut sections = [(0, [0; DIGEST_BYTES]); Section::ALL.len()];
    for (i, (length, digest)) in sections.iter_mut().enumerate() {
        let at = TABLE_AT + i * ENTRY_BYTES;
        *length = usize::try_from(u64::from_le_bytes(array(header, at))).map_err(|_| KeyFileError::Length)?;
        *digest = array(header, at + 8);
    }
    Ok(Header { info, sections })
}

/// Splits what follows the header into the sections; the fill must be zeros and the end the end.
fn split<'a>(header: &Header, bytes: &'a [u8]) -> Result<[&'a [u8]; Section::ALL.len()], KeyFileError> {
    let mut rest = bytes.get(HEADER_BYTES..).ok_or(KeyFileError::Length)?;
    let mut out: [&[u8]; Section::ALL.len()] = [&[]; Section::ALL.len()];
    for (content, (length, _)) in out.iter_mut().zip(&header.sections) {
        let filled = length.checked_next_multiple_of(ALIGNMENT).ok_or(KeyFileError::Length)?;
        let (head, tail) = rest.split_at_checked(filled).ok_or(KeyFileError::Length)?;
        let (head, fill) = head.split_at(*length);
        if fill.iter().any(|byte| *byte != 0) {
            return Err(KeyFileError::Format);
        }
        *content = head;
        rest = tail;
    }
    if rest.is_empty() { Ok(out) } else { Err(KeyFileError::Length) }
}

/// Reads the key of `circuit`, made for the matrices with `matrix_digest`.
///
/// # Errors
/// [`KeyFileError`] naming the first rule that the file breaks; nothing panics, and what is allocated is at most a
/// constant times the length of `bytes`.
pub fn decode(circuit: CircuitId, matrix_digest: &[u8; 64], bytes: &[u8]) -> Result<CircuitKey, KeyFileError> {
    let (info, proving, r1cs) = decode_values(circuit, matrix_digest, bytes)?;
    CircuitKey::new(info, proving, r1cs)
}

/// As [`decode`], up to what [`CircuitKey::new`] puts together and checks.
pub(crate) fn decode_values(
    circuit: CircuitId,
    matrix_digest: &[u8; 64],
    bytes: &[u8],
) -> Result<(KeyInfo, ProvingKey<Bn254>, R1cs), KeyFileError> {
    let header = read_header(bytes)?;
    if header.info.circuit != circuit {
        return Err(KeyFileError::Circuit);
    }
    if header.info.matrix_digest != *matrix_digest {
        return Err(KeyFileError::Matrices);
    }
    let contents = split(&header, bytes)?;
    Section::ALL.into_par_iter().zip(&contents).zip(&header.sections).try_for_each(
        |((section, content), (_, given))| match digest(section as u8, content) == *given {
            true => Ok(()),
            false => Err(KeyFileError::SectionDigest(section)),
        },
    )?;
    let [verifying, pair, a, b1, b2, h, l, matrices] = contents;
    let verifying = VerifyingKey::from_bytes(verifying).map_err(KeyFileError::Verifying)?;
    if *verifying.info() != header.info {
        return Err(KeyFileError::Contradiction);
    }
    let points = verifying.points();
    let pair: Vec<_> = read_points(Section::Pair, pair)?;
    let [beta_g1, delta_g1] = <[_; 2]>::try_from(pair).map_err(|_| KeyFileError::Section(Section::Pair))?;
    let proving = ProvingKey {
        vk: ark_groth16::VerifyingKey {
            alpha_g1: points.alpha,
            beta_g2: points.beta,
            gamma_g2: points.gamma,
            delta_g2: points.delta,
            gamma_abc_g1: points.ic.clone(),
        },
        beta_g1,
        delta_g1,
        a_query: read_points(Section::A, a)?,
        b_g1_query: read_points(Section::B1, b1)?,
        b_g2_query: read_points(Section::B2, b2)?,
        h_query: read_points(Section::H, h)?,
        l_query: read_points(Section::L, l)?,
    };
    Ok((header.info, proving, read_r1cs(matrices)?))
}
