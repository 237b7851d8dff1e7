//! One expected answer against everything the documents say about it: media type, body, schema, semantics, drift.
//!
//! Knows: the documented row of the answer. Must not know: what the case does next.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::catalogue::Step;
use crate::contract::{Content, Contract, ResponseRow, Severity, survey};
use crate::exchange::{Exchange, Received, is_json};

use super::duplicates::duplicates;
use super::semantics::{self, Context};
use super::verdict::Finding;

/// What judging one answer gave.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) findings: Vec<Finding>,
    pub(super) reached: BTreeMap<String, u64>,
    pub(super) missed: BTreeMap<String, String>,
    pub(super) body: Option<Value>,
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

/// Judges an answer whose status is expected.
pub(super) fn judge(contract: &Contract, step: &Step, exchange: &Exchange, got: &Received, parsed: Result<Value, String>) -> Judged {
    let mut judged = Judged::default();
    let Some(operation) = contract.operations.get(&step.operation) else { return judged };
    let row = operation.row(got.status, step.expect.body.as_deref());
    if let Some(row) = row {
        judged.reach(&row.requirement);
        match (&row.schema, row.content) {
            (Some(schema), _) => described(contract, step, row, schema, got, &parsed, &mut judged),
            (None, Some(Content::Empty)) if got.body.bytes > 0 => {
                let finding = finding(contract, "body", &row.requirement, "", "no body", &format!("{} bytes", got.body.bytes), step);
                judged.findings.push(finding);
            }
            _ => {}
        }
        let context = Context { contract, operation, row, exchange, got, body: parsed.as_ref().ok() };
        for outcome in semantics::judge(&context) {
            judged.reach(&outcome.requirement);
            for difference in outcome.differences {
                judged.findings.push(finding(contract, "semantics", &outcome.requirement, &difference.pointer, &difference.expected, &difference.actual, step));
            }
        }
    }
    judged.body = parsed.ok();
    judged
}

fn described(contract: &Contract, step: &Step, row: &ResponseRow, schema: &str, got: &Received, parsed: &Result<Value, String>, judged: &mut Judged) {
    let root = contract.schemas.document(schema).and_then(|document| document.pointer("/x-source/requirement")).and_then(Value::as_str).unwrap_or(&row.requirement);
    let body_requirement = format!("{}/body", step.operation);
    let whole = if row.error { root } else { contract.first_registered([body_requirement.as_str(), root]).unwrap_or(root) };
    let body = match parsed {
        Ok(body) => body,
        Err(error) => {
            judged.reach(whole);
            let actual = describe_body(got, error);
            judged.findings.push(finding(contract, "body", whole, "", "a JSON body", &actual, step));
            return;
        }
    };
    let media_type = format!("{}/media-type", step.operation);
    if contract.requirements.contains_key(&media_type) {
        judged.reach(&media_type);
        let label = got.header("content-type").unwrap_or("none");
        if !is_json(label) {
            judged.findings.push(finding(contract, "media-type", &media_type, "", "application/json or application/…+json", label, step));
        }
    }
    for pointer in got.body.text.as_deref().map(duplicates).unwrap_or_default() {
        let mut twice = finding(contract, "body", whole, &pointer, "each member once", "the member is there more than once; the last one was judged", step);
        twice.severity = Severity::Observation;
        judged.findings.push(twice);
    }
    for violation in contract.schemas.violations(schema, body) {
        judged.findings.push(finding(contract, "schema", &violation.requirement, &violation.pointer, &violation.expected, &violation.actual, step));
    }
    let coverage = survey(&contract.schemas, schema, body);
    for (requirement, count) in &coverage.reached {
        judged.reach_many(requirement, *count);
    }
    if !coverage.reached.contains_key(whole) {
        judged.reach(whole);
    }
    for pointer in coverage.undocumented {
        let actual = body.pointer(&pointer).map_or("a member", kind_of).to_owned();
        judged.findings.push(Finding {
            check: "drift".to_owned(),
            requirement: whole.to_owned(),
            severity: Severity::Observation,
            pointer,
            expected: "only members that a page names".to_owned(),
            actual,
            step: step.name.clone(),
        });
    }
}

pub(super) fn finding(contract: &Contract, check: &str, requirement: &str, pointer: &str, expected: &str, actual: &str, step: &Step) -> Finding {
    Finding {
        check: check.to_owned(),
        requirement: requirement.to_owned(),
        severity: contract.severity(requirement),
        pointer: pointer.to_owned(),
        expected: expected.to_owned(),
        actual: actual.to_owned(),
        step: step.name.clone(),
    }
}

fn describe_body(got: &Received, error: &str) -> String {
    if got.body.bytes == 0 {
        return "no body".to_owned();
    }
    let label = got.header("content-type").unwrap_or("no content type");
    let start = got.body.text.as_deref().unwrap_or_default().trim_start();
    let lower = start.get(..start.len().min(64)).unwrap_or_default().to_lowercase();
    if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        return format!("an HTML page ({label}, {} bytes)", got.body.bytes);
    }
    format!("{label}, {} bytes: {error}", got.body.bytes)
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
