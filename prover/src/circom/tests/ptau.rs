use std::sync::LazyLock;

use ark_bn254::{Bn254, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::FftField;
use ark_groth16::ProvingKey;
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::Fr;
use veilpay_verifier::{KeyInfo, Setup};

use super::super::testing::{Trapdoor, dev_ptau, dev_zkey};
use super::super::{CircomError, File, Place, Ptau, ZkeyFile};
use super::{Sections, survives_flips, withstands_damage};
use crate::keys::{CircuitKey, ImportError, KeyFileError, TauPart};
use crate::r1cs::R1cs;

/// Of twice the domain of the circuit, 2^11: the last polynomials in a file lack their highest power.
static TAUS: LazyLock<Vec<u8>> = LazyLock::new(|| dev_ptau(12, &Trapdoor::from_seed(6)));

fn small() -> Vec<u8> {
    dev_ptau(2, &Trapdoor::from_seed(6))
}

/// A dev key from the same secrets, changed.
fn check(change: impl FnOnce(&mut ProvingKey<Bn254>)) -> Result<(), ImportError> {
    let r1cs = R1cs::from(veilpay_circuits::matrices(CircuitId::Enrol).unwrap());
    let zkey = ZkeyFile::from_bytes(dev_zkey(&r1cs, &Trapdoor::from_seed(6))).unwrap();
    let circuit = CircuitId::Enrol;
    let info = KeyInfo { circuit, version: circuit.version(), setup: Setup::Dev, matrix_digest: r1cs.digest() };
    let mut proving = zkey.proving_key().unwrap();
    change(&mut proving);
    CircuitKey::new(info, &proving, &r1cs).unwrap().check_taus(&Ptau::from_bytes(TAUS.clone()).unwrap())
}

fn twice(p: &mut G1Affine) {
    *p = (*p + *p).into_affine();
}

#[test]
fn s1_a_key_is_what_the_powers_of_tau_and_its_circuit_make_it() {
    assert_eq!(check(|_| ()), Ok(()));
    let refused = |part| Err(ImportError::Key(KeyFileError::NotOfTheseTaus(part)));
    // gamma = 2 delta: whoever sees it proves anything with C = -2 vk_x.
    let known = |key: &mut ProvingKey<Bn254>| key.vk.gamma_g2 = (key.vk.delta_g2 + key.vk.delta_g2).into_affine();
    assert_eq!(check(known), refused(TauPart::Gamma));
    assert_eq!(check(|key| twice(&mut key.vk.alpha_g1)), refused(TauPart::Alpha));
    // Both pairs by one factor, which loading does not see.
    let both = |key: &mut ProvingKey<_>| {
        twice(&mut key.beta_g1);
        twice(&mut key.delta_g1);
    };
    assert_eq!(check(both), refused(TauPart::Beta));
    assert_eq!(check(|key| twice(&mut key.a_query[3])), refused(TauPart::A));
    assert_eq!(check(|key| key.b_g1_query.swap(3, 4)), refused(TauPart::B));
    assert_eq!(check(|key| key.b_g2_query.swap(3, 4)), refused(TauPart::B));
    assert_eq!(check(|key| twice(&mut key.vk.gamma_abc_g1[2])), refused(TauPart::Ic));
    assert_eq!(check(|key| twice(&mut key.l_query[100])), refused(TauPart::L));
    assert_eq!(check(|key| key.h_query.swap(0, 1)), refused(TauPart::H));
}

#[test]
fn powers_of_tau_that_are_too_few_or_of_another_ceremony_are_refused() {
    let r1cs = R1cs::from(veilpay_circuits::matrices(CircuitId::Enrol).unwrap());
    let zkey = ZkeyFile::from_bytes(dev_zkey(&r1cs, &Trapdoor::from_seed(6))).unwrap();
    let circuit = CircuitId::Enrol;
    let info = KeyInfo { circuit, version: circuit.version(), setup: Setup::Dev, matrix_digest: r1cs.digest() };
    let key = CircuitKey::new(info, &zkey.proving_key().unwrap(), &r1cs).unwrap();
    let against = |bytes| key.check_taus(&Ptau::from_bytes(bytes).unwrap());
    let too_small = ImportError::Ptau(CircomError::PtauTooSmall { needed: 11, found: 2 });
    assert_eq!(against(small()), Err(too_small));
    // tau that everybody knows: a root of unity, of the domain or of that of twice its size.
    for (power, section) in [(11, 12), (12, 12)] {
        let tau = Fr::get_root_of_unity(1 << power).unwrap();
        let known = Trapdoor { tau, ..Trapdoor::from_seed(6) };
        let error = against(dev_ptau(12, &known)).unwrap_err();
        let place = Place { file: File::Ptau, section };
        assert!(matches!(error, ImportError::Ptau(CircomError::Identity { at, .. }) if at == place), "{error}");
    }
    let others = dev_ptau(2, &Trapdoor::from_seed(7));
    assert_eq!(against(others), Err(ImportError::Key(KeyFileError::NotOfTheseTaus(TauPart::Alpha))));
}

#[test]
fn a_file_that_was_not_prepared_or_is_damaged_is_refused() {
    withstands_damage_but_unread_sections(&small());
    survives_flips(&small(), 2_000, |bytes| {
        if let Ok(ptau) = Ptau::from_bytes(bytes.to_vec()) {
            let _ = ptau.lagrange(2);
            let _ = ptau.secrets();
        }
    });
    let at = |section| Place { file: File::Ptau, section };
    let header = |offset: usize, bytes: &[u8]| {
        Ptau::from_bytes(Sections::of(File::Ptau, &small()).with(1, offset, bytes)).unwrap_err()
    };
    assert_eq!(header(4, &[0]), CircomError::Prime(at(1)));
    assert_eq!(header(36, &29_u32.to_le_bytes()), CircomError::Domain(29));
    assert!(matches!(header(36, &3_u32.to_le_bytes()), CircomError::SectionLength { .. }));
    let off_curve = Sections::of(File::Ptau, &small()).with(13, 3 * 128, &[1]);
    let error = Ptau::from_bytes(off_curve).unwrap().lagrange(2).unwrap_err();
    assert_eq!(error, CircomError::NotOnCurve { at: at(13), index: 0 });
}

/// Sections 2, 3 and 7 are not read: what is known of them is that they are there once at most.
fn withstands_damage_but_unread_sections(bytes: &[u8]) {
    let without = |sections: &[u32]| {
        let mut file = Sections::of(File::Ptau, bytes);
        file.sections.retain(|(section, _)| !sections.contains(section));
        file.bytes()
    };
    let read = |bytes: &[u8]| Ptau::from_bytes(bytes.to_vec()).map(drop);
    assert_eq!(read(&without(&[12])), Err(CircomError::MissingSection(Place { file: File::Ptau, section: 12 })));
    let bytes = without(&[2, 3, 7]);
    withstands_damage(File::Ptau, &bytes, read);
}

#[test]
fn the_lagrange_polynomials_of_a_domain_add_up_to_one() {
    let ptau = Ptau::from_bytes(small()).unwrap();
    let taus = ptau.lagrange(2).unwrap();
    let sum = |points: &[G1Affine]| points.iter().sum::<ark_bn254::G1Projective>().into_affine();
    assert_eq!(sum(&taus.g1), G1Affine::generator());
    assert_eq!(taus.g2.iter().sum::<ark_bn254::G2Projective>().into_affine(), G2Affine::generator());
    let secrets = Trapdoor::from_seed(6);
    let at = |x: Fr| (G1Affine::generator() * x).into_affine();
    assert_eq!((sum(&taus.alpha), sum(&taus.beta)), (at(secrets.alpha), at(secrets.beta)));
    assert_eq!(ptau.power(), 2);
}
