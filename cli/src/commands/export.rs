//! `veilpay export`: a verifying key that obeys S1, in another form.

use std::io::{IsTerminal as _, Write as _};

use veilpay_verifier::formats::snarkjs;
use veilpay_verifier::formats::solidity::{Origin, verifier};

use crate::args::{ExportArgs, KeyFormat};
use crate::error::CliError;
use crate::evidence::Key;
use crate::output;
use crate::outputs::{distinct, write_together};

fn origin(key: &Key) -> Origin {
    key.native.as_ref().map_or(Origin::Unknown, |key| key.info().into())
}

/// `veilpay export`.
///
/// # Errors
/// [`CliError::Refused`] for a key that is not of its form or breaks S1, [`CliError::InsecureDevKey`] for one of a dev
/// setup unless told to take it, [`CliError::Solidity`], [`CliError::NoNativeForm`], [`CliError::Terminal`] for bytes that are no text, or a file.
pub(crate) fn run(args: &ExportArgs) -> Result<(), CliError> {
    let key = Key::read(&args.key, &args.keys.keys_dir)?;
    if let Some(out) = &args.out {
        distinct(&[&key.path, out])?;
    }
    if key.is_dev() {
        if !args.allow_insecure_dev_keys {
            return Err(CliError::InsecureDevKey);
        }
        output::note("veilpay: the key is of a dev setup, INSECURE: whoever made it can forge proofs");
    }
    let bytes = match args.format {
        KeyFormat::Native => key.native.as_ref().ok_or(CliError::NoNativeForm)?.to_bytes(),
        KeyFormat::Snarkjs => snarkjs::write_key(&key.points).into_bytes(),
        KeyFormat::Solidity => verifier(&key.points, &args.name, origin(&key))?.into_bytes(),
    };
    match &args.out {
        Some(path) => write_together(&[(path, &bytes)]),
        None if args.format == KeyFormat::Native && std::io::stdout().is_terminal() => Err(CliError::Terminal),
        None => Ok(std::io::stdout().lock().write_all(&bytes)?),
    }
}
