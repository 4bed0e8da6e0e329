//! Benches, in `benches/`: `prove`, `msm`, `verify` and `poseidon2`, each beside what it is compared with, and
//! `circuits`, what synthesis, setup and loading cost.
//!
//! `cargo bench -p veilpay-benches`; each checks the answers that it times. Builds with the machine's own instructions
//! (`RUSTFLAGS="-C target-cpu=native"`) are another matter than builds without: say which.
#![forbid(unsafe_code)]
