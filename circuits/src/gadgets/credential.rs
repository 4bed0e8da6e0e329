//! Credentials (C1).

use ark_ff::Field;
use veilpay_protocol::credential::Attributes;
use veilpay_protocol::field::{Fr, power_of_two};
use veilpay_protocol::tags::Tag;

use crate::gadgets::bits::RangeChecked;
use crate::gadgets::keys::UserIdVar;
use crate::gadgets::poseidon2::hash;
use crate::hint::hint;
use crate::var::{Cs, FrVar, Synthesis};

/// What a credential says of its holder. Each part has its range, so that the packed word has one reading only.
#[derive(Clone, Debug)]
pub struct AttributesVar {
    /// The tier.
    pub tier: RangeChecked<8>,
    /// The jurisdiction.
    pub jurisdiction: RangeChecked<16>,
    /// The last second in which the credential is good.
    pub expiry: RangeChecked<40>,
}

impl AttributesVar {
    /// New attributes; 64 constraints.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
    pub fn new(cs: &Cs, attributes: &Attributes) -> Synthesis<Self> {
        let tier = hint(cs, "credential.tier", || Fr::from(attributes.tier()))?;
        let jurisdiction = hint(cs, "credential.jurisdiction", || Fr::from(attributes.jurisdiction()))?;
        let expiry = hint(cs, "credential.expiry", || Fr::from(attributes.expiry()))?;
        Ok(Self {
            tier: RangeChecked::new(cs, "credential.tier.bit", &tier)?,
            jurisdiction: RangeChecked::new(cs, "credential.jurisdiction.bit", &jurisdiction)?,
            expiry: RangeChecked::new(cs, "credential.expiry.bit", &expiry)?,
        })
    }

    /// `tier + 2^8 jurisdiction + 2^24 expiry`; no constraint.
    #[must_use]
    pub fn pack(&self) -> FrVar {
        FrVar::linear([
            (Fr::ONE, self.tier.field()),
            (power_of_two(8), self.jurisdiction.field()),
            (power_of_two(24), self.expiry.field()),
        ])
    }
}

/// A holder's credential.
#[derive(Clone, Debug)]
pub struct CredentialVar {
    /// Whose it is.
    pub user: UserIdVar,
    /// The root over the holder's epoch keys.
    pub trace_root: FrVar,
    /// What it says.
    pub attributes: AttributesVar,
    /// Its serial: short, as the attributes are, so that the packed word of the leaf has one reading only.
    pub serial: RangeChecked<128>,
}

impl CredentialVar {
    /// `leaf = H_CRED(u, trace_root, attrs + 2^64 * serial)`; 264 constraints.
    ///
    /// # Errors
    /// [`SynthesisError::MissingCS`](ark_relations::gr1cs::SynthesisError::MissingCS) without a constraint system.
    pub fn leaf(&self, cs: &Cs) -> Synthesis<FrVar> {
        let packed = self.attributes.pack().plus_scaled(self.serial.field(), power_of_two(64));
        hash(cs, Tag::Credential, [self.user.field(), &self.trace_root, &packed])
    }
}
