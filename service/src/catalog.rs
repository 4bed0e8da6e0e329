//! The circuits that a service serves, with the keys that proofs are verified under.

use core::fmt;

use veilpay_api::circuits::{
    BatchVerdict, Ceremony, Circuit, CircuitVersion, InvalidProof, ProofText, Verdict, VerificationKey,
    VerifyBatchRequest, VerifyRequest,
};
use veilpay_api::problem::{Code, Problem};
use veilpay_api::text::{Base64, Hex32};
use veilpay_ledger::RegisteredKeys;
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::{Fr, fr_from_bytes};
use veilpay_verifier::formats::snarkjs;
use veilpay_verifier::formats::solidity::{self, SolidityError};
use veilpay_verifier::{
    Batch, BatchError, KeyError, PreparedVerifyingKey, Refusal, Setup, Verifier, VerifyError, VerifyingKey,
};

/// A circuit's figures, which its verifying key does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Rank-1 constraints.
    pub constraints: usize,
    /// Wires, the constant one and the public inputs among them.
    pub wires: usize,
    /// The evaluation domain's size, as a power of two.
    pub domain_log2: u32,
}

/// A circuit that is served, as it is shown.
#[derive(Clone, Debug)]
pub struct Served {
    /// Figures and digests.
    pub circuit: Circuit,
    /// The verifying key.
    pub key: KeyForms,
}

/// A verifying key in the forms that it is shown in.
#[derive(Clone, Debug)]
pub struct KeyForms {
    /// The native encoding.
    pub native: VerificationKey,
    /// `verification_key.json` of snarkjs.
    pub snarkjs: String,
    /// A contract that verifies under the key.
    pub solidity: String,
}

impl KeyForms {
    /// The forms of a key.
    ///
    /// # Errors
    /// [`SolidityError`] for a key that no contract can be made of.
    pub fn of(key: &VerifyingKey) -> Result<Self, SolidityError> {
        let info = key.info();
        let (setup, digest) = (setup_name(info.setup).to_owned(), Hex32(key.digest()));
        let (circuit, version, bytes) = (info.circuit, info.version, Base64(key.to_bytes()));
        Ok(Self {
            native: VerificationKey { circuit, version, setup, digest, key: bytes },
            snarkjs: snarkjs::write_key(key.points()),
            solidity: solidity::verifier(key.points(), CONTRACT_NAME, info.into())?,
        })
    }
}

/// Why keys cannot be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CatalogError {
    /// S1: a key is refused.
    Key(KeyError),
    /// No contract can be made of a key.
    Solidity(SolidityError),
    /// S2: a key comes from an insecure dev setup, and those are not allowed.
    InsecureDevKey(CircuitId),
}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(error) => error.fmt(f),
            Self::Solidity(error) => error.fmt(f),
            Self::InsecureDevKey(circuit) => {
                write!(
                    f,
                    "S2: the key of {circuit} comes from an insecure dev setup; --allow-insecure-dev-keys takes it"
                )
            }
        }
    }
}

impl core::error::Error for CatalogError {}

impl From<KeyError> for CatalogError {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}

impl From<SolidityError> for CatalogError {
    fn from(error: SolidityError) -> Self {
        Self::Solidity(error)
    }
}

/// The name of a served contract, the one that snarkjs gives.
const CONTRACT_NAME: &str = "Groth16Verifier";

/// The circuits that are served.
#[derive(Clone, Debug)]
pub struct Catalog {
    served: Vec<Served>,
    verifier: Verifier,
}

/// The name of a setup in JSON.
#[must_use]
pub const fn setup_name(setup: Setup) -> &'static str {
    match setup {
        Setup::Dev => "dev",
        Setup::Ceremony => "ceremony",
    }
}

impl Catalog {
    /// Checks the keys (S1) and takes those of a dev setup only when allowed (S2), with a warning in the log.
    ///
    /// # Errors
    /// [`CatalogError`].
    pub fn new<'a>(
        keys: impl IntoIterator<Item = (&'a VerifyingKey, Figures, Option<Ceremony>)>,
        allow_insecure_dev_keys: bool,
    ) -> Result<Self, CatalogError> {
        let (mut served, mut prepared) = (Vec::new(), Vec::new());
        for (key, figures, ceremony) in keys {
            let info = key.info();
            if info.setup == Setup::Dev {
                if !allow_insecure_dev_keys {
                    return Err(CatalogError::InsecureDevKey(info.circuit));
                }
                tracing::warn!(circuit = %info.circuit, "INSECURE key of a dev setup: whoever made it can forge proofs");
            }
            prepared.push(PreparedVerifyingKey::new(key)?);
            served.push(Served::new(key, figures, ceremony)?);
        }
        Ok(Self { served, verifier: Verifier::new(prepared)? })
    }

    /// The keys, as the ledger verifies with them.
    #[must_use]
    pub const fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// A circuit that is served.
    #[must_use]
    pub fn served(&self, circuit: CircuitId) -> Option<&Served> {
        self.iter().find(|served| served.circuit.id == circuit)
    }

    /// The circuits that are served.
    pub fn iter(&self) -> impl Iterator<Item = &Served> {
        self.served.iter()
    }

    /// A version as the ledger shows it, with the digest of its key where that is one of those served.
    #[must_use]
    pub fn completed(&self, mut version: CircuitVersion) -> CircuitVersion {
        if let Some(served) = self.served(version.circuit).filter(|served| served.circuit.version == version.version) {
            version.vk_digest = version.vk_digest.or(served.circuit.vk_digest);
            version.setup = version.setup.or_else(|| served.circuit.setup.clone());
        }
        version
    }

