//! For each clause of a transfer, statements and witnesses that break it and nothing else.

use ark_ff::{AdditiveGroup, Field};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::credential::Attributes;
use veilpay_protocol::curve::Point;
use veilpay_protocol::field::{Fr, Fs, power_of_two};
use veilpay_protocol::merkle::Path;
use veilpay_protocol::note::{AssetId, NoteCommitment};
use veilpay_protocol::nullifier::{Nullifier, nullifier};
use veilpay_protocol::poseidon2::compress;
use veilpay_protocol::statement::{Statement, Witness};
use veilpay_protocol::tags::Tag;
use veilpay_protocol::tracing::{EpochKey, TraceTag};
use veilpay_protocol::transfer::{TransferFields, TransferStatement, TransferWitness};
use veilpay_protocol::violation::Violation;

use super::{broken_rows, matrices, refuses};
use crate::hint::registry::with_overrides;
use crate::testing::{TestRng, TransferPlan};

/// A valid plan with real notes in both inputs' places, value in both lanes.
fn plan(seed: u64) -> TransferPlan {
    let shape = CircuitId::Transfer2x3.shape().expect("a transfer has a shape");
    let mut plan = TransferPlan::random(shape, &mut TestRng::new(seed));
    (plan.v_pub_in, plan.v_pub_out, plan.fee) = (10, 0, 3);
    for (i, input) in plan.inputs.iter_mut().enumerate() {
        (input.value, input.in_hidden_asset, input.is_dummy) = (1000 + i as u64, i == 0, false);
    }
    plan.balance(17);
    plan
}

fn statement(fields: TransferFields, witness: TransferWitness) -> (Statement, Witness) {
    let statement = TransferStatement::try_from(fields).expect("public values of the right form");
    (Statement::Transfer(statement), Witness::Transfer(witness))
}

/// Refused after an edit of the plan, from which all public values follow.
fn refuses_plan(violation: Violation, rows: usize, edit: impl FnOnce(&mut TransferPlan)) {
    let mut plan = plan(7);
    edit(&mut plan);
    let (statement, witness) = plan.statement();
    refuses(&statement, &witness, violation, rows);
}

/// Refused after an edit of the finished statement and witness.
fn refuses_built(violation: Violation, rows: usize, edit: impl FnOnce(&mut TransferFields, &mut TransferWitness)) {
    let (mut fields, mut witness) = plan(7).build();
    edit(&mut fields, &mut witness);
    let (statement, witness) = statement(fields, witness);
    refuses(&statement, &witness, violation, rows);
}

#[test]
fn t1_the_identity_is_no_authorization_key() {
    refuses_plan(Violation::T1AuthorizationKey, 1, |plan| plan.holder.ak = Point::zero());
}

#[test]
fn t1_a_key_outside_the_subgroup_is_refused() {
    let order_two = Point::new_unchecked(Fr::ZERO, -Fr::ONE);
    for torsion in [order_two, Point::new_unchecked(Fr::ONE, Fr::ZERO)] {
        let mut plan = plan(7);
        let honest_rk = plan.build().0.rk;
        plan.holder.ak = (plan.holder.ak + torsion).into();
        let mut witness = plan.build().1;
        witness.alpha = plan.alpha;
        let fields = TransferFields { rk: honest_rk, ..plan.build().0 };
        let (statement, witness) = statement(fields, witness);
        assert_eq!(veilpay_protocol::statement::check(&statement, &witness), Err(Violation::T1AuthorizationKey));
        let assignment = crate::assignment(&statement, &witness).expect("they fit");
        assert!(matrices(CircuitId::Transfer2x3).first_unsatisfied(&assignment).is_some());
    }
}

#[test]
fn t2_a_nullifier_is_that_of_key_randomness_and_position() {
    for input in 0..2 {
        let violation = Violation::T2Nullifier { input };
        refuses_built(violation, 1, |fields, _| {
            fields.nullifiers[input] = Nullifier::new(fields.nullifiers[input].to_field() + Fr::ONE);
        });
        for (position_off, as_dummy) in [(1, false), (0, true)] {
            refuses_built(violation, 1, |fields, witness| {
                let note = &witness.inputs[input];
                let position = note.path.index() as u32 ^ position_off;
                fields.nullifiers[input] = nullifier(witness.nk, note.rcm, position, as_dummy);
            });
        }
    }
    refuses_built(Violation::T2Nullifier { input: 0 }, 2, |fields, _| fields.nullifiers.swap(0, 1));
}

