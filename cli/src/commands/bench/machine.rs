//! What a figure was measured on.

use std::fs;

/// The most memory that this process has had in use; none where the system does not say.
#[must_use]
pub(super) fn peak_rss_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// The processor's name, with its family and model, which a virtual machine does not hide.
#[must_use]
pub(super) fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let of = |key: &str| {
        let mut fields = text.lines().filter_map(|line| line.split_once(':'));
        fields.find(|(name, _)| name.trim() == key).map(|(_, value)| value.trim().to_owned())
    };
    match (of("model name"), of("cpu family"), of("model")) {
        (Some(name), Some(family), Some(model)) => format!("{name} (family {family}, model {model})"),
        (Some(name), ..) => name,
        _ => std::env::consts::ARCH.to_owned(),
    }
}

/// The line of a table's head that says on what it was measured.
#[must_use]
pub(super) fn line(cpu: &str, threads: usize, backend: &str, runs: usize) -> String {
    format!("{cpu}, {threads} {}, backend {backend}, runs {runs}", if threads == 1 { "thread" } else { "threads" })
}

/// The instructions beyond the architecture's first ones that the compiler was allowed to use anywhere, for arkworks too.
/// Our kernels ask the machine, whatever is listed here.
#[must_use]
pub(super) fn target_features() -> Vec<&'static str> {
    let known = [
        ("adx", cfg!(target_feature = "adx")),
        ("avx2", cfg!(target_feature = "avx2")),
        ("avx512f", cfg!(target_feature = "avx512f")),
        ("avx512ifma", cfg!(target_feature = "avx512ifma")),
        ("bmi1", cfg!(target_feature = "bmi1")),
        ("bmi2", cfg!(target_feature = "bmi2")),
    ];
    known.into_iter().filter_map(|(name, on)| on.then_some(name)).collect()
}
