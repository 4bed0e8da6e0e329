//! The key hierarchy (K1, K2, K4). Each capability is a type of its own; none prints itself, all erase themselves.
//!
//! ```text
//! Seed -> SpendingKey ─┬─ ask ............... signs, and nothing else can move money
//!                      ├─ FullViewingKey .... ak, nk, ivk, ovk, trk: sees everything, moves nothing
//!                      │    ├─ IncomingViewingKey  account, ivk: finds and opens received notes
//!                      │    ├─ OutgoingViewingKey  ovk: opens sent notes
//!                      │    └─ ProofKey            ak, nk: what a prover is told
//!                      ├─ idk, alpha_key, dk, a transparent account's key
//!                      └─ EnrolmentKey ...... opens the credential in the registry
//! ```

pub mod seed;

pub use seed::{Seed, SeedError};

use rand_core::{CryptoRng, RngCore};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::address::{Address, Diversifier};
use crate::curve::{Point, mul_generator};
use crate::field::{Fr, Fs, field_newtype};
use crate::hash::Transcript;
use crate::params::Network;
use crate::poseidon2::hash;
use crate::schnorr::SigningKey;
use crate::tags::{Personal, Tag};
use crate::tracing::EpochKey;

field_newtype! {
    /// `account = H_ACCT(ak.x, ak.y, nk)`; never on the ledger.
    Account
}
field_newtype! {
    /// `idc = H_ID(idk)`; never on the ledger.
    IdentityCommitment
}
field_newtype! {
    /// `u = H_USER(account, idc)`: all that the issuer learns of a holder's keys.
    UserId
}

impl Account {
    /// `H_ACCT(ak.x, ak.y, nk)`.
    #[must_use]
    pub fn derive(ak: &Point, nk: Fr) -> Self {
        Self::new(hash(Tag::Account, [ak.x, ak.y, nk]))
    }
}

impl IdentityCommitment {
    /// `H_ID(idk)`.
    #[must_use]
    pub fn derive(idk: Fr) -> Self {
        Self::new(hash(Tag::IdentityCommitment, [idk]))
    }
}

impl UserId {
    /// `H_USER(account, idc)`.
    #[must_use]
    pub fn derive(account: Account, idc: IdentityCommitment) -> Self {
        Self::new(hash(Tag::User, [account.to_field(), idc.to_field()]))
    }
}

/// Finds and opens what was received; names no other note.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct IncomingViewingKey {
    #[zeroize(skip)]
    account: Account,
    ivk: Fs,
}

impl IncomingViewingKey {
    /// The account.
    #[must_use]
    pub const fn account(&self) -> Account {
        self.account
    }

    /// The scalar `ivk`.
    #[must_use]
    pub const fn expose(&self) -> &Fs {
        &self.ivk
    }

    /// The payment address of diversifier `d`: `owner = H_OWN(account, d)`, `PK_d = ivk * GroupHash(d)`.
    #[must_use]
    pub fn address(&self, network: Network, diversifier: Diversifier) -> Address {
        Address::derive(network, self.account, &self.ivk, diversifier)
    }
}

/// Opens what was sent.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct OutgoingViewingKey([u8; 32]);

impl OutgoingViewingKey {
    /// The 32 bytes.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Draws diversifiers: `d = BLAKE2b(dk, i)[..16]`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct DiversifierKey([u8; 32]);

impl DiversifierKey {
    /// The diversifier of address number `index`.
    #[must_use]
    pub fn diversifier(&self, index: u64) -> Diversifier {
        let digest = Transcript::new(Personal::DIVERSIFIER).fixed(&self.0).number(index).digest();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Diversifier::new(bytes)
    }
}

/// What a prover is told of the keys: enough to prove, not to sign.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct ProofKey {
    /// `ak`.
    pub ak: Point,
    /// `nk`.
    pub nk: Fr,
}

/// Sees everything an account does; moves nothing.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct FullViewingKey {
    proof: ProofKey,
    incoming: IncomingViewingKey,
    outgoing: OutgoingViewingKey,
    trk: Fr,
}

impl FullViewingKey {
    /// The account.
    #[must_use]
    pub const fn account(&self) -> Account {
        self.incoming.account
    }

    /// `ak` and `nk`.
    #[must_use]
    pub const fn proof(&self) -> &ProofKey {
        &self.proof
    }

    /// The incoming viewing key.
    #[must_use]
    pub const fn incoming(&self) -> &IncomingViewingKey {
        &self.incoming
    }

    /// The outgoing viewing key.
    #[must_use]
    pub const fn outgoing(&self) -> &OutgoingViewingKey {
        &self.outgoing
    }

    /// The tracing key `trk`.
    #[must_use]
    pub const fn expose_trk(&self) -> Fr {
        self.trk
    }

    /// `tk_e`, this account's tracing key of one epoch.
    #[must_use]
    pub fn epoch_key(&self, epoch: u64) -> EpochKey {
        EpochKey::derive(self.trk, epoch)
    }
}

/// Opens the credential that the issuer wrote beside its leaf (C5).
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct EnrolmentKey(Fs);

impl EnrolmentKey {
    /// The public key, which the issuer is given.
    pub fn public(&self) -> Point {
        mul_generator(&self.0)
    }

    /// The scalar.
    #[must_use]
    pub const fn expose(&self) -> &Fs {
        &self.0
    }
}

