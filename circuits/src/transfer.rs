//! The transfer circuit, N inputs and M outputs: [`veilpay_protocol::transfer::relation`] clause by clause.
//!
//! | clause | constraints |
//! |---|---|
//! | T1 account | 281 |
//! | T2 to T5 input | 5142 each |
//! | N1, T4, T5 output | 331 each |
//! | T5 balance | N + M + 2 |
//! | T6 randomised key | 922 |
//! | user | 240 |
//! | T7 credential | 3573 with its attributes |
//! | T8 not sanctioned | 3167 |
//! | T9 trace | 1305 + M |
//! | T10 | 1 |

mod notes;
mod public;

pub use notes::{AmountVar, AssetsVar};
pub use public::TransferFieldsVar;

use ark_relations::gr1cs::SynthesisError;
use veilpay_protocol::merkle::EPOCH_DEPTH;
use veilpay_protocol::tracing::EpochWitness;
use veilpay_protocol::transfer::{TransferStatement, TransferWitness};

use crate::authority::{t1_account, t6_randomized_key, t10_bound};
use crate::compliance::{t7_credential, t8_not_sanctioned};
use crate::gadgets::credential::{AttributesVar, CredentialVar};
use crate::gadgets::keys::{IdentityCommitmentVar, UserIdVar};
use crate::gadgets::merkle::PathVar;
use crate::gadgets::tracing::{EpochKeyVar, TracePlaintextVar, TracedOutputVar};
use crate::hint::hint;
use crate::var::{Cs, FrVar, Synthesis};
use notes::NotesContext;

/// Writes the transfer circuit of the statement's shape.
///
/// # Errors
/// [`SynthesisError::AssignmentMissing`] when the witness has not as many inputs and outputs as the statement.
pub fn synthesize(cs: &Cs, statement: &TransferStatement, witness: &TransferWitness) -> Synthesis<()> {
    let shape = statement.circuit().shape().ok_or(SynthesisError::AssignmentMissing)?;
    if witness.inputs.len() != shape.inputs || witness.outputs.len() != shape.outputs {
        return Err(SynthesisError::AssignmentMissing);
    }
    let public = TransferFieldsVar::allocate(cs, statement, shape)?;
    let authority = t1_account(cs, &witness.ak, witness.nk)?;
    let hidden = hint(cs, "asset", || witness.asset.to_field())?;
    let assets = AssetsVar { public: public.asset_pub.clone(), hidden };
    let notes = NotesContext { authority: &authority, assets: &assets, note_root: &public.note_root };
    let inputs = witness.inputs.iter().zip(&public.nullifiers).map(|(input, nf)| notes.t2_input(cs, input, nf));
    let inputs = inputs.collect::<Synthesis<Vec<_>>>()?;
    let outputs = witness.outputs.iter().zip(&public.commitments).map(|(output, cm)| notes.n1_output(cs, output, cm));
    let outputs = outputs.collect::<Synthesis<Vec<_>>>()?;
    t5_balance(cs, &public, &inputs, &outputs)?;
    t6_randomized_key(cs, &authority.ak, &witness.alpha, &public.rk)?;

    let epoch_key = EpochKeyVar::new(hint(cs, "epoch.key", || witness.epoch.key.expose())?);
    let trace_root = t9_trace_root(cs, &epoch_key, &witness.epoch, &public.epoch)?;
    let idc = IdentityCommitmentVar::new(hint(cs, "idc", || witness.idc.to_field())?);
    let user = UserIdVar::derive(cs, &authority.account, &idc)?;
    let serial = t8_not_sanctioned(cs, &witness.credential, &public.sanctions_root)?;
    let attributes = AttributesVar::new(cs, &witness.credential.attributes)?;
    let credential = CredentialVar { user, trace_root, attributes, serial };
    t7_credential(cs, &credential, &witness.credential, &public.registry_root, &public.now)?;
    t9_trace(cs, &epoch_key, &public, &assets, &outputs)?;
    t10_bound(cs, &public.ext_hash)
}

/// T5: in both lanes as much comes out as goes in; N + M + 2 constraints.
///
/// `s v` of each note, then `sum in (v - s v) + v_pub_in = sum out (v - s v) + v_pub_out + fee` and
/// `sum in s v = sum out s v`. All terms are u64 and there are at most thirteen: no sum reaches r, so that these are
/// equations of integers.
fn t5_balance(cs: &Cs, public: &TransferFieldsVar, inputs: &[AmountVar], outputs: &[TracedOutputVar]) -> Synthesis<()> {
    let mut public_lane = &(public.v_pub_in.field() - public.v_pub_out.field()) - public.fee.field();
    let mut hidden_lane = FrVar::zero();
    for input in inputs {
        let hidden = input.in_hidden_asset.field().product(cs, input.value.field())?;
        public_lane = &(&public_lane + input.value.field()) - &hidden;
        hidden_lane = &hidden_lane + &hidden;
    }
    for output in outputs {
        let hidden = output.in_hidden_asset.field().product(cs, output.value.field())?;
        public_lane = &(&public_lane - output.value.field()) + &hidden;
        hidden_lane = &hidden_lane - &hidden;
    }
    public_lane.enforce_equal(cs, &FrVar::zero())?;
    hidden_lane.enforce_equal(cs, &FrVar::zero())
}

/// T9: the trace root that the epoch's key leads to, which T7 finds in the credential; 774 constraints.
///
/// The key's place among the sixteen is not looked at: the leaf names its epoch.
fn t9_trace_root(cs: &Cs, key: &EpochKeyVar, witness: &EpochWitness, epoch: &FrVar) -> Synthesis<FrVar> {
    PathVar::<EPOCH_DEPTH>::new(&witness.path).root(cs, &key.leaf(cs, epoch)?)
}

/// T9: tag and ciphertext of the trace; 528 + M + 3 constraints.
fn t9_trace(
    cs: &Cs,
    key: &EpochKeyVar,
    public: &TransferFieldsVar,
    assets: &AssetsVar,
    outputs: &[TracedOutputVar],
) -> Synthesis<()> {
    let plaintext = TracePlaintextVar { asset: &assets.hidden, outputs };
    let (tag, ciphertext) = plaintext.seal(cs, key, &public.rk.x)?;
    tag.enforce_equal(cs, &public.trace_tag)?;
    ciphertext.iter().zip(&public.trace_ciphertext).try_for_each(|(word, expected)| word.enforce_equal(cs, expected))
}
