//! Section 10: the contributions of the ceremony, and the hash of each as snarkjs prints it.
//!
//! | bytes | content |
//! |---|---|
//! | 64 | the circuit's hash |
//! | 4 | number of contributions |
//! | for each: 3 x 64, 128, 64 | delta after it, s and s x in G1, the point of its proof in G2, transcript |
//! | 4, 4 | kind (0 of a person, 1 a beacon), length of the parameters |
//! | ... | parameters by ascending number: 1 name, 2 exponent of the beacon's iterations, 3 beacon; each behind its number, 1 and 3 behind their length |
//!
//! The hash of a contribution is BLAKE2b-512 of its points, uncompressed and big-endian, and the transcript. That each was
//! made by one who knew its secret is what `snarkjs zkey verify` shows: the points here prove nothing by themselves. Refused
//! is what no such contribution leaves, a delta (or its negative) that was there before, the generator before all, and a
//! secret of 1 or -1; and the last delta is compared with the key's.

use std::collections::HashSet;

use ark_bn254::{Fq, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, PrimeField};
use blake2b_simd::State;

use super::super::container::{Bytes, exact};
use super::super::element::Point;
use super::super::error::CircomError;
use super::at;
use crate::keys::provenance::{Beacon, Contribution};

/// What a key says of the ceremony that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ceremony {
    /// The hash of the key before any contribution, which every contribution is bound to.
    pub circuit_hash: [u8; 64],
    /// The contributions in order.
    pub contributions: Vec<Contribution>,
    /// delta in G1 after the last of them.
    pub delta: Option<G1Affine>,
}

fn absorb(hasher: &mut State, coordinates: &[Fq]) {
    for coordinate in coordinates {
        hasher.update(&coordinate.into_bigint().to_bytes_be());
    }
}

/// A reader that names the contribution in which something is wrong.
struct Reader<'a> {
    rest: Bytes<'a>,
    index: usize,
}

impl<'a> Reader<'a> {
    fn malformed(&self) -> CircomError {
        CircomError::Contribution { index: self.index }
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], CircomError> {
        self.rest.take(n).ok_or(self.malformed())
    }

    fn number(&mut self) -> Result<u32, CircomError> {
        self.rest.u32().ok_or(self.malformed())
    }

    fn array(&mut self) -> Result<[u8; 64], CircomError> {
        self.rest.array().copied().ok_or(self.malformed())
    }

    fn point<P: Point>(&mut self) -> Result<P, CircomError> {
        let index = self.index;
        let point = P::read(self.take(P::BYTES)?).map_err(|refused| refused.at(at(10), index))?;
        if point.is_zero() { Err(CircomError::Identity { at: at(10), index }) } else { Ok(point) }
    }

    /// A contribution, and delta after it.
    fn contribution(&mut self) -> Result<(Contribution, G1Affine), CircomError> {
        let points: [G1Affine; 3] = [self.point()?, self.point()?, self.point()?];
        if points[1].x == points[2].x {
            return Err(CircomError::NoSecret { index: self.index });
        }
        let proof: G2Affine = self.point()?;
        let transcript = self.array()?;
        let mut hasher = State::new();
        points.iter().for_each(|p| absorb(&mut hasher, &[p.x, p.y]));
        absorb(&mut hasher, &[proof.x.c1, proof.x.c0, proof.y.c1, proof.y.c0]);
        let hash = *hasher.update(&transcript).finalize().as_array();
        let kind = self.number()?;
        let length = usize::try_from(self.number()?).map_err(|_| self.malformed())?;
        let (name, beacon) = self.parameters(length)?;
        match (kind, beacon) {
            (0, None) => Ok((Contribution { hash, name, beacon: None }, points[0])),
            (1, Some(beacon)) => Ok((Contribution { hash, name, beacon: Some(beacon) }, points[0])),
            _ => Err(self.malformed()),
        }
    }

    /// Name and beacon; a beacon has both its parameters.
    fn parameters(&mut self, length: usize) -> Result<(String, Option<Beacon>), CircomError> {
        let malformed = self.malformed();
        let mut rest = Bytes(self.take(length)?);
        let (mut name, mut exponent, mut value, mut last) = (String::new(), None, None, 0);
        while let Some([number]) = rest.array::<1>() {
            if *number <= last {
                return Err(malformed);
            }
            last = *number;
            let [first] = *rest.array::<1>().ok_or(malformed)?;
            match number {
                2 => exponent = Some(first),
                1 | 3 => {
                    let bytes = rest.take(first.into()).ok_or(malformed)?;
                    if *number == 1 {
                        name = std::str::from_utf8(bytes).map_err(|_| malformed)?.to_owned();
                    } else {
                        value = Some(bytes.to_vec());
                    }
                }
                _ => return Err(malformed),
            }
        }
        match (exponent, value) {
            (None, None) => Ok((name, None)),
            (Some(iterations_log2), Some(value)) => Ok((name, Some(Beacon { value, iterations_log2 }))),
            _ => Err(malformed),
        }
    }
}

/// Reads the section. What is allocated is at most proportional to its length.
pub(super) fn read(section: &[u8]) -> Result<Ceremony, CircomError> {
    let mut reader = Reader { rest: Bytes(section), index: 0 };
    let circuit_hash = reader.array()?;
    let count = reader.number()?;
    let (mut contributions, mut delta) = (Vec::new(), None);
    // A point and its negative have one x.
    let mut seen = HashSet::from([G1Affine::generator().x]);
    for _ in 0..count {
        let (contribution, after) = reader.contribution()?;
        if !seen.insert(after.x) {
            return Err(CircomError::NoSecret { index: reader.index });
        }
        contributions.push(contribution);
        delta = Some(after);
        reader.index += 1;
    }
    let read = section.len() - reader.rest.0.len();
    exact(at(10), section.len() as u64, read as u64)?;
    Ok(Ceremony { circuit_hash, contributions, delta })
}
