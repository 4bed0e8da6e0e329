//! Transfers.

use ark_ff::UniformRand;
use rand_core::RngCore;
use veilpay_protocol::address::{Diversifier, Owner};
use veilpay_protocol::circuit::Shape;
use veilpay_protocol::field::{Fr, Fs};
use veilpay_protocol::keys::Account;
use veilpay_protocol::merkle::{NOTE_DEPTH, Path, Tree};
use veilpay_protocol::note::{AssetId, NoteRoot};
use veilpay_protocol::statement::{Statement, Witness};
use veilpay_protocol::tracing::{EpochKey, EpochWitness, TraceTag};
use veilpay_protocol::transfer::{
    ExtHash, InputWitness, OutputWitness, TransferFields, TransferStatement, TransferWitness,
};

use super::holder::{EPOCH_SECONDS, Holder};
use super::rng::TestRng;

/// A note to be spent.
#[derive(Clone, Copy, Debug)]
pub struct PlannedInput {
    /// The diversifier of its address.
    pub diversifier: Diversifier,
    /// Its lane.
    pub in_hidden_asset: bool,
    /// Its value.
    pub value: u64,
    /// Its commitment randomness.
    pub rcm: Fr,
    /// Its place in the note tree.
    pub position: u64,
    /// Whether it is a dummy, which is not in the tree.
    pub is_dummy: bool,
}

/// A note to be made.
#[derive(Clone, Copy, Debug)]
pub struct PlannedOutput {
    /// Its owner.
    pub owner: Owner,
    /// Its lane.
    pub in_hidden_asset: bool,
    /// Its value.
    pub value: u64,
    /// Its commitment randomness.
    pub rcm: Fr,
}

/// A transfer, before anything is computed.
#[derive(Clone)]
pub struct TransferPlan {
    /// Who pays.
    pub holder: Holder,
    /// The re-randomiser.
    pub alpha: Fs,
    /// The public asset F.
    pub asset_pub: AssetId,
    /// The hidden asset A.
    pub asset: AssetId,
    /// The notes spent.
    pub inputs: Vec<PlannedInput>,
    /// The notes made.
    pub outputs: Vec<PlannedOutput>,
    /// Value that enters the pool.
    pub v_pub_in: u64,
    /// Value that leaves the pool.
    pub v_pub_out: u64,
    /// The fee.
    pub fee: u64,
    /// The time.
    pub now: u64,
    /// The epoch.
    pub epoch: u64,
    /// Sanctioned serials.
    pub listed: Vec<u128>,
    /// What ciphertexts and external data hash to.
    pub ext_hash: Fr,
}

impl TransferPlan {
    /// A valid transfer of `shape`: real notes and dummies, both lanes, value in or out or neither.
    #[must_use]
    pub fn random(shape: Shape, rng: &mut TestRng) -> Self {
        let now = 1_700_000_000 + rng.below(400_000_000);
        let holder = Holder::random(now, rng);
        let inputs = (0..shape.inputs).map(|_| random_input(rng)).collect();
        let outputs = (0..shape.outputs).map(|_| random_output(rng)).collect();
        let mut plan = Self {
            holder,
            alpha: Fs::rand(rng),
            asset_pub: AssetId::native(),
            asset: AssetId::new(Fr::rand(rng)),
            inputs,
            outputs,
            v_pub_in: 0,
            v_pub_out: 0,
            fee: 0,
            now,
            epoch: now / EPOCH_SECONDS,
            listed: (0..3).map(|_| u128::from(rng.next_u64()) << 64 | 1).collect(),
            ext_hash: Fr::rand(rng),
        };
        let public_sum = plan.lane_sum(false);
        match rng.below(3) {
            0 => plan.v_pub_in = rng.below(1 << 59),
            1 => plan.v_pub_out = rng.below(public_sum / 2 + 1),
            _ => {}
        }
        plan.fee = rng.below((public_sum + plan.v_pub_in) / 4 + 1);
        plan.balance(rng.next_u64());
        plan
    }

    fn lane_sum(&self, hidden: bool) -> u64 {
        self.inputs.iter().filter(|input| input.in_hidden_asset == hidden).map(|input| input.value).sum()
    }

    /// Sets lanes and values of the outputs so that both lanes balance: the first output is hidden, the second public,
    /// a third takes `split` modulo the second's value from it.
    ///
    /// # Panics
    /// When no outputs balance the rest of the plan.
    pub fn balance(&mut self, split: u64) {
        let public = self.lane_sum(false) + self.v_pub_in - self.v_pub_out - self.fee;
        let hidden = self.lane_sum(true);
        let third = if self.outputs.len() > 2 { split % public.max(1) } else { 0 };
        for (i, output) in self.outputs.iter_mut().enumerate() {
            output.in_hidden_asset = i == 0;
            output.value = match i {
                0 => hidden,
                1 => public - third,
                2 => third,
                _ => 0,
            };
        }
    }

