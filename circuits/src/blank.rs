//! Statements and witnesses without content, for setup: they fix the shape of a circuit and prove nothing.

use ark_ff::AdditiveGroup;
use veilpay_protocol::address::{Diversifier, Owner};
use veilpay_protocol::circuit::{CircuitId, Shape};
use veilpay_protocol::credential::{Attributes, CredentialWitness, RegistryRoot, SanctionsRoot, Serial};
use veilpay_protocol::curve::generator;
use veilpay_protocol::enrol::{EnrolStatement, EnrolWitness};
use veilpay_protocol::field::{Fr, Fs};
use veilpay_protocol::identity::{IdentityStatement, IdentityWitness, statement::ScopeNullifier};
use veilpay_protocol::indexed_merkle::{END, IndexedLeaf, NonMembership};
use veilpay_protocol::keys::{IdentityCommitment, UserId};
use veilpay_protocol::merkle::Path;
use veilpay_protocol::note::{AssetId, NoteCommitment, NoteRoot};
use veilpay_protocol::nullifier::Nullifier;
use veilpay_protocol::statement::{Statement, Witness};
use veilpay_protocol::tracing::{EpochKey, EpochWitness, TraceRoot, TraceTag};
use veilpay_protocol::transfer::{
    ExtHash, InputWitness, OutputWitness, TransferFields, TransferStatement, TransferWitness,
};

/// A path of zeros.
fn path<const DEPTH: usize>() -> Path<DEPTH> {
    Path::new(0, [[Fr::ZERO; 3]; DEPTH]).expect("0 is the index of a leaf")
}

fn credential() -> CredentialWitness {
    CredentialWitness {
        attributes: Attributes::unpack(0),
        serial: Serial::new(1).expect("1 is a serial"),
        registry_path: path(),
        not_sanctioned: NonMembership { leaf: IndexedLeaf { key: 0, next: END }, path: path() },
    }
}

fn transfer(shape: Shape) -> (Statement, Witness) {
    let fields = TransferFields {
        note_root: NoteRoot::default(),
        nullifiers: vec![Nullifier::default(); shape.inputs],
        commitments: vec![NoteCommitment::default(); shape.outputs],
        rk: generator(),
        asset_pub: AssetId::default(),
        v_pub_in: 0,
        v_pub_out: 0,
        fee: 0,
        registry_root: RegistryRoot::default(),
        sanctions_root: SanctionsRoot::default(),
        now: 0,
        epoch: 0,
        trace_tag: TraceTag::default(),
        trace_ciphertext: vec![Fr::ZERO; shape.outputs + 2],
        ext_hash: ExtHash::default(),
    };
    let input = InputWitness {
        diversifier: Diversifier::new([0; 16]),
        in_hidden_asset: false,
        value: 0,
        rcm: Fr::ZERO,
        is_dummy: true,
        path: path(),
    };
    let output = OutputWitness { owner: Owner::default(), in_hidden_asset: false, value: 0, rcm: Fr::ZERO };
    let witness = TransferWitness {
        ak: generator(),
        nk: Fr::ZERO,
        idc: IdentityCommitment::default(),
        alpha: Fs::ZERO,
        asset: AssetId::default(),
        inputs: vec![input; shape.inputs],
        outputs: vec![output; shape.outputs],
        credential: credential(),
        epoch: EpochWitness { key: EpochKey::new(Fr::ZERO), path: path() },
    };
    let statement = TransferStatement::try_from(fields).expect("the counts are those of a shape");
    (Statement::Transfer(statement), Witness::Transfer(witness))
}

fn identity() -> (Statement, Witness) {
    let statement = IdentityStatement {
        registry_root: RegistryRoot::default(),
        sanctions_root: SanctionsRoot::default(),
        now: 0,
        min_tier: 0,
        jurisdictions: [0; 8],
        scope: Fr::ZERO,
        scope_nullifier: ScopeNullifier::default(),
        rk: generator(),
        binding: Fr::ZERO,
    };
    let witness = IdentityWitness {
        ak: generator(),
        nk: Fr::ZERO,
        idk: Fr::ZERO,
        alpha: Fs::ZERO,
        trace_root: TraceRoot::default(),
        credential: credential(),
    };
    (Statement::Identity(statement), Witness::Identity(witness))
}

fn enrol() -> (Statement, Witness) {
    let statement = EnrolStatement { user: UserId::default(), rk: generator(), challenge: Fr::ZERO };
    let witness = EnrolWitness { ak: generator(), nk: Fr::ZERO, idk: Fr::ZERO, alpha: Fs::ZERO };
    (Statement::Enrol(statement), Witness::Enrol(witness))
}

/// A statement and a witness of `circuit` that fit each other and satisfy nothing.
pub(crate) fn blank(circuit: CircuitId) -> (Statement, Witness) {
    match circuit {
        CircuitId::Identity => identity(),
        CircuitId::Enrol => enrol(),
        CircuitId::Transfer2x3 | CircuitId::Transfer8x2 => {
            transfer(circuit.shape().expect("a transfer circuit has a shape"))
        }
    }
}
