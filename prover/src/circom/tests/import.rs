//! Keys of snarkjs that become ours, and those that do not: S1 and S3.

use std::sync::LazyLock;

use ark_bn254::{Bn254, Fq, Fq2, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, Field};
use ark_groth16::{Groth16, Proof as ArkProof, prepare_verifying_key};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::Fr;
use veilpay_verifier::key::KeyElement;
use veilpay_verifier::point::PointError;
use veilpay_verifier::{KeyError, Setup};

use super::super::testing::{Trapdoor, dev_ptau, dev_zkey};
use super::super::{CircomError, CircomProver, File, Place, Ptau, ZkeyFile};
use super::{Sections, survives_flips};
use crate::keys::{CircuitKey, ImportError, KeyFileError, TauPart, import};
use crate::r1cs::R1cs;

const CIRCUIT: CircuitId = CircuitId::Enrol;
/// Where the header's points begin, and where each of them does.
const POINTS: usize = 84;
const BETA_1: usize = POINTS + 64;
const BETA_2: usize = POINTS + 128;
const GAMMA_2: usize = POINTS + 256;
const DELTA_1: usize = POINTS + 384;
const DELTA_2: usize = POINTS + 448;

fn r1cs() -> R1cs {
    R1cs::from(veilpay_circuits::matrices(CIRCUIT).unwrap())
}

fn words(coordinates: &[Fq]) -> Vec<u8> {
    coordinates.iter().flat_map(|x| x.0.0).flat_map(u64::to_le_bytes).collect()
}

fn g1(p: G1Affine) -> Vec<u8> {
    words(&[p.x, p.y])
}

fn g2(p: G2Affine) -> Vec<u8> {
    words(&[p.x.c0, p.x.c1, p.y.c0, p.y.c1])
}

/// A section of contributions: one of a person and a beacon, after which delta is `delta`.
fn contributions(delta: &[u8]) -> Vec<u8> {
    let times = |k: u64| g1((G1Affine::generator() * Fr::from(k)).into_affine());
    let (s, s_x) = (times(11), times(11 * 13));
    let contribution = |delta: &[u8], kind: u32, parameters: &[u8]| {
        let length = u32::try_from(parameters.len()).unwrap();
        let proof = g2(G2Affine::generator());
        let points = [delta, &s, &s_x, &proof, &[3; 64]].concat();
        [points, kind.to_le_bytes().to_vec(), length.to_le_bytes().to_vec(), parameters.to_vec()].concat()
    };
    let person = contribution(&times(13), 0, &[1, 5, b'A', b'l', b'i', b'c', b'e']);
    let beacon = contribution(delta, 1, &[2, 10, 3, 2, 0xbe, 0xac]);
    [&[7; 64][..], &2_u32.to_le_bytes(), &person, &beacon].concat()
}

/// A key of the circuit as a ceremony leaves it, from known secrets.
static HONEST: LazyLock<Sections> = LazyLock::new(|| of_secrets(&Trapdoor::from_seed(5)));

/// The powers of tau that it is from. Of twice its domain: the last polynomials in a file lack their highest power.
static TAUS: LazyLock<Ptau> = LazyLock::new(|| Ptau::from_bytes(dev_ptau(12, &Trapdoor::from_seed(5))).unwrap());

fn of_secrets(secrets: &Trapdoor) -> Sections {
    of_system(&r1cs(), secrets)
}

fn of_system(r1cs: &R1cs, secrets: &Trapdoor) -> Sections {
    let mut file = Sections::of(File::Zkey, &dev_zkey(r1cs, secrets));
    let delta = file.at(2)[DELTA_1..DELTA_1 + 64].to_vec();
    *file.at(10) = contributions(&delta);
    file
}

fn imported(bytes: Vec<u8>) -> Result<CircuitKey, ImportError> {
    import(CIRCUIT, &ZkeyFile::from_bytes(bytes)?, &TAUS, "notes")
}

fn refusal(bytes: Vec<u8>) -> ImportError {
    imported(bytes).expect_err("the key is refused")
}

#[test]
fn a_key_of_a_ceremony_becomes_ours_and_keeps_its_record() {
    let key = imported(HONEST.bytes()).unwrap();
    assert_eq!((key.info().setup, key.info().circuit), (Setup::Ceremony, CIRCUIT));
    assert_eq!(key.check(), Ok(()));
    let record = key.provenance().unwrap();
    assert_eq!((record.circuit_hash(), record.notes()), (&[7; 64], "notes"));
    let [person, beacon] = record.contributions() else { panic!("two contributions") };
    assert_eq!((person.name.as_str(), person.beacon.is_none()), ("Alice", true));
    let last = beacon.beacon.as_ref().unwrap();
    assert_eq!((last.value.as_slice(), last.iterations_log2), (&[0xbe, 0xac][..], 10));
    assert_ne!(person.hash, beacon.hash);
}

