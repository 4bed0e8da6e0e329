//! What tests of this and other crates need: hostile hints, valid random statements.

pub mod hostile;
