//! Answers that somebody else recorded, held against what the documents say of their operation and
//! status.
//!
//! Knows: contract and exchanges. Each operation has a case for each of its documented answers, and
//! one for whatever else it answers; no case tells what had to come, so that a status alone accuses
//! nobody. What a check needs and a recording lacks is not exercised. Must not know: where a
//! recording was read from.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::catalogue::{Case, Catalogue, Expect, RequestSpec, Step};
use crate::contract::{Content, Contract, Form, Operation, ResponseRow, Severity, TableKind};
use crate::exchange::{Exchange, NoJson, Oddity, Received, Sent};
use crate::terms;
use crate::why::{Beyond, Why};

use super::answer::{self, Judged};
use super::charset::{self, Text};
use super::verdict::{CaseRecord, Finding, Verdict};
use super::versions::{self, OTHER_VERSIONS};
use super::withheld;

/// Why an answer without a documented row is kept.
const NO_ROW: &str = "it isn't known what to expect, because the request is somebody else's";
/// What such a case claims in its id.
const RECORDED: &str = "recorded";

/// Whether a case is one of those that recorded answers are judged by. No case file has such ids.
pub(super) fn is_recorded(case: &Case) -> bool {
    let claim = case.id.strip_prefix(case.operation.as_str()).unwrap_or_default();
    claim.strip_prefix("::").and_then(|claim| claim.strip_prefix(RECORDED)).is_some_and(|rest| {
        rest.is_empty()
            || rest
                .strip_prefix('-')
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    })
}

/// The catalogue with the cases that recorded answers are judged by.
#[must_use]
pub fn with_recorded(contract: &Contract, catalogue: &Catalogue) -> Catalogue {
    let mut whole = catalogue.clone();
    for operation in contract.operations.values() {
        for row in operation.responses.iter().map(Some).chain([None]) {
            let case = case(operation, row);
            if !whole.cases.iter().rev().any(|known| known.id == case.id) {
                whole.cases.push(case);
            }
        }
    }
    whole
}

fn id(operation: &Operation, row: Option<&ResponseRow>) -> String {
    let Some(row) = row else { return format!("{}::{RECORDED}", operation.id) };
    let only = operation.rows(row.status).count() == 1;
    let name = if only { String::new() } else { format!("-{}", row.name) };
    format!("{}::{RECORDED}-{}{name}", operation.id, row.status)
}

fn case(operation: &Operation, row: Option<&ResponseRow>) -> Case {
    let title = match row {
        Some(row) => format!("A recorded answer with status {} is as documented", row.status),
        None => "A recorded answer that no page lists, or that has no status".to_owned(),
    };
    Case {
        id: id(operation, row),
        aliases: Vec::new(),
        operation: operation.id.clone(),
        title,
        effect: operation.effect,
        impact: None,
        needs: Vec::new(),
        since: None,
        until: None,
        steps: vec![step(operation, row, RECORDED)],
        cleanup: Vec::new(),
        generated: true,
        file: operation.file.clone(),
        line: 1,
    }
}

fn step(operation: &Operation, row: Option<&ResponseRow>, name: &str) -> Step {
    let expect = match row {
        Some(row) => {
            Expect { status: vec![row.status], body: Some(row.name.clone()), ..Expect::default() }
        }
        None => Expect {
            observe: Some(NO_ROW.to_owned()),
            requirement: operation.responses.first().map(|row| row.requirement.clone()),
            ..Expect::default()
        },
    };
    Step::plain(name, &operation.id, RequestSpec::default(), expect)
}

/// The case that a recorded exchange of an operation is judged by. Where several documented answers
/// share its status, the request tells which one is meant; else it is the one that it fits best.
#[must_use]
pub fn case_of(contract: &Contract, operation: &Operation, exchange: &Exchange) -> String {
    let status = exchange.got.as_ref().map(|got| got.status);
    let mut rows: Vec<&ResponseRow> =
        status.into_iter().flat_map(|status| operation.rows(status)).collect();
    if rows.len() > 1 {
        let replies = replies(operation, &exchange.sent);
        if rows.iter().any(|row| replies.contains(row.name.as_str())) {
            rows.retain(|row| replies.contains(row.name.as_str()));
        }
    }
    let row = match rows.as_slice() {
        [] => None,
        [only] => Some(*only),
        several => several.iter().copied().min_by_key(|row| {
            let judged = judge_listed(contract, operation, row, exchange, None);
            let count = |severity| {
                judged.findings.iter().filter(|finding| finding.severity == severity).count()
            };
            (count(Severity::Violation), count(Severity::Deviation), count(Severity::Observation))
        }),
    };
    id(operation, row)
}

