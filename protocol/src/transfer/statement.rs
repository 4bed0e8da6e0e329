//! What a transfer makes public.

use alloc::vec::Vec;
use core::ops::Deref;

use ark_ff::PrimeField;

use crate::circuit::{CircuitId, Shape};
use crate::credential::{RegistryRoot, SanctionsRoot, TIME_BITS};
use crate::curve::{Point, check_point};
use crate::field::{Fr, field_newtype};
use crate::note::{AssetId, NoteCommitment, NoteRoot};
use crate::nullifier::Nullifier;
use crate::statement::StatementError;
use crate::tracing::TraceTag;

field_newtype! {
    /// Binds the ciphertexts and the external data to the proof (X2).
    ExtHash
}

/// The public values of a transfer, in the order of the public inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct TransferFields {
    /// The note tree's root that the spent notes are under.
    pub note_root: NoteRoot,
    /// One nullifier per input.
    pub nullifiers: Vec<Nullifier>,
    /// One commitment per output.
    pub commitments: Vec<NoteCommitment>,
    /// The re-randomised spend-authorising key, which signs.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::point"))]
    pub rk: Point,
    /// The asset of the public values and the fee, F.
    pub asset_pub: AssetId,
    /// Value that enters the pool.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::decimal"))]
    pub v_pub_in: u64,
    /// Value that leaves the pool.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::decimal"))]
    pub v_pub_out: u64,
    /// The fee, which leaves the pool too.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::decimal"))]
    pub fee: u64,
    /// The registry's root that the payer's credential is under.
    pub registry_root: RegistryRoot,
    /// The sanctions list's root that the payer's serial is not under.
    pub sanctions_root: SanctionsRoot,
    /// Unix seconds, below 2^40.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::decimal"))]
    pub now: u64,
    /// `floor(now / EPOCH_SECONDS)`.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::decimal"))]
    pub epoch: u64,
    /// The trace's tag.
    pub trace_tag: TraceTag,
    /// The trace's ciphertext, M + 2 elements.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_text::frs"))]
    pub trace_ciphertext: Vec<Fr>,
    /// Binds ciphertexts and external data.
    pub ext_hash: ExtHash,
}

/// A transfer's public values with the counts of one circuit's shape; [`TransferFields`] read-only.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "TransferFields", into = "TransferFields"))]
pub struct TransferStatement {
    circuit: CircuitId,
    fields: TransferFields,
}

impl Deref for TransferStatement {
    type Target = TransferFields;

    fn deref(&self) -> &TransferFields {
        &self.fields
    }
}

impl From<TransferStatement> for TransferFields {
    fn from(statement: TransferStatement) -> Self {
        statement.fields
    }
}

impl TryFrom<TransferFields> for TransferStatement {
    type Error = StatementError;

    fn try_from(fields: TransferFields) -> Result<Self, StatementError> {
        let shape = Shape { inputs: fields.nullifiers.len(), outputs: fields.commitments.len() };
        let circuit = CircuitId::of_shape(shape).ok_or(StatementError::Counts)?;
        if fields.trace_ciphertext.len() != shape.outputs + 2 {
            return Err(StatementError::Counts);
        }
        if fields.now >> TIME_BITS != 0 {
            return Err(StatementError::Time);
        }
        check_point(&fields.rk).map_err(StatementError::Point)?;
        Ok(Self { circuit, fields })
    }
}

impl TransferStatement {
    /// The circuit of this shape.
    #[must_use]
    pub const fn circuit(&self) -> CircuitId {
        self.circuit
    }

    /// The public inputs in order: `note_root, nf[N], cm[M], rk.x, rk.y, asset_pub, v_pub_in, v_pub_out, fee,
    /// registry_root, sanctions_root, now, epoch, trace_tag, trace_ct[M + 2], ext_hash`.
    #[must_use]
    pub fn to_fields(&self) -> Vec<Fr> {
        let s = &self.fields;
        let mut out = Vec::with_capacity(self.circuit.public_inputs());
        out.push(s.note_root.to_field());
        out.extend(s.nullifiers.iter().map(|x| x.to_field()));
        out.extend(s.commitments.iter().map(|x| x.to_field()));
        out.extend([s.rk.x, s.rk.y, s.asset_pub.to_field()]);
        out.extend([s.v_pub_in, s.v_pub_out, s.fee].map(Fr::from));
        out.extend([s.registry_root.to_field(), s.sanctions_root.to_field(), Fr::from(s.now), Fr::from(s.epoch)]);
        out.push(s.trace_tag.to_field());
        out.extend(&s.trace_ciphertext);
        out.push(s.ext_hash.to_field());
        out
    }

    /// Reads public inputs in order, as [`to_fields`](Self::to_fields) writes them.
    ///
    /// # Errors
    /// [`StatementError`] naming the rule: a wrong number, an amount of 2^64 or more, a time, or `rk`.
    pub fn from_fields(circuit: CircuitId, inputs: &[Fr]) -> Result<Self, StatementError> {
        let shape = circuit.shape().ok_or(StatementError::Counts)?;
        if inputs.len() != circuit.public_inputs() {
            return Err(StatementError::Counts);
        }
        let mut next = inputs.iter().copied();
        let mut take = || next.next().ok_or(StatementError::Counts);
        let mut fields = TransferFields {
            note_root: NoteRoot::new(take()?),
            nullifiers: (0..shape.inputs).map(|_| take().map(Nullifier::new)).collect::<Result<_, _>>()?,
            commitments: (0..shape.outputs).map(|_| take().map(NoteCommitment::new)).collect::<Result<_, _>>()?,
            rk: Point::new_unchecked(take()?, take()?),
            asset_pub: AssetId::new(take()?),
            v_pub_in: amount(take()?)?,
            v_pub_out: amount(take()?)?,
            fee: amount(take()?)?,
            registry_root: RegistryRoot::new(take()?),
            sanctions_root: SanctionsRoot::new(take()?),
            now: amount(take()?)?,
            epoch: amount(take()?)?,
            trace_tag: TraceTag::new(take()?),
            trace_ciphertext: Vec::new(),
            ext_hash: ExtHash::default(),
        };
        fields.trace_ciphertext = (0..shape.outputs + 2).map(|_| take()).collect::<Result<_, _>>()?;
        fields.ext_hash = ExtHash::new(take()?);
        fields.try_into()
    }
}

/// A field element as a u64; 2^64 and more is refused (T4).
fn amount(x: Fr) -> Result<u64, StatementError> {
    match x.into_bigint().0 {
        [low, 0, 0, 0] => Ok(low),
        _ => Err(StatementError::Amount),
    }
}
