//! The parties beside payer and receiver, each with what it alone must know.

pub mod auditor;
pub mod escrow;
pub mod issuer;

pub use auditor::{TracedPayment, open_payments};
pub use escrow::{Escrow, EscrowError};
pub use issuer::{Grant, Issuer, IssuerBooks, IssuerError};
