//! Hostile files. What snarkjs and circom themselves write and read is tested where they run: `tests/tests/suite/circom.rs`.

#![allow(clippy::unwrap_used, reason = "tests")]

mod import;
mod ptau;
mod r1cs;
mod wtns;
mod zkey;

use ark_bn254::{Fq, Fq2, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, Field};
use veilpay_circuits::testing::TestRng;
use veilpay_protocol::field::Fr;

use super::container::{self, Container};
use super::error::{CircomError, File, Place};
use super::testing::{Trapdoor, dev_zkey};
use crate::r1cs::R1cs;

/// `x y = u`, `u (u + 2 x) = v`, `(u - 3) v = w` with x and w public: six variables, three rows, a domain of eight.
pub(super) fn small() -> (R1cs, Vec<Fr>) {
    let one = Fr::ONE;
    let entry = |value: i64, column: usize| (Fr::from(value), column);
    let a = vec![vec![(one, 1)], vec![(one, 4)], vec![(one, 4), entry(-3, 0)]];
    let b = vec![vec![(one, 3)], vec![(one, 4), entry(2, 1)], vec![(one, 5)]];
    let c = vec![vec![(one, 4)], vec![(one, 5)], vec![(one, 2)]];
    let (x, y) = (7, 11);
    let (u, v) = (x * y, x * y * (x * y + 2 * x));
    let assignment = [1, x, (u - 3) * v, y, u, v].map(Fr::from).to_vec();
    let r1cs = R1cs { matrices: [a, b, c], num_instance: 3, num_witness: 3 };
    assert_eq!(r1cs.first_unsatisfied(&assignment), None);
    (r1cs, assignment)
}

pub(super) fn small_zkey() -> Vec<u8> {
    dev_zkey(&small().0, &Trapdoor::from_seed(1))
}

/// An element of Fq as these files have it.
pub(super) fn words(x: &Fq) -> Vec<u8> {
    x.0.0.into_iter().flat_map(u64::to_le_bytes).collect()
}

/// A point of the curve of G2 that is not of order r.
pub(super) fn outside_subgroup() -> Vec<u8> {
    let candidates = (1_u64..).map(|x| G2Affine::get_point_from_x_unchecked(Fq2::new(Fq::from(x), Fq::ZERO), false));
    let point = candidates.flatten().find(|point| !point.is_in_correct_subgroup_assuming_on_curve()).unwrap();
    assert!(point.is_on_curve() && !point.is_zero());
    [point.x.c0, point.x.c1, point.y.c0, point.y.c1].iter().flat_map(words).collect()
}

/// The sections of a file, to be changed.
#[derive(Clone)]
pub(super) struct Sections {
    file: File,
    sections: Vec<(u32, Vec<u8>)>,
}

impl Sections {
    pub(super) fn of(file: File, bytes: &[u8]) -> Self {
        let container = Container::read(file, bytes).unwrap();
        let all = 1..=u32::try_from(file.sections().len()).unwrap();
        let sections = all.filter_map(|n| Some((n, container.find(n)?.to_vec()))).collect();
        Self { file, sections }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let sections: Vec<(u32, &[u8])> = self.sections.iter().map(|(n, bytes)| (*n, bytes.as_slice())).collect();
        container::write(self.file, &sections)
    }

    pub(super) fn at(&mut self, section: u32) -> &mut Vec<u8> {
        &mut self.sections.iter_mut().find(|(n, _)| *n == section).unwrap().1
    }

    /// The file with bytes overwritten.
    fn with(&self, section: u32, offset: usize, bytes: &[u8]) -> Vec<u8> {
        let mut changed = self.clone();
        changed.at(section)[offset..offset + bytes.len()].copy_from_slice(bytes);
        changed.bytes()
    }
}

/// What every kind of file must withstand, whatever it holds.
fn withstands_damage<T>(file: File, bytes: &[u8], read: impl Fn(&[u8]) -> Result<T, CircomError>) {
    let refusal = |bytes: &[u8]| read(bytes).err().expect("a damaged file is refused");
    assert!(read(bytes).is_ok());
    for length in 0..bytes.len() {
        let error = refusal(&bytes[..length]);
        assert!(
            matches!(error, CircomError::Magic(_) | CircomError::Truncated(_) | CircomError::SectionTruncated(_)),
            "cut to {length}: {error}"
        );
    }
    assert_eq!(refusal(&[bytes, &[0]].concat()), CircomError::TrailingBytes(file));

    let replaced = |offset: usize, with: &[u8]| {
        let mut changed = bytes.to_vec();
        changed[offset..offset + with.len()].copy_from_slice(with);
        refusal(&changed)
    };
    assert_eq!(replaced(0, b"zzzz"), CircomError::Magic(file));
    let other = file.version() + 1;
    assert_eq!(replaced(4, &other.to_le_bytes()), CircomError::Version { file, found: other });
    assert_eq!(replaced(8, &u32::MAX.to_le_bytes()), CircomError::Truncated(file));
    assert_eq!(replaced(8, &1_u32.to_le_bytes()), CircomError::TrailingBytes(file));

    let whole = Sections::of(file, bytes);
    let mut header = 12;
    for (n, (section, content)) in whole.sections.iter().enumerate() {
        let at = Place { file, section: *section };
        for number in [0, 11, 16, u32::MAX] {
            let unknown = CircomError::UnknownSection(Place { file, section: number });
            assert_eq!(replaced(header, &number.to_le_bytes()), unknown);
        }
        for length in [u64::MAX, u64::MAX / 2, bytes.len() as u64] {
            assert_eq!(replaced(header + 4, &length.to_le_bytes()), CircomError::SectionTruncated(at));
        }
        let mut twice = whole.clone();
        twice.sections.push((*section, content.clone()));
        assert_eq!(refusal(&twice.bytes()), CircomError::DuplicateSection(at));
        let mut missing = whole.clone();
        missing.sections.remove(n);
        if (file, *section) != (File::Zkey, 10) {
            assert_eq!(refusal(&missing.bytes()), CircomError::MissingSection(at));
            for length in [content.len() - 1, 0] {
                let mut short = whole.clone();
                short.at(*section).truncate(length);
                assert!(read(&short.bytes()).is_err(), "{at} cut to {length}");
            }
            let mut long = whole.clone();
            long.at(*section).push(0);
            let error = refusal(&long.bytes());
            assert!(matches!(error, CircomError::SectionLength { at: found, .. } if found == at), "{error}");
        }
        header += 12 + content.len();
    }
    let mut reversed = whole;
    reversed.sections.reverse();
    assert!(read(&reversed.bytes()).is_ok(), "sections come in any order");
}

/// Random bytes are changed: that may pass, but it may not panic.
fn survives_flips(bytes: &[u8], rounds: u32, read: impl Fn(&[u8])) {
    let mut rng = TestRng::new(5);
    let mut next = |bound: usize| usize::try_from(rng.below(bound as u64)).unwrap();
    for _ in 0..rounds {
        let mut changed = bytes.to_vec();
        for _ in 0..=next(3) {
            let at = next(changed.len());
            changed[at] ^= u8::try_from(1 + next(255)).unwrap();
        }
        // Heads hold the counts, and are small beside the rest.
        let head = next(120).min(changed.len() - 1);
        changed[head] ^= u8::try_from(next(256)).unwrap();
        read(&changed);
    }
}
