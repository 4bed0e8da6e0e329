//! Compiles one of the circuits of `tests/circom/circuits` and writes what a bench needs: `circuit.zkey`, under a key of this
//! process alone, and `witness.wtns`.
//!
//! `cargo run --release -p veilpay-tests --example circom_key -- merkle_60 FOLDER`. Takes node, and npm's packages.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "shared with tests")]

use std::fs;
use std::path::PathBuf;

use veilpay_prover::circom::r1cs;
use veilpay_prover::circom::testing::{Trapdoor, dev_zkey};

#[path = "../tests/suite/circom/tools.rs"]
mod tools;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let circuit = arguments.next().expect("a circuit, as merkle_60");
    let folder = PathBuf::from(arguments.next().expect("a folder to write to"));
    let depth = circuit.strip_prefix("merkle_").and_then(|depth| depth.parse().ok());
    let levels: u64 = depth.expect("one of the merkle circuits");
    let siblings: Vec<String> = (0..levels).map(|level| (level * level + 12_345).to_string()).collect();
    let right: Vec<u64> = (0..levels).map(|level| level % 2).collect();
    let input = serde_json::json!({ "leaf": "77", "siblings": siblings, "right": right });
    let tools = tools::tools("the example").expect("node and its packages");
    let made = tools.empty(&circuit);
    tools.compile(&circuit, &input, &made);
    fs::create_dir_all(&folder).expect("the folder can be made");
    let matrices = r1cs::read(&fs::read(made.join("circuit.r1cs")).unwrap()).expect("circom writes what is read");
    fs::write(folder.join("circuit.zkey"), dev_zkey(&matrices, &Trapdoor::from_seed(1)))
        .expect("the folder takes files");
    fs::copy(made.join("witness.wtns"), folder.join("witness.wtns")).expect("the folder takes files");
}
