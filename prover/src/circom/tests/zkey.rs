use ark_bn254::{Bn254, Fq};
use ark_ff::Field;
use ark_groth16::{Groth16, Proof as ArkProof, VerifyingKey};
use veilpay_protocol::field::Fr;

use super::super::element::Element;
use super::super::testing::prove;
use super::super::{CircomError, CircomProver, Coefficient, File, Place, Zkey, ZkeyFile, ZkeyView};
use super::{Sections, outside_subgroup, small, small_zkey, survives_flips, withstands_damage, words};
use crate::ProveError;

const G1: usize = 64;
const G2: usize = 128;
/// Where the header's counts and points begin.
const COUNTS: usize = 72;
const POINTS: usize = COUNTS + 12;

fn at(section: u32) -> Place {
    Place { file: File::Zkey, section }
}

fn sections() -> Sections {
    Sections::of(File::Zkey, &small_zkey())
}

/// What is said of a key when it is laid out for proving.
fn laid_out(bytes: &[u8]) -> Result<CircomProver, CircomError> {
    match CircomProver::new(ZkeyFile::from_bytes(bytes.to_vec())?) {
        Err(ProveError::Circom(error)) => Err(error),
        other => Ok(other.unwrap()),
    }
}

/// The same whether the key is read as values or laid out; but B in G1 is not looked at before it is needed.
fn refusal(bytes: &[u8]) -> CircomError {
    let error = Zkey::read(bytes).unwrap_err();
    let later = match error {
        CircomError::NotCanonical { at, .. } | CircomError::NotOnCurve { at, .. } => at.section == 6,
        _ => false,
    };
    assert_eq!(laid_out(bytes).err(), (!later).then_some(error));
    let file = ZkeyFile::from_bytes(bytes.to_vec());
    assert_eq!(file.and_then(|file| file.values()).unwrap_err(), error);
    error
}

#[test]
fn a_key_has_the_entries_of_its_matrices_and_rows_for_public_inputs() {
    let (r1cs, _) = small();
    let key = Zkey::read(&small_zkey()).unwrap();
    assert_eq!((key.num_variables(), key.num_public(), key.domain_size()), (6, 2, 8));
    let entries = |matrix: usize| -> Vec<Coefficient> {
        let rows = (0..).zip(&r1cs.matrices()[matrix]);
        rows.flat_map(|(row, entries)| {
            entries.iter().map(move |(value, column)| {
                let column = u32::try_from(*column).unwrap();
                Coefficient { row, column, value: *value }
            })
        })
        .collect()
    };
    let public = (0..3).map(|i| Coefficient { row: 3 + i, column: i, value: Fr::ONE });
    assert_eq!(key.a_coefficients(), [entries(0), public.collect()].concat());
    assert_eq!(key.b_coefficients(), entries(1));
    assert_eq!(key.check_subgroup(), Ok(()));
}

#[test]
fn a_proof_verifies_if_and_only_if_its_assignment_satisfies_the_circuit() {
    let (_, assignment) = small();
    let key = Zkey::read(&small_zkey()).unwrap();
    let points = key.verifying_points();
    let verifying = VerifyingKey::<Bn254> {
        alpha_g1: points.alpha,
        beta_g2: points.beta,
        gamma_g2: points.gamma,
        delta_g2: points.delta,
        gamma_abc_g1: points.ic,
    };
    let holds = |assignment: &[Fr]| {
        let proof = prove(&key, assignment, (Fr::from(17), Fr::from(23))).unwrap();
        let proof = ArkProof { a: *proof.a(), b: *proof.b(), c: *proof.c() };
        Groth16::<Bn254>::verify_proof(&verifying.clone().into(), &proof, &assignment[1..3]).unwrap()
    };
    assert!(holds(&assignment));
    for wrong in 1..assignment.len() {
        let mut other = assignment.clone();
        other[wrong] += Fr::ONE;
        assert!(!holds(&other), "variable {wrong}");
    }
    let short = prove(&key, &assignment[1..], (Fr::ONE, Fr::ONE));
    assert_eq!(short, Err(CircomError::WitnessLength { expected: 6, found: 5 }));
}

#[test]
fn a_damaged_container_is_refused() {
    withstands_damage(File::Zkey, &small_zkey(), Zkey::read);
    withstands_damage(File::Zkey, &small_zkey(), laid_out);
}

#[test]
fn a_key_without_contributions_is_read_and_one_with_a_cut_list_is_not() {
    let mut key = sections();
    assert_eq!(ZkeyView::new(&key.bytes()).unwrap().contributions.map(<[u8]>::len), Some(68));
    key.at(10).truncate(67);
    assert_eq!(refusal(&key.bytes()), CircomError::SectionLength { at: at(10), expected: 68, found: 67 });
    key.sections.retain(|(n, _)| *n != 10);
    assert!(ZkeyView::new(&key.bytes()).unwrap().contributions.is_none());
}

