//! Poseidon2 in a circuit: t = 3 in 240 constraints, t = 4 in 264, the modes of
//! [`veilpay_protocol::poseidon2`].
//!
//! Only S-boxes cost: x2 = x * x, x3 = x * x2, x5 = x3 * x2. In the partial rounds x is a long combination; it stands
//! on side A, and on side B once. Side B never sees x3 and side A never sees x2, so a third of the permutation's wires
//! is absent from each query of the proving key. All layers are linear and free.

use ark_ff::{AdditiveGroup, Field};
use veilpay_protocol::field::Fr;
use veilpay_protocol::poseidon2::constants::{DIAGONAL_4, EXTERNAL_3, EXTERNAL_4, FULL_ROUNDS, INTERNAL_3, INTERNAL_4};
use veilpay_protocol::tags::Tag;

use crate::var::{Cs, FrVar, Synthesis};

/// x^5; 3 constraints.
fn sbox(cs: &Cs, x: &mut FrVar) -> Synthesis<()> {
    let x2 = x.square(cs)?;
    let x3 = x.product(cs, &x2)?;
    *x = x3.product(cs, &x2)?;
    Ok(())
}

/// External layer of t = 3: the matrix circ(2, 1, 1).
fn external_layer_3(s: &mut [FrVar; 3]) {
    let sum = FrVar::sum(s.iter());
    for lane in s {
        *lane = &*lane + &sum;
    }
}

/// Internal layer of t = 3: all ones plus diag(1, 1, 2).
fn internal_layer_3(s: &mut [FrVar; 3]) {
    let sum = FrVar::sum(s.iter());
    s[0] = &s[0] + &sum;
    s[1] = &s[1] + &sum;
    s[2] = sum.plus_scaled(&s[2], Fr::ONE.double());
}

/// External layer of t = 4: the matrix M4 of the paper, [[5,7,1,3],[4,6,1,1],[1,3,5,7],[1,1,4,6]].
fn external_layer_4(s: &mut [FrVar; 4]) {
    let four = Fr::from(4u64);
    let t0 = &s[0] + &s[1];
    let t1 = &s[2] + &s[3];
    let t2 = &s[1].double() + &t1;
    let t3 = &s[3].double() + &t0;
    let t4 = t3.plus_scaled(&t1, four);
    let t5 = t2.plus_scaled(&t0, four);
    *s = [&t3 + &t5, t5.clone(), &t2 + &t4, t4];
}

/// Internal layer of t = 4: all ones plus [`DIAGONAL_4`].
fn internal_layer_4(s: &mut [FrVar; 4]) {
    let sum = FrVar::sum(s.iter());
    for (lane, diagonal) in s.iter_mut().zip(&DIAGONAL_4) {
        *lane = sum.plus_scaled(lane, *diagonal);
    }
}

fn permute<const T: usize>(
    cs: &Cs,
    s: &mut [FrVar; T],
    external: &[[Fr; T]; FULL_ROUNDS],
    internal: &[Fr],
    external_layer: fn(&mut [FrVar; T]),
    internal_layer: fn(&mut [FrVar; T]),
) -> Synthesis<()> {
    let full_round = |s: &mut [FrVar; T], constants: &[Fr; T]| {
        for (lane, constant) in s.iter_mut().zip(constants) {
            *lane = lane.plus_constant(*constant);
            sbox(cs, lane)?;
        }
        external_layer(s);
        Ok(())
    };
    let (first, last) = external.split_at(FULL_ROUNDS / 2);
    external_layer(s);
    for constants in first {
        full_round(s, constants)?;
    }
    for constant in internal {
        s[0] = s[0].plus_constant(*constant);
        sbox(cs, &mut s[0])?;
        internal_layer(s);
    }
    for constants in last {
        full_round(s, constants)?;
    }
    Ok(())
}

/// The permutation of width 3; 240 constraints.
///
/// # Errors
/// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
pub fn permutation_3(cs: &Cs, mut state: [FrVar; 3]) -> Synthesis<[FrVar; 3]> {
    permute(cs, &mut state, &EXTERNAL_3, &INTERNAL_3, external_layer_3, internal_layer_3)?;
    Ok(state)
}

/// The permutation of width 4; 264 constraints.
///
/// # Errors
/// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
pub fn permutation_4(cs: &Cs, mut state: [FrVar; 4]) -> Synthesis<[FrVar; 4]> {
    permute(cs, &mut state, &EXTERNAL_4, &INTERNAL_4, external_layer_4, internal_layer_4)?;
    Ok(state)
}

