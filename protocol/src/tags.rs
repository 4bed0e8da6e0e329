//! Every domain separator of the protocol, in one place: Poseidon2 tags, BLAKE2b personal strings, signature domains.

/// A Poseidon2 domain: the capacity lane of a hash of n words holds `TAG * 256 + n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Tag {
    /// K2: `account = H_ACCT(ak.x, ak.y, nk)`.
    Account = 1,
    /// K2: `idc = H_ID(idk)`.
    IdentityCommitment = 2,
    /// K2: `u = H_USER(account, idc)`.
    User = 3,
    /// K3: `owner = H_OWN(account, d)`.
    Owner = 4,
    /// N1: the domain inside a note commitment's third word, `value + 2^64 * TAG_NOTE`.
    Note = 5,
    /// N3: `nf = H_NF(nk, rcm, pos + 2^32 * is_dummy)`.
    Nullifier = 6,
    /// C1: `leaf = H_CRED(u, trace_root, attrs + 2^64 * serial)`.
    Credential = 7,
    /// C3: `leaf = H_IMT(key, next)`.
    IndexedLeaf = 8,
    /// I1: `H_SCOPE(idk, scope)`.
    Scope = 9,
    /// W1: `tk_e = H_TRK(trk, e)`.
    EpochKey = 10,
    /// W1: `H_TK(tk_e, e)`, a leaf of the epoch tree.
    EpochLeaf = 11,
    /// W2: the keystream of a trace ciphertext.
    Keystream = 12,
}

impl Tag {
    /// All tags, for tests and tables.
    pub const ALL: [Self; 12] = [
        Self::Account,
        Self::IdentityCommitment,
        Self::User,
        Self::Owner,
        Self::Note,
        Self::Nullifier,
        Self::Credential,
        Self::IndexedLeaf,
        Self::Scope,
        Self::EpochKey,
        Self::EpochLeaf,
        Self::Keystream,
    ];

    /// `TAG * 256 + words`: the capacity lane of a hash of `words` words.
    #[must_use]
    pub const fn capacity(self, words: usize) -> u64 {
        self as u64 * 256 + words as u64
    }
}

/// A BLAKE2b-512 personal string, 16 bytes exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Personal(pub(crate) &'static [u8; 16]);

macro_rules! personals {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        impl Personal {
            $($(#[$doc])* pub const $name: Self = Self($text);)*
            /// All personal strings, for the uniqueness test and the table of the documents.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

personals! {
    /// K1: the spend-authorising scalar `ask`.
    ASK = b"veilpay:k1:ask__";
    /// K1: the nullifier key `nk`.
    NK = b"veilpay:k1:nk___";
    /// K1: the identity key `idk`.
    IDK = b"veilpay:k1:idk__";
    /// K1: the tracing key `trk`.
    TRK = b"veilpay:k1:trk__";
    /// K1: the incoming viewing scalar `ivk`.
    IVK = b"veilpay:k1:ivk__";
    /// K1: the outgoing viewing key `ovk`.
    OVK = b"veilpay:k1:ovk__";
    /// K1: the diversifier key `dk`.
    DK = b"veilpay:k1:dk___";
    /// K1: the re-randomiser key `alpha_key`.
    ALPHA_KEY = b"veilpay:k1:alpha";
    /// K1: the enrolment decryption scalar.
    ENROLMENT = b"veilpay:k1:enrol";
    /// K1: the Ed25519 seed of the wallet's own transparent account.
    TRANSPARENT = b"veilpay:k1:trans";
    /// K3: `d = BLAKE2b(dk, i)[..16]`.
    DIVERSIFIER = b"veilpay:k3:div__";
    /// K3: `GroupHash(d)`.
    GROUP_HASH = b"veilpay:k3:group";
    /// N4: asset identifiers.
    ASSET = b"veilpay:n4:asset";
    /// N5: `rcm` from `rseed`.
    RCM = b"veilpay:n5:rcm__";
    /// N5: `esk` from `rseed`.
    ESK = b"veilpay:n5:esk__";
    /// N5: the key of a note ciphertext.
    NOTE_KEY = b"veilpay:n5:key__";
    /// N5: the key of an outgoing ciphertext.
    OUT_KEY = b"veilpay:n5:out__";
    /// C5: the key of an enrolment ciphertext.
    ENROLMENT_KEY = b"veilpay:c5:key__";
    /// C2: the challenge of an enrolment.
    ENROL_CHALLENGE = b"veilpay:c2:chal_";
    /// C2: the message that an enrolling wallet signs.
    ENROL_MESSAGE = b"veilpay:c2:sign_";
    /// C2, C3: a registry or sanctions delta as its issuer signs it.
    DELTA = b"veilpay:c4:delta";
    /// W1: the trace root as the escrow agent signs it.
    ESCROW = b"veilpay:w1:escro";
    /// I1: the message bound by an identity proof.
    IDENTITY_BINDING = b"veilpay:i1:bind_";
    /// I1: the message that an identity proof's holder signs.
    IDENTITY_MESSAGE = b"veilpay:i1:sign_";
    /// T6: the re-randomiser alpha.
    ALPHA = b"veilpay:t6:alpha";
    /// X2: `ext_hash`.
    EXT_HASH = b"veilpay:x2:ext__";
    /// X2: `sighash`.
    SIGHASH = b"veilpay:x2:sigha";
    /// X3: the challenge, which is H2 of the FROST ciphersuite.
    CHALLENGE = b"veilpay:x3:chal_";
    /// X3: the hedged nonce.
    NONCE = b"veilpay:x3:nonce";
    /// X4: `txid`.
    TXID = b"veilpay:x4:txid_";
    /// X1: the transparent source's signature over the sighash.
    SOURCE_MESSAGE = b"veilpay:x1:sourc";
    /// X1: the sponsor's signature over the sighash.
    SPONSOR_MESSAGE = b"veilpay:x1:spons";
    /// X1: ledger identifiers.
    LEDGER_ID = b"veilpay:x1:ledge";
    /// S1: digest of a verifying key.
    KEY_DIGEST = b"veilpay:s1:vkey_";
    /// S1: digest of a circuit's matrices.
    MATRIX_DIGEST = b"veilpay:s1:matri";
    /// S1: digest of a key file.
    FILE_DIGEST = b"veilpay:s1:file_";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tag_is_its_own_and_at_least_one() {
        for (i, a) in Tag::ALL.iter().enumerate() {
            assert!(*a as u8 >= 1);
            for b in &Tag::ALL[i + 1..] {
                assert_ne!(*a as u8, *b as u8);
            }
        }
    }

    #[test]
    fn every_personal_string_is_its_own() {
        for (i, a) in Personal::ALL.iter().enumerate() {
            for b in &Personal::ALL[i + 1..] {
                assert_ne!(a, b);
            }
        }
    }
}