#[test]
fn s1_a_forged_proof_under_a_zkey_whose_delta_is_gamma_passes_arkworks_and_the_import_refuses_the_key() {
    // As snarkjs makes a key before any contribution: delta = gamma = G2.
    let skipped = Trapdoor { delta: Fr::ONE, ..Trapdoor::from_seed(5) };
    let file = of_secrets(&skipped).bytes();
    let zkey = ZkeyFile::from_bytes(file.clone()).unwrap();
    let vk = zkey.proving_key().unwrap().vk;
    let inputs: Vec<Fr> = [666_u64, 1, 2, 3].map(Fr::from).to_vec();
    let sum =
        vk.gamma_abc_g1[1..].iter().zip(&inputs).fold(vk.gamma_abc_g1[0].into_group(), |sum, (p, x)| sum + *p * x);
    let forgery = ArkProof { a: vk.alpha_g1, b: vk.beta_g2, c: (-sum).into_affine() };
    assert_eq!(Groth16::<Bn254>::verify_proof(&prepare_verifying_key(&vk), &forgery, &inputs), Ok(true));
    let refused = KeyFileError::Verifying(KeyError::DeltaIsGamma);
    assert_eq!(refusal(file.clone()), ImportError::Key(refused));
    assert!(refused.to_string().starts_with("S1: delta is gamma"));
    // A stranger's key is proved with all the same.
    assert!(CircomProver::new(ZkeyFile::from_bytes(file).unwrap()).is_ok());
}

#[test]
fn s1_the_import_refuses_a_key_of_a_circuit_in_which_a_row_says_nothing() {
    // A row L * 1 = M whose C is made L: any witness satisfies it, A and B are the circuit's, honest proofs verify.
    let mut weak = r1cs();
    let [a, b, c] = &mut weak.matrices;
    let one = vec![(Fr::ONE, 0)];
    let row = (0..b.len()).find(|row| b[*row] == one && c[*row] != a[*row]).expect("the circuit has equalities");
    c[row] = a[row].clone();
    let refused = refusal(of_system(&weak, &Trapdoor::from_seed(5)).bytes());
    let parts = [TauPart::Ic, TauPart::L].map(|part| ImportError::Key(KeyFileError::NotOfTheseTaus(part)));
    assert!(parts.contains(&refused), "{refused}");
}

#[test]
fn s1_the_import_refuses_secrets_that_were_not_chosen_or_stand_for_each_other() {
    let one = Fr::ONE;
    let honest = Trapdoor::from_seed(5);
    for (secrets, error) in [
        (Trapdoor { delta: -one, ..honest }, KeyError::DeltaIsGamma),
        (Trapdoor { beta: one, ..honest }, KeyError::BetaIsGenerator),
        (Trapdoor { beta: -one, ..honest }, KeyError::BetaIsGenerator),
        (Trapdoor { alpha: one, ..honest }, KeyError::AlphaIsGenerator),
        (Trapdoor { alpha: -one, ..honest }, KeyError::AlphaIsGenerator),
        (Trapdoor { beta: honest.delta, ..honest }, KeyError::BetaIsDelta),
        (Trapdoor { beta: -honest.delta, ..honest }, KeyError::BetaIsDelta),
    ] {
        assert_eq!(refusal(of_secrets(&secrets).bytes()), ImportError::Key(KeyFileError::Verifying(error)));
    }
    // gamma is not the generator: no tool makes such a key.
    let other = g2((G2Affine::generator() * Fr::from(5_u64)).into_affine());
    assert_eq!(refusal(HONEST.with(2, GAMMA_2, &other)), ImportError::Gamma);
    let delta_2 = HONEST.clone().at(2)[DELTA_2..DELTA_2 + 128].to_vec();
    let same = ImportError::Key(KeyFileError::Verifying(KeyError::DeltaIsGamma));
    assert_eq!(refusal(HONEST.with(2, GAMMA_2, &delta_2)), same);
}

