//! Note ciphertexts (N5) and enrolment ciphertexts (C5).
//!
//! The key agreement is Diffie-Hellman on Baby Jubjub, the key is BLAKE2b over the shared point, the ephemeral key and the
//! commitment, the cipher ChaCha20-Poly1305. A key serves one message, so the nonce is zero. The receiver recomputes the
//! ephemeral key, the owner and the commitment, and takes any mismatch as not his: a sender cannot make two of his addresses
//! answer to one note.

use alloc::vec::Vec;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use rand_core::{CryptoRng, RngCore};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::address::{Address, Diversifier, Owner, VERSION};
use crate::credential::{Attributes, Serial};
use crate::curve::{Point, mul, mul_generator, point_from_bytes, point_to_bytes};
use crate::encoding::{DecodeError, Reader};
use crate::field::{Fr, Fs, fr_to_bytes, fs_from_bytes, fs_to_bytes};
use crate::hash::Transcript;
use crate::keys::{EnrolmentKey, IncomingViewingKey, OutgoingViewingKey};
use crate::note::{AssetId, Note, NoteCommitment, commitment};
use crate::tags::Personal;

/// Bytes of a memo.
pub const MEMO_LENGTH: usize = 256;
const TAG_LENGTH: usize = 16;
const NOTE_PLAINTEXT: usize = 1 + 16 + 32 + 8 + 32 + MEMO_LENGTH;
const OUT_PLAINTEXT: usize = 32 + 32 + 32;
const ENROLMENT_PLAINTEXT: usize = 8 + 16 + 8;
const NOTE_BODY: usize = NOTE_PLAINTEXT + TAG_LENGTH;
const OUT_BODY: usize = OUT_PLAINTEXT + TAG_LENGTH;
const ENROLMENT_BODY: usize = ENROLMENT_PLAINTEXT + TAG_LENGTH;

/// Encrypts under a key that serves this message alone.
fn seal(key: &[u8; 32], associated: &[u8], plaintext: &[u8]) -> Vec<u8> {
    ChaCha20Poly1305::new(Key::from_slice(key))
        .encrypt(&Nonce::default(), Payload { msg: plaintext, aad: associated })
        .expect("the plaintext is far below the cipher's limit")
}

fn open(key: &[u8; 32], associated: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    ChaCha20Poly1305::new(Key::from_slice(key))
        .decrypt(&Nonce::default(), Payload { msg: ciphertext, aad: associated })
        .ok()
        .map(Zeroizing::new)
}

fn agreed_key(personal: Personal, shared: &Point, epk: &Point, context: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    let transcript = Transcript::new(personal).fixed(&point_to_bytes(shared)).fixed(&point_to_bytes(epk));
    Zeroizing::new(transcript.fixed(context).digest32())
}

fn out_key(ovk: &OutgoingViewingKey, cm: NoteCommitment, epk: &Point) -> Zeroizing<[u8; 32]> {
    let transcript = Transcript::new(Personal::OUT_KEY).fixed(ovk.expose()).fixed(&cm.to_bytes());
    Zeroizing::new(transcript.fixed(&point_to_bytes(epk)).digest32())
}

/// The 32 random bytes of a note, from which its `rcm` and `esk` follow. Provers are told `rcm`, never this.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct NoteSeed([u8; 32]);

impl NoteSeed {
    /// New random bytes.
    #[must_use]
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// These bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// `rcm = H2F("rcm", rseed)`.
    #[must_use]
    pub fn rcm(&self) -> Fr {
        Transcript::new(Personal::RCM).fixed(&self.0).to_fr()
    }

    /// `esk = H2S("esk", rseed)`, not zero.
    #[must_use]
    pub fn esk(&self) -> Fs {
        Transcript::new(Personal::ESK).fixed(&self.0).to_fs_nonzero()
    }
}

/// A message to the receiver: text of at most 256 bytes, padded with zeros.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Memo([u8; MEMO_LENGTH]);

