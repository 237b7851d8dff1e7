//! One expected answer against everything the documents say about it: media type, body, schema,
//! semantics, drift.
//!
//! Knows: the documented row of the answer. Must not know: what the case does next.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::catalogue::Step;
use crate::contract::{
    Content, Contract, MORE_PLACES, MOST_ALIKE, MOST_VALUES, Operation, ResponseRow, Severity,
    Versions, Violation, shown, survey, survey_at,
};
use crate::exchange::{Exchange, NoJson, Received, is_json};
use crate::rows::{self, List};
use crate::why::Beyond;

use super::charset::{self, Text};
use super::duplicates::{Twice, by_place, duplicates, other_readings};
use super::semantics::{self, Context};
use super::status::primary_requirement;
use super::verdict::Finding;
use super::versions;

/// What judging one answer gave.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) findings: Vec<Finding>,
    pub(super) reached: BTreeMap<String, u64>,
    pub(super) missed: BTreeMap<String, String>,
    /// Those of them that are about other versions.
    pub(super) beyond: BTreeMap<String, Beyond>,
    pub(super) body: Option<Arc<Value>>,
    /// The body as others may read it, where members come twice.
    pub(super) others: Vec<Value>,
    /// Why the body couldn't be judged, or not all of it.
    pub(super) unjudged: Option<String>,
    /// Why nothing of it was checked, where nothing had to come.
    pub(super) unchecked: Option<String>,
}

impl Judged {
    pub(super) fn reach(&mut self, requirement: &str) {
        self.reach_many(requirement, 1);
    }

    fn reach_many(&mut self, requirement: &str, count: u64) {
        match self.reached.get_mut(requirement) {
            Some(seen) => *seen += count,
            None => {
                self.reached.insert(requirement.to_owned(), count);
            }
        }
    }
}

/// Judges an answer whose status is expected, of an appliance whose version may be known.
pub(super) fn judge(
    contract: &Contract,
    version: Option<&semver::Version>,
    step: &Step,
    exchange: &Exchange,
    got: &Received,
    parsed: Result<Value, NoJson>,
) -> Judged {
    let mut judged = Judged::default();
    let Some(operation) = contract.operations.get(&step.operation) else { return judged };
    // What a page says of its method binds no other.
    let row = operation
        .row(got.status, step.expect.body.as_deref())
        .filter(|_| operation.method == exchange.sent.method);
    if let Some(row) = row {
        judged.reach(&row.requirement);
        let at = At { contract, version, step, operation, row, exchange, got };
        hold(&at, parsed.as_ref(), &mut judged);
    }
    judged.body = parsed.ok().map(Arc::new);
    judged
}

/// Holds an answer whose status wasn't expected, but is documented as an error or as one without
/// content, against what its row promises: whatever it shows to be wrong, its body has to be what
/// it is said to be.
pub(super) fn unexpected(
    contract: &Contract,
    version: Option<&semver::Version>,
    step: &Step,
    exchange: &Exchange,
    got: &Received,
    parsed: &Result<Value, NoJson>,
) -> Judged {
    let mut judged = Judged::default();
    let Some(operation) = contract
        .operations
        .get(&step.operation)
        .filter(|operation| operation.method == exchange.sent.method)
    else {
        return judged;
    };
    let row = operation
        .row(got.status, None)
        .filter(|row| row.error || row.content == Some(Content::Empty));
    if let Some(row) = row {
        let at = At { contract, version, step, operation, row, exchange, got };
        hold(&at, parsed.as_ref(), &mut judged);
        // The row's own statement is about when this status comes, which is what the finding on the
        // status is about.
        judged.reached.remove(&row.requirement);
    }
    judged
}

/// An answer, and the row of the contract that it must satisfy.
struct At<'a> {
    contract: &'a Contract,
    version: Option<&'a semver::Version>,
    step: &'a Step,
    operation: &'a Operation,
    row: &'a ResponseRow,
    exchange: &'a Exchange,
    got: &'a Received,
}

