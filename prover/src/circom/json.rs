//! `proof.json` and `public.json`, as snarkjs writes and reads them.
//!
//! A field element is a string of its decimal digits. A proof is
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
//! and the public inputs are a list. Reading is strict: exactly one text per number, no number of the prime or more, no
//! field that is not named above; `curve` alone may be missing, as some writers leave it out.

use std::fmt;

use ark_bn254::{Fq, Fq2, G1Affine, G2Affine};
use ark_ff::PrimeField;
use serde::{Deserialize, Serialize};
use serde_json::ser::PrettyFormatter;
use veilpay_protocol::field::Fr;
use veilpay_verifier::{Proof, ProofError};

const PROTOCOL: &str = "groth16";
const CURVE: &str = "bn128";
/// Digits of a number below the primes.
const MAX_DIGITS: usize = 77;

/// Why JSON is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonError {
    /// Not JSON, or not of this form.
    Form {
        /// The line at which that was seen, from 1 on.
        line: usize,
    },
    /// A proof of another proof system.
    Protocol,
    /// A proof over another curve.
    Curve,
    /// A number is not the decimal text of a number below its prime.
    Number {
        /// Which number, in the order of the text.
        index: usize,
    },
    /// A point is not affine: its last coordinate is not one.
    Projective,
    /// The points are no proof.
    Proof(ProofError),
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form { line } => write!(f, "not JSON of the form that is read here (line {line})"),
            Self::Protocol => write!(f, "a proof of another protocol than {PROTOCOL}"),
            Self::Curve => write!(f, "a proof over another curve than {CURVE}"),
            Self::Number { index } => write!(f, "number {index} is not the decimal text of a field element"),
            Self::Projective => f.write_str("a point whose last coordinate is not one"),
            Self::Proof(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for JsonError {}

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        Self::Form { line: error.line() }
    }
}

/// A proof as text; `T` is borrowed where it is read, owned where it is written.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct ProofText<T> {
    pi_a: [T; 3],
    pi_b: [[T; 2]; 3],
    pi_c: [T; 3],
    protocol: T,
    curve: Option<T>,
}

/// Writes a proof, as snarkjs lays it out.
#[must_use]
pub fn write_proof(proof: &Proof) -> String {
    let g1 = |point: &G1Affine| [point.x.to_string(), point.y.to_string(), "1".to_owned()];
    let pair = |x: &Fq2| [x.c0.to_string(), x.c1.to_string()];
    let b = proof.b();
    pretty(&ProofText {
        pi_a: g1(proof.a()),
        pi_b: [pair(&b.x), pair(&b.y), ["1", "0"].map(str::to_owned)],
        pi_c: g1(proof.c()),
        protocol: PROTOCOL.to_owned(),
        curve: Some(CURVE.to_owned()),
    })
}

/// Reads a proof. Its points are in their groups, and none is the identity.
///
/// # Errors
/// [`JsonError`] for another form, protocol or curve, a number that is not canonical, a point that is not affine or not
/// in its group.
pub fn read_proof(bytes: &[u8]) -> Result<Proof, JsonError> {
    let text: ProofText<&str> = serde_json::from_slice(bytes)?;
    if text.protocol != PROTOCOL {
        return Err(JsonError::Protocol);
    }
    if text.curve.is_some_and(|curve| curve != CURVE) {
        return Err(JsonError::Curve);
    }
    let ([ax, ay, az], [bx, by, bz], [cx, cy, cz]) = (text.pi_a, text.pi_b, text.pi_c);
    if az != "1" || bz != ["1", "0"] || cz != "1" {
        return Err(JsonError::Projective);
    }
    let numbers = [ax, ay, bx[0], bx[1], by[0], by[1], cx, cy];
    let at = |index: usize| number::<Fq>(index, numbers[index]);
    let a = G1Affine::new_unchecked(at(0)?, at(1)?);
    let b = G2Affine::new_unchecked(Fq2::new(at(2)?, at(3)?), Fq2::new(at(4)?, at(5)?));
    let c = G1Affine::new_unchecked(at(6)?, at(7)?);
    Proof::new(a, b, c).map_err(JsonError::Proof)
}

/// Writes public inputs, as snarkjs lays them out.
#[must_use]
pub fn write_public(inputs: &[Fr]) -> String {
    pretty(&inputs.iter().map(Fr::to_string).collect::<Vec<_>>())
}

/// Reads public inputs.
///
/// # Errors
/// [`JsonError::Form`] for anything but a list of strings, [`JsonError::Number`] for a string that is not the decimal
/// text of a number below r.
pub fn read_public(bytes: &[u8]) -> Result<Vec<Fr>, JsonError> {
    let texts: Vec<&str> = serde_json::from_slice(bytes)?;
    texts.into_iter().enumerate().map(|(index, text)| number(index, text)).collect()
}

/// The element with this decimal text, which is the only one that it has.
fn number<F: PrimeField>(index: usize, text: &str) -> Result<F, JsonError> {
    let digits = text.len() <= MAX_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = if digits { F::from_str(text).ok() } else { None };
    number.filter(|number| number.to_string() == text).ok_or(JsonError::Number { index })
}

/// JSON with an indentation of one blank.
fn pretty(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, PrettyFormatter::with_indent(b" "));
    value.serialize(&mut serializer).expect("strings and lists are JSON, and memory takes them");
    String::from_utf8(out).expect("JSON is UTF-8")
}
