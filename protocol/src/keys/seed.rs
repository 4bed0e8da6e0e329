//! The seed and its twenty-four words (K1).

use alloc::string::String;
use core::fmt;

use bip39::{Language, Mnemonic};
use rand_core::{CryptoRng, RngCore};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Why words were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SeedError {
    /// A word is not in the English list of BIP-39.
    UnknownWord,
    /// There are not twenty-four words.
    WordCount,
    /// The checksum in the last word is wrong.
    Checksum,
}

impl fmt::Display for SeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownWord => "K1: a word is not in the BIP-39 English list",
            Self::WordCount => "K1: a seed is twenty-four words",
            Self::Checksum => "K1: the words' checksum is wrong",
        })
    }
}

impl core::error::Error for SeedError {}

/// 32 secret bytes, from which every key of a wallet follows.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Seed([u8; 32]);

impl Seed {
    /// A new seed.
    #[must_use]
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// The seed of these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The twenty-four BIP-39 words that encode the seed itself.
    #[must_use]
    pub fn to_words(&self) -> Zeroizing<String> {
        let mnemonic = Mnemonic::from_entropy(&self.0).expect("32 bytes are an entropy of BIP-39");
        let mut words = Zeroizing::new(String::with_capacity(256));
        for (i, word) in mnemonic.words().enumerate() {
            if i > 0 {
                words.push(' ');
            }
            words.push_str(word);
        }
        words
    }

    /// Reads twenty-four words, separated by white space, in any letter case.
    ///
    /// # Errors
    /// [`SeedError`] naming what is wrong; never the word.
    pub fn from_words(words: &str) -> Result<Self, SeedError> {
        let mut normal = Zeroizing::new(String::with_capacity(words.len()));
        for (i, word) in words.split_whitespace().enumerate() {
            if i > 0 {
                normal.push(' ');
            }
            normal.extend(word.chars().flat_map(char::to_lowercase));
        }
        let mnemonic = Mnemonic::parse_in_normalized(Language::English, &normal).map_err(|error| match error {
            bip39::Error::BadWordCount(_) => SeedError::WordCount,
            bip39::Error::InvalidChecksum => SeedError::Checksum,
            _ => SeedError::UnknownWord,
        })?;
        let (mut entropy, length) = mnemonic.to_entropy_array();
        if length != 32 {
            return Err(SeedError::WordCount);
        }
        let mut bytes = [0; 32];
        bytes.copy_from_slice(&entropy[..32]);
        entropy.zeroize();
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_encode_the_seed_as_bip39_says() {
        // Test vectors of BIP-39: entropy of zero bytes and of 0x7f bytes.
        let zero = Seed::from_bytes([0; 32]).to_words();
        assert!(zero.starts_with("abandon abandon") && zero.ends_with("abandon art"));
        let other = Seed::from_bytes([0x7f; 32]).to_words();
        assert!(other.ends_with("worth title"));
        let read = Seed::from_words(&other.to_uppercase().replace(' ', "  ")).expect("valid words");
        assert_eq!(read.expose(), &[0x7f; 32]);
    }

    #[test]
    fn wrong_words_are_refused_by_their_rule() {
        let words = Seed::from_bytes([0; 32]).to_words();
        let refused = |text: &str| Seed::from_words(text).err();
        assert_eq!(refused(&words.replace("art", "zoo")), Some(SeedError::Checksum));
        assert_eq!(refused(&words.replace("art", "veilpay")), Some(SeedError::UnknownWord));
        assert_eq!(refused("abandon art"), Some(SeedError::WordCount));
        // Twelve words with a good checksum are 16 bytes of entropy, which is no seed.
        assert_eq!(refused(&alloc::format!("{}about", "abandon ".repeat(11))), Some(SeedError::WordCount));
    }
}
