//! Who spends: the clauses on `ak` and `rk` that all circuits share (T1, T6), and the binding of public inputs (T10).

use veilpay_protocol::curve::Point;
use veilpay_protocol::field::{Fr, Fs};

use crate::gadgets::curve::PointVar;
use crate::gadgets::keys::AccountVar;
use crate::hint::hint;
use crate::var::{Cs, FrVar, Synthesis};

/// The keys that a prover holds.
#[derive(Clone, Debug)]
pub struct AuthorityVar {
    /// The spend-authorising key.
    pub ak: PointVar,
    /// The nullifier key.
    pub nk: FrVar,
    /// `H_ACCT(ak.x, ak.y, nk)`.
    pub account: AccountVar,
}

/// T1: one account for everything, `account = H_ACCT(ak.x, ak.y, nk)` with `ak` in the prime subgroup and not the
/// identity; 281 constraints.
///
/// # Errors
/// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
pub fn t1_account(cs: &Cs, ak: &Point, nk: Fr) -> Synthesis<AuthorityVar> {
    let ak = PointVar::in_subgroup(cs, ak)?;
    let nk = hint(cs, "nk", || nk)?;
    let account = AccountVar::derive(cs, &ak, &nk)?;
    Ok(AuthorityVar { ak, nk, account })
}

/// T6: `rk = ak + alpha * G`; 922 constraints.
///
/// # Errors
/// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
pub fn t6_randomized_key(cs: &Cs, ak: &PointVar, alpha: &Fs, rk: &PointVar) -> Synthesis<()> {
    ak.enforce_generator_multiple_added(cs, alpha, rk)
}

/// T10: a public input that no other clause speaks of is constrained by its square; 1 constraint.
///
/// An input without any constraint could be exchanged in a finished proof.
///
/// # Errors
/// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
pub fn t10_bound(cs: &Cs, input: &FrVar) -> Synthesis<()> {
    input.square(cs).map(|_| ())
}