fn hold(at: &At<'_>, parsed: Result<&Value, &NoJson>, judged: &mut Judged) {
    let At { contract, step, row, got, .. } = at;
    // The words of an error may come in any charset, and be JSON in it.
    let reread = if row.error && matches!(parsed, Err(NoJson::Wrong(_))) {
        reread(got)
    } else {
        Reread::Nothing
    };
    if let Reread::Unread(why) = &reread {
        judged.unjudged = Some(format!("{why}, which this build can't read"));
        return;
    }
    let parsed = if let Reread::Json(body) = &reread { Ok(body) } else { parsed };
    match (&row.schema, row.content) {
        (Some(schema), _) => described(at, schema, parsed, judged),
        (None, Some(Content::Empty)) => {
            if let Some(actual) = content(got) {
                judged.findings.push(finding(
                    contract,
                    "body",
                    &row.requirement,
                    "",
                    "no body",
                    &actual,
                    step,
                ));
            }
        }
        _ => {}
    }
    meaning(at, parsed.ok(), judged);
    let found =
        got.readable().filter(|_| parsed.is_ok()).as_deref().map(duplicates).unwrap_or_default();
    if !found.is_empty() {
        twice(at, found, judged);
    }
}

/// What the semantic checks say.
fn meaning(at: &At<'_>, body: Option<&Value>, judged: &mut Judged) {
    let At { contract, step, operation, row, exchange, got, .. } = *at;
    let context = Context { contract, operation, row, exchange, got, body };
    for outcome in semantics::judge(&context) {
        judged.reach(&outcome.requirement);
        let more = outcome.differences.len().saturating_sub(MOST_ALIKE);
        if more > 0 {
            let flood = finding(
                contract,
                "semantics",
                &outcome.requirement,
                "",
                "the same as below",
                &format!("{more} {MORE_PLACES}"),
                step,
            );
            judged.findings.push(Finding { more: Some(more as u64), ..flood });
        }
        for difference in outcome.differences.into_iter().take(MOST_ALIKE) {
            judged.findings.push(finding(
                contract,
                "semantics",
                &outcome.requirement,
                &difference.pointer,
                &difference.expected,
                &difference.actual,
                step,
            ));
        }
    }
}

/// Members that come twice: named, and judged with each of their values, for nobody knows which one
/// a reader takes.
fn twice(at: &At<'_>, found: Vec<Twice>, judged: &mut Judged) {
    let At { contract, step, row, got, .. } = *at;
    let readings = other_readings(got.readable().as_deref().unwrap_or_default(), &found);
    let whole = row.schema.as_deref().map_or(row.requirement.as_str(), |schema| whole(at, schema));
    for (member, more) in by_place(found) {
        let values =
            member.values.iter().take(MOST_SHOWN).cloned().collect::<Vec<_>>().join(", then ");
        let rest = if more > 0 { format!("; and at {more} {MORE_PLACES}") } else { String::new() };
        let actual =
            format!("`{}` is there {} times: {values}{rest}", member.name, member.values.len());
        let mut seen =
            finding(contract, "body", whole, &member.pointer, "each member once", &actual, step);
        seen.severity = Severity::Observation;
        judged.findings.push(seen);
    }
    for body in readings {
        let mut other = Judged::default();
        if let Some(schema) = &row.schema {
            differences(contract, step, schema, &body, &mut other);
        }
        meaning(at, Some(&body), &mut other);
        let known: BTreeSet<(String, String)> = judged
            .findings
            .iter()
            .map(|finding| (finding.requirement.clone(), finding.pointer.clone()))
            .collect();
        let new = other.findings.into_iter().filter(|finding| {
            !known.contains(&(finding.requirement.clone(), finding.pointer.clone()))
        });
        judged.findings.extend(new.map(|finding| Finding {
            actual: format!("{}, in an earlier value of a member that comes twice", finding.actual),
            ..finding
        }));
        judged.others.push(body);
    }
}

/// So many values of a member that comes twice are shown.
const MOST_SHOWN: usize = 4;

