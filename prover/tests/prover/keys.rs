//! Keys, their files and their folder.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ark_bn254::{Bn254, Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_groth16::{Groth16, Proof, ProvingKey, VerifyingKey as ArkVerifyingKey, prepare_verifying_key};
use veilpay_circuits::testing::TestRng;
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::hash::Transcript;
use veilpay_protocol::tags::Personal;
use veilpay_prover::keys::{Contribution, Provenance, Section, file};
use veilpay_prover::r1cs::R1cs;
use veilpay_prover::{CancelToken, CircuitKey, Engine, KeyFileError, KeyStore, ProveError};
use veilpay_verifier::key::KeyElement;
use veilpay_verifier::point::PointError;
use veilpay_verifier::{KeyError, KeyInfo, KeyPoints, Setup, VerifyingKey};

use crate::support::{ENGINE, folder, valid};

const SMALL: CircuitId = CircuitId::Enrol;

fn small() -> Arc<CircuitKey> {
    ENGINE.key(SMALL).expect("a dev key")
}

fn decode(bytes: &[u8]) -> Result<CircuitKey, KeyFileError> {
    file::decode(SMALL, bytes.to_vec())
}

fn encode(key: &CircuitKey) -> Vec<u8> {
    file::encode(key).expect("its file is there")
}

/// A key's values.
fn values(key: &CircuitKey) -> (ProvingKey<Bn254>, R1cs) {
    (key.proving_key().expect("its file is there"), key.r1cs().expect("its file is there"))
}

/// The small key with its proving key changed.
fn changed(change: impl FnOnce(&mut ProvingKey<Bn254>)) -> Result<CircuitKey, KeyFileError> {
    let key = small();
    let (mut proving, r1cs) = values(&key);
    change(&mut proving);
    CircuitKey::new(*key.info(), &proving, &r1cs)
}

/// A ceremony of one.
fn record() -> Provenance {
    let alice = Contribution { hash: [3; 64], name: "Alice".into(), beacon: None };
    Provenance::new([4; 64], vec![alice], "notes".into()).expect("within the bounds")
}

fn times(p: G1Affine, scalar: u64) -> G1Affine {
    (p * Fr::from(scalar)).into_affine()
}

#[test]
fn a_key_file_loads_fast_and_gives_the_same_key() {
    for circuit in CircuitId::ALL {
        let key = ENGINE.key(circuit).expect("a dev key");
        let bytes = encode(&key);
        let start = Instant::now();
        let again = file::decode(circuit, bytes.clone()).expect("it was just written");
        let time = start.elapsed();
        assert!(*key == again, "{circuit}");
        assert_eq!(encode(&again), bytes);
        let (proving, r1cs) = values(&again);
        assert!((proving, r1cs) == values(&key));
        assert!(time < Duration::from_secs(2), "{circuit} took {time:?}");
    }
}

#[test]
fn dev_keys_have_the_standard_generators_and_say_what_they_are() {
    for circuit in CircuitId::ALL {
        let key = ENGINE.key(circuit).expect("a dev key");
        let matrices = veilpay_circuits::matrices(circuit).expect("a circuit");
        let info = KeyInfo { circuit, version: 1, setup: Setup::Dev, matrix_digest: matrices.digest() };
        assert_eq!(*key.info(), info);
        assert_eq!(*key.prepared().info(), info);
        assert_eq!(key.verifying_key().points().gamma, G2Affine::generator());
        assert_eq!(key.check(), Ok(()));
    }
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let bytes = encode(&small());
    let near_the_start = 0..file::HEADER_BYTES + 1000;
    for length in near_the_start.chain((0..bytes.len()).step_by(4099)).chain(bytes.len() - 200..bytes.len()) {
        assert!(decode(&bytes[..length]).is_err(), "{length} bytes");
    }
    let longer = [&bytes[..], &[0; 64]].concat();
    assert_eq!(decode(&longer).map(drop), Err(KeyFileError::Length));
}

