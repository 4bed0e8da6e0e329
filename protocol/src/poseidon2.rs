//! Poseidon2 over the BN254 scalar field (eprint 2023/323), t = 3 and t = 4, in the protocol's three modes.
//!
//! - [`hash`] `H_TAG(x1..xn)`, n <= 3: the state is the inputs, zeros, and the capacity lane `TAG * 256 + n`; the output
//!   is lane 0. t = 3 for n <= 2, else t = 4.
//! - [`compress`] `C(a, b, c, d) = P4(a, b, c, d)[0] + a`: tree nodes and note commitments. Without the feed-forward the
//!   permutation could be inverted from a chosen output.
//! - [`keystream`] `KS_j(k, s)`: three lanes of `P4(k, s, j, TAG_KS * 256 + 3)` plus `(k, s, j)`.
//!
//! The three never meet: a hash and a keystream have a small constant in the last lane, where a compression has a note's
//! randomness or a fourth child, and a hash has no feed-forward.

pub mod constants;

use ark_ff::{AdditiveGroup, Field};

use crate::field::Fr;
use crate::tags::Tag;
use constants::{DIAGONAL_4, EXTERNAL_3, EXTERNAL_4, FULL_ROUNDS, INTERNAL_3, INTERNAL_4};

fn sbox(x: &mut Fr) {
    let x4 = x.square().square();
    *x *= x4;
}

/// External layer of t = 3: the matrix circ(2, 1, 1).
fn external_layer_3(s: &mut [Fr; 3]) {
    let sum = s[0] + s[1] + s[2];
    for lane in s {
        *lane += sum;
    }
}

/// Internal layer of t = 3: all ones plus diag(1, 1, 2).
fn internal_layer_3(s: &mut [Fr; 3]) {
    let sum = s[0] + s[1] + s[2];
    s[0] += sum;
    s[1] += sum;
    s[2] = s[2].double() + sum;
}

/// External layer of t = 4: the matrix M4 of the paper, [[5,7,1,3],[4,6,1,1],[1,3,5,7],[1,1,4,6]].
fn external_layer_4(s: &mut [Fr; 4]) {
    let t0 = s[0] + s[1];
    let t1 = s[2] + s[3];
    let t2 = s[1].double() + t1;
    let t3 = s[3].double() + t0;
    let t4 = t1.double().double() + t3;
    let t5 = t0.double().double() + t2;
    *s = [t3 + t5, t5, t2 + t4, t4];
}

/// Internal layer of t = 4: all ones plus [`DIAGONAL_4`].
fn internal_layer_4(s: &mut [Fr; 4]) {
    let sum = s[0] + s[1] + s[2] + s[3];
    for (lane, diagonal) in s.iter_mut().zip(&DIAGONAL_4) {
        *lane = *lane * diagonal + sum;
    }
}

fn permute<const T: usize>(
    s: &mut [Fr; T],
    external: &[[Fr; T]; FULL_ROUNDS],
    internal: &[Fr],
    external_layer: fn(&mut [Fr; T]),
    internal_layer: fn(&mut [Fr; T]),
) {
    let full_round = |s: &mut [Fr; T], constants: &[Fr; T]| {
        for (lane, constant) in s.iter_mut().zip(constants) {
            *lane += constant;
            sbox(lane);
        }
        external_layer(s);
    };
    let (first, last) = external.split_at(FULL_ROUNDS / 2);
    external_layer(s);
    for constants in first {
        full_round(s, constants);
    }
    for constant in internal {
        s[0] += constant;
        sbox(&mut s[0]);
        internal_layer(s);
    }
    for constants in last {
        full_round(s, constants);
    }
}

/// The permutation of width 3.
#[must_use]
pub fn permutation_3(mut state: [Fr; 3]) -> [Fr; 3] {
    permute(&mut state, &EXTERNAL_3, &INTERNAL_3, external_layer_3, internal_layer_3);
    state
}

/// The permutation of width 4.
#[must_use]
pub fn permutation_4(mut state: [Fr; 4]) -> [Fr; 4] {
    permute(&mut state, &EXTERNAL_4, &INTERNAL_4, external_layer_4, internal_layer_4);
    state
}

/// `H_TAG(x1..xn)` for 1 <= n <= 3.
///
/// # Panics
/// When N is 0 or above 3, at compile time.
#[must_use]
pub fn hash<const N: usize>(tag: Tag, inputs: [Fr; N]) -> Fr {
    const { assert!(N >= 1 && N <= 3, "a hash takes one to three words") };
    let capacity = Fr::from(tag.capacity(N));
    if N <= 2 {
        let mut state = [Fr::from(0u64), Fr::from(0u64), capacity];
        state[..N].copy_from_slice(&inputs);
        permutation_3(state)[0]
    } else {
        permutation_4([inputs[0], inputs[1], inputs[2], capacity])[0]
    }
}

/// `C(a, b, c, d) = P4(a, b, c, d)[0] + a`.
#[must_use]
pub fn compress(words: [Fr; 4]) -> Fr {
    permutation_4(words)[0] + words[0]
}

/// `KS_j(k, s)`: three words of keystream.
#[must_use]
pub fn keystream(key: Fr, salt: Fr, block: u64) -> [Fr; 3] {
    let block = Fr::from(block);
    let out = permutation_4([key, salt, block, Fr::from(Tag::Keystream.capacity(3))]);
    [out[0] + key, out[1] + salt, out[2] + block]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::fr_from_hex;
    use alloc::vec::Vec;

    #[test]
    fn the_permutations_give_the_published_answers() {
        let file = include_str!("../../vectors/poseidon2_bn254.json");
        let vectors: serde_json::Value = serde_json::from_str(file).expect("the file is JSON");
        let mut seen = 0;
        for vector in vectors["permutation"].as_array().expect("a list") {
            let input: Vec<Fr> = vector["in"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|x| Fr::from(x.as_u64().expect("a small integer")))
                .collect();
            let expected: Vec<Fr> = vector["out"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|x| fr_from_hex(x.as_str().expect("hex")).expect("canonical"))
                .collect();
            match vector["t"].as_u64() {
                Some(3) => assert_eq!(permutation_3([input[0], input[1], input[2]]).to_vec(), expected),
                Some(4) => assert_eq!(permutation_4([input[0], input[1], input[2], input[3]]).to_vec(), expected),
                _ => continue,
            }
            seen += 1;
        }
        assert_eq!(seen, 2, "both widths have a vector");
    }

    #[test]
    fn the_permutations_agree_with_an_independent_implementation() {
        let mut x = Fr::from(7u64);
        for _ in 0..50 {
            let state = [x, x.square() + Fr::from(3u64), -x, x.double()];
            assert_eq!(permutation_4(state), taceo_poseidon2::bn254::t4::permutation(&state));
            let state = [x, -x, x.square()];
            assert_eq!(permutation_3(state), taceo_poseidon2::bn254::t3::permutation(&state));
            x = x.square() + Fr::from(11u64);
        }
    }

    #[test]
    fn arity_and_tag_separate_hashes() {
        let (a, zero) = (Fr::from(5u64), Fr::from(0u64));
        assert_ne!(hash(Tag::Account, [a]), hash(Tag::Account, [a, zero]));
        assert_ne!(hash(Tag::Account, [a, zero]), hash(Tag::Account, [a, zero, zero]));
        assert_ne!(hash(Tag::Account, [a]), hash(Tag::Owner, [a]));
        assert_ne!(compress([a, zero, zero, zero]), permutation_4([a, zero, zero, zero])[0]);
    }
}
