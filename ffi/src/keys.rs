//! A node's verifying keys, by circuit and version: one version may be drained while another is active.

use veilpay_ledger::RegisteredKeys;
use veilpay_protocol::circuit::CircuitId;
use veilpay_verifier::{PreparedVerifyingKey, VerifyError, VerifyingKey};

use crate::status::{Failure, VeilpayStatus};

/// One key per circuit and version.
pub(crate) struct Keys(RegisteredKeys);

impl Keys {
    /// Takes keys of any versions that obey S1; no version twice, and no key's points twice.
    ///
    /// A key that only looks different (alpha times s, beta over s) is not recognised, as nowhere in Veilpay.
    pub(crate) fn new(keys: &[VerifyingKey]) -> Result<Self, Failure> {
        let mut prepared = Vec::new();
        for (position, key) in keys.iter().enumerate() {
            let (circuit, version) = (key.info().circuit, key.info().version);
            let earlier = &keys[..position];
            if earlier.iter().any(|key| (key.info().circuit, key.info().version) == (circuit, version)) {
                return Err(Failure::key(format!("two keys for version {version} of {circuit}")));
            }
            if let Some(same) = earlier.iter().find(|earlier| earlier.points() == key.points()) {
                let (of, earlier) = (same.info().circuit, same.info().version);
                return Err(Failure::key(format!(
                    "the key of version {version} of {circuit} is that of version {earlier} of {of}"
                )));
            }
            prepared.push(PreparedVerifyingKey::of_any_version(key)?);
        }
        Ok(Self(prepared.into_iter().collect()))
    }

    /// What transactions are verified with.
    pub(crate) const fn verifier(&self) -> &RegisteredKeys {
        &self.0
    }

    /// The key of a circuit's version, by the circuit's code.
    pub(crate) fn get(&self, code: u8, version: u16) -> Result<&PreparedVerifyingKey, Failure> {
        let circuit = CircuitId::from_code(code);
        let circuit = circuit.ok_or_else(|| Failure::new(VeilpayStatus::Index, "no circuit has this code"))?;
        Ok(self.0.get(circuit, version).ok_or(VerifyError::NoKey)?)
    }
}