#[test]
fn a_file_with_a_flipped_bit_anywhere_is_refused() {
    let mut bytes = encode(&small());
    let everywhere = (0..file::HEADER_BYTES + 800).step_by(3).chain((0..bytes.len()).step_by(9973));
    let late = start(&bytes, Section::B1)..start(&bytes, Section::B2);
    for at in everywhere.chain(bytes.len() - 64..bytes.len()).chain([late.start, late.end - 1]).collect::<Vec<_>>() {
        bytes[at] ^= 1 << (at % 8);
        match decode(&bytes) {
            Err(_) => assert!(!late.contains(&at), "byte {at} is read when it is needed"),
            // B in G1 is read when it is needed, and refused then.
            Ok(key) => {
                let refused = Err(KeyFileError::SectionDigest(Section::B1));
                assert!(late.contains(&at), "byte {at}");
                let fill = Err(KeyFileError::Format);
                assert!([refused, fill].contains(&key.proving_key().map(drop)));
                assert!(key.check().is_err() && file::encode(&key).is_err());
            }
        }
        bytes[at] ^= 1 << (at % 8);
    }
    assert!(decode(&bytes).is_ok());
}

/// Makes all digests of a file right, whatever is in it.
fn resealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let digest =
        |number: u64, bytes: &[u8]| Transcript::new(Personal::FILE_DIGEST).number(number).fixed(bytes).digest32();
    let mut at = file::HEADER_BYTES;
    for (i, section) in Section::ALL.into_iter().enumerate() {
        let entry = 80 + 40 * i;
        let length = u64::from_le_bytes(bytes[entry..entry + 8].try_into().expect("eight bytes")) as usize;
        let sum = digest(section as u64, &bytes[at..at + length]);
        bytes[entry + 8..entry + 40].copy_from_slice(&sum);
        at += length.next_multiple_of(64);
    }
    let sum = digest(0, &bytes[..440]);
    bytes[440..472].copy_from_slice(&sum);
    bytes
}

/// Where a section begins.
fn start(bytes: &[u8], section: Section) -> usize {
    let length = |i: usize| {
        u64::from_le_bytes(bytes[80 + 40 * i..88 + 40 * i].try_into().expect("eight bytes")).next_multiple_of(64)
            as usize
    };
    file::HEADER_BYTES + (0..section as usize - 1).map(length).sum::<usize>()
}

#[test]
fn a_file_with_right_digests_is_still_checked_field_by_field() {
    let honest = encode(&small());
    assert_eq!(resealed(honest.clone()), honest);
    let with = |at: usize, content: &[u8]| {
        let mut bytes = honest.clone();
        bytes[at..at + content.len()].copy_from_slice(content);
        decode(&resealed(bytes)).map(drop)
    };
    assert_eq!(with(0, b"V"), Err(KeyFileError::Format));
    assert_eq!(with(8, &[1]), Err(KeyFileError::Format));
    assert_eq!(with(10, &[99]), Err(KeyFileError::Circuit));
    assert_eq!(with(10, &[CircuitId::Identity as u8]), Err(KeyFileError::Circuit));
    assert_eq!(with(11, &[2]), Err(KeyFileError::Contradiction));
    assert_eq!(with(13, &[1]), Err(KeyFileError::Contradiction));
    assert_eq!(with(13, &[2]), Err(KeyFileError::Format));
    assert_eq!(with(15, &[1]), Err(KeyFileError::Format));
    assert_eq!(with(16, &[0; 64]), Err(KeyFileError::Matrices));
    assert_eq!(with(480, &[1]), Err(KeyFileError::Format));
    let verifying = start(&honest, Section::Verifying);
    assert_eq!(with(verifying, b"x"), Err(KeyFileError::Verifying(KeyError::Format)));
    let ic = verifying + 82 + 32 + 3 * 64;
    assert!(matches!(with(ic, &[0x3f; 32]), Err(KeyFileError::Verifying(KeyError::Point { .. }))));
    for section in [Section::Pair, Section::A, Section::B2, Section::H, Section::L] {
        let refused = Err(KeyFileError::Point { section, index: 1 });
        let size = if section == Section::B2 { 128 } else { 64 };
        assert_eq!(with(start(&honest, section) + size, &[0xff; 32]), refused);
        assert_eq!(with(start(&honest, section) + size, &[1; 16]), refused);
    }
    let matrices = start(&honest, Section::Matrices);
    // Whatever is changed in the matrices, of the right form or not: their section has another digest than is pinned.
    assert_eq!(with(matrices + 16, &[honest[matrices + 16] ^ 1]), Err(KeyFileError::Matrices));
    for count in [0, 4, 8, 12] {
        assert_eq!(with(matrices + count, &u32::MAX.to_le_bytes()), Err(KeyFileError::Matrices));
    }
}

