//! The draft of a waiver, for a person to finish.
//!
//! Knows: the format of waiver files, and what a finding names. Must not know: runs, reports,
//! clocks.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::{DAYS, quoted};

/// What a drafted waiver is about.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// Cases, all of one operation.
    pub cases: &'a [&'a str],
    /// The requirement that is broken.
    pub requirement: &'a str,
    /// The place, with `*` for every index; empty for the whole answer.
    pub place: &'a str,
    /// Whether the documents list all that may come.
    pub closed: bool,
    /// What came.
    pub actual: &'a str,
    /// Whether nothing else came.
    pub only_value: bool,
}

/// A row to paste. Reason, ticket and owner are empty, so that the file isn't accepted before
/// somebody has filled them in.
#[must_use]
pub fn draft(about: &Draft<'_>, today: Date) -> String {
    let expires = today.saturating_add(jiff::Span::new().days(DAYS));
    // A word from a closed list stays what it is; an id or a time would be another one next time.
    let steady = about.only_value && about.closed;
    let mut text = format!(
        "[[waiver]]\ncase        = {}\nrequirement = {}\n",
        quoted(&common(about.cases)),
        quoted(about.requirement)
    );
    if !about.place.is_empty() {
        let _ = writeln!(text, "pointer     = {}", quoted(about.place));
    }
    let harmless = !about.actual.contains(['<', '>', '`', '|', '[', ']', '\\'])
        && !about.actual.chars().any(crate::terms::is_hidden);
    if harmless {
        let _ = writeln!(
            text,
            "{}actual      = {}",
            if steady { "" } else { "# " },
            quoted(about.actual)
        );
    }
    let _ = write!(
        text,
        "reason      = \"\"           # why it is accepted\nticket      = \"\"           # where \
            it is tracked\nowner       = \"\"           # who is responsible for it\ncreated \
            = {today}\nexpires     = {expires}\n"
    );
    text
}

/// The id of the only case, or a glob on ids of its operation that matches all of them.
fn common(cases: &[&str]) -> String {
    let Some((first, rest)) = cases.split_first() else { return String::new() };
    if rest.iter().all(|case| case == first) {
        return (*first).to_owned();
    }
    let operation =
        first.split_once("::").map_or(first.len(), |(operation, _)| operation.len() + 2);
    let same = first
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .take_while(|end| rest.iter().all(|case| case.get(..*end) == first.get(..*end)))
        .last()
        .unwrap_or(0);
    format!("{}*", &first[..same.max(operation).min(first.len())])
}
