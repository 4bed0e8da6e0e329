//! `veilpay bench`: our prover and our verifier beside arkworks', with the figures of `docs/BENCHMARKS.md`.

mod machine;
mod report;
mod verify;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use veilpay_circuits::sample::{TestRng, sample};
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::field::Fr;
use veilpay_prover::ProveError;
use veilpay_prover::comparison::{Arkworks, ComparisonError, Ours, compare};
use zeroize::Zeroizing;

use super::prove::{open_zkey, read_wtns, unusable, warn_of_refusals};
use crate::args::{BenchArgs, BenchedProver};
use crate::error::CliError;
use crate::local::{open_keys, pool};
use crate::outputs::distinct;
use report::Report;

/// What both provers prove.
#[derive(Clone, Copy)]
enum Subject<'a> {
    Circuit(CircuitId),
    Zkey { zkey: &'a Path, wtns: &'a Path },
}

impl<'a> Subject<'a> {
    fn of(args: &'a BenchArgs) -> Self {
        match (&args.zkey, &args.wtns) {
            (Some(zkey), Some(wtns)) => Self::Zkey { zkey, wtns },
            _ => Self::Circuit(args.circuit),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Circuit(circuit) => circuit.name().to_owned(),
            Self::Zkey { zkey, .. } => zkey.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        }
    }

    /// The assignment and how long it took: computed from a sample, or read.
    fn assignment(&self, wires: usize) -> Result<(Duration, Zeroizing<Vec<Fr>>), CliError> {
        match self {
            Self::Circuit(circuit) => {
                let (statement, witness) = sample(*circuit, &mut TestRng::new(1));
                let start = Instant::now();
                let assignment = veilpay_circuits::assignment(&statement, &witness);
                Ok((start.elapsed(), Zeroizing::new(assignment.map_err(|_| ProveError::Synthesis)?)))
            }
            Self::Zkey { wtns, .. } => {
                let start = Instant::now();
                let assignment = read_wtns(wtns, wires)?;
                Ok((start.elapsed(), assignment))
            }
        }
    }

    fn ours(&self, args: &BenchArgs) -> Result<Ours, CliError> {
        match self {
            Self::Circuit(circuit) => {
                // In the pool, for as many tasks as it has threads; nobody else in it waits for a key.
                let key = open_keys(&args.keys.keys_dir)?.get(*circuit).map_err(ProveError::Key)?;
                Ok(Ours::of_circuit(key))
            }
            Self::Zkey { zkey, .. } => Ours::of_zkey(open_zkey(zkey)?).map_err(|error| unusable(zkey, error)),
        }
    }

    fn arkworks(&self, args: &BenchArgs) -> Result<Arkworks, CliError> {
        Ok(match self {
            Self::Circuit(circuit) => Arkworks::of_file(&open_keys(&args.keys.keys_dir)?, *circuit)?,
            Self::Zkey { zkey, .. } => Arkworks::of_zkey(&open_zkey(zkey)?)?,
        })
    }
}

/// What a process of its own says of one prover.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Peak {
    peak_rss_bytes: Option<u64>,
}

/// Loads the key, proves once with one prover and prints the most memory that this process has had.
fn prove_alone(args: &BenchArgs, prover: BenchedProver) -> Result<(), CliError> {
    let subject = Subject::of(args);
    pool(args.threads.threads)?.install(|| {
        match prover {
            BenchedProver::Ours => {
                let ours = subject.ours(args)?;
                let (_, assignment) = subject.assignment(ours.wires())?;
                ours.prove(&assignment)?;
            }
            BenchedProver::Arkworks => {
                let arkworks = subject.arkworks(args)?;
                let (_, assignment) = subject.assignment(arkworks.wires())?;
                arkworks.prove(&assignment)?;
            }
        }
        Ok::<_, CliError>(())
    })?;
    crate::output::json(&Peak { peak_rss_bytes: machine::peak_rss_bytes() })
}

/// The peak of a prover, in a process of its own that is given the same options.
fn peak(prover: BenchedProver) -> Option<u64> {
    let program = std::env::current_exe().ok()?;
    let name = match prover {
        BenchedProver::Ours => "ours",
        BenchedProver::Arkworks => "arkworks",
    };
    let output = Command::new(program).args(std::env::args_os().skip(1)).args(["--alone", name]).output().ok()?;
    let peak: Peak = serde_json::from_slice(&output.stdout).ok()?;
    peak.peak_rss_bytes
}

/// `veilpay bench`.
///
/// # Errors
/// [`CliError::Comparison`] when a proof does not verify or the two provers differ: then no figure is printed.
pub(crate) fn run(args: &BenchArgs) -> Result<(), CliError> {
    if let Some(prover) = args.alone {
        return prove_alone(args, prover);
    }
    if args.verify {
        return verify::run(args);
    }
    let files = [&args.zkey, &args.wtns, &args.csv];
    distinct(&files.into_iter().flatten().map(PathBuf::as_path).collect::<Vec<_>>())?;
    let subject = Subject::of(args);
    let report = pool(args.threads.threads)?.install(|| {
        if let Subject::Zkey { zkey, .. } = &subject {
            warn_of_refusals(zkey, &open_zkey(zkey)?);
        }
        let start = Instant::now();
        let ours = subject.ours(args)?;
        let loading = start.elapsed();
        let arkworks = subject.arkworks(args)?;
        let (assigning, assignment) = subject.assignment(arkworks.wires())?;
        let found = compare(&ours, &arkworks, &assignment, args.runs).map_err(|error| match (&subject, error) {
            // A key of snarkjs has no matrix C, so that a wrong witness shows by its proof alone.
            (Subject::Zkey { .. }, ComparisonError::Prove(ProveError::SelfVerification(_))) => CliError::Unsatisfied,
            (_, error) => error.into(),
        })?;
        Ok::<_, CliError>(Report::new(subject.name(), &arkworks, args.runs, &found, (loading, assigning)))
    })?;
    let report = report.with_peaks(peak(BenchedProver::Ours), peak(BenchedProver::Arkworks));
    if let Some(path) = &args.csv {
        report.append_csv(path)?;
    }
    report.print(args.output.json)
}