/// Everything: the only key that moves money.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SpendingKey {
    #[zeroize(skip)]
    network: Network,
    ask: Fs,
    viewing: FullViewingKey,
    idk: Fr,
    dk: DiversifierKey,
    alpha_key: [u8; 32],
    enrolment: EnrolmentKey,
    transparent: [u8; 32],
}

impl SpendingKey {
    /// The keys of account number `index` of a seed on a network (K1).
    #[must_use]
    pub fn derive(seed: &Seed, network: Network, index: u32) -> Self {
        let derive = |personal| {
            Transcript::new(personal).fixed(seed.expose()).fixed(&[network as u8]).fixed(&index.to_le_bytes())
        };
        let ask = derive(Personal::ASK).to_fs_nonzero();
        let proof = ProofKey { ak: mul_generator(&ask), nk: derive(Personal::NK).to_fr() };
        let account = Account::derive(&proof.ak, proof.nk);
        let incoming = IncomingViewingKey { account, ivk: derive(Personal::IVK).to_fs_nonzero() };
        let outgoing = OutgoingViewingKey(derive(Personal::OVK).digest32());
        let viewing = FullViewingKey { proof, incoming, outgoing, trk: derive(Personal::TRK).to_fr() };
        Self {
            network,
            ask,
            viewing,
            idk: derive(Personal::IDK).to_fr(),
            dk: DiversifierKey(derive(Personal::DK).digest32()),
            alpha_key: derive(Personal::ALPHA_KEY).digest32(),
            enrolment: EnrolmentKey(derive(Personal::ENROLMENT).to_fs_nonzero()),
            transparent: derive(Personal::TRANSPARENT).digest32(),
        }
    }

    /// The network of the keys.
    #[must_use]
    pub const fn network(&self) -> Network {
        self.network
    }

    /// The full viewing key.
    #[must_use]
    pub const fn viewing(&self) -> &FullViewingKey {
        &self.viewing
    }

    /// The identity key `idk`.
    #[must_use]
    pub const fn expose_idk(&self) -> Fr {
        self.idk
    }

    /// `idc = H_ID(idk)`.
    #[must_use]
    pub fn identity_commitment(&self) -> IdentityCommitment {
        IdentityCommitment::derive(self.idk)
    }

    /// `u = H_USER(account, idc)`.
    #[must_use]
    pub fn user(&self) -> UserId {
        UserId::derive(self.viewing.account(), self.identity_commitment())
    }

    /// The key that opens the credential in the registry.
    #[must_use]
    pub const fn enrolment(&self) -> &EnrolmentKey {
        &self.enrolment
    }

    /// The Ed25519 key of the wallet's own transparent account, from which it shields and to which it unshields.
    #[must_use]
    pub fn transparent(&self) -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&self.transparent)
    }

    /// The payment address number `index`.
    #[must_use]
    pub fn address(&self, index: u64) -> Address {
        self.viewing.incoming.address(self.network, self.dk.diversifier(index))
    }

    /// The re-randomiser of one attempt (T6): `alpha = H2S(alpha_key, 32 random bytes, context)`. The context is every
    /// nullifier, commitment and the `ext_hash`, so that a repeated random string is not a repeated alpha.
    #[must_use]
    pub fn draw_alpha(&self, context: &[Fr], rng: &mut (impl RngCore + CryptoRng)) -> Fs {
        let mut random = [0; 32];
        rng.fill_bytes(&mut random);
        let start = Transcript::new(Personal::ALPHA).fixed(&self.alpha_key).fixed(&random);
        random.zeroize();
        context.iter().fold(start.number(context.len() as u64), |t, x| t.element(x)).to_fs()
    }

    /// The signing key of `rk = ak + alpha * G`.
    #[must_use]
    pub fn randomize(&self, alpha: &Fs) -> SigningKey {
        SigningKey::new(self.ask + alpha)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_and_accounts_have_keys_of_their_own() {
        let seed = Seed::from_bytes([7; 32]);
        let keys =
            [(Network::Main, 0), (Network::Test, 0), (Network::Main, 1)].map(|(n, i)| SpendingKey::derive(&seed, n, i));
        for (i, a) in keys.iter().enumerate() {
            for b in &keys[i + 1..] {
                assert_ne!(a.viewing().account(), b.viewing().account());
                assert_ne!(a.user(), b.user());
            }
        }
        assert_eq!(SpendingKey::derive(&seed, Network::Main, 0).user(), keys[0].user());
    }

    #[test]
    fn addresses_of_one_account_share_neither_owner_nor_key() {
        let key = SpendingKey::derive(&Seed::from_bytes([1; 32]), Network::Local, 0);
        let (a, b) = (key.address(0), key.address(1));
        assert!(a.owner() != b.owner() && a.transmission_key() != b.transmission_key());
        assert_eq!(a, key.address(0));
    }

    #[test]
    fn alpha_is_new_in_every_attempt() {
        let key = SpendingKey::derive(&Seed::from_bytes([1; 32]), Network::Local, 0);
        let context = [Fr::from(1u64)];
        let rng = &mut rand_core::OsRng;
        let (a, b) = (key.draw_alpha(&context, rng), key.draw_alpha(&context, rng));
        assert_ne!(a, b);
        assert_eq!(
            mul_generator(key.randomize(&a).expose()),
            Point::from(key.viewing().proof().ak + mul_generator(&a))
        );
    }
}