#[test]
fn a_wrong_point_of_b_in_g1_is_refused_when_it_is_needed() {
    let honest = encode(&small());
    let refused = KeyFileError::Point { section: Section::B1, index: 1 };
    for wrong in [[0xff; 32], [1; 32]] {
        let mut bytes = honest.clone();
        let at = start(&honest, Section::B1) + 64;
        bytes[at..at + 32].copy_from_slice(&wrong);
        let key = decode(&resealed(bytes)).expect("nothing else is wrong");
        assert_eq!(key.proving_key().map(drop), Err(refused));
        assert_eq!(key.check(), Err(refused));
        // Fresh proofs do without it.
        let keys = KeyStore::open(folder("wrong-b1")).expect("a folder");
        fs::write(keys.path(SMALL, Setup::Dev), encode(&key)).expect("writable");
        let engine = Engine::new(keys, NonZeroUsize::MIN).expect("a thread");
        let (statement, witness) = valid(SMALL, 1);
        assert!(engine.prove(&statement, &witness, &|_| (), &CancelToken::new()).is_ok());
        let given = engine.prove_with_scalars(&statement, &witness, (Fr::from(1u64), Fr::from(2u64)));
        assert_eq!(given.map(drop), Err(ProveError::Key(refused)));
    }
}

#[test]
fn lengths_that_do_not_fit_the_matrices_are_refused_before_anything_is_laid_out() {
    let refused = |change: fn(&mut ProvingKey<Bn254>)| changed(change).map(drop);
    for change in [
        |key: &mut ProvingKey<Bn254>| key.a_query.truncate(1),
        |key: &mut ProvingKey<Bn254>| key.b_g1_query.clear(),
        |key: &mut ProvingKey<Bn254>| key.b_g2_query.push(key.vk.beta_g2),
        |key: &mut ProvingKey<Bn254>| key.h_query.push(key.delta_g1),
        |key: &mut ProvingKey<Bn254>| key.l_query.push(key.delta_g1),
    ] {
        assert_eq!(refused(change), Err(KeyFileError::Lengths));
    }
    let ic = refused(|key| key.vk.gamma_abc_g1.truncate(1));
    assert_eq!(ic, Err(KeyFileError::Verifying(KeyError::IcLength)));
}

#[test]
fn no_resealed_garbage_makes_the_decoder_panic() {
    let honest = encode(&small());
    let mut rng = TestRng::new(20);
    for _ in 0..300 {
        let mut bytes = honest.clone();
        let section = Section::ALL[rng.below(9) as usize];
        let from = start(&honest, section);
        for _ in 0..=rng.below(4) {
            let at = from + rng.below(256) as usize;
            if at < bytes.len() {
                bytes[at] = rng.below(256) as u8;
            }
        }
        let _ = decode(&resealed(bytes));
    }
}

/// A key file whose verifying key has these points, with right digests throughout.
fn with_points(change: impl FnOnce(&mut KeyPoints)) -> Vec<u8> {
    let key = small();
    let mut points = key.verifying_key().points().clone();
    change(&mut points);
    let verifying = VerifyingKey::new(*key.info(), points).to_bytes();
    let mut bytes = encode(&key);
    let at = start(&bytes, Section::Verifying);
    bytes[at..at + verifying.len()].copy_from_slice(&verifying);
    resealed(bytes)
}

#[test]
fn s1_a_forged_proof_under_a_key_whose_delta_is_gamma_passes_arkworks_and_its_file_is_refused() {
    for sign in [1_i64, -1] {
        let delta = |points: &KeyPoints| if sign > 0 { points.gamma } else { -points.gamma };
        let file = with_points(|points| points.delta = delta(points));
        // The forger needs no secret: A = alpha, B = beta, C = -vk_x, or vk_x when delta is -gamma.
        let points = small().verifying_key().points().clone();
        let key = ArkVerifyingKey::<Bn254> {
            alpha_g1: points.alpha,
            beta_g2: points.beta,
            gamma_g2: points.gamma,
            delta_g2: delta(&points),
            gamma_abc_g1: points.ic.clone(),
        };
        let inputs: Vec<Fr> = [666_u64, 1, 2, 3].map(Fr::from).to_vec();
        let start = points.ic[0].into_group();
        let sum = points.ic[1..].iter().zip(&inputs).fold(start, |sum, (p, x)| sum + *p * x).into_affine();
        let forgery = Proof::<Bn254> { a: points.alpha, b: points.beta, c: if sign > 0 { -sum } else { sum } };
        assert_eq!(Groth16::<Bn254>::verify_proof(&prepare_verifying_key(&key), &forgery, &inputs), Ok(true));
        let error = decode(&file).expect_err("the key is refused when it is loaded");
        assert_eq!(error, KeyFileError::Verifying(KeyError::DeltaIsGamma));
        assert_eq!(error.to_string(), "S1: delta is gamma or its negative");
    }
}

