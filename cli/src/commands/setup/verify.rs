//! `veilpay setup verify`: every check that a key file admits, and by name those that it does not.

use std::path::{Path, PathBuf};

use serde::Serialize;
use veilpay_api::circuits::Ceremony;
use veilpay_api::text::Hex32;
use veilpay_protocol::circuit::CircuitId;
use veilpay_prover::circom::Ptau;
use veilpay_prover::keys::ImportError;
use veilpay_prover::{CircuitKey, KeyFileError, KeyStore};
use veilpay_service::catalog::setup_name;
use veilpay_service::engine::ceremony;
use veilpay_verifier::Setup;

use super::{key_error, open_ptau};
use crate::args::SetupVerifyArgs;
use crate::error::{CliError, Fault};
use crate::local::open_keys;
use crate::output::{self, Align};

/// What came of a check.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Ok,
    Refused,
    NotChecked,
}

/// A check and what came of it.
#[derive(Serialize)]
struct Check {
    check: &'static str,
    outcome: Outcome,
    /// The rule that is broken, or what the check would take.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

#[derive(Serialize)]
struct Report {
    circuit: &'static str,
    version: u16,
    setup: &'static str,
    path: PathBuf,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    vk_digest: Option<Hex32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ceremony: Option<Ceremony>,
    checks: Vec<Check>,
    /// The damage of the file, where it has some: not a rule that a key breaks.
    #[serde(skip)]
    damage: Option<CliError>,
}

const FILE: &str = "file, S1 of the verifying key, pairs in G1 and G2";
const THOROUGH: &str = "matrices, B in G1 and G2, subgroups";
const PROOFS: &str = "honest proofs verify";
const TAUS: &str = "queries follow from circuit and powers of tau";
const FIRST_PHASE: &str = "powers of tau come from a ceremony";
const TRANSCRIPT: &str = "contributions of the second phase";

fn refused(check: &'static str, error: &dyn std::error::Error) -> Check {
    Check { check, outcome: Outcome::Refused, why: Some(error.to_string()) }
}

fn outcome(check: &'static str, result: Result<(), KeyFileError>) -> Check {
    match result {
        Ok(()) => Check { check, outcome: Outcome::Ok, why: None },
        Err(error) => refused(check, &error),
    }
}

fn not_checked(check: &'static str, why: &str) -> Check {
    Check { check, outcome: Outcome::NotChecked, why: Some(why.to_owned()) }
}

/// The checks that a loaded key admits.
fn checks(key: &CircuitKey, ptau: Option<(&Ptau, &Path)>) -> Result<Vec<Check>, CliError> {
    let mut out = vec![outcome(FILE, Ok(())), outcome(THOROUGH, key.check()), outcome(PROOFS, key.check_proofs())];
    let dev = key.info().setup == Setup::Dev;
    out.push(match ptau {
        _ if dev => not_checked(TAUS, "a dev key has a tau of its own"),
        None => not_checked(TAUS, "needs --ptau: without it, tau is known to nobody"),
        Some((ptau, path)) => match key.check_taus(ptau) {
            Ok(()) => outcome(TAUS, Ok(())),
            Err(ImportError::Ptau(source)) => return Err(CliError::Circom { path: path.to_owned(), source }),
            Err(error) => refused(TAUS, &error),
        },
    });
    if !dev {
        out.push(not_checked(FIRST_PHASE, "in their own file: `snarkjs powersoftau verify`, and its published hash"));
    }
    let none = "a dev key has none: whoever made it can forge proofs";
    out.push(not_checked(TRANSCRIPT, if dev { none } else { "in the ceremony's own file: `snarkjs zkey verify`" }));
    Ok(out)
}

/// The report on one file; none when it is not there.
fn examine(
    store: &KeyStore,
    circuit: CircuitId,
    setup: Setup,
    ptau: Option<(&Ptau, &Path)>,
) -> Result<Option<Report>, CliError> {
    let path = store.path(circuit, setup);
    if !path.exists() {
        return Ok(None);
    }
    let key = match store.read(circuit, setup) {
        Ok(key) => Ok(key),
        Err(source @ KeyFileError::Io(_)) => return Err(CliError::KeyFile { path, circuit, setup, source }),
        Err(error @ KeyFileError::Backend(_)) => return Err(key_error(&path)(error)),
        Err(error) => Err(error),
    };
    let checks = match &key {
        Ok(key) => checks(key, ptau)?,
        Err(error) => vec![outcome(FILE, Err(*error))],
    };
    let damage = match &key {
        Err(source) if Fault::of(source) != Fault::Rule => {
            Some(CliError::KeyFile { path: path.clone(), circuit, setup, source: *source })
        }
        _ => None,
    };
    let key = key.ok();
    Ok(Some(Report {
        circuit: circuit.name(),
        version: circuit.version(),
        setup: setup_name(setup),
        path,
        ok: checks.iter().all(|check| check.outcome != Outcome::Refused),
        vk_digest: key.as_ref().map(|key| Hex32(*key.prepared().digest())),
        ceremony: key.as_ref().and_then(|key| key.provenance().map(ceremony)),
        checks,
        damage,
    }))
}

/// `veilpay setup verify`.
///
/// # Errors
/// After the report [`CliError::KeyRefused`] when a key breaks a rule, else [`CliError::KeyFile`] when a file is damaged; [`CliError::NoKeys`] when there is nothing to check.
pub(crate) fn run(args: &SetupVerifyArgs) -> Result<(), CliError> {
    if !args.keys.is_dir() {
        return Err(CliError::NoKeys(args.keys.clone()));
    }
    let store = open_keys(&args.keys)?;
    let ptau = args.ptau.as_deref().map(|path| Ok::<_, CliError>((open_ptau(path)?, path))).transpose()?;
    let ptau = ptau.as_ref().map(|(ptau, path)| (ptau, *path));
    let all = CircuitId::ALL;
    let mut reports = Vec::new();
    for circuit in if args.circuits.is_empty() { &all[..] } else { &args.circuits } {
        for setup in [Setup::Ceremony, Setup::Dev] {
            reports.extend(examine(&store, *circuit, setup, ptau)?);
        }
    }
    if reports.is_empty() {
        return Err(CliError::NoKeys(args.keys.clone()));
    }
    if args.output.json {
        output::json(&reports)?;
    } else {
        for (number, report) in reports.iter().enumerate() {
            if number > 0 {
                output::line("")?;
            }
            show(report)?;
        }
    }
    if reports.iter().any(|report| !report.ok && report.damage.is_none()) {
        return Err(CliError::KeyRefused);
    }
    reports.into_iter().find_map(|report| report.damage).map_or(Ok(()), Err)
}

fn show(report: &Report) -> Result<(), CliError> {
    let digest = report.vk_digest.map_or_else(|| "unreadable".to_owned(), |digest| digest.to_string());
    output::line(&format!("{} v{}, {}: {digest}", report.circuit, report.version, report.setup))?;
    let columns = [("check", Align::Left), ("", Align::Left), ("", Align::Left)];
    let row = |check: &Check| {
        let outcome = match check.outcome {
            Outcome::Ok => "ok",
            Outcome::Refused => "REFUSED",
            Outcome::NotChecked => "not checked",
        };
        vec![check.check.to_owned(), outcome.to_owned(), check.why.clone().unwrap_or_default()]
    };
    output::line(&output::table(&columns, &report.checks.iter().map(row).collect::<Vec<_>>()))
}