/// What there is of a body where none may be. The reader of HTTP drops what comes with a 204, but
/// its announcement stays.
fn content(got: &Received) -> Option<String> {
    if got.body.bytes > 0 {
        return Some(format!("{} bytes", got.body.bytes));
    }
    // What is announced in a recording may be what came before it was unpacked.
    if got.status != 204 || got.is_recorded() {
        return None;
    }
    let announced = |name: &str| {
        got.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.trim())
    };
    let length = announced("content-length")
        .filter(|length| length.bytes().any(|digit| (b'1'..=b'9').contains(&digit)))
        .map(|length| format!("a body of {length} bytes is announced"));
    length.or_else(|| {
        announced("transfer-encoding")
            .map(|coding| format!("a body is announced by Transfer-Encoding: {coding}"))
    })
}

enum Reread {
    Json(Value),
    Nothing,
    Unread(String),
}

fn reread(got: &Received) -> Reread {
    match charset::text_of(got) {
        Text::Is(text) => serde_json::from_str(&text).map_or(Reread::Nothing, Reread::Json),
        Text::Binary => Reread::Nothing,
        Text::Unread(why) => Reread::Unread(why),
    }
}

/// What came where no page says what has to come.
pub(super) fn observe(
    contract: &Contract,
    step: &Step,
    why: &str,
    got: &Received,
    judged: &mut Judged,
) {
    let mut seen = finding(
        contract,
        "observed",
        &primary_requirement(contract, step),
        "",
        &format!("nothing: {why}"),
        &format!("status {}", got.status),
        step,
    );
    seen.severity = Severity::Observation;
    judged.findings.push(seen);
    let row = contract
        .operations
        .get(&step.operation)
        .and_then(|operation| operation.row(got.status, step.expect.body.as_deref()));
    if [401, 403].contains(&got.status) && judged.unjudged.is_none() {
        // Whoever is refused learns nothing about what was asked.
        judged.unchecked = Some(format!(
            "observed only: refused with {}, so the request itself wasn't evaluated",
            got.status
        ));
        return;
    }
    let checked = row.is_some_and(|row| {
        row.schema.is_some() || row.error || row.content == Some(Content::Empty)
    });
    let told = if row.is_some() {
        "for which the page describes no body"
    } else {
        "which the page doesn't list"
    };
    if !checked && judged.unjudged.is_none() {
        judged.unchecked =
            Some(format!("observed only: status {}, {told}, so nothing was checked", got.status));
    }
}

/// The requirement on the body as a whole.
fn whole<'a>(at: &At<'a>, schema: &str) -> &'a str {
    let At { contract, step, row, .. } = *at;
    let root = contract
        .schemas
        .document(schema)
        .and_then(|document| document.pointer("/x-source/requirement"))
        .and_then(Value::as_str)
        .unwrap_or(&row.requirement);
    let body = format!("{}/body", step.operation);
    if row.error { root } else { contract.first_registered([body.as_str(), root]).unwrap_or(root) }
}

