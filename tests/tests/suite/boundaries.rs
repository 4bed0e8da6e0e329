//! Which crate may use which, and the proofs of that: `cargo metadata` is read and a forbidden edge fails.

use std::collections::BTreeMap;
use std::process::Command;

/// What each crate of the project may depend on, beside crates from elsewhere.
const ALLOWED: &[(&str, &[&str])] = &[
    ("veilpay-protocol", &[]),
    ("veilpay-circuits", &["veilpay-protocol"]),
    ("veilpay-verifier", &["veilpay-protocol", "veilpay-kernels"]),
    ("veilpay-kernels", &[]),
    ("veilpay-prover", &["veilpay-protocol", "veilpay-circuits", "veilpay-verifier", "veilpay-kernels"]),
    ("veilpay-ledger", &["veilpay-protocol", "veilpay-verifier"]),
    ("veilpay-ffi", &["veilpay-protocol", "veilpay-verifier", "veilpay-ledger"]),
    ("veilpay-api", &["veilpay-protocol"]),
    ("veilpay-wallet", &["veilpay-protocol", "veilpay-api", "veilpay-verifier"]),
    (
        "veilpay-service",
        &[
            "veilpay-protocol",
            "veilpay-api",
            "veilpay-circuits",
            "veilpay-verifier",
            "veilpay-prover",
            "veilpay-ledger",
        ],
    ),
];

/// What the light verifier must never bring along.
const TOO_HEAVY_FOR_VERIFIER: &[&str] =
    &["ark-groth16", "ark-relations", "ark-r1cs-std", "ark-snark", "veilpay-circuits", "rayon"];

fn metadata() -> serde_json::Value {
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--no-deps", "--manifest-path", manifest])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Normal dependencies of each of the project's crates.
fn edges() -> BTreeMap<String, Vec<String>> {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let edge = |package: &serde_json::Value| {
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        let normal = dependencies.filter(|d| d["kind"].is_null()).map(|d| d["name"].as_str().unwrap().to_owned());
        (package["name"].as_str().unwrap().to_owned(), normal.collect())
    };
    packages.iter().map(edge).collect()
}

#[test]
fn no_crate_uses_one_that_it_must_not() {
    let edges = edges();
    for (name, allowed) in ALLOWED {
        for used in edges[*name].iter().filter(|used| used.starts_with("veilpay-")) {
            assert!(allowed.contains(&used.as_str()), "{name} must not depend on {used}");
        }
    }
    for (name, used) in &edges {
        let may = ["veilpay-cli", "veilpay-tests"].contains(&name.as_str());
        assert!(may || !used.contains(&"veilpay-service".to_owned()), "{name} must not depend on the service");
    }
}

#[test]
fn the_verifier_stays_light() {
    let used = &edges()["veilpay-verifier"];
    for heavy in TOO_HEAVY_FOR_VERIFIER {
        assert!(!used.contains(&(*heavy).to_owned()), "the verifier must not depend on {heavy}");
    }
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let verifier = packages.iter().find(|package| package["name"] == "veilpay-verifier").unwrap();
    let kernels = verifier["dependencies"].as_array().unwrap().iter().find(|d| d["name"] == "veilpay-kernels").unwrap();
    let chosen = (&kernels["optional"], &kernels["uses_default_features"], &verifier["features"]["default"]);
    assert_eq!(
        chosen,
        (&true.into(), &false.into(), &serde_json::json!([])),
        "the kernels are a choice, without rayon"
    );
}
