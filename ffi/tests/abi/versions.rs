//! Keys of several versions of a circuit at once.

use core::ffi::c_void;
use core::ptr::null_mut;

use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::Field;
use veilpay::transaction::*;
use veilpay::verifier::*;
use veilpay::{VeilpayError, VeilpayStatus};
use veilpay_ledger::testing::Draft;
use veilpay_ledger::{Block, BlockHash, CircuitStatus, Content, Roots};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::fr_to_bytes;
use veilpay_protocol::transaction::Transaction;
use veilpay_verifier::{KeyInfo, KeyPoints, Proof, Setup, VerifyingKey};

use crate::calls::{Answers, file, ledger, no_error, text};

/// A key whose trapdoor is known, by which anything is proved: alpha, beta, gamma, delta and the logarithms of IC.
struct Known {
    key: VerifyingKey,
    secrets: [u64; 4],
    ic: Vec<u64>,
}

fn g1(k: Fr) -> G1Affine {
    (G1Affine::generator() * k).into_affine()
}
fn g2(k: u64) -> G2Affine {
    (G2Affine::generator() * Fr::from(k)).into_affine()
}

fn known(version: u16, seed: u64) -> Known {
    let circuit = CircuitId::Transfer2x3;
    let secrets = [seed, seed + 1, seed + 2, seed + 3];
    let ic: Vec<u64> = (0..=circuit.public_inputs() as u64).map(|i| seed + 10 + i).collect();
    let [alpha, beta, gamma, delta] = secrets;
    let points = KeyPoints {
        alpha: g1(alpha.into()),
        beta: g2(beta),
        gamma: g2(gamma),
        delta: g2(delta),
        ic: ic.iter().map(|k| g1((*k).into())).collect(),
    };
    let info = KeyInfo { circuit, version, setup: Setup::Dev, matrix_digest: [7; 64] };
    Known { key: VerifyingKey::new(info, points), secrets, ic }
}

impl Known {
    /// e(A, B) = e(alpha, beta) e(IC(x), gamma) e(C, delta), solved for C.
    fn prove(&self, inputs: &[Fr]) -> [u8; 128] {
        let [alpha, beta, gamma, delta] = self.secrets.map(Fr::from);
        let sum = self.ic[1..].iter().zip(inputs).fold(Fr::from(self.ic[0]), |sum, (k, x)| sum + Fr::from(*k) * x);
        let c = (Fr::from(15_u64) - alpha * beta - sum * gamma) * delta.inverse().unwrap();
        Proof::new(g1(3_u64.into()), g2(5), g1(c)).unwrap().to_bytes()
    }

    /// A transaction of the key's version, of the form of the kept one, proved and signed under the key.
    fn transaction(&self) -> Transaction {
        let kept = Transaction::from_bytes(&file("shield.tx")).unwrap();
        let parameters = veilpay_protocol::params::Network::Local.parameters();
        let statement = &kept.body.statement;
        let roots = Roots {
            note_root: statement.note_root,
            note_count: 0,
            nullifier_count: 0,
            registry_root: statement.registry_root,
            registry_sequence: 0,
            sanctions_root: statement.sanctions_root,
            sanctions_sequence: 0,
        };
        let content = Content::Circuit(CircuitId::Transfer2x3, 1, CircuitStatus::DrainOnly);
        let block = Block::new(2, crate::calls::number("time"), roots, &content, BlockHash::NONE);
        let draft = Draft::new(kept.body.ledger, &parameters, &block, CircuitId::Transfer2x3, 1);
        let mut transaction = draft
            .with(|draft| {
                draft.version = self.key.info().version;
                draft.vk_digest = Some(self.key.digest());
            })
            .sign();
        transaction.proof = self.prove(&transaction.body.statement.to_fields());
        transaction
    }
}

