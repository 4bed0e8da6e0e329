//! The reference ledger as a wallet's [`Chain`], without HTTP.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use veilpay_api::ledger as wire;
use veilpay_api::problem::{Code, Problem};
use veilpay_api::registry::Deltas;
use veilpay_api::text::{Base64, Hex32, Timestamp};
use veilpay_api::transactions::TransactionStatus;
use veilpay_ledger::{Block, DeltaRecord, MemoryLedger, Rejection, StoreError, SubmitError, rules};
use veilpay_protocol::registry::DeltaKind;
use veilpay_protocol::transaction::{Transaction, TransparentKey, TxId};
use veilpay_wallet::{Chain, WalletError};

use crate::world::verifier;

/// A ledger in memory and its clock.
pub struct InProcess {
    ledger: Mutex<MemoryLedger>,
    now: Arc<AtomicU64>,
}

impl InProcess {
    /// The ledger at `now`.
    #[must_use]
    pub fn new(ledger: MemoryLedger, now: u64) -> Self {
        Self { ledger: Mutex::new(ledger), now: Arc::new(AtomicU64::new(now)) }
    }

    /// The ledger.
    pub fn ledger(&self) -> MutexGuard<'_, MemoryLedger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The clock, unix seconds.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    /// The same clock, for wallets.
    #[must_use]
    pub fn clock(&self) -> veilpay_wallet::pay::Clock {
        let now = Arc::clone(&self.now);
        Arc::new(move || now.load(Ordering::Relaxed))
    }

    /// Sets the clock and makes a block if one is due.
    pub fn set_clock(&self, now: u64) {
        self.now.store(now, Ordering::Relaxed);
        self.ledger().tick(now).expect("a ledger in memory stores what it is given");
    }

    /// Submits past the wallet: the ledger's own verdict.
    ///
    /// # Errors
    /// The rule that the transaction breaks.
    pub fn judge(&self, transaction: &Transaction) -> Result<(), Rejection> {
        let now = self.now();
        match self.ledger().submit(verifier(), transaction, now) {
            Ok(_) => Ok(()),
            Err(SubmitError::Rejected(rejection)) => Err(rejection),
            Err(error) => unreachable!("a ledger in memory stores what it is given: {error}"),
        }
    }

    /// Submits canonical bytes, as they come over a network.
    ///
    /// # Errors
    /// The rule that the bytes break.
    pub fn judge_bytes(&self, bytes: &[u8]) -> Result<(), Rejection> {
        self.judge(&rules::decode(bytes)?)
    }
}

fn fault(_: StoreError) -> WalletError {
    WalletError::BadAnswer
}

fn block(block: &Block) -> wire::Block {
    let roots = &block.roots;
    wire::Block {
        height: block.height,
        time: Timestamp(block.time),
        tree_size: roots.note_count,
        nullifiers: roots.nullifier_count,
        note_root: roots.note_root,
        registry_root: roots.registry_root,
        registry_sequence: roots.registry_sequence,
        sanctions_root: roots.sanctions_root,
        sanctions_sequence: roots.sanctions_sequence,
        kind: block.kind.name().to_owned(),
        change: None,
        previous: Hex32(*block.previous.as_bytes()),
        hash: Hex32(*block.hash.as_bytes()),
    }
}

fn deltas<K: DeltaKind>(records: &[DeltaRecord<K>]) -> Deltas {
    let deltas = records.iter().map(|record| Base64(record.delta.to_bytes())).collect();
    Deltas { sequence: 0, root: Hex32([0; 32]), deltas }
}