#[test]
fn each_byte_of_the_header_counts() {
    let mut key = sections();
    for section in [1, 2] {
        for offset in 0..key.at(section).len() {
            let byte = key.at(section)[offset];
            for change in [1, 0x80, 0xff] {
                assert!(Zkey::read(&key.with(section, offset, &[byte ^ change])).is_err(), "{section}: {offset}");
            }
        }
    }
}

#[test]
fn another_protocol_or_curve_is_called_by_its_name() {
    let key = sections();
    assert_eq!(refusal(&key.with(1, 0, &[2])), CircomError::Protocol(2));
    assert_eq!(refusal(&key.with(2, 4, &[0x48])), CircomError::Prime(at(2)));
    assert_eq!(refusal(&key.with(2, 40, &[0x02])), CircomError::Prime(at(2)));
    // BLS12-381 has 48 bytes per coordinate, so that its header has another length too.
    let mut wide = key.clone();
    wide.at(2)[0] = 48;
    wide.at(2).extend([0; 100]);
    assert_eq!(refusal(&wide.bytes()), CircomError::Prime(at(2)));
}

#[test]
fn huge_counts_are_refused_by_the_bytes_that_are_there() {
    let key = sections();
    let count = |place: usize, n: u32| refusal(&key.with(2, COUNTS + 4 * place, &n.to_le_bytes()));
    let expected = |section, elements: u64, size: u64, found| CircomError::SectionLength {
        at: at(section),
        expected: elements * size,
        found,
    };
    assert_eq!(count(0, u32::MAX), expected(5, u32::MAX.into(), 64, 6 * 64));
    assert_eq!(count(2, 1 << 27), expected(9, 1 << 27, 64, 8 * 64));
    assert_eq!(count(2, 4), expected(9, 4, 64, 8 * 64));
    for domain in [0, 7, 9, 1 << 28, 1 << 31, u32::MAX] {
        assert_eq!(count(2, domain), CircomError::Domain(domain));
    }
    for public in [6, 7, u32::MAX] {
        let error = CircomError::PublicInputs { at: at(2), public: public.into(), variables: 6 };
        assert_eq!(count(1, public), error);
    }
    assert_eq!(count(0, 0), CircomError::PublicInputs { at: at(2), public: 2, variables: 0 });
    assert_eq!(count(1, 5), expected(3, 6, 64, 3 * 64));
    let coefficients = u64::from(u32::MAX) * 44 + 4;
    let found = sections().at(4).len() as u64;
    let many = refusal(&key.with(4, 0, &u32::MAX.to_le_bytes()));
    assert_eq!(many, CircomError::SectionLength { at: at(4), expected: coefficients, found });
}

#[test]
fn a_wrong_point_is_named_by_section_and_index() {
    let mut key = sections();
    for (section, size) in [(3, G1), (5, G1), (6, G1), (7, G2), (8, G1), (9, G1)] {
        let points = key.at(section).len() / size;
        for index in [0, points - 1] {
            let off_curve = [&words(&Fq::from(5)), &words(&Fq::from(6)), &vec![0; size - G1][..]].concat();
            let error = refusal(&key.with(section, index * size, &off_curve));
            assert_eq!(error, CircomError::NotOnCurve { at: at(section), index });
            for coordinate in 0..size / 32 {
                for wrong in [Fq::prime(), [0xff; 32]] {
                    let error = refusal(&key.with(section, index * size + 32 * coordinate, &wrong));
                    assert_eq!(error, CircomError::NotCanonical { at: at(section), index });
                }
            }
        }
        // The first of several is named.
        let mut two = key.clone();
        two.at(section)[..].fill(0xff);
        assert_eq!(refusal(&two.bytes()), CircomError::NotCanonical { at: at(section), index: 0 });
        // All zeros are the identity.
        let identity = Zkey::read(&key.with(section, 0, &vec![0; size]));
        assert!(identity.is_ok());
    }
    // x = 0 and y = 0 alone are not.
    assert!(Zkey::read(&key.with(9, 0, &[0; 32])).is_err());
}

#[test]
fn a_wrong_point_of_the_header_is_named() {
    let key = sections();
    let (mut offset, sizes) = (POINTS, [G1, G1, G2, G2, G1, G2]);
    for (index, size) in sizes.into_iter().enumerate() {
        let with = |bytes: &[u8]| refusal(&key.with(2, offset, bytes));
        assert_eq!(with(&vec![0; size]), CircomError::Identity { at: at(2), index });
        assert_eq!(with(&[0xff; 32]), CircomError::NotCanonical { at: at(2), index });
        assert_eq!(with(&words(&Fq::from(5))), CircomError::NotOnCurve { at: at(2), index });
        if size == G2 {
            assert_eq!(with(&outside_subgroup()), CircomError::NotInSubgroup { at: at(2), index });
        }
        offset += size;
    }
}

