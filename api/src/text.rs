//! Bytes as base64, times as RFC 3339, 32-byte values and digests of other lengths as `0x` and lowercase hex.

use core::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes, in JSON standard base64 with padding.
#[derive(Clone, PartialEq, Eq)]
pub struct Base64(pub Vec<u8>);

impl fmt::Debug for Base64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Base64({} bytes)", self.0.len())
    }
}

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Self).map_err(|_| D::Error::custom("bytes are standard base64 with padding"))
    }
}

/// A time in whole unix seconds, in JSON RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// The system's clock; the unix epoch for a clock set before it.
    #[must_use]
    pub fn now() -> Self {
        Self(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(self.0)).fmt(f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        humantime::parse_rfc3339(&text)
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
            .map(|since| Self(since.as_secs()))
            .ok_or_else(|| D::Error::custom("a time is RFC 3339 in UTC"))
    }
}

/// 32 bytes, in JSON `0x` and 64 lowercase hex digits: keys of transparent accounts, digests.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hex32(pub [u8; 32]);

impl fmt::Display for Hex32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&veilpay_protocol::field::bytes_to_hex(&self.0))
    }
}

impl fmt::Debug for Hex32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hex32({self})")
    }
}

impl core::str::FromStr for Hex32 {
    type Err = veilpay_protocol::field::FieldError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        veilpay_protocol::field::bytes_from_hex(text).map(Self)
    }
}

impl Serialize for Hex32 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hex32 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| D::Error::custom("32 bytes are 0x and 64 lowercase hex digits"))
    }
}

/// Bytes of any length, in JSON `0x` and two lowercase hex digits each.
#[derive(Clone, PartialEq, Eq)]
pub struct HexBytes(pub Vec<u8>);

impl fmt::Display for HexBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for HexBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HexBytes({self})")
    }
}

impl Serialize for HexBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HexBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digit = |digit: u8| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        };
        let byte = |pair: &[u8; 2]| Some(16 * digit(pair[0])? + digit(pair[1])?);
        let bytes = text.strip_prefix("0x").and_then(|digits| match digits.as_bytes().as_chunks() {
            (pairs, []) => pairs.iter().map(byte).collect(),
            _ => None,
        });
        bytes.map(Self).ok_or_else(|| D::Error::custom("bytes are 0x and pairs of lowercase hex digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_times_and_digests_round_trip_as_text() {
        let json = serde_json::to_string(&(Base64(vec![1, 2, 255]), Timestamp(1_790_000_000), Hex32([7; 32])));
        let json = json.expect("plain values");
        assert!(json.contains("\"AQL/\"") && json.contains("\"2026-09-21T14:13:20Z\""), "{json}");
        let back: (Base64, Timestamp, Hex32) = serde_json::from_str(&json).expect("its own text");
        assert_eq!(back, (Base64(vec![1, 2, 255]), Timestamp(1_790_000_000), Hex32([7; 32])));
        assert!(serde_json::from_str::<Timestamp>("\"yesterday\"").is_err());
        assert!(serde_json::from_str::<Hex32>("\"0xAB\"").is_err());
        assert!(serde_json::from_str::<Base64>("\"AQL\"").is_err());
        let bytes = HexBytes(vec![0, 0xab, 9]);
        assert_eq!(bytes.to_string(), "0x00ab09");
        assert_eq!(serde_json::from_str::<HexBytes>("\"0x00ab09\"").expect("its own text"), bytes);
        for wrong in ["\"0x0\"", "\"00\"", "\"0xAB\"", "\"0x0g\""] {
            assert!(serde_json::from_str::<HexBytes>(wrong).is_err(), "{wrong}");
        }
    }
}
