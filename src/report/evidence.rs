//! The exchanges that a reader has to see: cut to what a person reads, with the lines of the wrong
//! values.
//!
//! Knows: judged cases and their exchanges. Must not know: how a report is drawn.

use std::collections::BTreeMap;
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

/// The cases of which a reader has to see something.
struct Wanted<'a> {
    by_id: BTreeMap<&'a str, &'a CaseRecord>,
}

impl<'a> Wanted<'a> {
    fn of(cases: &'a [CaseRecord]) -> Self {
        let worth = |case: &&CaseRecord| {
            case.verdict == Verdict::Fail
                || case.verdict == Verdict::Unresolved
                || case.findings.iter().any(|finding| finding.severity > Severity::Observation)
        };
        Self { by_id: cases.iter().filter(worth).map(|case| (case.id.as_str(), case)).collect() }
    }

    /// The case that an exchange belongs to, and its step there. What the run itself sent is of the
    /// case that judges it.
    fn place(&self, exchange: &'a Exchange) -> Option<(&'a CaseRecord, &'a str)> {
        if !exchange.case.is_empty() {
            return Some((self.by_id.get(exchange.case.as_str())?, &exchange.step));
        }
        let is_this = |case: &&&CaseRecord| case.watched == Some((exchange.purpose, exchange.at));
        let case = self.by_id.values().find(is_this)?;
        let step = case.findings.first().map_or(exchange.step.as_str(), |found| &found.step);
        Some((case, step))
    }
}

/// Which exchanges a reader has to see, by their places: the last one of each step that a finding
/// names, and of the cases that couldn't be judged. Needs no body of any.
#[must_use]
pub fn evident(cases: &[CaseRecord], exchanges: &[&Exchange]) -> Vec<usize> {
    let wanted = Wanted::of(cases);
    let mut last: BTreeMap<(&str, &str), (usize, &CaseRecord)> = BTreeMap::new();
    for (place, exchange) in exchanges.iter().enumerate() {
        let Some((case, step)) = wanted.place(exchange) else { continue };
        if case.findings.is_empty() || case.findings.iter().any(|finding| finding.step == step) {
            last.insert((&case.id, step), (place, case));
        }
    }
    let mut chosen: Vec<(usize, &CaseRecord)> = last.into_values().collect();
    if chosen.len() > MOST_EXCHANGES {
        // The cases that fail come first, and each has one exchange before any has its second.
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        chosen.sort_unstable_by_key(|(place, _)| std::cmp::Reverse(*place));
        chosen.sort_by_cached_key(|(_, case)| {
            let rank = seen.entry(&case.id).or_default();
            *rank += 1;
            (case.verdict != Verdict::Fail, *rank)
        });
        chosen.truncate(MOST_EXCHANGES);
    }
    chosen.into_iter().map(|(place, _)| place).collect()
}

/// What a reader sees of them.
pub(super) fn evidence(cases: &[CaseRecord], exchanges: &[&Exchange], url: &str) -> Vec<Evidence> {
    let wanted = Wanted::of(cases);
    let shown = |place: usize| {
        let exchange = exchanges[place];
        let (case, step) = wanted.place(exchange)?;
        Some(evidence_of(exchange, case, step, url))
    };
    evident(cases, exchanges).into_iter().filter_map(shown).collect()
}

fn evidence_of(exchange: &Exchange, case: &CaseRecord, step: &str, url: &str) -> Evidence {
    let sent = &exchange.sent;
    let mut evidence = Evidence {
        case: case.id.clone(),
        step: step.to_owned(),
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
        let pointers = marked(case.findings.iter().filter(|finding| finding.step == step));
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
