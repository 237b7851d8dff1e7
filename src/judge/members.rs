//! The case's own expectations of an answer: members, rows, values read by candidates.
//!
//! Knows: `expect` and `assume` of a step. Must not know: schemas.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::catalogue::{BETWEEN, Capture, Condition, Step, Where};
use crate::contract::{Contract, shown};
use crate::exchange::Received;
use crate::plan::Facts;
use crate::rows;

use super::answer::{Judged, finding, observe};
use super::looks::{Looks, filled, texts};
use super::reads;
use super::same::{same, written};
use super::status::primary_requirement;
use super::verdict::Finding;

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
        if let Some(value) = body.as_ref().and_then(|body| body.pointer(pointer)) {
            all_hold = false;
            judged.findings.push(finding(
                contract,
                "members",
                &primary,
                pointer,
                "no such member",
                &shown(value),
                step,
            ));
        }
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
        judged.reach(requirement);
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
    let is_list = |pointer: &&String| body.pointer(pointer).is_some_and(Value::is_array);
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
            .is_some_and(|value| condition.values.iter().any(|wanted| same(value, wanted)))
    {
        return true;
    }
    condition
        .lacks
        .as_ref()
        .is_some_and(|row| matches!(find(row, facts, body, got.body.bytes == 0), Some(Row::Absent)))
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

/// What a step keeps, or the names of what it couldn't find.
pub(super) fn captured(
    step: &Step,
    facts: &Facts,
    got: &Received,
    body: Option<&Value>,
    looks: &Looks,
) -> (Facts, Vec<String>) {
    let mut kept = Facts::new();
    let mut missing = Vec::new();
    let mut known = facts.clone();
    for capture in &step.capture {
        let by_pointer = || {
            let found =
                capture.pointers.iter().find_map(|pointer| text(body?.pointer(pointer)?))?;
            if capture.end { end_of_address(&found) } else { Some(found) }
        };
        let by_header = || end_of_address(got.header(capture.header.as_deref()?)?);
        match by_pointer()
            .or_else(by_header)
            .or_else(|| by_row(capture, step, &known, body?, looks))
        {
            Some(value) => {
                known.insert(capture.fact.clone(), value.clone());
                kept.insert(capture.fact.clone(), value);
            }
            None => missing.push(capture.fact.clone()),
        }
    }
    (kept, missing)
}

/// The last part of the path of an address.
fn end_of_address(address: &str) -> Option<String> {
    let path = address.trim().split(['?', '#']).next()?;
    let end = path.trim_end_matches('/').rsplit('/').next()?;
    (!end.is_empty()).then(|| end.to_owned())
}

/// Whether a body is a list without a row, or with fewer than are needed, from which nothing can be
/// kept.
pub(super) fn is_empty(step: &Step, body: &Value) -> bool {
    let lists = step.capture.iter().filter_map(|capture| {
        let Some(at) = capture.list.as_deref() else {
            let found = capture.pointers.iter().any(|pointer| body.pointer(pointer).is_some());
            let row_missing = || capture.pointers.iter().any(|at| lacks_the_row(body, at));
            return (!found && !capture.pointers.is_empty()).then(row_missing);
        };
        let taken = capture.take.as_deref().unwrap_or("/id").trim_start_matches('/');
        let found = any_lists(body, at, &capture.or_in, &[taken])?;
        let rows = found.iter().map(|list| list.rows.len()).max()?;
        Some(rows < capture.least.unwrap_or(1))
    });
    lists.reduce(|one, other| one && other).unwrap_or(false)
}

/// Whether a pointer leads into a list that is too short to have the row that it asks for.
fn lacks_the_row(body: &Value, pointer: &str) -> bool {
    let mut at = body;
    for token in pointer.split('/').skip(1) {
        if let (Value::Array(rows), Ok(row)) = (at, token.parse::<usize>())
            && row >= rows.len()
        {
            return true;
        }
        let Some(inner) = at.pointer(&format!("/{token}")) else { return false };
        at = inner;
    }
    false
}

