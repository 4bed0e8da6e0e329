//! What the engine proves and refuses, and what a key file must be. Dev keys are made once and kept between runs.

mod engine;
mod keys;
mod support;
