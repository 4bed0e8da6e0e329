//! What a digest is pinned for: a circuit's version, `transfer_2x3/2`; a circuit alone is the version of this code.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};
use veilpay_protocol::circuit::CircuitId;
use veilpay_verifier::KeyInfo;

/// A circuit's version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pin {
    circuit: CircuitId,
    version: u16,
}

impl From<CircuitId> for Pin {
    fn from(circuit: CircuitId) -> Self {
        Self { circuit, version: circuit.version() }
    }
}

impl From<&KeyInfo> for Pin {
    fn from(info: &KeyInfo) -> Self {
        Self { circuit: info.circuit, version: info.version }
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::from(self.circuit) {
            return self.circuit.fmt(f);
        }
        write!(f, "{}/{}", self.circuit, self.version)
    }
}

impl From<Pin> for String {
    fn from(pin: Pin) -> Self {
        pin.to_string()
    }
}

/// The text names no circuit's version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPin;

impl fmt::Display for NoPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a digest is pinned for a circuit, or for a circuit, `/` and another version than the one of this code",
        )
    }
}

impl core::error::Error for NoPin {}

impl FromStr for Pin {
    type Err = NoPin;

    fn from_str(text: &str) -> Result<Self, NoPin> {
        let (circuit, version) = text.split_once('/').map_or((text, None), |(name, version)| (name, Some(version)));
        let circuit: CircuitId = circuit.parse().map_err(|_| NoPin)?;
        let Some(version) = version else { return Ok(circuit.into()) };
        // One text for each, so that no table names one twice.
        let pin = version_of(version).map(|version| Self { circuit, version });
        pin.filter(|pin| *pin != circuit.into()).ok_or(NoPin)
    }
}

impl TryFrom<String> for Pin {
    type Error = NoPin;

    fn try_from(text: String) -> Result<Self, NoPin> {
        text.parse()
    }
}

/// The version that a text names in the one way that it is written; 0 is none.
#[must_use]
pub fn version_of(text: &str) -> Option<u16> {
    text.parse().ok().filter(|version: &u16| *version > 0 && version.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_a_circuit_with_or_without_a_version() {
        let circuit = CircuitId::Transfer2x3;
        assert_eq!("transfer_2x3".parse(), Ok(Pin::from(circuit)));
        assert_eq!("transfer_2x3/2".parse(), Ok(Pin { circuit, version: 2 }));
        for text in ["transfer_2x3", "transfer_2x3/2"] {
            assert_eq!(text.parse::<Pin>().map(String::from).as_deref(), Ok(text));
        }
        for wrong in [
            "",
            "nothing",
            "transfer_2x3/",
            "transfer_2x3/0",
            "transfer_2x3/1",
            "transfer_2x3/+2",
            "transfer_2x3/02",
            "enrol/65536",
        ] {
            assert_eq!(wrong.parse::<Pin>(), Err(NoPin), "{wrong}");
        }
    }
}
