//! Which instructions the kernels use: found at run time, or named by `VEILPAY_BACKEND`.

use core::{fmt, str::FromStr};

#[cfg(target_arch = "x86_64")]
use crate::arch::x86_64::avx512::simd::Avx512;

/// The instructions that a kernel runs on. A value that exists can be run: the variants for a kind of machine hold
/// proof that this machine is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backend {
    /// Plain Rust, on any machine.
    Portable,
    /// x86-64 with AVX-512 IFMA: eight elements at a time in radix 2^52.
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
}

/// No backend for this name, on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BackendError {
    /// The name is neither `portable` nor `avx512`.
    Unknown,
    /// This machine, or this build without `std`, cannot run the backend of this name.
    Unavailable,
}

impl fmt::Display for BackendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "VEILPAY_BACKEND: no backend of this name: there are portable and avx512",
            Self::Unavailable => "VEILPAY_BACKEND: this machine cannot run the backend of this name",
        })
    }
}

impl core::error::Error for BackendError {}

impl Backend {
    /// Those that this machine can run, the best last. Without `std` nothing is asked of the machine and the portable
    /// one is all there is.
    pub fn all() -> impl Iterator<Item = Self> {
        [Some(Self::Portable), Self::avx512()].into_iter().flatten()
    }

    /// The one that `VEILPAY_BACKEND` names, else, or if it is empty, the best that this machine can run. The variable is
    /// read once.
    ///
    /// # Errors
    /// [`BackendError`] if the variable names a backend that is unknown or that this machine cannot run.
    pub fn detect() -> Result<Self, BackendError> {
        #[cfg(feature = "std")]
        {
            static DETECTED: std::sync::OnceLock<Result<Backend, BackendError>> = std::sync::OnceLock::new();
            *DETECTED.get_or_init(|| match std::env::var_os("VEILPAY_BACKEND") {
                Some(name) if !name.is_empty() => name.to_str().ok_or(BackendError::Unknown)?.parse(),
                _ => Ok(Self::best()),
            })
        }
        #[cfg(not(feature = "std"))]
        {
            Ok(Self::best())
        }
    }

    /// The best that this machine can run, whatever `VEILPAY_BACKEND` says.
    #[must_use]
    pub fn best() -> Self {
        Self::avx512().unwrap_or(Self::Portable)
    }

    fn avx512() -> Option<Self> {
        #[cfg(all(target_arch = "x86_64", feature = "std"))]
        {
            Avx512::detect().map(Self::Avx512)
        }
        #[cfg(not(all(target_arch = "x86_64", feature = "std")))]
        {
            None
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => "avx512",
        })
    }
}

impl FromStr for Backend {
    type Err = BackendError;

    /// `portable` or `avx512`.
    fn from_str(name: &str) -> Result<Self, BackendError> {
        match name {
            "portable" => Ok(Self::Portable),
            "avx512" => Self::avx512().ok_or(BackendError::Unavailable),
            _ => Err(BackendError::Unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn backends_read_back_from_their_names() {
        for backend in Backend::all() {
            assert_eq!(backend.to_string().parse(), Ok(backend));
        }
        assert_eq!("AVX512".parse::<Backend>(), Err(BackendError::Unknown));
        assert_eq!("".parse::<Backend>(), Err(BackendError::Unknown));
    }

    #[test]
    fn the_portable_backend_is_always_there_and_the_best_is_last() {
        assert_eq!(Backend::all().next(), Some(Backend::Portable));
        assert_eq!(Backend::all().last(), Some(Backend::best()));
    }

    /// Run the suite with the variable set to see the other arm.
    #[cfg(feature = "std")]
    #[test]
    fn the_environment_has_the_last_word() {
        let expected = match std::env::var("VEILPAY_BACKEND") {
            Ok(name) => name.parse(),
            Err(_) => Ok(Backend::best()),
        };
        assert_eq!(Backend::detect(), expected);
    }
}
