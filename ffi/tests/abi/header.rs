//! The header is that of the sources.

use std::fs;
use std::path::Path;

#[test]
fn the_header_is_that_of_the_sources() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_root_or_default(here);
    let bindings = cbindgen::Builder::new().with_crate(here).with_config(config).generate().unwrap();
    let mut made = Vec::new();
    bindings.write(&mut made);
    let file = here.join("include/veilpay.h");
    if std::env::var_os("VEILPAY_BLESS").is_some() {
        fs::write(&file, &made).unwrap();
    }
    let kept = fs::read(&file).unwrap_or_default();
    assert!(kept == made, "the header is not that of the sources: run `just header`, read the difference, commit it");
}
