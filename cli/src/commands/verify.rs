//! `veilpay verify`: whether a proof of any circuit proves its public inputs under a key that obeys S1.

use serde::Serialize;
use veilpay_verifier::PreparedPoints;

use crate::args::VerifyArgs;
use crate::error::CliError;
use crate::evidence::{Key, Refusal, read_calldata, read_proof, read_public};
use crate::output;

/// What `docs/API.md` fixes as the JSON of `--json`.
#[derive(Serialize)]
struct Verdict {
    valid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

fn verify(args: &VerifyArgs) -> Result<(), CliError> {
    let key = Key::read(&args.key, &args.keys.keys_dir)?;
    let prepared = PreparedPoints::new(&key.points).map_err(Refusal::Key)?;
    let (proof, inputs) = match (&args.calldata, &args.proof, &args.public) {
        (Some(path), _, _) => read_calldata(path, prepared.num_inputs())?,
        (None, Some(proof), Some(public)) => (read_proof(proof)?, read_public(public)?),
        _ => return Err(CliError::MissingFiles),
    };
    prepared.verify(&inputs, &proof).map_err(Refusal::Verify)?;
    if key.is_dev() {
        output::note("veilpay: the key is of a dev setup, INSECURE: whoever made it can forge proofs");
    }
    Ok(())
}

/// `veilpay verify`.
///
/// # Errors
/// [`CliError::Refused`] when the proof is not valid, for whatever reason; else a file that cannot be read.
pub(crate) fn run(args: &VerifyArgs) -> Result<(), CliError> {
    let verified = verify(args);
    let verdict = match &verified {
        Ok(()) => Verdict { valid: true, rule: None, detail: None },
        Err(CliError::Refused(refusal)) => {
            Verdict { valid: false, rule: Some(refusal.rule()), detail: Some(refusal.to_string()) }
        }
        Err(_) => return verified,
    };
    if args.output.json {
        output::json(&verdict)?;
    } else if verdict.valid {
        output::line("valid")?;
    }
    verified
}
