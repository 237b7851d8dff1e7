//! The case's own expectations of an answer: members, rows, values read by candidates.
//!
//! Knows: `expect` and `assume` of a step. Must not know: schemas.

use serde_json::Value;

use crate::catalogue::{Condition, Step, Where};
use crate::contract::{Contract, shown};
use crate::exchange::Received;
use crate::plan::{Facts, fill};

use super::answer::{Judged, finding, observe};
use super::same::{same, written};
use super::status::primary_requirement;
use super::verdict::Finding;

pub(super) fn judge(contract: &Contract, step: &Step, facts: &Facts, got: &Received, judged: &mut Judged) {
    if let Some(why) = &step.expect.observe {
        return observe(contract, step, why, got, judged);
    }
    let primary = primary_requirement(contract, step);
    let body = judged.body.take();
    let empty = got.body.bytes == 0;
    let mut all_hold = true;
    for pointer in &step.expect.present {
        let actual = match body.as_ref().and_then(|body| body.pointer(pointer)) {
            Some(Value::Null) => "null",
            Some(_) => continue,
            None => "absent",
        };
        all_hold = false;
        judged.findings.push(finding(contract, "members", &primary, pointer, "a value", actual, step));
    }
    for pointer in &step.expect.absent {
        if let Some(value) = body.as_ref().and_then(|body| body.pointer(pointer)) {
            all_hold = false;
            judged.findings.push(finding(contract, "members", &primary, pointer, "no such member", &shown(value), step));
        }
    }
    for (pointer, wanted) in &step.expect.equals {
        let wanted = filled_value(wanted, facts);
        let actual = body.as_ref().and_then(|body| body.pointer(pointer));
        if !actual.is_some_and(|actual| same(actual, &wanted)) {
            all_hold = false;
            judged.findings.push(finding(contract, "members", &primary, pointer, &wanted.to_string(), &actual.map_or_else(|| "absent".to_owned(), shown), step));
        }
    }
    for (pointer, unwanted) in &step.expect.differs {
        let unwanted = filled_value(unwanted, facts);
        if let Some(actual) = body.as_ref().and_then(|body| body.pointer(pointer)).filter(|actual| same(actual, &unwanted)) {
            all_hold = false;
            judged.findings.push(finding(contract, "members", &primary, pointer, &format!("another value than {unwanted}"), &shown(actual), step));
        }
    }
    for (wanted, present) in step.expect.contains.iter().map(|row| (row, true)).chain(step.expect.lacks.iter().map(|row| (row, false))) {
        let requirement = wanted.requirement.as_deref().unwrap_or(&primary);
        let Some(found) = find(wanted, facts, body.as_ref(), empty) else {
            judged.missed.insert(requirement.to_owned(), format!("the answer has no list at `{}`", wanted.list));
            all_hold = false;
            continue;
        };
        judged.reach(requirement);
        let place = match found {
            Row::At(index) => Some(format!("{}/{index}", wanted.list)),
            Row::Absent => None,
        };
        if place.is_some() != present {
            all_hold = false;
            let (expected, actual) = if present {
                (format!("a row with {}", described(wanted, facts)), "no such row".to_owned())
            } else {
                (format!("no row with {}", described(wanted, facts)), "the row is there".to_owned())
            };
            let pointer = place.unwrap_or_else(|| wanted.list.clone());
            judged.findings.push(finding(contract, "members", requirement, &pointer, &expected, &actual, step));
        }
    }
    for read in step.expect.reads.iter().filter(|read| read.as_in.is_none()) {
        let requirement = read.requirement.as_deref().unwrap_or(&primary).to_owned();
        match places(contract, step, &read.reading, &read.key, facts, body.as_ref()) {
            Places::Unreadable(reason) => {
                judged.missed.insert(requirement, reason);
            }
            Places::Absent(key) => {
                judged.reach(&requirement);
                if read.any || !read.includes.is_empty() {
                    judged.findings.push(finding(contract, "reading", &requirement, "", &format!("a row for {key}"), "no such row", step));
                }
            }
            Places::At(pointer, found) => {
                judged.reach(&requirement);
                let wanted: Vec<String> = read.includes.iter().map(|text| filled(text, facts)).collect();
                let unwanted: Vec<String> = read.excludes.iter().map(|text| filled(text, facts)).collect();
                if (read.any && found.is_empty()) || wanted.iter().any(|place| !found.contains(place)) || unwanted.iter().any(|place| found.contains(place)) {
                    let expected = [
                        read.any.then(|| "to lie somewhere".to_owned()),
                        (!wanted.is_empty()).then(|| format!("to lie at {}", wanted.join(", "))),
                        (!unwanted.is_empty()).then(|| format!("not to lie at {}", unwanted.join(", "))),
                    ];
                    let expected = expected.into_iter().flatten().collect::<Vec<_>>().join(" and ");
                    judged.findings.push(finding(
                        contract,
                        "reading",
                        &requirement,
                        &pointer,
                        &expected,
                        &format!("it lies at {}", if found.is_empty() { "no place".to_owned() } else { found.join(", ") }),
                        step,
                    ));
                }
            }
        }
    }
    judged.body = body;
    // The status was an expected one, so what another one would have broken held.
    for requirement in step.expect.code.iter().chain(step.expect.instead.iter().map(|instead| &instead.requirement)) {
        judged.reach(requirement);
    }
    if all_hold {
        for requirement in std::iter::once(&primary).chain(&step.expect.also) {
            judged.reach(requirement);
        }
    } else {
        judged.reach(&primary);
    }
}