impl Chain for InProcess {
    fn ledger(&self) -> Result<wire::Ledger, WalletError> {
        let ledger = self.ledger();
        let checkpoint = ledger.checkpoint_for(0).map_err(fault)?.ok_or(WalletError::BadAnswer)?;
        let genesis = ledger.genesis();
        let asset = |asset: &veilpay_ledger::Asset| wire::Asset {
            id: asset.id(),
            code: asset.code.clone(),
            decimals: asset.decimals,
            minimum_fee: asset.minimum_fee,
            pool: ledger.pools().iter().filter(|(pool, _)| pool.asset == asset.id()).map(|(_, amount)| amount).sum(),
        };
        Ok(wire::Ledger {
            network: genesis.network,
            ledger: genesis.ledger_id(),
            parameters: genesis.parameters(),
            tip: block(ledger.tip()),
            checkpoint: block(&checkpoint),
            assets: ledger.assets().iter().map(asset).collect(),
            issuer: Hex32(*genesis.issuer.as_bytes()),
            escrow: Hex32(*genesis.escrow_agent.as_bytes()),
            fee_collector: Hex32(*genesis.fee_collector.as_bytes()),
        })
    }

    fn blocks(&self, from: u64, limit: usize) -> Result<wire::Blocks, WalletError> {
        let blocks = self.ledger().blocks(from, limit).map_err(fault)?;
        Ok(wire::Blocks { blocks: blocks.iter().map(block).collect() })
    }

    fn notes(&self, from: u64, limit: usize) -> Result<wire::Notes, WalletError> {
        let ledger = self.ledger();
        let note = |note: &veilpay_ledger::NoteRecord| wire::LedgerNote {
            index: note.position,
            commitment: note.commitment,
            ciphertext: Base64(note.ciphertext.to_vec()),
            height: note.height,
            txid: note.txid,
        };
        let notes = ledger.notes(from, limit).map_err(fault)?.iter().map(note).collect();
        Ok(wire::Notes { notes, tree_size: ledger.frontier().size() })
    }

    fn nullifiers(&self, from: u64, limit: usize) -> Result<wire::Nullifiers, WalletError> {
        let ledger = self.ledger();
        let entry = |record: &veilpay_ledger::NullifierRecord| wire::LedgerNullifier {
            nullifier: record.nullifier,
            height: record.height,
            // Which transaction spent a note is not a wallet's question; the service answers it for explorers.
            txid: TxId::new([0; 32]),
        };
        let nullifiers = ledger.nullifiers(from, limit).map_err(fault)?.iter().map(entry).collect();
        Ok(wire::Nullifiers { nullifiers, total: ledger.tip().roots.nullifier_count })
    }

    fn registry(&self, from: u64, limit: usize) -> Result<Deltas, WalletError> {
        Ok(deltas(&self.ledger().registry_deltas(from, limit).map_err(fault)?))
    }

    fn sanctions(&self, from: u64, limit: usize) -> Result<Deltas, WalletError> {
        Ok(deltas(&self.ledger().sanctions_deltas(from, limit).map_err(fault)?))
    }

    fn account(&self, key: Hex32) -> Result<wire::Account, WalletError> {
        let account = TransparentKey::from_bytes(&key.0)?;
        let balance = |(asset, amount)| wire::Balance { asset, amount };
        Ok(wire::Account { key, balances: self.ledger().balances(account).into_iter().map(balance).collect() })
    }

    fn submit(&self, transaction: &Transaction) -> Result<TransactionStatus, WalletError> {
        let now = self.now();
        // As over a network: what is judged is what the bytes say.
        let decoded = rules::decode(&transaction.to_bytes()).map_err(|rejection| refused(&rejection))?;
        let receipt = self.ledger().submit(verifier(), &decoded, now).map_err(|error| match error {
            SubmitError::Rejected(rejection) => refused(&rejection),
            _ => WalletError::BadAnswer,
        })?;
        let (height, time) = (receipt.height, Timestamp(receipt.time));
        Ok(TransactionStatus { txid: receipt.txid, status: "accepted".to_owned(), height, time })
    }
}

fn refused(rejection: &Rejection) -> WalletError {
    let problem = Problem::new(Code::TransactionRejected, rejection.to_string());
    WalletError::Refused(Box::new(problem.with_rule(rejection.rule()).with_reason(rejection.code())))
}
