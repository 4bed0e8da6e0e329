//! The files of circom and snarkjs, for Groth16 over BN254 (which they call bn128).
//!
//! | question | file |
//! |---|---|
//! | what is a proving key, and which are refused? | [`zkey`]: [`ZkeyFile`] to prove with, [`ZkeyView`] over the file's bytes, [`Zkey`] as values |
//! | how is a proof made with it? | [`CircomProver`] |
//! | what is an assignment? | [`wtns`] |
//! | what is a constraint system, and how are our circuits exported? | [`r1cs`] |
//! | what are powers of tau, and what does a key owe to them? | [`ptau`] |
//! | how do a proof, a verifying key and public inputs look as JSON? | `veilpay_verifier::formats::snarkjs` |
//! | why is a file refused? | [`CircomError`] |
//! | what do tests and benches need? | `testing`: keys from known secrets, a slow prover to compare with |
//!
//! Nothing in files is trusted: wrong bytes are a typed error, memory is proportional to the
//! bytes that are there and never to a count in them, and nothing is reduced or ignored silently: a field element that
//! is not below its prime, an unknown section and a byte too many are refused.
//!
//! ```no_run
//! use std::fs::File;
//! use veilpay_prover::circom::{CircomProver, ZkeyFile, wtns};
//! use veilpay_verifier::formats::snarkjs;
//!
//! fn prove(zkey: File, wtns: &[u8]) -> Result<String, Box<dyn std::error::Error>> {
//!     let key = ZkeyFile::open(zkey)?;
//!     let assignment = wtns::read(wtns)?;
//!     key.check_length(&assignment)?;
//!     Ok(snarkjs::write_proof(&CircomProver::new(key)?.prove(&assignment)?.proof))
//! }
//! ```

mod container;
mod element;
mod error;
mod prover;
pub mod ptau;
pub mod r1cs;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
pub mod wtns;
pub mod zkey;

pub use error::{CircomError, File, Place};
pub use prover::{CircomOutput, CircomProver};
pub use ptau::Ptau;
pub(crate) use zkey::Entries;
pub use zkey::{Ceremony, Coefficient, Zkey, ZkeyFile, ZkeyHeader, ZkeyView};

use container::Bytes;
use element::ELEMENT_BYTES;

/// Reads a prime with its width before it; none when it is another one.
fn read_prime(rest: &mut Bytes<'_>, prime: [u8; ELEMENT_BYTES]) -> Option<()> {
    let width = rest.u32()?;
    (usize::try_from(width) == Ok(ELEMENT_BYTES) && *rest.array()? == prime).then_some(())
}

/// Writes a prime with its width before it.
fn write_prime(out: &mut Vec<u8>, prime: [u8; ELEMENT_BYTES]) {
    out.extend(container::number(ELEMENT_BYTES));
    out.extend(prime);
}
