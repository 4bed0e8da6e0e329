//! Field elements and their one canonical encoding.
//!
//! `Fr` is the scalar field of BN254 (modulus r, 254 bits), in which every circuit works; it is also the base field of
//! Baby Jubjub. `Fs` is the scalar field of Baby Jubjub's prime subgroup (modulus l, 251 bits).
//! On the wire an element is 32 bytes big-endian and below its modulus (in JSON `0x` and 64 lowercase hex digits).
//! Anything else is refused, never reduced: an alias `x + r` of a nullifier would be a second nullifier.

use alloc::string::String;
use core::fmt;

use ark_ff::{BigInteger, PrimeField};

/// The scalar field of BN254, modulus r.
pub type Fr = ark_bn254::Fr;
/// The scalar field of Baby Jubjub's prime subgroup, modulus l.
pub type Fs = ark_ed_on_bn254::Fr;

/// Why an encoding of a field element was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldError {
    /// The integer is not below the modulus.
    NotCanonical,
    /// The text is not `0x` followed by 64 lowercase hexadecimal digits.
    BadHex,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotCanonical => "field element is not below its modulus",
            Self::BadHex => "field element is not 0x and 64 lowercase hex digits",
        })
    }
}

impl core::error::Error for FieldError {}

fn to_be<F: PrimeField>(x: F) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(&x.into_bigint().to_bytes_be());
    out
}

fn from_be<F: PrimeField<BigInt = ark_ff::BigInt<4>>>(bytes: &[u8; 32]) -> Result<F, FieldError> {
    let mut limbs = [0u64; 4];
    for (limb, chunk) in limbs.iter_mut().rev().zip(bytes.chunks_exact(8)) {
        *limb = chunk.iter().fold(0, |acc, byte| (acc << 8) | u64::from(*byte));
    }
    F::from_bigint(ark_ff::BigInt(limbs)).ok_or(FieldError::NotCanonical)
}

/// Encodes an element of `Fr` as 32 bytes big-endian.
#[must_use]
pub fn fr_to_bytes(x: &Fr) -> [u8; 32] {
    to_be(*x)
}

/// Decodes 32 bytes big-endian.
///
/// # Errors
/// [`FieldError::NotCanonical`] when the integer is r or more.
pub fn fr_from_bytes(bytes: &[u8; 32]) -> Result<Fr, FieldError> {
    from_be(bytes)
}

/// Encodes a scalar of Baby Jubjub as 32 bytes big-endian.
#[must_use]
pub fn fs_to_bytes(x: &Fs) -> [u8; 32] {
    to_be(*x)
}

/// Decodes a scalar of Baby Jubjub, 32 bytes big-endian.
///
/// # Errors
/// [`FieldError::NotCanonical`] when the integer is l or more.
pub fn fs_from_bytes(bytes: &[u8; 32]) -> Result<Fs, FieldError> {
    from_be(bytes)
}

/// `0x` and 64 lowercase hex digits.
#[must_use]
pub fn bytes_to_hex(bytes: &[u8; 32]) -> String {
    alloc::format!("0x{}", hex::encode(bytes))
}

/// Reads exactly `0x` and 64 lowercase hex digits.
///
/// # Errors
/// [`FieldError::BadHex`] for any other text.
pub fn bytes_from_hex(text: &str) -> Result<[u8; 32], FieldError> {
    let digits = text.strip_prefix("0x").ok_or(FieldError::BadHex)?;
    if digits.len() != 64 || !digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(FieldError::BadHex);
    }
    let mut out = [0; 32];
    hex::decode_to_slice(digits, &mut out).map_err(|_| FieldError::BadHex)?;
    Ok(out)
}

/// The hex text of an element of `Fr`.
#[must_use]
pub fn fr_to_hex(x: &Fr) -> String {
    bytes_to_hex(&fr_to_bytes(x))
}