#[test]
fn t2_a_dummy_cannot_burn_the_note_at_its_position() {
    let mut plan = plan(7);
    (plan.inputs[1].value, plan.inputs[1].is_dummy) = (0, true);
    plan.balance(0);
    let (mut fields, witness) = plan.build();
    let note = &witness.inputs[1];
    fields.nullifiers[1] = nullifier(witness.nk, note.rcm, note.path.index() as u32, false);
    let (statement, witness) = statement(fields, witness);
    refuses(&statement, &witness, Violation::T2Nullifier { input: 1 }, 1);
}

#[test]
fn t3_a_dummy_has_no_value() {
    for input in 0..2 {
        refuses_plan(Violation::T3DummyValue { input }, 1, |plan| plan.inputs[input].is_dummy = true);
    }
}

#[test]
fn t3_a_note_that_is_no_dummy_is_in_the_tree() {
    for input in 0..2 {
        refuses_built(Violation::T3NoteRoot { input }, 1, |_, witness| {
            let path = &witness.inputs[input].path;
            let mut siblings = *path.siblings();
            siblings[9][1] += Fr::ONE;
            witness.inputs[input].path = Path::new(path.index(), siblings).expect("the same index");
        });
        // The randomness is in the nullifier too, which stays right.
        refuses_built(Violation::T3NoteRoot { input }, 1, |fields, witness| {
            witness.inputs[input].rcm += Fr::ONE;
            fields.nullifiers[input] = witness.input_nullifier(&witness.inputs[input]);
        });
        refuses_built(Violation::T3NoteRoot { input }, 1, |_, witness| {
            witness.inputs[input].diversifier = witness.inputs[1 - input].diversifier;
        });
    }
}

#[test]
fn t3_a_note_of_another_account_is_not_spent() {
    let (fields, witness) = plan(7).build();
    let mut thief = plan(8);
    thief.inputs = plan(7).inputs;
    let (mut theirs, mut stolen) = thief.build();
    stolen.inputs = witness.inputs.clone();
    theirs.note_root = fields.note_root;
    theirs.nullifiers = stolen.inputs.iter().map(|note| stolen.input_nullifier(note)).collect();
    let (statement, stolen) = statement(theirs, stolen);
    refuses(&statement, &stolen, Violation::T3NoteRoot { input: 0 }, 2);
}

#[test]
fn t3_the_root_is_the_public_one() {
    refuses_built(Violation::T3NoteRoot { input: 0 }, 2, |fields, _| {
        fields.note_root = veilpay_protocol::note::NoteRoot::new(fields.note_root.to_field() + Fr::ONE);
    });
}

/// Two outputs of the public lane, of 991 and 17, whose values are moved by field elements that cancel.
#[test]
fn t4_a_value_outside_64_bits_is_refused_though_all_else_holds() {
    for (excess, rows) in
        [(-Fr::from(2000u64), 1), (power_of_two(64), 2), (power_of_two(128), 2), (-power_of_two(200), 2)]
    {
        let (mut fields, witness) = plan(7).build();
        let mut values = witness.outputs.iter().map(|output| Fr::from(output.value)).collect::<Vec<_>>();
        values[1] += excess;
        values[2] -= excess;
        for output in [1, 2] {
            let note = &witness.outputs[output];
            let word = values[output] + power_of_two(64) * Fr::from(Tag::Note as u64);
            let asset = witness.lane_asset(fields.asset_pub, note.in_hidden_asset).to_field();
            fields.commitments[output] = NoteCommitment::new(compress([note.owner.to_field(), asset, word, note.rcm]));
        }
        fields.trace_ciphertext[1] += excess * power_of_two(65) - excess * power_of_two(130);
        let (statement, witness) = statement(fields, witness);
        // Outputs come after the two inputs.
        let overrides = [(("note.value", 3), values[1]), (("note.value", 4), values[2])];
        let assignment = with_overrides(overrides, || crate::assignment(&statement, &witness).expect("they fit"));
        let broken = broken_rows(matrices(CircuitId::Transfer2x3), &assignment);
        assert_eq!(broken, rows, "only the range checks break, by {excess}");
    }
}

