//! The exchanges that a reader has to see: cut to what a person reads, with the lines of the wrong
//! values.
//!
//! Knows: judged cases and their exchanges. Must not know: how a report is drawn.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::catalogue::Auth;
use crate::contract::{Severity, cut};
use crate::exchange::{Exchange, Sent};
use crate::judge::{CaseRecord, Finding, Verdict};

use super::model::Evidence;
use super::trim::trim;
use crate::pointer::pattern;

/// Evidence is for people: the most exchanges, and bytes of each.
const MOST_EXCHANGES: usize = 500;
const MOST_BODY: usize = 4000;
/// Bytes of a body that isn't JSON, and of a request body.
const MOST_TEXT: usize = 2000;
/// Places of one kind that are marked in a body, and places in all.
const MOST_ALIKE: usize = 2;
const MOST_MARKS: usize = 12;

/// Which exchanges a reader has to see, by their places: the last one of each step that a finding
/// names, and of the cases that couldn't be judged. Needs no body of any.
#[must_use]
pub fn evident(cases: &[CaseRecord], exchanges: &[&Exchange]) -> Vec<usize> {
    let worth = |case: &&CaseRecord| {
        case.verdict == Verdict::Fail
            || case.verdict == Verdict::Unresolved
            || case.findings.iter().any(|finding| finding.severity > Severity::Observation)
    };
    let wanted: BTreeMap<&str, &CaseRecord> =
        cases.iter().filter(worth).map(|case| (case.id.as_str(), case)).collect();
    let steps: BTreeMap<&str, BTreeSet<&str>> = wanted
        .iter()
        .map(|(id, case)| {
            (*id, case.findings.iter().map(|finding| finding.step.as_str()).collect())
        })
        .collect();
    let mut last: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (place, exchange) in exchanges.iter().enumerate() {
        let Some(steps) = steps.get(exchange.case.as_str()) else { continue };
        if steps.is_empty() || steps.contains(exchange.step.as_str()) {
            last.insert((&exchange.case, &exchange.step), place);
        }
    }
    let mut chosen: Vec<usize> = last.into_values().collect();
    if chosen.len() > MOST_EXCHANGES {
        // The cases that fail come first, and each has one exchange before any has its second.
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        chosen.sort_unstable();
        let mut ranked: Vec<(bool, usize, usize)> = chosen
            .iter()
            .rev()
            .map(|place| {
                let id = exchanges[*place].case.as_str();
                let rank = seen.entry(id).or_default();
                *rank += 1;
                let fails = wanted.get(id).is_some_and(|case| case.verdict == Verdict::Fail);
                (!fails, *rank, *place)
            })
            .collect();
        ranked.sort_unstable();
        chosen = ranked.into_iter().take(MOST_EXCHANGES).map(|(_, _, place)| place).collect();
    }
    chosen
}

/// What a reader sees of them.
pub(super) fn evidence(cases: &[CaseRecord], exchanges: &[&Exchange], url: &str) -> Vec<Evidence> {
    let findings: BTreeMap<&str, &[Finding]> =
        cases.iter().map(|case| (case.id.as_str(), case.findings.as_slice())).collect();
    let shown = |place: usize| {
        let exchange = exchanges[place];
        let findings = findings.get(exchange.case.as_str()).copied().unwrap_or_default();
        evidence_of(exchange, findings, url)
    };
    evident(cases, exchanges).into_iter().map(shown).collect()
}

fn evidence_of(exchange: &Exchange, findings: &[Finding], url: &str) -> Evidence {
    let sent = &exchange.sent;
    let mut evidence = Evidence {
        case: exchange.case.clone(),
        step: exchange.step.clone(),
        request: format!("{} {}", sent.method, sent.target),
        request_body: sent.body.as_ref().map(|body| cut_to(body, MOST_TEXT)),
        answer: exchange.fault.as_ref().map_or_else(
            || "no answer".to_owned(),
            |fault| format!("no answer ({}): {}", fault.kind.word(), fault.message),
        ),
        headers: BTreeMap::new(),
        body: None,
        marks: Vec::new(),
        body_sha256: None,
        curl: curl(sent, url),
    };
    let Some(got) = &exchange.got else { return evidence };
    evidence.answer = format!("{} {}", got.version, got.status);
    evidence.headers = got.headers.iter().map(|(name, value)| (name.clone(), cut(value))).collect();
    evidence.body_sha256 = got.body.sha256();
    let partial = got.body.truncated || got.body.whole_sha256.is_some();
    if let Some(text) = &got.body.text {
        let pointers = marked(findings.iter().filter(|finding| finding.step == exchange.step));
        match trim(text, partial, &pointers, MOST_BODY) {
            Some(trimmed) => (evidence.body, evidence.marks) = (Some(trimmed.text), trimmed.marks),
            None => evidence.body = Some(cut_to(text, MOST_TEXT)),
        }
    } else {
        evidence.body = got.body.base64.as_ref().map(|text| cut_to(text, MOST_TEXT));
    }
    evidence
}

/// The places that are marked: of each kind the first ones, the gravest first.
fn marked<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<&'a str> {
    let mut findings: Vec<&Finding> =
        findings.filter(|finding| !finding.pointer.is_empty()).collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let mut kinds: BTreeMap<(&str, String), usize> = BTreeMap::new();
    let mut pointers: Vec<&str> = Vec::new();
    for finding in findings {
        let count = kinds.entry((&finding.requirement, pattern(&finding.pointer))).or_default();
        *count += 1;
        if *count <= MOST_ALIKE
            && pointers.len() < MOST_MARKS
            && !pointers.contains(&finding.pointer.as_str())
        {
            pointers.push(&finding.pointer);
        }
    }
    pointers
}

/// A command that sends the same request again, with place-holders for secrets.
fn curl(sent: &Sent, url: &str) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
    let mut command = format!("curl -i -X {}", sent.method);
    let known = sent.headers.iter().any(|(name, _)| name == "authorization" || name == "cookie");
    command.push_str(match sent.auth {
        Auth::Default if !known => "",
        Auth::Default | Auth::Basic | Auth::Session => " -u \"$LXCA_USER:$LXCA_PASSWORD\"",
        Auth::Unprivileged => " -u \"$LXCA_UNPRIVILEGED_USER:$LXCA_UNPRIVILEGED_PASSWORD\"",
        Auth::WrongPassword => " -u \"$LXCA_USER:a-wrong-password\"",
        Auth::UnknownUser => " -u 'an-unknown-user:a-password'",
        Auth::EndedSession => " -H 'cookie: <of a session that was closed>'",
        Auth::None => "",
    });
    for (name, value) in
        sent.headers.iter().filter(|(name, _)| !UNREPEATED.contains(&name.to_lowercase().as_str()))
    {
        let _ = write!(command, " -H {}", quoted(&format!("{name}: {value}")));
    }
    if let Some(body) = &sent.body {
        let _ = write!(command, " --data-binary {}", quoted(&cut_to(body, MOST_TEXT)));
    }
    command.push(' ');
    command.push_str(&quoted(&format!("{}{}", url.trim_end_matches('/'), sent.target)));
    command
}

/// Headers that curl sets by itself, or that hold what isn't kept.
const UNREPEATED: &[&str] = &[
    "authorization",
    "cookie",
    "x-csrf-token",
    "host",
    "content-length",
    "user-agent",
    "connection",
    "accept-encoding",
];

pub(super) fn cut_to(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let mut end = most;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}… ({} bytes in all)", &text[..end], text.len())
}
