//! Values that are recognised by their form: uuids, hardware addresses, fingerprints, IP addresses.
//!
//! Knows: the forms in which appliances and people write them. Must not know: what stands for them.

// That of `core`: a value, and no way to a network.
use core::net::Ipv6Addr;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// The kind of a uuid.
pub(super) const UUID: &str = "uuid";

/// A value in a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// What it is.
    pub(super) kind: &'static str,
    /// Where it stands.
    pub(super) range: Range<usize>,
    /// The same for every form of one value.
    pub(super) key: String,
}

/// Stands nowhere in the files of a run: they spell out control characters.
const BREAK: char = '\u{1}';
/// Escapes of JSON and of addresses, whose last letters would belong to the word after them.
static ESCAPES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\\[nrtbf]|\\u[0-9a-fA-F]{4}|%[0-9a-fA-F]{2}").ok());

/// The text with a break after each escape, so that the word after it has a beginning.
pub(super) fn parted(text: &str) -> String {
    let Some(escapes) = ESCAPES.as_ref() else { return text.to_owned() };
    escapes.replace_all(text, format!("${{0}}{BREAK}")).into_owned()
}

/// The text without those breaks.
pub(super) fn joined(text: &str) -> String {
    text.replace(BREAK, "")
}

/// What a match of a pattern is.
enum Read {
    /// Always of this kind, with this key.
    As(&'static str, fn(&str) -> String),
    /// Of a kind that depends on it, or nothing.
    If(fn(&str) -> Option<(&'static str, String)>),
}

/// A pattern, and what a match of it is.
type Form = (&'static str, Read);

/// An earlier one goes first.
const FORMS: &[Form] = &[
    (r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", Read::As(UUID, bare)),
    (r"SHA-256 [0-9a-f]{64}", Read::As("certificate", certificate)),
    (r"[0-9a-fA-F]{2}(?:(?::|-|%3[aA]\x01?)[0-9a-fA-F]{2}){5,31}", Read::If(pairs)),
    (r"[0-9a-fA-F]{4}(?:\.[0-9a-fA-F]{4}){2}", Read::As("mac", bare)),
    (r"[0-9a-fA-F]{12,}", Read::If(digits)),
    (r"[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,8}(?:(?:\.[0-9]{1,3}){3})?", Read::If(ipv6)),
    (
        r"(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])",
        Read::As("ip", str::to_owned),
    ),
];
static PATTERNS: LazyLock<Vec<(Regex, &'static Form)>> = LazyLock::new(|| {
    FORMS.iter().filter_map(|form| Some((Regex::new(form.0).ok()?, form))).collect()
});

/// Every value in a text, in its order.
pub(super) fn found(text: &str) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    for (pattern, (_, read)) in PATTERNS.iter() {
        let taken = all.len();
        for one in pattern.find_iter(text) {
            let range = one.range();
            if !stands_alone(text, &range) {
                continue;
            }
            let told = match read {
                Read::As(kind, key) => Some((*kind, key(one.as_str()))),
                Read::If(read) => read(one.as_str()),
            };
            let Some((kind, key)) = told else { continue };
            let is_digest = text[..range.start].ends_with("sha256:");
            if is_digest || (kind == IPV6 && !is_no_path(text, &range)) {
                continue;
            }
            let before = all[..taken].partition_point(|known| known.range.end <= range.start);
            if all[..taken].get(before).is_none_or(|known| known.range.start >= range.end) {
                all.push(Found { kind, range, key });
            }
        }
        all.sort_by_key(|known| known.range.start);
    }
    all
}

/// Whether no letter and no digit touches it. An underscore may, as in `node_UUID`.
fn stands_alone(text: &str, range: &Range<usize>) -> bool {
    let touches = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    !touches(text[..range.start].chars().next_back()) && !touches(text[range.end..].chars().next())
}

/// Whether it is no part of an id such as `events.add::bad-request`.
fn is_no_path(text: &str, range: &Range<usize>) -> bool {
    !text[..range.start].ends_with(['.', '-', '_', ':'])
        && !text[range.end..].starts_with(['-', '_', ':'])
}

fn bare(text: &str) -> String {
    let text = text.replace("%3A", "").replace("%3a", "");
    let digits = text.chars().filter(char::is_ascii_hexdigit);
    digits.map(|digit| digit.to_ascii_lowercase()).collect()
}

fn certificate(text: &str) -> String {
    bare(text.trim_start_matches("SHA-256 "))
}

/// Pairs of digits: six are a MAC address, eight a WWN, many the fingerprint of a certificate.
fn pairs(text: &str) -> Option<(&'static str, String)> {
    let alike = [':', '-', '%'].iter().filter(|one| text.contains(**one)).count() == 1;
    let key = bare(text);
    let kind = match key.len() {
        12 => "mac",
        16 => "wwn",
        40 | 64 => "certificate",
        _ => return None,
    };
    alike.then_some((kind, key))
}

/// Digits in a row. Twelve are a MAC address if they aren't a number.
fn digits(text: &str) -> Option<(&'static str, String)> {
    let has = |wanted: fn(&char) -> bool| text.chars().any(|digit| wanted(&digit));
    match text.len() {
        32 => Some((UUID, bare(text))),
        12 if has(char::is_ascii_digit) && has(char::is_ascii_alphabetic) => {
            Some(("mac", bare(text)))
        }
        _ => None,
    }
}

const IPV6: &str = "ipv6";

fn ipv6(text: &str) -> Option<(&'static str, String)> {
    let address: Ipv6Addr = text.parse().ok()?;
    let nobodys = address.is_loopback() || address.is_unspecified();
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    (!nobodys && has_digit).then(|| (IPV6, address.to_string()))
}