fn described(at: &At<'_>, schema: &str, parsed: Result<&Value, &NoJson>, judged: &mut Judged) {
    let At { contract, step, row, exchange, got, .. } = *at;
    let whole = whole(at, schema);
    let body = match parsed {
        Ok(body) => body,
        Err(NoJson::Bound(error)) => {
            judged.unjudged = Some(format!(
                "the body may be JSON, but it exceeds the limits of this tool: \
                    {error}"
            ));
            return;
        }
        Err(NoJson::Wrong(error)) => {
            let whole = no_content(contract, step, row, got).unwrap_or(whole);
            judged.reach(whole);
            // What a change did shows elsewhere; where no page states its body, none at all is no
            // reason to stop looking there.
            let dispensable = exchange.sent.method != "GET"
                && got.body.bytes == 0
                && contract.severity(whole) < Severity::Violation;
            judged.unjudged =
                (!row.error && !dispensable).then(|| "the body can't be read".to_owned());
            let actual = describe_body(got, error);
            judged.findings.push(finding(
                contract,
                "body",
                whole,
                "",
                "a JSON body",
                &actual,
                step,
            ));
            return;
        }
    };
    let media_type = format!("{}/media-type", step.operation);
    let labels: Vec<&str> = got
        .headers
        .iter()
        .filter(|(name, _)| name == "content-type")
        .map(|(_, value)| value.as_str())
        .collect();
    if labels.is_empty() && got.is_recorded() {
        judged.missed.insert(media_type, "the recording has no Content-Type".to_owned());
    } else if contract.requirements.contains_key(&media_type) {
        judged.reach(&media_type);
        if labels.is_empty() || !labels.iter().all(|label| is_json(label)) {
            let actual = if labels.is_empty() { "none".to_owned() } else { labels.join(", ") };
            judged.findings.push(finding(
                contract,
                "media-type",
                &media_type,
                "",
                "application/json or application/…+json",
                &actual,
                step,
            ));
        }
    }
    for unusual in got.unusual() {
        let mut written = finding(
            contract,
            "body",
            whole,
            "",
            "JSON as in RFC 8259",
            &format!("JSON that can be read, but {unusual}"),
            step,
        );
        written.severity = Severity::Observation;
        judged.findings.push(written);
    }
    for list in enveloped(contract, schema, body) {
        rows_of(contract, step, schema, &list, judged);
    }
    differences(contract, step, schema, body, judged);
    let known = Versions { spans: Some(&contract.spans), version: at.version };
    let coverage = survey_at(&contract.schemas, schema, body, known);
    for (requirement, count) in &coverage.reached {
        judged.reach_many(requirement, *count);
    }
    if !coverage.reached.contains_key(whole) {
        judged.reach(whole);
    }
    let more = coverage.undocumented.len().saturating_sub(MOST_ALIKE);
    let mut drift = |pointer: String, actual: String, more: Option<u64>| {
        judged.findings.push(Finding {
            check: "drift".to_owned(),
            requirement: whole.to_owned(),
            severity: Severity::Observation,
            pointer,
            expected: "only members that a page names".to_owned(),
            actual,
            step: step.name.clone(),
            more,
            closed: false,
        });
    };
    for pointer in coverage.undocumented.into_iter().take(MOST_ALIKE) {
        let actual = body.pointer(&pointer).map_or("a member", kind_of).to_owned();
        drift(pointer, actual, None);
    }
    if more > 0 {
        drift(String::new(), format!("{more} {MORE_PLACES}"), Some(more as u64));
    }
    judged.findings.extend(versions::foreign(contract, at.version, &coverage.foreign, body, step));
}

/// The lists that come inside an object, where the schema has a list: what stands around a list
/// breaks its shape, and no row of it.
fn enveloped<'a>(contract: &Contract, schema: &str, body: &'a Value) -> Vec<List<'a>> {
    let document = contract.schemas.document(schema).filter(|document| {
        body.is_object() && document.get("type").is_some_and(|kind| kind == "array")
    });
    let row = document.and_then(|document| {
        document.pointer(document.pointer("/items/$ref")?.as_str()?.strip_prefix('#')?)
    });
    let members = row.and_then(|row| row.get("properties")).and_then(Value::as_object);
    let members: Vec<&str> = members.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let lists = if members.is_empty() { None } else { rows::lists(body, "", &members) };
    lists
        .unwrap_or_default()
        .into_iter()
        .filter(|list| !list.rows.is_empty() && values(body) <= MOST_VALUES)
        .collect()
}

/// The rows of a list in an object, as if they were the body.
fn rows_of(contract: &Contract, step: &Step, schema: &str, list: &List<'_>, judged: &mut Judged) {
    let rows = Value::Array(list.rows.to_vec());
    for violation in contract.schemas.violations(schema, &rows) {
        let (index, rest) =
            violation.pointer.trim_start_matches('/').split_once('/').map_or(
                (violation.pointer.trim_start_matches('/'), String::new()),
                |(index, rest)| (index, format!("/{rest}")),
            );
        let pointer = index
            .parse()
            .map_or_else(|_| list.pointer.clone(), |index| format!("{}{rest}", list.place(index)));
        judged.findings.push(broken(contract, &Violation { pointer, ..violation }, step));
    }
    for (requirement, count) in &survey(&contract.schemas, schema, &rows).reached {
        judged.reach_many(requirement, *count);
    }
}

