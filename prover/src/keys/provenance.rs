//! The record of a ceremony: who contributed, as far as the key that came out of it says.
//!
//! | bytes | content |
//! |---|---|
//! | 64 | the circuit's hash: what every contribution is bound to |
//! | 4 | n, the number of contributions, u32 little-endian; one at least |
//! | for each: 64, 1, 1 + ... | its hash, its kind, its name in UTF-8 behind its length |
//! | for a beacon (kind 1): 1, 1 + ... | the power of two of its iterations, its bytes behind their length |
//! | 2 + ... | notes in UTF-8 behind their length, u16 little-endian |
//!
//! Hashes are BLAKE2b-512 as snarkjs prints and participants publish them. A record says what a file says: whoever relies
//! on it verifies the ceremony's own file against the published hashes (`docs/CEREMONY.md`).

use std::fmt;

/// Contributions in a record at most.
pub const MAX_CONTRIBUTIONS: usize = 4096;

/// Bytes of the notes at most.
pub const MAX_NOTES: usize = 4096;

/// The public randomness that ends a ceremony.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beacon {
    /// What the source gave.
    pub value: Vec<u8>,
    /// It was hashed 2 to the power of this many times.
    pub iterations_log2: u8,
}

/// What one participant did.
#[derive(Clone, PartialEq, Eq)]
pub struct Contribution {
    /// BLAKE2b-512 of the contribution, which the participant publishes.
    pub hash: [u8; 64],
    /// What the participant is called; may be empty.
    pub name: String,
    /// The beacon, when the contribution is one and not a person's.
    pub beacon: Option<Beacon>,
}

impl fmt::Debug for Contribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contribution").field("name", &self.name).field("beacon", &self.beacon).finish_non_exhaustive()
    }
}

/// The record of a ceremony.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    circuit_hash: [u8; 64],
    contributions: Vec<Contribution>,
    notes: String,
}

/// What is left of a record.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(n)?;
        self.0 = tail;
        Some(head)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn short(&mut self) -> Option<&'a [u8]> {
        let [length] = self.array()?;
        self.take(length.into())
    }

    fn contribution(&mut self) -> Option<Contribution> {
        let hash = self.array()?;
        let [kind] = self.array()?;
        let name = std::str::from_utf8(self.short()?).ok()?.to_owned();
        let beacon = match kind {
            0 => None,
            1 => {
                let [iterations_log2] = self.array()?;
                Some(Beacon { iterations_log2, value: self.short()?.to_vec() })
            }
            _ => return None,
        };
        Some(Contribution { hash, name, beacon })
    }
}

impl Provenance {
    /// A record; none without a contribution, with more than [`MAX_CONTRIBUTIONS`], with a name or a beacon of more than 255
    /// bytes, or with notes of more than [`MAX_NOTES`].
    #[must_use]
    pub fn new(circuit_hash: [u8; 64], contributions: Vec<Contribution>, notes: String) -> Option<Self> {
        let short = |bytes: &[u8]| u8::try_from(bytes.len()).is_ok();
        let fits =
            |c: &Contribution| short(c.name.as_bytes()) && c.beacon.as_ref().is_none_or(|beacon| short(&beacon.value));
        let bounded = (1..=MAX_CONTRIBUTIONS).contains(&contributions.len()) && notes.len() <= MAX_NOTES;
        (bounded && contributions.iter().all(fits)).then_some(Self { circuit_hash, contributions, notes })
    }

    /// The hash of the circuit's first key, that of the setup before any contribution.
    #[must_use]
    pub const fn circuit_hash(&self) -> &[u8; 64] {
        &self.circuit_hash
    }

    /// The contributions in order; never empty.
    #[must_use]
    pub fn contributions(&self) -> &[Contribution] {
        &self.contributions
    }

    /// What whoever imported the key noted: where transcript and powers of tau are.
    #[must_use]
    pub fn notes(&self) -> &str {
        &self.notes
    }

    /// Encodes the record.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let short = |out: &mut Vec<u8>, bytes: &[u8]| {
            out.push(u8::try_from(bytes.len()).expect("a record has no longer ones"));
            out.extend(bytes);
        };
        let mut out = self.circuit_hash.to_vec();
        out.extend(u32::try_from(self.contributions.len()).expect("a record is bounded").to_le_bytes());
        for contribution in &self.contributions {
            out.extend(contribution.hash);
            out.push(u8::from(contribution.beacon.is_some()));
            short(&mut out, contribution.name.as_bytes());
            if let Some(beacon) = &contribution.beacon {
                out.push(beacon.iterations_log2);
                short(&mut out, &beacon.value);
            }
        }
        out.extend(u16::try_from(self.notes.len()).expect("a record is bounded").to_le_bytes());
        out.extend(self.notes.as_bytes());
        out
    }

    /// Decodes a record; none when the bytes are not exactly one. What is allocated is at most proportional to `bytes`.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = Rest(bytes);
        let circuit_hash = rest.array()?;
        let count = usize::try_from(u32::from_le_bytes(rest.array()?)).ok()?;
        if count > MAX_CONTRIBUTIONS {
            return None;
        }
        let contributions = (0..count).map(|_| rest.contribution()).collect::<Option<_>>()?;
        let length = u16::from_le_bytes(rest.array()?);
        let notes = std::str::from_utf8(rest.take(length.into())?).ok()?.to_owned();
        if rest.0.is_empty() { Self::new(circuit_hash, contributions, notes) } else { None }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn record() -> Provenance {
        let person = Contribution { hash: [1; 64], name: "Zoë".into(), beacon: None };
        let beacon = Beacon { value: vec![9; 32], iterations_log2: 10 };
        let last = Contribution { hash: [2; 64], name: String::new(), beacon: Some(beacon) };
        Provenance::new([7; 64], vec![person, last], "transcript: there".into()).unwrap()
    }

    #[test]
    fn a_record_reads_back_and_every_cut_or_addition_is_refused() {
        let bytes = record().to_bytes();
        assert_eq!(Provenance::from_bytes(&bytes), Some(record()));
        for length in 0..bytes.len() {
            assert_eq!(Provenance::from_bytes(&bytes[..length]), None, "{length}");
        }
        assert_eq!(Provenance::from_bytes(&[&bytes[..], &[0]].concat()), None);
        let with = |at: usize, byte: u8| {
            let mut bytes = bytes.clone();
            bytes[at] = byte;
            Provenance::from_bytes(&bytes)
        };
        assert_eq!(with(68 + 64, 2), None, "no such kind");
        assert_eq!(with(68 + 66, 0xff), None, "a name that is no text");
        assert_eq!(with(67, 1), None, "more than there are");
    }

    #[test]
    fn a_record_is_bounded_and_has_a_contribution() {
        let one = record().contributions()[..1].to_vec();
        assert_eq!(Provenance::new([0; 64], Vec::new(), String::new()), None);
        assert_eq!(Provenance::new([0; 64], one.clone(), "x".repeat(MAX_NOTES + 1)), None);
        let long = Contribution { name: "x".repeat(256), ..one[0].clone() };
        assert_eq!(Provenance::new([0; 64], vec![long], String::new()), None);
        let many = std::iter::repeat_n(one[0].clone(), MAX_CONTRIBUTIONS + 1).collect();
        assert_eq!(Provenance::new([0; 64], many, String::new()), None);
        assert!(Provenance::new([0; 64], one, String::new()).is_some());
    }
}