impl Default for Memo {
    fn default() -> Self {
        Self([0; MEMO_LENGTH])
    }
}

impl Memo {
    /// A memo of this text; nothing when it is longer than 256 bytes.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let mut bytes = [0; MEMO_LENGTH];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self(bytes))
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; MEMO_LENGTH] {
        &self.0
    }

    /// The text up to the padding; nothing when it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        let end = self.0.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        core::str::from_utf8(&self.0[..end]).ok()
    }
}

/// A note as its sender makes it.
#[derive(Clone)]
pub struct OutgoingNote {
    /// Where it goes.
    pub address: Address,
    /// The asset.
    pub asset: AssetId,
    /// The amount.
    pub value: u64,
    /// The note's randomness.
    pub seed: NoteSeed,
    /// The message.
    pub memo: Memo,
}

impl OutgoingNote {
    /// The note.
    #[must_use]
    pub fn note(&self) -> Note {
        Note { owner: self.address.owner(), asset: self.asset, value: self.value, rcm: self.seed.rcm() }
    }

    /// Encrypts to the receiver, and to the sender's outgoing viewing key.
    #[must_use]
    pub fn encrypt(&self, ovk: &OutgoingViewingKey) -> NoteCiphertext {
        let cm = self.note().commitment();
        let esk = Zeroizing::new(self.seed.esk());
        let epk = mul(&self.address.diversifier().base(), &esk);
        let mut plaintext = Zeroizing::new(Vec::with_capacity(NOTE_PLAINTEXT));
        plaintext.push(VERSION);
        plaintext.extend_from_slice(self.address.diversifier().as_bytes());
        plaintext.extend_from_slice(&self.asset.to_bytes());
        plaintext.extend_from_slice(&self.value.to_be_bytes());
        plaintext.extend_from_slice(self.seed.expose());
        plaintext.extend_from_slice(self.memo.as_bytes());
        let shared = mul(&self.address.transmission_key(), &esk);
        let key = agreed_key(Personal::NOTE_KEY, &shared, &epk, &cm.to_bytes());
        let mut out = Zeroizing::new(Vec::with_capacity(OUT_PLAINTEXT));
        out.extend_from_slice(&self.address.owner().to_bytes());
        out.extend_from_slice(&point_to_bytes(&self.address.transmission_key()));
        out.extend_from_slice(&fs_to_bytes(&esk));
        NoteCiphertext {
            epk,
            body: exact(seal(&key, &cm.to_bytes(), &plaintext)),
            out: exact(seal(&out_key(ovk, cm, &epk), &cm.to_bytes(), &out)),
        }
    }
}

fn exact<const N: usize>(bytes: Vec<u8>) -> [u8; N] {
    bytes.try_into().expect("plaintexts and the cipher's tag have fixed lengths")
}

/// What travels with an output: 505 bytes, alike for every note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteCiphertext {
    epk: Point,
    body: [u8; NOTE_BODY],
    out: [u8; OUT_BODY],
}

/// A note that its receiver found and opened.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceivedNote {
    /// The note.
    pub note: Note,
    /// Which of the receiver's addresses was paid.
    pub diversifier: Diversifier,
    /// The message.
    pub memo: Memo,
}

/// A note that its sender recovered.
#[derive(Clone, PartialEq, Eq)]
pub struct SentNote {
    /// The note.
    pub note: Note,
    /// The diversifier of the address that was paid.
    pub diversifier: Diversifier,
    /// That address's transmission key.
    pub transmission_key: Point,
    /// The message.
    pub memo: Memo,
}

struct Plaintext {
    diversifier: Diversifier,
    asset: AssetId,
    value: u64,
    seed: NoteSeed,
    memo: Memo,
}

