//! The HTTP client of a service: a [`Chain`] to follow and a [`Prover`] to ask.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::Agent;
use ureq::http::{Response, StatusCode, Uri};
use ureq::{Body, SendBody};
use veilpay_api::circuits::{Circuits, Verdict, VerificationKey, VerifyRequest};
use veilpay_api::info::Info;
use veilpay_api::ledger::{Account, Blocks, Ledger, Notes, Nullifiers, Transactions};
use veilpay_api::problem::Problem;
use veilpay_api::proofs::{Job, JobStatus, ProofRequest};
use veilpay_api::registry::{DeltaRequest, Deltas};
use veilpay_api::text::{Base64, Hex32};
use veilpay_api::transactions::{SubmitRequest, TransactionStatus};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::registry::{DeltaKind, SignedDelta};
use veilpay_protocol::statement::{Statement, Witness};
use veilpay_protocol::transaction::{PROOF_LENGTH, Transaction, TxId};
use veilpay_verifier::{PreparedVerifyingKey, Verifier, VerifyingKey};
use zeroize::Zeroizing;

use crate::chain::{Chain, Prover, ProverError};
use crate::error::WalletError;

/// Bytes of an answer at most: a page of 1,000 notes is about 1 MB.
const MAX_ANSWER: u64 = 16 * 1024 * 1024;

/// A client of one service. Holds a token at most, no secret of the wallet.
pub struct Client {
    agent: Agent,
    base: String,
    authorization: Option<Zeroizing<String>>,
    patience: Duration,
}

impl Client {
    /// A client of the service at `base`, such as `http://127.0.0.1:8787`.
    ///
    /// # Errors
    /// [`WalletError::BadServer`] for what is no such address, [`WalletError::InsecureServer`] for plain HTTP to another
    /// machine: a proof request holds the whole payment.
    pub fn new(base: &str) -> Result<Self, WalletError> {
        check_address(base)?;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .max_redirects(0)
            .proxy(None)
            .build();
        Ok(Self {
            agent: config.into(),
            base: base.trim_end_matches('/').to_owned(),
            authorization: None,
            patience: Duration::from_secs(300),
        })
    }

    /// The same client with a token.
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        self.authorization = Some(Zeroizing::new(format!("Bearer {token}")));
        self
    }

    /// The same client, waiting at most so long for a proof.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, WalletError> {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization.as_str());
        }
        answer(request.call().map_err(|_| WalletError::Unreachable)?)
    }

    fn post_bytes<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &[u8],
        headers: &[(&str, &str)],
    ) -> Result<T, WalletError> {
        let mut request = self.agent.post(format!("{}{path}", self.base)).header("content-type", "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization.as_str());
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut body = body;
        answer(request.send(SendBody::from_reader(&mut body)).map_err(|_| WalletError::Unreachable)?)
    }

    fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, WalletError> {
        let json = serde_json::to_vec(body).map_err(|_| WalletError::BadAnswer)?;
        self.post_bytes(path, &json, &[])
    }

    /// What the service is.
    ///
    /// # Errors
    /// [`WalletError`] when it cannot be asked.
    pub fn info(&self) -> Result<Info, WalletError> {
        self.get("/v1/info")
    }

    /// The circuits.
    ///
    /// # Errors
    /// As [`info`](Self::info).
    pub fn circuits(&self) -> Result<Circuits, WalletError> {
        self.get("/v1/circuits")
    }

    /// A circuit's verifying key. It obeys S1; whether it is *the* key is for the caller to know by its digest.
    ///
    /// # Errors
    /// As [`info`](Self::info); [`WalletError::NoKey`] when the key breaks a rule of S1.
    pub fn verifying_key(&self, circuit: CircuitId) -> Result<PreparedVerifyingKey, WalletError> {
        let answer: VerificationKey = self.get(&format!("/v1/circuits/{circuit}/verification-key"))?;
        let key = VerifyingKey::from_bytes(&answer.key.0).map_err(|_| WalletError::NoKey)?;
        let prepared = PreparedVerifyingKey::new(&key).map_err(|_| WalletError::NoKey)?;
        if prepared.info().circuit != circuit {
            return Err(WalletError::NoKey);
        }
        Ok(prepared)
    }

    /// The verifying keys of the circuits that the service serves.
    ///
    /// # Errors
    /// As [`verifying_key`](Self::verifying_key).
    pub fn verifier(&self) -> Result<Verifier, WalletError> {
        let served = self.circuits()?.circuits.into_iter().filter(|circuit| circuit.vk_digest.is_some());
        let keys = served.map(|circuit| self.verifying_key(circuit.id)).collect::<Result<Vec<_>, _>>()?;
        Verifier::new(keys).map_err(|_| WalletError::NoKey)
    }

    /// Asks the service to verify a proof.
    ///
    /// # Errors
    /// As [`info`](Self::info).
    pub fn verify(&self, request: &VerifyRequest) -> Result<Verdict, WalletError> {
        self.post("/v1/verify", request)
    }

    /// A transaction's status.
    ///
    /// # Errors
    /// As [`info`](Self::info).
    pub fn transaction(&self, txid: TxId) -> Result<TransactionStatus, WalletError> {
        self.get(&format!("/v1/transactions/{txid}"))
    }

    /// Whole transactions from an index on, in order of acceptance; what an auditor reads.
    ///
    /// # Errors
    /// As [`info`](Self::info).
    pub fn transactions(&self, from: u64, limit: usize) -> Result<Transactions, WalletError> {
        self.get(&format!("/v1/ledger/transactions?from={from}&limit={limit}"))
    }

    /// Hands a registry delta in; needs the admin scope.
    ///
    /// # Errors
    /// As [`info`](Self::info); a rejection names the rule.
    pub fn post_registry<K: DeltaKind>(&self, delta: &SignedDelta<K>) -> Result<Deltas, WalletError> {
        self.post_delta("/v1/registry", delta)
    }

    /// Hands a sanctions delta in; needs the admin scope.
    ///
    /// # Errors
    /// As [`info`](Self::info); a rejection names the rule.
    pub fn post_sanctions<K: DeltaKind>(&self, delta: &SignedDelta<K>) -> Result<Deltas, WalletError> {
        self.post_delta("/v1/sanctions", delta)
    }

    fn post_delta<K: DeltaKind>(&self, path: &str, delta: &SignedDelta<K>) -> Result<Deltas, WalletError> {
        self.post(path, &DeltaRequest { delta: Base64(delta.to_bytes()) })
    }

    /// Asks for a proof and waits for its job.
    fn prove_remotely(&self, statement: &Statement, witness: &Witness) -> Result<Job, ProverError> {
        let refused = |error| ProverError::Refused(Box::new(error));
        let request = ProofRequest { statement: statement.clone(), witness: witness.clone(), labels: BTreeMap::new() };
        let body = request.to_json().map_err(|problem| refused(problem.into()))?;
        let deadline = Instant::now() + self.patience;
        let mut job: Job = self.post_bytes("/v1/proofs", &body, &[("prefer", "wait=30")]).map_err(refused)?;
        let mut pause = Duration::from_millis(50);
        while !job.terminal {
            if Instant::now() > deadline {
                return Err(ProverError::Timeout);
            }
            sleep(pause);
            pause = (pause * 3 / 2).min(Duration::from_secs(1));
            job = self.get(&format!("/v1/proofs/{}", job.id)).map_err(refused)?;
        }
        Ok(job)
    }
}