/// The same expectations of the body as others may read it, where members come twice.
pub(super) fn judge_others(contract: &Contract, step: &Step, facts: &Facts, got: &Received, judged: &mut Judged) {
    if step.expect.observe.is_some() {
        return;
    }
    for body in std::mem::take(&mut judged.others) {
        let mut other = Judged { body: Some(body), ..Judged::default() };
        judge(contract, step, facts, got, &mut other);
        let new = other.findings.into_iter().filter(|found| !judged.findings.iter().any(|known| known.requirement == found.requirement && known.pointer == found.pointer)).collect::<Vec<_>>();
        judged.findings.extend(new.into_iter().map(|finding| Finding { actual: format!("{}, in an earlier value of a member that comes twice", finding.actual), ..finding }));
    }
}

/// What an assumption amounts to.
pub(super) enum Assumed {
    /// It is so.
    Proved,
    /// It can't be seen.
    Unknown,
    /// It isn't so.
    Not(String),
}

pub(super) fn assumed(contract: &Contract, step: &Step, facts: &Facts, status: u16, body: Option<&Value>) -> Assumed {
    let Some(assume) = &step.assume else { return Assumed::Proved };
    if !assume.status.is_empty() && !assume.status.contains(&status) {
        return Assumed::Not(format!("step `{}` was answered with {status}, so that there is nothing to see", step.name));
    }
    if let Some(pointer) = assume.absent.iter().find(|pointer| body.is_some_and(|body| body.pointer(pointer).is_some())) {
        return Assumed::Not(format!("step `{}` shows something at {pointer}, which the case leaves alone", step.name));
    }
    let Some(reading) = &assume.reading else { return Assumed::Proved };
    match places(contract, step, reading, &assume.key, facts, body) {
        Places::Unreadable(_) => Assumed::Unknown,
        Places::Absent(key) => Assumed::Not(format!("the appliance lists no {key}")),
        Places::At(_, found) => {
            let missing = assume.includes.iter().map(|text| filled(text, facts)).find(|place| !found.contains(place));
            let extra = assume.excludes.iter().map(|text| filled(text, facts)).find(|place| found.contains(place));
            match (missing, extra) {
                (Some(place), _) => Assumed::Not(format!("the backup {} doesn't lie at {place}", filled(&assume.key, facts))),
                (None, Some(place)) => Assumed::Not(format!("the backup {} lies at {place} already", filled(&assume.key, facts))),
                (None, None) => Assumed::Proved,
            }
        }
    }
}

enum Places {
    Unreadable(String),
    Absent(String),
    At(String, Vec<String>),
}