impl Plaintext {
    fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        if reader.byte()? != VERSION {
            return Err(DecodeError::BadCode);
        }
        let plaintext = Self {
            diversifier: Diversifier::new(reader.array()?),
            asset: AssetId::new(reader.element()?),
            value: reader.u64()?,
            seed: NoteSeed::from_bytes(reader.array()?),
            memo: Memo(reader.array()?),
        };
        reader.finish()?;
        Ok(plaintext)
    }

    /// The note with this owner, when ephemeral key and commitment come out as they should.
    fn into_note(self, owner: Owner, epk: &Point, cm: NoteCommitment) -> Option<(Note, Diversifier, Memo)> {
        let rcm = self.seed.rcm();
        let matches = mul(&self.diversifier.base(), &self.seed.esk()) == *epk
            && commitment(owner, self.asset, self.value, rcm) == cm;
        matches.then(|| (Note { owner, asset: self.asset, value: self.value, rcm }, self.diversifier, self.memo))
    }
}

impl NoteCiphertext {
    /// Bytes of a ciphertext.
    pub const LENGTH: usize = 32 + NOTE_BODY + OUT_BODY;

    /// `epk`, the note's ciphertext, the outgoing ciphertext.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LENGTH] {
        let mut out = [0; Self::LENGTH];
        out[..32].copy_from_slice(&point_to_bytes(&self.epk));
        out[32..32 + NOTE_BODY].copy_from_slice(&self.body);
        out[32 + NOTE_BODY..].copy_from_slice(&self.out);
        out
    }

    /// Decodes [`LENGTH`](Self::LENGTH) bytes.
    ///
    /// # Errors
    /// [`DecodeError`] for a wrong length or an ephemeral key that is not a point of the prime subgroup.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let ciphertext = Self { epk: reader.point()?, body: reader.array()?, out: reader.array()? };
        reader.finish()?;
        Ok(ciphertext)
    }

    /// Opens a note that was sent to one of the key's addresses; nothing when it was not.
    #[must_use]
    pub fn receive(&self, key: &IncomingViewingKey, cm: NoteCommitment) -> Option<ReceivedNote> {
        let shared = mul(&self.epk, key.expose());
        let agreed = agreed_key(Personal::NOTE_KEY, &shared, &self.epk, &cm.to_bytes());
        let plaintext = Plaintext::read(&open(&agreed, &cm.to_bytes(), &self.body)?).ok()?;
        let owner = Owner::derive(key.account(), &plaintext.diversifier);
        let (note, diversifier, memo) = plaintext.into_note(owner, &self.epk, cm)?;
        Some(ReceivedNote { note, diversifier, memo })
    }

    /// Opens a note that the key's holder sent; nothing when he did not.
    #[must_use]
    pub fn recover(&self, key: &OutgoingViewingKey, cm: NoteCommitment) -> Option<SentNote> {
        let out = open(&out_key(key, cm, &self.epk), &cm.to_bytes(), &self.out)?;
        let mut reader = Reader::new(&out);
        let owner = Owner::new(reader.element().ok()?);
        let transmission_key = point_from_bytes(&reader.array().ok()?).ok()?;
        let esk = Zeroizing::new(fs_from_bytes(&reader.array().ok()?).ok()?);
        let shared = mul(&transmission_key, &esk);
        let agreed = agreed_key(Personal::NOTE_KEY, &shared, &self.epk, &cm.to_bytes());
        let plaintext = Plaintext::read(&open(&agreed, &cm.to_bytes(), &self.body)?).ok()?;
        let (note, diversifier, memo) = plaintext.into_note(owner, &self.epk, cm)?;
        Some(SentNote { note, diversifier, transmission_key, memo })
    }
}

/// What a holder must know of his credential and cannot compute (C5).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EnrolmentRecord {
    /// What the credential says.
    pub attributes: Attributes,
    /// Its serial.
    pub serial: Serial,
    /// The first of the sixteen epochs that its trace root covers.
    pub first_epoch: u64,
}

/// A registry write's message to the holder: 80 bytes, alike for every write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolmentCiphertext {
    epk: Point,
    body: [u8; ENROLMENT_BODY],
}

impl EnrolmentCiphertext {
    /// Bytes of a ciphertext.
    pub const LENGTH: usize = 32 + ENROLMENT_BODY;

