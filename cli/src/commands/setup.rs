//! `veilpay setup`: dev keys, what a ceremony begins with and what comes out of it, and the check of key files (S1 to S3).

pub(crate) mod verify;

use std::fs::File;
use std::path::{Path, PathBuf};

use serde::Serialize;
use veilpay_api::circuits::Ceremony;
use veilpay_api::text::Hex32;
use veilpay_protocol::circuit::CircuitId;
use veilpay_prover::circom::{self, CircomError, Place, Ptau, r1cs};
use veilpay_prover::keys::{self, ImportError, Provenance};
use veilpay_prover::r1cs::R1cs;
use veilpay_prover::{CircuitKey, KeyFileError, KeyStore, ProveError};
use veilpay_service::engine::ceremony;
use veilpay_verifier::Setup;

use crate::args::{ExportR1csArgs, ImportZkeyArgs, SetupDevArgs};
use crate::commands::prove::open_zkey;
use crate::error::CliError;
use crate::files::failed;
use crate::local::open_keys;
use crate::output::{self, Align};
use crate::outputs::{distinct, write_together};

/// A key that a command made or found.
#[derive(Serialize)]
struct Made {
    circuit: &'static str,
    version: u16,
    setup: &'static str,
    insecure: bool,
    /// Whether it was made now.
    made: bool,
    vk_digest: Hex32,
    path: PathBuf,
}

/// A circuit that was written down.
#[derive(Serialize)]
struct Exported {
    circuit: &'static str,
    version: u16,
    constraints: usize,
    wires: usize,
    public_inputs: usize,
    domain_log2: u32,
    matrix_digest: Hex32,
    path: PathBuf,
}

/// A key that was taken over.
#[derive(Serialize)]
struct Imported {
    circuit: &'static str,
    version: u16,
    setup: &'static str,
    vk_digest: Hex32,
    ceremony: Option<Ceremony>,
    path: PathBuf,
}

/// The first half of a digest of matrices, as tables and JSON show it.
fn half(digest: &[u8; 64]) -> Hex32 {
    let mut out = [0; 32];
    out.copy_from_slice(&digest[..32]);
    Hex32(out)
}

fn key_error(path: &Path) -> impl FnOnce(KeyFileError) -> CliError {
    let path = path.to_owned();
    move |source| CliError::Keys { path, source }
}

/// Opens prepared powers of tau.
///
/// # Errors
/// [`CliError::File`] or [`CliError::Circom`].
fn open_ptau(path: &Path) -> Result<Ptau, CliError> {
    Ptau::open(File::open(path).map_err(failed("read", path))?).map_err(|source| match source {
        CircomError::Io(kind) => failed("read", path)(kind.into()),
        CircomError::MissingSection(Place { file: circom::File::Ptau, section: 12.. }) => {
            CliError::Unprepared(path.to_owned())
        }
        source => CliError::Circom { path: path.to_owned(), source },
    })
}

/// Whether the first record is of an earlier state of the ceremony that the second is of: its contributions begin the
/// other's, and there are fewer.
fn is_earlier(record: &Provenance, than: &Provenance) -> bool {
    let hashes = |record: &Provenance| -> Vec<_> { record.contributions().iter().map(|made| made.hash).collect() };
    let (first, all) = (hashes(record), hashes(than));
    record.circuit_hash() == than.circuit_hash() && first.len() < all.len() && all.starts_with(&first)
}

/// Whether the key that is there may go: it is not a later one of the same ceremony.
///
/// # Errors
/// [`CliError::EarlierState`].
fn may_replace(store: &KeyStore, key: &CircuitKey) -> Result<(), CliError> {
    let circuit = key.info().circuit;
    // One that cannot be read is not worth keeping.
    let there = store.read(circuit, Setup::Ceremony).ok();
    let records = key.provenance().zip(there.as_ref().and_then(CircuitKey::provenance));
    match records {
        Some((record, than)) if is_earlier(record, than) => {
            Err(CliError::EarlierState(store.path(circuit, Setup::Ceremony)))
        }
        _ => Ok(()),
    }
}

/// `veilpay setup dev`.
///
/// # Errors
/// [`CliError::Keys`] when a key cannot be read or written.
pub(crate) fn dev(args: &SetupDevArgs) -> Result<(), CliError> {
    let store = open_keys(&args.keys.keys_dir)?;
    let all = CircuitId::ALL;
    let circuits = if args.circuits.is_empty() { &all[..] } else { &args.circuits };
    let mut rows = Vec::new();
    for circuit in circuits {
        let path = store.path(*circuit, Setup::Dev);
        let (key, made) = store.dev(*circuit, args.renew).map_err(key_error(&path))?;
        let vk_digest = Hex32(*key.prepared().digest());
        let (circuit, version) = (circuit.name(), circuit.version());
        rows.push(Made { circuit, version, setup: "dev", insecure: true, made, vk_digest, path });
    }
    if args.output.json {
        return output::json(&rows);
    }
    let columns = [("circuit", Align::Left), ("key", Align::Left), ("", Align::Left), ("file", Align::Left)];
    let row = |made: &Made| {
        let what = if made.made { "made now" } else { "was there" };
        let name = format!("{} v{}", made.circuit, made.version);
        vec![name, made.vk_digest.to_string()[..18].to_owned(), what.to_owned(), made.path.display().to_string()]
    };
    output::line(&output::table(&columns, &rows.iter().map(row).collect::<Vec<_>>()))?;
    output::note("dev keys are INSECURE: whoever made them can forge proofs; for trials only");
    Ok(())
}

