//! The files of circom and snarkjs, for Groth16 over BN254 (which they call bn128).
//!
//! | question | file |
//! |---|---|
//! | what is a proving key, and which are refused? | [`zkey`]: [`ZkeyView`] over the file's bytes, [`Zkey`] as values |
//! | what is an assignment? | [`wtns`] |
//! | what is a constraint system, and how are our circuits exported? | [`r1cs`] |
//! | how do a proof and public inputs look as JSON? | [`json`] |
//! | why is a file refused? | [`CircomError`], [`JsonError`] |
//! | what do tests and benches need? | `testing`: keys from known secrets, a slow prover to compare with |
//!
//! Files are given as bytes. Nothing in them is trusted: wrong bytes are a typed error, memory is proportional to the
//! bytes that are there and never to a count in them, and nothing is reduced or ignored silently: a field element that
//! is not below its prime, an unknown section and a byte too many are refused.
//!
//! ```no_run
//! use veilpay_prover::circom::{Zkey, wtns};
//!
//! fn load(zkey: &[u8], wtns: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//!     let key = Zkey::read(zkey)?;
//!     let assignment = wtns::read(wtns)?;
//!     key.check_length(&assignment)?;
//!     Ok(())
//! }
//! ```

mod container;
mod element;
mod error;
pub mod json;
mod prover;
pub mod r1cs;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
pub mod wtns;
pub mod zkey;

pub use error::{CircomError, File, Place};
pub use json::JsonError;
pub use prover::CircomProver;
pub use zkey::{Coefficient, Zkey, ZkeyHeader, ZkeyView};

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