#[test]
fn t5_the_public_lane_balances() {
    refuses_plan(Violation::T5PublicLane, 1, |plan| plan.fee += 1);
    refuses_plan(Violation::T5PublicLane, 1, |plan| plan.v_pub_in += 1);
    refuses_plan(Violation::T5PublicLane, 1, |plan| plan.v_pub_out += 1);
    refuses_plan(Violation::T5PublicLane, 1, |plan| plan.outputs[1].value += 1);
    refuses_plan(Violation::T5PublicLane, 1, |plan| plan.inputs[1].value += 1);
}

#[test]
fn t5_the_hidden_lane_balances() {
    refuses_plan(Violation::T5HiddenLane, 1, |plan| plan.outputs[0].value += 1);
    refuses_plan(Violation::T5HiddenLane, 1, |plan| plan.inputs[0].value -= 1);
}

#[test]
fn t5_value_does_not_cross_lanes() {
    refuses_plan(Violation::T5PublicLane, 2, |plan| plan.outputs[0].in_hidden_asset = false);
    refuses_plan(Violation::T5PublicLane, 2, |plan| {
        plan.outputs[0].value += 1;
        plan.outputs[1].value -= 1;
    });
}

#[test]
fn t5_a_note_of_a_third_asset_is_not_spent() {
    // The tree holds the hidden note under another asset than the transfer says.
    let (fields, _) = plan(7).build();
    let mut other = plan(7);
    other.asset = AssetId::of(b"somebody", b"else");
    let (mut theirs, witness) = other.build();
    theirs.note_root = fields.note_root;
    let mut witness = witness;
    for (input, honest) in witness.inputs.iter_mut().zip(plan(7).build().1.inputs.iter()) {
        input.path = honest.path.clone();
    }
    let (statement, witness) = statement(theirs, witness);
    refuses(&statement, &witness, Violation::T3NoteRoot { input: 0 }, 1);
}

#[test]
fn n1_a_commitment_opens_to_its_output() {
    for output in 0..3 {
        refuses_built(Violation::N1Commitment { output }, 1, |fields, _| {
            fields.commitments[output] = NoteCommitment::new(fields.commitments[output].to_field() + Fr::ONE);
        });
        refuses_built(Violation::N1Commitment { output }, 1, |_, witness| witness.outputs[output].rcm += Fr::ONE);
    }
}

#[test]
fn t6_the_randomized_key_is_ak_plus_alpha_g() {
    refuses_built(Violation::T6RandomizedKey, 2, |_, witness| witness.alpha += Fs::ONE);
    refuses_built(Violation::T6RandomizedKey, 2, |_, witness| witness.alpha = -witness.alpha);
}

#[test]
fn t7_the_credential_is_in_the_registry() {
    refuses_built(Violation::T7Registry, 1, |fields, _| {
        fields.registry_root =
            veilpay_protocol::credential::RegistryRoot::new(fields.registry_root.to_field() + Fr::ONE);
    });
    refuses_built(Violation::T7Registry, 1, |_, witness| {
        let attributes = witness.credential.attributes;
        let (tier, jurisdiction) = (attributes.tier() ^ 1, attributes.jurisdiction());
        witness.credential.attributes =
            Attributes::new(tier, jurisdiction, attributes.expiry()).expect("the same expiry");
    });
    // Somebody else's credential, whole and valid, for another user.
    refuses_built(Violation::T7Registry, 1, |fields, witness| {
        let other = plan(9).build();
        witness.credential = other.1.credential.clone();
        (fields.registry_root, fields.sanctions_root) = (other.0.registry_root, other.0.sanctions_root);
        fields.now = 0;
    });
}

#[test]
fn t7_the_credential_has_not_expired() {
    refuses_plan(Violation::T7Expired, 1, |plan| plan.now = plan.holder.attributes.expiry() + 1);
    refuses_plan(Violation::T7Expired, 1, |plan| plan.now = (1 << 40) - 1);
}

