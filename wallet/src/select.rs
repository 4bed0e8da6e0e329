//! Note choice: which notes a payment spends.

use crate::error::WalletError;
use crate::state::OwnedNote;

/// The fewest notes, at most `limit`, that are worth `needed` or more. Among choices of that number, the one that leaves
/// the least change of those that this greedy search sees: the largest notes but one, and the smallest last that suffices.
///
/// # Errors
/// [`WalletError::InsufficientFunds`], or [`WalletError::TooManyNotes`] when more than `limit` notes would be needed.
pub fn choose<'a>(
    notes: impl Iterator<Item = &'a OwnedNote>,
    needed: u64,
    limit: usize,
) -> Result<Vec<&'a OwnedNote>, WalletError> {
    let mut notes: Vec<_> = notes.collect();
    notes.sort_by_key(|note| (core::cmp::Reverse(note.value), note.position));
    let total: u128 = notes.iter().map(|note| u128::from(note.value)).sum();
    if total < u128::from(needed) {
        let spendable = u64::try_from(total).unwrap_or(u64::MAX);
        return Err(WalletError::InsufficientFunds { needed, spendable });
    }
    let mut sum = 0u128;
    let mut count = 0;
    while sum < u128::from(needed) {
        sum += u128::from(notes[count].value);
        count += 1;
    }
    if count > limit {
        return Err(WalletError::TooManyNotes);
    }
    let Some(last) = count.checked_sub(1) else { return Ok(Vec::new()) };
    let before: u128 = notes[..last].iter().map(|note| u128::from(note.value)).sum();
    let smallest = notes[last..]
        .iter()
        .rposition(|note| before + u128::from(note.value) >= u128::from(needed))
        .map_or(last, |offset| last + offset);
    let mut chosen = notes[..last].to_vec();
    chosen.push(notes[smallest]);
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use veilpay_protocol::address::{Diversifier, Owner};
    use veilpay_protocol::field::Fr;
    use veilpay_protocol::note::AssetId;
    use veilpay_protocol::nullifier::Nullifier;
    use veilpay_protocol::transaction::TxId;

    fn notes(values: &[u64]) -> Vec<OwnedNote> {
        let note = |(i, value): (usize, &u64)| OwnedNote {
            position: i as u32,
            owner: Owner::default(),
            diversifier: Diversifier::new([0; 16]),
            asset: AssetId::native(),
            value: *value,
            rcm: Fr::from(i as u64),
            nullifier: Nullifier::new(Fr::from(i as u64)),
            memo: None,
            height: 0,
            txid: TxId::new([0; 32]),
            from_self: false,
            spent: None,
        };
        values.iter().enumerate().map(note).collect()
    }

    fn values(chosen: Result<Vec<&OwnedNote>, WalletError>) -> Option<Vec<u64>> {
        chosen.ok().map(|notes| notes.iter().map(|note| note.value).collect())
    }

    #[test]
    fn the_fewest_notes_with_the_least_change_are_chosen() {
        let held = notes(&[5, 100, 30, 7, 60]);
        assert_eq!(values(choose(held.iter(), 6, 2)), Some(vec![7]));
        assert_eq!(values(choose(held.iter(), 101, 2)), Some(vec![100, 5]));
        assert_eq!(values(choose(held.iter(), 160, 2)), Some(vec![100, 60]));
        assert_eq!(values(choose(held.iter(), 0, 2)), Some(vec![]));
    }

    #[test]
    fn too_little_and_too_scattered_value_are_told_apart() {
        let held = notes(&[5, 5, 5]);
        assert!(matches!(
            choose(held.iter(), 16, 2),
            Err(WalletError::InsufficientFunds { needed: 16, spendable: 15 })
        ));
        assert!(matches!(choose(held.iter(), 15, 2), Err(WalletError::TooManyNotes)));
        let huge = notes(&[u64::MAX, u64::MAX]);
        assert_eq!(values(choose(huge.iter(), u64::MAX, 2)), Some(vec![u64::MAX]));
    }
}
