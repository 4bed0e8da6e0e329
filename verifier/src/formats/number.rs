//! Field elements as decimal text.

use core::fmt;

use ark_ff::{BigInt, PrimeField};

/// Digits of a number below the primes of BN254, at most.
const MAX_DIGITS: usize = 77;

/// Why a text is not a field element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NumberError {
    /// Nothing, or something else than the digits 0 to 9: a sign, white space, `0x`, a point.
    NotDecimal,
    /// A zero before other digits.
    LeadingZero,
    /// The number is not below its prime.
    NotBelowPrime,
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotDecimal => "not decimal digits alone",
            Self::LeadingZero => "a leading zero",
            Self::NotBelowPrime => "not below the prime of its field",
        })
    }
}

impl core::error::Error for NumberError {}

/// The element with this decimal text, which is the only one that it has.
pub(super) fn read<F: PrimeField<BigInt = BigInt<4>>>(text: &str) -> Result<F, NumberError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberError::NotDecimal);
    }
    if text.len() > 1 && text.starts_with('0') {
        return Err(NumberError::LeadingZero);
    }
    if text.len() > MAX_DIGITS {
        return Err(NumberError::NotBelowPrime);
    }
    // 10^77 is below 2^256: nothing is carried out of the last word.
    let mut words = [0u64; 4];
    for digit in text.bytes() {
        let mut carry = u128::from(digit - b'0');
        for word in &mut words {
            carry += u128::from(*word) * 10;
            *word = carry as u64;
            carry >>= 64;
        }
    }
    F::from_bigint(BigInt(words)).ok_or(NumberError::NotBelowPrime)
}