    /// Encrypts a record to the holder of `public`, bound to the registry leaf beside it.
    #[must_use]
    pub fn seal(record: &EnrolmentRecord, public: &Point, leaf: &Fr, rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut random = Zeroizing::new([0; 32]);
        rng.fill_bytes(random.as_mut());
        let esk = Zeroizing::new(Transcript::new(Personal::ESK).fixed(random.as_ref()).fixed(b"enrol").to_fs_nonzero());
        let epk = mul_generator(&esk);
        let context = fr_to_bytes(leaf);
        let mut plaintext = Zeroizing::new(Vec::with_capacity(ENROLMENT_PLAINTEXT));
        plaintext.extend_from_slice(&record.attributes.pack().to_be_bytes());
        plaintext.extend_from_slice(&record.serial.get().to_be_bytes());
        plaintext.extend_from_slice(&record.first_epoch.to_be_bytes());
        let key = agreed_key(Personal::ENROLMENT_KEY, &mul(public, &esk), &epk, &context);
        Self { epk, body: exact(seal(&key, &context, &plaintext)) }
    }

    /// A ciphertext that nobody opens, for a write that revokes.
    #[must_use]
    pub fn unopenable(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut random = [0; 32];
        rng.fill_bytes(&mut random);
        let mut body = [0; ENROLMENT_BODY];
        rng.fill_bytes(&mut body);
        Self { epk: mul_generator(&Transcript::new(Personal::ESK).fixed(&random).to_fs_nonzero()), body }
    }

    /// Opens the record beside `leaf`; nothing when it is another holder's.
    #[must_use]
    pub fn open(&self, key: &EnrolmentKey, leaf: &Fr) -> Option<EnrolmentRecord> {
        let context = fr_to_bytes(leaf);
        let agreed = agreed_key(Personal::ENROLMENT_KEY, &mul(&self.epk, key.expose()), &self.epk, &context);
        let plaintext = open(&agreed, &context, &self.body)?;
        let mut reader = Reader::new(&plaintext);
        Some(EnrolmentRecord {
            attributes: Attributes::unpack(reader.u64().ok()?),
            serial: Serial::new(reader.u128().ok()?).ok()?,
            first_epoch: reader.u64().ok()?,
        })
    }

