//! One variant per rule of section 7.

use core::fmt;

use veilpay_protocol::curve::PointError;
use veilpay_protocol::encoding::DecodeError;
use veilpay_protocol::schnorr::SignatureError;
use veilpay_protocol::statement::StatementError;
use veilpay_protocol::transaction::TransactionError;

macro_rules! rejections {
    ($($(#[$doc:meta])* $name:ident $(($inner:ty))? = $rule:literal, $code:literal, $message:literal;)*) => {
        /// The rule that a transaction breaks: L1 structural, L2 semantic, L3 contextual, in the order of checking.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Rejection {
            $($(#[$doc])* #[doc = concat!("\n\nRule ", $rule, ", code `", $code, "`.")] $name $(($inner))?,)*
        }

        impl Rejection {
            /// Number, code and message of every rule, in order: the table of the documents.
            pub const TABLE: &'static [(&'static str, &'static str, &'static str)] = &[$(($rule, $code, $message)),*];

            /// The rule's number, such as `L3.4`.
            #[must_use]
            pub const fn rule(&self) -> &'static str {
                match self { $(Self::$name { .. } => $rule,)* }
            }

            /// The rule's stable name for machines, snake_case.
            #[must_use]
            pub const fn code(&self) -> &'static str {
                match self { $(Self::$name { .. } => $code,)* }
            }

            const fn message(&self) -> &'static str {
                match self { $(Self::$name { .. } => $message,)* }
            }
        }
    };
}

rejections! {
    /// The bytes are not the canonical encoding of a transaction: length, counts, codes, field elements, points, keys.
    NotCanonical(DecodeError) = "L1.1", "not_canonical", "the bytes are not a canonical transaction";
    /// The circuit or its version is unknown, or it is no transfer.
    UnknownCircuit = "L1.2", "unknown_circuit", "the circuit version is unknown";
    /// The numbers of nullifiers, commitments and trace elements fit no circuit.
    WrongCounts = "L1.3", "wrong_counts", "the public inputs are too many or too few";
    /// A public amount, the time or the epoch is not below 2^64.
    AmountTooLarge = "L1.4", "amount_too_large", "an amount, the time or the epoch is not below 2^64";
    /// `now` is not below 2^40.
    TimeTooLarge = "L1.5", "time_too_large", "the time is not below 2^40";
    /// `rk` is not a point of the prime subgroup, or it is the identity.
    BadSpendKey(PointError) = "L1.6", "bad_spend_key", "rk is not a valid point";
    /// The spend signature's `R` or `s` is not canonical.
    BadSignatureEncoding(SignatureError) = "L1.7", "bad_signature_encoding", "the spend signature is not canonical";
    /// The transaction is for another ledger.
    AnotherLedger = "L1.8", "another_ledger", "the transaction is for another ledger";
    /// `v_pub_in * v_pub_out` is not 0.
    BothDirections = "L1.9", "both_directions", "v_pub_in and v_pub_out are both positive";
    /// A source is named without `v_pub_in`, or missing with it.
    SourceMismatch = "L1.10", "source_mismatch", "there is a source exactly when v_pub_in is positive";
    /// A target is named without `v_pub_out`, or missing with it.
    TargetMismatch = "L1.11", "target_mismatch", "there is a target exactly when v_pub_out is positive";
    /// A fee collector is named without a fee, or missing with it.
    CollectorMismatch = "L1.12", "collector_mismatch", "there is a fee collector exactly when the fee is positive";
    /// A sponsor is named beside a fee.
    SponsorMismatch = "L1.13", "sponsor_mismatch", "there is a sponsor only where the fee is 0";
    /// The expiry height is above height + `max_expiry_blocks`.
    ExpiryTooFar = "L1.14", "expiry_too_far", "the expiry height is too far ahead";

    /// The ledger holds no verifying key of this circuit.
    NoVerifyingKey = "L2.1", "no_verifying_key", "the ledger has no verifying key of this circuit";
    /// There is not one ciphertext per output.
    CiphertextCount = "L2.2", "ciphertext_count", "there is not one ciphertext per output";
    /// `ext_hash` is not the hash of the ciphertexts and the external data.
    ExtHash = "L2.3", "ext_hash", "ext_hash is not that of the ciphertexts and external data";
    /// The signature under `rk` over the sighash does not hold.
    SpendSignature(SignatureError) = "L2.4", "spend_signature", "the spend signature does not hold";
    /// The transparent source did not sign, or a signature stands there without a source.
    SourceSignature = "L2.5", "source_signature", "the transparent source did not sign";
    /// The sponsor did not sign, or a signature stands there without a sponsor.
    SponsorSignature = "L2.6", "sponsor_signature", "the sponsor did not sign";
    /// The proof does not hold for the public inputs.
    Proof = "L2.7", "proof", "the proof does not hold";

    /// The circuit version is disabled.
    CircuitDisabled = "L3.1", "circuit_disabled", "the circuit version is disabled";
    /// The circuit version is being drained: only unshielding is accepted.
    DrainOnly = "L3.2", "drain_only", "the circuit version accepts unshielding alone";
    /// `note_root` is not among the recent roots.
    NoteRoot = "L3.3", "note_root", "note_root is not among the recent roots";
    /// `registry_root` is neither current nor superseded less than the grace time ago.
    RegistryRoot = "L3.4", "registry_root", "registry_root is neither current nor superseded within the grace time";
    /// `sanctions_root` is neither current nor superseded less than the grace time ago.
    SanctionsRoot = "L3.5", "sanctions_root", "sanctions_root is neither current nor superseded within the grace time";
    /// `now` is farther from the ledger's clock than the window.
    ClockWindow = "L3.6", "clock_window", "now is outside the clock window";
    /// `epoch` is not `floor(now / epoch_seconds)`.
    Epoch = "L3.7", "epoch", "the epoch is not that of now";
    /// The next block is above the expiry height.
    Expired = "L3.8", "expired", "the transaction has expired";
    /// A nullifier stands twice in the transaction.
    RepeatedNullifier = "L3.9", "repeated_nullifier", "a nullifier stands twice in the transaction";
    /// A nullifier was accepted before: the note is spent.
    NullifierSeen = "L3.10", "nullifier_seen", "a note is spent already";
    /// The trace tag was accepted before in its epoch.
    TraceTagSeen = "L3.11", "trace_tag_seen", "the trace tag was seen in its epoch";
    /// `asset_pub` is not registered.
    UnknownAsset = "L3.12", "unknown_asset", "the asset is not registered";
    /// The fee is below the asset's minimum, and no sponsor stands in.
    FeeTooLow = "L3.13", "fee_too_low", "the fee is below the asset's minimum and nobody sponsors it";
    /// The note tree has no room for the outputs.
    TreeFull = "L3.14", "tree_full", "the note tree is full";
    /// The transparent source has less than `v_pub_in`.
    InsufficientBalance = "L3.15", "insufficient_balance", "the transparent source has too little";
    /// A transparent balance would not be below 2^64.
    BalanceOverflow = "L3.16", "balance_overflow", "a transparent balance would overflow";
    /// The pool would not be below 2^64.
    PoolOverflow = "L3.17", "pool_overflow", "the pool would overflow";
    /// More would leave the pool than entered it.
    PoolNegative = "L3.18", "pool_negative", "more would leave the pool than entered it";
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule(), self.message())?;
        match self {
            Self::NotCanonical(error) => write!(f, ": {error}"),
            Self::BadSpendKey(error) => write!(f, ": {error}"),
            Self::BadSignatureEncoding(error) | Self::SpendSignature(error) => write!(f, ": {error}"),
            _ => Ok(()),
        }
    }
}

