//! Amounts as people write them: `12.50` of an asset with two decimals is 1,250 of its smallest unit.

use core::fmt;

/// Why a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum AmountError {
    /// Not digits with at most one point.
    NotANumber,
    /// More digits after the point than the asset has.
    TooFine,
    /// 2^64 or more of the smallest unit.
    TooLarge,
}

impl fmt::Display for AmountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotANumber => "an amount is digits with at most one decimal point",
            Self::TooFine => "the amount has more decimals than the asset",
            Self::TooLarge => "T4: the amount is 2^64 or more of the smallest unit",
        })
    }
}

impl std::error::Error for AmountError {}

/// Reads an amount of an asset with so many decimals.
///
/// # Errors
/// [`AmountError`].
pub(crate) fn parse(text: &str, decimals: u8) -> Result<u64, AmountError> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let pointed = text.contains('.');
    if whole.is_empty() || !digits(whole) || !digits(fraction) || (pointed && fraction.is_empty()) {
        return Err(AmountError::NotANumber);
    }
    let missing = usize::from(decimals).checked_sub(fraction.len()).ok_or(AmountError::TooFine)?;
    let all = whole.bytes().chain(fraction.bytes()).chain(core::iter::repeat_n(b'0', missing));
    let mut value = 0u64;
    for digit in all {
        let shifted = value.checked_mul(10).and_then(|v| v.checked_add(u64::from(digit - b'0')));
        value = shifted.ok_or(AmountError::TooLarge)?;
    }
    Ok(value)
}

/// Writes an amount with all decimals of its asset.
#[must_use]
pub(crate) fn format(value: u64, decimals: u8) -> String {
    let places = usize::from(decimals);
    let digits = format!("{value:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_they_write() {
        for (value, decimals, text) in
            [(0, 2, "0.00"), (5, 2, "0.05"), (1250, 2, "12.50"), (7, 0, "7"), (u64::MAX, 2, "184467440737095516.15")]
        {
            assert_eq!(format(value, decimals), text);
            assert_eq!(parse(text, decimals), Ok(value));
        }
        assert_eq!(parse("12.5", 2), Ok(1250));
        assert_eq!(parse("12", 2), Ok(1200));
    }

    #[test]
    fn what_is_no_amount_is_refused_by_its_rule() {
        for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", " 1", "1.2.3", "0x1"] {
            assert_eq!(parse(text, 2), Err(AmountError::NotANumber), "{text}");
        }
        assert_eq!(parse("0.001", 2), Err(AmountError::TooFine));
        assert_eq!(parse("184467440737095516.16", 2), Err(AmountError::TooLarge));
    }
}
