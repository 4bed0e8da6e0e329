//! A statement of any circuit, its witness, and the relation between them.

use alloc::vec::Vec;
use core::fmt;

use crate::circuit::CircuitId;
use crate::curve::PointError;
use crate::enrol::{EnrolStatement, EnrolWitness};
use crate::field::Fr;
use crate::identity::{IdentityStatement, IdentityWitness};
use crate::transfer::{TransferStatement, TransferWitness};
use crate::violation::Violation;

/// Why public values are not a statement (L1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StatementError {
    /// The numbers of nullifiers, commitments and trace elements fit no circuit.
    Counts,
    /// T4: an amount, a time or an epoch is not below 2^64.
    Amount,
    /// A time is not below 2^40.
    Time,
    /// `rk` is not a point of the prime subgroup, or the identity.
    Point(PointError),
}

impl fmt::Display for StatementError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Counts => f.write_str("numbers of nullifiers, commitments and trace elements fit no circuit"),
            Self::Amount => f.write_str("T4: an amount is not below 2^64"),
            Self::Time => f.write_str("the time is not below 2^40"),
            Self::Point(error) => write!(f, "rk: {error}"),
        }
    }
}

impl core::error::Error for StatementError {}

/// The public values of one proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// A transfer, of the shape that its counts say.
    Transfer(TransferStatement),
    /// A proof of identity.
    Identity(IdentityStatement),
    /// A proof of one's own account to the issuer.
    Enrol(EnrolStatement),
}

impl Statement {
    /// The circuit.
    #[must_use]
    pub const fn circuit(&self) -> CircuitId {
        match self {
            Self::Transfer(statement) => statement.circuit(),
            Self::Identity(_) => CircuitId::Identity,
            Self::Enrol(_) => CircuitId::Enrol,
        }
    }

    /// The public inputs in order, without the constant one; as many as [`CircuitId::public_inputs`] says.
    #[must_use]
    pub fn to_fields(&self) -> Vec<Fr> {
        match self {
            Self::Transfer(statement) => statement.to_fields(),
            Self::Identity(statement) => statement.to_fields(),
            Self::Enrol(statement) => statement.to_fields(),
        }
    }
}

/// The secret values of one proof.
#[derive(Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time, and a box would be one more place to erase")]
pub enum Witness {
    /// Of a transfer.
    Transfer(TransferWitness),
    /// Of a proof of identity.
    Identity(IdentityWitness),
    /// Of an enrolment.
    Enrol(EnrolWitness),
}

/// Whether `witness` proves `statement`, natively.
///
/// # Errors
/// [`Violation`] naming the first clause that does not hold.
pub fn check(statement: &Statement, witness: &Witness) -> Result<(), Violation> {
    match (statement, witness) {
        (Statement::Transfer(statement), Witness::Transfer(witness)) => {
            crate::transfer::relation::check(statement, witness)
        }
        (Statement::Identity(statement), Witness::Identity(witness)) => {
            crate::identity::relation::check(statement, witness)
        }
        (Statement::Enrol(statement), Witness::Enrol(witness)) => crate::enrol::relation::check(statement, witness),
        _ => Err(Violation::WitnessOfAnotherCircuit),
    }
}
