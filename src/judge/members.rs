//! The case's own expectations of an answer: members, rows, values read by candidates.
//!
//! Knows: `expect` and `assume` of a step. Must not know: schemas.

mod captured;
mod file;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::catalogue::{Condition, Holds, Relation, Step, Where};
use crate::contract::{Contract, MOST_ALIKE, shown};
use crate::exchange::Received;
use crate::plan::Facts;
use crate::rows;

use super::answer::{Judged, finding, observe};
use super::looks::{Looks, filled};
use super::reads;
use super::same::same;
use super::status::primary_requirement;
use super::verdict::Finding;

pub(super) use captured::{captured, is_empty};

pub(super) fn judge(
    contract: &Contract,
    step: &Step,
    facts: &Facts,
    got: &Received,
    looks: &Looks,
    judged: &mut Judged,
) {
    if let Some(why) = &step.expect.observe {
        return observe(contract, step, why, got, judged);
    }
    let primary = primary_requirement(contract, step);
    if judged.unread && asks_of_members(step) {
        let why = "the body can't be read by this tool";
        judged.unjudged.get_or_insert_with(|| why.to_owned());
        judged.missed.insert(primary, why.to_owned());
        return;
    }
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
        judged
            .findings
            .push(finding(contract, "members", &primary, pointer, "a value", actual, step));
    }
    for pointer in &step.expect.absent {
        let there = body.as_ref().and_then(|body| rows::places(body, pointer)).unwrap_or_default();
        for (place, value) in there.into_iter().take(MOST_ALIKE) {
            all_hold = false;
            judged.findings.push(finding(
                contract,
                "members",
                &primary,
                &place,
                "no such member",
                &shown(value),
                step,
            ));
        }
    }
    if let Some((expected, actual)) =
        step.expect.file.as_ref().and_then(|end| file::missed(end, body.as_deref(), got))
    {
        all_hold = false;
        judged.findings.push(finding(contract, "members", &primary, "", &expected, &actual, step));
    }
    for (pointer, wanted) in &step.expect.equals {
        let wanted = filled_value(wanted, facts);
        let actual = body.as_ref().and_then(|body| body.pointer(pointer));
        if !actual.is_some_and(|actual| same(actual, &wanted)) {
            all_hold = false;
            judged.findings.push(finding(
                contract,
                "members",
                &primary,
                pointer,
                &wanted.to_string(),
                &actual.map_or_else(|| "absent".to_owned(), shown),
                step,
            ));
        }
    }
    for (pointer, unwanted) in &step.expect.differs {
        let unwanted = filled_value(unwanted, facts);
        if let Some(actual) = body
            .as_ref()
            .and_then(|body| body.pointer(pointer))
            .filter(|actual| same(actual, &unwanted))
        {
            all_hold = false;
            judged.findings.push(finding(
                contract,
                "members",
                &primary,
                pointer,
                &format!("a value other than {unwanted}"),
                &shown(actual),
                step,
            ));
        }
    }
    for (wanted, present) in step
        .expect
        .contains
        .iter()
        .map(|row| (row, true))
        .chain(step.expect.lacks.iter().map(|row| (row, false)))
    {
        let requirement = wanted.requirement.as_deref().unwrap_or(&primary);
        let Some(found) = find(wanted, facts, body.as_deref(), empty) else {
            judged.missed.insert(
                requirement.to_owned(),
                "the answer has no list that can be identified as the expected one".to_owned(),
            );
            all_hold = false;
            continue;
        };
        judged.reach(contract, requirement);
        let place = match found {
            Row::At(place)
                if present
                    && wanted
                        .times
                        .is_some_and(|times| rows_like(wanted, facts, body.as_deref()) < times) =>
            {
                all_hold = false;
                let expected =
                    format!("{} rows with {}", wanted.times.unwrap_or(1), described(wanted, facts));
                let actual = format!("{} of them", rows_like(wanted, facts, body.as_deref()));
                judged.findings.push(finding(
                    contract,
                    "members",
                    requirement,
                    &place,
                    &expected,
                    &actual,
                    step,
                ));
                continue;
            }
            Row::At(place) => Some(place),
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
            judged.findings.push(finding(
                contract,
                "members",
                requirement,
                &pointer,
                &expected,
                &actual,
                step,
            ));
        }
    }
    all_hold &= reads::judge(contract, step, facts, looks, body.as_deref(), &primary, judged);
    judged.body = body;
    // The status was an expected one, so what another one would have broken held.
    for requirement in step
        .expect
        .code
        .iter()
        .chain(step.expect.instead.iter().map(|instead| &instead.requirement))
    {
        judged.reach(contract, requirement);
    }
    if all_hold {
        let held = Some(&primary).filter(|primary| !is_left_to_rows(step, primary));
        for requirement in held.into_iter().chain(&step.expect.also) {
            judged.reach(contract, requirement);
        }
    } else {
        judged.reach(contract, &primary);
    }
}

