//! From a plan to a transaction on the ledger: prove, verify, sign, submit.
//!
//! ```text
//! plan ──> statement + witness ──> prover (anybody) ──> proof ──> verified here ──> signed here ──> ledger
//! ```
//! The prover learns the payment, never `ask`. A proof of anything but the wallet's own public values does not verify, and
//! what does not verify is not signed.

use std::sync::Arc;

use ed25519_dalek::SigningKey;
use rand_core::OsRng;
use veilpay_api::text::Timestamp;
use veilpay_protocol::keys::SpendingKey;
use veilpay_protocol::transaction::{PROOF_LENGTH, Transaction, TxId, sign_as_source, sign_as_sponsor};
use veilpay_verifier::Verifier;

use crate::chain::{Chain, Prover};
use crate::error::WalletError;
use crate::plan::{Plan, Wish, plan};
use crate::state::WalletState;
use crate::sync::sync;

/// A wallet: the keys, what it knows of the ledger, and the verifying keys that it trusts.
pub struct Wallet {
    key: SpendingKey,
    state: WalletState,
    verifier: Verifier,
    clock: Clock,
}

/// The wallet's own clock: unix seconds.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// A transaction that the ledger accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its identifier.
    pub txid: TxId,
    /// The height of its block.
    pub height: u64,
    /// Bytes of the transaction.
    pub bytes: usize,
}

impl Wallet {
    /// A wallet of these keys and this state, on the system's clock.
    #[must_use]
    pub fn new(key: SpendingKey, state: WalletState, verifier: Verifier) -> Self {
        Self { key, state, verifier, clock: Arc::new(|| Timestamp::now().0) }
    }

    /// The same wallet on another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The keys.
    #[must_use]
    pub const fn key(&self) -> &SpendingKey {
        &self.key
    }

    /// What is known.
    #[must_use]
    pub const fn state(&self) -> &WalletState {
        &self.state
    }

    /// The verifying keys.
    #[must_use]
    pub const fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// Reads what is new on the ledger.
    ///
    /// # Errors
    /// [`WalletError`]; the wallet stays usable.
    pub fn sync(&mut self, chain: &impl Chain) -> Result<(), WalletError> {
        sync(&mut self.state, &self.key, chain)
    }

    /// Plans a payment on what is known; nothing leaves the wallet.
    ///
    /// # Errors
    /// [`WalletError`] saying what stands in the way.
    pub fn plan(&self, wish: &Wish) -> Result<Plan, WalletError> {
        plan(&self.state, &self.key, wish, (self.clock)(), &mut OsRng)
    }

    /// Has a plan proved and verifies the proof against the wallet's own public values.
    ///
    /// # Errors
    /// [`WalletError::Prover`] or [`WalletError::BadProof`].
    pub fn prove(&self, plan: &Plan, prover: &impl Prover) -> Result<[u8; PROOF_LENGTH], WalletError> {
        let statement = plan.statement();
        let proof = prover.prove(&statement, &plan.witness())?;
        self.verifier.verify_bytes(&statement, &proof).map_err(WalletError::BadProof)?;
        Ok(proof)
    }

    /// Signs a plan whose proof holds: under `rk`, and as the transparent source where the plan shields.
    ///
    /// # Errors
    /// [`WalletError::BadProof`] when the proof does not hold; [`WalletError::NoKey`] for an unknown circuit.
    pub fn sign(
        &self,
        plan: &Plan,
        proof: [u8; PROOF_LENGTH],
        source: Option<&SigningKey>,
        sponsor: Option<&SigningKey>,
    ) -> Result<Transaction, WalletError> {
        self.verifier.verify_bytes(&plan.statement(), &proof).map_err(WalletError::BadProof)?;
        let digest = *self.verifier.key(plan.circuit()).ok_or(WalletError::NoKey)?.digest();
        let sighash = plan.body.sighash(&digest);
        let signing_key = self.key.randomize(&plan.witness.alpha);
        let signature = signing_key.sign(&sighash, &mut OsRng).map_err(|_| WalletError::BadState)?;
        Ok(Transaction {
            body: plan.body.clone(),
            proof,
            signature,
            source_signature: source.map(|key| sign_as_source(key, &sighash)),
            sponsor_signature: sponsor.map(|key| sign_as_sponsor(key, &sighash)),
        })
    }

    /// Reserves the notes of a transaction until it is in a block or can no longer be. [`submit`](Self::submit) does it too;
    /// who stores the wallet's state does it before, so that a process that ends in between forgets nothing.
    pub fn reserve(&mut self, transaction: &Transaction) {
        self.state.reserve(transaction.body.statement.nullifiers.iter().copied(), transaction.body.expiry_height);
    }

    /// Submits a transaction and reserves its notes. A rejection gives them free again; silence does not, because the
    /// transaction may have arrived. When the ledger says that a note is spent, all nullifiers are read anew.
    ///
    /// # Errors
    /// [`WalletError::Refused`] with the rule that the transaction breaks, [`WalletError::Unreachable`], or
    /// [`WalletError::AnotherTransaction`].
    pub fn submit(&mut self, transaction: &Transaction, chain: &impl Chain) -> Result<Receipt, WalletError> {
        self.reserve(transaction);
        match chain.submit(transaction) {
            Ok(status) => {
                let key = self.verifier.key(transaction.circuit()).ok_or(WalletError::NoKey)?;
                if status.txid != transaction.body.txid(key.digest()) {
                    return Err(WalletError::AnotherTransaction);
                }
                Ok(Receipt { txid: status.txid, height: status.height, bytes: transaction.to_bytes().len() })
            }
            Err(error) => {
                if let WalletError::Refused(problem) = &error
                    && !problem.retryable
                {
                    self.state.release(&transaction.body.statement.nullifiers);
                    if problem.reason.as_deref() == Some("nullifier_seen") {
                        self.state.reread_nullifiers();
                    }
                }
                Err(error)
            }
        }
    }

    /// The whole way: sync, plan, prove, verify, sign, submit.
    ///
    /// # Errors
    /// [`WalletError`] of the step that failed.
    pub fn pay(
        &mut self,
        wish: &Wish,
        source: Option<&SigningKey>,
        chain: &impl Chain,
        prover: &impl Prover,
    ) -> Result<Receipt, WalletError> {
        self.sync(chain)?;
        let plan = self.plan(wish)?;
        let proof = self.prove(&plan, prover)?;
        let transaction = self.sign(&plan, proof, source, None)?;
        self.submit(&transaction, chain)
    }
}
