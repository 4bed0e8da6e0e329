//! What the demo did, as it goes and as a table at its end, or as one JSON value.

use std::time::Instant;

use serde::Serialize;
use veilpay_wallet::{Receipt, WalletError};

use crate::error::CliError;
use crate::output::{self, Align, thousands};

#[derive(Serialize)]
struct Step {
    name: String,
    ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    constraints: Option<usize>,
}

#[derive(Serialize)]
struct Refusal {
    attempt: String,
    rule: String,
    reason: String,
}

#[derive(Serialize)]
struct Summary<'a> {
    ok: bool,
    steps: &'a [Step],
    refused: &'a [Refusal],
    total_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// The report of a demo.
pub(super) struct Report {
    json: bool,
    started: Instant,
    steps: Vec<Step>,
    refused: Vec<Refusal>,
    /// Of the circuit that the payments take.
    constraints: Option<usize>,
}

fn milliseconds(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 10_000.0).round() / 10.0
}

impl Report {
    pub(super) fn start(json: bool) -> Self {
        Self { json, started: Instant::now(), steps: Vec::new(), refused: Vec::new(), constraints: None }
    }

    /// Notes the size of the circuit that the payments take.
    pub(super) fn payments_take(&mut self, constraints: usize) {
        self.constraints = Some(constraints);
    }

    fn add(&mut self, step: Step) {
        if !self.json {
            output::note(&format!("  ✓ {} ({:.0} ms)", step.name, step.ms));
        }
        self.steps.push(step);
    }

    /// Does and times a step.
    pub(super) fn step<T>(&mut self, name: &str, act: impl FnOnce() -> Result<T, CliError>) -> Result<T, CliError> {
        let since = Instant::now();
        let value = act()?;
        self.add(Step { name: name.to_owned(), ms: milliseconds(since), bytes: None, constraints: None });
        Ok(value)
    }

    /// Does and times a payment, whose transaction's bytes and circuit's constraints are shown.
    pub(super) fn payment(
        &mut self,
        name: &str,
        act: impl FnOnce() -> Result<Receipt, WalletError>,
    ) -> Result<Receipt, CliError> {
        let since = Instant::now();
        let receipt = act()?;
        let ms = milliseconds(since);
        let constraints = self.constraints;
        self.add(Step { name: name.to_owned(), ms, bytes: Some(receipt.bytes), constraints });
        Ok(receipt)
    }

    /// Notes that an attempt was refused by a rule; refused by another rule than it should be, the demo fails.
    pub(super) fn refused(
        &mut self,
        attempt: &str,
        expected: &str,
        (rule, reason): (String, String),
    ) -> Result<(), CliError> {
        let reason = reason.strip_prefix(&format!("{rule}: ")).unwrap_or(&reason).to_owned();
        if rule != expected {
            output::note(&format!("  ✗ {attempt}: refused by {rule} ({reason}), expected {expected}"));
            return Err(CliError::Demo("an attempt was refused by another rule than it should be"));
        }
        if !self.json {
            output::note(&format!("  ✓ refused by {rule}: {attempt}"));
        }
        self.refused.push(Refusal { attempt: attempt.to_owned(), rule, reason });
        Ok(())
    }

    /// Prints the table, or the JSON value, and passes the outcome on.
    pub(super) fn finish(self, outcome: Result<(), CliError>) -> Result<(), CliError> {
        let total_ms = milliseconds(self.started);
        if self.json {
            let error = outcome.as_ref().err().map(ToString::to_string);
            let summary = Summary { ok: outcome.is_ok(), steps: &self.steps, refused: &self.refused, total_ms, error };
            output::json(&summary)?;
            return outcome;
        }
        let columns =
            [("step", Align::Left), ("ms", Align::Right), ("bytes", Align::Right), ("constraints", Align::Right)];
        let show = |number: Option<usize>| number.map(thousands).unwrap_or_default();
        let row = |s: &Step| vec![s.name.clone(), format!("{:.0}", s.ms), show(s.bytes), show(s.constraints)];
        output::line("")?;
        output::line(&output::table(&columns, &self.steps.iter().map(row).collect::<Vec<_>>()))?;
        let columns = [("refused", Align::Left), ("rule", Align::Left), ("why", Align::Left)];
        let row = |r: &Refusal| vec![r.attempt.clone(), r.rule.clone(), r.reason.clone()];
        output::line("")?;
        output::line(&output::table(&columns, &self.refused.iter().map(row).collect::<Vec<_>>()))?;
        output::line("")?;
        if outcome.is_ok() {
            output::line(&format!("done in {:.1} s, every step and every refusal as it should be", total_ms / 1000.0))?;
            output::line("keys: dev setup, INSECURE: whoever made them can forge proofs; for demos only")?;
        }
        outcome
    }
}
