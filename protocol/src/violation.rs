//! The clauses that a witness can break, one variant each.

use core::fmt;

/// The first clause of a relation that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// The witness belongs to another circuit than the statement.
    WitnessOfAnotherCircuit,
    /// The witness has not as many inputs and outputs as the statement.
    WitnessCounts,
    /// T1: `ak` is the identity or outside the prime subgroup.
    T1AuthorizationKey,
    /// T2: a nullifier is not `H_NF(nk, rcm, pos + 2^32 * is_dummy)`.
    T2Nullifier {
        /// Which input.
        input: usize,
    },
    /// T3: a dummy has a value.
    T3DummyValue {
        /// Which input.
        input: usize,
    },
    /// T3: an input that is no dummy is not under the note root (a wrong owner, note or path).
    T3NoteRoot {
        /// Which input.
        input: usize,
    },
    /// N1: an output's commitment does not open to its note.
    N1Commitment {
        /// Which output.
        output: usize,
    },
    /// T5: inputs and outputs of the public asset do not balance.
    T5PublicLane,
    /// T5: inputs and outputs of the hidden asset do not balance.
    T5HiddenLane,
    /// T6: `rk` is not `ak + alpha * G`.
    T6RandomizedKey,
    /// T7: the credential is not in the registry (a wrong user, attribute, serial or epoch key).
    T7Registry,
    /// T7: the credential has expired.
    T7Expired,
    /// T8: the serial is not strictly between the leaf's keys.
    T8Listed,
    /// T8: the leaf is not under the sanctions root.
    T8SanctionsRoot,
    /// T9: the trace's tag is not that of the epoch key.
    T9TraceTag,
    /// T9: the trace's ciphertext does not open to the outputs.
    T9TraceCiphertext,
    /// I1: the tier is below the minimum.
    I1Tier,
    /// I1: the jurisdiction is not in the set.
    I1Jurisdiction,
    /// I1: the scope nullifier is not `H_SCOPE(idk, scope)`.
    I1ScopeNullifier,
    /// C2: `u` is not `H_USER(account, idc)`.
    C2User,
}

impl Violation {
    /// The clause of PROTOCOL, or `shape` for a witness that does not fit the statement at all.
    #[must_use]
    pub const fn clause(&self) -> &'static str {
        match self {
            Self::WitnessOfAnotherCircuit | Self::WitnessCounts => "shape",
            Self::T1AuthorizationKey => "T1",
            Self::T2Nullifier { .. } => "T2",
            Self::T3DummyValue { .. } | Self::T3NoteRoot { .. } => "T3",
            Self::N1Commitment { .. } => "N1",
            Self::T5PublicLane | Self::T5HiddenLane => "T5",
            Self::T6RandomizedKey => "T6",
            Self::T7Registry | Self::T7Expired => "T7",
            Self::T8Listed | Self::T8SanctionsRoot => "T8",
            Self::T9TraceTag | Self::T9TraceCiphertext => "T9",
            Self::I1Tier | Self::I1Jurisdiction | Self::I1ScopeNullifier => "I1",
            Self::C2User => "C2",
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.clause())?;
        match self {
            Self::WitnessOfAnotherCircuit => f.write_str("the witness belongs to another circuit"),
            Self::WitnessCounts => f.write_str("the witness has not as many inputs and outputs as the statement"),
            Self::T1AuthorizationKey => f.write_str("ak is not in the prime subgroup"),
            Self::T2Nullifier { input } => write!(f, "nullifier {input} is not that of its note"),
            Self::T3DummyValue { input } => write!(f, "dummy {input} has a value"),
            Self::T3NoteRoot { input } => write!(f, "input {input} is not under the note root"),
            Self::N1Commitment { output } => write!(f, "commitment {output} does not open to its note"),
            Self::T5PublicLane => f.write_str("values of the public asset do not balance"),
            Self::T5HiddenLane => f.write_str("values of the hidden asset do not balance"),
            Self::T6RandomizedKey => f.write_str("rk is not ak + alpha G"),
            Self::T7Registry => f.write_str("the credential is not in the registry"),
            Self::T7Expired => f.write_str("the credential has expired"),
            Self::T8Listed => f.write_str("the serial is not between the keys of the leaf"),
            Self::T8SanctionsRoot => f.write_str("the leaf is not under the sanctions root"),
            Self::T9TraceTag => f.write_str("the trace tag is not that of the epoch key"),
            Self::T9TraceCiphertext => f.write_str("the trace does not open to the outputs"),
            Self::I1Tier => f.write_str("the tier is below the minimum"),
            Self::I1Jurisdiction => f.write_str("the jurisdiction is not in the set"),
            Self::I1ScopeNullifier => f.write_str("the scope nullifier is not that of the identity"),
            Self::C2User => f.write_str("u is not that of the keys"),
        }
    }
}

impl core::error::Error for Violation {}