/// Plain HTTP goes to this machine only.
fn check_address(base: &str) -> Result<(), WalletError> {
    let uri: Uri = base.parse().map_err(|_| WalletError::BadServer)?;
    let host = uri.host().ok_or(WalletError::BadServer)?.trim_matches(['[', ']']);
    let loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    match uri.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if loopback => Ok(()),
        Some("http") => Err(WalletError::InsecureServer),
        _ => Err(WalletError::BadServer),
    }
}

/// A good answer's value, or the problem of a bad one.
fn answer<T: DeserializeOwned>(mut response: Response<Body>) -> Result<T, WalletError> {
    let status = response.status();
    let body = response.body_mut().with_config().limit(MAX_ANSWER).read_to_vec().map_err(|_| WalletError::BadAnswer)?;
    if status == StatusCode::OK || status == StatusCode::ACCEPTED || status == StatusCode::CREATED {
        return serde_json::from_slice(&body).map_err(|_| WalletError::BadAnswer);
    }
    let problem: Problem = serde_json::from_slice(&body).map_err(|_| WalletError::BadAnswer)?;
    Err(problem.into())
}

impl Chain for Client {
    fn ledger(&self) -> Result<Ledger, WalletError> {
        self.get("/v1/ledger")
    }

    fn blocks(&self, from: u64, limit: usize) -> Result<Blocks, WalletError> {
        self.get(&format!("/v1/ledger/blocks?from={from}&limit={limit}"))
    }

    fn notes(&self, from: u64, limit: usize) -> Result<Notes, WalletError> {
        self.get(&format!("/v1/ledger/notes?from={from}&limit={limit}"))
    }

    fn nullifiers(&self, from: u64, limit: usize) -> Result<Nullifiers, WalletError> {
        self.get(&format!("/v1/ledger/nullifiers?from={from}&limit={limit}"))
    }

    fn registry(&self, from: u64, limit: usize) -> Result<Deltas, WalletError> {
        self.get(&format!("/v1/registry?from={from}&limit={limit}"))
    }

    fn sanctions(&self, from: u64, limit: usize) -> Result<Deltas, WalletError> {
        self.get(&format!("/v1/sanctions?from={from}&limit={limit}"))
    }

    fn account(&self, key: Hex32) -> Result<Account, WalletError> {
        self.get(&format!("/v1/ledger/accounts/{key}"))
    }

    fn submit(&self, transaction: &Transaction) -> Result<TransactionStatus, WalletError> {
        self.post("/v1/transactions", &SubmitRequest { transaction: Base64(transaction.to_bytes()) })
    }
}

impl Prover for Client {
    fn prove(&self, statement: &Statement, witness: &Witness) -> Result<[u8; PROOF_LENGTH], ProverError> {
        let job = self.prove_remotely(statement, witness)?;
        match (job.status, job.result, job.error) {
            (JobStatus::Succeeded, Some(result), _) => result.proof.0.try_into().map_err(|_| ProverError::NotAProof),
            (JobStatus::Failed, _, Some(error)) => {
                Err(ProverError::Failed { code: error.code, rule: error.rule, detail: error.detail })
            }
            _ => Err(ProverError::Gone),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        for good in ["http://127.0.0.1:8787", "http://localhost:1/", "http://[::1]:2", "https://veil.example"] {
            assert!(Client::new(good).is_ok(), "{good}");
        }
        for remote in ["http://veil.example", "http://10.0.0.1:80", "http://127.0.0.1.example"] {
            assert!(matches!(Client::new(remote), Err(WalletError::InsecureServer)), "{remote}");
        }
        for bad in ["", "foo", "127.0.0.1:8787", "ftp://veil.example", "http://"] {
            assert!(matches!(Client::new(bad), Err(WalletError::BadServer)), "{bad}");
        }
    }
}