/// `H_TAG(x1..xn)` for 1 <= n <= 3; 240 constraints for n <= 2, else 264.
///
/// # Errors
/// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
pub fn hash<const N: usize>(cs: &Cs, tag: Tag, inputs: [&FrVar; N]) -> Synthesis<FrVar> {
    const { assert!(N >= 1 && N <= 3, "a hash takes one to three words") };
    let capacity = FrVar::constant(Fr::from(tag.capacity(N)));
    let input = |i: usize| inputs.get(i).map_or_else(FrVar::zero, |input| (*input).clone());
    let [out, ..] = if N <= 2 {
        permutation_3(cs, [input(0), input(1), capacity])?
    } else {
        let [out, a, b, _] = permutation_4(cs, [input(0), input(1), input(2), capacity])?;
        [out, a, b]
    };
    Ok(out)
}

/// `C(a, b, c, d) = P4(a, b, c, d)[0] + a`; 264 constraints.
///
/// # Errors
/// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
pub fn compress(cs: &Cs, words: [&FrVar; 4]) -> Synthesis<FrVar> {
    let [out, ..] = permutation_4(cs, words.map(Clone::clone))?;
    Ok(&out + words[0])
}

/// `KS_j(k, s)`: three words of keystream; 264 constraints.
///
/// # Errors
/// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
pub fn keystream(cs: &Cs, key: &FrVar, salt: &FrVar, block: u64) -> Synthesis<[FrVar; 3]> {
    let block = FrVar::constant(Fr::from(block));
    let capacity = FrVar::constant(Fr::from(Tag::Keystream.capacity(3)));
    let [a, b, c, _] = permutation_4(cs, [key.clone(), salt.clone(), block.clone(), capacity])?;
    Ok([&a + key, &b + salt, &c + &block])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::hostile::{Subject, edge_elements};
    use ark_relations::gr1cs::ConstraintSystem;
    use veilpay_protocol::poseidon2 as native;

    #[test]
    fn every_mode_agrees_with_its_native_twin_at_the_pinned_cost() {
        let cs = ConstraintSystem::new_ref();
        let edges = edge_elements();
        for (i, a) in edges.iter().enumerate() {
            let [b, c, d] = [1, 3, 4].map(|j| edges[(i + j) % edges.len()]);
            let [va, vb, vc, vd] = [*a, b, c, d].map(|x| FrVar::public(&cs, x).expect("a system"));
            let cost = |before: usize| cs.num_constraints() - before;
            let start = cs.num_constraints();
            assert_eq!(hash(&cs, Tag::Scope, [&va]).expect("a system").value(), native::hash(Tag::Scope, [*a]));
            assert_eq!(cost(start), 240);
            assert_eq!(hash(&cs, Tag::Owner, [&va, &vb]).expect("a system").value(), native::hash(Tag::Owner, [*a, b]));
            assert_eq!(cost(start), 480);
            let three = hash(&cs, Tag::Account, [&va, &vb, &vc]).expect("a system");
            assert_eq!(three.value(), native::hash(Tag::Account, [*a, b, c]));
            assert_eq!(cost(start), 744);
            assert_eq!(compress(&cs, [&va, &vb, &vc, &vd]).expect("a system").value(), native::compress([*a, b, c, d]));
            assert_eq!(cost(start), 1008);
            let stream = keystream(&cs, &va, &vb, 1).expect("a system").map(|lane| lane.value());
            assert_eq!(stream, native::keystream(*a, b, 1));
            assert_eq!(cost(start), 1272);
        }
        assert_eq!(cs.is_satisfied(), Ok(true));
        assert_eq!(cs.num_constraints(), cs.num_witness_variables());
    }

    #[test]
    fn a_permutation_has_no_hints_and_keeps_a_third_of_its_wires_off_each_side() {
        let subject = Subject::new(|cs| {
            let inputs = [3u64, 5, 7, 11].map(|x| FrVar::public(cs, Fr::from(x)));
            let [a, b, c, d] = inputs;
            Ok(permutation_4(cs, [a?, b?, c?, d?])?.to_vec())
        });
        assert!(subject.recording.hints.is_empty());
        let wires_on = |matrix: &[Vec<(Fr, usize)>]| {
            let mut columns: Vec<usize> = matrix.iter().flatten().map(|(_, column)| *column).collect();
            columns.sort_unstable();
            columns.dedup();
            columns.iter().filter(|column| **column >= subject.matrices.num_instance).count()
        };
        // The last round's x5 leave the permutation unused, here.
        assert_eq!(wires_on(&subject.matrices.a), 2 * 88 - 4);
        assert_eq!(wires_on(&subject.matrices.b), 2 * 88 - 4);
    }
}
