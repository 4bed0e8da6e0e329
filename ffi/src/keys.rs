//! A node's verifying keys, by circuit and version: one version may be drained while another is active.

use std::collections::BTreeMap;

use veilpay_ledger::{ProofRejected, ProofVerifier};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::statement::Statement;
use veilpay_protocol::transaction::PROOF_LENGTH;
use veilpay_protocol::transfer::TransferStatement;
use veilpay_verifier::{PreparedVerifyingKey, VerifyError, VerifyingKey};

use crate::status::{Failure, VeilpayStatus};

/// One key per circuit and version.
pub(crate) struct Keys(BTreeMap<(CircuitId, u16), PreparedVerifyingKey>);

impl Keys {
    /// Takes keys of any versions that obey S1; no version twice, and no key's points twice.
    ///
    /// A key that only looks different (alpha times s, beta over s) is not recognised, as nowhere in Veilpay.
    pub(crate) fn new(keys: &[VerifyingKey]) -> Result<Self, Failure> {
        let mut prepared = BTreeMap::new();
        for (position, key) in keys.iter().enumerate() {
            let (circuit, version) = (key.info().circuit, key.info().version);
            if prepared.contains_key(&(circuit, version)) {
                return Err(Failure::key(format!("two keys for version {version} of {circuit}")));
            }
            if let Some(same) = keys[..position].iter().find(|earlier| earlier.points() == key.points()) {
                let (of, earlier) = (same.info().circuit, same.info().version);
                return Err(Failure::key(format!(
                    "the key of version {version} of {circuit} is that of version {earlier} of {of}"
                )));
            }
            prepared.insert((circuit, version), PreparedVerifyingKey::of_any_version(key)?);
        }
        Ok(Self(prepared))
    }

    /// The key of a circuit's version, by the circuit's code.
    pub(crate) fn get(&self, code: u8, version: u16) -> Result<&PreparedVerifyingKey, Failure> {
        let circuit = CircuitId::from_code(code);
        let circuit = circuit.ok_or_else(|| Failure::new(VeilpayStatus::Index, "no circuit has this code"))?;
        Ok(self.0.get(&(circuit, version)).ok_or(VerifyError::NoKey)?)
    }
}

impl ProofVerifier for Keys {
    fn vk_digest(&self, circuit: CircuitId, version: u16) -> Option<[u8; 32]> {
        self.0.get(&(circuit, version)).map(|key| *key.digest())
    }

    fn verify(
        &self,
        statement: &TransferStatement,
        version: u16,
        proof: &[u8; PROOF_LENGTH],
    ) -> Result<(), ProofRejected> {
        let key = self.0.get(&(statement.circuit(), version)).ok_or(ProofRejected)?;
        key.verify_bytes(&Statement::Transfer(statement.clone()), proof).map_err(|_| ProofRejected)
    }
}
