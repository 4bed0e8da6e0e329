//! What the verifier accepts and refuses. `support` makes keys and proofs with arkworks, for a small circuit with the
//! public inputs of an enrolment.

mod batch;
mod keys;
mod proofs;
mod support;
