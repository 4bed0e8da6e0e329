//! Keys, proofs and public inputs of other software: what is read, and by which rule the rest is refused.

mod evm;
mod snarkjs;

use ark_std::rand::Rng;

use crate::support::rng;

/// Runs `read` on copies with a few bytes changed, cut off or doubled: it must not panic.
fn survives_damage(bytes: &[u8], read: impl Fn(&[u8])) {
    let mut rng = rng(77);
    for _ in 0..3_000 {
        let mut copy = bytes.to_vec();
        for _ in 0..rng.gen_range(1..4) {
            let at = rng.gen_range(0..copy.len());
            match rng.gen_range(0..4) {
                0 => copy[at] = rng.r#gen(),
                1 => copy[at] ^= 1 << rng.gen_range(0..8),
                2 => copy.truncate(at.max(1)),
                _ => copy.insert(at, bytes[at % bytes.len()]),
            }
        }
        read(&copy);
    }
}
