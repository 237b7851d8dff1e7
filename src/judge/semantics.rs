//! What a schema can't say about an answer: the kinds of checks that operation files use.
//!
//! Knows: how each kind is done. Must not know: any member or operation of a page, or which case
//! asked.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::contract::{Contract, Kind, Listed, Operation, ResponseRow, RowShape, Semantic};
use crate::exchange::{Exchange, Received};
use crate::pointer::escape;
use crate::rows::{self, List};

use super::description::in_body;
use super::refusal;

/// What a semantic check sees.
pub(super) struct Context<'a> {
    pub(super) contract: &'a Contract,
    pub(super) operation: &'a Operation,
    pub(super) row: &'a ResponseRow,
    pub(super) exchange: &'a Exchange,
    pub(super) got: &'a Received,
    pub(super) body: Option<&'a Value>,
}

/// A difference at a place of the body.
pub(super) struct Difference {
    pub(super) pointer: String,
    pub(super) expected: String,
    pub(super) actual: String,
}

/// A check that found something to look at.
pub(super) struct Outcome {
    pub(super) requirement: String,
    pub(super) differences: Vec<Difference>,
}

pub(super) fn judge(context: &Context<'_>) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = context
        .operation
        .semantics
        .iter()
        .filter(|check| looks_at(check, context.row))
        .filter_map(|check| {
            let differences = look(&check.kind, context)?;
            Some(Outcome { requirement: check.requirement.clone(), differences })
        })
        .collect();
    outcomes.extend(refusal::judge(context));
    outcomes
}

/// Whether a check is about a body.
pub(super) fn looks_at(check: &Semantic, row: &ResponseRow) -> bool {
    if check.bodies.is_empty() { !row.error } else { check.bodies.contains(&row.name) }
}

/// `None` where the answer holds nothing that the check could judge.
fn look(kind: &Kind, context: &Context<'_>) -> Option<Vec<Difference>> {
    match kind {
        Kind::Unique { member } => unique(context, member),
        Kind::SetsCookie { cookie } => sets_cookie(context, cookie),
        Kind::HasHeader { header } => has_header(context, header),
        Kind::EchoesPath { member } => echoes_path(context, member),
        Kind::NamedBy { member, what } => named_by(context, member, what),
        Kind::ToldOfEach { readings, expected } => told_of_each(context, readings, expected),
        Kind::NotEmpty { at, expected } => {
            let empty = text_at(context, at)?.trim().is_empty();
            Some(difference_if(empty, at, expected, || "an empty text".to_owned()))
        }
        Kind::OneOf { at, values, expected } => {
            let told = text_at(context, at)?;
            let other = !values.iter().any(|value| value == told);
            Some(difference_if(other, at, expected, || format!("\"{told}\"")))
        }
        Kind::SaysWhy { at, value, message } => says_why(context, at, value, message),
        Kind::NotObject { at, expected } => not_object(context.body?, at, expected),
        Kind::Counts { at, member, lists, at_most } => {
            let counted = Counted { at, member, lists, at_most: *at_most };
            counts(context.body?, context.operation.row_shape.as_ref(), &counted)
        }
        Kind::Expires | Kind::NotAfterNow | Kind::Lives | Kind::Steady => None,
    }
}

/// The one difference, if there is one.
fn difference_if(
    differs: bool,
    at: &str,
    expected: &str,
    actual: impl FnOnce() -> String,
) -> Vec<Difference> {
    differs
        .then(|| Difference {
            pointer: at.to_owned(),
            expected: expected.to_owned(),
            actual: actual(),
        })
        .into_iter()
        .collect()
}

fn text_at<'a>(context: &Context<'a>, at: &str) -> Option<&'a str> {
    context.body?.pointer(at)?.as_str()
}

/// The lists of rows of a body; a body that is a row itself is no list.
fn listed<'a>(context: &Context<'a>, shape: &RowShape) -> Vec<List<'a>> {
    let is_row = |body: &Value| shape.kind.as_ref().is_some_and(|kind| body.get(kind).is_some());
    context
        .body
        .filter(|body| !is_row(body))
        .and_then(|body| rows::lists(body, &shape.list, &shape.known_by()))
        .unwrap_or_default()
}

/// A text that each row of lists may have, with its place. The place is only made where somebody
/// asks for it: there may be millions of rows.
fn told<'a, 'l>(
    lists: &'l [List<'a>],
    member: &'l str,
) -> impl Iterator<Item = (&'a str, impl Fn() -> String + use<'a, 'l>)> {
    lists.iter().flat_map(move |list| {
        list.iter().filter_map(move |(index, row)| {
            let place = move || format!("{}/{member}", list.place(index));
            Some((row.get(member)?.as_str()?, place))
        })
    })
}