#[test]
fn s1_each_refusal_of_a_verifying_key_is_one_of_its_file() {
    let (g1, g2) = (G1Affine::generator(), G2Affine::generator());
    let other = (g2 * Fr::from(77_u64)).into_affine();
    let refused = |change: &dyn Fn(&mut KeyPoints), error: KeyError| {
        assert_eq!(decode(&with_points(change)).map(drop), Err(KeyFileError::Verifying(error)));
    };
    let point = |element, error| KeyError::Point { element, error };
    let identity = |element| point(element, PointError::Identity);
    refused(&|points| points.alpha = G1Affine::zero(), identity(KeyElement::Alpha));
    refused(&|points| points.beta = G2Affine::zero(), identity(KeyElement::Beta));
    refused(&|points| points.gamma = G2Affine::zero(), identity(KeyElement::Gamma));
    refused(&|points| points.delta = G2Affine::zero(), identity(KeyElement::Delta));
    refused(&|points| points.ic[2] = G1Affine::zero(), identity(KeyElement::Ic(2)));
    for negate in [false, true] {
        let sign = |p: G2Affine| if negate { -p } else { p };
        refused(&|points| points.alpha = if negate { -g1 } else { g1 }, KeyError::AlphaIsGenerator);
        refused(&|points| points.beta = sign(points.delta), KeyError::BetaIsDelta);
        // gamma is the generator in our keys: with another one the generator itself is named.
        let elsewhere = |points: &mut KeyPoints| points.gamma = other;
        refused(&|points| (elsewhere(points), points.beta = sign(g2)).0, KeyError::BetaIsGenerator);
        refused(&|points| (elsewhere(points), points.delta = sign(g2)).0, KeyError::DeltaIsGenerator);
        refused(&|points| (elsewhere(points), points.beta = sign(other)).0, KeyError::BetaIsGamma);
        let repeated = |points: &mut KeyPoints| points.ic[3] = if negate { -points.ic[1] } else { points.ic[1] };
        refused(&repeated, KeyError::IcDuplicate { index: 3 });
    }
    let stranger = (1_u64..)
        .filter_map(|x| G2Affine::get_point_from_x_unchecked(Fq2::new(Fq::from(x), Fq::from(0_u64)), false))
        .find(|p| !p.is_in_correct_subgroup_assuming_on_curve())
        .expect("nearly all points of the twist");
    refused(&|points| points.delta = stranger, point(KeyElement::Delta, PointError::NotInSubgroup));
    refused(&|points| points.beta = stranger, point(KeyElement::Beta, PointError::NotInSubgroup));
    // A point that is on no curve has no compressed form; some 32 bytes below q are the x of none.
    let honest = encode(&small());
    let alpha = start(&honest, Section::Verifying) + 82;
    let off_curve =
        (1_u8..).find(|x| G1Affine::get_ys_from_x_unchecked(Fq::from(u64::from(*x))).is_none()).expect("half of all");
    let mut bytes = honest.clone();
    bytes[alpha..alpha + 32].fill(0);
    bytes[alpha] = off_curve;
    let error = point(KeyElement::Alpha, PointError::NotOnCurve);
    assert_eq!(decode(&resealed(bytes)).map(drop), Err(KeyFileError::Verifying(error)));
}

#[test]
fn s1_a_key_whose_parts_do_not_belong_together_is_refused() {
    assert!(changed(|_| ()).is_ok());
    let refused = |change: fn(&mut ProvingKey<Bn254>)| changed(change).map(drop);
    assert_eq!(refused(|key| key.delta_g1 = times(key.delta_g1, 2)), Err(KeyFileError::Unpaired));
    assert_eq!(refused(|key| key.beta_g1 = times(key.beta_g1, 3)), Err(KeyFileError::Unpaired));
    let same = Err(KeyFileError::Verifying(KeyError::DeltaIsGamma));
    assert_eq!(refused(|key| key.vk.delta_g2 = key.vk.gamma_g2), same);
}