    fn account(&self) -> Account {
        self.holder.account()
    }

    /// The inputs' notes in a tree of their own, with a few strangers.
    fn note_tree(&self) -> Tree<NOTE_DEPTH> {
        let mut tree = Tree::default();
        for input in self.inputs.iter().filter(|input| !input.is_dummy) {
            let owner = Owner::derive(self.account(), &input.diversifier);
            let asset = if input.in_hidden_asset { self.asset } else { self.asset_pub };
            let cm = veilpay_protocol::note::commitment(owner, asset, input.value, input.rcm);
            tree.set(input.position, cm.to_field()).expect("inside the tree");
        }
        for stranger in [0u64, 5, 77, 1 << 30] {
            if self.inputs.iter().all(|input| input.position != stranger) {
                tree.set(stranger, Fr::from(stranger + 1)).expect("inside the tree");
            }
        }
        tree
    }

    /// The public values and the witness that follow; valid exactly when the plan is.
    ///
    /// # Panics
    /// When an index of the plan is outside its tree.
    #[must_use]
    pub fn build(&self) -> (TransferFields, TransferWitness) {
        let tree = self.note_tree();
        let epoch_tree = self.holder.epoch_tree();
        let (credential, registry_root, sanctions_root) = self.holder.credential(epoch_tree.root(), &self.listed);
        let input = |input: &PlannedInput| InputWitness {
            diversifier: input.diversifier,
            in_hidden_asset: input.in_hidden_asset,
            value: input.value,
            rcm: input.rcm,
            is_dummy: input.is_dummy,
            path: if input.is_dummy { Path::empty(input.position) } else { tree.path(input.position) }
                .expect("inside the tree"),
        };
        let output = |output: &PlannedOutput| OutputWitness {
            owner: output.owner,
            in_hidden_asset: output.in_hidden_asset,
            value: output.value,
            rcm: output.rcm,
        };
        let witness = TransferWitness {
            ak: self.holder.ak,
            nk: self.holder.nk,
            idc: self.holder.identity_commitment(),
            alpha: self.alpha,
            asset: self.asset,
            inputs: self.inputs.iter().map(input).collect(),
            outputs: self.outputs.iter().map(output).collect(),
            credential,
            epoch: EpochWitness {
                key: EpochKey::derive(self.holder.trk, self.epoch),
                path: epoch_tree.path(self.epoch).expect("the credential covers the epoch"),
            },
        };
        let rk = witness.randomized_key();
        let (trace_tag, trace_ciphertext): (TraceTag, Vec<Fr>) =
            witness.trace_plaintext().seal(&witness.epoch.key, rk.x);
        let fields = TransferFields {
            note_root: NoteRoot::new(tree.root()),
            nullifiers: witness.inputs.iter().map(|input| witness.input_nullifier(input)).collect(),
            commitments: witness.outputs.iter().map(|o| witness.output_commitment(self.asset_pub, o)).collect(),
            rk,
            asset_pub: self.asset_pub,
            v_pub_in: self.v_pub_in,
            v_pub_out: self.v_pub_out,
            fee: self.fee,
            registry_root,
            sanctions_root,
            now: self.now,
            epoch: self.epoch,
            trace_tag,
            trace_ciphertext,
            ext_hash: ExtHash::new(self.ext_hash),
        };
        (fields, witness)
    }

    /// The statement and the witness.
    ///
    /// # Panics
    /// When the plan's counts fit no circuit, or `rk` is the identity.
    #[must_use]
    pub fn statement(&self) -> (Statement, Witness) {
        let (fields, witness) = self.build();
        let statement = TransferStatement::try_from(fields).expect("the plan is of some shape");
        (Statement::Transfer(statement), Witness::Transfer(witness))
    }
}

fn random_diversifier(rng: &mut TestRng) -> Diversifier {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    Diversifier::new(bytes)
}

fn random_input(rng: &mut TestRng) -> PlannedInput {
    let is_dummy = rng.below(4) == 0;
    PlannedInput {
        diversifier: random_diversifier(rng),
        in_hidden_asset: rng.below(2) == 1,
        value: if is_dummy { 0 } else { rng.below(1 << 59) },
        rcm: Fr::rand(rng),
        position: rng.below(1 << 32),
        is_dummy,
    }
}

fn random_output(rng: &mut TestRng) -> PlannedOutput {
    PlannedOutput { owner: Owner::new(Fr::rand(rng)), in_hidden_asset: false, value: 0, rcm: Fr::rand(rng) }
}
