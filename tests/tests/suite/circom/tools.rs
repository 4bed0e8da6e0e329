//! circom and snarkjs, which run as they are published, under node. Nothing of them is part of the project.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

/// What is installed, and our circuits.
const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/circom");

/// Where tests put their files: cargo names it to tests, and not to examples.
const BUILD: &str = match option_env!("CARGO_TARGET_TMPDIR") {
    Some(folder) => folder,
    None => concat!(env!("CARGO_MANIFEST_DIR"), "/../target/tmp"),
};

/// The installed tools.
pub(crate) struct Tools {
    folder: PathBuf,
}

/// The tools, installed by the first test that asks. Without node, or when its packages cannot be had, the test that
/// asks is skipped by name, or fails when `VEILPAY_REQUIRE` names `node`.
pub(crate) fn tools(test: &str) -> Option<&'static Tools> {
    static TOOLS: LazyLock<Result<Tools, String>> = LazyLock::new(install);
    match &*TOOLS {
        Ok(tools) => Some(tools),
        Err(reason) => {
            let required = std::env::var("VEILPAY_REQUIRE").unwrap_or_default();
            assert!(!required.split(',').any(|name| name == "node"), "REQUIRED but not possible: node: {reason}");
            // Not a print: the output of a test that passes is shown to nobody.
            let mut stderr = std::io::stderr();
            writeln!(stderr, "SKIPPED: node: {reason} ({test})").unwrap();
            None
        }
    }
}

/// `npm ci` into the build's folder, unless what is there was installed from the same lock file.
fn install() -> Result<Tools, String> {
    let runs = |program: &str| Command::new(program).arg("--version").output().is_ok_and(|o| o.status.success());
    if !runs("node") || !runs("npm") {
        return Err("node and npm are not installed".into());
    }
    let folder = Path::new(BUILD).join("circom");
    fs::create_dir_all(&folder).unwrap();
    let installed = folder.join("installed.json");
    let lock = fs::read(Path::new(SOURCES).join("package-lock.json")).unwrap();
    if fs::read(&installed).ok().as_ref() != Some(&lock) {
        for name in ["package.json", "package-lock.json"] {
            fs::copy(Path::new(SOURCES).join(name), folder.join(name)).unwrap();
        }
        let npm = Command::new("npm").arg("ci").current_dir(&folder).output().unwrap();
        if !npm.status.success() {
            let text = String::from_utf8_lossy(&npm.stderr);
            let why = text.lines().find(|line| line.contains("error")).unwrap_or_default();
            return Err(format!("npm ci failed: {why}"));
        }
        fs::write(&installed, &lock).unwrap();
    }
    // circom reads only below the folder that it runs in.
    let circuits = folder.join("circuits");
    fs::create_dir_all(&circuits).unwrap();
    for entry in fs::read_dir(Path::new(SOURCES).join("circuits")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), circuits.join(entry.file_name())).unwrap();
    }
    Ok(Tools { folder })
}

impl Tools {
    /// An empty folder of a test, below that of the tools.
    pub(crate) fn empty(&self, name: &str) -> PathBuf {
        let path = self.folder.join("out").join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        path
    }

    fn node(&self, script: &str, folder: &Path, arguments: &[&str]) -> Output {
        Command::new("node")
            .arg(self.folder.join("node_modules").join(script))
            .args(arguments)
            .current_dir(folder)
            .output()
            .unwrap()
    }

    /// Runs a script of our own in a folder, with the installed packages at hand, and reads what it prints as JSON.
    #[allow(dead_code, reason = "this file is in the tests of more than one package")]
    pub(crate) fn script(&self, name: &str, folder: &Path, arguments: &[&str]) -> serde_json::Value {
        let output = Command::new("node")
            .arg(Path::new(SOURCES).join(name))
            .args(arguments)
            .current_dir(folder)
            .env("NODE_PATH", self.folder.join("node_modules"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs snarkjs in a folder: whether it went well, and what it said.
    pub(crate) fn snarkjs(&self, folder: &Path, arguments: &str) -> (bool, String) {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        let output = self.node("snarkjs/build/cli.cjs", folder, &arguments);
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    }

    /// As [`Self::snarkjs`], which must go well.
    #[track_caller]
    pub(crate) fn must(&self, folder: &Path, arguments: &str) -> String {
        let (ok, text) = self.snarkjs(folder, arguments);
        assert!(ok, "snarkjs {arguments}: {text}");
        text
    }

    /// Compiles one of our circuits and computes its assignment: `circuit.r1cs` and `witness.wtns` in the folder.
    pub(crate) fn compile(&self, circuit: &str, input: &serde_json::Value, folder: &Path) {
        let source = format!("circuits/{circuit}.circom");
        let out = folder.strip_prefix(&self.folder).unwrap().to_str().unwrap();
        let arguments = [source.as_str(), "--r1cs", "--wasm", "-l", "node_modules", "-o", out];
        let output = self.node("circom2/cli.js", &self.folder, &arguments);
        assert!(output.status.success(), "circom: {}", String::from_utf8_lossy(&output.stderr));
        fs::rename(folder.join(format!("{circuit}.r1cs")), folder.join("circuit.r1cs")).unwrap();
        fs::write(folder.join("input.json"), serde_json::to_vec(input).unwrap()).unwrap();
        self.must(folder, &format!("wtns calculate {circuit}_js/{circuit}.wasm input.json witness.wtns"));
    }
}