/// `veilpay setup export-r1cs`.
///
/// # Errors
/// [`CliError::File`] when the file cannot be written.
pub(crate) fn export_r1cs(args: &ExportR1csArgs) -> Result<(), CliError> {
    let circuit = args.circuit;
    let matrices = R1cs::from(veilpay_circuits::matrices(circuit).map_err(|_| ProveError::Synthesis)?);
    write_together(&[(&args.out, &r1cs::write(&matrices))])?;
    let exported = Exported {
        circuit: circuit.name(),
        version: circuit.version(),
        constraints: matrices.num_constraints(),
        wires: matrices.num_variables(),
        public_inputs: circuit.public_inputs(),
        domain_log2: matrices.domain_size().ilog2(),
        matrix_digest: half(&matrices.digest()),
        path: args.out.clone(),
    };
    if args.output.json {
        return output::json(&exported);
    }
    let Exported { circuit, version, domain_log2, matrix_digest, path, .. } = &exported;
    output::line(&format!("{circuit} v{version}: {} constraints", output::thousands(exported.constraints)))?;
    output::line(&format!("matrices {matrix_digest}"))?;
    output::line(&format!("powers of tau: prepared for 2^{domain_log2} at least"))?;
    output::line(&format!("written to {}", path.display()))
}

/// `veilpay setup import-zkey`.
///
/// # Errors
/// [`CliError::Import`] naming the rule that the key breaks, [`CliError::FileExists`] when there is a ceremony's key,
/// [`CliError::EarlierState`] when that is a later one of the same ceremony, whatever was asked for.
pub(crate) fn import_zkey(args: &ImportZkeyArgs) -> Result<(), CliError> {
    let (circuit, path) = (args.circuit, &args.zkey);
    let store = open_keys(&args.out)?;
    let target = store.path(circuit, Setup::Ceremony);
    distinct(&[path, &args.ptau, &target])?;
    if target.exists() && !args.replace {
        return Err(CliError::FileExists(target));
    }
    let refused = |source: ImportError| match source {
        ImportError::Circom(CircomError::Io(kind)) => failed("read", path)(kind.into()),
        ImportError::Ptau(source) => CliError::Circom { path: args.ptau.clone(), source },
        source => CliError::Import { path: path.clone(), source },
    };
    let zkey = open_zkey(path)?;
    let key = keys::import(circuit, &zkey, &open_ptau(&args.ptau)?, &args.transcript).map_err(refused)?;
    may_replace(&store, &key)?;
    store.put(&key).map_err(key_error(&target))?;
    let imported = Imported {
        circuit: circuit.name(),
        version: circuit.version(),
        setup: "ceremony",
        vk_digest: Hex32(*key.prepared().digest()),
        ceremony: key.provenance().map(ceremony),
        path: target,
    };
    if key.provenance().and_then(|record| record.contributions().last()).is_none_or(|last| last.beacon.is_none()) {
        output::note(
            "veilpay: no beacon ends this ceremony: if one was announced, or more contributions, this is not its last key",
        );
    }
    if args.output.json {
        return output::json(&imported);
    }
    show_imported(&imported)
}

fn show_imported(imported: &Imported) -> Result<(), CliError> {
    if let Some(ceremony) = &imported.ceremony {
        let columns = [("", Align::Right), ("contribution", Align::Left), ("of", Align::Left), ("hash", Align::Left)];
        let row = |(number, contribution): (usize, &veilpay_api::circuits::Contribution)| {
            let kind = if contribution.beacon.is_some() { "beacon" } else { "participant" };
            vec![(number + 1).to_string(), kind.to_owned(), contribution.name.clone(), contribution.hash.to_string()]
        };
        let rows: Vec<_> = ceremony.contributions.iter().enumerate().map(row).collect();
        output::line(&output::table(&columns, &rows))?;
        output::line(&format!("circuit hash {}", ceremony.circuit_hash))?;
    }
    output::line(&format!("verifying key {}", imported.vk_digest))?;
    output::line(&format!("written to {}", imported.path.display()))?;
    output::note(
        "what contributions and powers of tau prove is checked by `snarkjs zkey verify` and `powersoftau verify`; see docs/CEREMONY.md",
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use veilpay_prover::keys::Contribution;

    use super::*;

    #[test]
    fn s3_an_earlier_state_of_a_ceremony_is_told_from_a_later_one_and_from_another_ceremony() {
        let record = |circuit: u8, hashes: &[u8], notes: &str| {
            let made = |hash: &u8| Contribution { hash: [*hash; 64], name: String::new(), beacon: None };
            Provenance::new([circuit; 64], hashes.iter().map(made).collect(), notes.to_owned()).expect("a record")
        };
        let whole = record(7, &[1, 2, 3], "there");
        assert!(is_earlier(&record(7, &[1], ""), &whole) && is_earlier(&record(7, &[1, 2], ""), &whole));
        for other in [record(7, &[1, 2, 3], ""), record(7, &[1, 2, 3, 4], ""), record(7, &[2], ""), record(8, &[1], "")]
        {
            assert!(!is_earlier(&other, &whole), "{other:?}");
        }
    }
}
