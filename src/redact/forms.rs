//! Finds secrets by their names in bodies that aren't JSON: forms, XML, YAML, parts of a multipart
//! body, plain text.
//!
//! Knows: where a value begins and ends in each of them. What is in doubt belongs to the secret.
//! Pure. Must not know: which secrets a run has.

use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::Regex;

use super::members::{Cut, is_empty};
use super::names::{PLACES, is_secret_member};

/// The longest name that is read, and the longest start of a line before it.
const LONGEST: usize = 256;

/// So far from a name its value may begin: behind attributes, or behind the headers of a part.
const FARTHEST: usize = 4096;

/// The secrets of a body, in their order; none where it is JSON, whose members are found otherwise.
pub(super) fn cuts(text: &str) -> Vec<Cut> {
    let mut cuts = Vec::new();
    if text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[', '"']) {
        return cuts;
    }
    let Some(search) = search() else { return cuts };
    let mut done = 0;
    while let Some(found) = search.find_at(text.as_bytes(), done) {
        let (from, end) = (found.start(), found.end());
        let value = named(text, from, end).and_then(|name| value(text, &name));
        done = end;
        if let Some(value) = value.filter(|value| !is_empty(&text[value.clone()])) {
            done = value.end.max(end);
            cuts.push(Cut::plain(value));
        }
    }
    cuts
}

fn search() -> Option<&'static Regex> {
    static SEARCH: OnceLock<Option<Regex>> = OnceLock::new();
    SEARCH.get_or_init(|| Regex::new(&format!("(?i-u)(?:{PLACES})")).ok()).as_ref()
}

/// The name of a secret that ends there, with what is its own of the text before it.
fn named(text: &str, from: usize, end: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    if bytes.get(end).is_some_and(is_part) {
        return None;
    }
    let before = bytes[..from].iter().rev().take(LONGEST).take_while(|byte| is_part(byte)).count();
    let name = from - before..end;
    is_secret_member(&text[name.clone()]).then_some(name)
}

fn value(text: &str, name: &Range<usize>) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let before = &bytes[name.start.saturating_sub(LONGEST)..name.start];
    let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    // A part of a multipart body: the value stands behind the empty line.
    if starts_with(line.trim_ascii_start(), b"content-disposition") {
        let start = start_of_part(&bytes[name.end..]) + name.end;
        let end = text[start..].find("\n--").map_or(text.len(), |at| start + at);
        return Some(start..start + text[start..end].trim_end_matches('\r').len());
    }
    if let Some(element) = element(line) {
        return inside(text, name, element);
    }
    let quote = bytes.get(name.end).copied().filter(|byte| b"\"'".contains(byte));
    let mut at = name.end + usize::from(quote.is_some());
    at += blanks(&text[at..]);
    let sign = *bytes.get(at)?;
    let at = at + 1 + blanks(text.get(at + 1..)?);
    let rest = text.get(at..)?;
    if let Some(quote) = rest.chars().next().filter(|c| "\"'".contains(*c)) {
        return matches!(sign, b'=' | b':').then(|| at + 1..at + 1 + quoted(&rest[1..], quote));
    }
    match sign {
        b'=' => Some(at..at + word(rest)),
        b':' => Some(at..at + block(rest, line)),
        _ => None,
    }
}

/// Behind the first empty line; behind the first line where there is none near.
fn start_of_part(bytes: &[u8]) -> usize {
    let near = &bytes[..bytes.len().min(FARTHEST)];
    let mut lines = near.split_inclusive(|byte| *byte == b'\n').scan(0, |end, line| {
        *end += line.len();
        Some((*end, line.trim_ascii().is_empty()))
    });
    let first = lines.next().map_or(0, |(end, _)| end);
    // A line that is cut in the middle of a character ends where it is whole.
    let first = if bytes.get(first).is_some_and(|byte| byte & 0xC0 == 0x80) { 0 } else { first };
    lines.find(|(_, is_empty)| *is_empty).map_or(first, |(end, _)| end)
}

fn starts_with(text: &[u8], start: &[u8]) -> bool {
    text.get(..start.len()).is_some_and(|first| first.eq_ignore_ascii_case(start))
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t']).len()
}

/// The prefix of the name of an XML element that begins there, with its colon.
fn element(line: &[u8]) -> Option<usize> {
    let start = line.iter().rposition(|byte| *byte == b'<')?;
    let prefix = &line[start + 1..];
    let (colon, letters) = prefix.split_last().unwrap_or((&b':', &[]));
    (*colon == b':' && letters.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_'))
        .then_some(prefix.len())
}

/// What stands between the tags of an XML element.
fn inside(text: &str, name: &Range<usize>, prefix: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut near = bytes[name.end..].iter().take(FARTHEST);
    let open = near.position(|byte| b"<>".contains(byte))? + name.end;
    if bytes[open] == b'<' {
        return None;
    }
    // Then it has no content, or it is the prefix of another name.
    if text[..open].ends_with('/') || text[name.end..].starts_with(':') {
        return None;
    }
    let close = format!("</{}", &text[name.start - prefix..name.end]);
    let end = text[open + 1..].find(&close).map_or(text.len(), |at| open + 1 + at);
    Some(open + 1..end)
}

/// The end of what is quoted. In double quotes, a backslash escapes; in single ones, as YAML has
/// them, a second quote does.
fn quoted(text: &str, quote: char) -> usize {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && quote == '"' {
            chars.next();
        } else if c == quote && chars.next_if(|(_, next)| *next == quote && quote == '\'').is_none()
        {
            return at;
        }
    }
    text.len()
}

/// The value of a parameter.
fn word(text: &str) -> usize {
    text.find(|c: char| c == '&' || c == '<' || c == '"' || c.is_whitespace()).unwrap_or(text.len())
}

/// The rest of a line, and what belongs to it in YAML: lines that begin further to the right, and
/// the items of a list.
fn block(text: &str, line: &[u8]) -> usize {
    let mut end = line_end(text, 0);
    let before = String::from_utf8_lossy(line);
    let before = before.trim_end_matches(['"', '\'']);
    // Behind other words it is no member of YAML.
    if before.trim_matches([' ', '\t', '-']).is_empty() {
        let indent = before.chars().count();
        while text.len() > end {
            let next = end + 1;
            let rest = &text[next..line_end(text, next)];
            let content = rest.trim_start_matches([' ', '\t']);
            let inner = rest.len() - content.len();
            let belongs = content.trim_end().is_empty()
                || inner > indent
                || (inner == indent && content.starts_with("- ") && !before.contains('-'));
            if !belongs {
                break;
            }
            end = next + rest.len();
        }
    }
    text[..end].trim_end().len()
}

/// Where the line ends that is there.
fn line_end(text: &str, from: usize) -> usize {
    text[from..].find('\n').map_or(text.len(), |at| from + at)
}
