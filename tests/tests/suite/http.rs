//! The payment over HTTP, against the real service, with a stop in the middle.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use tokio::runtime::Runtime;
use veilpay_api::text::Timestamp;
use veilpay_ledger::Genesis;
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::note::AssetId;
use veilpay_service::{Config, RunningService, Service};
use veilpay_tests::FEE;
use veilpay_tests::party::Offices;
use veilpay_tests::world::{Local, account, balance, engine, genesis, offices, person};
use veilpay_wallet::{Client, Wallet, WalletError, WalletState, Wish};

use crate::payments::send;

fn keys_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/test-keys")
}

fn start(runtime: &Runtime, data: &Path, genesis: &Genesis) -> (RunningService, Client) {
    // The keys are made once, by the engine that all tests share.
    for circuit in [CircuitId::Transfer2x3, CircuitId::Enrol] {
        engine().key(circuit).unwrap();
    }
    let config = Config {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        data_dir: data.to_owned(),
        keys_dir: keys_dir(),
        circuits: vec![CircuitId::Transfer2x3, CircuitId::Enrol],
        allow_insecure_dev_keys: true,
        open_admin_on_loopback: true,
        ..Config::default()
    };
    let service = runtime.block_on(Service::start(config, genesis.clone())).unwrap();
    let client = Client::new(&format!("http://{}", service.address())).unwrap();
    (service, client)
}

fn enrol(offices: &mut Offices, number: u8, client: &Client) {
    let now = Timestamp::now().0;
    let grant = offices.grant(&number.to_string(), &person(number), now, now + 1_000_000).unwrap();
    client.post_registry(grant.delta()).unwrap();
    offices.issuer.confirm(&grant).unwrap();
}

fn wallet(client: &Client, number: u8) -> Wallet {
    Wallet::new(person(number), WalletState::new(), client.verifier().unwrap())
}

#[test]
fn a_payment_over_http_survives_a_restart_in_the_middle() {
    let runtime = Runtime::new().unwrap();
    let data = tempfile::tempdir().unwrap();
    let genesis = genesis("http", Timestamp::now().0);
    let mut offices = offices(&genesis);
    let native = AssetId::native();

    let (service, client) = start(&runtime, data.path(), &genesis);
    enrol(&mut offices, 1, &client);
    let mut alice = wallet(&client, 1);
    let source = alice.key().transparent();
    alice.pay(&Wish::shield_from(&source, native, 1000), Some(&source), &client, &client).unwrap();
    // Between a proof and its submission the service stops and comes back on another port.
    alice.sync(&client).unwrap();
    let plan = alice.plan(&send(2, native, 300)).unwrap();
    let proof = alice.prove(&plan, &client).unwrap();
    let transaction = alice.sign(&plan, proof, None, None).unwrap();
    assert!(runtime.block_on(service.shutdown()));
    assert!(matches!(alice.submit(&transaction, &client), Err(WalletError::Unreachable)));
    assert_eq!(balance(&alice, native), 0, "silence is no refusal: the note stays reserved");

    let (service, client) = start(&runtime, data.path(), &genesis);
    alice.submit(&transaction, &client).unwrap();
    enrol(&mut offices, 2, &client);
    let mut bob = wallet(&client, 2);
    bob.sync(&client).unwrap();
    alice.sync(&client).unwrap();
    assert_eq!((balance(&alice, native), balance(&bob, native)), (700 - FEE, 300));
    bob.pay(&Wish::Unshield { asset: native, amount: 100, target: account(&person(3)) }, None, &client, &Local)
        .unwrap();
    use veilpay_wallet::history::Kind;
    let lines = |wallet: &Wallet| -> Vec<(Kind, u64, u64)> {
        veilpay_wallet::history::history(wallet.state()).iter().map(|e| (e.kind, e.amount, e.fee)).collect()
    };
    bob.sync(&client).unwrap();
    assert_eq!(lines(&alice), [(Kind::Shielded, 1000, 0), (Kind::Sent, 300, FEE)]);
    assert_eq!(lines(&bob), [(Kind::Received, 300, 0), (Kind::Unshielded, 100, FEE)]);
    let again = alice.submit(&transaction, &client);
    let Err(WalletError::Refused(problem)) = again else { panic!("a replay must be refused") };
    assert_eq!((problem.rule.as_deref(), problem.reason.as_deref()), (Some("L3.10"), Some("nullifier_seen")));
    assert!(runtime.block_on(service.shutdown()));
}
