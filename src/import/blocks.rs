//! The lines of a text, and where an example block in them ends.
//!
//! Knows: lines, brackets and quotes. Must not know: tables, sections.

use super::draft::{At, Spot};
use super::page::Block;
use super::words;

/// The blocks as they are found.
#[derive(Debug, Default)]
pub(super) struct Walker {
    pub(super) blocks: Vec<Block>,
}

/// A text by its lines.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    lines: Vec<&'a str>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { lines: text.lines().collect() }
    }

    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    pub(super) fn raw(&self, at: usize) -> &'a str {
        self.lines.get(at).copied().unwrap_or_default()
    }

    pub(super) fn trimmed(&self, at: usize) -> &'a str {
        self.raw(at).trim_matches(|c: char| c.is_whitespace() || c == '\u{200b}')
    }

    /// Where the text of a line begins.
    pub(super) fn at(&self, at: usize) -> At {
        let line = self.raw(at);
        self.inside(at, line, line.len() - line.trim_start().len())
    }

    /// The place of a byte of a line.
    pub(super) fn inside(&self, at: usize, line: &str, byte: usize) -> At {
        let own = self.raw(at);
        let line = if byte <= own.len() { own } else { line };
        let mut end = byte.min(line.len());
        while !line.is_char_boundary(end) {
            end -= 1;
        }
        let number = |n: usize| u32::try_from(n + 1).unwrap_or(u32::MAX);
        At::new(number(at), number(line[..end].chars().count()))
    }

    pub(super) fn spot(&self, at: usize, text: &str) -> Spot<String> {
        let line = self.raw(at);
        let place = match line.find(text) {
            Some(byte) => self.inside(at, line, byte),
            None => self.at(at),
        };
        Spot::new(text.to_owned(), place)
    }

    /// The next line that isn't blank.
    pub(super) fn skip_blank(&self, mut at: usize) -> usize {
        while at < self.len() && self.trimmed(at).is_empty() {
            at += 1;
        }
        at
    }

    /// These lines as one text.
    pub(super) fn block(&self, from: usize, to: usize) -> Spot<String> {
        let text = self.lines[from..to].join("\n");
        Spot::new(text.trim_end().to_owned(), self.at(from))
    }

    /// Where the example ends that begins with this line; the line itself if none does.
    /// `announced`: the line before says that an example follows.
    pub(super) fn example(&self, from: usize, announced: bool) -> usize {
        let first = self.trimmed(from);
        if first.is_empty() || self.stops(from) {
            return from;
        }
        if first.starts_with(['{', '[']) {
            return self.bracketed(from);
        }
        if words::is_request_line(first) {
            return self.request(from);
        }
        if starts_member(first) {
            return self.fragment(from);
        }
        if starts_multipart(first) {
            return self.multipart(from);
        }
        if announced { self.paragraph(from) } else { from }
    }

    /// Whether no example goes on beyond this line.
    fn stops(&self, at: usize) -> bool {
        let line = self.trimmed(at);
        words::part_of(line).is_some()
            || words::header(line).is_some()
            || words::announces_example(line)
            || (words::caption(line).is_some() && !line.starts_with(['{', '[', '"']))
            || line == "Give documentation feedback"
    }

    fn bracketed(&self, from: usize) -> usize {
        let mut depth = 0_i64;
        for at in from..self.len() {
            let line = self.trimmed(at);
            if at > from && self.stops(at) {
                return self.back(at);
            }
            depth += brackets(line);
            if depth <= 0 && !line.is_empty() {
                return at + 1;
            }
        }
        self.back(self.len())
    }

    /// Without the blank lines before a line.
    fn back(&self, mut at: usize) -> usize {
        while at > 0 && self.trimmed(at - 1).is_empty() {
            at -= 1;
        }
        at
    }

    fn request(&self, from: usize) -> usize {
        let mut at = from + 1;
        while at < self.len() {
            let line = self.trimmed(at);
            let goes_on = line.starts_with(['?', '&', '/', '=']) && !line.contains(' ');
            if line.starts_with(['{', '[']) && brackets(line) >= 0 && !self.stops(at) {
                return self.bracketed(at);
            }
            if !goes_on {
                break;
            }
            at += 1;
        }
        at
    }

    fn fragment(&self, from: usize) -> usize {
        let mut at = from;
        while at < self.len() {
            let line = self.trimmed(at);
            let goes_on = line.starts_with(['"', '{', '}', '[', ']', '\''])
                || line.ends_with(['{', '[', ','])
                || line.starts_with(|c: char| c.is_ascii_digit() && line.len() < 24);
            if line.is_empty() || !goes_on || self.stops(at) {
                break;
            }
            at += 1;
        }
        at.max(from + 1)
    }

    fn multipart(&self, from: usize) -> usize {
        let mut at = from;
        while at < self.len() {
            let line = self.trimmed(at);
            let inner_heading = line.eq_ignore_ascii_case("request body")
                && starts_multipart(self.trimmed(self.skip_blank(at + 1)));
            let prose =
                line.ends_with('.') && line.contains(' ') && !line.contains([':', '"', '=']);
            if !inner_heading && (self.stops(at) || prose) {
                break;
            }
            at += 1;
        }
        self.back(at).max(from + 1)
    }

    fn paragraph(&self, from: usize) -> usize {
        let mut at = from;
        while at < self.len() && !self.trimmed(at).is_empty() && !self.stops(at) {
            at += 1;
        }
        at
    }
}

/// Opening brackets minus closing ones, without those in strings. A line whose quotes don't match
/// is counted whole.
fn brackets(line: &str) -> i64 {
    let plain = line.matches('"').count() - line.matches("\\\"").count();
    let even = plain.is_multiple_of(2);
    let mut inside = false;
    let mut escaped = false;
    let mut depth = 0;
    for c in line.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' if even => inside = !inside,
            '{' | '[' if !inside => depth += 1,
            '}' | ']' if !inside => depth -= 1,
            _ => {}
        }
    }
    depth
}

/// Whether a line begins with a member of an object.
pub(super) fn starts_member(line: &str) -> bool {
    let Some(rest) = line.strip_prefix('"') else { return false };
    let Some(end) = rest.find('"') else { return false };
    rest[end + 1..].trim_start().starts_with(':')
}

fn starts_multipart(line: &str) -> bool {
    line.starts_with("--") && line.len() > 4 && !line.starts_with("---|")
        || line.starts_with("Content-")
        || line.starts_with("HTTP Header")
        || line.starts_with("HTTP header")
}
