//! How values look in JSON: field elements `0x` and 64 lowercase hex digits, points likewise, integers as decimal text.
//! Used through `#[serde(with = ...)]`; every reader refuses what is not canonical.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Display;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::field::Fr;

/// The text of a value, which erases itself: it may be a secret's.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(deserializer).map(Zeroizing::new)
}

/// Errors name the rule and never quote the value: it may be a secret.
fn refuse<E: serde::de::Error>(rule: impl Display) -> E {
    E::custom(rule)
}

/// An element of `Fr`.
pub mod fr {
    use super::*;
    use crate::field::{fr_from_hex, fr_to_hex};

    /// Writes `0x` and 64 digits.
    pub fn serialize<S: Serializer>(x: &Fr, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&fr_to_hex(x))
    }

    /// Reads `0x` and 64 digits.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fr, D::Error> {
        fr_from_hex(&text(deserializer)?).map_err(refuse)
    }
}

/// A list of elements of `Fr`.
pub mod frs {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Element(#[serde(with = "super::fr")] Fr);

    /// Writes a list of hex texts.
    pub fn serialize<S: Serializer>(xs: &[Fr], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(xs.iter().map(|x| Element(*x)))
    }

    /// Reads a list of hex texts.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Fr>, D::Error> {
        Ok(Vec::<Element>::deserialize(deserializer)?.into_iter().map(|x| x.0).collect())
    }
}

/// The siblings of a Merkle path, per level.
pub mod siblings {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Level(#[serde(with = "super::frs")] Vec<Fr>);

    /// Writes a list of levels of three.
    pub fn serialize<S: Serializer, const D: usize>(x: &[[Fr; 3]; D], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(x.iter().map(|level| Level(level.to_vec())))
    }

    /// Reads exactly `D` levels of three.
    pub fn deserialize<'de, De: Deserializer<'de>, const D: usize>(
        deserializer: De,
    ) -> Result<[[Fr; 3]; D], De::Error> {
        let levels = Vec::<Level>::deserialize(deserializer)?;
        let levels: Vec<[Fr; 3]> = levels
            .into_iter()
            .map(|level| level.0.try_into().map_err(|_| De::Error::custom("a level has three siblings")))
            .collect::<Result<_, _>>()?;
        levels.try_into().map_err(|_| De::Error::custom("a path has one level per depth of its tree"))
    }
}

/// A point of Baby Jubjub.
pub mod point {
    use super::*;
    use crate::curve::{Point, PointError, point_from_bytes, point_to_bytes};
    use crate::field::{bytes_from_hex, bytes_to_hex};

    /// Writes `0x` and 64 digits.
    pub fn serialize<S: Serializer>(x: &Point, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&bytes_to_hex(&point_to_bytes(x)))
    }

    /// Reads a point of the prime subgroup that is not the identity.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Point, D::Error> {
        let bytes = bytes_from_hex(&text(deserializer)?).map_err(PointError::from);
        bytes.and_then(|bytes| point_from_bytes(&bytes)).map_err(refuse)
    }
}

/// A scalar of Baby Jubjub.
pub mod fs {
    use super::*;
    use crate::field::{Fs, bytes_from_hex, bytes_to_hex, fs_from_bytes, fs_to_bytes};

    /// Writes `0x` and 64 digits.
    pub fn serialize<S: Serializer>(x: &Fs, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&bytes_to_hex(&fs_to_bytes(x)))
    }

    /// Reads a canonical scalar.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fs, D::Error> {
        bytes_from_hex(&text(deserializer)?).and_then(|bytes| fs_from_bytes(&bytes)).map_err(refuse)
    }
}

/// An unsigned integer as decimal text: digits alone, no sign, no leading zero.
pub mod decimal {
    use super::*;

    /// Writes decimal digits.
    pub fn serialize<S: Serializer, T: Display>(x: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&x.to_string())
    }

    /// Reads decimal digits.
    pub fn deserialize<'de, D: Deserializer<'de>, T: TryFrom<u128>>(deserializer: D) -> Result<T, D::Error> {
        let text = text(deserializer)?;
        let canonical = !text.is_empty()
            && text.bytes().all(|b| b.is_ascii_digit())
            && (text.as_str() == "0" || !text.starts_with('0'));
        canonical
            .then(|| text.parse::<u128>().ok())
            .flatten()
            .and_then(|x| T::try_from(x).ok())
            .ok_or_else(|| refuse("an integer is decimal text without sign or leading zero, within its range"))
    }
}

/// A byte string of fixed length as hex text after `0x`.
pub mod bytes {
    use super::*;

    /// Writes `0x` and lowercase hex.
    pub fn serialize<S: Serializer>(x: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&alloc::format!("0x{}", hex::encode(x)))
    }

    /// Reads `0x` and lowercase hex of exactly the right length.
    pub fn deserialize<'de, D: Deserializer<'de>, T: TryFrom<Vec<u8>>>(deserializer: D) -> Result<T, D::Error> {
        let text = text(deserializer)?;
        text.strip_prefix("0x")
            .filter(|digits| !digits.bytes().any(|b| b.is_ascii_uppercase()))
            .and_then(|digits| hex::decode(digits).ok())
            .and_then(|bytes| T::try_from(bytes).ok())
            .ok_or_else(|| refuse("a byte string is 0x and lowercase hex of its exact length"))
    }
}
