//! The world itself.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::OnceLock;

use ed25519_dalek::SigningKey;
use rand_core::OsRng;
use veilpay_ledger::{Allocation, Asset, Genesis, MemoryLedger, MemoryStore};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::keys::{Seed, SpendingKey};
use veilpay_protocol::note::AssetId;
use veilpay_protocol::params::{Network, Parameters};
use veilpay_protocol::statement::{Statement, Witness};
use veilpay_protocol::transaction::{PROOF_LENGTH, TransparentKey};
use veilpay_prover::{CancelToken, Engine, KeyStore, ProveError};
use veilpay_verifier::Verifier;
use veilpay_wallet::{Prover, ProverError, Wallet, WalletState, Wish};

use crate::chain::InProcess;
use crate::party::Offices;

/// The fee of a transaction.
pub const FEE: u64 = 10;

/// When worlds begin: the middle of an epoch.
pub const START: u64 = 700 * 30 * 24 * 3600 + 15 * 24 * 3600;

/// What every transparent account of a world's people begins with, of each asset.
pub const ALLOCATION: u64 = 1_000_000;

/// The engine of all tests; its dev keys lie beside the build.
pub fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/test-keys");
        let keys = KeyStore::open(folder).expect("the build's folder takes files");
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Engine::new(keys, threads).expect("threads are to be had")
    })
}

/// The verifier of all tests.
pub fn verifier() -> &'static Verifier {
    static VERIFIER: OnceLock<Verifier> = OnceLock::new();
    VERIFIER.get_or_init(|| {
        let key = |circuit| engine().key(circuit).expect("dev keys are made when missing").prepared().clone();
        Verifier::new(CircuitId::ALL.map(key)).expect("one key per circuit")
    })
}

/// The engine as a wallet's prover.
pub struct Local;

impl Prover for Local {
    fn prove(&self, statement: &Statement, witness: &Witness) -> Result<[u8; PROOF_LENGTH], ProverError> {
        let output = engine().prove(statement, witness, &|_| (), &CancelToken::new());
        output.map(|output| output.proof.to_bytes()).map_err(|error| match error {
            ProveError::Violation(violation) => ProverError::Violation(violation),
            error => ProverError::Failed { code: "local".to_owned(), rule: None, detail: error.to_string() },
        })
    }
}

/// A second asset, a franc token.
#[must_use]
pub fn franc() -> AssetId {
    AssetId::of(b"bank", b"CHF")
}

/// The key of a person by number, the same in every world.
#[must_use]
pub fn person(number: u8) -> SpendingKey {
    SpendingKey::derive(&Seed::from_bytes([number; 32]), Network::Local, 0)
}

/// A transparent account's key.
#[must_use]
pub fn account(key: &SpendingKey) -> TransparentKey {
    TransparentKey::of(&key.transparent())
}

fn signing_key(byte: u8) -> SigningKey {
    SigningKey::from_bytes(&[byte; 32])
}

/// The genesis of a ledger with this name; persons 1 to 9 begin with money of both assets.
#[must_use]
pub fn genesis(name: &str, time: u64) -> Genesis {
    let people = (1..10).map(|number| account(&person(number)));
    let assets = [AssetId::native(), franc()];
    let allocations =
        people.flat_map(|account| assets.map(|asset| Allocation { account, asset, amount: ALLOCATION })).collect();
    let franc = Asset { issuer: "bank".to_owned(), code: "CHF".to_owned(), decimals: 2, minimum_fee: FEE };
    Genesis {
        network: Network::Local,
        name: name.to_owned(),
        time,
        issuer: TransparentKey::of(&signing_key(201)),
        escrow_agent: TransparentKey::of(&signing_key(202)),
        fee_collector: TransparentKey::of(&signing_key(203)),
        assets: vec![Asset::native(2, FEE), franc],
        allocations,
    }
}

