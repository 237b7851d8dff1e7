//! A body against the schema that the row of its answer names: what it is, where it differs, and
//! which members no page names.
//!
//! Knows: the documented row of the answer. Must not know: what the answer means beyond its schema.

use serde_json::Value;

use crate::catalogue::Step;
use crate::contract::{
    Content, Contract, MORE_PLACES, MOST_ALIKE, MOST_VALUES, ResponseRow, Severity, Versions,
    Violation, survey, survey_at,
};
use crate::exchange::{Exchange, NoJson, Received, is_json};
use crate::judge::verdict::Finding;
use crate::judge::versions;
use crate::rows::{self, List};

use super::{At, Judged, finding};

/// The requirement on the body as a whole.
pub(super) fn whole<'a>(at: &At<'a>, schema: &str) -> &'a str {
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

pub(super) fn described(
    at: &At<'_>,
    schema: &str,
    parsed: Result<&Value, &NoJson>,
    judged: &mut Judged,
) {
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
            judged.reach(contract, whole);
            // What a change did shows elsewhere; where no page states its body, none at all is no
            // reason to stop looking there.
            let dispensable = exchange.sent.method != "GET"
                && got.body.bytes == 0
                && contract.severity(whole) < Severity::Violation;
            judged.unjudged =
                (!row.error && !dispensable).then(|| "the body can't be read".to_owned());
            let actual = describe_body(exchange, got, error);
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
        judged.reach(contract, &media_type);
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
    if !coverage.reached.contains_key(whole) {
        judged.reach(contract, whole);
    }
    judged.reach_all(coverage.reached);
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
    judged.reach_all(survey(&contract.schemas, schema, &rows).reached);
}

fn broken(contract: &Contract, rule: &Violation, step: &Step) -> Finding {
    let Violation { requirement, pointer, expected, actual, more, closed } = rule;
    let found = finding(contract, "schema", requirement, pointer, expected, actual, step);
    Finding { more: *more, closed: *closed, ..found }
}

/// What the schema says.
pub(super) fn differences(
    contract: &Contract,
    step: &Step,
    schema: &str,
    body: &Value,
    judged: &mut Judged,
) {
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

fn describe_body(exchange: &Exchange, got: &Received, error: &str) -> String {
    if got.body.bytes == 0 {
        return "no body".to_owned();
    }
    let label = got.header("content-type").unwrap_or("no content type");
    if let Some(packed) = got.body.packed.as_ref().filter(|packed| packed.unread.is_some()) {
        let unasked = if exchange.accepts_a_coding() || got.is_recorded() {
            ""
        } else {
            ", which wasn't asked for"
        };
        return format!(
            "a body that says that it is packed with {}{unasked} ({label}, {} bytes): {error}",
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