/// The documented answers to a request: those of the kinds of right requests that it is of. A value
/// that stands for a fact of some target, or that may vary, tells nothing.
fn replies<'a>(operation: &'a Operation, sent: &Sent) -> BTreeSet<&'a str> {
    let body: Option<Value> = sent.body.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let query = sent.target.split_once('?').map_or("", |(_, query)| query);
    let mut found = BTreeSet::new();
    for table in &operation.request.tables {
        let has = |name: &str, wanted: &Value| match table.kind {
            TableKind::Body => body.as_ref().and_then(|body| body.get(name)) == Some(wanted),
            TableKind::Query => query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .any(|(key, value)| key == name && wanted.as_str() == Some(value)),
            TableKind::Path => true,
        };
        // A parameter that may vary must be there all the same.
        let has_parameter = |name: &str| {
            query.split('&').any(|pair| pair.split('=').next().is_some_and(|key| key == name))
        };
        let is_of = |form: &&Form| {
            form.is
                .iter()
                .filter(|(name, _)| {
                    !form.varies.contains(name)
                        || (table.kind == TableKind::Query && !has_parameter(name))
                })
                .filter(|(_, value)| !value.as_str().is_some_and(|text| text.contains("{{")))
                .all(|(name, value)| has(name, value))
        };
        found.extend(
            table
                .form
                .iter()
                .filter(is_of)
                .flat_map(|form| form.replies.iter().map(String::as_str)),
        );
    }
    found
}

/// Judges the exchanges of recordings, each of which names its case. `versions` tells the product
/// version of an exchange by its step, as far as it is known.
#[must_use]
pub fn judge_recorded<'a>(
    contract: &Contract,
    exchanges: impl IntoIterator<Item = &'a Exchange>,
    versions: &BTreeMap<String, String>,
    strict: bool,
) -> Vec<CaseRecord> {
    let mut by_case: BTreeMap<&str, Vec<&Exchange>> = BTreeMap::new();
    for exchange in exchanges {
        by_case.entry(&exchange.case).or_default().push(exchange);
    }
    let mut records = Vec::new();
    for operation in contract.operations.values() {
        for row in operation.responses.iter().map(Some).chain([None]) {
            let case = case(operation, row);
            if let Some(exchanges) = by_case.get(case.id.as_str()) {
                records
                    .push(judge_case(contract, operation, row, &case, exchanges, versions, strict));
            }
        }
    }
    records
}

fn judge_case(
    contract: &Contract,
    operation: &Operation,
    row: Option<&ResponseRow>,
    case: &Case,
    exchanges: &[&Exchange],
    versions: &BTreeMap<String, String>,
    strict: bool,
) -> CaseRecord {
    let mut record = CaseRecord::not_run(case, Verdict::Untested, Why::Answer, "");
    record.requests = u32::try_from(exchanges.len()).unwrap_or(u32::MAX);
    let (mut checked, mut others) = (0_u32, BTreeMap::<Beyond, u32>::new());
    let span = operation.span();
    let (mut unjudged, mut unchecked) = (Vec::new(), Vec::new());
    let mut secret = false;
    for exchange in exchanges {
        let version = versions.get(&exchange.step).and_then(|text| terms::version(text));
        // Where nothing tells the version, the operation was there: it answered.
        if let Some(beyond) = span.beyond(version.as_ref()).filter(|beyond| beyond.is_settled()) {
            *others.entry(beyond).or_default() += 1;
            continue;
        }
        let Some(got) = &exchange.got else {
            let why = exchange.fault.as_ref().map_or("no answer", |fault| fault.message.as_str());
            unjudged.push(format!("{}: {why}", exchange.step));
            continue;
        };
        let mut judged = match row {
            Some(row) => judge_listed(contract, operation, row, exchange, version.as_ref()),
            None => unlisted(contract, operation, exchange, got),
        };
        versions::fit_answer(contract, version.as_ref(), &mut judged);
        record.reached.extend(judged.reached.clone().into());
        record.missed.extend(judged.missed);
        record.beyond.extend(judged.beyond.clone());
        record.findings.extend(judged.findings);
        // As in a run: documented or not, it tells nothing of what was asked.
        let broken = (got.status >= 500 && row.is_some())
            .then(|| format!("the appliance reports an error of its own ({})", got.status));
        let nothing = judged.reached.is_empty() && !judged.beyond.is_empty();
        let other = nothing.then(|| OTHER_VERSIONS.to_owned());
        secret |= judged.withheld.is_some();
        match (judged.unjudged.or(judged.withheld).or(broken), judged.unchecked.or(other)) {
            (Some(why), _) => unjudged.push(format!("{}: {why}", exchange.step)),
            (None, Some(why)) => unchecked.push(why),
            (None, None) => checked += 1,
        }
    }
    let fails = record.findings.iter().any(|finding| finding.severity.fails(strict));
    (record.verdict, record.reason) = if fails {
        (Verdict::Fail, None)
    } else if let Some(first) = unjudged.first() {
        let more = if unjudged.len() > 1 {
            format!("; and {} more", unjudged.len() - 1)
        } else {
            String::new()
        };
        (Verdict::Unresolved, Some(format!("{first}{more}")))
    } else if checked > 0 {
        (Verdict::Pass, None)
    } else if let Some(first) = unchecked.into_iter().next() {
        (Verdict::Untested, Some(first))
    } else {
        let older = others.get(&Beyond::TooOld).copied().unwrap_or_default();
        let newer = others.get(&Beyond::TooNew).copied().unwrap_or_default();
        let what = match (&span.since, &span.until) {
            (Some(since), _) if newer == 0 => {
                format!("the page has it since {since}, and {older} recorded answers are older")
            }
            (_, Some(until)) if older == 0 => {
                format!("it was gone with {until}, and {newer} recorded answers are newer")
            }
            _ => format!(
                "it is there {span}; {older} recorded answers are older, and {newer} are newer"
            ),
        };
        (Verdict::Unsupported, Some(what))
    };
    if secret && record.verdict == Verdict::Unresolved {
        record.why = Some(Why::Secret);
    }
    record
}