/// The value of the first row that matches; of those that weren't there before, the only one.
fn by_row(
    capture: &Capture,
    step: &Step,
    facts: &Facts,
    body: &Value,
    looks: &Looks,
) -> Option<String> {
    let (at, take) = (capture.list.as_deref()?, capture.take.as_deref().unwrap_or("/id"));
    let taken = take.trim_start_matches('/').split('/').next().unwrap_or_default();
    let like = step.assume.iter().flat_map(|assume| &assume.like);
    let members: Vec<&str> =
        capture.members.keys().chain(like).map(String::as_str).chain([taken]).collect();
    let lists = any_lists(body, at, &capture.or_in, &members)?;
    let rows = lists.iter().flat_map(|list| list.rows);
    if let (Some(most), Some(kind)) = (capture.most, &capture.spread) {
        let found: Vec<(String, String)> = rows
            .filter(|row| matches(row, &capture.members, &capture.less_by, facts))
            .filter_map(|row| {
                // What has the separator in it can't be told from two.
                let value = text(row.pointer(take)?).filter(|value| !value.contains(BETWEEN))?;
                Some((value, row.pointer(kind).map_or_else(String::new, Value::to_string)))
            })
            .collect();
        let found = spread(&found, most);
        return (found.len() >= capture.least.unwrap_or(1)).then(|| found.join(BETWEEN));
    }
    if let Some(most) = capture.most {
        let found: Vec<String> = rows
            .filter(|row| matches(row, &capture.members, &capture.less_by, facts))
            .filter_map(|row| text(row.pointer(take)?))
            .take(most)
            .collect();
        return (found.len() >= capture.least.unwrap_or(1)).then(|| found.join(BETWEEN));
    }
    let Some(since) = &capture.since else {
        return text(
            rows.into_iter()
                .find(|row| matches(row, &capture.members, &capture.less_by, facts))?
                .pointer(take)?,
        );
    };
    let known = texts(looks.before(since, &step.operation)?, at, &members, take)?;
    let new = rows
        .filter_map(|row| Some((row, text(row.pointer(take)?)?)))
        .filter(|(_, value)| !known.contains(&value.to_ascii_lowercase()));
    let mut found = new
        .filter(|(row, _)| matches(row, &capture.members, &capture.less_by, facts))
        .map(|(_, value)| value);
    found.next().filter(|_| found.next().is_none())
}

/// So many of the rows at most, each with its kind: the first and the last, then the first of each
/// kind, then others at even distances. They come in the order of the list, so that the same list
/// always gives the same ones.
fn spread(rows: &[(String, String)], most: usize) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    let rows: Vec<&(String, String)> =
        rows.iter().filter(|(value, _)| seen.insert(value.as_str())).collect();
    let mut kinds = BTreeSet::new();
    let firsts: Vec<usize> = rows
        .iter()
        .enumerate()
        .filter(|(_, (_, kind))| kinds.insert(kind.as_str()))
        .map(|(index, _)| index)
        .collect();
    let last = rows.len().saturating_sub(1);
    let steps = most.saturating_sub(1).max(1);
    let even = (0..most).map(|step| last * step / steps);
    let mut chosen = BTreeSet::new();
    for index in [0, last].into_iter().chain(firsts).chain(even).chain(0..rows.len()) {
        if chosen.len() < most && index < rows.len() {
            chosen.insert(index);
        }
    }
    chosen.into_iter().map(|index| rows[index].0.as_str()).collect()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(written(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_from_all_over_a_list_are_the_first_the_last_and_one_of_each_kind() {
        let rows = |kinds: &str| -> Vec<(String, String)> {
            kinds.chars().enumerate().map(|(at, kind)| (at.to_string(), kind.to_string())).collect()
        };
        assert_eq!(spread(&rows(""), 3), [""; 0]);
        assert_eq!(spread(&rows("a"), 3), ["0"]);
        assert_eq!(spread(&rows("aaa"), 8), ["0", "1", "2"], "a short list is taken whole");
        assert_eq!(spread(&rows("aaaaaaaaa"), 3), ["0", "4", "8"]);
        assert_eq!(spread(&rows("aaabaacaa"), 4), ["0", "3", "6", "8"]);
        assert_eq!(spread(&rows("abcdefghi"), 3), ["0", "1", "8"], "never more than so many");
        let large = rows(&"a".repeat(10_000));
        assert_eq!(spread(&large, 8).len(), 8);
        assert_eq!(spread(&large, 8).last(), Some(&"9999"));
        let twice = [("x".to_owned(), "a".to_owned()), ("x".to_owned(), "b".to_owned())];
        assert_eq!(spread(&twice, 8), ["x"], "nobody is asked twice");
    }

    #[test]
    fn of_an_address_the_last_part_is_kept() {
        for (address, end) in [
            ("/jobs/17", Some("17")),
            ("https://lxca/jobs/17/?compact=true", Some("17")),
            ("17", Some("17")),
            ("/", None),
            ("", None),
        ] {
            assert_eq!(end_of_address(address).as_deref(), end, "{address}");
        }
    }
}
