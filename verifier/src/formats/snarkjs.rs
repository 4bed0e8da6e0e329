//! `verification_key.json`, `proof.json` and `public.json`, as snarkjs writes and reads them.
//!
//! A field element is a string of its decimal digits. A point of G1 is `["x", "y", "1"]`, one of G2
//! `[["x.c0", "x.c1"], ["y.c0", "y.c1"], ["1", "0"]]`, the real part first. A proof is
//!
//! ```json
//! {
//!  "pi_a": ["x", "y", "1"],
//!  "pi_b": [["x.c0", "x.c1"], ["y.c0", "y.c1"], ["1", "0"]],
//!  "pi_c": ["x", "y", "1"],
//!  "protocol": "groth16",
//!  "curve": "bn128"
//! }
//! ```
//!
//! the public inputs are a list, and a key has `protocol`, `curve`, `nPublic` (a number), `vk_alpha_1`, `vk_beta_2`,
//! `vk_gamma_2`, `vk_delta_2`, `vk_alphabeta_12` and `IC`, a list of points.
//!
//! Reading is strict: exactly one text per number, none of the prime or more, each key once and no other key. `curve` of
//! a proof and `vk_alphabeta_12` of a key may be missing, as some writers leave them out; where the latter is there it
//! must be `e(alpha, beta)`.

use alloc::string::String;
use alloc::vec::Vec;

use ark_bn254::{Bn254, Fq, Fq2, Fq12};
use ark_ec::pairing::Pairing;
use ark_ff::{BigInt, Field, PrimeField};
use veilpay_protocol::field::Fr;

use super::json::{Object, Value};
use crate::key::KeyPoints;
use crate::point::{G1, G2};
use crate::proof::Proof;

pub use super::json::JsonError;
pub use super::number::NumberError;

const PROTOCOL: &str = "groth16";
const CURVE: &str = "bn128";

/// Public inputs of a key or a list, at most.
pub const MAX_INPUTS: usize = 4096;
/// Bytes of a proof's text, at most.
pub const MAX_PROOF_BYTES: usize = 16 << 10;
/// Bytes of a text of public inputs, at most.
pub const MAX_PUBLIC_BYTES: usize = 512 << 10;
/// Bytes of a key's text, at most.
pub const MAX_KEY_BYTES: usize = 1 << 20;

type G1Text<T> = [T; 3];
type G2Text<T> = [[T; 2]; 3];

fn number<F: PrimeField<BigInt = BigInt<4>>>(key: &'static str, index: usize, text: &str) -> Result<F, JsonError> {
    super::number::read(text).map_err(|error| JsonError::Number { key, index, error })
}

/// A point of G1 as it stands; `first` numbers stand before it.
fn read_g1(key: &'static str, first: usize, [x, y, z]: G1Text<&str>) -> Result<G1, JsonError> {
    if z != "1" {
        return Err(JsonError::NotAffine { key });
    }
    Ok(G1::new_unchecked(number(key, first, x)?, number(key, first + 1, y)?))
}

/// A point of G2 as it stands.
fn read_g2(key: &'static str, [x, y, z]: G2Text<&str>) -> Result<G2, JsonError> {
    if z != ["1", "0"] {
        return Err(JsonError::NotAffine { key });
    }
    let at = |index: usize, text| number::<Fq>(key, index, text);
    Ok(G2::new_unchecked(Fq2::new(at(0, x[0])?, at(1, x[1])?), Fq2::new(at(2, y[0])?, at(3, y[1])?)))
}

fn pair(x: &Fq2) -> Value {
    Value::list([&x.c0, &x.c1].map(Value::text))
}

fn write_g1(point: &G1) -> Value {
    Value::list([Value::text(&point.x), Value::text(&point.y), Value::text(&1)])
}

fn write_g2(point: &G2) -> Value {
    Value::list([pair(&point.x), pair(&point.y), pair(&Fq2::ONE)])
}

/// The coefficients of the pairing's value over Fq2, in the order of the text.
fn coefficients(value: &Fq12) -> [[Fq2; 3]; 2] {
    [value.c0, value.c1].map(|half| [half.c0, half.c1, half.c2])
}

fn check_names<const N: usize>(object: &Object<'_, N>, curve_required: bool) -> Result<(), JsonError> {
    if object.required::<&str>("protocol")? != PROTOCOL {
        return Err(JsonError::Protocol);
    }
    match object.optional::<&str>("curve")? {
        None if curve_required => Err(JsonError::MissingKey { key: "curve" }),
        Some(curve) if curve != CURVE => Err(JsonError::Curve),
        _ => Ok(()),
    }
}

/// Writes a proof, as snarkjs lays it out.
#[must_use]
pub fn write_proof(proof: &Proof) -> String {
    let text = Value::Object(
        [
            ("pi_a", write_g1(proof.a())),
            ("pi_b", write_g2(proof.b())),
            ("pi_c", write_g1(proof.c())),
            ("protocol", Value::text(&PROTOCOL)),
            ("curve", Value::text(&CURVE)),
        ]
        .into(),
    );
    text.pretty()
}

