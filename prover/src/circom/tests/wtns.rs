use ark_ff::{AdditiveGroup, Field};
use veilpay_protocol::field::Fr;

use super::super::element::Element;
use super::super::wtns::{read, write};
use super::super::{CircomError, File, Place};
use super::{Sections, small, survives_flips, withstands_damage};

const VALUES: Place = Place { file: File::Wtns, section: 2 };

fn sections() -> Sections {
    Sections::of(File::Wtns, &write(&small().1))
}

#[test]
fn what_is_written_is_read() {
    let (_, mut assignment) = small();
    assignment.extend([-Fr::ONE, Fr::ZERO]);
    assert_eq!(*read(&write(&assignment)).unwrap(), assignment);
}

#[test]
fn a_damaged_container_is_refused() {
    withstands_damage(File::Wtns, &write(&small().1), read);
}

#[test]
fn each_byte_of_the_header_counts() {
    let mut file = sections();
    for offset in 0..file.at(1).len() {
        let byte = file.at(1)[offset];
        for change in [1, 0x80, 0xff] {
            assert!(read(&file.with(1, offset, &[byte ^ change])).is_err(), "{offset}");
        }
    }
    let many = read(&file.with(1, 36, &u32::MAX.to_le_bytes())).unwrap_err();
    let expected = u64::from(u32::MAX) * 32;
    assert_eq!(many, CircomError::SectionLength { at: VALUES, expected, found: 6 * 32 });
}

#[test]
fn a_value_that_is_not_below_r_is_named_by_its_index() {
    let file = sections();
    for index in 0..6 {
        for wrong in [Fr::prime(), [0xff; 32]] {
            let error = read(&file.with(2, 32 * index, &wrong)).unwrap_err();
            assert_eq!(error, CircomError::NotCanonical { at: VALUES, index });
        }
    }
}

#[test]
fn an_assignment_begins_with_one() {
    for first in [Fr::ZERO, Fr::from(2), -Fr::ONE] {
        assert_eq!(read(&write(&[first, Fr::ONE])).unwrap_err(), CircomError::NotOne);
    }
    assert_eq!(read(&write(&[])).unwrap_err(), CircomError::NotOne);
}

#[test]
fn random_damage_never_panics() {
    survives_flips(&write(&small().1), 20_000, |bytes| drop(read(bytes)));
}
