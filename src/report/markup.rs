//! Markdown in which nothing that an appliance says becomes markup.
//!
//! Knows: what steers a reader of Markdown. Must not know: reports.

use std::fmt::Write as _;

use super::words::{flat, one_line};

/// Running text in which nothing is markup.
pub(crate) fn text(whole: &str) -> String {
    escaped(&one_line(whole))
}

/// The same without a bound, for texts of our own.
pub(super) fn long_text(whole: &str) -> String {
    escaped(&flat(whole))
}

fn escaped(flat: &str) -> String {
    let mut out = String::with_capacity(flat.len());
    let mut before = ' ';
    let mut rest = flat.chars().peekable();
    while let Some(c) = rest.next() {
        let within = before.is_alphanumeric() && rest.peek().is_some_and(|c| c.is_alphanumeric());
        let address = c == ':' && rest.peek() == Some(&'/');
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '_' if within => out.push(c),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '~' | '#' | '@' | '!' | '$' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            ':' if address => out.push_str("&#58;"),
            _ => out.push(c),
        }
        before = c;
    }
    out
}

/// A value as code, fit for a table too. A code span can't hold a pipe there, nor HTML for every
/// reader, so that such a value is spelt with entities.
pub(crate) fn code(whole: &str) -> String {
    let flat = one_line(whole);
    if flat.is_empty() || flat.contains(['|', '`', '<', '>', '&', '\\']) {
        format!("<code>{}</code>", text(&flat))
    } else {
        format!("`{flat}`")
    }
}

/// A value as a code span whose fence is longer than any in it.
pub(super) fn span(whole: &str) -> String {
    let flat = one_line(whole);
    let fence = "`".repeat(longest_run(&flat) + 1);
    let pad =
        if flat.is_empty() || flat.starts_with('`') || flat.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{flat}{pad}{fence}")
}

/// A fenced block whose fence is longer than any in it.
pub(crate) fn block(language: &str, whole: &str) -> String {
    let fence = "`".repeat(longest_run(whole).max(2) + 1);
    format!("{fence}{language}\n{whole}\n{fence}\n")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}
