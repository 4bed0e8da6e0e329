//! Randomness, from the operating system alone.

use ark_ff::PrimeField;
use rand_core::{OsRng, RngCore};
use veilpay_protocol::field::Fr;
use zeroize::Zeroizing;

/// The operating system gave no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoEntropy;

/// Fresh random bytes.
pub(crate) fn bytes<const N: usize>() -> Result<Zeroizing<[u8; N]>, NoEntropy> {
    let mut out = Zeroizing::new([0; N]);
    OsRng.try_fill_bytes(&mut *out).map_err(|_| NoEntropy)?;
    Ok(out)
}

/// A fresh scalar, uniform up to 2^-250: 512 bits reduced.
pub(crate) fn scalar() -> Result<Zeroizing<Fr>, NoEntropy> {
    Ok(Zeroizing::new(Fr::from_le_bytes_mod_order(&*bytes::<64>()?)))
}