/// The packed word of the leaf has other readings when a part is too long. None is accepted.
#[test]
fn t7_the_packed_word_has_one_reading() {
    let (mut fields, witness) = plan(7).build();
    fields.now = 0;
    let attributes = witness.credential.attributes;
    let [tier, jurisdiction, expiry] =
        [u64::from(attributes.tier()), u64::from(attributes.jurisdiction()), attributes.expiry()].map(Fr::from);
    let serial = Fr::from(witness.credential.serial.get());
    let (statement, witness) = statement(fields, witness);
    let later = Fr::from(1u64 << 20);
    let readings: [&[(&'static str, Fr)]; 4] = [
        &[("credential.tier", tier + power_of_two(8)), ("credential.jurisdiction", jurisdiction - Fr::ONE)],
        &[("credential.jurisdiction", jurisdiction + power_of_two(16)), ("credential.expiry", expiry - Fr::ONE)],
        &[("credential.expiry", expiry + power_of_two(40)), ("credential.serial", serial - Fr::ONE)],
        &[
            ("credential.expiry", expiry + later),
            ("credential.serial", serial - later * power_of_two(40).inverse().expect("not 0")),
        ],
    ];
    for reading in readings {
        let overrides = reading.iter().map(|(name, value)| ((*name, 0), *value));
        let assignment = with_overrides(overrides, || crate::assignment(&statement, &witness).expect("they fit"));
        let broken = broken_rows(matrices(CircuitId::Transfer2x3), &assignment);
        assert!((1..=2).contains(&broken), "only range checks break: {broken} by {reading:?}");
    }
}

#[test]
fn t8_a_listed_serial_is_refused_with_the_leaf_below_and_with_its_own() {
    refuses_plan(Violation::T8Listed, 1, |plan| plan.listed.push(plan.holder.serial.get()));
    let mut plan = plan(7);
    let serial = plan.holder.serial.get();
    plan.listed.push(serial);
    let (fields, mut witness) = plan.build();
    let mut list = veilpay_protocol::indexed_merkle::IndexedTree::default();
    for key in &plan.listed {
        let writes = list.plan_insert(*key).expect("not listed yet");
        list.apply(&writes).expect("the plan keeps the chain");
    }
    witness.credential.not_sanctioned = list.non_membership(serial + 1).expect("not listed");
    let (statement, witness) = statement(fields, witness);
    refuses(&statement, &witness, Violation::T8Listed, 1);
}

#[test]
fn t8_the_leaf_is_in_the_sanctions_list() {
    refuses_built(Violation::T8SanctionsRoot, 1, |fields, _| {
        fields.sanctions_root =
            veilpay_protocol::credential::SanctionsRoot::new(fields.sanctions_root.to_field() + Fr::ONE);
    });
    refuses_built(Violation::T8SanctionsRoot, 1, |_, witness| {
        witness.credential.not_sanctioned.leaf.next = witness.credential.serial.get() + 1;
    });
}

#[test]
fn t9_the_tag_is_that_of_the_epoch_key() {
    refuses_built(Violation::T9TraceTag, 1, |fields, _| {
        fields.trace_tag = TraceTag::new(fields.trace_tag.to_field() + Fr::ONE);
    });
}

#[test]
fn t9_every_lane_of_the_ciphertext_is_that_of_the_outputs() {
    for lane in 0..5 {
        refuses_built(Violation::T9TraceCiphertext, 1, |fields, _| fields.trace_ciphertext[lane] += Fr::ONE);
    }
}

#[test]
fn t9_the_key_is_that_of_the_public_epoch_and_in_the_credential() {
    // A key of the payer's own choice, everything under it consistent: the credential does not hold it.
    refuses_built(Violation::T7Registry, 1, |fields, witness| {
        witness.epoch.key = EpochKey::new(Fr::from(42u64));
        (fields.trace_tag, fields.trace_ciphertext) = witness.trace_plaintext().seal(&witness.epoch.key, fields.rk.x);
    });
    // Yesterday's key with its own path, under today's number.
    refuses_built(Violation::T7Registry, 1, |fields, _| fields.epoch += 1);
}

#[test]
fn t10_every_public_input_is_constrained() {
    for circuit in CircuitId::ALL {
        let (statement, witness) = crate::testing::sample(circuit, &mut TestRng::new(6));
        let honest = crate::assignment(&statement, &witness).expect("they fit");
        let matrices = matrices(circuit);
        for input in 1..matrices.num_instance {
            let occurs = [&matrices.a, &matrices.b, &matrices.c]
                .iter()
                .any(|matrix| matrix.iter().flatten().any(|(_, column)| *column == input));
            assert!(occurs, "{circuit}: input {input}");
            if circuit == CircuitId::Identity && (5..13).contains(&input) {
                // A jurisdiction that is not the holder's may as well be another one.
                continue;
            }
            // Not by 1: a second more or less may be right with the same wires, where bit 0 of a range takes it up.
            for change in [power_of_two(64), -power_of_two(64), power_of_two(250)] {
                let mut assignment = honest.clone();
                assignment[input] += change;
                assert!(matrices.first_unsatisfied(&assignment).is_some(), "{circuit}: input {input}");
            }
        }
    }
}