fn verifier_of(keys: &[&Known]) -> Result<*mut VeilpayVerifier, Box<VeilpayError>> {
    let files: Vec<Vec<u8>> = keys.iter().map(|known| known.key.to_bytes()).collect();
    let keys: Vec<_> = files.iter().map(|key| VeilpayBytes { data: key.as_ptr(), length: key.len() }).collect();
    let (mut out, mut error) = (null_mut(), no_error());
    // SAFETY: all are there.
    match unsafe { veilpay_verifier_new(keys.as_ptr(), keys.len(), &raw mut out, &raw mut error) } {
        VeilpayStatus::Ok => Ok(out),
        _ => Err(Box::new(error)),
    }
}

/// Version 1 is drained, all others are active.
unsafe extern "C-unwind" fn draining(_: *mut c_void, _: u8, version: u16) -> i32 {
    if version == 1 { 2 } else { 1 }
}
unsafe extern "C-unwind" fn no_fee(_: *mut c_void, _: *const u8, fee: *mut u64) -> i32 {
    // SAFETY: the library gives a place.
    unsafe { fee.write(0) };
    1
}

/// The code of the rule that a transaction breaks; empty for none.
fn submit(verifier: *const VeilpayVerifier, transaction: &Transaction) -> String {
    let mut answers = Answers::default();
    let mut ledger = ledger(&mut answers);
    ledger.circuit_status = Some(draining);
    ledger.minimum_fee = Some(no_fee);
    let (bytes, mut error) = (transaction.to_bytes(), no_error());
    let (mut verified, mut effects) = (null_mut(), null_mut());
    // SAFETY: all are there; what was made is given back once.
    unsafe {
        let (data, length) = (bytes.as_ptr(), bytes.len());
        let mut status =
            veilpay_transaction_check(verifier, &raw const ledger, data, length, &raw mut verified, &raw mut error);
        if status == VeilpayStatus::Ok {
            let now = ledger.time;
            status = veilpay_transaction_settle(verified, &raw const ledger, now, &raw mut effects, &raw mut error);
        }
        veilpay_effects_free(effects);
        veilpay_verified_free(verified);
        assert_eq!(status, error.status, "{}", text(&error.message));
    }
    text(&error.code).to_owned()
}

#[test]
fn one_version_is_drained_while_another_is_active_each_under_its_own_key() {
    let (first, second, third) = (known(1, 100), known(2, 200), known(3, 300));
    let verifier = verifier_of(&[&second, &first]).unwrap_or_else(|error| panic!("{}", text(&error.message)));
    assert_eq!(submit(verifier, &second.transaction()), "");
    assert_eq!(submit(verifier, &first.transaction()), "drain_only");
    assert_eq!(submit(verifier, &third.transaction()), "no_verifying_key");
    let mut other = second.transaction();
    other.proof = first.prove(&other.body.statement.to_fields());
    assert_eq!(submit(verifier, &other), "proof", "it is of the other version's key");
    let inputs = second.transaction().body.statement.to_fields();
    let bytes: Vec<u8> = inputs.iter().flat_map(fr_to_bytes).collect();
    let proof = second.prove(&inputs);
    for (version, expected) in [(1, VeilpayStatus::Proof), (2, VeilpayStatus::Ok), (3, VeilpayStatus::Index)] {
        let (data, count) = (bytes.as_ptr(), inputs.len());
        // SAFETY: all are there.
        let status = unsafe { veilpay_verify(verifier, 1, version, data, count, proof.as_ptr(), 128, null_mut()) };
        assert_eq!(status, expected, "version {version}");
        let mut digest = [0; 32];
        // SAFETY: the same.
        unsafe { veilpay_verifier_key_digest(verifier, 1, version, digest.as_mut_ptr(), null_mut()) };
        assert_eq!(digest == second.key.digest(), version == 2);
    }
    // SAFETY: made above.
    unsafe { veilpay_verifier_free(verifier) };
}

#[test]
fn a_version_or_a_key_that_comes_twice_is_refused() {
    for (keys, message) in [
        ([known(2, 100), known(2, 200)], "two keys for version 2"),
        ([known(1, 100), known(2, 100)], "is that of version 1"),
    ] {
        let error = verifier_of(&[&keys[0], &keys[1]]).err().unwrap();
        assert_eq!((error.status, text(&error.rule)), (VeilpayStatus::Key, "S1"));
        assert!(text(&error.message).contains(message), "{}", text(&error.message));
    }
}
