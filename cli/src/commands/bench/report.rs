//! The figures as a table, as JSON, and as lines of CSV.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use veilpay_prover::comparison::{Arkworks, Comparison, Part, Times};

use super::machine;
use crate::error::CliError;
use crate::files::failed;
use crate::output::{self, Align, thousands};

/// How the time of one thing was distributed over its runs.
#[derive(Clone, Copy, Serialize)]
struct Figures {
    median_ms: f64,
    min_ms: f64,
    max_ms: f64,
}

/// A prover's figures.
#[derive(Serialize)]
struct Prover {
    #[serde(flatten)]
    proof: Figures,
    /// With r and s given, so that the sum of B in G1 is there too.
    #[serde(skip_serializing_if = "Option::is_none")]
    given_scalars: Option<Figures>,
    /// With a time that does not depend on the witness.
    #[serde(skip_serializing_if = "Option::is_none")]
    uniform_timing: Option<Figures>,
    /// Medians by part; each part alone with all threads.
    stages: BTreeMap<&'static str, f64>,
    peak_rss_bytes: Option<u64>,
}

/// What `--json` prints.
#[derive(Serialize)]
pub(super) struct Report {
    circuit: String,
    cpu: String,
    target_features: Vec<&'static str>,
    backend: String,
    threads: usize,
    runs: usize,
    constraints: usize,
    wires: usize,
    public_inputs: usize,
    domain_log2: u32,
    /// There is no report of a proof that does not.
    proof_verifies: bool,
    ours: Prover,
    arkworks: Prover,
    ratio: f64,
    ratio_of_minima: f64,
    key_loading_ms: f64,
    assignment_ms: f64,
    verification_ms: f64,
    /// Of ours.
    peak_rss_bytes: Option<u64>,
}

fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

fn figures(times: &Times) -> Figures {
    Figures { median_ms: ms(times.median()), min_ms: ms(times.min()), max_ms: ms(times.max()) }
}

fn prover(times: &Times, (given, uniform): (Option<&Times>, Option<&Times>), parts: &[(Part, Times)]) -> Prover {
    Prover {
        proof: figures(times),
        given_scalars: given.map(figures),
        uniform_timing: uniform.map(figures),
        stages: parts.iter().map(|(part, times)| (part.name(), ms(times.median()))).collect(),
        peak_rss_bytes: None,
    }
}

fn ratio(of: Duration, to: Duration) -> f64 {
    (of.as_secs_f64() / to.as_secs_f64() * 100.0).round() / 100.0
}

impl Report {
    pub(super) fn new(
        circuit: String,
        shape: &Arkworks,
        runs: NonZeroUsize,
        found: &Comparison,
        (loading, assigning): (Duration, Duration),
    ) -> Self {
        Self {
            circuit,
            cpu: machine::processor(),
            target_features: machine::target_features(),
            backend: found.backend.to_string(),
            threads: found.threads,
            runs: runs.get(),
            constraints: shape.constraints(),
            wires: shape.wires(),
            public_inputs: shape.public_inputs(),
            domain_log2: shape.domain_size().ilog2(),
            proof_verifies: true,
            ours: prover(&found.ours, (Some(&found.ours_given), Some(&found.ours_uniform)), &found.our_parts),
            arkworks: prover(&found.arkworks, (None, None), &found.arkworks_parts),
            ratio: ratio(found.arkworks.median(), found.ours.median()),
            ratio_of_minima: ratio(found.arkworks.min(), found.ours.min()),
            key_loading_ms: ms(loading),
            assignment_ms: ms(assigning),
            verification_ms: ms(found.verification.median()),
            peak_rss_bytes: None,
        }
    }

    /// The same with the memory that the provers took.
    pub(super) fn with_peaks(mut self, ours: Option<u64>, arkworks: Option<u64>) -> Self {
        (self.peak_rss_bytes, self.ours.peak_rss_bytes, self.arkworks.peak_rss_bytes) = (ours, ours, arkworks);
        self
    }

