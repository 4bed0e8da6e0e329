//! The examples in C and Python, as their users run them.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What every ledger says of the kept history.
const EXPECTED: &str = include_str!("../../../vectors/ledger/verdicts.txt");

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn history() -> PathBuf {
    here().join("../vectors/ledger")
}

/// The library that cargo built beside this test.
fn library(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let library = test.parent().unwrap().join(name);
    assert!(library.exists(), "{} is not there", library.display());
    library
}

/// Runs a program, whose output must be `EXPECTED` and nothing on standard error.
fn expect(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!((text(&output.stdout).as_str(), text(&output.stderr).as_str()), (EXPECTED, ""), "{command:?}");
    assert!(output.status.success(), "{command:?}");
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Says so past the test runner, or fails when `VEILPAY_REQUIRE` names it.
fn skipped(name: &str, reason: &str) {
    let required = std::env::var("VEILPAY_REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|required| required == name), "{name} is required: {reason}");
    let mut stderr = std::io::stderr();
    writeln!(stderr, "SKIPPED: {name}: {reason}").unwrap();
}

fn compile(compiler: &str, options: &[&str], program: &Path) {
    let mut command = Command::new(compiler);
    command.args(options).args(["-Wall", "-Wextra", "-Werror", "-O1", "-I"]).arg(here().join("include"));
    command.arg(here().join("examples/ledger.c")).arg("-o").arg(program);
    // The archive is named for the linker alone: a compiler of another language must not take it for source.
    command.arg("-Xlinker").arg(library("libveilpay.a")).args(["-lpthread", "-ldl", "-lm"]);
    let output = command.output().unwrap_or_else(|error| panic!("{compiler}: {error}"));
    assert!(output.status.success(), "{compiler}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_ledger_in_c_accepts_and_refuses_what_the_reference_does() {
    // A C compiler is needed to build at all: the ledger's database is C.
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("ledger");
    compile("cc", &["-std=c11", "-pedantic"], &program);
    expect(Command::new(&program).arg(history()));
}

#[test]
fn a_ledger_in_python_accepts_and_refuses_what_the_reference_does() {
    if !is_there("python3") {
        return skipped("python", "python3 is not here");
    }
    let script = here().join("examples/ledger.py");
    expect(Command::new("python3").arg(script).arg(library("libveilpay.so")).arg(history()));
}

#[test]
fn a_function_in_python_that_raises_gives_no_verdict_and_its_exception_arrives() {
    if !is_there("python3") {
        return skipped("python", "python3 is not here");
    }
    for how in ["error", "closed", "interrupt", "exit", "signal", "unguarded"] {
        let mut command = Command::new("python3");
        command.arg(here().join("tests/abi/raising.py")).arg(here().join("examples/ledger.py"));
        let output = command.arg(library("libveilpay.so")).arg(history()).arg(how).output().unwrap();
        let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let before = EXPECTED.split("refused").next().unwrap();
        assert_eq!(out, format!("{before}raised\n"), "{how}: {errors}");
        assert!(output.status.success(), "{how}: {errors}");
    }
}

#[test]
fn an_exception_of_cpp_in_a_function_ends_the_process_before_any_verdict() {
    if !is_there("c++") {
        return skipped("c++", "no C++ compiler is here");
    }
    let folder = tempfile::tempdir().unwrap();
    let (source, program) = (here().join("tests/abi/throwing.cpp"), folder.path().join("throwing"));
    let mut command = Command::new("c++");
    command.args(["-std=c++11", "-Wall", "-Wextra", "-Werror", "-I"]).arg(here().join("include"));
    command.arg(source).arg("-o").arg(&program).arg("-Xlinker").arg(library("libveilpay.a"));
    let output = command.args(["-lpthread", "-ldl", "-lm"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let run = |how: &str| Command::new(&program).arg(history().join("shield.tx")).arg(how).output().unwrap();
    let caught = run("answer");
    assert!(caught.status.success(), "a function that answers VEILPAY_FAILED instead");
    assert_eq!(String::from_utf8_lossy(&caught.stdout), "asked\nstatus 4\n");
    let thrown = run("throw");
    assert_eq!((thrown.status.code(), String::from_utf8_lossy(&thrown.stdout).as_ref()), (None, "asked\n"));
}

#[test]
fn the_header_is_cpp_too() {
    if !is_there("c++") {
        return skipped("c++", "no C++ compiler is here");
    }
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("header.cpp");
    std::fs::write(&source, "#include \"veilpay.h\"\nint main() { return veilpay_abi() == VEILPAY_ABI ? 0 : 1; }\n")
        .unwrap();
    let program = folder.path().join("header");
    let mut command = Command::new("c++");
    command
        .args(["-Wall", "-Wextra", "-Werror", "-I"])
        .arg(here().join("include"))
        .arg(&source)
        .arg("-o")
        .arg(&program);
    command.arg(library("libveilpay.a")).args(["-lpthread", "-ldl", "-lm"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(Command::new(&program).status().unwrap().success());
}
