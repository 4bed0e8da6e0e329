//! Many signatures at once (X3): one equation for all, by random coefficients.
//!
//! With coefficients `z_i` of 128 bits, `8 (sum z_i s_i G - sum z_i R_i - sum z_i c_i rk_i) = 0` if each signature holds.
//! If one does not, eight times what it leaves is a point of prime order, and the sum is 0 for at most one in 2^128 of
//! the values of its coefficient. The coefficients are drawn from a transcript (merlin) of all keys, messages and
//! signatures in their order, and of 32 bytes of fresh randomness.
//!
//! A batch with a wrong signature is halved until it is named.

use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_ed_on_bn254::EdwardsProjective;
use ark_ff::AdditiveGroup;
use rand_core::{CryptoRng, RngCore};

use super::{Signature, SignatureError, challenge};
use crate::curve::{Point, check_point, clear_cofactor, generator, point_to_bytes};
use crate::field::Fs;

/// Bytes of a coefficient.
const COEFFICIENT_BYTES: usize = 16;

/// A signature, and what it is said to be of.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// The key.
    pub key: Point,
    /// The message.
    pub message: &'a [u8],
    /// The signature.
    pub signature: Signature,
}

/// The signatures of a batch that do not hold, ascending, each with the error that verifying it alone gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub Vec<(usize, SignatureError)>);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of the signatures refused", self.0.len())?;
        match self.0.first() {
            Some((index, error)) => write!(f, ", the first at {index}: {error}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for Refused {}

/// What a signature whose key is good puts into the sum.
struct Term {
    index: usize,
    key: Point,
    commitment: Point,
    /// `z`, `z c` and `z s`.
    scalars: [Fs; 3],
}

/// Whether all signatures hold; nobody who makes them may foresee what `rng` gives.
///
/// # Errors
/// [`Refused`] names those that do not.
pub fn verify_batch(signed: &[Signed<'_>], rng: &mut (impl RngCore + CryptoRng)) -> Result<(), Refused> {
    let coefficients = coefficients(signed, rng);
    let (mut terms, mut refused) = (Vec::with_capacity(signed.len()), Vec::new());
    for ((index, one), z) in signed.iter().enumerate().zip(coefficients) {
        match check_point(&one.key) {
            Ok(()) => terms.push(Term::new(index, one, z)),
            Err(error) => refused.push((index, SignatureError::Key(error))),
        }
    }
    if !hold(&terms) {
        search(&terms, 0..terms.len(), &mut refused);
    }
    if refused.is_empty() {
        return Ok(());
    }
    refused.sort_unstable_by_key(|(index, _)| *index);
    Err(Refused(refused))
}

impl Term {
    fn new(index: usize, one: &Signed<'_>, z: Fs) -> Self {
        let Signature { commitment, response } = one.signature;
        let c = challenge(&commitment, &one.key, one.message);
        Self { index, key: one.key, commitment, scalars: [z, z * c, z * response] }
    }
}

/// A coefficient for each, not 0.
fn coefficients(signed: &[Signed<'_>], rng: &mut (impl RngCore + CryptoRng)) -> Vec<Fs> {
    let mut transcript = merlin::Transcript::new(b"veilpay/schnorr/batch/1");
    transcript.append_u64(b"signatures", signed.len() as u64);
    for one in signed {
        transcript.append_message(b"key", &point_to_bytes(&one.key));
        transcript.append_message(b"message", one.message);
        transcript.append_message(b"signature", &one.signature.to_bytes());
    }
    let mut random = [0; 32];
    rng.fill_bytes(&mut random);
    transcript.append_message(b"randomness", &random);
    let mut bytes = alloc::vec![0; COEFFICIENT_BYTES * signed.len()];
    transcript.challenge_bytes(b"coefficients", &mut bytes);
    // 1 to 2^128.
    let one = |bytes: &[u8; COEFFICIENT_BYTES]| Fs::from(u128::from_le_bytes(*bytes)) + Fs::from(1u64);
    bytes.as_chunks::<COEFFICIENT_BYTES>().0.iter().map(one).collect()
}

/// Whether the sum of these terms, times 8, is the identity.
fn hold(terms: &[Term]) -> bool {
    let (mut points, mut scalars) = (Vec::with_capacity(2 * terms.len() + 1), Vec::with_capacity(2 * terms.len() + 1));
    let mut of_generator = Fs::ZERO;
    for term in terms {
        let [z, of_key, response] = term.scalars;
        of_generator -= response;
        points.extend([term.commitment, term.key]);
        scalars.extend([z, of_key]);
    }
    points.push(generator());
    scalars.push(of_generator);
    let sum = EdwardsProjective::msm_unchecked(&points, &scalars);
    clear_cofactor(&sum.into_affine()).is_zero()
}

/// Names the wrong ones among a part that does not hold.
fn search(terms: &[Term], part: Range<usize>, refused: &mut Vec<(usize, SignatureError)>) {
    if part.len() == 1 {
        refused.push((terms[part.start].index, SignatureError::Equation));
        return;
    }
    let middle = part.start + part.len() / 2;
    for half in [part.start..middle, middle..part.end] {
        if !hold(&terms[half.clone()]) {
            search(terms, half, refused);
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;
    use rand_core::OsRng;

    use super::super::{SigningKey, verify};
    use super::*;
    use crate::curve::PointError;

    /// So many signatures by different keys over different messages.
    fn sign(n: usize) -> (Vec<String>, Vec<(Point, Signature)>) {
        let messages: Vec<String> = (0..n).map(|k| format!("pay {k}")).collect();
        let signed = messages.iter().zip(3u64..).map(|(message, k)| {
            let key = SigningKey::new(Fs::from(k * k));
            (key.public(), key.sign(message.as_bytes(), &mut OsRng).expect("a key"))
        });
        let signed = signed.collect();
        (messages, signed)
    }

    fn items<'a>(messages: &'a [String], signed: &[(Point, Signature)]) -> Vec<Signed<'a>> {
        let one = |(message, (key, signature)): (&'a String, &(Point, Signature))| Signed {
            key: *key,
            message: message.as_bytes(),
            signature: *signature,
        };
        messages.iter().zip(signed).map(one).collect()
    }

    /// The batch says of each what it is told when verified alone.
    fn agree(items: &[Signed<'_>]) -> Result<(), Refused> {
        let alone =
            |(index, one): (usize, &Signed<'_>)| Some((index, verify(&one.key, one.message, &one.signature).err()?));
        let refused: Vec<_> = items.iter().enumerate().filter_map(alone).collect();
        let expected = if refused.is_empty() { Ok(()) } else { Err(Refused(refused)) };
        assert_eq!(verify_batch(items, &mut OsRng), expected);
        expected
    }

    #[test]
    fn honest_batches_of_any_number_are_accepted() {
        let (messages, signed) = sign(17);
        let items = items(&messages, &signed);
        for n in [0, 1, 2, 7, 8, 9, 17] {
            assert_eq!(agree(&items[..n]), Ok(()));
        }
        assert_eq!(agree(&[items[3], items[3], items[3]]), Ok(()));
    }

    #[test]
    fn a_wrong_signature_is_named_at_each_position_and_so_are_several() {
        let (messages, signed) = sign(9);
        let honest = items(&messages, &signed);
        for position in 0..9 {
            let mut wrong = honest.clone();
            wrong[position].message = b"pay more";
            assert_eq!(agree(&wrong), Err(Refused([(position, SignatureError::Equation)].into())));
        }
        let mut wrong = honest.clone();
        (wrong[1].signature, wrong[4].signature) = (honest[4].signature, honest[1].signature);
        wrong[8].key = honest[0].key;
        let refused = [1, 4, 8].map(|index| (index, SignatureError::Equation)).into();
        assert_eq!(agree(&wrong), Err(Refused(refused)));
    }

    #[test]
    fn signatures_whose_errors_cancel_are_refused() {
        let (messages, signed) = sign(3);
        let mut items = items(&messages, &signed);
        items[0].signature.response += Fs::from(7u64);
        items[2].signature.response -= Fs::from(7u64);
        let refused = [0, 2].map(|index| (index, SignatureError::Equation)).into();
        assert_eq!(agree(&items), Err(Refused(refused)));
    }

    #[test]
    fn keys_that_are_no_keys_are_named_and_the_others_are_judged() {
        let (messages, signed) = sign(4);
        let mut items = items(&messages, &signed);
        items[1].key = Point::zero();
        items[2].message = b"pay less";
        // (0, -1) has order two.
        items[3].key = Point::new_unchecked(ark_bn254::Fr::ZERO, -ark_bn254::Fr::from(1u64));
        let refused = [
            (1, SignatureError::Key(PointError::Identity)),
            (2, SignatureError::Equation),
            (3, SignatureError::Key(PointError::NotInSubgroup)),
        ];
        assert_eq!(agree(&items), Err(Refused(refused.into())));
    }
}