    pub(super) fn print(&self, json: bool) -> Result<(), CliError> {
        if json {
            return output::json(self);
        }
        let features = if self.target_features.is_empty() {
            "any machine of its kind".to_owned()
        } else {
            self.target_features.join(" ")
        };
        output::line(&format!(
            "{}: {} constraints, {} wires, domain 2^{}\n{}, compiled for {features}\n",
            self.circuit,
            thousands(self.constraints),
            thousands(self.wires),
            self.domain_log2,
            machine::line(&self.cpu, self.threads, &self.backend, self.runs),
        ))?;
        let columns =
            [("ms, median", Align::Left), ("ours", Align::Right), ("arkworks", Align::Right), ("ratio", Align::Right)];
        output::line(&output::table(&columns, &self.rows()))?;
        let [loading, assignment, verification] =
            [self.key_loading_ms, self.assignment_ms, self.verification_ms].map(|ms| format!("{ms:.1}"));
        output::line(&format!(
            "\nevery proof verified, and equal to arkworks' for the same r and s; stages are each alone, on all threads\n\
             apart from that, ours: key {loading} ms, assignment {assignment} ms, verification {verification} ms"
        ))
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |name: &str, ours: Option<f64>, theirs: Option<f64>| {
            let cell = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"));
            let ratio = ours.zip(theirs).map(|(ours, theirs)| theirs / ours);
            vec![name.to_owned(), cell(ours), cell(theirs), cell(ratio)]
        };
        let (ours, theirs) = (&self.ours.proof, &self.arkworks.proof);
        let median = |figures: Option<Figures>| figures.map(|figures| figures.median_ms);
        let mut rows = vec![
            row("proof", Some(ours.median_ms), Some(theirs.median_ms)),
            row("proof, fastest run", Some(ours.min_ms), Some(theirs.min_ms)),
            row("proof, slowest run", Some(ours.max_ms), Some(theirs.max_ms)),
            row("proof, r and s given", median(self.ours.given_scalars), Some(theirs.median_ms)),
            row("proof, uniform timing", median(self.ours.uniform_timing), Some(theirs.median_ms)),
        ];
        let stage = |prover: &Prover, part: Part| prover.stages.get(part.name()).copied();
        for part in Part::ALL {
            let (ours, theirs) = (stage(&self.ours, part), stage(&self.arkworks, part));
            if ours.or(theirs).is_some() {
                rows.push(row(&format!("  {}", part.name()), ours, theirs));
            }
        }
        let mib = |bytes: Option<u64>| bytes.map(|bytes| bytes as f64 / f64::from(1 << 20));
        rows.push(row("peak memory, MiB", mib(self.ours.peak_rss_bytes), mib(self.arkworks.peak_rss_bytes)));
        rows
    }

    /// Appends a line per prover and stage; the first one of a file is preceded by the columns' names.
    ///
    /// # Errors
    /// [`CliError::File`].
    pub(super) fn append_csv(&self, path: &Path) -> Result<(), CliError> {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let mut text = String::new();
        for (name, prover) in [("ours", &self.ours), ("arkworks", &self.arkworks)] {
            let all = [("proof", prover.proof.median_ms)].into_iter();
            let given = prover.given_scalars.map(|figures| ("proof_given_scalars", figures.median_ms));
            let uniform = prover.uniform_timing.map(|figures| ("proof_uniform_timing", figures.median_ms));
            for (stage, ms) in
                all.chain(given).chain(uniform).chain(prover.stages.iter().map(|(stage, ms)| (*stage, *ms)))
            {
                text += &format!(
                    "{},{},{},{},{},{},{},{name},{stage},{ms}\n",
                    quoted(&self.cpu),
                    quoted(&self.target_features.join(" ")),
                    self.backend,
                    self.threads,
                    self.runs,
                    quoted(&self.circuit),
                    self.constraints,
                );
            }
        }
        let write = |mut text: String| {
            let mut file = File::options().append(true).create(true).open(path)?;
            if file.seek(SeekFrom::End(0))? == 0 {
                text.insert_str(
                    0,
                    "machine,compiled_for,backend,threads,runs,circuit,constraints,prover,stage,median_ms\n",
                );
            }
            file.write_all(text.as_bytes())
        };
        write(text).map_err(failed("write", path))
    }
}
