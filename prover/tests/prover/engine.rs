//! Proving.

use std::num::NonZeroUsize;
use std::sync::Mutex;

use ark_bn254::{Bn254, Fr};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, Field};
use ark_groth16::Groth16;
use ark_relations::gr1cs::{ConstraintSynthesizer, ConstraintSystemRef, SynthesisError};
use veilpay_circuits::testing::edge_cases;
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::keys::UserId;
use veilpay_protocol::statement::{Statement, Witness};
use veilpay_protocol::violation::Violation;
use veilpay_prover::reduction::OddCoset;
use veilpay_prover::{CancelToken, CircuitKey, Engine, KeyFileError, KeyStore, ProveError, Stage, Timing};
use veilpay_verifier::{Proof, VerifyError};

use crate::support::{ENGINE, folder, valid};

#[test]
fn each_circuit_is_proved_and_no_two_proofs_are_alike() {
    for circuit in CircuitId::ALL {
        let (statement, witness) = valid(circuit, 1);
        let prove = || ENGINE.prove(&statement, &witness, &|_| (), &CancelToken::new()).expect("the witness proves");
        let (first, second) = (prove(), prove());
        assert_ne!(first.proof, second.proof);
        let key = ENGINE.key(circuit).expect("it was used");
        let (other, _) = valid(circuit, 2);
        for output in [first, second] {
            assert_eq!(key.prepared().verify(&statement, &output.proof), Ok(()));
            assert_eq!(key.prepared().verify(&other, &output.proof), Err(VerifyError::Equation));
            assert_eq!(Proof::from_bytes(&output.proof.to_bytes()), Ok(output.proof));
            assert_eq!(output.timings.total(), Stage::ALL.iter().map(|stage| output.timings.of(*stage)).sum());
        }
    }
}

#[test]
fn edge_cases_of_the_small_circuits_are_proved() {
    for circuit in [CircuitId::Identity, CircuitId::Enrol] {
        for (name, statement, witness) in edge_cases(circuit).into_iter().take(3) {
            let output = ENGINE.prove(&statement, &witness, &|_| (), &CancelToken::new());
            assert!(output.is_ok(), "{circuit}, {name}: {:?}", output.err());
        }
    }
}

/// The circuit as arkworks would synthesise it for each proof.
struct Synthesised<'a>(&'a Statement, &'a Witness);

impl ConstraintSynthesizer<Fr> for Synthesised<'_> {
    fn generate_constraints(self, cs: ConstraintSystemRef<Fr>) -> Result<(), SynthesisError> {
        veilpay_circuits::synthesize(cs, self.0, self.1)
    }
}

#[test]
fn with_given_scalars_a_proof_is_that_of_arkworks_byte_for_byte() {
    for circuit in CircuitId::ALL {
        let (statement, witness) = valid(circuit, 3);
        let key = ENGINE.key(circuit).expect("a dev key");
        let proving = key.proving_key().expect("it is there");
        let scalars = [(Fr::from(5u64), -Fr::ONE), (-Fr::from(3u64), Fr::from(2u64)), (Fr::ZERO, Fr::ZERO)];
        // The large circuits are slow and no different here.
        let rounds = if circuit.shape().is_some() { 1 } else { scalars.len() };
        for (r, s) in scalars.into_iter().take(rounds) {
            let ark = Groth16::<Bn254, OddCoset>::create_proof_with_reduction(
                Synthesised(&statement, &witness),
                &proving,
                r,
                s,
            )
            .expect("arkworks proves it");
            let ark = Proof::new(ark.a, ark.b, ark.c).expect("points of the groups");
            let ours = ENGINE.prove_with_scalars(&statement, &witness, (r, s)).expect("the witness proves");
            assert_eq!(ours.proof.to_bytes(), ark.to_bytes(), "{circuit}");
        }
    }
}

#[test]
fn uniform_timing_gives_the_same_proofs() {
    let folder = folder("uniform");
    let engine = |timing| {
        let keys = KeyStore::open(&folder).expect("a folder");
        Engine::new(keys, NonZeroUsize::MIN).expect("a thread").with_timing(timing)
    };
    let (statement, witness) = valid(CircuitId::Identity, 6);
    let scalars = (Fr::from(11u64), Fr::from(13u64));
    let prove =
        |engine: &Engine| engine.prove_with_scalars(&statement, &witness, scalars).expect("the witness proves").proof;
    let (fast, uniform) = (engine(Timing::Fast), engine(Timing::Uniform));
    let expected = prove(&fast);
    assert_eq!(prove(&uniform), expected);
    assert_eq!(prove(&uniform), expected, "and with the mask that is there already");
    assert!(uniform.prove(&statement, &witness, &|_| (), &CancelToken::new()).is_ok());
}