/// An answer that no page lists.
fn unlisted(
    contract: &Contract,
    operation: &Operation,
    exchange: &Exchange,
    got: &Received,
) -> Judged {
    let mut judged = Judged::default();
    let step = step(operation, None, &exchange.step);
    if let Some(finding) = undocumented_success(contract, operation, got, &step) {
        judged.findings.push(finding);
    } else {
        answer::observe(contract, &step, NO_ROW, got, &mut judged);
    }
    judged
}

/// Which error comes depends on the request; that a success has the number of one that the page
/// lists doesn't. What caches and proxies make of a success is left aside.
fn undocumented_success(
    contract: &Contract,
    operation: &Operation,
    got: &Received,
    step: &Step,
) -> Option<Finding> {
    if !(200..300).contains(&got.status) || [203, 206].contains(&got.status) {
        return None;
    }
    let rows = || operation.responses.iter().filter(|row| row.status < 300);
    let mut listed: Vec<String> = rows().map(|row| row.status.to_string()).collect();
    listed.dedup();
    let checked = rows().map(|row| &row.requirement).find(|id| {
        contract.requirements.get(*id).is_some_and(|requirement| requirement.excluded.is_none())
    })?;
    let (expected, actual) =
        (format!("status {}", listed.join(" or ")), format!("status {}", got.status));
    Some(answer::finding(contract, "status", checked, "", &expected, &actual, step))
}

fn judge_listed(
    contract: &Contract,
    operation: &Operation,
    row: &ResponseRow,
    exchange: &Exchange,
    version: Option<&semver::Version>,
) -> Judged {
    let step = step(operation, Some(row), &exchange.step);
    let Some(got) = &exchange.got else { return Judged::default() };
    let mut judged = answer::judge(contract, version, &step, exchange, got, got.json());
    if got.oddities.contains(&Oddity::BodyUnsure) {
        // Nothing that is missing from it accuses anybody.
        judged.findings.clear();
        let promised = row.schema.is_some() || row.error || row.content == Some(Content::Empty);
        if judged.unjudged.is_none()
            && promised
            && let Err(NoJson::Bound(why)) = got.json()
        {
            judged.unjudged = Some(format!("the body isn't judged: {why}"));
        }
    }
    let body = judged.body.clone();
    withheld::take_back(body.as_deref(), &[], got, &mut judged);
    if got.header("set-cookie").is_none() {
        for check in &operation.semantics {
            if !judged.reached.contains_key(check.requirement.as_str()) {
                judged.missed.insert(
                    check.requirement.clone(),
                    "no recorded answer has what it checks; a header may have been left out"
                        .to_owned(),
                );
            }
        }
    }
    judged
}

/// The answer with its body as text, where it was recorded in another charset than UTF-8: it may
/// be the recorder that wrote it so.
#[must_use]
pub fn legible(got: &Received) -> Option<Received> {
    got.body.base64.as_ref().filter(|_| got.body.packed.is_none())?;
    let Text::Is(text) = charset::text_of(got) else { return None };
    let mut legible = got.clone();
    legible.body.base64 = None;
    legible.body.text = Some(text);
    Some(legible)
}
