//! Contracts, compiled; and the gas that README.md says they take.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::tools::Tools;

/// The folder of contracts.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts")
}

/// The creation code of each contract in the files, by name.
pub(crate) fn compile(tools: &Tools, folder: &Path, files: &[PathBuf]) -> BTreeMap<String, Vec<u8>> {
    let names: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
    let compiled = tools.script("compile.js", folder, &names);
    let contracts = compiled.as_object().unwrap().iter();
    let code = |(name, contract): (&String, &serde_json::Value)| {
        assert!(contract["deployed_bytes"].as_u64().unwrap() <= 24_576, "EIP-170: {name}");
        (name.clone(), hex::decode(contract["code"].as_str().unwrap()).unwrap())
    };
    contracts.map(code).collect()
}

/// Compiles one source of a text.
pub(crate) fn compile_text(tools: &Tools, folder: &Path, name: &str, source: &str) -> Vec<u8> {
    let file = folder.join(format!("{name}.sol"));
    fs::write(&file, source).unwrap();
    compile(tools, folder, &[file]).remove(name).unwrap()
}

/// Whether the gas is what the table of `contracts/README.md` says. Zero bytes of calldata are cheaper than others, and
/// keys and proofs are random: two thousandths are granted.
#[track_caller]
pub(crate) fn check_gas(measured: &[(&str, u64)]) {
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    let stated = |row: &str| {
        let line = readme.lines().find(|line| line.starts_with(&format!("| {row} |")));
        line?.split('|').nth(2)?.trim().replace(',', "").parse::<u64>().ok()
    };
    let right = |(row, gas): &(&str, u64)| stated(row).is_some_and(|stated| gas.abs_diff(stated) * 500 <= stated);
    assert!(measured.iter().all(right), "contracts/README.md says otherwise: {measured:?}");
}