impl core::error::Error for Rejection {}

impl From<TransactionError> for Rejection {
    fn from(error: TransactionError) -> Self {
        match error {
            TransactionError::Decode(error) => Self::NotCanonical(error),
            TransactionError::Statement(StatementError::Counts) => Self::WrongCounts,
            TransactionError::Statement(StatementError::Amount) => Self::AmountTooLarge,
            TransactionError::Statement(StatementError::Time) => Self::TimeTooLarge,
            TransactionError::Statement(StatementError::Point(error)) => Self::BadSpendKey(error),
            TransactionError::Signature(error) => Self::BadSignatureEncoding(error),
            // `Circuit`, and whatever a later version of the protocol adds.
            _ => Self::UnknownCircuit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_numbered_without_gaps_and_codes_are_distinct() {
        let mut expected = (1, 0);
        for (i, (rule, code, _)) in Rejection::TABLE.iter().enumerate() {
            let (level, number) = rule[1..].split_once('.').expect("a level and a number");
            let at = (level.parse::<u32>().expect("a level"), number.parse::<u32>().expect("a number"));
            expected = if at.0 == expected.0 { (at.0, expected.1 + 1) } else { (expected.0 + 1, 1) };
            assert_eq!(at, expected, "{rule}");
            assert!(code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{code}");
            assert!(Rejection::TABLE[i + 1..].iter().all(|(_, other, _)| other != code), "{code}");
        }
        assert_eq!(expected, (3, 18));
    }
}
