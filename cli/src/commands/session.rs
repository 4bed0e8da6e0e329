//! A wallet file, a server, and the keys that both agree on.

use veilpay_protocol::circuit::CircuitId;
use veilpay_wallet::{Client, Wallet};
use zeroize::Zeroizing;

use crate::args::WalletArgs;
use crate::error::CliError;
use crate::files::{WalletFile, read_secret};

/// A wallet in use.
pub(crate) struct Session {
    pub(crate) file: WalletFile,
    pub(crate) client: Client,
    pub(crate) wallet: Wallet,
}

/// A client of a server, with the token of the environment if there is one.
pub(crate) fn server(url: &str) -> Result<Client, CliError> {
    let client = Client::new(url)?;
    Ok(match std::env::var("VEILPAY_TOKEN").map(Zeroizing::new) {
        Ok(token) => client.with_token(token.trim()),
        Err(_) => client,
    })
}

fn client(args: &WalletArgs) -> Result<Client, CliError> {
    if let Some(path) = &args.token_file {
        let bytes = read_secret(path)?;
        let token = core::str::from_utf8(&bytes).map_err(|_| CliError::BadFile(path.clone()))?;
        return Ok(Client::new(&args.server)?.with_token(token.trim()));
    }
    server(&args.server)
}

impl Session {
    /// Opens the wallet, asks the server for the verifying keys of the circuits that it serves, checks them against those
    /// that the wallet has known, and reads what is new on the ledger.
    ///
    /// # Errors
    /// [`CliError::KeyChanged`] when a key is another than before; else what went wrong.
    pub(crate) fn open(args: &WalletArgs) -> Result<Self, CliError> {
        let mut file = WalletFile::open(&args.file.wallet)?;
        let client = client(args)?;
        let verifier = client.verifier()?;
        for key in verifier.keys().filter(|key| CircuitId::TRANSFERS.contains(&key.info().circuit)) {
            file.pin(key.info().circuit, *key.digest())?;
        }
        let mut wallet = Wallet::new(file.key().clone(), file.state(), verifier);
        wallet.sync(&client)?;
        if let Some(terms) = wallet.state().terms() {
            file.pin_terms(terms)?;
        }
        file.store(wallet.state())?;
        Ok(Self { file, client, wallet })
    }

    /// Stores what the wallet knows.
    ///
    /// # Errors
    /// [`CliError::File`].
    pub(crate) fn store(&self) -> Result<(), CliError> {
        self.file.store(self.wallet.state())
    }
}