/// Whether what an unread body lacks would be held against it. Rows that can't be looked for are
/// told from rows that aren't there.
fn asks_of_members(step: &Step) -> bool {
    let expect = &step.expect;
    !(expect.present.is_empty()
        && expect.absent.is_empty()
        && expect.equals.is_empty()
        && expect.differs.is_empty())
}

/// Whether the requirement of a step is about what its rows have in common with those of an earlier
/// answer, and nothing else: that they came doesn't show it.
fn is_left_to_rows(step: &Step, primary: &String) -> bool {
    let is_meant = |relation: &Relation| {
        relation.holds == Holds::Has
            && relation.requirement.as_ref().is_none_or(|other| other == primary)
    };
    step.expect.relates.iter().any(is_meant) && !asks_of_members(step)
}

/// The same expectations of the body as others may read it, where members come twice.
pub(super) fn judge_others(
    contract: &Contract,
    step: &Step,
    facts: &Facts,
    got: &Received,
    looks: &Looks,
    judged: &mut Judged,
) {
    if step.expect.observe.is_some() {
        return;
    }
    for body in std::mem::take(&mut judged.others) {
        let mut other = Judged { body: Some(Arc::new(body)), ..Judged::default() };
        judge(contract, step, facts, got, looks, &mut other);
        let new = other
            .findings
            .into_iter()
            .filter(|found| {
                !judged.findings.iter().any(|known| {
                    known.requirement == found.requirement && known.pointer == found.pointer
                })
            })
            .collect::<Vec<_>>();
        judged.findings.extend(new.into_iter().map(|finding| Finding {
            actual: format!("{}, in an earlier value of a member that comes twice", finding.actual),
            ..finding
        }));
    }
}

/// Where a row is in a list.
enum Row {
    At(String),
    Absent,
}

/// `None`: there is no list to look in.
fn find(wanted: &Where, facts: &Facts, body: Option<&Value>, empty: bool) -> Option<Row> {
    if empty {
        return Some(Row::Absent);
    }
    let lists = lists_of(wanted, body?)?;
    let found = lists.iter().find_map(|list| {
        list.iter()
            .find(|(_, row)| matches(row, &wanted.members, &wanted.less_by, facts))
            .map(|(index, _)| Row::At(list.place(index)))
    });
    Some(found.unwrap_or(Row::Absent))
}

/// The lists that may have the row; `None` if the answer has none of them.
fn lists_of<'a>(wanted: &Where, body: &'a Value) -> Option<Vec<rows::List<'a>>> {
    let members: Vec<&str> = wanted.members.keys().map(String::as_str).collect();
    any_lists(body, &wanted.list, &wanted.or_in, &members)
}

