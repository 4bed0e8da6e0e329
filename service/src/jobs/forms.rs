//! A finished proof with its public inputs, in the forms of those who verify it elsewhere.

use serde::{Deserialize, Serialize};
use veilpay_api::circuits::{ProofText, VerifyRequest};
use veilpay_api::problem::{Code, Problem};
use veilpay_api::proofs::EvmProof;
use veilpay_api::text::{Base64, Hex32, HexBytes};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::{Fr, fr_to_bytes};
use veilpay_verifier::Proof;
use veilpay_verifier::formats::{evm, snarkjs};

/// A form of a proof: `?format=`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProofForm {
    /// What `POST /v1/verify` takes.
    #[default]
    Native,
    /// What `snarkjs.groth16.fullProve` returns: `{"proof", "publicSignals"}`.
    Snarkjs,
    /// The bytes of EIP-197, and a call of `verifyProof`.
    Evm,
}

/// A proof that a job made, with what it proves.
#[derive(Clone, Debug)]
pub struct MadeProof {
    /// The circuit.
    pub circuit: CircuitId,
    /// The public inputs in order.
    pub inputs: Vec<Fr>,
    /// The proof, 128 bytes.
    pub proof: Vec<u8>,
}

impl MadeProof {
    /// The proof in a form, as JSON.
    ///
    /// # Errors
    /// [`Code::Internal`] when the bytes are no proof, which those of a worker always are.
    pub fn to_json(&self, form: ProofForm) -> Result<Vec<u8>, Problem> {
        let proof = || Proof::from_bytes(&self.proof).map_err(|_| fault());
        match form {
            ProofForm::Native => json(&VerifyRequest {
                circuit: self.circuit,
                version: None,
                public_inputs: self.inputs.iter().map(|x| Hex32(fr_to_bytes(x))).collect(),
                proof: ProofText::Native(Base64(self.proof.clone())),
            }),
            ProofForm::Snarkjs => {
                let (proof, inputs) = (snarkjs::write_proof(&proof()?), snarkjs::write_public(&self.inputs));
                Ok(format!("{{\"proof\": {proof}, \"publicSignals\": {inputs}}}").into_bytes())
            }
            ProofForm::Evm => {
                let proof = proof()?;
                let calldata = HexBytes(evm::calldata(&proof, &self.inputs));
                json(&EvmProof { proof: HexBytes(evm::proof_to_bytes(&proof).to_vec()), calldata })
            }
        }
    }
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(value).map_err(|_| fault())
}

fn fault() -> Problem {
    Problem::new(Code::Internal, "the proof has no such form")
}
