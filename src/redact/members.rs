//! Finds the values of secret members in JSON, valid or broken, and in JSON that stands as a text
//! in JSON.
//!
//! Knows: quotes, and how often they are escaped. Reads a body once. Pure. Must not know: which
//! secrets a run has.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::Regex;

use super::MARK;
use super::names::{PLACES, is_secret_member};

/// A value, or a part of one, that is a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cut {
    /// Its bytes, without quotes.
    pub(super) place: Range<usize>,
    kind: Kind,
    /// Whether it is the secret itself, and not something beside it in the same object.
    pub(super) is_itself: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// So often it is escaped as a whole.
    Text(u32),
    Number,
    /// In no form that escapes.
    Plain,
}

impl Cut {
    pub(super) fn plain(place: Range<usize>) -> Self {
        Self { place, kind: Kind::Plain, is_itself: true }
    }

    /// What stands there, as it was meant.
    pub(super) fn meant(&self, text: &str) -> String {
        let mut meant = text[self.place.clone()].to_owned();
        let Kind::Text(level) = self.kind else { return meant };
        for _ in 0..=level {
            match serde_json::from_str(&format!("\"{meant}\"")) {
                Ok(less) => meant = less,
                Err(_) => break,
            }
        }
        meant
    }
}

/// The text without what was found in it. A number stays a number: its type may be judged.
pub(super) fn without(text: &str, cuts: &[Cut]) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut kept = 0;
    for cut in cuts {
        clean.push_str(&text[kept..cut.place.start]);
        clean.push_str(if cut.kind == Kind::Number { "0" } else { MARK });
        kept = cut.place.end;
    }
    clean.push_str(&text[kept..]);
    clean
}

/// The secrets of a body, in their order.
pub(super) fn cuts(text: &str) -> Vec<Cut> {
    let bytes = text.as_bytes();
    let mut search = Search { text, bytes, cuts: Vec::new() };
    let Some(places) = places() else { return Vec::new() };
    let mut at = 0;
    // Most bodies have no such name, and can be tens of megabytes: nothing else is read of them.
    while let Some(found) = places.captures_at(bytes, at) {
        let (Some(whole), Some(escapes)) = (found.get(0), found.get(1)) else { break };
        at = whole.end();
        let name = bytes[..escapes.start()].iter().rev().take(LONGEST);
        let start = escapes.start() - name.take_while(|byte| is_of_a_name(**byte)).count();
        if is_secret_member(&text[start..escapes.start()]) {
            at = search.value(at, text.len(), level_of(escapes.len()));
        }
    }
    search.cuts
}

/// The longest name that is read.
const LONGEST: usize = 256;

fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-. ".contains(&byte)
}

/// Finds what could be such a name with its colon.
fn places() -> Option<&'static Regex> {
    static SEARCH: OnceLock<Option<Regex>> = OnceLock::new();
    let build = || {
        let blanks = r"(?:[\t\n\x0C\r ]|\\+[ntr])*";
        Regex::new(&format!(r"(?i-u)(?:{PLACES})(\\*)\x22{blanks}:")).ok()
    };
    SEARCH.get_or_init(build).as_ref()
}

struct Search<'t> {
    text: &'t str,
    bytes: &'t [u8],
    cuts: Vec<Cut>,
}

impl Search<'_> {
    /// Takes the value of a secret member; gives back what follows.
    fn value(&mut self, from: usize, to: usize, level: u32) -> usize {
        let at = self.skip_blanks(from, to, level);
        if at >= to {
            return to;
        }
        match self.bytes[at] {
            b'{' | b'[' => self.whole(at, to, level),
            b'-' | b'0'..=b'9' => self.number(at, to, true),
            _ => {
                let quote = self.behind_escapes(at, to);
                if quote < to && self.bytes[quote] == b'"' && level_of(quote - at) == level {
                    let (content, next) = self.string(quote, to, level);
                    self.cut(content, Kind::Text(level), true);
                    return next;
                }
                at
            }
        }
    }

    /// Takes all values of an object or a list, however deep.
    fn whole(&mut self, from: usize, to: usize, level: u32) -> usize {
        let mut depth = 0_usize;
        let mut at = from;
        // Whether what comes is the secret and not said of it: in a list, and under such a name.
        let mut is_itself = self.bytes[from] == b'[';
        while at < to {
            match self.bytes[at] {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        return at + 1;
                    }
                }
                b'-' | b'0'..=b'9' => {
                    at = self.number(at, to, is_itself);
                    continue;
                }
                b'"' | b'\\' => {
                    let quote = self.behind_escapes(at, to);
                    if quote >= to || self.bytes[quote] != b'"' {
                        at = quote;
                        continue;
                    }
                    match level_of(quote - at).cmp(&level) {
                        // What it stands in ends here.
                        Ordering::Less => return at,
                        Ordering::Greater => {
                            at = quote + 1;
                            continue;
                        }
                        Ordering::Equal => {}
                    }
                    let (content, next) = self.string(quote, to, level);
                    at = next;
                    let colon = self.skip_blanks(at, to, level);
                    if colon < to && self.bytes[colon] == b':' {
                        let name = &self.text[content];
                        is_itself = is_secret_member(name)
                            || ["value", "new", "old", "current"].contains(&name);
                        at = colon + 1;
                    } else {
                        self.cut(content, Kind::Text(level), is_itself);
                    }
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        to
    }

    fn number(&mut self, from: usize, to: usize, is_itself: bool) -> usize {
        let is_part = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
        let length = self.bytes[from..to].iter().take_while(|byte| is_part(byte)).count();
        self.cut(from..from + length, Kind::Number, is_itself);
        from + length
    }

    fn cut(&mut self, place: Range<usize>, kind: Kind, is_itself: bool) {
        if !is_empty(&self.text[place.clone()]) {
            self.cuts.push(Cut { place, kind, is_itself });
        }
    }

    /// The string behind a quote, and what follows it. It ends with the next quote that is escaped
    /// as often, or less.
    fn string(&self, open: usize, to: usize, level: u32) -> (Range<usize>, usize) {
        let mut escapes = 0;
        for at in open + 1..to {
            match self.bytes[at] {
                b'"' if level_of(escapes) <= level => {
                    // The escapes of the quote itself are none of the content.
                    let own = ((1 << level_of(escapes)) - 1).min(escapes);
                    return (open + 1..at - own, at + 1);
                }
                b'\\' => escapes += 1,
                _ => escapes = 0,
            }
        }
        (open + 1..to, to)
    }

    /// Behind blanks; those of JSON in a text are escaped as it is.
    fn skip_blanks(&self, mut at: usize, to: usize, level: u32) -> usize {
        while at < to {
            if self.bytes[at].is_ascii_whitespace() {
                at += 1;
                continue;
            }
            let behind = self.behind_escapes(at, to);
            let is_blank =
                level > 0 && behind > at && behind < to && b"ntr".contains(&self.bytes[behind]);
            if !is_blank {
                break;
            }
            at = behind + 1;
        }
        at
    }

    fn behind_escapes(&self, at: usize, to: usize) -> usize {
        at + self.bytes[at..to].iter().take_while(|byte| **byte == b'\\').count()
    }
}

/// How often a quote is escaped that has so many backslashes before it: once with one, twice with
/// three. With two, the backslash is escaped, and not the quote.
fn level_of(escapes: usize) -> u32 {
    escapes.trailing_ones()
}

/// What says that there is a secret or none, and isn't one.
pub(super) fn is_empty(value: &str) -> bool {
    value.is_empty()
        || ["true", "false", "null", "yes", "no"]
            .iter()
            .any(|word| value.eq_ignore_ascii_case(word))
}
