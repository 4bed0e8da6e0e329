//! `veilpay local`: a network on one machine. Issuer, escrow agent and holder, three parties in the world, are one here.

use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use rand_core::{OsRng, RngCore};
use serde::{Deserialize, Serialize};
use veilpay_api::text::{Hex32, Timestamp};
use veilpay_ledger::{Allocation, Asset, Genesis};
use veilpay_protocol::credential::Attributes;
use veilpay_protocol::keys::{Seed, SpendingKey};
use veilpay_protocol::note::AssetId;
use veilpay_protocol::params::Network;
use veilpay_protocol::transaction::TransparentKey;
use veilpay_verifier::Verifier;
use veilpay_wallet::roles::{Escrow, Grant, Issuer, IssuerBooks};
use veilpay_wallet::{Client, Wallet, WalletError, WalletState, enrolment};

use super::session::{self, Session};
use crate::amount;
use crate::args::{LocalArgs, LocalEnrolArgs, LocalInitArgs, LocalPersonArgs};
use crate::error::CliError;
use crate::files::{read_json, write_json, write_secret};
use crate::local::LocalProver;
use crate::output;

/// Digits after the point of the native asset.
const DECIMALS: u8 = 2;
/// The fee of a transaction.
const FEE: u64 = 10;

/// The secrets of a local network, in one file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Offices {
    issuer: Hex32,
    escrow: Hex32,
    #[serde(default)]
    books: IssuerBooks,
    #[serde(default)]
    deposits: Vec<enrolment::EscrowDeposit>,
}

fn secret_key() -> Hex32 {
    let mut bytes = [0; 32];
    OsRng.fill_bytes(&mut bytes);
    Hex32(bytes)
}

fn offices_path(args: &LocalArgs) -> PathBuf {
    args.dir.join("offices.json")
}

fn account(text: &str) -> Result<TransparentKey, CliError> {
    let bytes: Hex32 = text.parse().map_err(|_| CliError::Account)?;
    TransparentKey::from_bytes(&bytes.0).map_err(|_| CliError::Account)
}

/// A path as the text of a TOML string.
fn quoted(path: &Path) -> String {
    serde_json::Value::from(path.to_string_lossy().as_ref()).to_string()
}

/// `veilpay local init`.
pub(crate) fn init(args: &LocalInitArgs) -> Result<(), CliError> {
    let path = offices_path(&args.local);
    if path.exists() {
        return Err(CliError::FileExists(path));
    }
    let offices =
        Offices { issuer: secret_key(), escrow: secret_key(), books: IssuerBooks::default(), deposits: Vec::new() };
    let public = |key: &Hex32| TransparentKey::of(&SigningKey::from_bytes(&key.0));
    let amount = amount::parse(&args.amount, DECIMALS)?;
    let mut funded = args.fund.clone();
    funded.sort();
    funded.dedup();
    let allocation = |text: &String| Ok(Allocation { account: account(text)?, asset: AssetId::native(), amount });
    let genesis = Genesis {
        network: Network::Local,
        name: format!("local-{}", Timestamp::now().0),
        time: Timestamp::now().0,
        issuer: public(&offices.issuer),
        escrow_agent: public(&offices.escrow),
        fee_collector: public(&offices.issuer),
        assets: vec![Asset::native(DECIMALS, FEE)],
        allocations: funded.iter().map(allocation).collect::<Result<_, CliError>>()?,
    };
    write_json(&args.local.dir.join("genesis.json"), &genesis)?;
    let folder = std::path::absolute(&args.local.dir)?;
    let config = format!(
        "# A server for trying things out: dev keys are insecure, and whoever reaches it on this machine administers it.\n\
         genesis = {}\ndata_dir = {}\nkeys_dir = {}\nallow_insecure_dev_keys = true\nopen_admin_on_loopback = true\n",
        quoted(&folder.join("genesis.json")),
        quoted(&folder.join("data")),
        quoted(&std::path::absolute(&args.keys.keys_dir)?),
    );
    write_secret(&args.local.dir.join("veilpayd.toml"), config.as_bytes())?;
    write_json(&path, &offices)?;
    let config = folder.join("veilpayd.toml");
    output::line("start the server with:")?;
    output::line(&format!("  veilpayd --config {}", config.display()))
}