    /// Whether a key has the points of one that is served for its circuit.
    #[must_use]
    pub fn has_points_of(&self, key: &VerifyingKey) -> bool {
        let served =
            self.served(key.info().circuit).and_then(|served| VerifyingKey::from_bytes(&served.key.native.key.0).ok());
        served.is_some_and(|served| served.points() == key.points())
    }

    /// Verifies a proof from outside, under the key that is served or, for another version, that in `keys`.
    ///
    /// # Errors
    /// [`Code::NotFound`] for a circuit or version without a key; [`Code::Malformed`] for an input that is not canonical.
    pub fn verify(&self, request: &VerifyRequest, keys: &RegisteredKeys) -> Result<Verdict, Problem> {
        let (key, inputs) = self.read(request, keys, "")?;
        Ok(match key.verify_inputs_bytes(&inputs, &proof_bytes(&request.proof)) {
            Ok(()) => Verdict { valid: true, rule: None },
            Err(error) => Verdict { valid: false, rule: Some(rule(&error).to_owned()) },
        })
    }

    /// Verifies proofs from outside together; the verdict says which of them do not hold.
    ///
    /// # Errors
    /// As [`Self::verify`], for the first proof of which it is so; [`Code::Internal`] without the system's randomness.
    pub fn verify_batch(&self, request: &VerifyBatchRequest, keys: &RegisteredKeys) -> Result<BatchVerdict, Problem> {
        let mut batch = Batch::new();
        for (i, request) in request.proofs.iter().enumerate() {
            let (key, inputs) = self.read(request, keys, &format!("/proofs/{i}"))?;
            batch.push_inputs(key, &inputs, &proof_bytes(&request.proof));
        }
        let named = |refusal: &Refusal| InvalidProof { index: refusal.index, rule: rule(&refusal.error).to_owned() };
        match batch.verify() {
            Ok(()) => Ok(BatchVerdict { valid: true, invalid: Vec::new() }),
            Err(BatchError::Refused(refusals)) => {
                Ok(BatchVerdict { valid: false, invalid: refusals.iter().map(named).collect() })
            }
            Err(_) => Err(Problem::new(Code::Internal, "the system gives no randomness")),
        }
    }

    /// The key of a circuit's version; without a version, the one that is served.
    fn key<'a>(
        &'a self,
        circuit: CircuitId,
        version: Option<u16>,
        keys: &'a RegisteredKeys,
    ) -> Option<&'a PreparedVerifyingKey> {
        let served = self.verifier.key(circuit).filter(|key| version.is_none_or(|named| named == key.info().version));
        served.or_else(|| keys.get(circuit, version?))
    }

    /// Whether a request is about a key that is served, or none: not one of a version that came in.
    #[must_use]
    pub fn answers_alone(&self, request: &VerifyRequest) -> bool {
        request.version.is_none() || self.key(request.circuit, request.version, &RegisteredKeys::default()).is_some()
    }

    /// The key of a request, and its inputs; `at` is where in the body the request is.
    fn read<'a>(
        &'a self,
        request: &VerifyRequest,
        keys: &'a RegisteredKeys,
        at: &str,
    ) -> Result<(&'a PreparedVerifyingKey, Vec<Fr>), Problem> {
        let key = self.key(request.circuit, request.version, keys).ok_or_else(|| {
            let problem = Problem::new(Code::NotFound, "this service has no key for the circuit");
            let field = if self.verifier.key(request.circuit).is_some() { "version" } else { "circuit" };
            problem.with_field(format!("{at}/{field}"), "not served here")
        })?;
        let input = |(i, bytes): (usize, &Hex32)| {
            fr_from_bytes(&bytes.0).map_err(|error| {
                let problem = Problem::new(Code::Malformed, "a public input is no field element");
                problem.with_field(format!("{at}/public_inputs/{i}"), error.to_string())
            })
        };
        let inputs = request.public_inputs.iter().enumerate().map(input).collect::<Result<Vec<Fr>, _>>()?;
        Ok((key, inputs))
    }
}

/// A proof's 128 bytes; none for a text that is not exactly snarkjs's form, which then is no proof.
fn proof_bytes(proof: &ProofText) -> Vec<u8> {
    match proof {
        ProofText::Native(bytes) => bytes.0.clone(),
        ProofText::Snarkjs(text) => {
            snarkjs::read_proof(text.as_bytes()).map_or_else(|_| Vec::new(), |proof| proof.to_bytes().to_vec())
        }
    }
}

const fn rule(error: &VerifyError) -> &'static str {
    match error {
        VerifyError::Proof(_) => "proof_encoding",
        VerifyError::InputCount { .. } => "input_count",
        VerifyError::Equation => "equation",
        _ => "key",
    }
}

impl Served {
    fn new(key: &VerifyingKey, figures: Figures, ceremony: Option<Ceremony>) -> Result<Self, CatalogError> {
        let info = key.info();
        let mut matrix_digest = [0; 32];
        matrix_digest.copy_from_slice(&info.matrix_digest[..32]);
        let circuit = Circuit {
            id: info.circuit,
            version: info.version,
            constraints: figures.constraints,
            public_inputs: info.circuit.public_inputs(),
            wires: figures.wires,
            domain_log2: figures.domain_log2,
            matrix_digest: Hex32(matrix_digest),
            vk_digest: Some(Hex32(key.digest())),
            setup: Some(setup_name(info.setup).to_owned()),
            ceremony,
        };
        Ok(Self { circuit, key: KeyForms::of(key)? })
    }
}
