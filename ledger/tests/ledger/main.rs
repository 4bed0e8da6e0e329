//! The ledger's rules at their edges, its stores under one suite, and what they do when things go wrong.

mod crash;
mod examples;
mod genesis;
mod model;
mod rules;
mod setting;
mod stores;