    /// `epk`, then the ciphertext.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LENGTH] {
        let mut out = [0; Self::LENGTH];
        out[..32].copy_from_slice(&point_to_bytes(&self.epk));
        out[32..].copy_from_slice(&self.body);
        out
    }

    /// Decodes [`LENGTH`](Self::LENGTH) bytes.
    ///
    /// # Errors
    /// [`DecodeError`] for a wrong length or an ephemeral key that is not a point of the prime subgroup.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let ciphertext = Self { epk: reader.point()?, body: reader.array()? };
        reader.finish()?;
        Ok(ciphertext)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Seed, SpendingKey};
    use crate::params::Network;
    use rand_core::OsRng;

    fn wallet(k: u8) -> SpendingKey {
        SpendingKey::derive(&Seed::from_bytes([k; 32]), Network::Local, 0)
    }

    fn outgoing(to: &SpendingKey) -> OutgoingNote {
        OutgoingNote {
            address: to.address(3),
            asset: AssetId::native(),
            value: 250,
            seed: NoteSeed::generate(&mut OsRng),
            memo: Memo::from_text("for the bread").expect("short"),
        }
    }

    #[test]
    fn receiver_and_sender_open_a_note_and_nobody_else_does() {
        let (alice, bob, eve) = (wallet(1), wallet(2), wallet(3));
        let sent = outgoing(&bob);
        let (note, cm) = (sent.note(), sent.note().commitment());
        let ciphertext = sent.encrypt(alice.viewing().outgoing());
        let bytes = ciphertext.to_bytes();
        assert_eq!(NoteCiphertext::from_bytes(&bytes), Ok(ciphertext.clone()));
        let received = ciphertext.receive(bob.viewing().incoming(), cm).expect("Bob's note");
        assert!(received.note == note && received.memo.text() == Some("for the bread"));
        assert_eq!(received.diversifier, bob.address(3).diversifier());
        let recovered = ciphertext.recover(alice.viewing().outgoing(), cm).expect("Alice sent it");
        assert!(recovered.note == note && recovered.transmission_key == bob.address(3).transmission_key());
        for key in [&alice, &eve] {
            assert!(ciphertext.receive(key.viewing().incoming(), cm).is_none());
        }
        assert!(ciphertext.recover(bob.viewing().outgoing(), cm).is_none());
        let other = NoteCommitment::new(cm.to_field() + Fr::from(1u64));
        assert!(ciphertext.receive(bob.viewing().incoming(), other).is_none());
    }

    #[test]
    fn a_note_to_a_mixture_of_two_addresses_is_not_received() {
        let bob = wallet(2);
        let (a, b) = (bob.address(0), bob.address(1));
        // The owner of one address with the diversifier and key of another would link the two if Bob took it.
        let mut mixed = outgoing(&bob);
        mixed.address = b;
        let cm = commitment(a.owner(), mixed.asset, mixed.value, mixed.seed.rcm());
        let esk = mixed.seed.esk();
        let epk = mul(&b.diversifier().base(), &esk);
        let mut plaintext = Vec::from([VERSION]);
        plaintext.extend_from_slice(b.diversifier().as_bytes());
        plaintext.extend_from_slice(&mixed.asset.to_bytes());
        plaintext.extend_from_slice(&mixed.value.to_be_bytes());
        plaintext.extend_from_slice(mixed.seed.expose());
        plaintext.extend_from_slice(mixed.memo.as_bytes());
        let key = agreed_key(Personal::NOTE_KEY, &mul(&b.transmission_key(), &esk), &epk, &cm.to_bytes());
        let body = exact(seal(&key, &cm.to_bytes(), &plaintext));
        let ciphertext = NoteCiphertext { epk, body, out: [0; OUT_BODY] };
        assert!(ciphertext.receive(bob.viewing().incoming(), cm).is_none());
    }

    #[test]
    fn every_changed_byte_makes_a_ciphertext_unreadable() {
        let bob = wallet(2);
        let sent = outgoing(&bob);
        let cm = sent.note().commitment();
        let bytes = sent.encrypt(wallet(1).viewing().outgoing()).to_bytes();
        for i in (0..32 + NOTE_BODY).step_by(7) {
            let mut changed = bytes;
            changed[i] ^= 1;
            let opened =
                NoteCiphertext::from_bytes(&changed).ok().and_then(|c| c.receive(bob.viewing().incoming(), cm));
            assert!(opened.is_none(), "byte {i}");
        }
        assert_eq!(NoteCiphertext::from_bytes(&bytes[..504]), Err(DecodeError::Truncated));
    }

    #[test]
    fn an_enrolment_record_is_opened_by_its_holder_beside_its_leaf() {
        let holder = wallet(4);
        let record = EnrolmentRecord {
            attributes: Attributes::new(2, 756, 1_900_000_000).expect("in range"),
            serial: Serial::new(99).expect("in range"),
            first_epoch: 680,
        };
        let leaf = Fr::from(5u64);
        let sealed = EnrolmentCiphertext::seal(&record, &holder.enrolment().public(), &leaf, &mut OsRng);
        assert_eq!(EnrolmentCiphertext::from_bytes(&sealed.to_bytes()), Ok(sealed.clone()));
        assert!(sealed.open(holder.enrolment(), &leaf) == Some(record));
        assert!(sealed.open(holder.enrolment(), &Fr::from(6u64)).is_none());
        assert!(sealed.open(wallet(5).enrolment(), &leaf).is_none());
        assert!(EnrolmentCiphertext::unopenable(&mut OsRng).open(holder.enrolment(), &leaf).is_none());
    }
}
