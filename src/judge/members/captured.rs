//! What a step keeps of an answer for later steps.
//!
//! Knows: the captures of a step. Must not know: what they are used for.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::catalogue::{BETWEEN, Capture, Step};
use crate::exchange::Received;
use crate::judge::looks::{Looks, texts};
use crate::judge::same::written;
use crate::plan::Facts;
use crate::rows::places;

use super::{any_lists, matches};

/// What a step keeps, or the names of what it couldn't find.
pub(in crate::judge) fn captured(
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
            let found = capture.pointers.iter().find_map(|pointer| {
                places(body?, pointer)?.into_iter().find_map(|(_, value)| text(value))
            })?;
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
pub(in crate::judge) fn is_empty(step: &Step, body: &Value) -> bool {
    let lists = step.capture.iter().filter_map(|capture| {
        let Some(at) = capture.list.as_deref() else {
            let is_there = |pointer| places(body, pointer).is_some_and(|found| !found.is_empty());
            let found = capture.pointers.iter().any(|pointer: &String| is_there(pointer));
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
        if token == "*" {
            return at.is_array();
        }
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
