//! AVX-512 IFMA: eight elements in the lanes of each register.

pub(crate) mod add_g1;
pub(crate) mod add_g2;
pub(crate) mod chain;
pub(crate) mod digits;
pub(crate) mod field;
pub(crate) mod fq12;
pub(crate) mod fq2;
pub(crate) mod lines;
pub(crate) mod miller;
pub(crate) mod ntt;
pub(crate) mod points;
pub(crate) mod roots;
pub(crate) mod rows;
pub(crate) mod scale;
pub(crate) mod simd;
pub(crate) mod sparse;