/// The issuer with his books and the ledger's lists.
fn issuer(offices: &Offices, client: &Client) -> Result<Issuer, CliError> {
    use veilpay_wallet::Chain as _;
    let ledger = client.ledger()?;
    // A wallet of nobody reads the lists and checks every root.
    let nobody = SpendingKey::derive(&Seed::generate(&mut OsRng), ledger.network, 0);
    let verifier = Verifier::new([]).map_err(|_| WalletError::NoKey)?;
    let mut reader = Wallet::new(nobody, WalletState::new(), verifier);
    reader.sync(client)?;
    let escrow = SigningKey::from_bytes(&offices.escrow.0).verifying_key();
    let key = SigningKey::from_bytes(&offices.issuer.0);
    let issuer = Issuer::new(ledger.ledger, ledger.parameters, key, escrow);
    let state = reader.state();
    Ok(issuer.resume(offices.books.clone(), state.registry().clone(), state.sanctions().clone()))
}

/// Keeps the books as they will be, then hands the change in; a refusal brings the old books back, silence does not.
fn hand_in(
    args: &LocalArgs,
    offices: &mut Offices,
    issuer: &Issuer,
    grant: &Grant,
    client: &Client,
) -> Result<(), CliError> {
    let before = core::mem::replace(&mut offices.books, issuer.books_after(grant));
    write_json(&offices_path(args), offices)?;
    match client.post_registry(grant.delta()) {
        Ok(_) => Ok(()),
        Err(error) => {
            if matches!(error, WalletError::Refused(_)) {
                offices.books = before;
                write_json(&offices_path(args), offices)?;
            }
            Err(error.into())
        }
    }
}

/// `veilpay local enrol`.
pub(crate) fn enrol(args: &LocalEnrolArgs) -> Result<(), CliError> {
    use veilpay_wallet::Chain as _;
    let mut offices: Offices = read_json(&offices_path(&args.local))?;
    let session = Session::open(&args.wallet)?;
    let (key, client) = (session.wallet.key(), &session.client);
    let ledger = client.ledger()?;
    let first_epoch = ledger.parameters.epoch(ledger.tip.time.0);
    let mut issuer = issuer(&offices, client)?;
    let mut escrow = Escrow::new(ledger.ledger, SigningKey::from_bytes(&offices.escrow.0));
    let deposit = enrolment::deposit(key, first_epoch);
    let escrow_signature = escrow.keep(&deposit);
    let nonce = issuer.challenge(&args.person, &mut OsRng);
    let prover = LocalProver::open(&args.keys.keys_dir)?;
    let verifier = session.wallet.verifier();
    let request = enrolment::request(key, &issuer.public(), &nonce, first_epoch, escrow_signature, &prover, verifier)?;
    let expiry = ledger.parameters.last_covered_second(first_epoch).ok_or(WalletError::BadAnswer)?;
    let attributes = Attributes::new(args.tier, args.jurisdiction, expiry).map_err(|_| WalletError::BadAnswer)?;
    let grant = issuer.enrol(&args.person, &request, attributes, verifier, &mut OsRng)?;
    offices.deposits.push(deposit);
    hand_in(&args.local, &mut offices, &issuer, &grant, client)?;
    output::line(&format!("{} is enrolled until {}", args.person, Timestamp(expiry)))
}

/// `veilpay local revoke`.
pub(crate) fn revoke(args: &LocalPersonArgs) -> Result<(), CliError> {
    let mut offices: Offices = read_json(&offices_path(&args.local))?;
    let client = session::server(&args.server)?;
    let issuer = issuer(&offices, &client)?;
    let grant = issuer.revoke(&args.person, &mut OsRng)?;
    hand_in(&args.local, &mut offices, &issuer, &grant, &client)?;
    output::line(&format!("the credential of {} is revoked", args.person))
}

/// `veilpay local sanction`.
pub(crate) fn sanction(args: &LocalPersonArgs) -> Result<(), CliError> {
    let offices: Offices = read_json(&offices_path(&args.local))?;
    let client = session::server(&args.server)?;
    let delta = issuer(&offices, &client)?.sanction(&args.person)?;
    client.post_sanctions(&delta)?;
    output::line(&format!("{} is on the sanctions list", args.person))
}