#[test]
fn a_point_outside_the_subgroup_is_found_by_the_check_for_it() {
    let key = Zkey::read(&sections().with(7, 4 * G2, &outside_subgroup())).unwrap();
    assert_eq!(key.check_subgroup(), Err(CircomError::NotInSubgroup { at: at(7), index: 4 }));
}

#[test]
fn a_wrong_coefficient_is_named_by_its_index() {
    let key = sections();
    let entry = |index: usize, offset: usize, bytes: &[u8]| refusal(&key.with(4, 4 + 44 * index + offset, bytes));
    for index in [0, 3, 10] {
        assert_eq!(entry(index, 0, &2_u32.to_le_bytes()), CircomError::Matrix { index });
        assert_eq!(entry(index, 0, &[0xff; 4]), CircomError::Matrix { index });
        assert_eq!(entry(index, 4, &8_u32.to_le_bytes()), CircomError::Row { index });
        assert_eq!(entry(index, 8, &6_u32.to_le_bytes()), CircomError::Column { at: at(4), index });
        assert_eq!(entry(index, 12, &Fr::prime()), CircomError::NotCanonical { at: at(4), index });
        assert_eq!(entry(index, 12, &[0xff; 32]), CircomError::NotCanonical { at: at(4), index });
    }
}

#[test]
fn coefficients_in_another_order_are_the_same_key() {
    let mut key = sections();
    let straight = Zkey::read(&key.bytes()).unwrap();
    let (count, entries) = key.at(4).split_at(4);
    let reversed = entries.chunks(44).rev().flatten().copied();
    let section = count.iter().copied().chain(reversed).collect();
    *key.at(4) = section;
    let other = Zkey::read(&key.bytes()).unwrap();
    let sorted = |entries: &[Coefficient]| {
        let mut entries = entries.to_vec();
        entries.sort_by_key(|entry| (entry.row, entry.column));
        entries
    };
    assert!(other.a_coefficients().is_sorted_by_key(|entry| entry.row));
    assert_eq!(sorted(other.a_coefficients()), sorted(straight.a_coefficients()));
    assert_eq!(sorted(other.b_coefficients()), sorted(straight.b_coefficients()));
}

#[test]
fn random_damage_never_panics() {
    survives_flips(&small_zkey(), 20_000, |bytes| drop(Zkey::read(bytes)));
    survives_flips(&small_zkey(), 1_000, |bytes| drop(laid_out(bytes)));
}

#[test]
fn a_wrong_point_of_b_in_g1_is_refused_when_it_is_needed() {
    let (_, assignment) = small();
    let prover = laid_out(&sections().with(6, 2 * G1, &[0xff; 32])).unwrap();
    assert!(prover.prove(&assignment).is_ok());
    let given = prover.prove_with_scalars(&assignment, (Fr::from(1), Fr::from(2)));
    assert_eq!(given, Err(ProveError::Circom(CircomError::NotCanonical { at: at(6), index: 2 })));
}

#[test]
fn entries_by_row_are_those_of_the_values_in_any_order() {
    let mut key = sections();
    let (count, entries) = key.at(4).split_at(4);
    let reversed: Vec<u8> = count.iter().copied().chain(entries.chunks(44).rev().flatten().copied()).collect();
    let straight = key.bytes();
    *key.at(4) = reversed;
    for bytes in [straight, key.bytes()] {
        let (values, file) = (Zkey::read(&bytes).unwrap(), ZkeyFile::from_bytes(bytes).unwrap());
        let entries = file.entries().unwrap();
        for (matrix, expected) in [values.a_coefficients(), values.b_coefficients()].into_iter().enumerate() {
            let found: Vec<Coefficient> = (0..)
                .zip(entries.rows(matrix))
                .flat_map(|(row, entries)| entries.map(move |entry| (row, entry)))
                .map(|(row, (place, column))| Coefficient { row, column, value: entries.coefficients[place as usize] })
                .collect();
            assert_eq!(found, expected);
        }
        assert_eq!(entries.rows(0).count(), 8);
    }
}

#[test]
fn a_file_that_was_cut_off_after_it_was_opened_is_an_error() {
    let path = std::env::temp_dir().join(format!("veilpay-zkey-{}", std::process::id()));
    std::fs::write(&path, small_zkey()).unwrap();
    let file = ZkeyFile::open(std::fs::File::open(&path).unwrap()).unwrap();
    assert_eq!(file.values().unwrap(), Zkey::read(&small_zkey()).unwrap());
    std::fs::File::options().write(true).open(&path).unwrap().set_len(1000).unwrap();
    let refused = CircomProver::new(file).map(drop);
    assert_eq!(refused, Err(ProveError::Circom(CircomError::Io(std::io::ErrorKind::UnexpectedEof))));
    std::fs::remove_file(path).unwrap();
}
