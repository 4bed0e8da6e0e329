//! Objects of JSON with fixed keys, why JSON is refused, and its layout with an indentation of one blank.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::number::NumberError;
use crate::key::KeyError;
use crate::proof::ProofError;

/// Why JSON is refused, a variant per rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonError {
    /// Longer than any text of its kind.
    TooLong {
        /// Bytes at most.
        limit: usize,
    },
    /// Not JSON, or not an object or list as its kind has it.
    Form {
        /// The line at which that was seen, from 1 on.
        line: usize,
    },
    /// A key that its kind does not have.
    UnknownKey {
        /// Its place among the keys, from 0 on.
        index: usize,
    },
    /// A key occurs twice.
    DuplicateKey {
        /// Which.
        key: &'static str,
    },
    /// A key is missing.
    MissingKey {
        /// Which.
        key: &'static str,
    },
    /// A key's value is not of its form: strings in lists of the right lengths, or a number.
    Value {
        /// Which key's.
        key: &'static str,
    },
    /// Of another proof system than Groth16.
    Protocol,
    /// Over another curve than BN254, which snarkjs calls bn128.
    Curve,
    /// A number is not the decimal text of a number below its prime.
    Number {
        /// The key whose value it is in.
        key: &'static str,
        /// Which number of the value, in the order of the text.
        index: usize,
        /// Why.
        error: NumberError,
    },
    /// A point's last coordinate is not one. For the identity, which is refused everywhere, it is zero.
    NotAffine {
        /// The key whose value it is in.
        key: &'static str,
    },
    /// IC has not one point more than `nPublic` says.
    PublicCount {
        /// Points of IC.
        points: usize,
    },
    /// More public inputs than are read.
    TooManyInputs {
        /// How many at most.
        limit: usize,
    },
    /// `vk_alphabeta_12` is not the pairing of alpha and beta.
    AlphaBeta,
    /// The points are no proof.
    Proof(ProofError),
    /// The points are no key that is taken (S1).
    Key(KeyError),
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { limit } => write!(f, "longer than {limit} bytes"),
            Self::Form { line } => write!(f, "not JSON of the form that is read here (line {line})"),
            Self::UnknownKey { index } => write!(f, "key {index} of the object is none that is known"),
            Self::DuplicateKey { key } => write!(f, "{key} occurs twice"),
            Self::MissingKey { key } => write!(f, "{key} is missing"),
            Self::Value { key } => write!(f, "{key} is not of its form"),
            Self::Protocol => f.write_str("of another protocol than groth16"),
            Self::Curve => f.write_str("over another curve than bn128"),
            Self::Number { key, index, error } => write!(f, "{key}, number {index}: {error}"),
            Self::NotAffine { key } => write!(f, "{key}: a point whose last coordinate is not one"),
            Self::PublicCount { points } => write!(f, "{points} points of IC: not one more than nPublic"),
            Self::TooManyInputs { limit } => write!(f, "more than {limit} public inputs"),
            Self::AlphaBeta => f.write_str("vk_alphabeta_12 is not the pairing of alpha and beta"),
            Self::Proof(error) => error.fmt(f),
            Self::Key(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for JsonError {}

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        Self::Form { line: error.line() }
    }
}

/// The values of an object that has these keys and no others, each once at most.
pub(super) struct Object<'a, const N: usize> {
    keys: [&'static str; N],
    values: [Option<&'a RawValue>; N],
}

impl<'a, const N: usize> Object<'a, N> {
    /// Reads at most `limit` bytes.
    pub(super) fn read(bytes: &'a [u8], limit: usize, keys: [&'static str; N]) -> Result<Self, JsonError> {
        if bytes.len() > limit {
            return Err(JsonError::TooLong { limit });
        }
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        let read = deserializer.deserialize_map(Slots { keys })?;
        deserializer.end()?;
        read.map(|values| Self { keys, values })
    }

    /// The value of a key, read as `T`; none when the key is missing.
    pub(super) fn optional<T: Deserialize<'a>>(&self, key: &'static str) -> Result<Option<T>, JsonError> {
        let found = self.keys.iter().position(|known| *known == key).and_then(|slot| self.values[slot]);
        found.map(|raw| serde_json::from_str(raw.get()).map_err(|_| JsonError::Value { key })).transpose()
    }

    /// As [`Self::optional`], of a key that must be there.
    pub(super) fn required<T: Deserialize<'a>>(&self, key: &'static str) -> Result<T, JsonError> {
        self.optional(key)?.ok_or(JsonError::MissingKey { key })
    }
}

struct Slots<const N: usize> {
    keys: [&'static str; N],
}

impl<'de, const N: usize> Visitor<'de> for Slots<N> {
    type Value = Result<[Option<&'de RawValue>; N], JsonError>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = [None; N];
        let mut refused = None;
        let mut index = 0;
        while let Some((name, value)) = map.next_entry::<&'de str, &'de RawValue>()? {
            let rule = match self.keys.iter().position(|key| *key == name) {
                None => Some(JsonError::UnknownKey { index }),
                Some(slot) => {
                    let earlier = values[slot].replace(value);
                    earlier.map(|_| JsonError::DuplicateKey { key: self.keys[slot] })
                }
            };
            refused = refused.or(rule);
            index += 1;
        }
        Ok(refused.map_or(Ok(values), Err))
    }
}

/// What is written. `serde_json` indents only with `std`.
pub(super) enum Value {
    /// Text that needs no escapes.
    Text(String),
    Number(usize),
    List(Vec<Self>),
    Object(Vec<(&'static str, Self)>),
}

impl Value {
    pub(super) fn text(value: &impl ToString) -> Self {
        Self::Text(value.to_string())
    }

    pub(super) fn list(values: impl IntoIterator<Item = Self>) -> Self {
        Self::List(values.into_iter().collect())
    }

    /// JSON with an indentation of one blank, as JavaScript writes it.
    pub(super) fn pretty(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out
    }

    fn write(&self, out: &mut String, depth: usize) {
        match self {
            Self::Text(text) => out.extend(["\"", text, "\""]),
            Self::Number(number) => out.push_str(&number.to_string()),
            Self::List(values) => Self::write_all(out, depth, ["[", "]"], values.iter().map(|value| (None, value))),
            Self::Object(values) => {
                Self::write_all(out, depth, ["{", "}"], values.iter().map(|(key, value)| (Some(*key), value)));
            }
        }
    }

    fn write_all<'a>(
        out: &mut String,
        depth: usize,
        [open, close]: [&str; 2],
        values: impl ExactSizeIterator<Item = (Option<&'static str>, &'a Self)>,
    ) {
        let (mut separator, empty) = ("\n", values.len() == 0);
        out.push_str(open);
        for (key, value) in values {
            out.push_str(separator);
            out.extend(core::iter::repeat_n(' ', depth + 1));
            if let Some(key) = key {
                out.extend(["\"", key, "\": "]);
            }
            value.write(out, depth + 1);
            separator = ",\n";
        }
        if !empty {
            out.push('\n');
            out.extend(core::iter::repeat_n(' ', depth));
        }
        out.push_str(close);
    }
}
