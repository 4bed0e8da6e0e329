//! `veilpay circuits`: what `docs/API.md` fixes as the JSON of `--json`, as a table too.

use serde::Serialize;
use veilpay_api::circuits::Ceremony;
use veilpay_api::text::Hex32;
use veilpay_protocol::circuit::CircuitId;
use veilpay_prover::ProveError;
use veilpay_service::catalog::setup_name;
use veilpay_service::engine::ceremony;

use crate::args::CircuitsArgs;
use crate::error::CliError;
use crate::local::{existing, open_keys};
use crate::output::{self, Align};

#[derive(Serialize)]
struct CircuitText {
    id: &'static str,
    version: u16,
    constraints: usize,
    public_inputs: usize,
    wires: usize,
    domain_log2: u32,
    matrix_digest: Hex32,
    vk_digest: Option<Hex32>,
    setup: Option<&'static str>,
    /// Why the file of the key gives none.
    #[serde(skip_serializing_if = "Option::is_none")]
    damage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ceremony: Option<Ceremony>,
}

/// `veilpay circuits`: makes no keys; a circuit whose key is not there yet shows none.
///
/// # Errors
/// [`CliError::KeyFile`] for a file that is damaged or refused, after all circuits were shown.
pub(crate) fn run(args: &CircuitsArgs) -> Result<(), CliError> {
    let store = if args.keys.keys_dir.exists() { Some(open_keys(&args.keys.keys_dir)?) } else { None };
    let (mut circuits, mut damaged) = (Vec::new(), Vec::new());
    for circuit in CircuitId::ALL {
        let matrices = veilpay_circuits::matrices(circuit).map_err(|_| ProveError::Synthesis)?;
        let key = store.as_ref().map(|store| existing(store, circuit)).transpose();
        let damage = key.as_ref().err().map(ToString::to_string);
        let key = key.unwrap_or_else(|error| {
            damaged.push(error);
            None
        });
        let key = key.flatten();
        let (constraints, inputs) = (matrices.num_constraints(), circuit.public_inputs());
        let mut digest = [0; 32];
        digest.copy_from_slice(&matrices.digest()[..32]);
        circuits.push(CircuitText {
            id: circuit.name(),
            version: circuit.version(),
            constraints,
            public_inputs: inputs,
            wires: matrices.num_instance + matrices.num_witness,
            domain_log2: (constraints + matrices.num_instance).next_power_of_two().ilog2(),
            matrix_digest: Hex32(digest),
            vk_digest: key.as_ref().map(|key| Hex32(*key.prepared().digest())),
            setup: key.as_ref().map(|key| setup_name(key.info().setup)),
            damage,
            ceremony: key.as_ref().and_then(|key| key.provenance().map(ceremony)),
        });
    }
    if args.output.json { output::json(&circuits) } else { show(&circuits) }?;
    let Some(last) = damaged.pop() else { return Ok(()) };
    for error in damaged {
        output::note(&format!("veilpay: {error}"));
    }
    Err(last)
}

fn show(circuits: &[CircuitText]) -> Result<(), CliError> {
    let columns = [
        ("circuit", Align::Left),
        ("version", Align::Right),
        ("constraints", Align::Right),
        ("public inputs", Align::Right),
        ("wires", Align::Right),
        ("domain", Align::Right),
        ("matrices", Align::Left),
        ("key", Align::Left),
        ("setup", Align::Left),
    ];
    let short = |digest: &Hex32| digest.to_string()[..18].to_owned();
    let row = |c: &CircuitText| {
        vec![
            c.id.to_owned(),
            c.version.to_string(),
            output::thousands(c.constraints),
            c.public_inputs.to_string(),
            output::thousands(c.wires),
            format!("2^{}", c.domain_log2),
            short(&c.matrix_digest),
            c.vk_digest.as_ref().map_or_else(|| "-".to_owned(), short),
            setup_text(c),
        ]
    };
    output::line(&output::table(&columns, &circuits.iter().map(row).collect::<Vec<_>>()))
}

fn setup_text(circuit: &CircuitText) -> String {
    match (circuit.setup, &circuit.ceremony) {
        (None, _) if circuit.damage.is_some() => "DAMAGED".to_owned(),
        (None, _) => "no key yet".to_owned(),
        (Some(_), Some(ceremony)) => format!("ceremony of {}", ceremony.contributions.len()),
        (Some("dev"), None) => "dev (INSECURE)".to_owned(),
        (Some(setup), None) => setup.to_owned(),
    }
}