#[test]
fn s1_the_import_refuses_identities_and_points_off_the_curve_or_subgroup() {
    let at = |section| Place { file: File::Zkey, section };
    for (index, offset, size) in [(0, POINTS, 64), (2, BETA_2, 128), (3, GAMMA_2, 128), (5, DELTA_2, 128)] {
        let identity = ImportError::Circom(CircomError::Identity { at: at(2), index });
        assert_eq!(refusal(HONEST.with(2, offset, &vec![0; size])), identity);
        let off = ImportError::Circom(CircomError::NotOnCurve { at: at(2), index });
        assert_eq!(refusal(HONEST.with(2, offset, &g1(G1Affine::new_unchecked(Fq::ONE, Fq::ONE)))), off);
    }
    let stranger = (1_u64..)
        .filter_map(|x| G2Affine::get_point_from_x_unchecked(Fq2::new(Fq::from(x), Fq::ZERO), false))
        .find(|p| !p.is_in_correct_subgroup_assuming_on_curve())
        .unwrap();
    for (index, offset) in [(2, BETA_2), (3, GAMMA_2), (5, DELTA_2)] {
        let outside = ImportError::Circom(CircomError::NotInSubgroup { at: at(2), index });
        assert_eq!(refusal(HONEST.with(2, offset, &g2(stranger))), outside);
    }
    let identity = KeyError::Point { element: KeyElement::Ic(2), error: PointError::Identity };
    assert_eq!(refusal(HONEST.with(3, 128, &[0; 64])), ImportError::Key(KeyFileError::Verifying(identity)));
    assert_eq!(refusal(HONEST.with(7, 128, &g2(stranger))), ImportError::Key(KeyFileError::Subgroup { index: 1 }));
}

#[test]
fn s1_the_import_refuses_an_ic_of_another_length_or_with_repetitions() {
    let ic = HONEST.clone().at(3).clone();
    let repeated = |error| ImportError::Key(KeyFileError::Verifying(error));
    assert_eq!(refusal(HONEST.with(3, 192, &ic[..64])), repeated(KeyError::IcDuplicate { index: 3 }));
    // One public input fewer and one private variable more: the file fits together, the circuit has another count.
    let mut shorter = HONEST.clone();
    shorter.at(2)[76..80].copy_from_slice(&3_u32.to_le_bytes());
    let last = shorter.at(3).split_off(4 * 64);
    let l = [last, shorter.at(8).clone()].concat();
    *shorter.at(8) = l;
    let error = refusal(shorter.bytes());
    assert!(
        matches!(error, ImportError::Shape { found, expected } if found.public_inputs + 1 == expected.public_inputs)
    );
}

#[test]
fn s1_the_import_refuses_parts_that_do_not_belong_together() {
    let twice = |section: &[u8]| {
        let element = |i: usize| {
            Fq::new_unchecked(ark_ff::BigInt(core::array::from_fn(|k| {
                u64::from_le_bytes(section[32 * i + 8 * k..32 * i + 8 * k + 8].try_into().unwrap())
            })))
        };
        let p = G1Affine::new_unchecked(element(0), element(1));
        g1((p + p).into_affine())
    };
    let header = HONEST.clone().at(2).clone();
    let unpaired = ImportError::Key(KeyFileError::Unpaired);
    assert_eq!(refusal(HONEST.with(2, BETA_1, &twice(&header[BETA_1..]))), unpaired);
    let mut other_delta = HONEST.clone();
    let doubled = twice(&header[DELTA_1..]);
    other_delta.at(2)[DELTA_1..DELTA_1 + 64].copy_from_slice(&doubled);
    assert_eq!(refusal(other_delta.bytes()), ImportError::LastContribution);
    *other_delta.at(10) = contributions(&doubled);
    assert_eq!(refusal(other_delta.bytes()), unpaired);
    // Points that are good by themselves, of another circuit or place.
    for section in [5, 8, 9] {
        let points = HONEST.clone().at(section).clone();
        let mut swapped = points.clone();
        swapped[..64].copy_from_slice(&points[64..128]);
        swapped[64..128].copy_from_slice(&points[..64]);
        let swapped = HONEST.with(section, 0, &swapped);
        assert_eq!(refusal(swapped), ImportError::Key(KeyFileError::Inconsistent), "section {section}");
    }
}

