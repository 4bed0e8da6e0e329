//! What commands print: a table for people, JSON for machines. Results go to stdout, all else to stderr.

use std::io::Write;

use serde::Serialize;

use crate::error::CliError;

/// Whether a character steers a terminal or cannot be seen: controls, marks of direction and of width zero.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The text without what would steer a terminal: servers and payers write parts of what is printed.
fn plain(text: &str) -> String {
    text.chars().map(|c| if steers(c) && c != '\n' { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Prints a line to stdout.
///
/// # Errors
/// [`CliError::Output`].
pub(crate) fn line(text: &str) -> Result<(), CliError> {
    match writeln!(std::io::stdout().lock(), "{}", plain(text)) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(CliError::Output),
    }
}

/// Prints a line to stderr; a closed stderr loses it.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", plain(text));
}

/// JSON in which such characters, which are within strings alone, are escaped: the same value.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if steers(c) && c != '\n' { out += &format!("\\u{:04x}", u32::from(c)) } else { out.push(c) }
    }
    out
}

/// Prints a JSON value to stdout.
///
/// # Errors
/// [`CliError::Output`].
pub(crate) fn json(value: &impl Serialize) -> Result<(), CliError> {
    let text = serde_json::to_string_pretty(value).map_err(|error| CliError::Output(error.into()))?;
    line(&escaped(&text))
}

/// How a column of a table is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// A table with a heading, two spaces between columns; a cell is one line, whatever is in it.
#[must_use]
pub(crate) fn table(columns: &[(&str, Align)], rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| plain(&cell.replace('\n', "\r"))).collect()).collect();
    let width = |i: usize| {
        let cells = rows.iter().filter_map(|row| row.get(i)).map(|cell| cell.chars().count());
        cells.chain([columns[i].0.chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let set = |cells: Vec<&str>| {
        let mut text = String::new();
        for (i, cell) in cells.into_iter().enumerate() {
            let space = " ".repeat(widths[i].saturating_sub(cell.chars().count()));
            let gap = if i == 0 { "" } else { "  " };
            text += gap;
            match columns[i].1 {
                Align::Left => text += &format!("{cell}{space}"),
                Align::Right => text += &format!("{space}{cell}"),
            }
        }
        text.trim_end().to_owned()
    };
    let rule = widths.iter().map(|w| "─".repeat(*w)).collect::<Vec<_>>().join("──");
    let mut lines = vec![set(columns.iter().map(|(name, _)| *name).collect()), rule];
    lines.extend(rows.iter().map(|row| set(row.iter().map(String::as_str).collect())));
    lines.join("\n")
}

/// Thousands separated: `20,776`.
#[must_use]
pub(crate) fn thousands(value: usize) -> String {
    let digits = value.to_string();
    let first = digits.len() % 3;
    let mut parts: Vec<&str> = Vec::new();
    if first > 0 {
        parts.push(&digits[..first]);
    }
    parts.extend((first..digits.len()).step_by(3).map(|i| &digits[i..i + 3]));
    parts.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_sets_text_left_and_numbers_right() {
        let rows = vec![vec!["pay".to_owned(), "9".to_owned()], vec!["unshield".to_owned(), "1,024".to_owned()]];
        let text = table(&[("step", Align::Left), ("ms", Align::Right)], &rows);
        assert_eq!(text, "step         ms\n───────────────\npay           9\nunshield  1,024");
    }

    #[test]
    fn what_somebody_else_wrote_forges_no_row_and_turns_no_text_around() {
        let forged = "Alice\n 3  participant   Bob\u{202e}\u{1b}[2J".to_owned();
        let text = table(&[("of", Align::Left)], &[vec![forged.clone()]]);
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(!plain(&text).contains(['\u{202e}', '\u{1b}']));
        let json = escaped(&serde_json::to_string(&[&forged]).expect("text"));
        assert!(!json.contains(['\n', '\u{202e}', '\u{1b}']));
        assert_eq!(serde_json::from_str::<[String; 1]>(&json).expect("the same value"), [forged]);
    }

    #[test]
    fn thousands_are_separated() {
        for (value, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (20_776, "20,776"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(value), text);
        }
    }
}
