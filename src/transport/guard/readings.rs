//! What the target of a request may mean to a server: every way in which one could read it.
//!
//! Knows: what servers do to a path before they look it up: decode it, once or several times, drop
//! parameters, resolve dot segments. Pure. Must not know: operations, effects.

use std::borrow::Cow;
use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;

/// One way to read a target.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reading {
    pub(super) path: String,
    pub(super) query: String,
    /// Whether it leads above the path where it begins.
    pub(super) climbs: bool,
}

/// A target that can be read in more ways than this isn't one that a client means.
const MOST_READINGS: usize = 128;
/// Nor is one whose readings are longer than this together.
const MOST_BYTES: usize = 1 << 20;
/// So often something may be percent-encoded, one time over the other.
const MOST_LAYERS: usize = 8;

/// Every reading of a target, itself first; none where there are too many to look at.
pub(super) fn readings(path: &str, query: &str) -> Option<Vec<Reading>> {
    let whole = Reading { path: path.to_owned(), query: query.to_owned(), climbs: false };
    let mut known = BTreeSet::from([whole.clone()]);
    let mut found = vec![whole];
    let mut bytes = 0;
    let mut at = 0;
    while let Some(reading) = found.get(at).cloned() {
        at += 1;
        if is_plain(&reading.path) {
            continue;
        }
        for next in STEPS.iter().filter_map(|step| step(&reading)) {
            bytes += next.path.len() + next.query.len();
            if found.len() >= MOST_READINGS || bytes > MOST_BYTES {
                return None;
            }
            if known.insert(next.clone()) {
                found.push(next);
            }
        }
    }
    Some(found)
}

/// A text, and what is left of it as often as it can be decoded.
pub(super) fn layers(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let next = |last: &Cow<'_, str>| {
        let decoded = percent_decode_str(last).decode_utf8_lossy().into_owned();
        (decoded != **last).then_some(Cow::Owned(decoded))
    };
    std::iter::successors(Some(Cow::Borrowed(text)), next).take(MOST_LAYERS)
}

/// A path that no server changes before it looks it up.
fn is_plain(path: &str) -> bool {
    !path.starts_with("//")
        && !path.contains("/.")
        && path
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"/-_.~:@!$'()*+,=&".contains(&byte))
}

type Step = fn(&Reading) -> Option<Reading>;

const STEPS: &[Step] = &[
    decoded,
    without_backslashes,
    without_parameters,
    before_the_parameters,
    with_its_query,
    without_its_fragment,
    without_dots,
    without_control_characters,
    before_the_end_of_a_string,
    in_narrow_letters,
    without_an_authority,
];

fn with(reading: &Reading, path: String) -> Option<Reading> {
    (path != reading.path).then(|| Reading { path, ..reading.clone() })
}

/// Decoded once: `%2f`, `%u002f`, and characters that are encoded in more bytes than they need.
fn decoded(reading: &Reading) -> Option<Reading> {
    if !reading.path.contains('%') {
        return None;
    }
    let mut plain = String::with_capacity(reading.path.len());
    let mut rest = reading.path.as_str();
    while let Some(at) = rest.find("%u").or_else(|| rest.find("%U")) {
        let code = rest.get(at + 2..at + 6).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        plain.push_str(&rest[..at]);
        let width = if let Some(c) = code.and_then(char::from_u32) {
            plain.push(c);
            6
        } else {
            plain.push_str(&rest[at..at + 2]);
            2
        };
        rest = &rest[at + width..];
    }
    plain.push_str(rest);
    let bytes: Vec<u8> = percent_decode_str(&plain).collect();
    let mut short = Vec::with_capacity(bytes.len());
    let mut left = bytes.as_slice();
    while let [first, more @ ..] = left {
        left = match (first, more) {
            (0xC0 | 0xC1, [second @ 0x80..=0xBF, more @ ..]) => {
                short.push((first & 1) << 6 | second & 0x3F);
                more
            }
            (0xE0, [second @ (0x80 | 0x81), third @ 0x80..=0xBF, more @ ..]) => {
                short.push((second & 1) << 6 | third & 0x3F);
                more
            }
            _ => {
                short.push(*first);
                more
            }
        };
    }
    with(reading, String::from_utf8_lossy(&short).into_owned())
}

fn without_backslashes(reading: &Reading) -> Option<Reading> {
    with(reading, reading.path.replace('\\', "/"))
}

fn without_parameters(reading: &Reading) -> Option<Reading> {
    let plain = |segment: &str| segment.split(';').next().unwrap_or_default().to_owned();
    with(reading, reading.path.split('/').map(plain).collect::<Vec<_>>().join("/"))
}

fn before_the_parameters(reading: &Reading) -> Option<Reading> {
    with(reading, reading.path.split(';').next().unwrap_or_default().to_owned())
}

fn with_its_query(reading: &Reading) -> Option<Reading> {
    let (path, query) = reading.path.split_once('?')?;
    let query = format!("{query}&{}", reading.query);
    Some(Reading { path: path.to_owned(), query, ..*reading })
}

fn without_its_fragment(reading: &Reading) -> Option<Reading> {
    with(reading, reading.path.split('#').next().unwrap_or_default().to_owned())
}

fn without_dots(reading: &Reading) -> Option<Reading> {
    let mut segments = Vec::new();
    let mut climbs = reading.climbs;
    for segment in reading.path.split('/').filter(|segment| !matches!(*segment, "" | ".")) {
        if segment == ".." {
            climbs |= segments.pop().is_none();
        } else {
            segments.push(segment);
        }
    }
    with(reading, format!("/{}", segments.join("/"))).map(|next| Reading { climbs, ..next })
}

fn without_control_characters(reading: &Reading) -> Option<Reading> {
    with(reading, reading.path.replace(char::is_control, ""))
}

fn before_the_end_of_a_string(reading: &Reading) -> Option<Reading> {
    with(reading, reading.path.split('\0').next().unwrap_or_default().to_owned())
}

/// The wide forms of ASCII characters, as the narrow ones.
fn in_narrow_letters(reading: &Reading) -> Option<Reading> {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{2215}' | '\u{2044}' => '/',
        '\u{2024}' => '.',
        _ => c,
    };
    with(reading, reading.path.chars().map(narrow).collect())
}

/// What begins with two slashes can be read as an address without its scheme.
fn without_an_authority(reading: &Reading) -> Option<Reading> {
    let rest = reading.path.strip_prefix("//")?.trim_start_matches('/');
    with(reading, rest.find('/').map_or("/", |at| &rest[at..]).to_owned())
}

#[cfg(test)]
mod tests;
