//! The bytes of a verifying key.
//!
//! | bytes | content |
//! |---|---|
//! | 8 | `veilpayv` |
//! | 2 | format, u16 little-endian: 1 |
//! | 1 | circuit, its code |
//! | 2 | circuit version, u16 little-endian |
//! | 1 | setup: 0 dev, 1 ceremony |
//! | 64 | digest of the matrices |
//! | 4 | n, the number of points of IC, u32 little-endian; as the circuit says |
//! | 32, 64, 64, 64 | alpha, beta, gamma, delta |
//! | 32 n | IC |
//! | 32 | digest: BLAKE2b of all from the circuit's code to here, see [`VerifyingKey::digest`] |
//!
//! Points as in [`crate::point`]. The length follows from the circuit; nothing is allocated before it is checked.

use alloc::vec::Vec;

use veilpay_protocol::circuit::CircuitId;

use super::{KeyElement, KeyError, KeyInfo, KeyPoints, Setup, VerifyingKey, digest_of};
use crate::point::{self, G1_BYTES, G2_BYTES};

/// The first bytes of a verifying key of this format: name and format number.
pub const PREFIX: [u8; 10] = *b"veilpayv\x01\x00";

const INFO_BYTES: usize = 1 + 2 + 1 + 64 + 4;
const DIGEST_BYTES: usize = 32;

/// Takes the next `n` bytes.
fn take<'a>(rest: &mut &'a [u8], n: usize) -> Result<&'a [u8], KeyError> {
    let (head, tail) = rest.split_at_checked(n).ok_or(KeyError::Length)?;
    *rest = tail;
    Ok(head)
}

fn take_array<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], KeyError> {
    let mut out = [0; N];
    out.copy_from_slice(take(rest, N)?);
    Ok(out)
}

fn read_info(rest: &mut &[u8]) -> Result<KeyInfo, KeyError> {
    let [circuit] = take_array(rest)?;
    let circuit = CircuitId::from_code(circuit).ok_or(KeyError::UnknownCircuit)?;
    let version = u16::from_le_bytes(take_array(rest)?);
    let [setup] = take_array(rest)?;
    let setup = Setup::from_code(setup).ok_or(KeyError::UnknownSetup)?;
    Ok(KeyInfo { circuit, version, setup, matrix_digest: take_array(rest)? })
}

impl VerifyingKey {
    /// The length of the encoding of a key for `circuit`.
    #[must_use]
    pub const fn encoded_len(circuit: CircuitId) -> usize {
        let points = (2 + circuit.public_inputs()) * G1_BYTES + 3 * G2_BYTES;
        PREFIX.len() + INFO_BYTES + points + DIGEST_BYTES
    }

    /// Encodes the key.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let body = self.body();
        let mut out = Vec::with_capacity(PREFIX.len() + body.len() + DIGEST_BYTES);
        out.extend(PREFIX);
        out.extend(&body);
        out.extend(digest_of(&body));
        out
    }

    /// What the digest is over: circuit, version, setup, matrix digest, n and the points.
    pub(super) fn body(&self) -> Vec<u8> {
        let (info, points) = (&self.info, &self.points);
        let mut out = Vec::with_capacity(INFO_BYTES + (1 + points.ic.len()) * G1_BYTES + 3 * G2_BYTES);
        out.push(info.circuit as u8);
        out.extend(info.version.to_le_bytes());
        out.push(info.setup as u8);
        out.extend(info.matrix_digest);
        out.extend(u32::try_from(points.ic.len()).expect("a circuit has fewer than 2^32 public inputs").to_le_bytes());
        let mut g1 = [0; G1_BYTES];
        let mut g2 = [0; G2_BYTES];
        point::encode(&points.alpha, &mut g1);
        out.extend(g1);
        for p in [&points.beta, &points.gamma, &points.delta] {
            point::encode(p, &mut g2);
            out.extend(g2);
        }
        for p in &points.ic {
            point::encode(p, &mut g1);
            out.extend(g1);
        }
        out
    }

    /// Decodes a key and [checks](Self::check) it: what comes out obeys S1 and encodes to the same bytes again.
    ///
    /// # Errors
    /// [`KeyError`] naming the first rule that is broken.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let key = Self::from_bytes_of_any_version(bytes)?;
        key.check_version()?;
        Ok(key)
    }

    /// As [`Self::from_bytes`], for a key of whatever version ([`Self::check_any_version`]).
    ///
    /// # Errors
    /// [`KeyError`] naming the first rule that is broken.
    pub fn from_bytes_of_any_version(bytes: &[u8]) -> Result<Self, KeyError> {
        let mut rest = bytes.strip_prefix(&PREFIX).ok_or(KeyError::Format)?;
        let body_len = rest.len().checked_sub(DIGEST_BYTES).ok_or(KeyError::Length)?;
        let body = &rest[..body_len];
        let info = read_info(&mut rest)?;
        let ic_len = u32::from_le_bytes(take_array(&mut rest)?) as usize;
        if ic_len != info.circuit.public_inputs() + 1 {
            return Err(KeyError::IcLength);
        }
        if bytes.len() != Self::encoded_len(info.circuit) {
            return Err(KeyError::Length);
        }
        let points = read_points(&mut rest, ic_len)?;
        if digest_of(body) != *rest {
            return Err(KeyError::Digest);
        }
        let key = Self { info, points };
        key.check_any_version()?;
        Ok(key)
    }
}

fn read_points(rest: &mut &[u8], ic_len: usize) -> Result<KeyPoints, KeyError> {
    let at = |element| move |error| KeyError::Point { element, error };
    let alpha = point::decode(take(rest, G1_BYTES)?).map_err(at(KeyElement::Alpha))?;
    let mut g2 = |element| point::decode(take(rest, G2_BYTES)?).map_err(at(element));
    let (beta, gamma, delta) = (g2(KeyElement::Beta)?, g2(KeyElement::Gamma)?, g2(KeyElement::Delta)?);
    let ic = (0..ic_len)
        .map(|index| point::decode(take(rest, G1_BYTES)?).map_err(at(KeyElement::Ic(index))))
        .collect::<Result<_, _>>()?;
    Ok(KeyPoints { alpha, beta, gamma, delta, ic })
}