#[test]
fn s1_the_thorough_check_finds_what_loading_does_not_look_at() {
    let check = |change: fn(&mut ProvingKey<Bn254>)| changed(change).expect("no rule of loading is broken").check();
    assert_eq!(check(|_| ()), Ok(()));
    // Both of a pair by one factor: only the generators tell.
    let factor = |key: &mut ProvingKey<Bn254>| {
        key.delta_g1 = times(key.delta_g1, 2);
        key.beta_g1 = times(key.beta_g1, 2);
    };
    assert_eq!(check(factor), Err(KeyFileError::Unpaired));
    assert_eq!(check(|key| key.b_g1_query[0] = times(key.delta_g1, 5)), Err(KeyFileError::Unpaired));
    assert_eq!(check(|key| key.b_g2_query[0] = key.vk.delta_g2), Err(KeyFileError::Unpaired));
    let outside = |key: &mut ProvingKey<Bn254>| {
        let twist = (1u64..).find_map(|x| {
            let x = ark_bn254::Fq2::from(x);
            let point = G2Affine::get_point_from_x_unchecked(x, false)?;
            (!point.is_in_correct_subgroup_assuming_on_curve()).then_some(point)
        });
        key.b_g2_query[5] = twist.expect("most points of the twist are outside");
    };
    assert_eq!(check(outside), Err(KeyFileError::Subgroup { index: 5 }));
    let off_curve = |key: &mut ProvingKey<Bn254>| key.b_g1_query[3].x += ark_bn254::Fq::from(1u64);
    assert_eq!(check(off_curve), Err(KeyFileError::Point { section: Section::B1, index: 3 }));
    let off_curve = |key: &mut ProvingKey<Bn254>| key.l_query[3].x += ark_bn254::Fq::from(1u64);
    assert_eq!(changed(off_curve).map(drop), Err(KeyFileError::Point { section: Section::L, index: 3 }));
}

#[test]
fn a_damaged_dev_key_is_made_anew() {
    let dir = folder("damaged");
    let path = KeyStore::open(&dir).expect("a folder").path(SMALL, Setup::Dev);
    let first = KeyStore::open(&dir).expect("a folder").get(SMALL).expect("made");
    let loaded = KeyStore::open(&dir).expect("a folder").get(SMALL).expect("loaded");
    assert!(first == loaded);
    let mut bytes = fs::read(&path).expect("written");
    bytes[5000] ^= 1;
    for damaged in [bytes.clone(), bytes[..3000].to_vec(), b"garbage".to_vec(), Vec::new()] {
        fs::write(&path, damaged).expect("the folder is writable");
        let again = KeyStore::open(&dir).expect("a folder").get(SMALL).expect("made again");
        assert!(first != again);
        assert_eq!(again.check(), Ok(()));
    }
    let names: Vec<_> =
        fs::read_dir(&dir).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(names.len(), 2, "key and lock, nothing else: {names:?}");
}

#[test]
fn s2_dev_keys_are_refused_when_asked_and_a_damaged_ceremony_key_is_never_replaced() {
    let dir = folder("ceremony");
    let strict = || KeyStore::open(&dir).expect("a folder").refusing_dev_keys();
    assert_eq!(strict().get(SMALL).map(drop), Err(KeyFileError::NoCeremonyKey));
    let dev = small();
    let info = KeyInfo { setup: Setup::Ceremony, ..*dev.info() };
    let (proving, r1cs) = values(&dev);
    assert_eq!(CircuitKey::new(info, &proving, &r1cs).map(drop), Err(KeyFileError::Provenance));
    let relabelled = CircuitKey::with_provenance(*dev.info(), &proving, &r1cs, Some(&record()));
    assert_eq!(relabelled.map(drop), Err(KeyFileError::Provenance));
    let key = CircuitKey::with_provenance(info, &proving, &r1cs, Some(&record())).expect("as good as the dev key");
    strict().put(&dev).expect("writable");
    assert_eq!(strict().get(SMALL).map(drop), Err(KeyFileError::NoCeremonyKey));
    strict().put(&key).expect("writable");
    let stored = strict().get(SMALL).expect("a ceremony key");
    assert_eq!((stored.info().setup, stored.provenance()), (Setup::Ceremony, Some(&record())));
    let lax = KeyStore::open(&dir).expect("a folder");
    assert_eq!(lax.get(SMALL).expect("a ceremony key").info().setup, Setup::Ceremony);

    // A dev key under a ceremony's name is no ceremony key.
    let path = strict().path(SMALL, Setup::Ceremony);
    fs::copy(strict().path(SMALL, Setup::Dev), &path).expect("writable");
    assert_eq!(strict().get(SMALL).map(drop), Err(KeyFileError::Contradiction));
    fs::write(&path, b"garbage").expect("writable");
    for store in [strict(), KeyStore::open(&dir).expect("a folder")] {
        assert_eq!(store.get(SMALL).map(drop), Err(KeyFileError::Format));
    }
}

