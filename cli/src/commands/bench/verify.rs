//! `veilpay bench --verify`: our verification beside arkworks'.

use serde::Serialize;
use veilpay_circuits::sample::{TestRng, sample};
use veilpay_prover::ProveError;
use veilpay_prover::comparison::{Arkworks, Times, VerificationComparison, compare_verification};
use zeroize::Zeroizing;

use super::machine;
use crate::args::BenchArgs;
use crate::error::CliError;
use crate::local::{open_keys, pool};
use crate::output::{self, Align, thousands};

/// Statements that are proved; the other proofs are those re-randomised.
const STATEMENTS: u64 = 4;

/// Of a batch of one size.
#[derive(Serialize)]
struct BatchFigures {
    size: usize,
    /// The median.
    us_per_proof: f64,
    min_us_per_proof: f64,
    /// Of arkworks' single time to ours per proof.
    ratio: f64,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    circuit: &'static str,
    cpu: String,
    target_features: Vec<&'static str>,
    backend: String,
    threads: usize,
    runs: usize,
    public_inputs: usize,
    /// There is no report of a proof that does not.
    proofs_verify: bool,
    /// Nor of a verifier that accepts a wrong one.
    wrong_proofs_refused: bool,
    ours_single_us: f64,
    ours_single_min_us: f64,
    arkworks_single_us: f64,
    arkworks_single_min_us: f64,
    ratio: f64,
    batch: Vec<BatchFigures>,
}

fn us(times: &Times) -> (f64, f64) {
    (times.median().as_secs_f64() * 1e6, times.min().as_secs_f64() * 1e6)
}

fn rounded(x: f64) -> f64 {
    (x * 100.0).round() / 100.0
}

impl Report {
    fn new(args: &BenchArgs, found: &VerificationComparison) -> Self {
        let ((ours, ours_min), (arkworks, arkworks_min)) = (us(&found.ours), us(&found.arkworks));
        let batch = |batch: &veilpay_prover::comparison::BatchTimes| {
            let (median, min) = us(&batch.times);
            let (median, min) = (median / batch.size as f64, min / batch.size as f64);
            BatchFigures {
                size: batch.size,
                us_per_proof: rounded(median),
                min_us_per_proof: rounded(min),
                ratio: rounded(arkworks / median),
            }
        };
        Self {
            circuit: args.circuit.name(),
            cpu: machine::processor(),
            target_features: machine::target_features(),
            backend: found.backend.to_string(),
            threads: found.threads,
            runs: args.runs.get(),
            public_inputs: found.public_inputs,
            proofs_verify: true,
            wrong_proofs_refused: true,
            ours_single_us: rounded(ours),
            ours_single_min_us: rounded(ours_min),
            arkworks_single_us: rounded(arkworks),
            arkworks_single_min_us: rounded(arkworks_min),
            ratio: rounded(arkworks / ours),
            batch: found.batches.iter().map(batch).collect(),
        }
    }

    fn print(&self, json: bool) -> Result<(), CliError> {
        if json {
            return output::json(self);
        }
        output::line(&format!(
            "{}: verification from bytes, {} public inputs\n{}\n",
            self.circuit,
            self.public_inputs,
            machine::line(&self.cpu, self.threads, &self.backend, self.runs),
        ))?;
        let columns =
            [("us a proof", Align::Left), ("median", Align::Right), ("fastest", Align::Right), ("ratio", Align::Right)];
        let row = |name: String, median: f64, min: f64, ratio: f64| {
            vec![name, format!("{median:.1}"), format!("{min:.1}"), format!("{ratio:.2}")]
        };
        let mut rows = vec![
            row("ark-groth16, one".to_owned(), self.arkworks_single_us, self.arkworks_single_min_us, 1.0),
            row("ours, one".to_owned(), self.ours_single_us, self.ours_single_min_us, self.ratio),
        ];
        for batch in &self.batch {
            let name = format!("ours, batch of {}", thousands(batch.size));
            rows.push(row(name, batch.us_per_proof, batch.min_us_per_proof, batch.ratio));
        }
        output::line(&output::table(&columns, &rows))?;
        output::line(
            "\nevery proof asked about was accepted by both, every wrong one refused by both and named in its batch",
        )
    }
}

/// Proves some statements and compares how their proofs are verified.
pub(super) fn run(args: &BenchArgs) -> Result<(), CliError> {
    let report = pool(args.threads.threads)?.install(|| {
        let store = open_keys(&args.keys.keys_dir)?;
        let key = store.get(args.circuit).map_err(ProveError::Key)?;
        let arkworks = Arkworks::of_file(&store, args.circuit)?;
        let assignment = |seed| {
            let (statement, witness) = sample(args.circuit, &mut TestRng::new(seed));
            veilpay_circuits::assignment(&statement, &witness).map(Zeroizing::new).map_err(|_| ProveError::Synthesis)
        };
        let assignments = (1..=STATEMENTS).map(assignment).collect::<Result<Vec<_>, _>>()?;
        let found = compare_verification(&key, &arkworks, &assignments, args.runs)?;
        Ok::<_, CliError>(Report::new(args, &found))
    })?;
    report.print(args.output.json)
}