fn sets_cookie(context: &Context<'_>, wanted: &str) -> Option<Vec<Difference>> {
    let cookies: Vec<&str> = context
        .got
        .headers
        .iter()
        .filter(|(name, _)| name == "set-cookie")
        .filter_map(|(_, value)| value.split('=').next())
        .map(str::trim)
        .collect();
    // Many recorders leave out each cookie.
    if cookies.is_empty() && context.got.is_recorded() {
        return None;
    }
    let expected = format!("a cookie called {wanted}");
    Some(difference_if(!cookies.contains(&wanted), "", &expected, || {
        if cookies.is_empty() {
            "no cookie".to_owned()
        } else {
            format!("the cookies {}", cookies.join(", "))
        }
    }))
}

/// What was recorded by others may lack any header that the answer had.
fn has_header(context: &Context<'_>, wanted: &str) -> Option<Vec<Difference>> {
    let value = context.got.header(wanted);
    if value.is_none() && context.got.is_recorded() {
        return None;
    }
    let missing = value.is_none_or(|value| value.trim().is_empty());
    Some(difference_if(missing, "", &format!("a header {wanted}"), || {
        value.map_or("no such header", |_| "an empty one").to_owned()
    }))
}

fn unique(context: &Context<'_>, member: &str) -> Option<Vec<Difference>> {
    let lists = listed(context, context.operation.row_shape.as_ref()?);
    let mut seen = BTreeSet::new();
    let mut differences = Vec::new();
    let mut looked = false;
    for (value, place) in told(&lists, member) {
        looked = true;
        if !seen.insert(value) {
            differences.push(Difference {
                pointer: place(),
                expected: format!("{} {member} that no other row has", article(member)),
                actual: format!("\"{value}\" again"),
            });
        }
    }
    looked.then_some(differences)
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" }
}

/// The end of the path as it was sent, percent-encoded.
fn end_of_path<'a>(context: &Context<'a>) -> Option<&'a str> {
    context.exchange.sent.target.split('?').next()?.rsplit('/').next()
}

/// The end of the path against a member of the body, or those of the rows of a list.
fn echoes_path(context: &Context<'_>, member: &str) -> Option<Vec<Difference>> {
    let shape = context.operation.row_shape.as_ref()?;
    let asked = end_of_path(context)?;
    let own = context.body.filter(|body| body.is_object());
    let own = own.and_then(|body| body.get(member)?.as_str());
    let lists = listed(context, shape);
    let (first, shown) = match own {
        Some(value) => (format!("/{member}"), value),
        None => told(&lists, member).next().map(|(value, place)| (place(), value))?,
    };
    let decoded = percent_encoding::percent_decode_str(asked).decode_utf8_lossy();
    // A path may ask for several, with commas between them; one id may have a comma too.
    let named: Vec<&str> = decoded.split(',').chain([asked, decoded.as_ref()]).collect();
    let mut values = own.into_iter().chain(told(&lists, member).map(|(value, _)| value));
    let found = values.any(|value| named.iter().any(|one| value.eq_ignore_ascii_case(one)));
    let expected = format!("the {} that was asked for, \"{decoded}\"", shape.name);
    Some(difference_if(!found, &first, &expected, || format!("\"{shown}\"")))
}

/// Each row of the reply is one of those at the end of the path, or a part of one.
fn named_by(context: &Context<'_>, member: &str, what: &str) -> Option<Vec<Difference>> {
    let list = end_of_path(context)?;
    let list = percent_encoding::percent_decode_str(list).decode_utf8_lossy();
    let asked: Vec<&str> = list.split(',').map(str::trim).collect();
    let rows = context.body?.as_array().filter(|rows| !rows.is_empty())?;
    let meant = |id: &str| {
        asked.iter().any(|one| {
            id == *one
                || id.strip_prefix(one).is_some_and(|rest| rest.starts_with(['.', '-', '_', '/']))
        })
    };
    let other = |(index, row): (usize, &Value)| {
        let id = row.get(member)?.as_str().filter(|id| !meant(id))?;
        Some(Difference {
            pointer: format!("/{index}/{member}"),
            expected: format!("{what} that was asked for, {list}"),
            actual: format!("\"{id}\""),
        })
    };
    Some(rows.iter().enumerate().filter_map(other).collect())
}

