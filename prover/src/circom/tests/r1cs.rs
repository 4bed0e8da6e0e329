use veilpay_protocol::field::Fr;

use super::super::element::Element;
use super::super::r1cs::{read, write};
use super::super::{CircomError, File, Place};
use super::{Sections, small, survives_flips, withstands_damage};

const HEADER: Place = Place { file: File::R1cs, section: 1 };
const CONSTRAINTS: Place = Place { file: File::R1cs, section: 2 };
/// Where the counts of the header begin.
const COUNTS: usize = 36;

fn sections() -> Sections {
    Sections::of(File::R1cs, &write(&small().0))
}

#[test]
fn what_is_written_is_read() {
    let (r1cs, _) = small();
    assert_eq!(read(&write(&r1cs)).unwrap(), r1cs);
}

#[test]
fn outputs_are_public_inputs() {
    let mut file = sections();
    assert_eq!(file.at(1)[COUNTS + 4..COUNTS + 12], [0, 0, 0, 0, 2, 0, 0, 0]);
    file.at(1)[COUNTS + 4..COUNTS + 12].copy_from_slice(&[1, 0, 0, 0, 1, 0, 0, 0]);
    assert_eq!(read(&file.bytes()).unwrap(), small().0);
}

#[test]
fn a_damaged_container_is_refused() {
    withstands_damage(File::R1cs, &write(&small().0), read);
}

#[test]
fn impossible_counts_are_refused() {
    let file = sections();
    let count = |place: usize, n: u32| read(&file.with(1, COUNTS + 4 * place, &n.to_le_bytes())).unwrap_err();
    assert_eq!(count(0, 2), CircomError::PublicInputs { at: HEADER, public: 2, variables: 2 });
    for place in [1, 2, 3] {
        assert!(matches!(count(place, u32::MAX), CircomError::PublicInputs { at: HEADER, .. }));
    }
    let labels = Place { file: File::R1cs, section: 3 };
    let expected = u64::from(u32::MAX) * 8;
    assert_eq!(count(0, u32::MAX), CircomError::SectionLength { at: labels, expected, found: 48 });
    for constraints in [0, 2, 4, u32::MAX] {
        assert!(matches!(count(6, constraints), CircomError::SectionLength { at: CONSTRAINTS, .. }));
    }
}

#[test]
fn a_wrong_entry_is_named_by_its_constraint() {
    let file = sections();
    // The first row of A: one entry, of variable 1.
    let changed = |offset: usize, bytes: &[u8]| read(&file.with(2, offset, bytes)).unwrap_err();
    assert_eq!(changed(4, &6_u32.to_le_bytes()), CircomError::Column { at: CONSTRAINTS, index: 0 });
    assert_eq!(changed(8, &Fr::prime()), CircomError::NotCanonical { at: CONSTRAINTS, index: 0 });
    assert!(matches!(changed(0, &[0xff; 4]), CircomError::SectionLength { at: CONSTRAINTS, .. }));
    // The second constraint comes after three rows of one entry.
    assert_eq!(changed(3 * 40 + 4, &[0xff; 4]), CircomError::Column { at: CONSTRAINTS, index: 1 });
    assert_eq!(read(&file.with(1, 4, &[0])).unwrap_err(), CircomError::Prime(HEADER));
}

#[test]
fn random_damage_never_panics() {
    survives_flips(&write(&small().0), 20_000, |bytes| drop(read(bytes)));
}