fn places(contract: &Contract, step: &Step, name: &str, key: &str, facts: &Facts, body: Option<&Value>) -> Places {
    let readings = contract.operations.get(&step.operation).map(|operation| operation.readings.as_slice()).unwrap_or_default();
    let Some(reading) = readings.iter().find(|reading| reading.name == name) else { return Places::Unreadable(format!("`{}` declares no reading `{name}`", step.operation)) };
    let Some(body) = body.filter(|body| body.pointer(&reading.list).is_some_and(Value::is_array)) else { return Places::Unreadable(format!("the answer has no list at `{}`", reading.list)) };
    let key = filled(key, facts);
    let rows = reading.rows(body);
    match rows.iter().position(|(id, _)| *id == key) {
        None if rows.is_empty() && body.pointer(&reading.list).and_then(Value::as_array).is_some_and(|list| !list.is_empty()) => {
            Places::Unreadable(format!("no row has one of the members {}", reading.key.join(", ")))
        }
        None => Places::Absent(key),
        Some(index) => match rows[index].1.clone() {
            Some(found) => Places::At(format!("{}/{index}", reading.list), found),
            None => Places::Unreadable(format!("no member says it: none of {} is there", reading.value.join(", "))),
        },
    }
}

/// Where a row is in a list.
enum Row {
    At(usize),
    Absent,
}

/// `None`: there is no list to look in.
fn find(wanted: &Where, facts: &Facts, body: Option<&Value>, empty: bool) -> Option<Row> {
    if empty {
        return Some(Row::Absent);
    }
    let body = body?;
    let list = match body.pointer(&wanted.list)? {
        Value::Array(list) => list,
        // An envelope around the one list that is meant.
        Value::Object(members) => members.values().find_map(Value::as_array)?,
        _ => return None,
    };
    Some(list.iter().position(|row| wanted.members.iter().all(|(name, value)| row.get(name).is_some_and(|actual| same(actual, &filled_value(value, facts))))).map_or(Row::Absent, Row::At))
}

pub(super) fn filled(text: &str, facts: &Facts) -> String {
    fill(text, facts, &mut Vec::new(), str::to_owned)
}

fn filled_value(value: &Value, facts: &Facts) -> Value {
    match value {
        Value::String(text) => Value::String(filled(text, facts)),
        other => other.clone(),
    }
}

fn described(wanted: &Where, facts: &Facts) -> String {
    wanted.members.iter().map(|(name, value)| format!("{name} = {}", filled_value(value, facts))).collect::<Vec<_>>().join(", ")
}

/// Whether a condition holds for an answer.
pub(super) fn holds(condition: &Condition, facts: &Facts, got: &Received, body: Option<&Value>) -> bool {
    if condition.status.contains(&got.status) {
        return true;
    }
    if !condition.at.is_empty() {
        let value = condition.at.iter().find_map(|pointer| body?.pointer(pointer).filter(|value| !value.is_object()));
        if value.is_some_and(|value| condition.values.iter().any(|wanted| same(value, wanted))) {
            return true;
        }
    }
    condition.lacks.as_ref().is_some_and(|row| matches!(find(row, facts, body, got.body.bytes == 0), Some(Row::Absent)))
}

/// What a step keeps, or the names of what it couldn't find.
pub(super) fn captured(step: &Step, facts: &Facts, body: Option<&Value>) -> (Facts, Vec<String>) {
    let mut kept = Facts::new();
    let mut missing = Vec::new();
    for capture in &step.capture {
        let by_pointer = || capture.pointers.iter().find_map(|pointer| text(body?.pointer(pointer)?));
        let by_row = || {
            let wanted = Where { list: capture.list.clone()?, members: capture.members.clone(), requirement: None };
            let Row::At(index) = find(&wanted, facts, body, body.is_none())? else { return None };
            let list = match body?.pointer(&wanted.list)? {
                Value::Array(list) => list,
                Value::Object(members) => members.values().find_map(Value::as_array)?,
                _ => return None,
            };
            text(list.get(index)?.pointer(capture.take.as_deref().unwrap_or("/id"))?)
        };
        match by_pointer().or_else(by_row) {
            Some(value) => {
                kept.insert(capture.fact.clone(), value);
            }
            None => missing.push(capture.fact.clone()),
        }
    }
    (kept, missing)
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(written(number)),
        _ => None,
    }
}