/// Reads a proof. Its points are in their groups, and none is the identity.
///
/// # Errors
/// [`JsonError`] naming the first rule that is broken.
pub fn read_proof(bytes: &[u8]) -> Result<Proof, JsonError> {
    let object = Object::read(bytes, MAX_PROOF_BYTES, ["pi_a", "pi_b", "pi_c", "protocol", "curve"])?;
    check_names(&object, false)?;
    let a = read_g1("pi_a", 0, object.required("pi_a")?)?;
    let b = read_g2("pi_b", object.required("pi_b")?)?;
    let c = read_g1("pi_c", 0, object.required("pi_c")?)?;
    Proof::new(a, b, c).map_err(JsonError::Proof)
}

/// Writes public inputs, as snarkjs lays them out.
#[must_use]
pub fn write_public(inputs: &[Fr]) -> String {
    Value::list(inputs.iter().map(Value::text)).pretty()
}

/// Reads public inputs.
///
/// # Errors
/// [`JsonError::TooLong`], [`JsonError::TooManyInputs`]; [`JsonError::Form`] for anything but a list of strings,
/// [`JsonError::Number`] for a string that is not the decimal text of a number below r.
pub fn read_public(bytes: &[u8]) -> Result<Vec<Fr>, JsonError> {
    if bytes.len() > MAX_PUBLIC_BYTES {
        return Err(JsonError::TooLong { limit: MAX_PUBLIC_BYTES });
    }
    let texts: Vec<&str> = serde_json::from_slice(bytes)?;
    if texts.len() > MAX_INPUTS {
        return Err(JsonError::TooManyInputs { limit: MAX_INPUTS });
    }
    texts.into_iter().enumerate().map(|(index, text)| number("public", index, text)).collect()
}

/// Writes a key, as snarkjs lays it out; one pairing. IC has a point at least.
#[must_use]
pub fn write_key(points: &KeyPoints) -> String {
    let value = Bn254::pairing(points.alpha, points.beta).0;
    let half = |half: [Fq2; 3]| Value::list(half.iter().map(pair));
    let text = Value::Object(
        [
            ("protocol", Value::text(&PROTOCOL)),
            ("curve", Value::text(&CURVE)),
            ("nPublic", Value::Number(points.ic.len() - 1)),
            ("vk_alpha_1", write_g1(&points.alpha)),
            ("vk_beta_2", write_g2(&points.beta)),
            ("vk_gamma_2", write_g2(&points.gamma)),
            ("vk_delta_2", write_g2(&points.delta)),
            ("vk_alphabeta_12", Value::list(coefficients(&value).map(half))),
            ("IC", Value::list(points.ic.iter().map(write_g1))),
        ]
        .into(),
    );
    text.pretty()
}

const KEY_KEYS: [&str; 9] =
    ["protocol", "curve", "nPublic", "vk_alpha_1", "vk_beta_2", "vk_gamma_2", "vk_delta_2", "vk_alphabeta_12", "IC"];

/// Reads a key. What comes out obeys S1.
///
/// # Errors
/// [`JsonError`] naming the first rule that is broken; [`JsonError::Key`] for one of S1.
pub fn read_key(bytes: &[u8]) -> Result<KeyPoints, JsonError> {
    let object = Object::read(bytes, MAX_KEY_BYTES, KEY_KEYS)?;
    check_names(&object, true)?;
    let stated: u64 = object.required("nPublic")?;
    let ic: Vec<G1Text<&str>> = object.required("IC")?;
    if ic.len() > MAX_INPUTS + 1 {
        return Err(JsonError::TooManyInputs { limit: MAX_INPUTS });
    }
    if stated.checked_add(1) != u64::try_from(ic.len()).ok() {
        return Err(JsonError::PublicCount { points: ic.len() });
    }
    let g2 = |key| read_g2(key, object.required(key)?);
    let points = KeyPoints {
        alpha: read_g1("vk_alpha_1", 0, object.required("vk_alpha_1")?)?,
        beta: g2("vk_beta_2")?,
        gamma: g2("vk_gamma_2")?,
        delta: g2("vk_delta_2")?,
        ic: ic.into_iter().enumerate().map(|(i, text)| read_g1("IC", 2 * i, text)).collect::<Result<_, _>>()?,
    };
    points.check().map_err(JsonError::Key)?;
    if let Some(text) = object.optional("vk_alphabeta_12")? {
        check_alpha_beta(&points, text)?;
    }
    Ok(points)
}

fn check_alpha_beta(points: &KeyPoints, text: [[[&str; 2]; 3]; 2]) -> Result<(), JsonError> {
    let value = coefficients(&Bn254::pairing(points.alpha, points.beta).0);
    let expected = value.as_flattened().iter().flat_map(|x| [x.c0, x.c1]);
    let stated = text.as_flattened().as_flattened();
    for (index, (text, expected)) in stated.iter().zip(expected).enumerate() {
        if number::<Fq>("vk_alphabeta_12", index, text)? != expected {
            return Err(JsonError::AlphaBeta);
        }
    }
    Ok(())
}
