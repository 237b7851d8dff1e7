//! Values that are recognised by where they stand: names of hosts and serials, in JSON and in JSON
//! inside of JSON.
//!
//! Knows: which members hold them. A member that is just called `name` may hold anything, so only
//! that of the appliance counts. Must not know: what stands for them.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// A member with a text, a number, or a list of texts.
const MEMBER: &str = r#"\\*"(?P<name>[A-Za-z_ -]+)\\*"(?:\s|\\+[nrt])*:(?:\s|\\+[nrt])*(?:\\*"(?P<text>[^"\\]+)|(?P<number>[0-9]+)|\[(?P<list>[^\[\]{}]*)\])"#;
/// The host of an address, and the name that an appliance gave itself.
const OTHERS: &[&str] = &[
    r"https?://(?P<value>[A-Za-z][A-Za-z0-9.-]*)",
    r#""row":"identity"[^\n]*"name":"(?P<value>[A-Za-z0-9][A-Za-z0-9._ -]*[A-Za-z0-9])""#,
];
static PATTERNS: LazyLock<Option<(Regex, Vec<Regex>)>> = LazyLock::new(|| {
    let others = OTHERS.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect();
    Some((Regex::new(MEMBER).ok()?, others))
});

/// What a text tells of names and serials, with the kind of each.
pub(super) fn told(text: &str) -> Vec<(&'static str, &str)> {
    let Some((member, others)) = PATTERNS.as_ref() else { return Vec::new() };
    let mut all: Vec<(&str, &str)> = others
        .iter()
        .flat_map(|pattern| pattern.captures_iter(text))
        .filter_map(|found| Some(("host", found.name("value")?.as_str())))
        .collect();
    for found in member.captures_iter(text) {
        let Some(kind) = kind_of(&found["name"]) else { continue };
        let one = found.name("text").or_else(|| found.name("number")).map(|one| one.as_str());
        let list = found.name("list").map_or("", |list| list.as_str());
        let several = list.split('"').skip(1).step_by(2).map(|one| one.trim_end_matches('\\'));
        all.extend(
            one.into_iter().chain(several).filter(|one| fits(kind, one)).map(|it| (kind, it)),
        );
    }
    all
}

/// What a member of this name holds.
fn kind_of(name: &str) -> Option<&'static str> {
    let name: String = name.chars().filter(char::is_ascii_alphabetic).collect();
    let low = name.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| low.ends_with(ending));
    if low.contains("serial") || name.ends_with("SN") || name.ends_with("SNs") {
        Some("serial")
    } else if ends(&["hostname", "hostnames", "fqdn", "fqdns", "domainname", "dnsname"]) {
        Some("host")
    } else if low.contains("macaddr") || low == "mac" {
        Some("mac")
    } else if ends(&["wwn", "wwnn", "wwpn", "wwid"]) {
        Some("wwn")
    } else {
        None
    }
}

/// Whether a value can be what its member holds: many say `Unknown` or `N/A` where there is none.
fn fits(kind: &str, value: &str) -> bool {
    let digits = value.bytes().all(|byte| byte.is_ascii_hexdigit());
    match kind {
        "host" => {
            value.starts_with(|letter: char| letter.is_ascii_alphanumeric())
                && value.chars().all(|one| one.is_ascii_alphanumeric() || "._ -".contains(one))
        }
        "mac" => digits && value.len() == 12,
        "wwn" => digits && value.len() == 16,
        _ => value.bytes().any(|byte| byte.is_ascii_digit()),
    }
}

/// Whether a name that was found is no name there, but a word or a number of the file itself: the
/// key of a member, a number, or a part of one.
pub(super) fn is_of_json(text: &str, at: &Range<usize>) -> bool {
    let (value, before, after) = (&text[at.clone()], &text[..at.start], &text[at.end..]);
    if value.bytes().all(|byte| byte.is_ascii_digit()) {
        let start = before.trim_end();
        let apart = &before[start.len()..];
        return start.ends_with("\":")
            || start.ends_with('[')
            || (start.ends_with(',') && (apart.is_empty() || apart.contains('\n')))
            || before
                .strip_suffix('.')
                .is_some_and(|number| number.ends_with(|one: char| one.is_ascii_digit()));
    }
    value.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        && before.ends_with('"')
        && after.strip_prefix('"').is_some_and(|rest| rest.trim_start().starts_with(':'))
}