/// The list that is meant, and those beside it that may have the row as well.
fn any_lists<'a>(
    body: &'a Value,
    at: &str,
    or_in: &[String],
    members: &[&str],
) -> Option<Vec<rows::List<'a>>> {
    let mut found = rows::lists(body, at, members);
    let is_list = |pointer: &&String| {
        rows::places(body, pointer)
            .is_some_and(|found| found.iter().any(|(_, value)| value.is_array()))
    };
    for pointer in or_in.iter().filter(is_list) {
        found.get_or_insert_default().extend(rows::lists(body, pointer, members)?);
    }
    found
}

/// How many rows of the list match.
fn rows_like(wanted: &Where, facts: &Facts, body: Option<&Value>) -> usize {
    let lists = body.and_then(|body| lists_of(wanted, body)).unwrap_or_default();
    lists
        .iter()
        .map(|list| {
            list.iter()
                .filter(|(_, row)| matches(row, &wanted.members, &wanted.less_by, facts))
                .count()
        })
        .sum()
}

/// Whether a row has all of these members.
pub(super) fn has(row: &Value, members: &BTreeMap<String, Value>, facts: &Facts) -> bool {
    matches(row, members, &BTreeMap::new(), facts)
}

fn matches(
    row: &Value,
    members: &BTreeMap<String, Value>,
    less_by: &BTreeMap<String, u32>,
    facts: &Facts,
) -> bool {
    members.iter().all(|(name, value)| {
        let wanted = filled_value(value, facts);
        row.get(name).is_some_and(|actual| {
            same(actual, &wanted)
                || less_by.get(name).is_some_and(|by| is_less(actual, &wanted, *by))
        })
    })
}

/// Whether a number is another one, or less than it by so much at most: seconds that are counted
/// down.
fn is_less(actual: &Value, wanted: &Value, by: u32) -> bool {
    let number = |value: &Value| value.as_f64().or_else(|| value.as_str()?.parse().ok());
    let within =
        |actual, wanted: f64| actual <= wanted && actual >= (wanted - f64::from(by)).max(0.0);
    actual.as_f64().zip(number(wanted)).is_some_and(|(actual, wanted)| within(actual, wanted))
}

fn filled_value(value: &Value, facts: &Facts) -> Value {
    match value {
        Value::String(text) => Value::String(filled(text, facts)),
        other => other.clone(),
    }
}

fn described(wanted: &Where, facts: &Facts) -> String {
    wanted
        .members
        .iter()
        .map(|(name, value)| format!("{name} = {}", filled_value(value, facts)))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Whether a condition holds for an answer.
pub(super) fn holds(
    contract: &Contract,
    step: &Step,
    condition: &Condition,
    facts: &Facts,
    got: &Received,
    body: Option<&Value>,
) -> bool {
    if condition.status.contains(&got.status)
        || value_of(contract, step, condition, facts, body)
            .is_some_and(|value| condition.values.iter().any(|wanted| is_word(value, wanted)))
    {
        return true;
    }
    condition
        .lacks
        .as_ref()
        .is_some_and(|row| matches!(find(row, facts, body, got.body.bytes == 0), Some(Row::Absent)))
}

/// Whether a value is a word that a condition names. No page lists the words for the state of a
/// job, so that a poll doesn't wait for the letter case of one.
fn is_word(value: &Value, wanted: &Value) -> bool {
    let both = value.as_str().zip(wanted.as_str());
    both.is_some_and(|(value, wanted)| value.eq_ignore_ascii_case(wanted)) || same(value, wanted)
}

/// What a condition looks at.
pub(super) fn value_of<'a>(
    contract: &Contract,
    step: &Step,
    condition: &Condition,
    facts: &Facts,
    body: Option<&'a Value>,
) -> Option<&'a Value> {
    let body = body?;
    let Some(name) = &condition.reading else {
        return condition
            .at
            .iter()
            .find_map(|pointer| body.pointer(pointer).filter(|value| !value.is_object()));
    };
    let reading = contract
        .operations
        .get(&step.operation)?
        .readings
        .iter()
        .find(|reading| reading.name == *name)?;
    reading.value_of(reading.row(body, &filled(&condition.key, facts))?)
}
