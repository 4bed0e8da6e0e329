//! `veilpay keys`.

use std::io::Read;

use rand_core::OsRng;
use serde::Serialize;
use veilpay_protocol::keys::{Seed, SpendingKey};
use veilpay_protocol::transaction::TransparentKey;
use zeroize::Zeroizing;

use crate::args::{AddressArgs, NewArgs, RestoreArgs};
use crate::error::CliError;
use crate::files::{WalletFile, read_secret};
use crate::output;

#[derive(Serialize)]
struct Shown {
    address: String,
    transparent_account: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<Zeroizing<String>>,
}

fn show(key: &SpendingKey, index: u32, words: Option<Zeroizing<String>>, json: bool) -> Result<(), CliError> {
    let shown = Shown {
        address: key.address(u64::from(index)).to_string(),
        transparent_account: TransparentKey::of(&key.transparent()).to_string(),
        words,
    };
    if json {
        return output::json(&shown);
    }
    if let Some(words) = &shown.words {
        output::line("Write these words down and keep them safe: they are the money.\n")?;
        for (i, line) in words.split(' ').collect::<Vec<_>>().chunks(6).enumerate() {
            let numbered: Vec<String> =
                line.iter().enumerate().map(|(j, word)| format!("{:2} {word:<9}", 6 * i + j + 1)).collect();
            output::line(numbered.join(" ").trim_end())?;
        }
        output::line("")?;
    }
    output::line(&format!("payment address {index}:    {}", shown.address))?;
    output::line(&format!("transparent account:  {}", shown.transparent_account))
}

/// `veilpay keys new`.
pub(crate) fn new(args: &NewArgs) -> Result<(), CliError> {
    let seed = Seed::generate(&mut OsRng);
    let wallet = WalletFile::create(&args.file.wallet, &seed, args.network, args.account)?;
    output::note(&format!("wallet: {}", args.file.wallet.display()));
    show(wallet.key(), 0, Some(seed.to_words()), args.output.json)
}

/// `veilpay keys restore`.
pub(crate) fn restore(args: &RestoreArgs) -> Result<(), CliError> {
    let words = match &args.words_file {
        Some(path) => {
            let bytes = read_secret(path)?;
            let text = core::str::from_utf8(&bytes).map_err(|_| CliError::BadFile(path.clone()))?;
            Zeroizing::new(text.to_owned())
        }
        None => {
            output::note("twenty-four words, then end of input:");
            let mut text = Zeroizing::new(String::with_capacity(512));
            std::io::stdin().lock().take(4096).read_to_string(&mut text).map_err(CliError::Output)?;
            text
        }
    };
    let seed = Seed::from_words(&words)?;
    let new = &args.new;
    let wallet = WalletFile::create(&new.file.wallet, &seed, new.network, new.account)?;
    output::note(&format!("wallet: {}", new.file.wallet.display()));
    show(wallet.key(), 0, None, new.output.json)
}

/// `veilpay keys address`.
pub(crate) fn address(args: &AddressArgs) -> Result<(), CliError> {
    let wallet = WalletFile::open(&args.file.wallet)?;
    show(wallet.key(), args.index, None, args.output.json)
}