#[test]
fn s1_the_import_refuses_a_key_of_other_matrices() {
    let entries = HONEST.clone().at(4).clone();
    // The first entry of A, in another column; and with another value.
    let column = u32::from_le_bytes(entries[12..16].try_into().unwrap());
    let moved = HONEST.with(4, 12, &(column + 1).to_le_bytes());
    assert_eq!(refusal(moved), ImportError::Matrix { matrix: 0, row: 0 });
    assert_eq!(refusal(HONEST.with(4, 16, &[1; 4])), ImportError::Matrix { matrix: 0, row: 0 });
    // The row that binds the last public input.
    let last = entries.len() - 44;
    let row = r1cs().num_constraints() + CIRCUIT.public_inputs();
    assert_eq!(refusal(HONEST.with(4, last + 16, &[1; 4])), ImportError::Matrix { matrix: 0, row });
    // Another circuit altogether, of which C alone differs, is seen by the proofs.
    let mut others = r1cs();
    others.matrices[2][0].clear();
    let mut file = Sections::of(File::Zkey, &dev_zkey(&others, &Trapdoor::from_seed(5)));
    let delta = file.at(2)[DELTA_1..DELTA_1 + 64].to_vec();
    *file.at(10) = contributions(&delta);
    assert_eq!(refusal(file.bytes()), ImportError::Key(KeyFileError::Inconsistent));
    let identity = R1cs::from(veilpay_circuits::matrices(CircuitId::Identity).unwrap());
    let other = dev_zkey(&identity, &Trapdoor::from_seed(5));
    let text = refusal(other).to_string();
    assert!(text.starts_with("S1: the zkey is for another circuit, of ") && text.contains("4 public inputs"), "{text}");
    // Too small and of another ceremony: the size is what the user can mend.
    let small = Ptau::from_bytes(dev_ptau(2, &Trapdoor::from_seed(6))).unwrap();
    let refused = import(CIRCUIT, &ZkeyFile::from_bytes(HONEST.bytes()).unwrap(), &small, "");
    let too_small = ImportError::Ptau(CircomError::PtauTooSmall { needed: 11, found: 2 });
    assert_eq!(refused.expect_err("too small"), too_small);
}

#[test]
fn s3_the_import_refuses_a_key_without_a_ceremony_and_records_that_are_not_of_their_form() {
    let plain = dev_zkey(&r1cs(), &Trapdoor::from_seed(5));
    assert_eq!(refusal(plain), ImportError::NoContribution);
    let mut none = HONEST.clone();
    none.sections.retain(|(section, _)| *section != 10);
    assert_eq!(refusal(none.bytes()), ImportError::NoContribution);

    let section = HONEST.clone().at(10).clone();
    let with = |content: Vec<u8>| {
        let mut file = HONEST.clone();
        *file.at(10) = content;
        refusal(file.bytes())
    };
    let malformed = |index| ImportError::Circom(CircomError::Contribution { index });
    assert_eq!(with(section[..section.len() - 1].to_vec()), malformed(1));
    assert_eq!(with(section[..300].to_vec()), malformed(0));
    let trailing = with([&section[..], &[0]].concat());
    assert!(matches!(trailing, ImportError::Circom(CircomError::SectionLength { .. })));
    let changed = |at: usize, byte: u8| {
        let mut content = section.clone();
        content[at] = byte;
        with(content)
    };
    // The first contribution begins behind hash and count; its kind, its parameters' number, its name.
    let kind = 68 + 3 * 64 + 128 + 64;
    assert_eq!(changed(kind, 1), malformed(0), "a beacon without one");
    assert_eq!(changed(kind, 2), malformed(0), "no such kind");
    assert_eq!(changed(kind + 8, 4), malformed(0), "no such parameter");
    assert_eq!(changed(kind + 10, 0xff), malformed(0), "a name that is no text");
    // What no contribution leaves: delta as it was, in the beginning or after another, or its negative; a secret of 1.
    let points = |index: usize, place: usize, point: &[u8]| {
        let start = 68 + index * (kind - 68 + 8 + 7) + 64 * place;
        let mut content = section.clone();
        content[start..start + 64].copy_from_slice(point);
        with(content)
    };
    let none = |index| ImportError::Circom(CircomError::NoSecret { index });
    let generator = G1Affine::generator();
    for point in [generator, -generator] {
        assert_eq!(points(0, 0, &g1(point)), none(0));
        assert_eq!(points(1, 0, &g1(point)), none(1));
    }
    assert_eq!(points(1, 0, &section[68..132]), none(1));
    for index in [0, 1] {
        assert_eq!(points(index, 2, &section[132..196]), none(index));
    }
    let at = Place { file: File::Zkey, section: 10 };
    assert_eq!(changed(68, section[68] ^ 1), ImportError::Circom(CircomError::NotOnCurve { at, index: 0 }));
    let long = import(CIRCUIT, &ZkeyFile::from_bytes(HONEST.bytes()).unwrap(), &TAUS, &"x".repeat(5000));
    assert_eq!(long.expect_err("too long"), ImportError::Record);
    survives_flips(&section, 2_000, |content| {
        let mut file = HONEST.clone();
        *file.at(10) = content.to_vec();
        let _ = ZkeyFile::from_bytes(file.bytes()).unwrap().ceremony();
    });
}
