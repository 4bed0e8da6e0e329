//! What the verifier accepts and refuses. `support` makes keys and proofs with arkworks, for a small circuit with the
//! public inputs of an enrolment.

#![allow(clippy::unwrap_used, reason = "tests")]

mod batch;
mod formats;
mod keys;
mod proofs;
mod support;