#[test]
fn a_wrong_witness_is_refused_by_the_name_of_the_clause() {
    let prove = |statement: &Statement, witness: &Witness| {
        let stages = Mutex::new(Vec::new());
        let note = |stage| stages.lock().expect("one thread").push(stage);
        let result = ENGINE.prove(statement, witness, &note, &CancelToken::new()).map(drop);
        (result, stages.into_inner().expect("one thread"))
    };
    let (enrol, of_enrol) = valid(CircuitId::Enrol, 4);
    let Statement::Enrol(fields) = enrol else { panic!("an enrolment was asked for") };
    let stranger = Statement::Enrol(veilpay_protocol::enrol::EnrolStatement { user: UserId::new(Fr::ONE), ..fields });
    let refused = |violation| (Err(ProveError::Violation(violation)), vec![Stage::Check]);
    assert_eq!(prove(&stranger, &of_enrol), refused(Violation::C2User));
    let (transfer, _) = valid(CircuitId::Transfer2x3, 4);
    assert_eq!(prove(&transfer, &of_enrol), refused(Violation::WitnessOfAnotherCircuit));
    let (other, _) = valid(CircuitId::Transfer2x3, 5);
    let (_, of_transfer) = valid(CircuitId::Transfer2x3, 4);
    assert!(matches!(prove(&other, &of_transfer).0, Err(ProveError::Violation(_))));
}

#[test]
fn an_unsatisfied_assignment_is_refused_by_the_number_of_the_constraint() {
    let circuit = CircuitId::Enrol;
    let (statement, witness) = valid(circuit, 6);
    let honest = veilpay_circuits::assignment(&statement, &witness).expect("it fits");
    assert!(ENGINE.prove_assignment(circuit, &honest).is_ok());
    let matrices = veilpay_circuits::matrices(circuit).expect("a circuit");
    for column in (0..honest.len()).step_by(97) {
        let mut assignment = honest.clone();
        assignment[column] += Fr::ONE;
        let constraint = matrices.first_unsatisfied(&assignment).expect("each wire is constrained");
        let refused = ENGINE.prove_assignment(circuit, &assignment).map(drop);
        assert_eq!(refused, Err(ProveError::Unsatisfied { constraint }), "column {column}");
    }
    for length in [0, 1, 4, honest.len() - 1] {
        let refused = ENGINE.prove_assignment(circuit, &honest[..length]).map(drop);
        assert_eq!(refused, Err(ProveError::Unsatisfied { constraint: 0 }));
    }
}

#[test]
fn a_faulty_key_gives_no_proof_but_an_error() {
    let key = ENGINE.key(CircuitId::Enrol).expect("a dev key");
    let mut proving = key.proving_key().expect("it is there");
    let shift = (1..proving.a_query.len()).find(|i| !proving.a_query[*i].is_zero()).expect("A is not empty");
    proving.a_query[shift] = proving.delta_g1;
    let faulty = CircuitKey::new(*key.info(), &proving, &key.r1cs().expect("it is there"))
        .expect("no rule of loading is broken");
    let keys = KeyStore::open(folder("faulty")).expect("a folder");
    keys.put(&faulty).expect("writable");
    let engine = Engine::new(keys, NonZeroUsize::MIN).expect("a thread");
    let (statement, witness) = valid(CircuitId::Enrol, 12);
    let refused = engine.prove(&statement, &witness, &|_| (), &CancelToken::new()).map(drop);
    assert_eq!(refused, Err(ProveError::SelfVerification(VerifyError::Equation)));
}

#[test]
fn without_a_key_there_is_an_error() {
    let keys = KeyStore::open(folder("none")).expect("a folder").refusing_dev_keys();
    let engine = Engine::new(keys, NonZeroUsize::MIN).expect("a thread");
    let (statement, witness) = valid(CircuitId::Enrol, 13);
    let refused = engine.prove(&statement, &witness, &|_| (), &CancelToken::new()).map(drop);
    assert_eq!(refused, Err(ProveError::Key(KeyFileError::NoCeremonyKey)));
}

#[test]
fn a_proof_is_cancelled_between_any_two_stages() {
    let (statement, witness) = valid(CircuitId::Enrol, 7);
    let run = |at: Option<Stage>| {
        let cancel = CancelToken::new();
        if at.is_none() {
            cancel.cancel();
        }
        let seen = Mutex::new(Vec::new());
        let progress = |stage| {
            seen.lock().expect("one thread").push(stage);
            if Some(stage) == at {
                cancel.clone().cancel();
            }
        };
        let result = ENGINE.prove(&statement, &witness, &progress, &cancel);
        (result.map(drop), seen.into_inner().expect("one thread"))
    };
    assert_eq!(run(None), (Err(ProveError::Cancelled), vec![]));
    let (last, others) = Stage::ALL.split_last().expect("six stages");
    for (i, stage) in others.iter().enumerate() {
        assert_eq!(run(Some(*stage)), (Err(ProveError::Cancelled), Stage::ALL[..=i].to_vec()));
    }
    assert_eq!(run(Some(*last)), (Ok(()), Stage::ALL.to_vec()));
}

#[test]
fn several_threads_prove_at_once_with_one_key() {
    std::thread::scope(|scope| {
        let provers: Vec<_> = [(CircuitId::Enrol, 8), (CircuitId::Identity, 9), (CircuitId::Enrol, 10)]
            .map(|(circuit, seed)| {
                scope.spawn(move || {
                    let (statement, witness) = valid(circuit, seed);
                    let output = ENGINE.prove(&statement, &witness, &|_| (), &CancelToken::new()).expect("it proves");
                    let key = ENGINE.key(circuit).expect("it was used");
                    key.prepared().verify(&statement, &output.proof)
                })
            })
            .into_iter()
            .collect();
        for prover in provers {
            assert_eq!(prover.join().expect("no panic"), Ok(()));
        }
    });
}
