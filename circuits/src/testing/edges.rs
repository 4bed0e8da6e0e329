//! Valid statements at the edges of every range: where circuits degenerate, if they do.

use ark_ff::{AdditiveGroup, Field};
use veilpay_protocol::address::{Diversifier, Owner};
use veilpay_protocol::circuit::{CircuitId, Shape};
use veilpay_protocol::credential::{Attributes, Serial};
use veilpay_protocol::curve::generator;
use veilpay_protocol::field::{Fr, Fs};
use veilpay_protocol::note::AssetId;
use veilpay_protocol::statement::{Statement, Witness};

use crate::sample::{EnrolPlan, Holder, IdentityPlan, TestRng, TransferPlan};

/// A valid statement with its witness and what is special about it.
pub type EdgeCase = (&'static str, Statement, Witness);

/// The valid edge cases of `circuit`.
#[must_use]
pub fn edge_cases(circuit: CircuitId) -> Vec<EdgeCase> {
    match circuit.shape() {
        Some(shape) => transfers(shape),
        None if circuit == CircuitId::Identity => identities(),
        None => enrolments(),
    }
}

/// Removes all value from a plan.
fn empty(plan: &mut TransferPlan) {
    (plan.v_pub_in, plan.v_pub_out, plan.fee) = (0, 0, 0);
    for input in &mut plan.inputs {
        (input.value, input.is_dummy) = (0, false);
    }
    plan.balance(0);
}

type Edit<P> = (&'static str, fn(&mut P));

const VALUES: &[Edit<TransferPlan>] = &[
    ("all values are 0", empty),
    ("all inputs are dummies", |plan| {
        empty(plan);
        plan.inputs.iter_mut().for_each(|input| input.is_dummy = true);
    }),
    ("all inputs are dummies and value is shielded", |plan| {
        empty(plan);
        plan.inputs.iter_mut().for_each(|input| input.is_dummy = true);
        plan.v_pub_in = u64::MAX;
        plan.balance(12345);
    }),
    ("the greatest value in the public lane", |plan| {
        empty(plan);
        (plan.inputs[0].value, plan.inputs[0].in_hidden_asset) = (u64::MAX, false);
        plan.balance(0);
    }),
    ("the greatest value in the hidden lane", |plan| {
        empty(plan);
        (plan.inputs[1].value, plan.inputs[1].in_hidden_asset) = (u64::MAX, true);
        plan.balance(0);
    }),
    ("two greatest values in one lane, in and out", |plan| {
        empty(plan);
        for note in 0..2 {
            (plan.inputs[note].value, plan.inputs[note].in_hidden_asset) = (u64::MAX, true);
            (plan.outputs[note].value, plan.outputs[note].in_hidden_asset) = (u64::MAX, true);
        }
    }),
    ("all value in the hidden lane", |plan| {
        empty(plan);
        plan.inputs.iter_mut().for_each(|input| (input.value, input.in_hidden_asset) = (7, true));
        plan.balance(0);
    }),
    ("all value in the public lane", |plan| {
        empty(plan);
        plan.inputs.iter_mut().for_each(|input| (input.value, input.in_hidden_asset) = (7, false));
        plan.balance(3);
    }),
    ("no fee", |plan| {
        plan.fee = 0;
        plan.balance(0);
    }),
    ("the greatest fee", |plan| {
        empty(plan);
        (plan.v_pub_in, plan.fee) = (u64::MAX, u64::MAX);
        plan.balance(0);
    }),
    ("the greatest value leaves", |plan| {
        empty(plan);
        (plan.inputs[0].value, plan.inputs[0].in_hidden_asset) = (u64::MAX, false);
        plan.v_pub_out = u64::MAX;
        plan.balance(0);
    }),
];

const NOTES: &[Edit<TransferPlan>] = &[
    ("the leftmost leaf", |plan| {
        empty(plan);
        plan.inputs[0].position = 0;
    }),
    ("the rightmost leaf", |plan| {
        empty(plan);
        plan.inputs[0].position = (1 << 32) - 1;
    }),
    ("a dummy at the rightmost leaf", |plan| {
        empty(plan);
        (plan.inputs[0].position, plan.inputs[0].is_dummy) = ((1 << 32) - 1, true);
    }),
    ("two equal notes at neighbouring leaves", |plan| {
        empty(plan);
        plan.inputs[0].position = 1000;
        plan.inputs[1] = plan.inputs[0];
        plan.inputs[1].position = 1001;
    }),
    ("both assets are one", |plan| plan.asset = plan.asset_pub),
    ("both assets are 0", |plan| (plan.asset, plan.asset_pub) = (AssetId::default(), AssetId::default())),
    ("secrets are 0", |plan| {
        empty(plan);
        (plan.holder.nk, plan.holder.idk, plan.holder.trk) = (Fr::ZERO, Fr::ZERO, Fr::ZERO);
        for input in &mut plan.inputs {
            (input.rcm, input.diversifier) = (Fr::ZERO, Diversifier::new([0; 16]));
        }
        for output in &mut plan.outputs {
            (output.rcm, output.owner) = (Fr::ZERO, Owner::default());
        }
        plan.ext_hash = Fr::ZERO;
    }),
    ("secrets are -1", |plan| {
        empty(plan);
        (plan.holder.nk, plan.holder.idk, plan.holder.trk) = (-Fr::ONE, -Fr::ONE, -Fr::ONE);
        for input in &mut plan.inputs {
            (input.rcm, input.diversifier) = (-Fr::ONE, Diversifier::new([0xff; 16]));
        }
        plan.ext_hash = -Fr::ONE;
    }),
];

/// Edges of the holder, for every circuit.
const HOLDERS: &[Edit<Holder>] = &[
    ("ak = G", |holder| holder.ak = generator()),
    ("ak = -G", |holder| holder.ak = -generator()),
    ("the first serial", |holder| holder.serial = Serial::new(1).expect("a serial")),
    ("the last serial", |holder| holder.serial = Serial::new(u128::MAX - 1).expect("a serial")),
    ("the lowest place in the registry", |holder| holder.registry_index = 0),
    ("the highest place in the registry", |holder| holder.registry_index = (1 << 24) - 1),
    ("an expiry at the end of time", |holder| {
        holder.attributes = Attributes::new(u8::MAX, u16::MAX, (1 << 40) - 1).expect("40 bits");
    }),
];

/// A scalar by name.
type NamedScalar = (&'static str, fn() -> Fs);

const SCALARS: [NamedScalar; 4] = [
    ("alpha = 0", || Fs::ZERO),
    ("alpha = 1", || Fs::ONE),
    ("alpha = -1", || -Fs::ONE),
    ("alpha = 1/2", || Fs::ONE.double().inverse().expect("l is odd")),
];

fn transfers(shape: Shape) -> Vec<EdgeCase> {
    let mut rng = TestRng::new(0xed6e);
    let mut cases = Vec::new();
    let mut push = |name: &'static str, edit: &dyn Fn(&mut TransferPlan)| {
        let mut plan = TransferPlan::random(shape, &mut rng);
        edit(&mut plan);
        let (statement, witness) = plan.statement();
        cases.push((name, statement, witness));
    };
    for (name, edit) in VALUES.iter().chain(NOTES) {
        push(name, edit);
    }
    for (name, edit) in HOLDERS {
        push(name, &|plan| edit(&mut plan.holder));
    }
    for (name, alpha) in SCALARS {
        push(name, &|plan| plan.alpha = alpha());
    }
    push("the last second of the credential", &|plan| plan.now = plan.holder.attributes.expiry());
    push("the first second of all", &|plan| (plan.now, plan.epoch, plan.holder.first_epoch) = (0, 0, 0));
    push("the last epoch of the credential", &|plan| plan.holder.first_epoch = plan.epoch - 15);
    push("neighbours of the serial are listed", &|plan| {
        let serial = plan.holder.serial.get();
        plan.listed = vec![serial + 1, serial - 1];
    });
    push("nobody is listed", &|plan| plan.listed.clear());
    cases
}

fn identities() -> Vec<EdgeCase> {
    let mut rng = TestRng::new(0xed6e);
    let mut cases = Vec::new();
    let mut push = |name: &'static str, edit: &dyn Fn(&mut IdentityPlan)| {
        let mut plan = IdentityPlan::random(&mut rng);
        edit(&mut plan);
        let (statement, witness) = plan.statement();
        cases.push((name, statement, witness));
    };
    for (name, edit) in HOLDERS {
        push(name, &|plan| {
            edit(&mut plan.holder);
            plan.jurisdictions[7] = plan.holder.attributes.jurisdiction();
        });
    }
    for (name, alpha) in SCALARS {
        push(name, &|plan| plan.alpha = alpha());
    }
    push("the last second of the credential", &|plan| plan.now = plan.holder.attributes.expiry());
    push("the tier is just enough", &|plan| plan.min_tier = plan.holder.attributes.tier());
    push("no tier is needed", &|plan| plan.min_tier = 0);
    push("all jurisdictions are one", &|plan| plan.jurisdictions = [plan.holder.attributes.jurisdiction(); 8]);
    push("scope, binding and idk are 0", &|plan| {
        (plan.scope, plan.binding, plan.holder.idk) = (Fr::ZERO, Fr::ZERO, Fr::ZERO);
    });
    push("neighbours of the serial are listed", &|plan| {
        let serial = plan.holder.serial.get();
        plan.listed = vec![serial + 1, serial - 1];
    });
    cases
}

fn enrolments() -> Vec<EdgeCase> {
    let mut rng = TestRng::new(0xed6e);
    let mut cases = Vec::new();
    let mut push = |name: &'static str, edit: &dyn Fn(&mut EnrolPlan)| {
        let mut plan = EnrolPlan::random(&mut rng);
        edit(&mut plan);
        let (statement, witness) = plan.statement();
        cases.push((name, statement, witness));
    };
    for (name, edit) in HOLDERS {
        push(name, &|plan| edit(&mut plan.holder));
    }
    for (name, alpha) in SCALARS {
        push(name, &|plan| plan.alpha = alpha());
    }
    push("secrets and challenge are 0", &|plan| {
        (plan.holder.nk, plan.holder.idk, plan.challenge) = (Fr::ZERO, Fr::ZERO, Fr::ZERO);
    });
    cases
}
