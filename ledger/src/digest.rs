//! BLAKE2b with the ledger's own personal strings: none of these values enters a proof or a signature.

use blake2b_simd::{Params, State};

/// A domain of this crate, 16 bytes.
#[derive(Clone, Copy)]
pub(crate) struct Domain(&'static [u8; 16]);

impl Domain {
    /// The genesis configuration.
    pub(crate) const GENESIS: Self = Self(b"veilpay:lg:genes");
    /// A block's content.
    pub(crate) const CONTENT: Self = Self(b"veilpay:lg:conte");
    /// A block.
    pub(crate) const BLOCK: Self = Self(b"veilpay:lg:block");
    /// The whole state.
    pub(crate) const STATE: Self = Self(b"veilpay:lg:state");
}

/// A 32-byte digest under construction; the caller keeps fields apart by fixed lengths or [`Digest::variable`].
pub(crate) struct Digest(State);

impl Digest {
    pub(crate) fn new(domain: Domain) -> Self {
        Self(Params::new().hash_length(32).personal(domain.0).to_state())
    }

    pub(crate) fn fixed(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(bytes);
        self
    }

    pub(crate) fn number(&mut self, value: u64) -> &mut Self {
        self.fixed(&value.to_be_bytes())
    }

    pub(crate) fn variable(&mut self, bytes: &[u8]) -> &mut Self {
        self.number(bytes.len() as u64).fixed(bytes)
    }

    pub(crate) fn optional(&mut self, bytes: Option<&[u8]>) -> &mut Self {
        match bytes {
            Some(bytes) => self.fixed(&[1]).variable(bytes),
            None => self.fixed(&[0]),
        }
    }

    pub(crate) fn finish(&self) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(self.0.finalize().as_bytes());
        out
    }
}