fn broken(contract: &Contract, rule: &Violation, step: &Step) -> Finding {
    let Violation { requirement, pointer, expected, actual, more, closed } = rule;
    let found = finding(contract, "schema", requirement, pointer, expected, actual, step);
    Finding { more: *more, closed: *closed, ..found }
}

/// What the schema says.
fn differences(contract: &Contract, step: &Step, schema: &str, body: &Value, judged: &mut Judged) {
    let values = values(body);
    let violations = if values > MOST_VALUES {
        contract.schemas.first_violation(schema, body).into_iter().collect()
    } else {
        contract.schemas.violations(schema, body)
    };
    if values > MOST_VALUES && !violations.is_empty() {
        judged.unjudged = Some(format!(
            "the body has {values} values; above {MOST_VALUES}, only the first difference is \
                reported"
        ));
    }
    for violation in violations {
        judged.findings.push(broken(contract, &violation, step));
    }
}

/// The requirement on a success without content, where the page has a status for that and this
/// answer, which has none, came with another.
fn no_content<'a>(
    contract: &'a Contract,
    step: &Step,
    row: &ResponseRow,
    got: &Received,
) -> Option<&'a str> {
    if row.error || got.body.bytes > 0 {
        return None;
    }
    let empty = contract
        .operations
        .get(&step.operation)?
        .responses
        .iter()
        .find(|other| other.content == Some(Content::Empty) && other.status < 300);
    empty.map(|row| row.requirement.as_str())
}

pub(super) fn finding(
    contract: &Contract,
    check: &str,
    requirement: &str,
    pointer: &str,
    expected: &str,
    actual: &str,
    step: &Step,
) -> Finding {
    Finding {
        check: check.to_owned(),
        requirement: requirement.to_owned(),
        severity: contract.severity(requirement),
        pointer: pointer.to_owned(),
        expected: expected.to_owned(),
        actual: actual.to_owned(),
        step: step.name.clone(),
        more: None,
        closed: false,
    }
}

/// What became of an accepted job. A job may fail, or take its time, for reasons that no request
/// can help.
pub(super) fn job(
    contract: &Contract,
    step: &Step,
    expected: &str,
    actual: &str,
    state: Option<&Value>,
) -> Finding {
    let requirement = primary_requirement(contract, step);
    let state = state.map_or_else(String::new, shown);
    let mut finding =
        finding(contract, "job", &requirement, "", expected, &format!("{actual}: {state}"), step);
    finding.severity = finding.severity.min(Severity::Deviation);
    finding
}

fn describe_body(got: &Received, error: &str) -> String {
    if got.body.bytes == 0 {
        return "no body".to_owned();
    }
    let label = got.header("content-type").unwrap_or("no content type");
    if let Some(packed) = got.body.packed.as_ref().filter(|packed| packed.unread.is_some()) {
        return format!(
            "a body that says that it is packed with {}, which wasn't asked for ({label}, {} \
            bytes): {error}",
            packed.coding, packed.bytes
        );
    }
    let text = got.body.text.as_deref().unwrap_or_default();
    let lower: String = text
        .trim_start_matches('\u{feff}')
        .trim_start()
        .chars()
        .take(64)
        .flat_map(char::to_lowercase)
        .collect();
    if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        return format!("an HTML page ({label}, {} bytes)", got.body.bytes);
    }
    format!("{label}, {} bytes: {error}", got.body.bytes)
}

fn values(value: &Value) -> usize {
    1 + match value {
        Value::Array(rows) => rows.iter().map(values).sum(),
        Value::Object(members) => members.values().map(values).sum(),
        _ => 0,
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "an undocumented null",
        Value::Bool(_) => "an undocumented boolean",
        Value::Number(_) => "an undocumented number",
        Value::String(_) => "an undocumented text",
        Value::Array(_) => "an undocumented list",
        Value::Object(_) => "an undocumented object",
    }
}
