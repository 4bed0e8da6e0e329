//! What each gadget and circuit costs, and the pins of `shape.csv`.
//!
//! A pinned shape changes only with a new circuit version or a stated reason: a proving key belongs to one digest.

use core::fmt;

use veilpay_protocol::circuit::CircuitId;

use crate::matrices::CircuitMatrices;
use crate::var::Synthesis;

/// Size and digest of some matrices; displays as a line of `shape.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Rows.
    pub constraints: usize,
    /// Public inputs, without the constant one.
    pub inputs: usize,
    /// Private wires.
    pub wires: usize,
    /// Entries of A, B and C that are not zero.
    pub nonzeros: [usize; 3],
    /// Private wires that occur in A and in B: the lengths of the two proving-key queries that skip the others.
    pub queried: [usize; 2],
    /// [`CircuitMatrices::digest`].
    pub digest: [u8; 64],
}

/// The columns of `shape.csv`.
pub const HEADER: &str = "name,constraints,inputs,wires,nonzeros_a,nonzeros_b,nonzeros_c,wires_in_a,wires_in_b,digest";

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ([a, b, c], [in_a, in_b]) = (self.nonzeros, self.queried);
        write!(f, "{},{},{},{a},{b},{c},{in_a},{in_b},", self.constraints, self.inputs, self.wires)?;
        self.digest.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl CircuitMatrices {
    /// Size and digest.
    #[must_use]
    pub fn cost(&self) -> Cost {
        let nonzeros = [&self.a, &self.b, &self.c].map(|matrix| matrix.iter().map(Vec::len).sum());
        let queried = [&self.a, &self.b].map(|matrix| {
            let mut occurs = vec![false; self.num_instance + self.num_witness];
            matrix.iter().flatten().for_each(|(_, column)| occurs[*column] = true);
            occurs[self.num_instance..].iter().filter(|occurs| **occurs).count()
        });
        Cost {
            constraints: self.num_constraints(),
            inputs: self.num_instance - 1,
            wires: self.num_witness,
            nonzeros,
            queried,
            digest: self.digest(),
        }
    }
}

/// The lines of `shape.csv`: header, gadgets, circuits.
///
/// # Errors
/// None in practice; the type is that of synthesis.
pub fn table() -> Synthesis<Vec<String>> {
    let mut lines = vec![HEADER.to_owned()];
    for (name, matrices) in gadgets()? {
        lines.push(format!("{name},{}", matrices.cost()));
    }
    for circuit in CircuitId::ALL {
        lines.push(format!("{circuit}_v{},{}", circuit.version(), crate::matrices(circuit)?.cost()));
    }
    Ok(lines)
}

/// `shape.csv` as it was when this was compiled.
const PINNED: &str = include_str!("../shape.csv");

/// The digest of a circuit's matrices, of its present version, as `shape.csv` pins it; nothing is written down.
#[must_use]
pub fn matrix_digest(circuit: CircuitId) -> [u8; 64] {
    pinned(PINNED, circuit).expect("shape.csv has every circuit, which a test sees to")
}

/// The last column of a circuit's line in such a table: as many bytes in lowercase hex.
#[must_use]
pub fn pinned<const N: usize>(table: &str, circuit: CircuitId) -> Option<[u8; N]> {
    let name = format!("{circuit}_v{}", circuit.version());
    let line = table.lines().find(|line| line.split(',').next() == Some(name.as_str()))?;
    let (digits, rest) = line.rsplit(',').next()?.as_bytes().as_chunks::<2>();
    if digits.len() != N || !rest.is_empty() {
        return None;
    }
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let mut out = [0; N];
    for (byte, [high, low]) in out.iter_mut().zip(digits) {
        *byte = value(*high)? << 4 | value(*low)?;
    }
    Some(out)
}

mod gadgets;

pub use gadgets::gadgets;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_is_the_pinned_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/shape.csv");
        let table = table().expect("a system").join("\n") + "\n";
        if std::env::var("VEILPAY_BLESS").is_ok_and(|value| value == "1") {
            std::fs::write(path, &table).expect("the checkout is writable");
        }
        let pinned = std::fs::read_to_string(path).expect("shape.csv is in the repository");
        for (now, pinned) in table.lines().zip(pinned.lines()) {
            assert_eq!(now, pinned);
        }
        assert_eq!(table, pinned);
    }

    #[test]
    fn the_pinned_digest_is_that_of_the_matrices() {
        if std::env::var_os("VEILPAY_BLESS").is_some() {
            return; // What is compiled in is what was pinned before.
        }
        for circuit in CircuitId::ALL {
            assert_eq!(matrix_digest(circuit), crate::matrices(circuit).expect("a system").digest(), "{circuit}");
        }
        assert_eq!(pinned("enrol_v1,0aff", CircuitId::Enrol), Some([0x0a, 0xff]));
        for wrong in ["enrol_v1,0aff0", "enrol_v1,0a", "enrol_v2,0aff", "enrol_v1,0axf", "enrol_v1", ""] {
            assert_eq!(pinned::<2>(wrong, CircuitId::Enrol), None);
        }
    }

    #[test]
    fn every_circuit_keeps_its_budget_and_its_public_inputs() {
        for (circuit, budget) in CircuitId::ALL.into_iter().zip([20_900, 51_400, 8_800, 1_700]) {
            let cost = crate::matrices(circuit).expect("a system").cost();
            assert!(cost.constraints <= budget, "{circuit}: {}", cost.constraints);
            assert_eq!(cost.inputs, circuit.public_inputs(), "{circuit}");
        }
    }
}
