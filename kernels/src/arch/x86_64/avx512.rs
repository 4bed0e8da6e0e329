//! AVX-512 IFMA: eight elements in the lanes of each register.
pub(crate) mod field;
pub(crate) mod simd;
