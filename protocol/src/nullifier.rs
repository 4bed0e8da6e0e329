//! Nullifiers (N3): one per note and position, unlinkable without `nk`.

use crate::field::{Fr, field_newtype, power_of_two};
use crate::poseidon2::hash;
use crate::tags::Tag;

field_newtype! {
    /// A nullifier: published when a note is spent, accepted once.
    Nullifier
}

/// `nf = H_NF(nk, rcm, pos + 2^32 * is_dummy)`.
///
/// The position makes it unique even for equal commitments; `rcm` keeps whoever knows `nk` from testing notes that he
/// cannot open; the dummy offset keeps a dummy from burning a real note.
#[must_use]
pub fn nullifier(nk: Fr, rcm: Fr, position: u32, is_dummy: bool) -> Nullifier {
    let slot = Fr::from(position) + power_of_two(32) * Fr::from(is_dummy);
    Nullifier::new(hash(Tag::Nullifier, [nk, rcm, slot]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_notes_at_two_positions_have_two_nullifiers_and_a_dummy_has_a_third() {
        let (nk, rcm) = (Fr::from(3u64), Fr::from(4u64));
        let all = [nullifier(nk, rcm, 0, false), nullifier(nk, rcm, 1, false), nullifier(nk, rcm, 0, true)];
        assert!(all[0] != all[1] && all[0] != all[2] && all[1] != all[2]);
    }
}