/// Reads an element of `Fr` from its hex text.
///
/// # Errors
/// [`FieldError`] when the text or the integer is not canonical.
pub fn fr_from_hex(text: &str) -> Result<Fr, FieldError> {
    fr_from_bytes(&bytes_from_hex(text)?)
}

/// 2^`exponent` as a field element; `exponent` below 254.
#[must_use]
pub fn power_of_two(exponent: u32) -> Fr {
    debug_assert!(exponent < 254, "2^exponent must not wrap");
    let mut limbs = [0u64; 4];
    limbs[(exponent / 64) as usize] = 1 << (exponent % 64);
    Fr::new(ark_ff::BigInt(limbs))
}

/// Defines a public value that is one field element: private field, canonical codec, hex `Debug`.
macro_rules! field_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($crate::field::Fr);

        impl $name {
            /// Takes a field element as this value.
            #[must_use]
            pub const fn new(value: $crate::field::Fr) -> Self {
                Self(value)
            }

            /// The field element.
            #[must_use]
            pub const fn to_field(self) -> $crate::field::Fr {
                self.0
            }

            /// 32 bytes big-endian.
            #[must_use]
            pub fn to_bytes(self) -> [u8; 32] {
                $crate::field::fr_to_bytes(&self.0)
            }

            /// Decodes 32 canonical bytes.
            ///
            /// # Errors
            /// [`FieldError::NotCanonical`]($crate::field::FieldError::NotCanonical) when the integer is r or more.
            pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, $crate::field::FieldError> {
                $crate::field::fr_from_bytes(bytes).map(Self)
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "{}({})", stringify!($name), $crate::field::fr_to_hex(&self.0))
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(&$crate::field::fr_to_hex(&self.0))
            }
        }

        impl core::str::FromStr for $name {
            type Err = $crate::field::FieldError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::field::fr_from_hex(text).map(Self)
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::serde_text::fr::serialize(&self.0, serializer)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::serde_text::fr::deserialize(deserializer).map(Self)
            }
        }
    };
}
pub(crate) use field_newtype;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use ark_ff::{Field, One};

    #[test]
    fn an_element_round_trips_and_its_alias_is_refused() {
        for x in [Fr::from(0u64), Fr::one(), -Fr::one(), power_of_two(253)] {
            assert_eq!(fr_from_bytes(&fr_to_bytes(&x)), Ok(x));
            assert_eq!(fr_from_hex(&fr_to_hex(&x)), Ok(x));
        }
        let modulus: [u8; 32] = Fr::MODULUS.to_bytes_be().try_into().expect("r has 32 bytes");
        assert_eq!(fr_from_bytes(&modulus), Err(FieldError::NotCanonical));
        assert_eq!(fr_from_bytes(&[0xff; 32]), Err(FieldError::NotCanonical));
        let order: [u8; 32] = Fs::MODULUS.to_bytes_be().try_into().expect("l has 32 bytes");
        assert_eq!(fs_from_bytes(&order), Err(FieldError::NotCanonical));
        assert_eq!(fs_from_bytes(&fs_to_bytes(&-Fs::one())), Ok(-Fs::one()));
    }

    #[test]
    fn only_lowercase_prefixed_full_length_hex_is_read() {
        let good = fr_to_hex(&Fr::from(0xabcu64));
        assert!(fr_from_hex(&good).is_ok());
        for bad in [
            good[2..].to_string(),
            good.to_uppercase(),
            good.replace("0x", "0X"),
            good[..65].to_string(),
            alloc::format!("{good}0"),
            alloc::format!(" {good}"),
            "-1".to_string(),
            "5".to_string(),
        ] {
            assert_eq!(fr_from_hex(&bad), Err(FieldError::BadHex), "{bad}");
        }
    }

    #[test]
    fn powers_of_two_are_those_of_the_field() {
        for e in [0u32, 1, 63, 64, 128, 253] {
            assert_eq!(power_of_two(e), Fr::from(2u64).pow([u64::from(e)]));
        }
    }
}
