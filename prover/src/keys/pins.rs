//! What is known of the built-in circuits' matrices without writing them down: their digest, and that of their section
//! in a key file. Tests compare both with the circuits.

use veilpay_protocol::circuit::CircuitId;

/// The digests that a key's file must have.
pub(crate) struct Pins {
    /// Of the matrices ([`veilpay_circuits::matrices::digest`]).
    pub(crate) matrices: [u8; 64],
    /// Of the section that holds them.
    pub(crate) section: [u8; 32],
}

/// For each circuit its name with its version, and the digest of the section.
const SECTIONS: &str = include_str!("../../matrices.csv");

impl Pins {
    /// Of the present version of a circuit.
    pub(crate) fn of(circuit: CircuitId) -> Self {
        let section = veilpay_circuits::shape::pinned(SECTIONS, circuit);
        Self {
            matrices: veilpay_circuits::shape::matrix_digest(circuit),
            section: section.expect("matrices.csv has every circuit"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::fmt::Write as _;

    use super::super::file::matrices_digest;
    use super::*;
    use crate::r1cs::R1cs;

    #[test]
    fn every_digest_is_the_pinned_one() {
        let mut table = String::from("name,section_digest\n");
        let mut circuits = Vec::new();
        for circuit in CircuitId::ALL {
            let matrices = veilpay_circuits::matrices(circuit).unwrap();
            let digest = matrices.digest();
            let section = matrices_digest(&R1cs::from(matrices));
            write!(table, "{circuit}_v{},", circuit.version()).unwrap();
            section.iter().for_each(|byte| write!(table, "{byte:02x}").unwrap());
            table.push('\n');
            circuits.push((circuit, digest, section));
        }
        if std::env::var("VEILPAY_BLESS").is_ok_and(|value| value == "1") {
            std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/matrices.csv"), &table).unwrap();
            return;
        }
        assert_eq!(table, SECTIONS);
        for (circuit, digest, section) in circuits {
            let pins = Pins::of(circuit);
            assert!(pins.matrices == digest && pins.section == section, "{circuit}");
        }
    }
}
