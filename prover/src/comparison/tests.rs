#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use ark_ff::AdditiveGroup;
use veilpay_circuits::sample::{TestRng, sample};
use veilpay_protocol::circuit::CircuitId;

use super::*;
use crate::circom::ZkeyFile;
use crate::circom::testing::{Trapdoor, dev_zkey};
use crate::r1cs::R1cs;
use crate::{KeyStore, ProveError};

const TWO: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);

fn assignment() -> Vec<Fr> {
    let (statement, witness) = sample(CircuitId::Enrol, &mut TestRng::new(1));
    veilpay_circuits::assignment(&statement, &witness).unwrap()
}

fn zkey() -> ZkeyFile {
    let r1cs = R1cs::from(veilpay_circuits::matrices(CircuitId::Enrol).unwrap());
    ZkeyFile::from_bytes(dev_zkey(&r1cs, &Trapdoor::from_seed(5))).unwrap()
}

#[test]
fn both_provers_give_the_same_proof_of_a_key_of_snarkjs_and_all_parts_have_times() {
    let (ours, arkworks) = (Ours::of_zkey(zkey()).unwrap(), Arkworks::of_zkey(&zkey()).unwrap());
    assert_eq!(arkworks.constraints(), veilpay_circuits::matrices(CircuitId::Enrol).unwrap().num_constraints());
    let found = compare(&ours, &arkworks, &assignment(), TWO).unwrap();
    assert!(found.ours.min() <= found.ours.median() && found.ours.median() <= found.ours.max());
    let names = |parts: &[(Part, Times)]| parts.iter().map(|(part, _)| part.name()).collect::<Vec<_>>();
    assert_eq!(names(&found.our_parts), ["rows", "quotient", "digits", "msm_a", "msm_b2", "msm_l", "msm_h", "finish"]);
    assert_eq!(names(&found.arkworks_parts), ["quotient", "digits", "msm_a", "msm_b1", "msm_b2", "msm_l", "msm_h"]);
}

#[test]
fn both_provers_give_the_same_proof_of_a_built_in_circuit_and_its_file() {
    let folder = std::env::temp_dir().join(format!("veilpay-comparison-{}", std::process::id()));
    let store = KeyStore::open(&folder).unwrap();
    let key = store.get(CircuitId::Enrol).unwrap();
    let (ours, arkworks) = (Ours::of_circuit(Arc::clone(&key)), Arkworks::of_circuit(&key).unwrap());
    compare(&ours, &arkworks, &assignment(), NonZeroUsize::MIN).unwrap();
    let from_file = Arkworks::of_file(&store, CircuitId::Enrol).unwrap();
    assert_eq!(from_file.prove(&assignment()), arkworks.prove(&assignment()));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn there_are_no_figures_for_a_wrong_assignment_another_key_or_other_rows() {
    let (ours, arkworks) = (Ours::of_zkey(zkey()).unwrap(), Arkworks::of_zkey(&zkey()).unwrap());
    let mut wrong = assignment();
    *wrong.last_mut().unwrap() += Fr::from(1u64);
    let refused = compare(&ours, &arkworks, &wrong, NonZeroUsize::MIN).unwrap_err();
    assert!(matches!(refused, ComparisonError::Prove(ProveError::SelfVerification(_))), "{refused}");

    let mut other = zkey().proving_key().unwrap();
    other.vk.alpha_g1 = other.delta_g1;
    let arkworks = Arkworks { key: other, ..arkworks };
    let refused = compare(&ours, &arkworks, &assignment(), NonZeroUsize::MIN).unwrap_err();
    assert_eq!(refused, ComparisonError::Differ);
    assert_eq!(arkworks.prove(&[Fr::ZERO]), Err(ComparisonError::Arkworks));
}

#[test]
fn the_median_of_an_even_number_of_runs_is_the_mean_of_two() {
    let times = |ms: &[u64]| Times::new(ms.iter().map(|ms| Duration::from_millis(*ms)).collect());
    assert_eq!(times(&[]), None);
    assert_eq!(times(&[9, 1, 4]).unwrap().median(), Duration::from_millis(4));
    let even = times(&[9, 1, 4, 6]).unwrap();
    assert_eq!((even.min(), even.median(), even.max()), {
        (Duration::from_millis(1), Duration::from_millis(5), Duration::from_millis(9))
    });
}
