//! One expected answer against everything the documents say about it: media type, body, schema,
//! semantics, drift.
//!
//! Knows: the documented row of the answer. Must not know: what the case does next.

mod body;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::catalogue::Step;
use crate::contract::{
    Content, Contract, MORE_PLACES, MOST_ALIKE, Operation, ResponseRow, Severity, shown,
};
use crate::exchange::{Exchange, NoJson, Received};
use crate::why::Beyond;

use super::charset::{self, Text};
use super::duplicates::{Twice, by_place, duplicates, other_readings};
use super::reached::{Counts, count, count_all};
use super::semantics::{self, Context};
use super::status::primary_requirement;
use super::verdict::Finding;
use super::withheld;

use body::{described, differences, whole};

/// What judging one answer gave.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) findings: Vec<Finding>,
    pub(super) reached: Counts,
    pub(super) missed: BTreeMap<String, String>,
    /// Those of them that are about other versions.
    pub(super) beyond: BTreeMap<String, Beyond>,
    pub(super) body: Option<Arc<Value>>,
    /// The body as others may read it, where members come twice.
    pub(super) others: Vec<Value>,
    /// Why the body couldn't be judged, or not all of it.
    pub(super) unjudged: Option<String>,
    /// What of it can't be judged, because a secret of the run stood there.
    pub(super) withheld: Option<String>,
    /// Whether there is a body that this tool can't read, so that what it lacks is unknown.
    pub(super) unread: bool,
    /// Why nothing of it was checked, where nothing had to come.
    pub(super) unchecked: Option<String>,
}

impl Judged {
    pub(super) fn reach(&mut self, contract: &Contract, requirement: &str) {
        count(&mut self.reached, contract, requirement, 1);
    }

    /// Adds what a walk along the schema counted.
    fn reach_all(&mut self, reached: Counts) {
        count_all(&mut self.reached, reached);
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
        judged.reach(contract, &row.requirement);
        let at = At { contract, version, step, operation, row, exchange, got };
        hold(&at, parsed.as_ref(), &mut judged);
    }
    judged.unread = matches!(parsed, Err(NoJson::Bound(_)));
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
        judged.reached.remove(row.requirement.as_str());
        withheld::take_back(parsed.as_ref().ok(), &[], got, &mut judged);
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
        judged.reach(contract, &outcome.requirement);
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
