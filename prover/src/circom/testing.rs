//! What tests and benches need: keys of any circuit without a ceremony, and a prover that is slow and plain.

mod dev_ptau;
mod dev_zkey;
mod oracle;

pub use dev_ptau::dev_ptau;
pub use dev_zkey::{Trapdoor, dev_zkey};
pub use oracle::prove;
