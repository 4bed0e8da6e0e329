//! BN254 over slices: multi-scalar multiplication, number-theoretic transforms, sparse products and pairings, on arkworks' types.
//!
//! | question | file |
//! |---|---|
//! | which instructions are used, and who says so? | [`Backend`] |
//! | how do I multiply many points by many scalars? | [`msm_g1`], [`msm_g2`]; for points that stay, [`G1Bases`], [`G2Bases`] and [`Digits`] |
//! | how do I transform, and get Groth16's quotient? | [`Domain`] |
//! | how do I evaluate the rows of a constraint system? | [`SparseMatrix`], [`evaluate`] |
//! | how do I decode many points, and pair them? | [`decode_g1`], [`decode_twist`], [`miller_loops`], [`multi_pairing`] |
//! | how do I multiply a few points that stay? | [`G1Tables`] |
//! | how do I multiply each point by random bits of its own? | [`scale_g1`], [`combine_g1`], [`Factor`] |
//! | why is it right, and fast? | `docs/KERNELS.md` |
//!
//! Everything has a portable path and, on x86-64 with AVX-512 IFMA, a path that works on eight elements at once. Both
//! give the same results as arkworks, bit for bit. Nothing is constant-time.
//!
//! ```
//! use ark_bn254::{Fr, G1Affine};
//! use ark_ec::{AffineRepr, CurveGroup};
//! use veilpay_kernels::{Backend, msm_g1};
//!
//! let points = [G1Affine::generator(); 3];
//! let scalars = [1u64, 2, 3].map(Fr::from);
//! let backend = Backend::detect().expect("VEILPAY_BACKEND names a backend of this machine");
//! assert_eq!(msm_g1(backend, &points, &scalars), G1Affine::generator() * Fr::from(6u64));
//! ```
#![cfg_attr(not(feature = "std"), no_std)]
// Loops over limbs and lanes index several arrays at once; written with iterators they have been measured to lose
// their instructions (closures that are not inlined do not have the target features).
#![allow(clippy::needless_range_loop)]

extern crate alloc;

mod arch;
mod backend;
mod decode;
mod invert;
mod msm;
mod ntt;
mod pairing;
mod parallel;
mod roots;
mod scale;
mod sparse;
mod tables;
mod words;

pub use backend::{Backend, BackendError};
pub use decode::{DecodeError, decode_g1, decode_twist};
pub use msm::{Bases, Digits, G1Bases, G2Bases, PackedError, Windows, msm_g1, msm_g2};
pub use ntt::{Domain, Workspace};
pub use pairing::{OutsideSubgroup, g2_outside_subgroup, miller_loops, multi_pairing};
pub use scale::{Factor, combine_g1, scale_g1};
pub use sparse::{SparseError, SparseMatrix, Unsatisfied, evaluate};
pub use tables::G1Tables;