/// The offices of the ledger of [`genesis`].
#[must_use]
pub fn offices(genesis: &Genesis) -> Offices {
    Offices::new(genesis.ledger_id(), genesis.parameters(), signing_key(201), signing_key(202))
}

/// A ledger with its offices.
pub struct World {
    /// The ledger, as wallets see it.
    pub chain: InProcess,
    /// Issuer and escrow agent.
    pub offices: Offices,
}

impl Default for World {
    fn default() -> Self {
        Self::new("test")
    }
}

impl World {
    /// A world whose ledger has this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let genesis = genesis(name, START);
        let offices = offices(&genesis);
        let ledger = MemoryLedger::open(genesis, MemoryStore::default()).expect("the genesis is valid");
        Self { chain: InProcess::new(ledger, START), offices }
    }

    /// The parameters.
    #[must_use]
    pub const fn parameters(&self) -> Parameters {
        Network::Local.parameters()
    }

    /// Enrols a person until the end of the last epoch that his keys cover.
    pub fn enrol(&mut self, number: u8) {
        let now = self.chain.now();
        let last = self.parameters().last_covered_second(self.parameters().epoch(now));
        self.enrol_until(number, last.expect("tests stay within time"));
    }

    /// Enrols a person, or renews, until `expiry`.
    pub fn enrol_until(&mut self, number: u8, expiry: u64) {
        let now = self.chain.now();
        let grant = self.offices.grant(&number.to_string(), &person(number), now, expiry);
        let grant = grant.expect("the issuer takes an honest request");
        self.chain.ledger().apply_registry_delta(grant.delta(), now).expect("the ledger takes the issuer's delta");
        self.offices.issuer.confirm(&grant).expect("the issuer's books follow");
    }

    /// Revokes a person's credential.
    pub fn revoke(&mut self, number: u8) {
        let now = self.chain.now();
        let grant = self.offices.issuer.revoke(&number.to_string(), &mut OsRng).expect("he is enrolled");
        self.chain.ledger().apply_registry_delta(grant.delta(), now).expect("the ledger takes the issuer's delta");
        self.offices.issuer.confirm(&grant).expect("the issuer's books follow");
    }

    /// Puts a person on the sanctions list.
    pub fn sanction(&mut self, number: u8) {
        let now = self.chain.now();
        let delta = self.offices.issuer.sanction(&number.to_string()).expect("he is enrolled");
        self.chain.ledger().apply_sanctions_delta(&delta, now).expect("the ledger takes the issuer's delta");
        self.offices.issuer.confirm_sanctions(&delta).expect("the issuer's books follow");
    }

    /// A wallet that knows nothing yet.
    #[must_use]
    pub fn wallet(&self, number: u8) -> Wallet {
        self.wallet_with(number, WalletState::new())
    }

    /// A wallet that knows what an earlier one stored.
    #[must_use]
    pub fn wallet_with(&self, number: u8, state: WalletState) -> Wallet {
        Wallet::new(person(number), state, verifier().clone()).with_clock(self.chain.clock())
    }

    /// A wallet of an enrolled person who has shielded `amounts` of the native asset, one note each.
    pub fn funded(&mut self, number: u8, amounts: &[u64]) -> Wallet {
        self.enrol(number);
        let mut wallet = self.wallet(number);
        for amount in amounts {
            self.shield(&mut wallet, AssetId::native(), *amount);
        }
        wallet.sync(&self.chain).expect("the wallet follows");
        wallet
    }

    /// Shields into a wallet.
    pub fn shield(&self, wallet: &mut Wallet, asset: AssetId, amount: u64) {
        let source = wallet.key().transparent();
        let wish = Wish::shield_from(&source, asset, amount);
        wallet.pay(&wish, Some(&source), &self.chain, &Local).expect("an honest shielding is accepted");
    }
}

/// What a wallet can spend of an asset.
#[must_use]
pub fn balance(wallet: &Wallet, asset: AssetId) -> u64 {
    wallet.state().balances().get(&asset).map_or(0, |balance| balance.spendable)
}