#[test]
fn s1_a_key_for_other_matrices_is_neither_stored_nor_used() {
    let dev = small();
    let mut matrices = veilpay_circuits::matrices(SMALL).expect("a circuit");
    matrices.c[0].clear();
    let (proving, r1cs) = values(&dev);
    let with = |matrix_digest, r1cs: &R1cs| CircuitKey::new(KeyInfo { matrix_digest, ..*dev.info() }, &proving, r1cs);
    let (digest, others) = (matrices.digest(), R1cs::from(matrices));
    assert_eq!(others.digest(), digest);
    // A digest that is not that of the matrices, whichever of the two is the circuit's.
    assert_eq!(with([1; 64], &r1cs).map(drop), Err(KeyFileError::Matrices));
    assert_eq!(with(dev.info().matrix_digest, &others).map(drop), Err(KeyFileError::Matrices));
    let foreign = with(digest, &others).expect("a key of its own");
    let store = KeyStore::open(folder("foreign")).expect("a folder");
    assert_eq!(store.put(&foreign), Err(KeyFileError::Matrices));
    assert_eq!(decode(&encode(&foreign)).map(drop), Err(KeyFileError::Matrices));
    let other = encode(&ENGINE.key(CircuitId::Identity).expect("a dev key"));
    assert_eq!(decode(&other).map(drop), Err(KeyFileError::Circuit));
}

#[test]
fn s1_a_ceremony_key_is_checked_thoroughly_when_stored_and_when_loaded() {
    let dev = small();
    let (mut proving, r1cs) = values(&dev);
    proving.b_g2_query[0] = proving.vk.delta_g2;
    let info = KeyInfo { setup: Setup::Ceremony, ..*dev.info() };
    let faulty =
        CircuitKey::with_provenance(info, &proving, &r1cs, Some(&record())).expect("no rule of loading is broken");
    let store = KeyStore::open(folder("faulty-ceremony")).expect("a folder");
    assert_eq!(store.put(&faulty), Err(KeyFileError::Unpaired));
    let path = store.path(SMALL, Setup::Ceremony);
    assert!(!path.exists());
    fs::write(&path, encode(&faulty)).expect("writable");
    assert_eq!(store.get(SMALL).map(drop), Err(KeyFileError::Unpaired));
}

#[test]
fn a_key_keeps_its_file_when_another_takes_its_place_and_says_when_it_was_cut_off() {
    let dir = folder("replaced");
    let store = || KeyStore::open(&dir).expect("a folder");
    let first = store().get(SMALL).expect("made");
    let values = values(&first);
    let path = store().path(SMALL, Setup::Dev);
    fs::remove_file(&path).expect("it is there");
    let second = store().get(SMALL).expect("made again");
    assert!(first != second);
    assert!(self::values(&first) == values, "of its own file, though another has its name");
    File::options().write(true).open(&path).and_then(|file| file.set_len(4096)).expect("writable");
    assert_eq!(second.proving_key().map(drop), Err(KeyFileError::Io(ErrorKind::UnexpectedEof)));
    assert_eq!(file::encode(&second), Err(KeyFileError::Io(ErrorKind::UnexpectedEof)));
}

#[test]
fn a_dev_key_that_cannot_be_read_is_not_made_anew() {
    let dir = folder("unreadable");
    let store = KeyStore::open(&dir).expect("a folder");
    // What is there cannot be read as a file, by anybody.
    fs::create_dir(store.path(SMALL, Setup::Dev)).expect("writable");
    assert_eq!(store.get(SMALL).map(drop), Err(KeyFileError::Io(ErrorKind::IsADirectory)));
    assert_eq!(fs::read_dir(&dir).expect("a folder").count(), 1, "no lock, no key");
}

#[test]
fn two_stores_that_want_the_same_key_at_once_get_one_key() {
    let dir = folder("race");
    let keys: Vec<_> = std::thread::scope(|scope| {
        let make = || KeyStore::open(&dir).expect("a folder").get(SMALL).expect("a dev key");
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(make)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    assert!(keys.iter().all(|key| *key == keys[0]));
}
