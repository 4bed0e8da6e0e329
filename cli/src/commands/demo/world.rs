//! The demo's parties: a service, an issuer, an escrow agent, and wallets.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use ed25519_dalek::SigningKey;
use rand_core::{OsRng, RngCore};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use veilpay_api::text::{Hex32, Timestamp};
use veilpay_ledger::{Allocation, Asset, Genesis};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::credential::Attributes;
use veilpay_protocol::keys::{Seed, SpendingKey};
use veilpay_protocol::note::AssetId;
use veilpay_protocol::params::Network;
use veilpay_protocol::transaction::{Transaction, TransparentKey};
use veilpay_service::{Config, RunningService, Service};
use veilpay_verifier::Verifier;
use veilpay_wallet::roles::{Escrow, Issuer};
use veilpay_wallet::{Chain, Client, Plan, Wallet, WalletError, WalletState, enrolment};

use super::{DECIMALS, FEE};
use crate::error::CliError;
use crate::local::LocalProver;

/// Switzerland, ISO 3166-1 numeric.
const JURISDICTION: u16 = 756;
/// What genesis gives Alice's and Mallory's transparent accounts.
const ALLOCATION: u64 = 500_000;

/// Everybody in the demo.
pub(super) struct World {
    runtime: Runtime,
    service: Option<RunningService>,
    // The ledger's folder lives as long as the service.
    _data: TempDir,
    pub(super) client: Client,
    pub(super) prover: LocalProver,
    issuer: Issuer,
    pub(super) escrow: Escrow,
    seed: Seed,
    pub(super) alice: Wallet,
    pub(super) bob: Wallet,
    bank: Wallet,
    pub(super) mallory: SpendingKey,
    pub(super) restored: Option<Wallet>,
    pub(super) double_spend: Option<Plan>,
    pub(super) paid_at: Option<u64>,
    first_epoch: u64,
}

fn signing_key() -> SigningKey {
    let mut bytes = [0; 32];
    OsRng.fill_bytes(&mut bytes);
    SigningKey::from_bytes(&bytes)
}

fn genesis(issuer: &SigningKey, escrow: &SigningKey, funded: &[TransparentKey]) -> Genesis {
    let allocation = |account| Allocation { account, asset: AssetId::native(), amount: ALLOCATION };
    Genesis {
        network: Network::Local,
        name: "demo".to_owned(),
        time: Timestamp::now().0,
        issuer: TransparentKey::of(issuer),
        escrow_agent: TransparentKey::of(escrow),
        fee_collector: TransparentKey::of(&signing_key()),
        assets: vec![Asset::native(DECIMALS, FEE)],
        allocations: funded.iter().copied().map(allocation).collect(),
    }
}

fn config(data: &Path, keys_dir: &Path) -> Config {
    Config {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        data_dir: data.to_owned(),
        keys_dir: keys_dir.to_owned(),
        circuits: vec![CircuitId::Transfer2x3, CircuitId::Enrol],
        allow_insecure_dev_keys: true,
        open_admin_on_loopback: true,
        ..Config::default()
    }
}

impl World {
    /// Starts the service and makes everybody's keys.
    pub(super) fn start(keys_dir: &Path) -> Result<Self, CliError> {
        let data = tempfile::tempdir()?;
        let (issuer_key, escrow_key) = (signing_key(), signing_key());
        let seed = Seed::generate(&mut OsRng);
        let spending = |seed: &Seed| SpendingKey::derive(seed, Network::Local, 0);
        let (alice, mallory) = (spending(&seed), spending(&Seed::generate(&mut OsRng)));
        let funded = [&alice, &mallory].map(|key| TransparentKey::of(&key.transparent()));
        let genesis = genesis(&issuer_key, &escrow_key, &funded);
        let (ledger, parameters) = (genesis.ledger_id(), genesis.parameters());
        let first_epoch = parameters.epoch(genesis.time);
        let runtime = Runtime::new()?;
        let service = runtime.block_on(Service::start(config(data.path(), keys_dir), genesis))?;
        let client = Client::new(&format!("http://{}", service.address()))?;
        let verifier = client.verifier()?;
        let wallet = |key| Wallet::new(key, WalletState::new(), verifier.clone());
        let escrow_public = escrow_key.verifying_key();
        Ok(Self {
            runtime,
            service: Some(service),
            _data: data,
            prover: LocalProver::open(keys_dir)?,
            issuer: Issuer::new(ledger, parameters, issuer_key, escrow_public),
            escrow: Escrow::new(ledger, escrow_key),
            alice: wallet(alice),
            bob: wallet(spending(&Seed::generate(&mut OsRng))),
            bank: wallet(spending(&Seed::generate(&mut OsRng))),
            mallory,
            seed,
            client,
            restored: None,
            double_spend: None,
            paid_at: None,
            first_epoch,
        })
    }

