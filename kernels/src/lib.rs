//! BN254 over slices.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod arch;
mod backend;
mod invert;
mod msm;
mod ntt;
mod sparse;

pub use backend::{Backend, BackendError};
pub use msm::{Bases, Digits, G1Bases, G2Bases, Windows, msm_g1, msm_g2};
pub use ntt::{Domain, Workspace};
pub use sparse::{SparseError, SparseMatrix, Unsatisfied, evaluate};