/// Where a list says something of one row, it says it of each.
fn told_of_each(
    context: &Context<'_>,
    readings: &[String],
    expected: &str,
) -> Option<Vec<Difference>> {
    let body = context.body?;
    let mut looked = false;
    let mut differences = Vec::new();
    for reading in
        context.operation.readings.iter().filter(|reading| readings.contains(&reading.name))
    {
        let Some(reads) = reading.read(body) else { continue };
        let told =
            |listed: &Listed| listed.values.as_ref().is_some_and(|values| !values.is_empty());
        if !reads.listed.iter().any(told) {
            continue;
        }
        looked = true;
        for listed in reads.listed.iter().filter(|listed| !told(listed)) {
            differences.push(Difference {
                pointer: listed.pointer.clone(),
                expected: expected.to_owned(),
                actual: "none".to_owned(),
            });
        }
    }
    looked.then_some(differences)
}

/// A reply with this value describes the error, and no text of its messages is a key, a
/// placeholder or blank.
fn says_why(
    context: &Context<'_>,
    at: &str,
    value: &str,
    message: &str,
) -> Option<Vec<Difference>> {
    let body = context.body?;
    body.pointer(at).filter(|told| *told == value)?;
    let mut differences = refusal::wordless(&context.contract.appliance.errors, body);
    if differences.is_empty() {
        differences = difference_if(!in_body(body), message, "a descriptive error message", || {
            "no text that describes anything".to_owned()
        });
    }
    Some(differences)
}

fn not_object(body: &Value, at: &str, expected: &str) -> Option<Vec<Difference>> {
    let found = places(body, at);
    let objects = found.iter().filter(|(_, value)| value.is_object());
    let differences = objects
        .flat_map(|(pointer, _)| difference_if(true, pointer, expected, || "an object".to_owned()))
        .collect();
    (!found.is_empty()).then_some(differences)
}

/// A number, and the lists that it is about.
struct Counted<'a> {
    at: &'a str,
    member: &'a str,
    lists: &'a [String],
    at_most: bool,
}

/// Numbers against the lengths of the lists that they count. A number below zero stands for one
/// that isn't known, and so does zero for places. A list that isn't there may be left out, and an
/// empty one not filled yet: neither contradicts a number.
fn counts(
    body: &Value,
    shape: Option<&RowShape>,
    counted: &Counted<'_>,
) -> Option<Vec<Difference>> {
    let lists =
        shape.map(|shape| rows::lists(body, &shape.list, &shape.known_by()).unwrap_or_default());
    let rows: Vec<(String, &Value)> = match &lists {
        None => vec![(String::new(), body)],
        Some(lists) => lists
            .iter()
            .flat_map(|list| list.iter().map(|(index, row)| (list.place(index), row)))
            .collect(),
    };
    let mut looked = false;
    let mut differences = Vec::new();
    for (row, value) in rows {
        for (below, holder) in places(value, counted.at) {
            let Some(number) = holder.get(counted.member).and_then(Value::as_i64) else { continue };
            let Some(length) = length(holder, counted.lists).filter(|length| *length > 0) else {
                continue;
            };
            if number < 0 || (counted.at_most && number == 0) {
                continue;
            }
            looked = true;
            let fits = if counted.at_most { length <= number } else { length == number };
            if !fits {
                let least = if counted.at_most { "at least " } else { "" };
                differences.push(Difference {
                    pointer: format!("{row}{below}/{}", escape(counted.member)),
                    expected: format!("{least}{length}, as {} has", counted.lists.join(" with ")),
                    actual: number.to_string(),
                });
            }
        }
    }
    looked.then_some(differences)
}

/// How many items lists have together; `None` where one of them isn't there as a list.
fn length(holder: &Value, lists: &[String]) -> Option<i64> {
    let mut all = 0;
    for list in lists {
        let mut holders = vec![holder];
        let (above, name) = list.rsplit_once('/')?;
        for part in above.split('/').skip(1) {
            let mut next = Vec::new();
            for holder in holders {
                if part == "*" {
                    next.extend(holder.as_array()?);
                } else {
                    next.push(holder.pointer(&format!("/{part}"))?);
                }
            }
            holders = next;
        }
        for holder in holders {
            all += holder.pointer(&format!("/{name}"))?.as_array()?.len();
        }
    }
    i64::try_from(all).ok()
}

/// The values at a place, where a `*` stands for each item of a list, or for what stands there
/// instead of one.
pub(super) fn places<'a>(body: &'a Value, at: &str) -> Vec<(String, &'a Value)> {
    let mut found = vec![(String::new(), body)];
    for part in at.split('/').skip(1) {
        found = found
            .into_iter()
            .flat_map(|(pointer, value)| match (part, value) {
                ("*", Value::Array(items)) => items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| (format!("{pointer}/{index}"), item))
                    .collect(),
                ("*", other) => vec![(pointer, other)],
                (part, other) => other
                    .pointer(&format!("/{part}"))
                    .map(|member| (format!("{pointer}/{part}"), member))
                    .into_iter()
                    .collect(),
            })
            .collect();
    }
    found
}

#[cfg(test)]
mod tests;