    fn verifier(&self) -> &Verifier {
        self.alice.verifier()
    }

    /// Enrols a party: keys to the escrow agent, a proof to the issuer, a delta to the ledger.
    pub(super) fn enrol(&mut self, name: &str) -> Result<(), CliError> {
        let wallet = match name {
            "Alice" => &self.alice,
            "Bob" => &self.bob,
            _ => &self.bank,
        };
        let key = wallet.key().clone();
        let escrow_signature = self.escrow.keep(&enrolment::deposit(&key, self.first_epoch));
        let nonce = self.issuer.challenge(name, &mut OsRng);
        let (issuer, first_epoch) = (self.issuer.public(), self.first_epoch);
        let verifier = self.verifier().clone();
        let request =
            enrolment::request(&key, &issuer, &nonce, first_epoch, escrow_signature, &self.prover, &verifier)?;
        let covered = Network::Local.parameters().last_covered_second(first_epoch);
        let attributes = covered.and_then(|last| Attributes::new(1, JURISDICTION, last).ok());
        let attributes = attributes.ok_or(CliError::Demo("the clock is beyond all credentials"))?;
        let grant = self.issuer.enrol(name, &request, attributes, &verifier, &mut OsRng)?;
        self.client.post_registry(grant.delta())?;
        Ok(self.issuer.confirm(&grant)?)
    }

    /// A wallet of Alice's words and nothing else.
    pub(super) fn restore_alice(&mut self) -> Result<(), CliError> {
        let words = self.seed.to_words();
        let key = SpendingKey::derive(&Seed::from_words(&words)?, Network::Local, 0);
        let mut wallet = Wallet::new(key, WalletState::new(), self.verifier().clone());
        wallet.sync(&self.client)?;
        self.restored = Some(wallet);
        Ok(())
    }

    /// What a wallet can spend of the native asset.
    pub(super) fn balance(&self, wallet: &Wallet) -> u64 {
        wallet.state().balances().get(&AssetId::native()).map_or(0, |balance| balance.spendable)
    }

    /// A transparent account's native balance on the ledger.
    pub(super) fn transparent(&self, account: TransparentKey) -> Result<u64, CliError> {
        let told = self.client.account(Hex32(*account.as_bytes()))?;
        Ok(told.balances.iter().find(|b| b.asset == AssetId::native()).map_or(0, |b| b.amount))
    }

    /// The bank's transparent account.
    pub(super) fn bank_account(&self) -> TransparentKey {
        TransparentKey::of(&self.bank.key().transparent())
    }

    /// Every transaction on the ledger, as an auditor reads them.
    pub(super) fn transactions(&self) -> Result<Vec<Transaction>, CliError> {
        let page = self.client.transactions(0, 100)?;
        let decode = |bytes: &[u8]| Transaction::from_bytes(bytes).map_err(|_| WalletError::BadAnswer.into());
        page.transactions.iter().map(|entry| decode(&entry.transaction.0)).collect()
    }

    /// Stops the service.
    pub(super) fn stop(mut self) -> Result<(), CliError> {
        let stopped = self.service.take().is_none_or(|service| self.runtime.block_on(service.shutdown()));
        if stopped { Ok(()) } else { Err(CliError::Demo("the service did not stop in time")) }
    }
}
